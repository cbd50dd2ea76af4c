"""Problems of structure: keys that do not exist, values of the wrong form, what is missing."""

from __future__ import annotations

from fachwerk.problems import Code, Text
from fachwerk.schemas.wording import both


def field_title(kind: str | None) -> Text:
    """Return what a field is called in messages."""
    if kind is None:
        return both("a field", "einem Feld")
    return both(f"a field of kind {kind}", f"einem Feld der Art {kind}")


UNKNOWN_KEY = Code(
    "unknown-key",
    both("`{key}` is not a key of {title}", "`{key}` gibt es bei {title} nicht"),
    label=both("possible: {known}", "möglich: {known}"),
    what=both("A key that the language does not know in this place.",
              "Ein Schlüssel, den die Sprache an dieser Stelle nicht kennt."),
    why=both("Nothing is ignored: a misspelt or misplaced key would otherwise silently have no effect.",
             "Nichts wird übergangen: ein falsch geschriebener Schlüssel bliebe sonst unbemerkt ohne Wirkung."),
    wrong="entity: plot\nfields:\n  parcel: {type: text, requierd: true}\n",
    right="entity: plot\nfields:\n  parcel: {type: text, required: true}\n",
)  # fmt: skip
KEY_OF_OTHER_KIND = Code(
    "key-of-other-kind",
    both("`{key}` is not a key of {title}", "`{key}` gibt es bei {title} nicht"),
    label=both("only for: {kinds}", "nur für: {kinds}"),
    remedy=both("take the key out, or choose another kind", "den Schlüssel streichen oder eine andere Art wählen"),
    what=both("A key that belongs to fields of another kind.", "Ein Schlüssel, der zu Feldern einer anderen Art gehört."),
    why=both("It would have no effect: a text has no digits behind the point.",
             "Er hätte keine Wirkung: ein Text hat keine Nachkommastellen."),
    wrong="entity: plot\nfields:\n  area: {type: text, places: 1}\n",
    right="entity: plot\nfields:\n  area: {type: decimal, places: 1}\n",
)  # fmt: skip
MISSING_KEY = Code(
    "missing-key",
    both("`{key}` is missing in {title}", "`{key}` fehlt bei {title}"),
    remedy=both("add `{key}: …`", "`{key}: …` ergänzen"),
    what=both("A key without which the declaration means nothing.", "Ein Schlüssel, ohne den die Angabe nichts bedeutet."),
    why=both("A link without `to` leads nowhere; there is no default that could be meant.",
             "Ein Verweis ohne `to` führt nirgendwohin; es gibt keine Voreinstellung, die gemeint sein könnte."),
    wrong="entity: permit\nfields:\n  plot: {type: link}\n",
    right="entity: permit\nfields:\n  plot: {type: link, to: plot}\n",
)  # fmt: skip
BLANK = both("put a blank behind the colon: `{key}: {rest}`", "hinter den Doppelpunkt ein Leerzeichen setzen: `{key}: {rest}`")  # fmt: skip


def write(what: str) -> Text:
    """Return the remedy to write something, which may have braces in it."""
    shown = what.replace("{", "{{").replace("}", "}}")
    return both(f"write `{shown}`", f"`{shown}` schreiben")


WRONG_FORM = Code(
    "wrong-form",
    both("`{key}` takes {expected}, not {found}", "`{key}` erwartet: {expected}; hier steht {found}"),
    label=both("expected: {expected}", "erwartet: {expected}"),
    what=both("A value of another form than the key takes: a list instead of a text, a map instead of a list.",
              "Ein Wert von anderer Form, als der Schlüssel sie erwartet: eine Liste statt eines Textes."),
    why=both("What is meant cannot be told.", "Was gemeint ist, lässt sich nicht sagen."),
    wrong="entity: plot\nfields: [district, parcel]\n",
    right="entity: plot\nfields: {district: text, parcel: text}\n",
)  # fmt: skip
EMPTY_VALUE = Code(
    "empty-value",
    both("`{key}` has no value", "`{key}` hat keinen Wert"),
    label=both("expected: {expected}", "erwartet: {expected}"),
    remedy=both("write a value, or take the key out", "einen Wert schreiben oder den Schlüssel streichen"),
    what=both("A key with nothing behind it.", "Ein Schlüssel, hinter dem nichts steht."),
    why=both("An empty value is easily left behind; it could mean anything.",
             "Ein leerer Wert bleibt leicht stehen; er könnte alles bedeuten."),
    wrong="entity: plot\nfields:\n  district:\n  parcel: text\n",
    right="entity: plot\nfields:\n  district: text\n  parcel: text\n",
)  # fmt: skip
NOT_ONE_OF = Code(
    "not-one-of",
    both("`{key}` cannot be `{value}`", "`{key}` kann nicht `{value}` sein"),
    label=both("possible: {expected}", "möglich: {expected}"),
    what=both("A word that the key does not take.", "Ein Wort, das der Schlüssel nicht kennt."),
    why=both("Only the words listed have a meaning here.", "Nur die genannten Wörter haben hier eine Bedeutung."),
    wrong="entity: permit\nfields:\n  plot: {type: link, to: plot, on_delete: remove}\n",
    right="entity: permit\nfields:\n  plot: {type: link, to: plot, on_delete: delete}\n",
)  # fmt: skip
NOT_BOOLEAN = Code(
    "not-boolean",
    both("`{key}` is true or false, not `{value}`", "`{key}` ist true oder false, nicht `{value}`"),
    remedy=both("write true or false", "true oder false schreiben"),
    what=both("A yes/no key with something else than `true` or `false`.",
              "Ein Ja/Nein-Schlüssel mit etwas anderem als `true` oder `false`."),
    why=both("YAML is read as YAML 1.2: `yes`, `no`, `on` and `off` are words, not truth values.",
             "YAML wird als YAML 1.2 gelesen: `yes`, `no`, `on` und `off` sind Wörter, keine Wahrheitswerte."),
    wrong="entity: person\nfields:\n  email: {type: email, unique: yes}\n",
    right="entity: person\nfields:\n  email: {type: email, unique: true}\n",
)  # fmt: skip
OUT_OF_RANGE = Code(
    "out-of-range",
    both("`{key}` cannot be {value}", "`{key}` kann nicht {value} sein"),
    label=both("from {least} to {most}", "von {least} bis {most}"),
    what=both("A number outside of what the key takes.", "Eine Zahl außerhalb dessen, was der Schlüssel zulässt."),
    why=both("It could not be carried out.", "Sie ließe sich nicht umsetzen."),
    wrong="app: permits\nhue: 400\n",
    right="app: permits\nhue: 40\n",
)  # fmt: skip
PERIOD = Code(
    "span-of-time",
    both("`{written}` is not a span of time", "`{written}` ist keine Zeitspanne"),
    remedy=both("write a number and minutes, hours, days, working days, weeks, months or years: 10 working days",
                "eine Zahl und minutes, hours, days, working days, weeks, months oder years schreiben: 10 working days"),
    what=both("A length of time that cannot be read.", "Eine Zeitspanne, die sich nicht lesen lässt."),
    why=both("A deadline must be exact.", "Eine Frist muss genau sein."),
    wrong="deadlines:\n  decide: {runs_in: submitted, within: a quarter}\n",
    right="deadlines:\n  decide: {runs_in: submitted, within: 3 months}\n",
)  # fmt: skip
SIZE = Code(
    "size",
    both("`{written}` is not a size", "`{written}` ist keine Größe"),
    remedy=both("write a number and kB, MB or GB: 20 MB", "eine Zahl und kB, MB oder GB schreiben: 20 MB"),
    what=both("The greatest size of a file, in a form that cannot be read.",
              "Die größte Größe einer Datei, in einer Form, die sich nicht lesen lässt."),
    why=both("Files would be refused or let through by accident.", "Dateien würden zufällig abgelehnt oder angenommen."),
    wrong="entity: permit\nfields:\n  plan: {type: file, max_size: big}\n",
    right="entity: permit\nfields:\n  plan: {type: file, max_size: 20 MB}\n",
)  # fmt: skip
NOT_A_LANGUAGE = Code(
    "not-a-language",
    both("`{key}` is not a language code", "`{key}` ist kein Sprachkürzel"),
    remedy=both("write texts as {{en: ..., de: ...}}, or as one text", "Texte als {{en: ..., de: ...}} oder als ein Text schreiben"),
    what=both("A text by language with a key that is no language.", "Ein Text je Sprache mit einem Schlüssel, der keine Sprache ist."),
    why=both("Nobody would ever see that text.", "Niemand würde diesen Text je sehen."),
    wrong="entity: plot\nlabel: {english: Plot, de: Flurstück}\nfields: {district: text}\n",
    right="entity: plot\nlabel: {en: Plot, de: Flurstück}\nfields: {district: text}\n",
)  # fmt: skip
NO_TYPE = Code(
    "no-type",
    both("the field `{field}` has no `type`", "das Feld `{field}` hat keinen `type`"),
    remedy=both("add `type: text` (or another kind), or `computed: …`", "`type: text` (oder eine andere Art) oder `computed: …` ergänzen"),
    what=both("A field with settings and no kind.", "Ein Feld mit Angaben, aber ohne Art."),
    why=both("What can be entered depends on the kind.", "Was man eingeben kann, hängt von der Art ab."),
    wrong="entity: person\nfields:\n  born: {required: true}\n",
    right="entity: person\nfields:\n  born: {type: date, required: true}\n",
)  # fmt: skip
NOT_IF_COMPUTED = Code(
    "not-if-computed",
    both("`{key}` has no effect on a computed field", "`{key}` hat bei einem berechneten Feld keine Wirkung"),
    remedy=both("take `{key}` out, or `computed`", "`{key}` streichen, oder `computed`"),
    what=both("A key about entering a value, on a field whose value is computed.",
              "Ein Schlüssel für die Eingabe, an einem Feld, dessen Wert berechnet wird."),
    why=both("Nobody enters that value.", "Niemand gibt diesen Wert ein."),
    wrong="entity: plot\nfields:\n  rent: money\n  year: {type: money, computed: 12 * rent, required: true}\n",
    right="entity: plot\nfields:\n  rent: money\n  year: {type: money, computed: 12 * rent}\n",
)  # fmt: skip
COMMA = Code(
    "comma-in-braces",
    both("a value with a comma inside { } must stand in quotes", "ein Wert mit einem Komma in { } muss in Anführungszeichen stehen"),
    label=both("YAML ends the value at the comma", "YAML beendet den Wert am Komma"),
    remedy=both("put the whole value in single quotes, or the key on a line of its own",
                "den ganzen Wert in einfache Anführungszeichen setzen, oder den Schlüssel auf eine eigene Zeile"),
    what=both("In braces a comma separates keys, also one inside a text or a rule.",
              "In geschweiften Klammern trennt ein Komma Schlüssel, auch eines in einem Text oder einer Regel."),
    why=both("The rest of the value would be read as a key.", "Der Rest des Wertes würde als Schlüssel gelesen."),
    wrong="entity: plot\nfields:\n  area: decimal\n  rounded: {type: decimal, computed: round up(area, 1)}\n",
    right="entity: plot\nfields:\n  area: decimal\n  rounded: {type: decimal, computed: 'round up(area, 1)'}\n",
)  # fmt: skip

CODES = (UNKNOWN_KEY, KEY_OF_OTHER_KIND, MISSING_KEY, WRONG_FORM, EMPTY_VALUE, NOT_ONE_OF, NOT_BOOLEAN, OUT_OF_RANGE,
         PERIOD, SIZE, NOT_A_LANGUAGE, NO_TYPE, NOT_IF_COMPUTED, COMMA)  # fmt: skip
