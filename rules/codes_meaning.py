"""The mistakes that the checker finds: code, message, remedy and the page of ``fachwerk explain CODE``."""

from __future__ import annotations

from fachwerk.rules.codes_syntax import code

UNKNOWN_NAME = code(
    "unknown-name",
    ("there is no `{name}` here", "hier gibt es kein `{name}`"),
    label=("unknown name", "unbekannter Name"),
    remedy=("{hint}", "{hint}"),
    what=("a name that nothing around the rule has", "ein Name, den im Umfeld der Regel nichts trägt"),
    why=("A rule may only use what the model declares.", "Eine Regel darf nur verwenden, was das Modell vereinbart."),
    wrong="florr_area > 100",
    right="floor_area > 100",
)
UNKNOWN_FIELD = code(
    "unknown-field",
    ("{owner} has no `{name}`", "{owner} hat kein `{name}`"),
    label=("unknown field", "unbekanntes Feld"),
    remedy=("{hint}", "{hint}"),
    what=("a field that the value before the dot does not have", "ein Feld, das der Wert vor dem Punkt nicht hat"),
    why=("It would always be null.", "Es wäre immer null."),
    wrong="plot.storeys",
    right="plot.max_storeys",
)
UNKNOWN_FUNCTION = code(
    "unknown-function",
    ("there is no function `{name}`", "es gibt keine Funktion `{name}`"),
    label=("unknown function", "unbekannte Funktion"),
    remedy=("{hint}", "{hint}"),
    what=("a function that does not exist", "eine Funktion, die es nicht gibt"),
    why=(
        "Only built-in functions, decisions and own functions can be called.",
        "Aufrufen lassen sich nur eingebaute Funktionen, Entscheidungen und eigene Funktionen.",
    ),
    wrong="len(note) > 3",
    right="string length(note) > 3",
)
UNKNOWN_OPTION = code(
    "unknown-option",
    ("`{name}` is not an option of `{of}`", "`{name}` ist keine Option von `{of}`"),
    label=("options: {options}", "Optionen: {options}"),
    remedy=("{hint}", "{hint}"),
    what=("a text that is none of the options", "ein Text, der keine der Optionen ist"),
    why=("The comparison could never hold.", "Der Vergleich könnte nie zutreffen."),
    wrong='kind = "demolitoin"',
    right='kind = "demolition"',
)
UNKNOWN_TYPE = code(
    "unknown-type",
    ("there is no type `{name}`", "es gibt keinen Typ `{name}`"),
    label=("unknown type", "unbekannter Typ"),
    remedy=("{hint}", "{hint}"),
    what=("a type that does not exist", "ein Typ, den es nicht gibt"),
    why=("Nothing can be of this type.", "Nichts kann von diesem Typ sein."),
    wrong="note instance of text",
    right="note instance of string",
)
UNKNOWN_PARAMETER = code(
    "unknown-parameter",
    ("`{function}` has no parameter `{name}`", "`{function}` hat keinen Parameter `{name}`"),
    label=("unknown parameter", "unbekannter Parameter"),
    remedy=("{hint}", "{hint}"),
    what=("a named argument without a parameter of this name", "ein benanntes Argument ohne Parameter dieses Namens"),
    why=("The argument would go nowhere.", "Das Argument käme nirgends an."),
    wrong='substring(text: "abc", start position: 2)',
    right='substring(string: "abc", start position: 2)',
)
NO_OWN_RECORD = code(
    "no-own-record",
    ("nobody has a `{name}` of their own", "niemand hat ein eigenes `{name}`"),
    label=("not linked to a user", "nicht mit einem Benutzer verknüpft"),
    remedy=("{hint}", "{hint}"),
    what=("`my x` of an entity without a user field", "`my x` zu einer Entität ohne Benutzerfeld"),
    why=(
        "`my x` is the record whose user field is the acting user.",
        "`my x` ist der Datensatz, dessen Benutzerfeld der handelnde Benutzer ist.",
    ),
    wrong="my plot",
    right="my person",
)
NO_USER = code(
    "no-user",
    ("nobody acts here", "hier handelt niemand"),
    label=("there is no `me` in this place", "an dieser Stelle gibt es kein `me`"),
    remedy=("leave the user out of this rule", "den Benutzer aus dieser Regel heraushalten"),
    what=("`me` where a rule is computed without a user", "`me`, wo eine Regel ohne Benutzer berechnet wird"),
    why=("Stored values and automations belong to nobody.", "Gespeicherte Werte und Automaten gehören niemandem."),
    wrong="applicant.user = me",
    right='state = "draft"',
)
WRONG_OPERANDS = code(
    "wrong-operands",
    ("`{op}` cannot join {left} and {right}", "mit `{op}` nicht zu verbinden: {left} und {right}"),
    label=("{left} {op} {right}", "{left} {op} {right}"),
    remedy=("{hint}", "{hint}"),
    what=("arithmetic with values that do not go together", "eine Rechnung mit Werten, die nicht zusammenpassen"),
    why=("The result would always be null.", "Das Ergebnis wäre immer null."),
    wrong='"fee: " + 5',
    right='"fee: " + string(5)',
)
NO_NEGATIVE = code(
    "no-negative",
    ("{found} has no negative", "{found} hat kein Negatives"),
    label=("minus before {found}", "Minus vor: {found}"),
    what=("a minus sign before a value that is no number", "ein Minus vor einem Wert, der keine Zahl ist"),
    why=("The result would always be null.", "Das Ergebnis wäre immer null."),
    wrong='-"5"',
    right="-5",
)
WRONG_COMPARISON = code(
    "wrong-comparison",
    ("{left} and {right} cannot be compared", "nicht vergleichbar: {left} und {right}"),
    label=("{left} {op} {right}", "{left} {op} {right}"),
    remedy=("{hint}", "{hint}"),
    what=("a comparison of values of different kinds", "ein Vergleich von Werten verschiedener Art"),
    why=("The result would always be null.", "Das Ergebnis wäre immer null."),
    wrong='storeys = "3"',
    right="storeys = 3",
)
NO_ORDER = code(
    "no-order",
    ("`{op}` needs values with an order", "`{op}` braucht Werte mit einer Reihenfolge"),
    label=("{left} has no order", "{left} hat keine Reihenfolge"),
    remedy=("compare it with `=` or `!=`", "mit `=` oder `!=` vergleichen"),
    what=("`<` between values without an order", "`<` zwischen Werten ohne Reihenfolge"),
    why=("The result would always be null.", "Das Ergebnis wäre immer null."),
    wrong="plot.heritage > false",
    right="plot.heritage = true",
)
DISJOINT_OPTIONS = code(
    "disjoint-options",
    ("`{left}` and `{right}` have no option in common", "`{left}` und `{right}` haben keine gemeinsame Option"),
    label=("can never be equal", "kann nie gleich sein"),
    what=(
        "a comparison of two choices without a common option",
        "ein Vergleich zweier Auswahlen ohne gemeinsame Option",
    ),
    why=("The comparison could never hold.", "Der Vergleich könnte nie zutreffen."),
    wrong="kind = state",
    right='kind = "new"',
)
NOT_A_CONDITION = code(
    "not-a-condition",
    ("a condition is needed here", "hier wird eine Bedingung gebraucht"),
    label=("this is {found}", "das ist {found}"),
    remedy=("{hint}", "{hint}"),
    what=(
        "a value where a condition (true or false) must stand",
        "ein Wert, wo eine Bedingung (wahr oder falsch) stehen muss",
    ),
    why=("Whatever is not true or false counts as null.", "Was nicht wahr oder falsch ist, zählt als null."),
    wrong='if storeys then "a" else "b"',
    right='if storeys > 0 then "a" else "b"',
)
ARGUMENT_COUNT = code(
    "argument-count",
    ("`{function}` takes {wanted}", "`{function}` nimmt {wanted}"),
    label=("{found} given", "{found} angegeben"),
    remedy=("write `{shape}`", "`{shape}` schreiben"),
    what=("too many or too few arguments", "zu viele oder zu wenige Argumente"),
    why=("The result would always be null.", "Das Ergebnis wäre immer null."),
    wrong="round up(2.5)",
    right="round up(2.5, 0)",
)
WRONG_ARGUMENT = code(
    "wrong-argument",
    ("`{parameter}` of `{function}` must be {wanted}", "`{parameter}` von `{function}` muss sein: {wanted}"),
    label=("this is {found}", "das ist {found}"),
    remedy=("{hint}", "{hint}"),
    what=("an argument of the wrong kind", "ein Argument der falschen Art"),
    why=("The result would always be null.", "Das Ergebnis wäre immer null."),
    wrong="string length(5)",
    right='string length("5")',
)
NOT_A_FUNCTION = code(
    "not-a-function",
    ("this cannot be called", "das lässt sich nicht aufrufen"),
    label=("this is {found}, no function", "das ist {found}, keine Funktion"),
    remedy=("leave the parentheses out", "die Klammern weglassen"),
    what=("a call of something that is no function", "ein Aufruf von etwas, das keine Funktion ist"),
    why=("The result would always be null.", "Das Ergebnis wäre immer null."),
    wrong="storeys(3)",
    right="storeys * 3",
)
NEEDS_CALL = code(
    "needs-call",
    ("`{name}` is a function", "`{name}` ist eine Funktion"),
    label=("not called", "nicht aufgerufen"),
    remedy=("write `{name}()`", "`{name}()` schreiben"),
    what=("a function without its parentheses", "eine Funktion ohne ihre Klammern"),
    why=("Only the call has a value.", "Erst der Aufruf hat einen Wert."),
    wrong="submitted > today",
    right="submitted > today()",
)
NOT_A_LIST = code(
    "not-a-list",
    ("a list is needed here", "hier wird eine Liste gebraucht"),
    label=("this is {found}", "das ist {found}"),
    remedy=("{hint}", "{hint}"),
    what=(
        "`for`, `some` or `every` over something that is no list",
        "`for`, `some` oder `every` über etwas, das keine Liste ist",
    ),
    why=("There is nothing to go through.", "Es gibt nichts zu durchlaufen."),
    wrong="for x in 5 return x",
    right="for x in 1..5 return x",
)
NO_FIELDS = code(
    "no-fields",
    ("{found} has no fields", "{found} hat keine Felder"),
    label=("`{name}` cannot be read from it", "`{name}` lässt sich daraus nicht lesen"),
    remedy=("{hint}", "{hint}"),
    what=("a dot behind something without fields", "ein Punkt hinter etwas ohne Felder"),
    why=("It would always be null.", "Es wäre immer null."),
    wrong="storeys.value",
    right="storeys",
)
WRONG_FILTER = code(
    "wrong-filter",
    ("a filter needs a condition or a position", "ein Filter braucht eine Bedingung oder eine Position"),
    label=("this is {found}", "das ist {found}"),
    remedy=("write `list[condition]` or `list[1]`", "`list[Bedingung]` oder `list[1]` schreiben"),
    what=("square brackets with neither condition nor number", "eckige Klammern ohne Bedingung oder Zahl"),
    why=("Nothing would be left of the list.", "Von der Liste bliebe nichts übrig."),
    wrong='plot.permits["new"]',
    right='plot.permits[kind = "new"]',
)
NO_VALIDITY = code(
    "no-validity",
    ("`{name}` holds only for relations with a span of time", "`{name}` gilt nur für Beziehungen mit einem Zeitraum"),
    label=("{owner} has none", "{owner} hat keinen"),
    remedy=(
        "add `valid: {{from: since, until: until}}` to the relation",
        "der Beziehung `valid: {{from: since, until: until}}` geben",
    ),
    what=(
        "`current` or `valid_on` over records without a span of time",
        "`current` oder `valid_on` über Datensätze ohne Zeitraum",
    ),
    why=("Without a span of time nothing begins or ends.", "Ohne Zeitraum beginnt und endet nichts."),
    wrong="plot.permits[current]",
    right="plot.ownership[current]",
)
NOT_A_TREE = code(
    "not-a-tree",
    ("`under` compares two records of one tree", "`under` vergleicht zwei Datensätze eines Baums"),
    label=("{left} under {right}", "{left} under {right}"),
    remedy=(
        "both sides must be records of the same entity with a tree field",
        "beide Seiten müssen Datensätze derselben Entität mit einem Baumfeld sein",
    ),
    what=("`under` between records that form no tree", "`under` zwischen Datensätzen, die keinen Baum bilden"),
    why=("Nothing is above or below.", "Nichts steht darüber oder darunter."),
    wrong="plot under applicant",
    right="unit under my unit",
)
WRONG_RESULT = code(
    "wrong-result",
    ("this rule must give {wanted}", "diese Regel muss ergeben: {wanted}"),
    label=("this is {found}", "das ist {found}"),
    remedy=("{hint}", "{hint}"),
    what=("a rule whose value does not fit its place", "eine Regel, deren Wert nicht an ihre Stelle passt"),
    why=("The value could not be used.", "Der Wert wäre nicht verwendbar."),
    wrong="now()",
    right="today()",
)
CONSTANT_CONDITION = code(
    "constant-condition",
    ("this is always {value}", "das ist immer {value}"),
    label=("{reason}", "{reason}"),
    remedy=("leave it out or compare something else", "weglassen oder etwas anderes vergleichen"),
    severity="warning",
    what=("a condition that does not depend on anything", "eine Bedingung, die von nichts abhängt"),
    why=("It decides nothing.", "Sie entscheidet nichts."),
    wrong="storeys > null",
    right="storeys != null",
)
EXTERNAL_FUNCTION = code(
    "external-function",
    ("functions in Java or PMML are not called", "Funktionen in Java oder PMML werden nicht aufgerufen"),
    label=("external function", "externe Funktion"),
    remedy=("write the function in the rule language", "die Funktion in der Regelsprache schreiben"),
    why=("A rule reaches nothing but its inputs.", "Eine Regel erreicht nichts außer ihren Eingaben."),
    wrong='function(x) external {java: {class: "java.lang.Math", method signature: "cos(double)"}}',
    right="function(x) x * 2",
)

MEANING = (
    UNKNOWN_NAME, UNKNOWN_FIELD, UNKNOWN_FUNCTION, UNKNOWN_OPTION, UNKNOWN_TYPE, UNKNOWN_PARAMETER, NO_OWN_RECORD,
    NO_USER, WRONG_OPERANDS, NO_NEGATIVE, WRONG_COMPARISON, NO_ORDER, DISJOINT_OPTIONS, NOT_A_CONDITION, ARGUMENT_COUNT,
    WRONG_ARGUMENT, NOT_A_FUNCTION, NEEDS_CALL, NOT_A_LIST, NO_FIELDS, WRONG_FILTER, NO_VALIDITY, NOT_A_TREE,
    WRONG_RESULT, CONSTANT_CONDITION, EXTERNAL_FUNCTION,
)  # fmt: skip
"""What the checker finds."""
