"""The mistakes that can be made in decision tables and decisions."""

from __future__ import annotations

from fachwerk.problems import Code

FORM = Code(
    "table-form",
    {
        "en": "a table starts with a header line such as `| kind | amount | => fee |`",
        "de": "eine Tabelle beginnt mit einer Kopfzeile wie `| art | betrag | => gebühr |`",
    },
    remedy={
        "en": "write every line between `|`, the results behind `=>`",
        "de": "jede Zeile zwischen `|` schreiben, die Ergebnisse hinter `=>`",
    },
    what={
        "en": "The text of a table has no header, no column for a result, or lines without bars.",
        "de": "Der Text einer Tabelle hat keine Kopfzeile, keine Ergebnisspalte oder Zeilen ohne Striche.",
    },
    why={
        "en": "Without it nobody knows which cell belongs to what.",
        "de": "Ohne sie ist unklar, welche Zelle wozu gehört.",
    },
    wrong="| kind | fee |",
    right="| kind | => fee |",
)

CELLS = Code(
    "table-cells",
    {
        "en": "this row has {found} cells, the header has {wanted}",
        "de": "diese Zeile hat {found} Zellen, die Kopfzeile {wanted}",
    },
    remedy={
        "en": "write `-` where every value will do; a `|` inside a text stands in quotes",
        "de": "`-` schreiben, wo jeder Wert recht ist; ein `|` in einem Text steht in Anführungszeichen",
    },
    what={
        "en": "A row has more or fewer cells than the header.",
        "de": "Eine Zeile hat mehr oder weniger Zellen als die Kopfzeile.",
    },
    why={"en": "Cells would slip into the wrong column.", "de": "Zellen gerieten in die falsche Spalte."},
    wrong="| new | 250 | 3 |",
    right="| new | 250 |",
)

NO_ROWS = Code(
    "table-empty",
    {"en": "the table has no rows", "de": "die Tabelle hat keine Zeilen"},
    remedy={"en": "add at least one row", "de": "mindestens eine Zeile ergänzen"},
    what={
        "en": "A table has a header and nothing else.",
        "de": "Eine Tabelle hat eine Kopfzeile und sonst nichts.",
    },
    why={"en": "It could only ever decide nothing.", "de": "Sie könnte nie etwas entscheiden."},
    wrong="| kind | => fee |",
    right="| kind | => fee |\n| new | 250 |",
)

UNKNOWN_COLUMN = Code(
    "table-column",
    {"en": "`{name}` is no output of this decision", "de": "`{name}` ist kein Ergebnis dieser Entscheidung"},
    label={"en": "outputs: {known}", "de": "Ergebnisse: {known}"},
    remedy={"en": "did you mean `{nearest}`?", "de": "Gemeint vielleicht `{nearest}`?"},
    what={
        "en": "A result column (or a key of a row) is not declared under `output`.",
        "de": "Eine Ergebnisspalte (oder ein Schlüssel einer Zeile) ist nicht unter `output` erklärt.",
    },
    why={"en": "Its values would reach nobody.", "de": "Ihre Werte kämen nirgends an."},
    wrong="output: {fee: money}\n| kind | => fe |",
    right="output: {fee: money}\n| kind | => fee |",
)

MISSING_COLUMN = Code(
    "table-missing-column",
    {"en": "no column gives `{name}`", "de": "keine Spalte ergibt `{name}`"},
    remedy={"en": "add a column `=> {name}`", "de": "eine Spalte `=> {name}` ergänzen"},
    what={
        "en": "A declared output has no column in the table.",
        "de": "Ein erklärtes Ergebnis hat keine Spalte in der Tabelle.",
    },
    why={"en": "It would always be null.", "de": "Es wäre immer null."},
    wrong="output: {fee: money, days: number}\n| kind | => fee |",
    right="output: {fee: money, days: number}\n| kind | => fee | days |",
)

HIT = Code(
    "table-hit",
    {"en": "`{name}` is no hit policy", "de": "`{name}` ist keine Trefferregel"},
    label={"en": "one of {known}", "de": "eine von {known}"},
    remedy={"en": "did you mean `{nearest}`?", "de": "Gemeint vielleicht `{nearest}`?"},
    what={
        "en": "The key `hit` names no hit policy of DMN.",
        "de": "Der Schlüssel `hit` nennt keine Trefferregel von DMN.",
    },
    why={"en": "Which row counts would be unknown.", "de": "Welche Zeile zählt, wäre unbekannt."},
    wrong="hit: frist",
    right="hit: first",
)

HIT_OUTPUTS = Code(
    "table-hit-outputs",
    {"en": "`collect {name}` needs exactly one output", "de": "`collect {name}` braucht genau ein Ergebnis"},
    remedy={"en": "use `collect`, or one output", "de": "`collect` benutzen oder nur ein Ergebnis"},
    what={
        "en": "Results are added up although there are several outputs.",
        "de": "Ergebnisse werden zusammengezählt, obwohl es mehrere gibt.",
    },
    why={"en": "DMN defines no such sum.", "de": "DMN kennt so eine Summe nicht."},
    wrong="hit: collect sum\n| kind | => fee | days |",
    right="hit: collect sum\n| kind | => fee |",
)

NO_PRIORITY = Code(
    "table-no-priority",
    {
        "en": "`{hit}` needs outputs whose values are listed, most important first",
        "de": "`{hit}` braucht Ergebnisse, deren Werte aufgezählt sind, das wichtigste zuerst",
    },
    remedy={
        "en": "give the output a choice, or use `first`",
        "de": "dem Ergebnis eine Auswahl geben oder `first` benutzen",
    },
    what={
        "en": "A hit policy orders by output values, but none are listed.",
        "de": "Eine Trefferregel ordnet nach Ergebniswerten, aber es sind keine aufgezählt.",
    },
    why={"en": "There is nothing to order by.", "de": "Es gibt nichts, wonach geordnet werden könnte."},
    wrong="hit: priority\noutput: string",
    right="hit: priority\noutput: permit.risk",
)

UNKNOWN_OPTION = Code(
    "table-option",
    {"en": "`{name}` is not an option of `{of}`", "de": "`{name}` ist keine Option von `{of}`"},
    label={"en": "options: {known}", "de": "Optionen: {known}"},
    remedy={"en": "did you mean `{nearest}`?", "de": "Gemeint vielleicht `{nearest}`?"},
    what={
        "en": "A cell names an option that the choice does not have.",
        "de": "Eine Zelle nennt eine Option, die es in der Auswahl nicht gibt.",
    },
    why={"en": "The row could never match.", "de": "Die Zeile träfe nie zu."},
    wrong="| nwe | 250 |",
    right="| new | 250 |",
)

NOT_ALLOWED = Code(
    "table-value",
    {"en": "{value} is not among the allowed values", "de": "{value} gehört nicht zu den erlaubten Werten"},
    label={"en": "allowed: {allowed}", "de": "erlaubt: {allowed}"},
    remedy={
        "en": "change the cell or the allowed values",
        "de": "die Zelle oder die erlaubten Werte ändern",
    },
    what={
        "en": "A cell holds a value that its column does not allow.",
        "de": "Eine Zelle enthält einen Wert, den ihre Spalte nicht erlaubt.",
    },
    why={
        "en": "The row could never match, or would give a forbidden result.",
        "de": "Die Zeile träfe nie zu oder ergäbe ein verbotenes Ergebnis.",
    },
)

WRONG_TYPE = Code(
    "table-type",
    {
        "en": "`{input}` is {wanted}, but this cell tests for {found}",
        "de": "`{input}` ist {wanted}, aber diese Zelle prüft auf {found}",
    },
    remedy={"en": "write {wanted}", "de": "{wanted} schreiben"},
    what={
        "en": "A cell tests for a value of another type than its input has.",
        "de": "Eine Zelle prüft auf einen Wert von anderem Typ als die Eingabe.",
    },
    why={"en": "The row could never match.", "de": "Die Zeile träfe nie zu."},
    wrong='| amount | => fee |\n| "many" | 3 |',
    right="| amount | => fee |\n| > 100 | 3 |",
)

NO_RESULT = Code(
    "table-no-result",
    {"en": "this row has no `{name}`", "de": "diese Zeile hat kein `{name}`"},
    remedy={
        "en": "write a value; `null` if there is none",
        "de": "einen Wert schreiben; `null`, wenn es keinen gibt",
    },
    what={"en": "A result cell is empty.", "de": "Eine Ergebniszelle ist leer."},
    why={"en": "An empty result may be a slip.", "de": "Ein leeres Ergebnis kann ein Versehen sein."},
    wrong="| new | |",
    right="| new | null |",
)

OVERLAP = Code(
    "table-overlap",
    {
        "en": "rows {one} and {other} both match, e.g. {example}",
        "de": "die Zeilen {one} und {other} treffen beide zu, z. B. {example}",
    },
    remedy={
        "en": "make the rows exclude each other, or use `hit: first`",
        "de": "die Zeilen einander ausschließen lassen oder `hit: first` benutzen",
    },
    what={
        "en": "With `unique`, two rows match the same input.",
        "de": "Bei `unique` treffen zwei Zeilen auf dieselbe Eingabe zu.",
    },
    why={
        "en": "For such an input the decision gives null.",
        "de": "Für so eine Eingabe ergibt die Entscheidung null.",
    },
    wrong="hit: unique\n| <= 10 | 1 |\n| >= 10 | 2 |",
    right="hit: unique\n| <= 10 | 1 |\n| > 10 | 2 |",
)

DIFFER = Code(
    "table-differ",
    {
        "en": "rows {one} and {other} both match but give different results, e.g. {example}",
        "de": "die Zeilen {one} und {other} treffen beide zu, ergeben aber Verschiedenes, z. B. {example}",
    },
    remedy={
        "en": "make the rows exclude each other or agree, or use `hit: first`",
        "de": "die Zeilen einander ausschließen oder übereinstimmen lassen oder `hit: first` benutzen",
    },
    what={
        "en": "With `any`, rows that match the same input give different results.",
        "de": "Bei `any` ergeben Zeilen, die auf dieselbe Eingabe zutreffen, Verschiedenes.",
    },
    why={
        "en": "For such an input the decision gives null.",
        "de": "Für so eine Eingabe ergibt die Entscheidung null.",
    },
    wrong="hit: any\n| <= 10 | 1 |\n| >= 10 | 2 |",
    right="hit: any\n| <= 10 | 1 |\n| > 10 | 2 |",
)

GAP = Code(
    "table-gap",
    {"en": "no row matches, e.g. {example}", "de": "keine Zeile trifft zu, z. B. {example}"},
    remedy={
        "en": "add a row, a last row of `-`, or a `default`",
        "de": "eine Zeile, eine letzte Zeile aus `-` oder ein `default` ergänzen",
    },
    severity="warning",
    what={
        "en": "An input is possible for which no row matches and no default is given.",
        "de": "Es gibt eine mögliche Eingabe, auf die keine Zeile zutrifft und für die kein Standardwert gilt.",
    },
    why={"en": "The decision gives null there.", "de": "Die Entscheidung ergibt dort null."},
    wrong="| < 10 | 1 |\n| > 10 | 2 |",
    right="| < 10 | 1 |\n| >= 10 | 2 |",
)

CANNOT_TELL = Code(
    "table-cannot-tell",
    {
        "en": "whether a row matches every input cannot be told: {reason}",
        "de": "ob auf jede Eingabe eine Zeile zutrifft, lässt sich nicht sagen: {reason}",
    },
    remedy={
        "en": "add a last row of `-` or a `default`",
        "de": "eine letzte Zeile aus `-` oder ein `default` ergänzen",
    },
    severity="warning",
    what={
        "en": "Cells hold expressions (or there are too many combinations), so gaps cannot be ruled out.",
        "de": "Zellen enthalten Ausdrücke, oder es sind zu viele Kombinationen: Lücken sind nicht auszuschließen.",
    },
    why={
        "en": "There may be inputs for which the decision gives null.",
        "de": "Es kann Eingaben geben, für die die Entscheidung null ergibt.",
    },
    wrong="| < limit | 1 |",
    right="| < limit | 1 |\n| - | 2 |",
)

UNREACHABLE = Code(
    "table-unreachable",
    {"en": "row {row} can never decide: {reason}", "de": "Zeile {row} kann nie entscheiden: {reason}"},
    remedy={"en": "remove the row or move it up", "de": "die Zeile entfernen oder weiter nach oben setzen"},
    severity="warning",
    what={
        "en": "Earlier rows match whatever this row matches, or no value satisfies it.",
        "de": "Frühere Zeilen treffen auf alles zu, worauf diese zutrifft, oder kein Wert erfüllt sie.",
    },
    why={"en": "Whoever wrote it expects an effect.", "de": "Wer sie schrieb, erwartet eine Wirkung."},
    wrong="hit: first\n| - | 1 |\n| > 10 | 2 |",
    right="hit: first\n| > 10 | 2 |\n| - | 1 |",
)

SHEET = Code(
    "table-sheet",
    {
        "en": "`{name}` cannot be read as a table: {reason}",
        "de": "`{name}` ist nicht als Tabelle lesbar: {reason}",
    },
    remedy={
        "en": "save it again as .xlsx or .csv (UTF-8)",
        "de": "neu als .xlsx oder .csv (UTF-8) speichern",
    },
    what={
        "en": "A file with a table is broken or too large.",
        "de": "Eine Datei mit einer Tabelle ist beschädigt oder zu groß.",
    },
    why={"en": "Nothing in it can be trusted.", "de": "Auf nichts darin ist Verlass."},
)

FORMULA = Code(
    "table-formula",
    {"en": "this cell holds a formula", "de": "diese Zelle enthält eine Formel"},
    remedy={
        "en": "write the value, or the expression as text",
        "de": "den Wert schreiben oder den Ausdruck als Text",
    },
    what={
        "en": "A cell of a sheet is computed by the spreadsheet.",
        "de": "Eine Zelle eines Blattes wird von der Tabellenkalkulation berechnet.",
    },
    why={
        "en": "Formulas are not evaluated; the stored result may be stale.",
        "de": "Formeln werden nicht ausgewertet; das gespeicherte Ergebnis kann veraltet sein.",
    },
    wrong="=A1*2",
    right="2 * amount",
)

CIRCLE = Code(
    "decision-circle",
    {
        "en": "decisions call each other in a circle: {path}",
        "de": "Entscheidungen rufen sich im Kreis auf: {path}",
    },
    remedy={"en": "remove one of the calls", "de": "einen der Aufrufe entfernen"},
    what={
        "en": "A decision needs its own result, directly or through others.",
        "de": "Eine Entscheidung braucht ihr eigenes Ergebnis, direkt oder über andere.",
    },
    why={"en": "It could never be evaluated.", "de": "Sie wäre nie auswertbar."},
    wrong="decision: a\nrule: b() + 1\n---\ndecision: b\nrule: a() + 1",
    right="decision: a\nrule: b() + 1\n---\ndecision: b\nrule: 1",
)

CODES = (
    FORM,
    CELLS,
    NO_ROWS,
    UNKNOWN_COLUMN,
    MISSING_COLUMN,
    HIT,
    HIT_OUTPUTS,
    NO_PRIORITY,
    UNKNOWN_OPTION,
    NOT_ALLOWED,
    WRONG_TYPE,
    NO_RESULT,
    OVERLAP,
    DIFFER,
    GAP,
    CANNOT_TELL,
    UNREACHABLE,
    SHEET,
    FORMULA,
    CIRCLE,
)
"""All of them."""
