"""The part of the language in which people test their own rules."""

from __future__ import annotations

from fachwerk.schemas.shapes import Either, Group, Key, Leaf, Named, Some
from fachwerk.schemas.wording import both

_NAME = Leaf("name")
_NAMES = Some(_NAME)
_TEXT = Leaf("text")
_VALUE = Leaf("value")
_FIELD = both("field", "Feld")
_RECORD = both("record", "Datensatz")
_VALUES = Named(_VALUE, _FIELD, "{key}: {field: value}")
_OF_RECORD = Named(_VALUE, _FIELD, "house: {storeys: 2}")
_FIELDS = Named(_NAMES, _RECORD)
_EXAMPLE = "steps: [{as: anna, "

SENT = Group("sent", both("what is sent", "dem, was verschickt wird"), (
    Key("to", Leaf("word"), both("To whom: a person of the scenario, or an address.",
        "An wen: eine Person des Szenarios oder eine Adresse."), "sent: [{to: anna, message: granted}]"),
    Key("message", _NAME, both("The message.", "Die Nachricht."), "message: granted"),
    Key("says", _TEXT, both("A part of its subject or text, in any language.", "Ein Teil ihres Betreffs oder Textes, gleich in welcher Sprache."),
        "says: Your permit"),
    Key("webhook", _NAME, both("The webhook that is called.", "Der Webhook, der aufgerufen wird."),
        "sent: [{webhook: land_register}]"),
), "sent: [{to: anna, message: {words}}]")  # fmt: skip

ABSENCE = Group("absence", both("an absence", "einer Abwesenheit"), (
    Key("deputy", _NAME, both("Who acts in their place.", "Wer sie vertritt."), "absent: {carl: {deputy: dora}}", required=True),
    Key("until", Leaf("word"), both("The last day; two weeks from then where it is left out.",
        "Der letzte Tag; zwei Wochen, wenn nichts gesagt ist."), "until: 2026-03-20"),
))  # fmt: skip

_ONE = "{key}: {user: [{words}]} / {key}: {permit: {kind: new}}"
GIVEN = Named(Named(_VALUE, both("`user` or entity", "`user` oder Entität"), _ONE), both("name", "Name"))

STEP = Group("step", both("a step of a scenario", "einem Schritt eines Szenarios"), (
    Key("as", _NAME, both("Who does it, or looks.", "Wer es tut oder nachsieht."), _EXAMPLE + "do: submit house}]"),
    Key("for", _NAME, both("In whose place, as the deputy of somebody who is absent.", "An wessen Stelle, als Vertretung von jemandem, der abwesend ist."),
        _EXAMPLE.replace("anna", "dora") + "for: carl, do: approve house}]"),
    Key("do", _TEXT, both("A step of a workflow and the record: `submit house`. An opinion by its outcome (`approve house`), or by part and "
        "outcome (`fire.approve house`). A deadline is let rest by `decide.pause house`, goes on by `decide.resume house`.",
        "Ein Schritt eines Workflows und der Datensatz: `submit house`. Eine Stellungnahme mit ihrem Ergebnis (`approve house`), oder mit Teil "
        "und Ergebnis (`fire.approve house`). Eine Frist ruht mit `decide.pause house` und läuft weiter mit `decide.resume house`."), "do: submit house"),
    Key("everyone", _TEXT, both("All opinions that are missing, given by whoever may; where nobody of the scenario may, by somebody with the "
        "right role.",
        "Alle Stellungnahmen, die fehlen, von wem auch immer; wo niemand aus dem Szenario darf, von jemandem mit der passenden Rolle."),
        "everyone: approve house"),
    Key("create", Named(_VALUES, both("entity", "Entität"), "create: {{words}: {field: value}}"), both("Makes a record; `name` is what the scenario calls it.",
        "Legt einen Datensatz an; `name` ist sein Name im Szenario."), _EXAMPLE + "create: {permit: {plot: hill}}, name: garage}]"),
    Key("name", _NAME, both("The name of the new record.", "Der Name des neuen Datensatzes."), "name: garage"),
    Key("update", Named(_OF_RECORD, _RECORD), both("Changes fields of a record.", "Ändert Felder eines Datensatzes."),
        "update: {house: {storeys: 2}}"),
    Key("remove", _NAME, both("Removes a record.", "Entfernt einen Datensatz."), "remove: house"),
    Key("later", Leaf("period"), both("Lets time pass; what becomes due happens at its moment.",
        "Lässt Zeit vergehen; was fällig wird, geschieht zu seiner Zeit."), "later: 3 weeks"),
    Key("absent", Named(ABSENCE, both("person", "Person")), both("From now on somebody is absent and has a deputy.",
        "Von jetzt an ist jemand abwesend und wird vertreten."), "absent: {carl: {deputy: dora, until: 2026-03-20}}"),
    Key("about", _NAME, both("The record that an opinion is about, where the workflow asks for one on each of several.",
        "Der Datensatz, um den es in einer Stellungnahme geht, wo es je Datensatz eine gibt."), "about: water_office"),
    Key("by", Leaf("period"), both("By how much a deadline is extended (`do: decide.extend house`).",
        "Um wie viel eine Frist verlängert wird (`do: decide.extend house`)."), "by: 2 weeks"),
    Key("with", _VALUES, both("Values that are entered with the step of the workflow.", "Werte, die mit dem Schritt des Workflows eingegeben werden."),
        "with: {internal_note: seen}"),
    Key("comment", _TEXT, both("What is remarked.", "Was dazu bemerkt wird."), "comment: The plan is missing."),
    Key("refused", Either((_TEXT, Named(_TEXT, _FIELD))), both(
        "That it is refused: `true`, the reason (`four_eyes`, `not_allowed`, `guard`, ...), a part of the message, or by field a part of its "
        "message.",
        "Dass es abgelehnt wird: `true`, der Grund (`four_eyes`, `not_allowed`, `guard`, ...), ein Teil der Meldung, oder je Feld ein Teil "
        "seiner Meldung."), "refused: four_eyes"),
    Key("made", Named(_NAME, both("name", "Name")), both("Gives a name to the record of an entity that came about with this step.",
        "Gibt dem Datensatz einer Entität, der mit diesem Schritt entstanden ist, einen Namen."), "made: {follow_up: task}"),
    Key("expect", Named(_OF_RECORD, _RECORD), both("Values of fields; nothing after the colon means empty.",
        "Werte von Feldern; nichts nach dem Doppelpunkt heißt leer."), "expect: {house: {state: submitted, fee: 350}}"),
    Key("sees", _FIELDS, both("Fields that whoever looks sees of a record.", "Felder, die man von einem Datensatz sieht."), "sees: {house: [fee]}"),
    Key("hides", _FIELDS, both("Fields that whoever looks does not see of a record that they may read.",
        "Felder, die man von einem Datensatz, den man lesen darf, nicht sieht."), "hides: {house: [internal_note]}"),
    Key("finds", Named(_NAMES, both("entity", "Entität")), both("The records that whoever looks finds of an entity: exactly these.",
        "Die Datensätze einer Entität, die man findet: genau diese."), "finds: {permit: [house]}"),
    Key("inbox", _NAMES, both("The records that wait for whoever looks: exactly these.", "Die Datensätze, die auf einen warten: genau diese."),
        "inbox: [house]"),
    Key("can", Some(_TEXT), both("What is possible: a step of a workflow, or read, update or delete, and the record; or create and an entity.",
        "Was möglich ist: ein Schritt eines Workflows, oder read, update oder delete, und der Datensatz; oder create und eine Entität."),
        "can: [grant house, create permit]"),
    Key("cannot", Some(_TEXT), both("What is not possible.", "Was nicht möglich ist."), "cannot: grant house"),
    Key("sent", Some(SENT), both("What is sent with this step, among other things; `[]`: nothing at all.",
        "Was mit diesem Schritt unter anderem verschickt wird; `[]`: gar nichts."), "sent: [{to: anna, message: granted, says: house}]"),
), "- {as: anna, do: submit house}")  # fmt: skip

SCENARIO = Group("scenario", both("a scenario", "einem Szenario"), (
    Key("scenario", _TEXT, both("What is to be so, as a sentence; `fachwerk test` tries it.",
        "Was gelten soll, als Satz; `fachwerk test` probiert es."), "scenario: nobody decides on a review that they started", required=True),
    Key("today", Leaf("word"), both("The day, or day and time, on which it begins: else Monday 2 March 2026, 9:00.",
        "Der Tag, oder Tag und Uhrzeit, an dem es beginnt: sonst Montag, der 2. März 2026, 9:00."), "today: 2026-03-02"),
    Key("given", GIVEN, both("People and records that are there, in any order, by the names that the scenario gives them.",
        "Personen und Datensätze, die da sind, in beliebiger Folge, mit Namen für dieses Szenario."),
        "given:\n  anna: {user: [applicant], person: {family_name: Berg}}\n  house: {permit: {applicant: anna, kind: new}}"),
    Key("steps", Some(STEP, alone=False), both("What is done, and what is expected then.", "Was getan wird, und was dann erwartet wird."),
        "steps:\n  - {as: anna, do: submit house, expect: {house: {state: submitted}}}", required=True),
))  # fmt: skip
