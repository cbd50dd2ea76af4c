"""Problems with scenarios as they are written; what a scenario finds out when it runs is said by ``engine.trial``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fachwerk.problems import Code, Text
from fachwerk.schemas.wording import both

_HEAD = "scenario: a plot limits the storeys\n"
_GIVEN = "given:\n  anna:  {user: [applicant]}\n  hill:  {plot: {district: Hofheim}}\n  house: {permit: {plot: hill}}\n"


def _steps(*steps: str) -> str:
    return _HEAD + _GIVEN + "steps:\n" + "".join(f"  - {step}\n" for step in steps)


_GOOD = _steps("{as: anna, do: submit house, expect: {house: {state: submitted}}}")

VALUE = Code(
    "scenario-value",
    both("`{field}` cannot have the value `{value}`", "`{field}` kann den Wert `{value}` nicht haben"),
    label=both("{reason}", "{reason}"),
    what=both("A value in a scenario that the field can never hold.", "Ein Wert in einem Szenario, den das Feld nie haben kann."),
    why=both("What is given could not be made, and what is expected would never be so.",
             "Was gegeben ist, ließe sich nicht anlegen; was erwartet wird, träte nie ein."),
    wrong=_steps("{as: anna, update: {house: {storeys: many}}}"),
    right=_steps("{as: anna, update: {house: {storeys: 3}}}"),
)  # fmt: skip
NOT_WRITTEN = Code(
    "scenario-not-entered",
    both("`{field}` is never entered: its value follows from other things", "`{field}` wird nie eingegeben: Der Wert ergibt sich"),
    remedy=both("state it under `expect`; a state is reached by steps", "unter `expect` angeben; ein Zustand wird durch Schritte erreicht"),
    what=both("A computed field, a number given by the system, or a state, as if it had been entered.",
              "Ein berechnetes Feld, eine vergebene Nummer oder ein Zustand, als wäre es eingegeben."),
    why=both("Nobody can enter it, so the scenario would show something that cannot happen.",
             "Niemand kann es eingeben; das Szenario zeigte etwas, das nicht vorkommt."),
    wrong=_HEAD + "given:\n  house: {permit: {state: submitted}}\nsteps:\n  - {expect: {house: {state: submitted}}}\n",
    right=_GOOD,
)  # fmt: skip
CIRCLE = Code(
    "scenario-circle",
    both("these records need each other before they can be made: {names}", "diese Datensätze brauchen einander, bevor es sie geben kann: {names}"),
    remedy=both("leave one of the links out, and enter it in a step", "einen der Verweise weglassen und in einem Schritt eintragen"),
    what=both("Given records that link to each other in a circle.", "Gegebene Datensätze, die im Kreis aufeinander verweisen."),
    why=both("There is no order in which they can be made.", "Es gibt keine Reihenfolge, in der sie entstehen können."),
    wrong=_HEAD + "given:\n  one: {unit: {parent: two}}\n  two: {unit: {parent: one}}\nsteps:\n  - {expect: {one: {name: a}}}\n",
    right=_HEAD + "given:\n  one: {unit: {}}\n  two: {unit: {parent: one}}\nsteps:\n  - {expect: {one: {name: a}}}\n",
)  # fmt: skip
NO_PERSON = Code(
    "scenario-no-person",
    both("`{name}` is nobody who can act", "`{name}` ist niemand, der handeln kann"),
    remedy=both("say which roles: {name}: {{user: [role]}}", "sagen, mit welchen Rollen: {name}: {{user: [rolle]}}"),
    what=both("A step of a record that has no user.", "Ein Schritt von einem Datensatz, zu dem es keinen Zugang gibt."),
    why=both("Only people with roles can do something.", "Nur Personen mit Rollen können etwas tun."),
    wrong=_steps("{as: hill, do: submit house}"),
    right=_GOOD,
)  # fmt: skip
OTHER_ENTITY = Code(
    "scenario-other-entity",
    both("`{name}` is of the entity {is_}; here {wanted} is needed", "`{name}` gehört zur Entität {is_}; hier wird {wanted} gebraucht"),
    what=both("A record of another entity than the field, or the step, is about.",
              "Ein Datensatz einer anderen Entität als der, um die es hier geht."),
    why=both("It could not be linked, nor be done.", "Er ließe sich nicht verknüpfen, der Schritt nicht tun."),
    wrong=_HEAD + "given:\n  hill: {plot: {}}\n  house: {permit: {applicant: hill}}\nsteps:\n  - {expect: {house: {state: draft}}}\n",
    right=_GOOD,
)  # fmt: skip
STEP_TEXT = Code(
    "scenario-step",
    both("`{said}` does not say what is done with which record", "`{said}` sagt nicht, was mit welchem Datensatz geschieht"),
    remedy=both("two words: `{key}: {example}`", "zwei Wörter: `{key}: {example}`"),
    what=both("A step that is not a word of the workflow and a record.", "Ein Schritt, der nicht aus einem Wort des Workflows und einem Datensatz besteht."),
    why=both("What is to be done cannot be told.", "Was getan werden soll, lässt sich nicht sagen."),
    wrong=_steps("{as: anna, do: submit}"),
    right=_GOOD,
)  # fmt: skip
TWO_THINGS = Code(
    "scenario-two-things",
    both("a step does one thing, and this one does `{first}` and `{second}`", "ein Schritt tut eines, und dieser tut `{first}` und `{second}`"),
    remedy=both("make two steps of it", "zwei Schritte daraus machen"),
    what=both("A step with two things to do.", "Ein Schritt, der zweierlei tut."),
    why=both("What comes first would be unclear, and what an expectation is about.",
             "Was zuerst kommt, wäre unklar, und worauf sich eine Erwartung bezieht."),
    wrong=_steps("{as: anna, do: submit house, later: 3 weeks}"),
    right=_steps("{as: anna, do: submit house}", "{later: 3 weeks}"),
)  # fmt: skip
NOTHING = Code(
    "scenario-nothing",
    both("this step does nothing and expects nothing", "dieser Schritt tut nichts und erwartet nichts"),
    remedy=both("say what is done (`do`, `create`, `later`, ...) or expected (`expect`, `finds`, ...)",
                "sagen, was getan (`do`, `create`, `later`, ...) oder erwartet wird (`expect`, `finds`, ...)"),
    what=both("A step without any effect.", "Ein Schritt ohne jede Wirkung."),
    why=both("It would pass whatever happens.", "Er ginge immer gut, was auch geschieht."),
    wrong=_steps("{as: anna}"),
    right=_GOOD,
)  # fmt: skip
NOBODY = Code(
    "scenario-nobody",
    both("`{key}` needs somebody: who is it?", "`{key}` braucht jemanden: Wer ist es?"),
    remedy=both("say who: as: {who}", "sagen, wer: as: {who}"),
    what=both("A step that somebody must do, without `as`.", "Ein Schritt, den jemand tun muss, ohne `as`."),
    why=both("Whether it is possible depends on who does it.", "Ob er möglich ist, hängt davon ab, wer ihn tut."),
    wrong=_steps("{do: submit house}"),
    right=_GOOD,
)  # fmt: skip
BESIDE = Code(
    "scenario-beside",
    both("`{key}` has no meaning in this step: it goes with {wanted}", "`{key}` hat in diesem Schritt keinen Sinn: es gehört zu {wanted}"),
    what=both("A key of a step without the one that it belongs to.", "Ein Schlüssel eines Schritts ohne den, zu dem er gehört."),
    why=both("It would have no effect, and nothing is ignored.", "Er bliebe ohne Wirkung, und nichts wird übergangen."),
    wrong=_steps("{as: anna, update: {house: {storeys: 2}}, comment: smaller}"),
    right=_steps("{as: anna, update: {house: {storeys: 2}}}"),
)  # fmt: skip
NO_DAY = Code(
    "scenario-day",
    both("`{said}` is no day", "`{said}` ist kein Tag"),
    remedy=both("such as 2026-03-02, or 2026-03-02 14:30", "zum Beispiel 2026-03-02, oder 2026-03-02 14:30"),
    what=both("A beginning that is no day of the calendar.", "Ein Beginn, der kein Tag des Kalenders ist."),
    why=both("The clock of the scenario could not be set.", "Die Uhr des Szenarios ließe sich nicht stellen."),
    wrong=_HEAD + "today: monday\n" + _GIVEN + "steps:\n  - {expect: {house: {state: draft}}}\n",
    right=_HEAD + "today: 2026-03-02\n" + _GIVEN + "steps:\n  - {expect: {house: {state: draft}}}\n",
)  # fmt: skip
NO_CODE = Code(
    "scenario-refusal",
    both("there is no reason `{said}` for a refusal", "einen Ablehnungsgrund `{said}` gibt es nicht"),
    label=both("known: {known}", "bekannt: {known}"),
    what=both("A word that looks like a reason, and is none.", "Ein Wort, das wie ein Grund aussieht und keiner ist."),
    why=both("It would be looked for in the message, where it never stands.", "Es würde in der Meldung gesucht, wo es nie steht."),
    wrong=_steps("{as: anna, do: submit house, refused: for_eyes}"),
    right=_steps("{as: anna, do: submit house, refused: four_eyes}"),
)  # fmt: skip

BESIDE_WITH: Mapping[str, Text] = MappingProxyType({
    "comment": both("the comment stands beside `with`: `comment: ...`", "der Kommentar steht neben `with`: `comment: ...`"),
})  # fmt: skip
"""What to write instead of what is no field of a form."""
WHATEVER = both("for whatever reason it is refused: `refused: true`", "aus welchem Grund auch immer: `refused: true`")
A_ROLE = both("`{name}` is a role: say who of `given` has it", "`{name}` ist eine Rolle: sagen, wer aus `given` sie hat")


def turned(step: str, record: str) -> Text:
    """Return what to write where the record stands before the step."""
    return both(f"the step comes first: `{step} {record}`", f"der Schritt steht zuerst: `{step} {record}`")


def no_opinion(step: str, record: str) -> Text:
    """Return what to write where a step of a workflow stands in place of an opinion."""
    return both(f"that is no opinion but a step, which one person takes: `do: {step} {record}`",
                f"das ist keine Stellungnahme, sondern ein Schritt, den eine Person tut: `do: {step} {record}`")  # fmt: skip


def unnamed(entity: str, name: str) -> Text:
    """Return what to write where a step made a record and gave it no name."""
    return both(f"give the `{entity}` that a step before makes this name: `name: {name}` beside `create`",
                f"dem Datensatz von `{entity}`, den ein Schritt davor anlegt, diesen Namen geben: `name: {name}` neben `create`")  # fmt: skip


def held_by(person: str, role: str) -> Text:
    """Return what to write where somebody is to have a role."""
    shown = f"`{person}: {{{{user: [{role}]}}}}`"
    return both(f"roles stand in a list at `user`: {shown}", f"Rollen stehen als Liste bei `user`: {shown}")


def of_record(record: str, field: str) -> Text:
    """Return what to write where a field stands in place of its record."""
    shown = f"`{{{{{record}: {{{{{field}: ...}}}}}}}}`"  # filled in like a message: braces are doubled
    return both(f"that is a field: say of which record, such as {shown}",
                f"das ist ein Feld: sagen, von welchem Datensatz, etwa {shown}")  # fmt: skip


def a_record(person: str, entity: str) -> Text:
    """Return what to write where the record of somebody is meant who has none."""
    shown = f"`{person}: {{{{user: [...], {entity}: {{{{...}}}}}}}}`"
    return both(f"give the person a record as well, such as {shown}",
                f"der Person auch einen Datensatz geben, etwa {shown}")  # fmt: skip


CODES = (VALUE, NOT_WRITTEN, CIRCLE, NO_PERSON, OTHER_ENTITY, STEP_TEXT, TWO_THINGS, NOTHING, NOBODY, BESIDE, NO_DAY, NO_CODE)
