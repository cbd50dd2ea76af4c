"""Makes demo data through the service: people, records in the order of their links, and steps of their workflows.

What the configuration refuses is drawn again; what it refuses every time is left out and counted. So demo data never
breaks a rule, and a configuration that lets nothing in shows at once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fachwerk.engine.demo import pools
from fachwerk.engine.demo.drawing import NOTHING, Hat
from fachwerk.problems import Refused
from fachwerk.schemas.model import Entity, Grant, Project, Rule, Transition, Workflow

ATTEMPTS = 30
"""How often a refused record is drawn again."""
YEAR = 240
"""Over how many days cases are spread; what they need is there before."""
DISCOURAGING = ("withdraw", "refuse", "reject", "cancel", "decline", "drop", "revoke", "ask", "send_back", "reopen")


class Acting(Protocol):
    """Somebody who acts."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


class Made(Protocol):
    """A record as the service returns it."""

    @property
    def id(self) -> str: ...
    @property
    def values(self) -> Mapping[str, object]: ...


@dataclass(frozen=True)
class Doors:
    """The ways into the service that demo data takes."""

    create: Callable[[Acting, str, Mapping[str, object]], Awaitable[Made]]
    act: Callable[[Acting, str, str, str, Mapping[str, object], str | None], Awaitable[Made]]
    set_time: Callable[[dt.datetime], None]


@dataclass
class Count:
    """What came of it."""

    made: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    steps: int = 0


@dataclass
class Maker:
    """Makes about *total* records of a project for the given people."""

    project: Project
    doors: Doors
    people: Mapping[str, Acting]
    """By sign-in name."""
    hat: Hat
    now: dt.datetime
    count: Count = field(default_factory=Count)
    began: dt.datetime = dt.datetime.min
    """When the record at hand is made."""
    moments: dict[str, dt.datetime] = field(default_factory=dict)
    """When records were made, of those that others link to and that are cases."""
    users: dict[str, str] = field(default_factory=dict)
    """Record of a person -> sign-in name."""

    async def make(self, total: int, progress: Callable[[int, int], None] = lambda done, of: None) -> Count:
        """Make the records of all entities, then return what came of it."""
        shares = self._shares(total)
        done, whole = 0, sum(shares.values())
        for name in ordered(self.project):
            entity = self.project.entities[name]
            for index in range(shares[name]):
                self._set_time(self._moment(entity, index / shares[name]))
                await self._one(entity, index)
                done += 1
                progress(done, whole)
        self.doors.set_time(self.now)
        return self.count

    def _moment(self, entity: Entity, share: float) -> dt.datetime:
        """Return when the record after *share* of its kind is made: what cases need, before them."""
        days = YEAR * (1 - share) ** 1.4 if entity.workflows else YEAR + 30 * (1 - share)
        day = (self.now - dt.timedelta(days=days)).replace(hour=7, minute=0, second=0, microsecond=0)
        return day + dt.timedelta(seconds=self.hat.random.randrange(9 * 3600))

    def _set_time(self, moment: dt.datetime) -> None:
        self.began = min(moment, self.now)
        self.hat.today = self.began.date()
        self.doors.set_time(self.began)

    def _shares(self, total: int) -> dict[str, int]:
        told = self.project.demo.counts if self.project.demo else {}
        weights = {name: told.get(name, 0 if told else 10) for name in self.project.entities}
        whole = sum(weights.values()) or 1
        return {name: max(round(total * weight / whole), 1 if weight else 0) for name, weight in weights.items()}

    async def _one(self, entity: Entity, index: int) -> None:
        record, owned, problems = None, "", set[str]()
        for attempt in range(ATTEMPTS):
            values = self._values(entity, attempt, problems)
            owned = self._give_user(entity, index, values)
            who = self._creator(entity, attempt, values)
            if who is None:
                break
            try:
                record = await self.doors.create(who, entity.name, values)
                break
            except Refused as refused:
                problems.update(refused.fields or {refused.code})
        if record is None:
            self.count.refused[f"{entity.name}: {', '.join(sorted(problems)) or 'nobody may create it'}"] += 1
            return
        self._keep(entity, record, owned)
        for name in entity.workflows:
            await self._walk(entity, self.project.workflows[name], record)

    def _values(self, entity: Entity, attempt: int, problems: set[str]) -> dict[str, object]:
        """Draw values; where they link to a case that is younger, the record is made after it."""
        without = _optional(entity, problems)
        values = self.hat.record(entity, 0.85 if attempt < 3 else 0.4, without, attempt)
        moments = [self.moments[value] for value in values.values() if isinstance(value, str) and value in self.moments]
        if moments and max(moments) >= self.began:
            self._set_time(max(moments) + dt.timedelta(days=self.hat.random.randint(1, 9), minutes=attempt))
            again = [one for one in entity.fields.values() if one.name in values and one.kind in ("date", "datetime")]
            drawn = {one.name: self.hat.draw(entity, one, values, {}) for one in again}
            values.update({name: value for name, value in drawn.items() if value is not NOTHING})
        return values

    def _keep(self, entity: Entity, record: Made, owned: str) -> None:
        self.hat.made.setdefault(entity.name, []).append(record.id)
        if owned:
            self.hat.owned.setdefault(entity.name, []).append(record.id)
            self.users[record.id] = owned
        if entity.workflows:
            self.moments[record.id] = self.began
        self.count.made[entity.name] += 1

    def _give_user(self, entity: Entity, index: int, values: dict[str, object]) -> str:
        """Let the first records belong to those who can sign in, with their names; return the sign-in name."""
        for one in entity.fields.values():
            names = self.hat.candidates.get(entity.name, {}).get(one.name, ())
            if one.kind == "user" and not one.system and index < len(names):
                name = str(names[index])
                values[one.name] = self.people[name].id
                self._give_name(entity, self.people[name].name, values)
                return name
        return ""

    def _give_name(self, entity: Entity, full: str, values: dict[str, object]) -> None:
        given, _, family = full.rpartition(" ")
        for field_name, value in (("given_name", given.removeprefix("Dr. ")), ("family_name", family)):
            if value and field_name in values:
                values[field_name] = value
        if given and {"name", "given_name"} <= values.keys():
            values["name"] = family

    def _creator(self, entity: Entity, attempt: int, values: Mapping[str, object]) -> Acting | None:
        grants = {role: grant for role, grant in entity.access.items() if grant.create is not None}
        able = [p for p in self.people.values() if p.roles & set(grants)] or list(self.people.values())
        if attempt < 3:
            linked = {self.users[value] for value in values.values() if isinstance(value, str) and value in self.users}
            own = [self.people[name] for name in linked if self.people[name] in able]
            if own:
                return own[0]
            best = max((_certainty(p, grants) for p in able), default=0)
            able = [p for p in able if _certainty(p, grants) == best]
        return self.hat.random.choice(able) if able else None

    async def _walk(self, entity: Entity, workflow: Workflow, record: Made) -> None:
        state, moment = workflow.initial.name, self.began
        patience = 0.97 if self.now - self.began > dt.timedelta(days=100) else 0.86
        while self.hat.random.random() < patience:
            minutes = self.hat.random.randint(16 * 60, 15 * 24 * 60)
            moment = _at_work(moment + dt.timedelta(minutes=minutes))
            if moment > self.now:
                return
            self.doors.set_time(moment)
            self.hat.today = moment.date()
            step = await self._step(entity, workflow, record, state)
            if step is None or workflow.states[step].final:
                return
            state = step

    async def _step(self, entity: Entity, workflow: Workflow, record: Made, state: str) -> str | None:
        parts = workflow.states[state].parallel
        for part in parts:
            favoured = [part.outcomes[0]] * 9 + list(part.outcomes)
            if self.hat.random.random() < 0.85:
                await self._try(entity, record, f"{part.name}.{self.hat.random.choice(favoured).name}", {}, None)
        if parts:
            automatic = [t for t in workflow.transitions.values() if not t.by and state in t.source]
            return automatic[0].target if automatic else None
        ways = [t for t in workflow.transitions.values() if t.by and state in t.source]
        self.hat.random.shuffle(ways)
        ways.sort(key=lambda way: way.name.startswith(DISCOURAGING) and self.hat.random.random() < 0.93)
        for way in ways[:3]:
            if way.name.startswith(DISCOURAGING) and self.hat.random.random() < 0.6:
                continue
            if await self._try(entity, record, way.name, self._needed(entity, way, record), self._comment(way)):
                return way.target
        return None

    def _needed(self, entity: Entity, way: Transition, record: Made) -> dict[str, object]:
        sample = self.hat.sample(entity, 3)
        drawn = {
            name: self.hat.draw(entity, entity.fields[name], record.values, sample)
            for name in (*way.require, *way.fill)
            if record.values.get(name) in (None, "", ())
        }
        return {name: value for name, value in drawn.items() if value is not NOTHING}

    async def _try(
        self, entity: Entity, record: Made, action: str, values: Mapping[str, object], comment: str | None
    ) -> bool:
        people = list(self.people.values())
        self.hat.random.shuffle(people)
        people.sort(key=lambda person: len(person.roles))  # whoever has it as their work goes before the head of all
        for person in people:
            try:
                await self.doors.act(person, entity.name, record.id, action, values, comment)
            except Refused as refused:
                if refused.code in ("guard", "wrong_state", "required"):
                    return False
                continue
            self.count.steps += 1
            return True
        return False

    def _comment(self, way: Transition) -> str | None:
        told = self.project.demo.comments if self.project.demo else {}
        if way.name in told:
            return self.hat.random.choice(told[way.name])
        return self.hat.random.choice(pools.COMMENTS) if way.comment == "required" else None


def _certainty(person: Acting, grants: Mapping[str, Grant]) -> int:
    return sum(_certain(grants[role].read) for role in person.roles & set(grants)) and 1


def _at_work(moment: dt.datetime) -> dt.datetime:
    """Return the same moment, or the next working day's where it is on a weekend; between 7 and 17 o'clock."""
    moment += dt.timedelta(days=(0, 0, 0, 0, 0, 2, 1)[moment.weekday()])
    return moment.replace(hour=7 + moment.hour % 10)


def _certain(rule: Rule | None) -> bool:
    return rule is not None and rule.constant is True


def ordered(project: Project) -> list[str]:
    """Return the entities so that what a record links to comes before it, and relations before what may need them."""
    done: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in done or name in path:
            return
        for one in project.entities[name].fields.values():
            if one.kind in ("link", "links"):
                for target in one.to:
                    if target in project.entities:
                        visit(target, (*path, name))
        done.append(name)

    for name in sorted(project.entities, key=lambda name: project.entities[name].relation is None):
        visit(name, ())
    return done


def _optional(entity: Entity, names: set[str]) -> frozenset[str]:
    """Return those of *names* that are fields which a record can do without."""
    fields = (entity.fields[name] for name in names if name in entity.fields)
    return frozenset(one.name for one in fields if one.required is None)
