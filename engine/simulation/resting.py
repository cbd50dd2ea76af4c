"""Limits that people let rest, take up again or extend while cases go on, by chance.

It is drawn when a limit begins; whether it comes to that is up to the real service: somebody must be there who may.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fachwerk.engine.simulation.assumptions import Assumptions
from fachwerk.engine.simulation.going import Going
from fachwerk.engine.simulation.setting import Setting
from fachwerk.problems import Refused
from fachwerk.schemas.model import Deadline, Period, Workflow

_DAYS = {"days": 1.0, "working_days": 1.4, "weeks": 7.0, "months": 30.0, "years": 365.0, "office_hours": 0.175}
SOON = dt.timedelta(minutes=10)
"""Within so long of its beginning a limit is let rest, if at all."""
Plan = Callable[[dt.datetime, Callable[[], Awaitable[None]]], None]


@dataclass
class Resting:
    """Plans what people do with limits, and has it done."""

    setting: Setting
    assumed: Assumptions
    chance: random.Random
    plan: Plan
    there: Callable[[str], bool]

    def begins(self, case: Going, deadline: Deadline) -> None:
        """Draw what becomes of a limit that begins to run."""
        now, length = self.setting.stage.clock(), about(deadline.within)
        if deadline.pause and self.chance.random() < self.assumed.pauses:
            self.plan(now + min(length / 2, SOON) * self.chance.random(), lambda: self._pause(case, deadline))
        if deadline.extend is not None and self.chance.random() < self.assumed.extensions:
            self.plan(now + length * self.chance.uniform(0.5, 0.95), lambda: self._extend(case, deadline))

    async def _pause(self, case: Going, deadline: Deadline) -> None:
        if case.state in deadline.runs_in and await self._do(case, f"{deadline.name}.pause"):
            rest = dt.timedelta(seconds=self.chance.expovariate(1 / self.assumed.rest.total_seconds()))
            self.plan(self.setting.stage.clock() + rest, lambda: self._resume(case, deadline))

    async def _resume(self, case: Going, deadline: Deadline) -> None:
        if deadline.name in case.rests and not await self._do(case, f"{deadline.name}.resume"):
            case.rests.pop(deadline.name, None)

    async def _extend(self, case: Going, deadline: Deadline) -> None:
        assert deadline.extend is not None
        if case.state in deadline.runs_in:
            most = deadline.extend.most
            period = Period(self.chance.randint(1, most.count), most.unit)
            await self._do(case, f"{deadline.name}.extend", period)

    async def _do(self, case: Going, action: str, period: Period | None = None) -> bool:
        """Have somebody do it who may; return whether it was done."""
        service, entity = self.setting.stage.service, case.workflow.of
        resuming = action.endswith(".resume")  # goes on when its time is over, whoever is there
        people = [one for name, one in self.setting.people.items() if resuming or self.there(name)]
        self.chance.shuffle(people)
        for person in people:
            try:
                await service.act(
                    person, entity, case.record, action, comment="simulation", period=period, origin="simulation"
                )
            except Refused as refused:
                if refused.code == "wrong_state":
                    return False
                continue
            return True
        return False


def about(period: Period) -> dt.timedelta:
    """Return about how long a period is."""
    if period.unit in ("minutes", "hours"):
        return dt.timedelta(**{period.unit: period.count})
    return dt.timedelta(days=period.count * _DAYS[period.unit])


def can_rest(workflow: Workflow) -> bool:
    """Whether people may let limits of a workflow rest, or extend them."""
    return any(one.pause or one.extend is not None for one in workflow.deadlines.values())
