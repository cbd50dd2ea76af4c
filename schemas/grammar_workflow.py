"""The part of the language that declares workflows."""

from __future__ import annotations

from fachwerk.schemas.kinds.declare import COLORS
from fachwerk.schemas.shapes import Either, Group, Key, Leaf, Named, Some
from fachwerk.schemas.wording import both

_NAME = Leaf("name")
_NAMES = Some(_NAME)
_PEOPLE = Leaf("people")
_TRUTH = Leaf("boolean")
_COLOR = Key("color", Leaf("word", COLORS), both("Its colour.", "Die Farbe."), "color: green")


def _label(example: str) -> Key:
    return Key("label", _PEOPLE, both("What people read. Follows from the name where it is left out.",
               "Was man liest. Ergibt sich aus dem Namen, wenn es fehlt."), example)  # fmt: skip


_BY = both("Who may: roles, or paths of the record that lead to a person (such as `applicant`); a path goes before a role "
           "of the same name.",
           "Wer darf: Rollen, oder Pfade des Datensatzes, die zu einer Person führen (wie `applicant`); ein Pfad geht vor "
           "einer gleichnamigen Rolle.")  # fmt: skip

EFFECT = Group("effect", both("an effect", "einer Wirkung"), (
    Key("notify", Some(Leaf("word")), both("Who gets a message: roles or paths that lead to a person.",
        "Wer eine Nachricht bekommt: Rollen oder Pfade, die zu einer Person führen."),
        "do: [{notify: applicant, with: granted}]"),
    Key("with", _NAME, both("The message.", "Die Nachricht."), "with: granted"),
    Key("attach", Some(_NAME), both("Documents that go with the mail.", "Dokumente, die mit der Mail gehen."), "attach: permit_letter"),
    Key("document", _NAME, both("A document that is made and kept with the record.", "Ein Dokument, das entsteht und beim Datensatz bleibt."),
        "do: [{document: permit_letter, into: letters, as: pdf}]"),
    Key("into", _NAME, both("The field that keeps it; it is made if there is none of that name. Named like the document where it is left out.",
        "Das Feld, das es aufnimmt; es entsteht, wenn es keines des Namens gibt. Heißt wie das Dokument, wenn es fehlt."), "into: letters"),
    Key("as", Leaf("word", ("pdf", "docx")), both("As what; a document with a Word file is always docx.",
        "Als was; ein Dokument mit Word-Datei ist immer docx."), "as: docx"),
    Key("mark", _NAME, both("A yes/no field that is set to yes; it is made if there is none of that name.",
        "Ein Ja/Nein-Feld, das auf ja gesetzt wird; es entsteht, wenn es keines des Namens gibt."),
        "missed: [{mark: overdue}]"),
    Key("set", Named(Leaf("rule"), both("field", "Feld")), both("Fields of the record that get a value; a rule may ask a decision.",
        "Felder des Datensatzes, die einen Wert bekommen; eine Regel kann eine Entscheidung fragen."),
        "do: [{set: {fee: fee(kind, floor_area)}}]"),
    Key("create", _NAME, both("The entity of which a record is made.", "Die Entität, von der ein Datensatz entsteht."),
        "do: [{create: task, values: {title: number, permit: this}}]"),
    Key("change", Leaf("rule"), both("A path to the records that are changed.", "Ein Pfad zu den Datensätzen, die geändert werden."),
        "do: [{change: plot, values: {built: true}}]"),
    Key("step", _NAME, both("A transition that other records take; their conditions hold for it as for everybody.",
        "Ein Übergang, den andere Datensätze nehmen; ihre Bedingungen gelten dabei wie für alle."),
        "do: [{step: cancel, of: inspections}]"),
    Key("of", Leaf("rule"), both("A path to the records that take the step.", "Ein Pfad zu den Datensätzen, die den Schritt nehmen."),
        "do: [{step: cancel, of: inspections}]"),
    Key("values", Named(Leaf("rule"), both("field", "Feld")), both("The values of the record made or changed; `this` is the record that this is about.",
        "Die Werte des Datensatzes, der entsteht oder sich ändert; `this` ist der Datensatz, um den es geht."), "values: {permit: this}"),
    Key("webhook", _NAME, both("Whom to tell over HTTP; the operator sets the address: FACHWERK_HOOK_NAME.",
        "Wem es per HTTP gesagt wird; die Adresse setzt der Betrieb: FACHWERK_HOOK_NAME."),
        "do: [{webhook: land_register, send: {number: number}}]"),
    Key("send", Named(Leaf("rule"), both("name", "Name")), both("What is sent besides entity, id and version of the record.",
        "Was außer Entität, id und Version des Datensatzes verschickt wird."), "send: {number: number, fee: fee}"),
))  # fmt: skip

OUTCOME = Group("outcome", both("an outcome", "einem Ergebnis"), (
    _label("label: {en: With conditions, de: Mit Auflagen}"),
    _COLOR,
))  # fmt: skip

_NOT_BY = both("Four eyes: not whoever did these transitions or decided these parts, or `creator`: who created the record.",
    "Vier Augen: nicht, wer diese Übergänge ausgeführt oder diese Teile entschieden hat; `creator`: wer den Datensatz angelegt hat.")

PART = Group("part", both("a part of a parallel state", "einem Teil eines parallelen Zustands"), (
    _label("label: {en: Fire protection, de: Brandschutz}"),
    Key("by", Some(Leaf("word")), _BY, "by: fire_officer", required=True),
    Key("outcomes", Either((Some(_NAME, alone=False), Named(Either((_PEOPLE, OUTCOME)), both("outcome", "Ergebnis")))), both(
        "What can be the outcome; approve and object where it is left out.",
        "Was herauskommen kann; approve und object, wenn es fehlt."), "outcomes: [approve, object]"),
    Key("each", Leaf("rule"), both("Records that have one opinion each: a path or a filter, kept when the state is entered. "
        "`by` can begin with `each`: `by: each.officer`.",
        "Datensätze mit je einer Stellungnahme: ein Pfad oder Filter; festgehalten, wenn der Zustand betreten wird. "
        "`by` kann mit `each` beginnen: `by: each.officer`."), "each: plot.affected_offices"),
    Key("needs", Leaf("integer", ("all", "majority"), least=1), both(
        "How many different people must say something (1 where it is left out), or of how many records with `each` (all where it is "
        "left out). `all` and `majority` count those who may when the state is entered.",
        "Wie viele verschiedene Personen sich äußern müssen (1, wenn es fehlt), mit `each`: zu wie vielen Datensätzen (zu allen, "
        "wenn es fehlt). `all` und `majority` zählen, wer es darf, wenn der Zustand betreten wird."), "needs: 3"),
    Key("within", Leaf("period"), both(
        "How long it may take, counted from when the state is entered; with `after` from when its turn comes.",
        "Wie lange es dauern darf, gezählt ab dem Betreten des Zustands; mit `after` ab dem Augenblick, in dem er an der Reihe ist."),
        "within: 4 weeks"),
    Key("after", _NAMES, both("In order: parts that must have their outcome before this one can be given.",
        "Der Reihe nach: Teile, die ihr Ergebnis haben müssen, bevor dieser an der Reihe ist."), "after: [structure]"),
    Key("not_by", _NAMES, _NOT_BY, "not_by: [start_review, structure]"),
    Key("was", _NAME, both("The name it had before: what was said stays, and its time limit goes on.",
        "Wie er vorher hieß: was gesagt wurde, bleibt, und seine Frist läuft weiter."), "was: fire"),
))  # fmt: skip

STATE = Group("state", both("a state", "einem Zustand"), (
    _label("label: {en: In review, de: In Prüfung}"),
    Key("initial", _TRUTH, both("The state of a new record.", "Der Zustand eines neuen Datensatzes."), "initial: true"),
    Key("final", _TRUTH, both("The case ends here.", "Der Vorgang endet hier."), "final: true"),
    _COLOR,
    Key("parallel", Named(PART, both("part", "Teil")), both("Several opinions at once; the state is complete when all are in.",
        "Mehrere Stellungnahmen zugleich; der Zustand ist vollständig, wenn alle da sind."),
        "parallel: {fire: {by: fire_officer}}"),
    Key("needs", Leaf("integer"), both("A quorum: with so many outcomes the state is complete; with all where it is left out.",
        "Ein Quorum: mit so vielen Ergebnissen ist der Zustand vollständig; mit allen, wenn es fehlt."), "needs: 2"),
    Key("waits_for", Leaf("rule"), both("Sub-cases: a path to records with a workflow; the state is complete once each has come to an end.",
        "Teilvorgänge: ein Pfad zu Datensätzen mit Workflow; der Zustand ist vollständig, wenn jeder zu Ende ist."),
        "waits_for: inspections"),
    Key("editable", _NAMES, both("The only fields that can be changed in this state.",
        "Die einzigen Felder, die in diesem Zustand geändert werden können."), "editable: [internal_note]"),
    Key("read_only", _NAMES, both("Fields that cannot be changed in this state.",
        "Felder, die in diesem Zustand nicht geändert werden können."), "read_only: [plot]"),
    Key("required", _NAMES, both("Fields that must have a value in this state.",
        "Felder, die in diesem Zustand einen Wert haben müssen."), "required: [plot]"),
))  # fmt: skip

TRANSITION = Group("transition", both("a transition", "einem Übergang"), (
    _label("label: {en: Submit, de: Einreichen}"),
    Key("from", _NAMES, both("The states it leads out of.", "Die Zustände, aus denen er führt."), "from: [draft, submitted]",
        required=True),
    Key("to", _NAME, both("The state it leads to.", "Der Zustand, in den er führt."), "to: submitted", required=True),
    Key("by", Some(Leaf("word")), both(_BY["en"] + " Without `by` it happens by itself as soon as `when` holds.",
        _BY["de"] + " Ohne `by` geschieht er von selbst, sobald `when` gilt."), "by: clerk"),
    Key("not_by", _NAMES, _NOT_BY, "not_by: start_review"),
    Key("when", Leaf("switch"), both("What must hold; `complete` means that all opinions are in.",
        "Was gelten muss; `complete` heißt, dass alle Stellungnahmen da sind."), "when: complete"),
    Key("require", _NAMES, both("Fields that must have a value.", "Felder, die einen Wert haben müssen."),
        "require: [floor_area, documents]"),
    Key("fill", _NAMES, both("Fields that the small form of the button offers.",
        "Felder, die das kleine Formular des Knopfes anbietet."), "fill: [internal_note]"),
    Key("comment", Leaf("word", ("required", "optional", "none")), both("Whether a comment is asked for.",
        "Ob nach einer Bemerkung gefragt wird."), "comment: required"),
    Key("set", Named(Leaf("rule"), both("field", "Feld")), both("Fields that get a value; one that does not exist is made.",
        "Felder, die einen Wert bekommen; eines, das es nicht gibt, entsteht."), "set: {submitted: today()}"),
    Key("do", Some(EFFECT), both("What is done besides.", "Was außerdem geschieht."),
        "do: [{notify: applicant, with: granted}]"),
    Key("confirm", _PEOPLE, both("A question that must be answered with yes.", "Eine Frage, die mit Ja beantwortet werden muss."),
        "confirm: {en: Really withdraw?, de: Wirklich zurückziehen?}"),
    _COLOR,
    Key("was", _NAME, both("The name it had before: four eyes hold for whoever did it under that name, too.",
        "Wie er vorher hieß: vier Augen gelten auch für den, der ihn unter diesem Namen ausgeführt hat."), "was: submit"),
))  # fmt: skip

WARN = Group("warning", both("a warning", "einer Warnung"), (
    Key("before", Leaf("period"), both("How long before the end.", "Wie lange vor dem Ende."), "before: 3 days", required=True),
    Key("do", Some(EFFECT), both("What is done then; without it those who could act are told.",
        "Was dann geschieht; ohne das wird denen Bescheid gesagt, die handeln können."),
        "do: [{notify: head, with: urgent}]"),
))  # fmt: skip

PAUSE = Group("pause", both("a pause", "einer Pause"), (
    Key("by", Some(Leaf("word")), _BY, "by: clerk", required=True),
))  # fmt: skip

EXTEND = Group("extension", both("an extension", "einer Verlängerung"), (
    Key("by", Some(Leaf("word")), _BY, "by: head", required=True),
    Key("most", Leaf("period"), both("By how much altogether, at most.", "Um wie viel insgesamt höchstens."), "most: 2 months",
        required=True),
    Key("times", Leaf("integer", least=1), both("How often, at most; as often as wanted where it is left out.",
        "Wie oft höchstens; beliebig oft, wenn es fehlt."), "times: 1"),
))  # fmt: skip

DEADLINE = Group("deadline", both("a deadline", "einer Frist"), (
    _label("label: {en: Decision, de: Entscheidung}"),
    Key("runs_in", _NAMES, both("The states in which it runs.", "Die Zustände, in denen sie läuft."),
        "runs_in: [submitted, in_review]", required=True),
    Key("within", Leaf("period"), both("How long it is.", "Wie lang sie ist."), "within: 3 months", required=True),
    Key("paused_in", _NAMES, both("States in which it rests: time does not run there, and goes on afterwards with what was left.",
        "Zustände, in denen sie ruht: dort läuft keine Zeit, danach geht es mit dem Rest weiter."),
        "paused_in: waiting_for_documents"),
    Key("warn", Some(Either((Leaf("period"), WARN))), both(
        "How long before its end people are warned; several warnings, each with its own effects, if wanted.",
        "Wie lange vor ihrem Ende gewarnt wird; auf Wunsch mehrmals, jeweils mit eigenen Wirkungen."),
        "warn: [2 weeks, {before: 3 days, do: [{notify: head, with: urgent}]}]"),
    Key("then", _NAME, both("The transition that happens by itself when it is missed, whoever else may take it.",
        "Der Übergang, der von selbst geschieht, wenn sie versäumt ist, wer immer ihn sonst ausführen darf."),
        "then: lapse"),
    Key("missed", Some(EFFECT), both("What is done when it is missed.", "Was geschieht, wenn sie versäumt ist."),
        "missed: [{notify: head, with: overdue}]"),
    Key("pause", PAUSE, both("Who may let it rest and go on again, with a reason.",
        "Wer sie anhalten und wieder laufen lassen darf, mit Begründung."), "pause: {by: clerk}"),
    Key("extend", EXTEND, both("Who may extend it, with a reason, and by how much.",
        "Wer sie verlängern darf, mit Begründung, und um wie viel."), "extend: {by: head, most: 2 months, times: 1}"),
    Key("was", _NAME, both("The name it had before: those that run go on.", "Wie sie vorher hieß: laufende gehen weiter."),
        "was: decide"),
))  # fmt: skip

WORKFLOW = Group("workflow", both("a workflow", "einem Workflow"), (
    Key("workflow", _NAME, both("The way of a record from state to state.", "Der Weg eines Datensatzes von Zustand zu Zustand."),
        "workflow: review", required=True),
    Key("of", _NAME, both("The entity.", "Die Entität."), "of: permit", required=True),
    Key("field", _NAME, both("The field that holds the state; `state` where nothing is said.",
        "Das Feld mit dem Zustand; `state`, wenn nichts gesagt ist."), "field: progress"),
    _label("label: {en: Review, de: Prüfung}"),
    Key("states", Named(STATE, both("state", "Zustand")), both("The states.", "Die Zustände."),
        "states: {draft: {initial: true}, granted: {final: true}}", required=True),
    Key("transitions", Named(TRANSITION, both("transition", "Übergang")), both("The ways between them.",
        "Die Wege zwischen ihnen."), "transitions: {submit: {from: draft, to: granted, by: clerk}}", required=True),
    Key("deadlines", Named(DEADLINE, both("deadline", "Frist")), both("Time limits.", "Fristen."),
        "deadlines: {decide: {runs_in: draft, within: 3 months}}"),
    Key("cases", Leaf("word", ("keep", "move")), both(
        "What becomes of running cases when another version of the workflow is deployed: `keep`: they go on under the version that "
        "they started under, until they end; `move` (where it is left out): they move to the new one.",
        "Was aus laufenden Vorgängen wird, wenn eine andere Fassung des Workflows eingespielt wird: `keep`: sie laufen nach der "
        "Fassung weiter, unter der sie begonnen haben, bis sie enden; `move` (wenn es fehlt): sie wechseln zur neuen."),
        "cases: keep"),
    Key("was", Named(_NAME, both("former state", "früherer Zustand")), both(
        "Where running cases go whose state is gone: former state to state.",
        "Wohin laufende Vorgänge kommen, deren Zustand es nicht mehr gibt: früherer Zustand zu Zustand."),
        "was: {decided: in_review}"),
))  # fmt: skip
