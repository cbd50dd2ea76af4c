"""Who is away when, and who acts in their place: by chance, day by day, the same again for the same seed.

Whether somebody is there changes only from one working day to the next. Every person has random numbers of their own,
so that another number of people, or other work, leaves everybody else's absences as they were. Deputies are entered
through the real absences: what they may do is what the configuration says.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass, field

from fachwerk.engine.absences import enter_absence, stood_for
from fachwerk.engine.simulation.assumptions import Assumptions
from fachwerk.engine.simulation.hours import Hours
from fachwerk.engine.simulation.setting import Setting
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from fachwerk.schemas.model import Project

DAY = dt.timedelta(days=1)
LONGEST = dt.timedelta(days=730)
"""Whoever is always away is away for so long at a time."""


@dataclass(frozen=True, slots=True)
class Spell:
    """That somebody is away, both days included."""

    name: str
    since: dt.date
    until: dt.date


@dataclass
class Away:
    """The absences of one simulation, up to the day that was last asked for."""

    setting: Setting
    assumed: Assumptions
    hours: Hours
    spells: list[Spell] = field(default_factory=list)

    def __post_init__(self) -> None:
        staff = staff_of(self.setting.project)
        self.shares = {}
        for name, person in self.setting.people.items():
            told = [share for role, share in self.assumed.absent.items() if role in person.roles]
            share = max(told, default=self.assumed.absent_all if person.roles & staff else 0.0)
            if share > 0:
                self.shares[name] = share
        self._chances = {name: random.Random(f"{self.assumed.seed} away {name}") for name in self.shares}
        self._now: dict[str, Spell] = {}
        self._left: dict[str, int] = {}
        self._hats: dict[str, tuple[Person, ...]] = {}
        self._day = self.setting.stage.app.calendar.today(self.setting.stage.clock())

    def there(self, name: str) -> bool:
        """Whether somebody is at work, office hours granted."""
        return name not in self._now

    def hats(self, name: str) -> tuple[Person, ...]:
        """Return the absent in whose place somebody acts, each as the person who then acts."""
        return self._hats.get(name, ()) if name not in self._now else ()

    def deputy(self, name: str) -> str | None:
        """Return who is there and acts for somebody."""
        wanted = self.setting.people[name].id
        return next((one for one in self._hats for hat in self.hats(one) if hat.id == wanted), None)

    def back(self, name: str) -> dt.datetime:
        """Return when somebody who is away is back."""
        after = dt.datetime.combine(self._now[name].until + DAY, dt.time(), self.setting.stage.app.calendar.timezone)
        return self.hours.next_open(after.astimezone(dt.UTC))

    async def until(self, day: dt.date) -> bool:
        """Go on to *day*; return whether anybody came or went."""
        changed = False
        while self._day <= day:
            if self.hours.windows(self._day):
                changed = await self._one(self._day) or changed
            self._day += DAY
        return changed

    async def _one(self, day: dt.date) -> bool:
        back = [name for name, spell in self._now.items() if spell.until < day]
        for name in back:
            del self._now[name]
            self._left[name] = self._there_for(name)
        gone = [name for name in self.shares if name not in self._now and self._goes(name, day)]
        for name in gone:
            spell = Spell(name, day, self._last(name, day))
            self._now[name] = spell
            self.spells.append(spell)
        for name in gone:
            if self._chances[name].random() < self.assumed.deputies:
                await self._represent(self._now[name])
        if back or gone:
            await self._change_hats()
        return bool(back or gone)

    def _goes(self, name: str, day: dt.date) -> bool:
        first, last = self.assumed.wave or (day, day)
        if not first <= day <= last:
            self._left.pop(name, None)
            return False
        if name not in self._left:  # at the beginning as many are away as ever
            if self._chances[name].random() < self.shares[name]:
                return True
            self._left[name] = self._there_for(name)
        self._left[name] -= 1
        return self._left[name] < 0

    def _last(self, name: str, day: dt.date) -> dt.date:
        end = self.assumed.wave[1] if self.assumed.wave else day + LONGEST
        if self.shares[name] >= 1:
            return end
        left = _geometric(self._chances[name], _means(self.shares[name], self.assumed.away)[1]) - 1
        while left and day < end:
            day += DAY
            left -= bool(self.hours.windows(day))
        return min(day, end)

    def _there_for(self, name: str) -> int:
        share = self.shares[name]
        return 0 if share >= 1 else _geometric(self._chances[name], _means(share, self.assumed.away)[0])

    async def _represent(self, spell: Spell) -> None:
        """Have a colleague act for somebody: of those who are there, one with most of the same roles."""
        people, service = self.setting.people, self.setting.stage.service
        mine, staff = people[spell.name].roles, staff_of(self.setting.project)
        others = [name for name, one in people.items() if self.there(name) and one.roles & staff]
        self._chances[spell.name].shuffle(others)
        others.sort(key=lambda name: -len(people[name].roles & mine & staff))
        for name in others:
            try:
                await enter_absence(service, people[spell.name].id, people[name].id, spell.since, spell.until)
            except Refused:  # over already, or a circle
                continue
            return

    async def _change_hats(self) -> None:
        service, people = self.setting.stage.service, self.setting.people
        away = {people[name].id for name in self._now}
        found = {name: await stood_for(service, person) for name, person in people.items()}
        self._hats = {name: tuple(hat for hat in hats if hat.id in away) for name, hats in found.items() if hats}

    def lost(self, name: str, begin: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """Return the working time between two moments for which somebody was away."""
        zone, found = self.setting.stage.app.calendar.timezone, dt.timedelta()
        for spell in self.spells:
            if spell.name == name:
                first, last = (dt.datetime.combine(d, dt.time(), zone) for d in (spell.since, spell.until + DAY))
                found += self.hours.between(max(first, begin), min(last, end))
        return found


def staff_of(project: Project) -> frozenset[str]:
    """Return the roles whose holders do the work: those that steps are for, without people from outside."""
    flows = project.workflows.values()
    steps = [one for flow in flows for step in flow.transitions.values() for one in step.by]
    parts = [one for flow in flows for state in flow.states.values() for part in state.parallel for one in part.by]
    named = {one.role for one in (*steps, *parts) if one.role is not None}
    return frozenset(role for role in named if not project.roles[role].signs_up)


def _means(share: float, away: int) -> tuple[float, float]:
    """Return for how many working days one is there, and then away, on average: at least one each."""
    there = away * (1 - share) / share
    return (there, float(away)) if there >= 1 else (1.0, share / (1 - share))


def _geometric(chance: random.Random, mean: float) -> int:
    return 1 if mean <= 1 else 1 + int(math.log(1 - chance.random()) / math.log(1 - 1 / mean))
