"""What a case needs besides its steps: other values, sub-cases it waits for, records its conditions count, and time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping

from fachwerk.engine.simulation.going import Going
from fachwerk.engine.simulation.setting import Setting, counted
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from fachwerk.rules.tree import Call, Name
from fachwerk.schemas.model import Field, Rule

SUB_CASES = 0.5
"""How many cases that wait for sub-cases have one made then."""
MOST = 3
"""So many records are made for conditions of one case that count them."""


class Growing:
    """Makes what belongs to cases."""

    def __init__(self, setting: Setting, chance: random.Random) -> None:
        self._setting, self._chance = setting, chance

    async def sub_case(self, case: Going) -> None:
        """Where a case waits for sub-cases, have one made in half of all cases."""
        waits = case.workflow.states[case.state].waits_for
        if waits is not None and self._chance.random() < SUB_CASES:
            for one in self._counted(case, [waits.path]):
                await self._make(case, one)

    async def more(self, case: Going) -> bool:
        """Make a record that conditions of the present state count; return whether one was made."""
        if case.grown >= MOST:
            return False
        case.grown += 1
        return any([await self._make(case, one) for one in self._counted(case, _conditions(case))])

    async def edit(self, case: Going) -> bool:
        """Fill in anew what conditions read; return whether anything changed."""
        if case.edits is None:
            case.edits, case.sure = self._setting.edits(case.workflow)
        people = list(self._setting.people.values())
        while case.edits:
            values = case.edits.pop()
            for person in self._chance.sample(people, len(people)):
                if await self._enter(person, case, values):
                    return True
        return False

    async def _enter(self, person: Person, case: Going, values: Mapping[str, object]) -> bool:
        """Change a record, without the fields that are refused; return whether anything changed."""
        stage, left, before = self._setting.stage, dict(values), await self._last()
        while left:
            try:
                done = await stage.service.change(
                    person, case.workflow.of, case.record, left, version=None, origin="simulation"
                )
            except Refused as refused:
                fewer = {name: value for name, value in left.items() if name not in refused.fields}
                left = fewer if len(fewer) < len(left) else {}
                continue
            case.made.values.update(done.values)
            changed = await self._last() > before
            if changed:
                case.went("(change)")
            return changed
        return False

    async def _last(self) -> int:
        ((last,),) = await self._setting.stage.database.fetch("SELECT max(rowid) FROM fw_history")
        return int(last or 0)

    def changes_with_time(self, case: Going) -> bool:
        """Whether a way from here asks what day it is."""
        calls = (call for rule in _conditions(case) for call in rule.checked.calls)
        names = (call.function for call in calls if isinstance(call, Call))
        return any(isinstance(name, Name) and name.name in ("today", "now") for name in names)

    def _counted(self, case: Going, rules: Iterable[Rule]) -> Iterator[Field]:
        return counted(self._setting.project.entities[case.workflow.of], rules)

    async def _make(self, case: Going, one: Field) -> bool:
        assert one.inverse is not None
        return await self._setting.drawer.attach(one.inverse[0], {one.inverse[1]: case.record}) is not None


def _conditions(case: Going) -> list[Rule]:
    ways = case.workflow.transitions.values()
    return [way.when for way in ways if way.by and way.when is not None and case.state in way.source]
