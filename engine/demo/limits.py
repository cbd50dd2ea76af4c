"""Time limits of demo cases: some rest, some of these go on, some are extended, each with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field

from fachwerk.engine.demo import pools
from fachwerk.engine.demo.doors import Acting, Case, Doors
from fachwerk.engine.demo.drawing import Hat
from fachwerk.problems import Refused
from fachwerk.schemas.model import Deadline, Entity, Performer, Period, Workflow

Standing = tuple[Entity, Workflow, Case]
OFTEN = 0.1
"""How likely a limit is let rest, or extended, whenever something happens in its case."""
SHOWN = 2
"""At least so many cases of a limit rest in the end, and so many are extended."""


@dataclass
class Limits:
    """Does with limits what people do with them."""

    doors: Doors
    hat: Hat
    able: Callable[[Sequence[Performer]], list[Acting]]
    rests: set[tuple[str, str]] = field(default_factory=set)
    """Record and limit that somebody lets rest."""
    extended: set[tuple[str, str]] = field(default_factory=set)

    async def touch(self, entity: Entity, workflow: Workflow, case: Case) -> None:
        """Now and then let the limits of a case rest or go on, or extend them."""
        chance = self.hat.random
        for name, one in workflow.deadlines.items():
            if (case.record, name) in self.rests:
                if chance.random() < 0.8:
                    await self._resume(entity, case, one)
            elif case.state in one.runs_in:
                if chance.random() < OFTEN:
                    await self._pause(entity, case, one)
                elif chance.random() < OFTEN:
                    await self._extend(entity, case, one)

    async def show(self, standing: Iterable[Standing], now: dt.datetime) -> None:
        """Let some of the cases that stand where a limit runs rest, and others have more time."""
        cases = list(standing)
        self.hat.random.shuffle(cases)
        for entity, workflow, case in cases:
            for one in workflow.deadlines.values():
                if case.state in one.runs_in and not self._is_touched(case, one):
                    running = (other for _, flow, other in cases if flow is workflow and other.state in one.runs_in)
                    await self._show(entity, case, one, {other.record for other in running}, now)

    async def _show(self, entity: Entity, case: Case, one: Deadline, there: Set[str], now: dt.datetime) -> None:
        """Do what is shown too seldom: of late, or where that is too late, when the case came where it stands."""
        for act, done in ((self._pause, self.rests), (self._extend, self.extended)):
            for moment in (now - dt.timedelta(hours=self.hat.random.randint(2, 100)), case.moment):
                if self._is_touched(case, one) or sum(key in there and name == one.name for key, name in done) >= SHOWN:
                    break
                self.doors.set_time(max(case.moment, moment))
                await act(entity, case, one)

    def _is_touched(self, case: Case, one: Deadline) -> bool:
        return (case.record, one.name) in self.rests | self.extended

    async def _pause(self, entity: Entity, case: Case, one: Deadline) -> None:
        if await self._do(entity, case, f"{one.name}.pause", one.pause, pools.PAUSES):
            self.rests.add((case.record, one.name))

    async def _resume(self, entity: Entity, case: Case, one: Deadline) -> None:
        await self._do(entity, case, f"{one.name}.resume", one.pause, pools.RESUMES)
        self.rests.discard((case.record, one.name))

    async def _extend(self, entity: Entity, case: Case, one: Deadline) -> None:
        if one.extend is None or (case.record, one.name) in self.extended:
            return
        most = one.extend.most
        by = Period(self.hat.random.randint(-(-most.count // 2), most.count), most.unit)
        if await self._do(entity, case, f"{one.name}.extend", one.extend.by, pools.EXTENSIONS, by):
            self.extended.add((case.record, one.name))

    async def _do(
        self, entity: Entity, case: Case, action: str, by: Sequence[Performer], reasons: Sequence[str],
        period: Period | None = None,
    ) -> bool:  # fmt: skip
        """Have somebody do it who may; return whether it was done."""
        for person in self.able(by) if by else ():
            try:
                await self.doors.limit(
                    person, entity.name, case.record, action, self.hat.random.choice(reasons), period
                )
            except Refused:
                continue
            return True
        return False
