"""Why cases stand still: dead ends with their reasons, and work that only somebody could do who is away."""

from __future__ import annotations

from collections.abc import Callable

from fachwerk.engine.simulation.going import MAIN, Going, Stuck
from fachwerk.engine.simulation.setting import Setting
from fachwerk.engine.values import Person
from fachwerk.problems import Refused, Text, say
from fachwerk.workflows.case import Action

_NO_WAY: Text = {"en": "No step leads on that anybody sees.", "de": "Es führt kein Schritt weiter, den jemand sieht."}
_DONE_BEFORE: Text = {
    "en": "Four eyes: whoever could do it has done an earlier step already, for themselves or as a deputy.",
    "de": "Vier Augen: Wer es könnte, hat schon einen früheren Schritt getan, für sich oder in Vertretung.",
}
_OF_PEOPLE = ("performer", "four_eyes")
_EYES = ("four_eyes", "twice")


async def reason(setting: Setting, case: Going) -> Stuck:
    """Return what stands against going on: for everybody a condition, or only that none of them may."""
    against: list[Text] = [_NO_WAY]
    missing: list[Text] = []
    eyes = False
    for person in setting.people.values():
        for action in await actions_of(setting, person, case):
            if not (case.fits(action, MAIN) or action.part):
                continue
            failed = [one for one in action.conditions if not one.holds]
            eyes = eyes or (bool(failed) and all(one.kind in _EYES for one in failed))
            failing = {one.kind in _OF_PEOPLE: one.text for one in failed}
            (against if False in failing else missing).append(failing.get(False, failing.get(True, _NO_WAY)))
    found = _DONE_BEFORE if eyes else missing[0] if missing else against[-1]
    return Stuck(eyes or bool(missing), say(found), say(found, "de"), case.sure)


async def actions_of(setting: Setting, person: Person, case: Going) -> tuple[Action, ...]:
    """Return what a person sees that could be done with a case."""
    try:
        return await setting.stage.service.actions(person, case.workflow.of, case.record)
    except Refused:
        return ()


async def barred(setting: Setting, person: Person, case: Going, fits: Callable[[Action], bool]) -> bool:
    """Whether only an earlier step of theirs keeps a person from some work: four eyes, or one voice each."""
    for action in await actions_of(setting, person, case):
        failing = {one.kind for one in action.conditions if not one.holds}
        if fits(action) and failing and failing.issubset(_EYES):
            return True
    return False
