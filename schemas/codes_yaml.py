"""Problems with files and with YAML itself."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

_QUOTE = both("put the whole value in single quotes: '…'", "den ganzen Wert in einfache Anführungszeichen setzen: '…'")

SYNTAX = Code(
    "yaml-syntax",
    both("this is not YAML: {detail}", "das ist kein YAML: {detail}"),
    label=both("reading stops here", "hier bricht das Lesen ab"),
    what=both("A text that cannot be read as YAML, for a reason none of the other codes explains.",
              "Ein Text, der sich nicht als YAML lesen lässt, aus einem Grund, den kein anderer Code erklärt."),
    why=both("Nothing of the document can be used.", "Nichts von dem Dokument lässt sich verwenden."),
    wrong="entity: plot\nfields: {district: text, parcel: text]\n",
    right="entity: plot\nfields: {district: text, parcel: text}\n",
)  # fmt: skip
TAB = Code(
    "yaml-tab",
    both("a line is indented with a tab", "eine Zeile ist mit einem Tabulator eingerückt"),
    remedy=both("indent with blanks; editors can turn tabs into blanks",
                "mit Leerzeichen einrücken; Editoren können Tabulatoren umwandeln"),
    what=both("A tab in the indentation.", "Ein Tabulator in der Einrückung."),
    why=both("YAML allows blanks only: tabs are as wide as each editor likes.",
             "YAML erlaubt nur Leerzeichen: Tabulatoren sind in jedem Editor anders breit."),
    wrong="entity: plot\nfields:\n\tdistrict: text\n",
    right="entity: plot\nfields:\n  district: text\n",
)  # fmt: skip
INDENT = Code(
    "yaml-indentation",
    both("this line is indented differently from the lines it belongs to", "diese Zeile ist anders eingerückt als die, zu denen sie gehört"),
    remedy=both("give all keys of one level the same number of blanks", "allen Schlüsseln einer Ebene gleich viele Leerzeichen geben"),
    what=both("Keys of one level that do not begin in the same column.",
              "Schlüssel einer Ebene, die nicht in derselben Spalte beginnen."),
    why=both("The indentation says what belongs to what.", "Die Einrückung sagt, was wozu gehört."),
    wrong="entity: plot\nfields:\n    district: text\n  parcel: text\n",
    right="entity: plot\nfields:\n  district: text\n  parcel: text\n",
)  # fmt: skip
COLON = Code(
    "yaml-colon",
    both("a value with a colon and a blank inside must stand in quotes", "ein Wert mit Doppelpunkt und Leerzeichen darin muss in Anführungszeichen stehen"),
    remedy=_QUOTE,
    what=both("A second `: ` on one line.", "Ein zweites `: ` in einer Zeile."),
    why=both("A colon and a blank separate a key from its value.", "Doppelpunkt und Leerzeichen trennen Schlüssel und Wert."),
    wrong="entity: plot\ndescription: Note: as in the register\nfields: {district: text}\n",
    right="entity: plot\ndescription: 'Note: as in the register'\nfields: {district: text}\n",
)  # fmt: skip
NO_COLON = Code(
    "yaml-no-colon",
    both("a colon is missing behind this key", "hinter diesem Schlüssel fehlt ein Doppelpunkt"),
    remedy=both("write `key: value`, with a blank behind the colon", "`Schlüssel: Wert` schreiben, mit Leerzeichen hinter dem Doppelpunkt"),
    what=both("A line between keys that is no key.", "Eine Zeile zwischen Schlüsseln, die kein Schlüssel ist."),
    why=both("Without the colon the line is a text.", "Ohne Doppelpunkt ist die Zeile ein Text."),
    wrong="entity: plot\nfields\n  district: text\n",
    right="entity: plot\nfields:\n  district: text\n",
)  # fmt: skip
QUOTE_OPEN = Code(
    "yaml-quote-open",
    both("a quotation mark is opened and never closed", "ein Anführungszeichen wird geöffnet und nie geschlossen"),
    label=both("opened here", "hier geöffnet"),
    remedy=both("close it at the end of the text", "es am Ende des Textes schließen"),
    what=both("A text in quotes without its end.", "Ein Text in Anführungszeichen ohne Ende."),
    why=both("Everything behind it would belong to the text.", "Alles dahinter würde zum Text gehören."),
    wrong='entity: plot\nlabel: "Plot\nfields: {district: text}\n',
    right='entity: plot\nlabel: "Plot"\nfields: {district: text}\n',
)  # fmt: skip
QUOTE_THEN = Code(
    "yaml-after-quote",
    both("the value ends at `{sign}`, and something follows", "der Wert endet bei `{sign}`, und es folgt noch etwas"),
    remedy=both("put the whole value in single quotes, such as '\"a\" + b'; a ' inside is written ''",
                "den ganzen Wert in einfache Anführungszeichen setzen, etwa '\"a\" + b'; ein ' darin schreibt man ''"),
    what=both("A value that begins with a quotation mark or bracket and goes on behind the closing one.",
              "Ein Wert, der mit Anführungszeichen oder Klammer beginnt und hinter dem schließenden Zeichen weitergeht."),
    why=both("YAML ends the value at the closing mark.", "YAML beendet den Wert am schließenden Zeichen."),
    wrong='entity: plot\nfields: {name: text}\ntitle: "Plot " + name\n',
    right='entity: plot\nfields: {name: text}\ntitle: \'"Plot " + name\'\n',
)  # fmt: skip
SIGN = Code(
    "yaml-sign",
    both("a value cannot begin with `{sign}`", "ein Wert kann nicht mit `{sign}` beginnen"),
    remedy=_QUOTE,
    what=both("A value that begins with a sign that YAML keeps for itself.",
              "Ein Wert, der mit einem Zeichen beginnt, das YAML selbst braucht."),
    why=both("`@`, `` ` ``, `%`, `>`, `*`, `&`, `?` and `|` mean something else to YAML.",
             "`@`, `` ` ``, `%`, `>`, `*`, `&`, `?` und `|` bedeuten für YAML etwas anderes."),
    wrong='entity: plot\nfields:\n  since: {type: date, min: @"2020-01-01"}\n',
    right="entity: plot\nfields:\n  since: {type: date, min: '@\"2020-01-01\"'}\n",
)  # fmt: skip
FLOW_QUOTE = Code(
    "yaml-braces",
    both("a rule with {sign} inside {{ }} or [ ] must stand in quotes", "eine Regel mit {sign} in {{ }} oder [ ] muss in Anführungszeichen stehen"),
    remedy=both("put the rule in single quotes, or the key on a line of its own",
                "die Regel in einfache Anführungszeichen setzen, oder den Schlüssel auf eine eigene Zeile"),
    what=both("A rule in braces with signs that end a value there.", "Eine Regel in Klammern mit Zeichen, die dort einen Wert beenden."),
    why=both("Within braces YAML gives brackets, braces, commas and quotes a meaning of its own.",
             "In Klammern haben eckige und geschweifte Klammern, Kommas und Anführungszeichen für YAML eine eigene Bedeutung."),
    wrong='entity: case\nfields: {state: text}\naccess:\n  clerk: {read: state in ["open", "done"]}\n',
    right="entity: case\nfields: {state: text}\naccess:\n  clerk: {read: 'state in [\"open\", \"done\"]'}\n",
)  # fmt: skip
FLOW_OPEN = Code(
    "yaml-not-closed",
    both("`{sign}` is opened and never closed", "`{sign}` wird geöffnet und nie geschlossen"),
    label=both("opened here", "hier geöffnet"),
    remedy=both("close it with `{close}`", "mit `{close}` schließen"),
    what=both("A brace or bracket without its end.", "Eine Klammer ohne Ende."),
    why=both("What stands behind it would belong inside.", "Was dahinter steht, würde hineingehören."),
    wrong="entity: plot\nfields: {district: text, parcel: text\n",
    right="entity: plot\nfields: {district: text, parcel: text}\n",
)  # fmt: skip
ESCAPE = Code(
    "yaml-escape",
    both("`{sign}` has no meaning in a text in double quotes", "`{sign}` hat in doppelten Anführungszeichen keine Bedeutung"),
    remedy=both("use single quotes, where \\ is an ordinary sign", "einfache Anführungszeichen nehmen, dort ist \\ ein gewöhnliches Zeichen"),
    what=both("A backslash in double quotes before a sign that cannot be escaped.",
              "Ein \\ in doppelten Anführungszeichen vor einem Zeichen, bei dem es nichts bedeutet."),
    why=both("In double quotes \\ begins a special sign.", "In doppelten Anführungszeichen leitet \\ ein Sonderzeichen ein."),
    wrong='entity: plot\nfields:\n  parcel: {type: text, pattern: "\\d+"}\n',
    right="entity: plot\nfields:\n  parcel: {type: text, pattern: '\\d+'}\n",
)  # fmt: skip
LIST_MIXED = Code(
    "yaml-list-and-keys",
    both("a list and keys are mixed", "eine Liste und Schlüssel sind vermischt"),
    remedy=both("indent the list below its key, or take the dash away", "die Liste unter ihren Schlüssel einrücken, oder den Strich streichen"),
    what=both("Lines with a dash beside lines with a key.", "Zeilen mit Strich neben Zeilen mit Schlüssel."),
    why=both("One level is either a list or a map.", "Eine Ebene ist entweder eine Liste oder eine Zuordnung."),
    wrong="entity: plot\nfields: {district: text}\n- checks\n",
    right="entity: plot\nfields: {district: text}\nchecks: []\n",
)  # fmt: skip
TAG = Code(
    "yaml-tag",
    both("`{tag}` is a YAML tag, and these are not used here", "`{tag}` ist ein YAML-Tag; die gibt es hier nicht"),
    remedy=both("put a value that begins with ! in single quotes", "einen Wert, der mit ! beginnt, in einfache Anführungszeichen setzen"),
    what=both("A value with a type behind `!`.", "Ein Wert mit einem Typ hinter `!`."),
    why=both("The kind of a field says what a value is; tags could make programs run in other software.",
             "Die Art des Feldes sagt, was ein Wert ist; Tags könnten in anderer Software Programme ausführen."),
    wrong="entity: plot\nlabel: !text Plot\nfields: {district: text}\n",
    right="entity: plot\nlabel: Plot\nfields: {district: text}\n",
)  # fmt: skip
DUPLICATE_KEY = Code(
    "duplicate-key",
    both("`{key}` stands here twice", "`{key}` steht hier zweimal"),
    remedy=both("keep one of them", "eines davon behalten"),
    what=both("The same key twice in one map.", "Derselbe Schlüssel zweimal in einer Zuordnung."),
    why=both("One of the two would silently win.", "Eines von beiden würde unbemerkt gewinnen."),
    wrong="entity: plot\nfields:\n  district: text\n  district: long_text\n",
    right="entity: plot\nfields:\n  district: text\n",
)  # fmt: skip
KEY_NOT_NAME = Code(
    "key-not-a-name",
    both("a key must be a name, not a list or map", "ein Schlüssel muss ein Name sein, keine Liste oder Zuordnung"),
    remedy=both("a text such as {number} must stand in quotes", "ein Text wie {number} muss in Anführungszeichen stehen"),
    what=both("Brackets or braces where a key is expected.", "Klammern, wo ein Schlüssel erwartet wird."),
    why=both("The language has no such keys.", "Solche Schlüssel hat die Sprache nicht."),
    wrong="entity: plot\nfields: {district: text}\ntitle: {{district}}\n",
    right="entity: plot\nfields: {district: text}\ntitle: district\n",
)  # fmt: skip
UNKNOWN_ALIAS = Code(
    "unknown-alias",
    both("`*{name}` refers to nothing", "`*{name}` verweist auf nichts"),
    remedy=both("a rule that begins with * must stand in quotes; an alias needs `&{name}` before it",
                "eine Regel, die mit * beginnt, in Anführungszeichen setzen; ein Alias braucht vorher `&{name}`"),
    what=both("A YAML alias without its anchor.", "Ein YAML-Alias ohne Anker."),
    why=both("What is meant cannot be told.", "Was gemeint ist, lässt sich nicht sagen."),
    wrong="entity: plot\nfields:\n  district: *name\n",
    right="entity: plot\nfields:\n  district: text\n",
)  # fmt: skip
ALIAS_IN_ITSELF = Code(
    "alias-in-itself",
    both("`*{name}` stands inside of what it repeats", "`*{name}` steht in dem, was es wiederholt"),
    what=both("An alias that would contain itself.", "Ein Alias, der sich selbst enthielte."),
    why=both("It would never end.", "Das hätte kein Ende."),
    remedy=both("write out what is meant", "ausschreiben, was gemeint ist"),
    wrong="entity: plot\nfields: &all\n  more: {type: rows, fields: *all}\n",
    right="entity: plot\nfields:\n  more: {type: rows, fields: {name: text}}\n",
)  # fmt: skip
TOO_MANY_NODES = Code(
    "too-much-yaml",
    both("the document has more than {limit} values, aliases counted as often as they repeat",
         "das Dokument hat mehr als {limit} Werte; Aliasse zählen so oft, wie sie wiederholen"),
    remedy=both("split it into several documents", "in mehrere Dokumente aufteilen"),
    what=both("A document that is far larger than any configuration, often by aliases of aliases.",
              "Ein Dokument, das weit größer ist als jede Konfiguration, oft durch Aliasse von Aliassen."),
    why=both("Such files are made to exhaust a computer.", "Solche Dateien sollen einen Rechner lahmlegen."),
    wrong="a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n# … and so on",
    right="entity: plot\nfields: {district: text}\n",
)  # fmt: skip
TOO_DEEP = Code(
    "too-deep",
    both("more than {limit} levels are nested", "mehr als {limit} Ebenen sind verschachtelt"),
    remedy=both("take levels away", "Ebenen wegnehmen"),
    what=both("Lists and maps nested deeper than the language ever needs.",
              "Listen und Zuordnungen, tiefer verschachtelt, als die Sprache es je braucht."),
    why=both("Such files are made to exhaust a computer.", "Solche Dateien sollen einen Rechner lahmlegen."),
    wrong="entity: [[[[[[[[[[[[ … ]]]]]]]]]]]]",
    right="entity: plot\nfields: {district: text}\n",
)  # fmt: skip
NOT_A_DECLARATION = Code(
    "not-a-declaration",
    both("this document declares nothing", "dieses Dokument deklariert nichts"),
    remedy=both("begin it with a word such as `entity: plot`", "mit einem Wort wie `entity: plot` beginnen"),
    what=both("A document that is a text or a list.", "Ein Dokument, das ein Text oder eine Liste ist."),
    why=both("Every document declares one thing; its first key says what.",
             "Jedes Dokument deklariert eine Sache; sein erster Schlüssel sagt, welche."),
    wrong="- entity: plot\n",
    right="entity: plot\nfields: {district: text}\n",
)  # fmt: skip
NOT_UTF8 = Code(
    "not-utf-8",
    both("the file is not UTF-8: byte {byte}", "die Datei ist nicht UTF-8: Byte {byte}"),
    remedy=both("save it as UTF-8", "sie als UTF-8 speichern"),
    what=both("A file in another encoding, such as Windows-1252.", "Eine Datei in anderer Kodierung, etwa Windows-1252."),
    why=both("Umlauts and other letters would come out wrong.", "Umlaute und andere Zeichen kämen falsch heraus."),
    wrong="label: Flurst\\xfcck   # the byte 0xfc",
    right="label: Flurstück",
)  # fmt: skip
CONTROL_CHARACTER = Code(
    "control-character",
    both("the file holds the invisible character {character}", "die Datei enthält das unsichtbare Zeichen {character}"),
    remedy=both("delete it", "es löschen"),
    what=both("A control character, often from a copied text.", "Ein Steuerzeichen, oft aus einem kopierten Text."),
    why=both("Nobody sees it, and names that look alike would differ.", "Niemand sieht es, und gleich aussehende Namen wären verschieden."),
    wrong="entity: plot\\x00",
    right="entity: plot",
)  # fmt: skip
TOO_MANY_FILES = Code(
    "too-many-files",
    both("the folder has more than {limit} files", "der Ordner hat mehr als {limit} Dateien"),
    remedy=both("name the folder of the project itself", "den Ordner des Projekts selbst angeben"),
    what=both("More files than a project can have.", "Mehr Dateien, als ein Projekt haben kann."),
    why=both("Most likely the wrong folder was named.", "Vermutlich wurde der falsche Ordner angegeben."),
    wrong="fachwerk validate /",
    right="fachwerk validate building_permits",
)  # fmt: skip
TOO_MUCH = Code(
    "too-many-bytes",
    both("the files have more than {limit} MB together", "die Dateien haben zusammen mehr als {limit} MB"),
    remedy=both("keep data out of the project", "Daten aus dem Projekt heraushalten"),
    what=both("Files larger than any project.", "Dateien, größer als jedes Projekt."),
    why=both("They would be read again and again.", "Sie würden immer wieder gelesen."),
    wrong="fachwerk validate /home",
    right="fachwerk validate building_permits",
)  # fmt: skip
FILE_TOO_BIG = Code(
    "file-too-big",
    both("`{file}` is larger than {limit} MB", "`{file}` ist größer als {limit} MB"),
    remedy=both("split it", "aufteilen"),
    what=both("A file larger than a configuration can be.", "Eine Datei, größer als eine Konfiguration sein kann."),
    why=both("Most likely it is data.", "Vermutlich sind es Daten."),
    wrong="export.yaml (5 MB)",
    right="plot.yaml (2 KB)",
)  # fmt: skip
OUTSIDE = Code(
    "outside-of-project",
    both("`{file}` is a link to a file outside of the project", "`{file}` ist ein Verweis auf eine Datei außerhalb des Projekts"),
    remedy=both("copy the file into the folder", "die Datei in den Ordner kopieren"),
    what=both("A symbolic link that leads out of the folder.", "Ein symbolischer Verweis, der aus dem Ordner hinausführt."),
    why=both("A project from elsewhere could read your files.", "Ein fremdes Projekt könnte die eigenen Dateien lesen."),
    wrong="plot.yaml -> /etc/passwd",
    right="plot.yaml",
)  # fmt: skip
NOT_READABLE = Code(
    "not-readable",
    both("`{file}` cannot be read", "`{file}` lässt sich nicht lesen"),
    remedy=both("check its permissions", "die Rechte der Datei prüfen"),
    what=both("A file that may not be read, or is none.", "Eine Datei, die nicht gelesen werden darf oder keine ist."),
    why=both("What it declares would be missing.", "Was sie deklariert, würde fehlen."),
    wrong="chmod 000 plot.yaml",
    right="chmod 644 plot.yaml",
)  # fmt: skip
NO_FILES = Code(
    "no-files",
    both("there is no YAML file here", "hier gibt es keine YAML-Datei"),
    remedy=both("name the folder of a project, or make one: fachwerk new NAME", "den Ordner eines Projekts angeben, oder eines anlegen: fachwerk new NAME"),
    what=both("A folder without a project.", "Ein Ordner ohne Projekt."),
    why=both("There is nothing to check.", "Es gibt nichts zu prüfen."),
    wrong="fachwerk validate empty_folder",
    right="fachwerk validate building_permits",
)  # fmt: skip

CODES = (SYNTAX, TAB, INDENT, COLON, NO_COLON, QUOTE_OPEN, QUOTE_THEN, SIGN, FLOW_QUOTE, FLOW_OPEN, ESCAPE, LIST_MIXED, TAG,
         DUPLICATE_KEY, KEY_NOT_NAME, UNKNOWN_ALIAS, ALIAS_IN_ITSELF, TOO_MANY_NODES, TOO_DEEP, NOT_A_DECLARATION, NOT_UTF8,
         CONTROL_CHARACTER, TOO_MANY_FILES, TOO_MUCH, FILE_TOO_BIG, OUTSIDE, NOT_READABLE, NO_FILES)  # fmt: skip
