"""Problems with entities: fields, relations, forms, lists, rights, checks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

_PLOT = "entity: plot\nfields: {district: text}\n"

SECOND_TREE = Code(
    "second-tree",
    both("`{field}` cannot be a tree here: `{entity}` is one already", "`{field}` kann hier kein Baum sein: `{entity}` ist schon einer"),
    remedy=both("make it a link: {{type: link, to: {entity}}}", "einen Verweis daraus machen: {{type: link, to: {entity}}}"),
    what=both("A second field of kind tree, or one inside rows.", "Ein zweites Feld der Art tree, oder eines in rows."),
    why=both("`a under b` means one tree.", "`a under b` meint einen Baum."),
    wrong="entity: unit\nfields: {parent: tree, above: tree}\n",
    right="entity: unit\nfields: {parent: tree, above: {type: link, to: unit}}\n",
)  # fmt: skip
LINKS_TO_SEVERAL = Code(
    "links-to-several",
    both("`{field}`: many links lead to one entity", "`{field}`: viele Verweise führen zu einer Entität"),
    remedy=both("make one field for each: {names}", "je ein Feld daraus machen: {names}"),
    what=both("A field of kind links with several entities.", "Ein Feld der Art links mit mehreren Entitäten."),
    why=both("A link to one of several entities is a single one.", "Ein Verweis auf eine von mehreren Entitäten ist ein einzelner."),
    wrong="entity: unit\nfields: {others: {type: links, to: [unit, room]}}\n---\nentity: room\nfields: {name: text}\n",
    right="entity: unit\nfields: {units: {type: links, to: unit}, rooms: {type: links, to: room}}\n---\nentity: room\nfields: {name: text}\n",
)  # fmt: skip
ROWS_IN_ROWS = Code(
    "rows-in-rows",
    both("`{field}`: rows cannot hold rows", "`{field}`: rows können keine rows enthalten"),
    remedy=both("make an entity with a link instead", "stattdessen eine Entität mit einem Verweis anlegen"),
    what=both("Rows inside of rows.", "Zeilen in Zeilen."),
    why=both("Nobody could fill in such a form.", "Ein solches Formular könnte niemand ausfüllen."),
    wrong="entity: order\nfields:\n  lines: {type: rows, fields: {parts: {type: rows, fields: {name: text}}}}\n",
    right="entity: order\nfields:\n  lines: {type: rows, fields: {name: text}}\n",
)  # fmt: skip
VALID_NOT_DATE = Code(
    "valid-not-date",
    both("`{field}` bounds a span of time and must be a date, not {kind}", "`{field}` begrenzt eine Zeitspanne und muss ein date sein, nicht {kind}"),
    remedy=both("make it a date, or leave the field out: `valid` makes it", "ein date daraus machen, oder das Feld weglassen: `valid` legt es an"),
    what=both("A field of `valid` that is no date.", "Ein Feld von `valid`, das kein Datum ist."),
    why=both("`current` and `valid_on` compare days.", "`current` und `valid_on` vergleichen Tage."),
    wrong="relation: ownership\nfrom: person\nto: plot\nfields: {since: text}\nvalid: {from: since, until: until}\n",
    right="relation: ownership\nfrom: person\nto: plot\nvalid: {from: since, until: until}\n",
)  # fmt: skip
RELATION_NEEDS_INVERSE = Code(
    "relation-needs-inverse",
    both("both ends of `{relation}` are `{entity}`: the back links need two names", "beide Enden von `{relation}` sind `{entity}`: die Rückverweise brauchen zwei Namen"),
    remedy=both("add `inverse: name`, the name of the back links at the `to` end", "`inverse: name` ergänzen, den Namen der Rückverweise am Ende `to`"),
    what=both("A relation of an entity to itself without a name for the other direction.",
              "Eine Beziehung einer Entität zu sich selbst ohne Namen für die andere Richtung."),
    why=both("`person.parenthood` could mean parents or children.", "`person.elternschaft` könnte Eltern oder Kinder meinen."),
    wrong="relation: parenthood\nfrom: {to: person, as: mother}\nto: {to: person, as: child}\n",
    right="relation: parenthood\nfrom: {to: person, as: mother}\nto: {to: person, as: child}\ninverse: childhood\n",
)  # fmt: skip
BACK_LINK_TAKEN = Code(
    "back-link-taken",
    both("the relation `{relation}` gives `{entity}` back links named `{name}`, but there is a field of that name",
         "die Beziehung `{relation}` gibt `{entity}` Rückverweise namens `{name}`, aber es gibt dort ein Feld dieses Namens"),
    remedy=both("rename the field or the relation, or use `inverse`", "das Feld oder die Beziehung umbenennen, oder `inverse` nehmen"),
    what=both("A relation named like a field of one of its ends.", "Eine Beziehung, die wie ein Feld an einem ihrer Enden heißt."),
    why=both("Rules could not tell the two apart.", "Regeln könnten beide nicht unterscheiden."),
    wrong="entity: plot\nfields: {ownership: text}\n---\nrelation: ownership\nfrom: person\nto: plot\n",
    right="entity: plot\nfields: {kind_of_ownership: text}\n---\nrelation: ownership\nfrom: person\nto: plot\n",
)  # fmt: skip
BACK_LINK_NOT_LINK = Code(
    "back-link-without-link",
    both("`{field}` is no link to `{entity}` ({kind})", "`{field}` ist kein Verweis auf `{entity}` ({kind})"),
    label=both("links to it: {known}", "Verweise darauf: {known}"),
    remedy=both("name a field of kind link that leads here", "ein Feld der Art link nennen, das hierher führt"),
    what=both("Back links over a field that does not lead here.", "Rückverweise über ein Feld, das nicht hierher führt."),
    why=both("They would always be empty.", "Sie wären immer leer."),
    wrong="entity: plot\nfields:\n  permits: {type: back_links, of: permit.number}\n",
    right="entity: plot\nfields:\n  permits: {type: back_links, of: permit.plot}\n",
)  # fmt: skip
SEQUENCE_FORMAT = Code(
    "sequence-format",
    both("`{{{place}}}` means nothing in the format of a number", "`{{{place}}}` bedeutet im Format einer Nummer nichts"),
    remedy=both("possible are {{year}}, {{yy}}, {{month}} and zeros such as {{0000}}", "möglich sind {{year}}, {{yy}}, {{month}} und Nullen wie {{0000}}"),
    what=both("A place in a number's format that is not known.", "Ein unbekannter Platzhalter im Format einer Nummer."),
    why=both("It would appear as it stands.", "Er erschiene, wie er dasteht."),
    wrong='entity: permit\nfields:\n  number: {type: sequence, format: "BA-{jahr}-{0000}"}\n',
    right='entity: permit\nfields:\n  number: {type: sequence, format: "BA-{year}-{0000}"}\n',
)  # fmt: skip
SEQUENCE_NUMBER = Code(
    "sequence-without-number",
    both("the format must hold the number once, as zeros in braces", "das Format muss die Nummer einmal enthalten, als Nullen in Klammern"),
    remedy=both("add {0000} for four digits", "{0000} für vier Stellen ergänzen"),
    what=both("A format without the running number, or with two.", "Ein Format ohne laufende Nummer, oder mit zweien."),
    why=both("All records would get the same number.", "Alle Datensätze bekämen dieselbe Nummer."),
    wrong='entity: permit\nfields:\n  number: {type: sequence, format: "BA-{year}"}\n',
    right='entity: permit\nfields:\n  number: {type: sequence, format: "BA-{year}-{0000}"}\n',
)  # fmt: skip
NOT_SORTABLE = Code(
    "not-sortable",
    both("a list cannot be sorted by `{field}` ({kind})", "eine Liste lässt sich nicht nach `{field}` sortieren ({kind})"),
    remedy=both("sort by a text, number, date or choice", "nach Text, Zahl, Datum oder Auswahl sortieren"),
    what=both("An order by a field that has no order.", "Eine Reihenfolge nach einem Feld, das keine hat."),
    why=both("Files, pictures and lists are neither greater nor smaller.", "Dateien, Bilder und Listen sind weder größer noch kleiner."),
    wrong="entity: permit\nfields: {name: text, documents: files}\nlist: {sort: documents}\n",
    right="entity: permit\nfields: {name: text, documents: files}\nlist: {sort: name}\n",
)  # fmt: skip
NOT_FILTERABLE = Code(
    "not-filterable",
    both("a list cannot be filtered by `{field}` ({kind})", "eine Liste lässt sich nicht nach `{field}` filtern ({kind})"),
    remedy=both("take it out; long texts belong to `search`", "streichen; lange Texte gehören zu `search`"),
    what=both("A filter on a field that no value can be picked for.", "Ein Filter auf ein Feld, für das man keinen Wert wählen kann."),
    why=both("There would be nothing to choose.", "Es gäbe nichts zu wählen."),
    wrong="entity: permit\nfields: {name: text, documents: files}\nlist: {filters: [documents]}\n",
    right="entity: permit\nfields: {name: text, documents: files}\nlist: {filters: [name]}\n",
)  # fmt: skip
NOT_SEARCHABLE = Code(
    "not-searchable",
    both("the search cannot look into `{field}` ({kind})", "die Suche kann nicht in `{field}` suchen ({kind})"),
    remedy=both("name fields that hold text", "Felder nennen, die Text enthalten"),
    what=both("A search in a field that holds no text.", "Eine Suche in einem Feld, das keinen Text enthält."),
    why=both("It would find nothing.", "Sie fände nichts."),
    wrong="entity: plot\nfields: {district: text, area: decimal}\nlist: {search: [area]}\n",
    right="entity: plot\nfields: {district: text, area: decimal}\nlist: {search: [district]}\n",
)  # fmt: skip
NOT_UNIQUE = Code(
    "not-unique",
    both("`{field}` cannot be unique: its kind is {kind}", "`{field}` kann nicht eindeutig sein: die Art ist {kind}"),
    remedy=both("take `unique` out", "`unique` streichen"),
    what=both("`unique` on a field whose values a database cannot compare.",
              "`unique` an einem Feld, dessen Werte eine Datenbank nicht vergleichen kann."),
    why=both("It could not be enforced, and what is not enforced must not be promised.",
             "Es ließe sich nicht durchsetzen, und was nicht durchgesetzt wird, soll nicht versprochen werden."),
    wrong="entity: permit\nfields:\n  documents: {type: files, unique: true}\n",
    right="entity: permit\nfields:\n  documents: files\n",
)  # fmt: skip
STORED_NOT_COMPUTED = Code(
    "stored-without-computed",
    both("`stored` is for computed fields; `{field}` is not computed", "`stored` ist für berechnete Felder; `{field}` wird nicht berechnet"),
    remedy=both("take it out: a field that people fill in is always stored", "streichen: ein Feld, das man ausfüllt, wird immer gespeichert"),
    what=both("`stored` on a field that people fill in.", "`stored` an einem Feld, das man ausfüllt."),
    why=both("It has no effect.", "Es hat keine Wirkung."),
    wrong="entity: plot\nfields:\n  area: {type: decimal, stored: true}\n",
    right="entity: plot\nfields:\n  area: decimal\n",
)  # fmt: skip
CLEARED_BUT_REQUIRED = Code(
    "cleared-but-required",
    both("`{field}` is required, so it cannot be cleared when its record is deleted",
         "`{field}` ist Pflicht und kann deshalb nicht geleert werden, wenn sein Datensatz gelöscht wird"),
    remedy=both("write `on_delete: delete` or `refuse`, or take `required` out", "`on_delete: delete` oder `refuse` schreiben, oder `required` streichen"),
    what=both("A required link that is to be cleared.", "Ein Pflichtverweis, der geleert werden soll."),
    why=both("A record would be left without a value that it must have.", "Ein Datensatz bliebe ohne einen Wert, den er haben muss."),
    wrong="entity: permit\nfields:\n  plot: {type: link, to: plot, required: true, on_delete: clear}\n",
    right="entity: permit\nfields:\n  plot: {type: link, to: plot, required: true, on_delete: refuse}\n",
)  # fmt: skip
LIMITS_CROSSED = Code(
    "limits-crossed",
    both("`{low}` is greater than `{high}`: nothing is possible", "`{low}` ist größer als `{high}`: nichts ist möglich"),
    remedy=both("swap the two numbers", "die beiden Zahlen tauschen"),
    what=both("A least value above the greatest one.", "Ein kleinster Wert über dem größten."),
    why=both("No value could be entered.", "Kein Wert ließe sich eingeben."),
    wrong="entity: plot\nfields:\n  storeys: {type: integer, min: 60, max: 1}\n",
    right="entity: plot\nfields:\n  storeys: {type: integer, min: 1, max: 60}\n",
)  # fmt: skip
BAD_PATTERN = Code(
    "bad-pattern",
    both("the pattern cannot be read: {reason}", "der Ausdruck lässt sich nicht lesen: {reason}"),
    remedy=both("use the syntax of RE2, without look-ahead and back references", "die Schreibweise von RE2 nehmen, ohne Vorausschau und Rückbezüge"),
    what=both("A regular expression that is none.", "Ein regulärer Ausdruck, der keiner ist."),
    why=both("Every value would be refused.", "Jeder Wert würde abgelehnt."),
    wrong="entity: plot\nfields:\n  parcel: {type: text, pattern: '(\\d+'}\n",
    right="entity: plot\nfields:\n  parcel: {type: text, pattern: '\\d+'}\n",
)  # fmt: skip
COMPUTED_CIRCLE = Code(
    "computed-circle",
    both("computed fields depend on each other: {path}", "berechnete Felder hängen voneinander ab: {path}"),
    remedy=both("compute one of them from something else", "eines davon aus etwas anderem berechnen"),
    what=both("Computed fields that need each other in a circle.", "Berechnete Felder, die einander im Kreis brauchen."),
    why=both("No order of computing leads to a value.", "Keine Reihenfolge führt zu einem Wert."),
    wrong="entity: plot\nfields:\n  net: {type: money, computed: gross - tax}\n  gross: {type: money, computed: net + tax}\n  tax: money\n",
    right="entity: plot\nfields:\n  net: money\n  gross: {type: money, computed: net + tax}\n  tax: money\n",
)  # fmt: skip
LINK_CIRCLE = Code(
    "link-circle",
    both("no first record can be created: {path} require each other", "kein erster Datensatz kann entstehen: {path} verlangen einander"),
    remedy=both("make one of these links optional", "einen dieser Verweise freiwillig machen"),
    what=both("Required links that lead in a circle.", "Pflichtverweise, die im Kreis führen."),
    why=both("Each record would need the other to be there first.", "Jeder Datensatz bräuchte den anderen zuerst."),
    wrong="entity: a\nfields: {b: {type: link, to: b, required: true}}\n---\nentity: b\nfields: {a: {type: link, to: a, required: true}}\n",
    right="entity: a\nfields: {b: {type: link, to: b, required: true}}\n---\nentity: b\nfields: {a: {type: link, to: a}}\n",
)  # fmt: skip
REQUIRED_HIDDEN = Code(
    "required-and-out-of-reach",
    both("`{field}` is required, but {reason}", "`{field}` ist Pflicht, aber {reason}"),
    remedy=both("give it a `default`, or take `required` out", "ein `default` geben, oder `required` streichen"),
    what=both("A required field that nobody who creates the record can fill in.",
              "Ein Pflichtfeld, das niemand ausfüllen kann, der den Datensatz anlegt."),
    why=both("No record could be saved.", "Kein Datensatz ließe sich speichern."),
    wrong="entity: plot\nfields:\n  district: {type: text, required: true, read_only: true}\n",
    right="entity: plot\nfields:\n  district: {type: text, required: true}\n",
)  # fmt: skip
NOT_ON_FORM = Code(
    "required-not-on-form",
    both("`{field}` is required and stands in no section of the form", "`{field}` ist Pflicht und steht in keinem Abschnitt des Formulars"),
    remedy=both("add it to a section, or give it a `default`", "in einen Abschnitt aufnehmen, oder ein `default` geben"),
    what=both("A form that leaves out a required field.", "Ein Formular, in dem ein Pflichtfeld fehlt."),
    why=both("Nobody could save the form.", "Niemand könnte das Formular speichern."),
    wrong="entity: plot\nfields: {district: text!, parcel: text!}\nform:\n  - {section: Place, fields: [district]}\n",
    right="entity: plot\nfields: {district: text!, parcel: text!}\nform:\n  - {section: Place, fields: [[district, parcel]]}\n",
)  # fmt: skip
NOBODY_READS = Code(
    "nobody-reads",
    both("nobody may read `{entity}`", "niemand darf `{entity}` lesen"),
    remedy=both("add `access`, such as access: {{{role}: {{read: true}}}}", "`access` ergänzen, etwa access: {{{role}: {{read: true}}}}"),
    severity="warning",
    what=both("An entity that no role may see.", "Eine Entität, die keine Rolle sehen darf."),
    why=both("Rights are closed by default: without a right nothing is seen.",
             "Rechte sind zunächst geschlossen: ohne Recht sieht man nichts."),
    wrong=_PLOT,
    right=_PLOT + "access: {clerk: {read: true}}\n",
)  # fmt: skip
CHANGES_UNSEEN = Code(
    "changes-unseen",
    both("`{role}` may {what} `{entity}`, but not read it", "`{role}` darf `{entity}` {what}, aber nicht lesen"),
    remedy=both("add `read`", "`read` ergänzen"),
    severity="warning",
    what=both("A right to change or delete records that cannot be seen.",
              "Ein Recht, Datensätze zu ändern oder zu löschen, die man nicht sieht."),
    why=both("A record that cannot be seen cannot be opened.", "Einen Datensatz, den man nicht sieht, kann man nicht öffnen."),
    wrong=_PLOT + "access: {clerk: {update: true}}\n",
    right=_PLOT + "access: {clerk: {read: true, update: true}}\n",
)  # fmt: skip
EMPTY_PLACE = Code(
    "empty-place",
    both("`{}` holds no rule", "`{}` enthält keine Regel"),
    remedy=both("write a field or rule between the braces", "ein Feld oder eine Regel zwischen die Klammern schreiben"),
    what=both("Braces with nothing inside, in a text.", "Leere Klammern in einem Text."),
    why=both("There is nothing to put in.", "Es gibt nichts einzusetzen."),
    wrong='message: hello\nsubject: "Hello {}"\nbody: Hello\n',
    right='message: hello\nsubject: "Hello {name}"\nbody: Hello\n',
)  # fmt: skip
OPEN_BRACE = Code(
    "open-brace",
    both("`{` is never closed", "`{` wird nie geschlossen"),
    remedy=both("close it with `}`; a brace itself is written `{{`", "mit `}` schließen; eine Klammer selbst schreibt man `{{`"),
    what=both("A place in a text without its end.", "Ein Platzhalter in einem Text ohne Ende."),
    why=both("Where the rule ends cannot be told.", "Wo die Regel endet, lässt sich nicht sagen."),
    wrong='message: hello\nsubject: "Hello {name"\nbody: Hello\n',
    right='message: hello\nsubject: "Hello {name}"\nbody: Hello\n',
)  # fmt: skip
NEEDS_MORE = Code(
    "needs-more",
    both("a {kind} needs more than its kind: {what}", "{kind} braucht mehr als die Art: {what}"),
    remedy=both("write {field}: {{type: {kind}, {example}}}", "{field}: {{type: {kind}, {example}}} schreiben"),
    what=both("The short form for a kind that means nothing without further settings.",
              "Die Kurzform für eine Art, die ohne weitere Angaben nichts bedeutet."),
    why=both("A choice without options offers nothing.", "Eine Auswahl ohne Optionen bietet nichts."),
    wrong="entity: permit\nfields:\n  kind: choice\n",
    right="entity: permit\nfields:\n  kind: {type: choice, options: [new, conversion]}\n",
)  # fmt: skip
NEEDS: Mapping[str, tuple[Mapping[str, str], str]] = MappingProxyType(
    {
        "choice": (both("options", "Optionen"), "options: [a, b]"),
        "choices": (both("options", "Optionen"), "options: [a, b]"),
        "link": (both("where it leads to", "wohin es führt"), "to: entity"),
        "links": (both("where it leads to", "wohin es führt"), "to: entity"),
        "back_links": (both("of which link", "von welchem Verweis"), "of: entity.field"),
        "rows": (both("fields", "Felder"), "fields: {name: text}"),
    }
)
"""Kinds that cannot be written in the short form: what they need, and an example."""
UNUSED_INPUT = Code(
    "unused-input",
    both("the input `{name}` decides nothing", "der Eingang `{name}` entscheidet nichts"),
    remedy=both("use it in a column or rule, or take it out", "in einer Spalte oder Regel benutzen, oder streichen"),
    severity="warning",
    what=both("An input of a decision that neither table nor rule reads.", "Ein Eingang einer Entscheidung, den weder Tabelle noch Regel liest."),
    why=both("Callers would give it for nothing.", "Wer sie aufruft, gäbe ihn umsonst an."),
    wrong="decision: fee\ninputs: {area: decimal, kind: text}\noutput: money\nrule: 2 * area\n",
    right="decision: fee\ninputs: {area: decimal}\noutput: money\nrule: 2 * area\n",
)  # fmt: skip
DECISION_BODY = Code(
    "decision-body",
    both("a decision has exactly one of table, rows, file and rule; this one has {found}",
         "eine Entscheidung hat genau eines von table, rows, file und rule; diese hat {found}"),
    remedy=both("keep one of them", "eines davon behalten"),
    what=both("A decision without a body, or with two.", "Eine Entscheidung ohne Inhalt, oder mit zweien."),
    why=both("What it decides by cannot be told.", "Wonach sie entscheidet, lässt sich nicht sagen."),
    wrong="decision: fee\ninputs: {area: decimal}\noutput: money\n",
    right="decision: fee\ninputs: {area: decimal}\noutput: money\nrule: 2 * area\n",
)  # fmt: skip

WITHOUT_GAPS = both("leave the empty ones out: `{better}`", "die leeren weglassen: `{better}`")
SUM_WITH_GAPS = Code(
    "sum-with-gaps",
    both("as soon as a single `{field}` is empty, so is the result over `{list}`",
         "sobald ein einziges `{field}` leer ist, ist auch das Ergebnis über `{list}` leer"),
    label=both("`{field}` can be empty", "`{field}` kann leer sein"),
    remedy=both("leave the empty ones out: `{better}`, or make `{field}` required",
                "die leeren weglassen: `{better}`, oder `{field}` zum Pflichtfeld machen"),
    severity="warning",
    what=both("A sum, a mean, the least or the greatest of a field that can be empty.",
              "Summe, Mittelwert, Kleinstes oder Größtes eines Feldes, das leer sein kann."),
    why=both("In FEEL (DMN 1.5) one empty value makes the whole result empty: a total vanishes, and a check over it is passed over, "
             "until the last value is there.",
             "In FEEL (DMN 1.5) macht ein leerer Wert das ganze Ergebnis leer: Eine Summe verschwindet, und eine Prüfung damit wird "
             "übergangen, bis der letzte Wert da ist."),
    wrong="entity: plot\nfields:\n  permits: {type: back_links, of: permit.plot}\n  fees: {type: money, computed: sum(permits.fee)}\n",
    right="entity: plot\nfields:\n  permits: {type: back_links, of: permit.plot}\n"
          "  fees: {type: money, computed: 'sum(permits[fee != null].fee)'}\n",
)  # fmt: skip

CODES = (SECOND_TREE, LINKS_TO_SEVERAL, ROWS_IN_ROWS, VALID_NOT_DATE, RELATION_NEEDS_INVERSE, BACK_LINK_TAKEN, BACK_LINK_NOT_LINK, SEQUENCE_FORMAT,
         SEQUENCE_NUMBER, NOT_SORTABLE, NOT_FILTERABLE, NOT_SEARCHABLE, NOT_UNIQUE, STORED_NOT_COMPUTED, CLEARED_BUT_REQUIRED, LIMITS_CROSSED,
         BAD_PATTERN, COMPUTED_CIRCLE, LINK_CIRCLE, REQUIRED_HIDDEN, NOT_ON_FORM, NOBODY_READS, CHANGES_UNSEEN, EMPTY_PLACE,
         OPEN_BRACE, NEEDS_MORE, UNUSED_INPUT, DECISION_BODY, SUM_WITH_GAPS)  # fmt: skip
