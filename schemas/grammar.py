"""The language: every document, every key, with what it means. Fields and their kinds are declared in ``kinds``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from fachwerk.problems import Text
from fachwerk.schemas.grammar_automation import AUTOMATION
from fachwerk.schemas.grammar_letter import DOCUMENT
from fachwerk.schemas.grammar_scenario import SCENARIO
from fachwerk.schemas.grammar_workflow import WORKFLOW
from fachwerk.schemas.kinds.declare import CHECK, COMMON, KINDS
from fachwerk.schemas.shapes import Either, FieldOf, Group, Key, Leaf, Named, Shape, Some
from fachwerk.schemas.wording import both

_NAME = Leaf("name")
_NAMES = Some(_NAME)
_PEOPLE = Leaf("people")
_RULE = Leaf("rule")
_SWITCH = Leaf("switch")
_TRUTH = Leaf("boolean")

_LABEL = Key("label", _PEOPLE, both("What people read. Follows from the name where it is left out.",
             "Was man liest. Ergibt sich aus dem Namen, wenn es fehlt."), "label: {en: Plot, de: Flurstück}")  # fmt: skip


def _label(example: str) -> Key:
    return Key("label", _LABEL.shape, _LABEL.about, example)


APP = Group("app", both("an app", "einer Anwendung"), (
    Key("app", _NAME, both("The name of the application.", "Der Name der Anwendung."), "app: building_permits",
        required=True),
    _label("label: {en: Building permits, de: Baugenehmigungen}"),
    Key("languages", _NAMES, both("The languages people use it in; the first is the default.",
        "Die Sprachen, in denen sie benutzt wird; die erste ist voreingestellt."), "languages: [de, en]"),
    Key("timezone", Leaf("word"), both("Where its days begin; UTC where nothing is said.",
        "Wo ihre Tage beginnen; UTC, wenn nichts gesagt ist."), "timezone: Europe/Berlin"),
    Key("currency", Leaf("word"), both("The currency of money fields; EUR where nothing is said.",
        "Die Währung von Geldfeldern; EUR, wenn nichts gesagt ist."), "currency: EUR"),
    Key("calendar", Group("calendar", both("a calendar", "eines Kalenders"), (
        Key("country", Leaf("word"), both("The country whose public holidays count (ISO 3166).",
            "Das Land, dessen Feiertage gelten (ISO 3166)."), "country: DE", required=True),
        Key("subdivision", Leaf("word"), both("The state or region (ISO 3166-2).", "Das Bundesland (ISO 3166-2)."),
            "subdivision: BY"),
        Key("office_hours", Named(Some(Leaf("word")), both("day or days", "Tag oder Tage")), both(
            "When people work, by day (`mon` to `sun`) or days (`mon-thu`): one stretch of time or several.",
            "Wann gearbeitet wird, je Tag (`mon` bis `sun`) oder Tagen (`mon-thu`): ein Zeitraum oder mehrere."),
            "office_hours: {mon-thu: [08:00-12:00, 13:00-16:00], fri: 08:00-12:00}"),
        Key("closed", Some(Leaf("word")), both(
            "Further days that count like public holidays; without a year they are closed every year.",
            "Weitere Tage, die wie Feiertage zählen; ohne Jahr in jedem Jahr."), 'closed: [2026-12-24, "12-31"]'))),
        both("Public holidays, closed days and office hours, for working days and deadlines.",
             "Feiertage, Schließtage und Dienstzeiten, für Arbeitstage und Fristen."),
        "calendar: {country: DE, subdivision: BY}"),
    Key("hue", Leaf("integer", least=0, most=360), both("The colour of the application, as an angle on the colour wheel.",
        "Die Farbe der Anwendung, als Winkel im Farbkreis."), "hue: 210"),
))  # fmt: skip

ROLE = Group("role", both("a role", "einer Rolle"), (
    _label("label: {en: Clerk, de: Sachbearbeitung}"),
    Key("includes", _NAMES, both("Roles whose rights it has as well.", "Rollen, deren Rechte sie auch hat."),
        "includes: [clerk]"),
    Key("reads", Leaf("word", ("everything",)), both("`everything`: may read all records and all their fields.",
        "`everything`: darf alle Datensätze mit allen Feldern lesen."), "reads: everything"),
    Key("signs_up", _TRUTH, both("Whether people may give it to themselves by signing up.",
        "Ob man sie sich selbst geben kann, indem man sich registriert."), "signs_up: true"),
    Key("was", _NAME, both("The name it had before: who held it holds it still.",
        "Wie sie vorher hieß: wer sie hatte, behält sie."), "was: clerk"),
))  # fmt: skip

ROLES = Group("roles", both("roles", "den Rollen"), (
    Key("roles", Named(ROLE, both("role", "Rolle")), both("Who there is: a name for each role.",
        "Wen es gibt: je Rolle ein Name."), "roles: {clerk: {}, head: {includes: [clerk]}}", required=True),
))  # fmt: skip

GRANT = Group("rights", both("the rights of a role", "den Rechten einer Rolle"), (
    Key("create", _SWITCH, both("Whether it may create records; a rule is asked of the record to be created.",
        "Ob sie Datensätze anlegen darf; eine Regel gilt dem Datensatz, der entstehen soll."), "create: true"),
    Key("read", _SWITCH, both("Which records it may see.", "Welche Datensätze sie sehen darf."),
        "read: applicant.user = me"),
    Key("update", _SWITCH, both("Which records it may change.", "Welche Datensätze sie ändern darf."),
        'update: state = "draft"'),
    Key("delete", _SWITCH, both("Which records it may delete.", "Welche Datensätze sie löschen darf."),
        'delete: state = "draft"'),
    Key("hide", _NAMES, both("Fields it never sees.", "Felder, die sie nie sieht."), "hide: [internal_note]"),
    Key("read_only", _NAMES, both("Fields it sees and cannot change.", "Felder, die sie sieht und nicht ändern kann."),
        "read_only: [number]"),
))  # fmt: skip

SECTION = Group("section", both("a section", "einem Abschnitt"), (
    Key("section", _PEOPLE, both("Its heading.", "Seine Überschrift."), "section: {en: Project, de: Vorhaben}"),
    Key("fields", Some(Either((_NAME, Some(_NAME, alone=False))), alone=False), both(
        "Its fields; those in inner brackets stand side by side.",
        "Seine Felder; die in inneren Klammern stehen nebeneinander."), "fields: [[kind, plot], storeys]", required=True),
    Key("visible", _SWITCH, both("When it is shown.", "Wann er zu sehen ist."), 'visible: kind = "demolition"'),
    Key("hint", _PEOPLE, both("A help below the heading.", "Eine Hilfe unter der Überschrift."),
        "hint: As in the land register"),
))  # fmt: skip

LIST = Group("list", both("a list", "einer Liste"), (
    Key("columns", _NAMES, both("The fields shown, in this order.", "Die gezeigten Felder, in dieser Reihenfolge."),
        "columns: [number, applicant, state]"),
    Key("sort", _NAMES, both("The order; a minus means the greatest first.",
        "Die Reihenfolge; ein Minus heißt: das Größte zuerst."), "sort: -number"),
    Key("filters", _NAMES, both("The fields by which people can filter.", "Die Felder, nach denen man filtern kann."),
        "filters: [state, kind]"),
    Key("search", _NAMES, both("The fields in which the search looks.", "Die Felder, in denen die Suche sucht."),
        "search: [number]"),
))  # fmt: skip

_WAS = Key("was", _NAME, both("The name it had before: its records stay.", "Wie es vorher hieß: die Datensätze bleiben."),
           "was: parcel")  # fmt: skip
_DROP = Key("drop", _TRUTH, both("It is given up with all its records, and stands here only to say so.",
            "Es wird mit allen Datensätzen aufgegeben und steht nur hier, um das zu sagen."), "drop: true")  # fmt: skip

_SHARED: tuple[Key, ...] = (
    Key("plural", _PEOPLE, both("The label for several of them.", "Die Beschriftung für mehrere."),
        "plural: {en: Plots, de: Flurstücke}"),
    Key("description", _PEOPLE, both("What it is, for people who use it.", "Was es ist, für die, die es benutzen."),
        "description: As in the land register"),
    Key("title", _RULE, both("What names a record in lists and links.",
        "Was einen Datensatz in Listen und Verweisen benennt."), 'title: family_name + ", " + given_name'),
    Key("icon", Leaf("word"), both("The picture beside its name.", "Das Bild neben dem Namen."), "icon: home"),
    Key("menu", _TRUTH, both("Whether it stands in the menu; relations do not unless asked.", "Ob es im Menü steht; Beziehungen nur auf Wunsch."), "menu: false"),
    Key("fields", Named(FieldOf(), both("field", "Feld")), both("What is known of a record.",
        "Was man über einen Datensatz weiß."), "fields: {name: text!, born: date}"),
    Key("unique", Some(_NAMES, alone=False), both("Groups of fields of which no two records may have the same values.",
        "Gruppen von Feldern, deren Werte in keinen zwei Datensätzen gleich sein dürfen."),
        "unique: [[district, parcel]]"),
    Key("checks", Some(CHECK, alone=False), both("What must hold for a record to be saved.",
        "Was gelten muss, damit ein Datensatz gespeichert wird."),
        "checks: [{that: since <= until, else: It ends before it begins.}]"),
    Key("form", Some(SECTION, alone=False), both("The sections of the form; all fields in one where it is left out.",
        "Die Abschnitte des Formulars; alle Felder in einem, wenn es fehlt."),
        "form: [{section: Project, fields: [[kind, plot], storeys]}]"),
    Key("list", LIST, both("What the list shows.", "Was die Liste zeigt."),
        "list: {columns: [number, state], sort: -number}"),
    Key("access", Named(GRANT, both("role", "Rolle")), both("What each role may do. Whoever is not named may do nothing.",
        "Was jede Rolle darf. Wer nicht genannt ist, darf nichts."), "access: {clerk: {create: true, read: true}}"),
)  # fmt: skip

ENTITY = Group("entity", both("an entity", "einer Entität"), (
    Key("entity", _NAME, both("A kind of thing that records are kept of.", "Eine Art von Dingen, über die Buch geführt wird."),
        "entity: plot", required=True),
    _label("label: {en: Plot, de: Flurstück}"),
    _WAS, _DROP,
    *(Key(key.name, key.shape, key.about, key.example, key.name == "fields") for key in _SHARED),
))  # fmt: skip

END = Group("end", both("an end of a relation", "einem Ende einer Beziehung"), (
    Key("to", _NAMES, both("The entity at this end; several in brackets.", "Die Entität an diesem Ende; mehrere in Klammern."),
        "to: person", required=True),
    Key("as", _NAME, both("What it is called in rules and forms.", "Wie es in Regeln und Formularen heißt."), "as: owner"),
))  # fmt: skip


def _end(name: str, example: str) -> Key:
    about = both(f"The {'first' if name == 'from' else 'second'} end: an entity, several, or {{to: ..., as: name}}.",
                 f"Das {'erste' if name == 'from' else 'zweite'} Ende: eine Entität, mehrere, oder {{to: ..., as: Name}}.")  # fmt: skip
    return Key(name, Either((_NAMES, END)), about, example, required=True)


RELATION = Group("relation", both("a relation", "einer Beziehung"), (
    Key("relation", _NAME, both("A relation between records, with fields of its own.",
        "Eine Beziehung zwischen Datensätzen, mit eigenen Feldern."), "relation: ownership", required=True),
    _WAS, _DROP,
    _label("label: {en: owns, de: besitzt}"),
    Key("inverse_label", _PEOPLE, both("The label seen from the other end.", "Die Beschriftung vom anderen Ende her."),
        "inverse_label: {en: owned by, de: gehört}"),
    Key("inverse", _NAME, both("The name of the back links at the second end; needed where both ends are one entity.",
        "Der Name der Rückverweise am zweiten Ende; nötig, wenn beide Enden dieselbe Entität sind."), "inverse: owned_by"),
    _end("from", "from: [person, company]"),
    _end("to", "to: plot"),
    Key("valid", Group("valid", both("a span of time", "einer Zeitspanne"), (
        Key("from", _NAME, both("The field for the first day.", "Das Feld für den ersten Tag."), "from: since",
            required=True),
        Key("until", _NAME, both("The field for the last day; empty means for good.",
            "Das Feld für den letzten Tag; leer heißt: unbefristet."), "until: until", required=True))),
        both("It holds for a span of time: `ownership[current]`, `ownership[valid_on(date)]`.",
             "Sie gilt für eine Zeit: `ownership[current]`, `ownership[valid_on(date)]`."),
        "valid: {from: since, until: until}"),
    *_SHARED,
))  # fmt: skip

_TYPE = Leaf("word")
CHOICE = Group("result", both("a result", "einem Ergebnis"), (
    Key("type", Leaf("word", ("choice", "text")), both("A choice.", "Eine Auswahl."), "type: choice",
        required=True),
    Key("options", Some(_NAME, alone=False), both("What can come out.", "Was herauskommen kann."),
        "options: [simple, expert]", required=True),
))  # fmt: skip
DECISION = Group("decision", both("a decision", "einer Entscheidung"), (
    Key("decision", _NAME, both("A decision that rules call by its name.", "Eine Entscheidung, die Regeln beim Namen nennen."),
        "decision: fee", required=True),
    _label("label: {en: Fee, de: Gebühr}"),
    Key("inputs", Named(_TYPE, both("input", "Eingang")), both("What it is decided by: names with a type or a field.",
        "Wonach entschieden wird: Namen mit einem Typ oder einem Feld."), "inputs: {kind: permit.kind, area: decimal}"),
    Key("output", Either((_TYPE, Named(_TYPE, both("output", "Ergebnis")), CHOICE)), both("What comes out: a type, a choice, or names with types.",
        "Was herauskommt: ein Typ, eine Auswahl, oder Namen mit Typen."), "output: money", required=True),
    Key("hit", Leaf("word"), both("Which of the rows that match counts: unique (the rule), first, any, priority, "
        "rule order, output order, collect, collect sum, collect min, collect max, collect count.",
        "Welche der passenden Zeilen zählt: unique (so ist es sonst), first, any, priority, rule order, output order, collect, "
        "collect sum, collect min, collect max, collect count."), "hit: first"),
    Key("table", Either((Leaf("text"), Some(Named(_RULE, both("column", "Spalte")), alone=False))), both(
        "The table as text: the first line names the inputs and, after =>, the results.",
        "Die Tabelle als Text: die erste Zeile nennt die Eingänge und, nach =>, die Ergebnisse."),
        "table: |\n  | area  | => fee |\n  | < 100 | 250    |\n  | -     | 400    |"),
    Key("rows", Some(Named(_RULE, both("column", "Spalte")), alone=False), both("The table as a list of rows.",
        "Die Tabelle als Liste von Zeilen."), 'rows: [{kind: new, "=>": 250}, {"=>": 100}]'),
    Key("file", Leaf("text"), both("A CSV or XLSX file in the folder that holds the table.",
        "Eine CSV- oder XLSX-Datei im Ordner, in der die Tabelle steht."), "file: fees.csv"),
    Key("rule", _RULE, both("One rule instead of a table.", "Eine Regel statt einer Tabelle."),
        "rule: 250 + 2.50 * area"),
    Key("default", Either((_RULE, Named(_RULE, both("output", "Ergebnis")))), both("The result where no row matches.",
        "Das Ergebnis, wenn keine Zeile passt."), "default: 0"),
))  # fmt: skip

MESSAGE = Group("message", both("a message", "einer Nachricht"), (
    Key("message", _NAME, both("A text that is sent to people.", "Ein Text, der verschickt wird."),
        "message: documents_missing", required=True),
    Key("of", _NAME, both("The entity it is about; follows from the workflow that sends it.",
        "Die Entität, um die es geht; ergibt sich aus dem Workflow, der sie verschickt."), "of: permit"),
    Key("to_field", _NAME, both("The field of the receiver's record with the address; that of the user where it is left out.",
        "Das Feld mit der Adresse im Datensatz des Empfängers; die des Zugangs, wenn es fehlt."), "to_field: email"),
    Key("subject", _PEOPLE, both("The subject; `{rule}` puts a value in.", "Der Betreff; `{Regel}` setzt einen Wert ein."),
        'subject: {en: "Your application {number}", de: "Ihr Antrag {number}"}', required=True),
    Key("body", _PEOPLE, both("The text; `{rule}` puts a value in, `{comment}` the comment of the transition.",
        "Der Text; `{Regel}` setzt einen Wert ein, `{comment}` die Bemerkung des Übergangs."),
        'body: {en: "Documents are missing: {comment}", de: "Es fehlen Unterlagen: {comment}"}', required=True),
))  # fmt: skip

USER = Group("person", both("a person", "einer Person"), (
    Key("name", _PEOPLE, both("The name that others see. Follows from the sign-in name where it is left out.",
        "Der Name, den andere sehen. Folgt aus dem Anmeldenamen, wenn er fehlt."), "name: Anna Berg"),
    Key("roles", _NAMES, both("The roles.", "Die Rollen."), "roles: [clerk]", required=True),
))  # fmt: skip

DEMO = Group("demo", both("demo data", "den Demodaten"), (
    Key("demo", _NAME, both("A name for the demo data.", "Ein Name für die Demodaten."), "demo: office", required=True),
    Key("users", Named(Either((_NAMES, USER)), both("sign-in name", "Anmeldename")), both(
        "People who can sign in, with their roles.", "Wer sich anmelden kann, mit Rollen."),
        "users: {hanna: {name: Hanna Roth, roles: head}, carl: [clerk]}"),
    Key("counts", Named(Leaf("integer", least=0), both("entity", "Entität")), both(
        "How many records of each, in proportion to each other.", "Wie viele Datensätze von jeder, im Verhältnis zueinander."),
        "counts: {person: 200, permit: 100}"),
    Key("values", Named(Named(Some(_RULE), both("field", "Feld")), both("entity", "Entität")), both(
        "Values to draw from, as people type them; for a user, sign-in names; for a date also `in 10 to 30 days` or "
        "`5 to 90 days ago`; `= field` takes that of another field.",
        "Werte zur Auswahl, wie man sie eintippt; für einen Benutzer Anmeldenamen; für ein Datum auch `in 10 to 30 days` "
        "oder `5 to 90 days ago`; `= feld` nimmt den eines anderen Feldes."),
        "values: {plot: {district: [Hofheim, Kelkheim]}}"),
    Key("samples", Named(Some(Named(Some(_RULE), both("field", "Feld"))), both("entity", "Entität")), both(
        "Values that belong together: the first record takes the first, and so on; after the last, any.",
        "Werte, die zusammengehören: Der erste Datensatz nimmt die ersten, und so weiter; nach den letzten irgendwelche."),
        "samples: {permit: [{kind: new, storeys: 2}, {kind: demolition, storeys: 1}]}"),
    Key("comments", Named(Some(Leaf("text")), both("transition", "Übergang")), both(
        "What is said where a transition requires a comment.", "Was bemerkt wird, wo ein Übergang eine Bemerkung verlangt."),
        "comments: {refuse: [The distance to the border is too small.]}"),
))  # fmt: skip

DOCUMENTS: Mapping[str, Group] = MappingProxyType(
    {group.name: group for group in (APP, ROLES, ENTITY, RELATION, WORKFLOW, DECISION, MESSAGE, DOCUMENT, AUTOMATION, SCENARIO, DEMO)}
)
"""Every document by its word."""


def groups() -> Iterator[Group]:
    """Yield all maps with fixed keys, each once, documents first."""
    seen: dict[int, Group] = {}
    for document in DOCUMENTS.values():
        _inner(document, seen)
    for kind in KINDS.values():
        for key in kind.keys:
            _inner(key.shape, seen)
    yield from seen.values()


def _inner(shape: Shape, seen: dict[int, Group]) -> None:
    if isinstance(shape, Group):
        if id(shape) not in seen:
            seen[id(shape)] = shape
            for key in shape.keys:
                _inner(key.shape, seen)
    elif isinstance(shape, Some | Named):
        _inner(shape.of, seen)
    elif isinstance(shape, Either):
        for one in shape.shapes:
            _inner(one, seen)


def homes(key: str) -> Text | None:
    """Return where a key belongs, for one that was written in the wrong place."""
    found = [group.title for group in groups() if group.get(key) is not None]
    if any(one.name == key for one in COMMON):
        found.append(both("a field", "einem Feld"))
    if not found:
        return None
    return both(" or ".join(one["en"] for one in found[:3]), " oder ".join(one["de"] for one in found[:3]))
