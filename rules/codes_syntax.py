"""The mistakes that the parser finds: code, message, remedy and the page of ``fachwerk explain CODE``."""

from __future__ import annotations

from fachwerk.problems import Code, Severity, Text

Both = tuple[str, str]
"""English and German."""


def both(pair: Both) -> Text:
    """Return a pair as a text by language."""
    return {"en": pair[0], "de": pair[1]}


def code(
    name: str,
    message: Both,
    *,
    label: Both = ("", ""),
    remedy: Both = ("", ""),
    severity: Severity = "error",
    why: Both,
    wrong: str,
    right: str,
    what: Both | None = None,
) -> Code:
    """Return a kind of mistake; *what* says what is found where the message alone does not."""
    return Code(
        name,
        both(message),
        both(label),
        both(remedy),
        severity,
        both(what or message),
        both(why),
        wrong,
        right,
    )


EMPTY = code(
    "empty-rule",
    ("there is no rule here", "hier steht keine Regel"),
    label=("expected a value or a condition", "erwartet: ein Wert oder eine Bedingung"),
    remedy=("write a rule, or leave out the key", "eine Regel schreiben oder den Schlüssel weglassen"),
    why=("Nothing can be computed from an empty text.", "Aus einem leeren Text lässt sich nichts berechnen."),
    wrong="",
    right="true",
)
UNEXPECTED = code(
    "unexpected",
    ("{found} does not belong here", "{found} gehört nicht hierher"),
    label=("expected {expected}", "erwartet: {expected}"),
    remedy=("{hint}", "{hint}"),
    what=(
        "a word or sign stands where none of its kind can stand",
        "ein Wort oder Zeichen steht, wo keines stehen kann",
    ),
    why=("The rule cannot be read past this place.", "Ab hier ist die Regel nicht lesbar."),
    wrong="storeys > 5 6",
    right="storeys > 5",
)
ENDS_EARLY = code(
    "ends-early",
    ("the rule ends too soon", "die Regel endet zu früh"),
    label=("expected {expected}", "erwartet: {expected}"),
    remedy=("complete the rule", "die Regel vervollständigen"),
    why=("Something is announced that never comes.", "Etwas ist angekündigt, das nicht kommt."),
    wrong="storeys +",
    right="storeys + 1",
)
UNCLOSED = code(
    "unclosed",
    ("{found} is never closed", "{found} wird nie geschlossen"),
    label=("`{closing}` is missing", "`{closing}` fehlt"),
    remedy=("add `{closing}`", "`{closing}` ergänzen"),
    what=("a bracket is opened and never closed", "eine Klammer wird geöffnet und nie geschlossen"),
    why=("It stays open where the part ends.", "Es bleibt offen, wo der Teil endet."),
    wrong="(storeys + 1 * 2",
    right="(storeys + 1) * 2",
)
UNCLOSED_TEXT = code(
    "unclosed-text",
    ("this text has no closing quotation mark", "diesem Text fehlt das schließende Anführungszeichen"),
    label=('`"` is missing', '`"` fehlt'),
    remedy=('end the text with `"` on the same line', 'den Text in derselben Zeile mit `"` beenden'),
    why=("Everything behind it counts as text.", "Alles dahinter zählt als Text."),
    wrong='kind = "new',
    right='kind = "new"',
)
UNCLOSED_COMMENT = code(
    "unclosed-comment",
    ("this comment has no end", "dieser Kommentar hat kein Ende"),
    label=("`*/` is missing", "`*/` fehlt"),
    remedy=("end the comment with `*/`", "den Kommentar mit `*/` beenden"),
    why=("Everything behind it counts as comment.", "Alles dahinter zählt als Kommentar."),
    wrong="fee + /* tax",
    right="fee + /* tax */ 19",
)
BAD_ESCAPE = code(
    "bad-escape",
    ("this text names a character that does not exist", "dieser Text nennt ein Zeichen, das es nicht gibt"),
    remedy=(
        r"write the character itself, `\uXXXX` with four or `\UXXXXXX` with six digits",
        r"das Zeichen selbst schreiben, `\uXXXX` mit vier oder `\UXXXXXX` mit sechs Ziffern",
    ),
    why=("Half a character cannot be stored.", "Ein halbes Zeichen lässt sich nicht speichern."),
    wrong=r'"\ud83d"',
    right=r'"\ud83d\udca9"',
)
BAD_LITERAL = code(
    "bad-literal",
    ("`{found}` is no date, time or duration", "`{found}` ist kein Datum, keine Uhrzeit und keine Dauer"),
    label=("not readable", "nicht lesbar"),
    remedy=(
        'write for example `@"2026-11-21"`, `@"07:30:00"`, `@"2026-11-21T07:30:00"`, `@"P1Y6M"` or `@"P14DT12H"`',
        'zum Beispiel `@"2026-11-21"`, `@"07:30:00"`, `@"2026-11-21T07:30:00"`, `@"P1Y6M"` oder `@"P14DT12H"`',
    ),
    what=("a text that names no date, time or duration", "ein Text, der weder Datum noch Uhrzeit noch Dauer nennt"),
    why=(
        "The sign `@` makes a date, a time or a duration of a text.",
        "Das Zeichen `@` macht aus einem Text ein Datum, eine Uhrzeit oder eine Dauer.",
    ),
    wrong='@"21.11.2026"',
    right='@"2026-11-21"',
)
OTHER_LANGUAGE = code(
    "other-language",
    ("`{found}` means nothing in a rule", "`{found}` bedeutet in einer Regel nichts"),
    label=("unknown here", "hier unbekannt"),
    remedy=("write `{instead}`", "`{instead}` schreiben"),
    what=("a habit of another language", "eine Gewohnheit aus einer anderen Sprache"),
    why=("Rules have one way to say each thing.", "Regeln kennen für jede Sache eine Schreibweise."),
    wrong='kind == "new"',
    right='kind = "new"',
)
NO_ASSIGNMENT = code(
    "no-assignment",
    ("a rule cannot change anything", "eine Regel kann nichts verändern"),
    label=("`{found}` changes a value", "`{found}` verändert einen Wert"),
    remedy=("write the new value alone, such as `a + 1`", "nur den neuen Wert schreiben, etwa `a + 1`"),
    why=(
        "A rule says what holds; setting values is the work of `set`.",
        "Eine Regel sagt, was gilt; Werte setzt `set`.",
    ),
    wrong="fee += 5",
    right="fee + 5",
)
DECIMAL_COMMA = code(
    "decimal-comma",
    ("a number is written with a point", "eine Zahl wird mit Punkt geschrieben"),
    label=("here a comma", "hier ein Komma"),
    remedy=("write `{instead}`", "`{instead}` schreiben"),
    why=("The comma separates arguments and items.", "Das Komma trennt Argumente und Einträge."),
    wrong="fee * 2,5",
    right="fee * 2.5",
)
PERCENT = code(
    "percent",
    ("`%` is no unit in a rule", "`%` ist in einer Regel keine Einheit"),
    label=("unknown here", "hier unbekannt"),
    remedy=("write the share as a number: `{instead}`", "den Anteil als Zahl schreiben: `{instead}`"),
    why=("Numbers have no unit.", "Zahlen haben keine Einheit."),
    wrong="fee * 5%",
    right="fee * 0.05",
)
MISSING_WORD = code(
    "missing-word",
    ("`{form}` needs `{word}`", "zu `{form}` gehört `{word}`"),
    label=("`{word}` is missing here", "hier fehlt `{word}`"),
    remedy=("write `{shape}`", "`{shape}` schreiben"),
    what=(
        "a part of `if`, `for`, `some`, `every` or `between` is missing",
        "ein Teil von `if`, `for`, `some`, `every` oder `between` fehlt",
    ),
    why=("Every rule has a value in every case.", "Jede Regel hat in jedem Fall einen Wert."),
    wrong="if storeys > 5 then 1",
    right="if storeys > 5 then 1 else 0",
)
TOO_DEEP = code(
    "too-deep",
    ("this rule is nested too deeply", "diese Regel ist zu tief verschachtelt"),
    label=("deeper than {limit} levels", "tiefer als {limit} Ebenen"),
    remedy=(
        "give parts of it names of their own (computed fields or decisions)",
        "Teile davon benennen (berechnete Felder oder Entscheidungen)",
    ),
    what=("more levels than a rule may have", "mehr Ebenen, als eine Regel haben darf"),
    why=(
        "No rule may exhaust the machine, and no person can read it.",
        "Keine Regel darf die Maschine erschöpfen, und niemand kann sie lesen.",
    ),
    wrong="((((((...))))))",
    right="storeys + 1",
)
TOO_LONG = code(
    "too-long",
    ("this rule is too long", "diese Regel ist zu lang"),
    label=("{length} characters, {limit} are allowed", "{length} Zeichen, {limit} sind erlaubt"),
    remedy=("use a decision table or computed fields", "eine Entscheidungstabelle oder berechnete Felder verwenden"),
    what=("more characters than a rule may have", "mehr Zeichen, als eine Regel haben darf"),
    why=("No rule may exhaust the machine.", "Keine Regel darf die Maschine erschöpfen."),
    wrong="fee + fee + fee + ...",
    right="sum(plot.permits.fee)",
)
DUPLICATE_ENTRY = code(
    "duplicate-entry",
    ("the entry `{name}` is there twice", "den Eintrag `{name}` gibt es zweimal"),
    label=("second time", "zum zweiten Mal"),
    remedy=("give it another name or remove it", "umbenennen oder entfernen"),
    what=("two entries of one name in a context", "zwei Einträge eines Namens in einem Kontext"),
    why=("Only one of them could count.", "Nur einer könnte zählen."),
    wrong="{a: 1, a: 2}",
    right="{a: 1, b: 2}",
)
MIXED_ARGUMENTS = code(
    "mixed-arguments",
    ("arguments are either all named or all in order", "Argumente sind entweder alle benannt oder alle der Reihe nach"),
    label=("the others are {others}", "die anderen sind {others}"),
    remedy=("name all of them or none", "alle benennen oder keines"),
    why=("It would not be clear which argument is meant.", "Es wäre nicht klar, welches Argument gemeint ist."),
    wrong='substring(string: "abc", 2)',
    right='substring(string: "abc", start position: 2)',
)

SYNTAX = (
    EMPTY,
    UNEXPECTED,
    ENDS_EARLY,
    UNCLOSED,
    UNCLOSED_TEXT,
    UNCLOSED_COMMENT,
    BAD_ESCAPE,
    BAD_LITERAL,
    OTHER_LANGUAGE,
    NO_ASSIGNMENT,
    DECIMAL_COMMA,
    PERCENT,
    MISSING_WORD,
    TOO_DEEP,
    TOO_LONG,
    DUPLICATE_ENTRY,
    MIXED_ARGUMENTS,
)
"""What the parser finds."""
