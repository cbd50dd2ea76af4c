"""Makes demo data through the service: people, records in the order of their links, and steps of their workflows.

What the configuration refuses is drawn again; what it refuses every time is left out and counted. So demo data never
breaks a rule, and a configuration that lets nothing in shows at once.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fachwerk.engine.demo import pools
from fachwerk.engine.demo.drawing import NOTHING, Hat
from fachwerk.problems import Refused
from fachwerk.schemas.kinds import handler
from fachwerk.schemas.model import Entity, Project, Rule, Transition, Workflow

ATTEMPTS = 30
"""How often a refused record is drawn again."""
DISCOURAGING = ("withdraw", "refuse", "reject", "cancel", "decline", "drop", "revoke", "ask", "send_back", "reopen")


class Acting(Protocol):
    """Somebody who acts."""

    @property
    def id(self) -> str: ...
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

    async def make(self, total: int, progress: Callable[[int, int], None] = lambda done, of: None) -> Count:
        """Make the records of all entities, then return what came of it."""
        shares = self._shares(total)
        done, whole = 0, sum(shares.values())
        for name in ordered(self.project):
            entity = self.project.entities[name]
            for index in range(shares[name]):
                self._advance(done, whole)
                await self._one(entity, index)
                done += 1
                progress(done, whole)
        self.doors.set_time(self.now)
        return self.count

    def _advance(self, done: int, whole: int) -> None:
        age = dt.timedelta(days=240) * (1 - done / max(whole, 1))
        day = (self.now - age).replace(hour=8, minute=0, second=0, microsecond=0)
        self.began = min(self.now, day + dt.timedelta(seconds=self.hat.random.randrange(9 * 3600)))
        self.doors.set_time(self.began)

    def _shares(self, total: int) -> dict[str, int]:
        told = self.project.demo.counts if self.project.demo else {}
        weights = {name: told.get(name, 0 if told else 10) for name in self.project.entities}
        whole = sum(weights.values()) or 1
        return {name: max(round(total * weight / whole), 1 if weight else 0) for name, weight in weights.items()}

    async def _one(self, entity: Entity, index: int) -> None:
        record, owned = None, False
        problems: set[str] = set()
        for attempt in range(ATTEMPTS):
            values = self.hat.record(entity, 0.85 if attempt < 3 else 0.4, _optional(entity, problems))
            owned = self._give_user(entity, index, values)
            who = self._creator(entity, attempt)
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
        self.hat.made.setdefault(entity.name, []).append(record.id)
        if owned:
            self.hat.owned.setdefault(entity.name, []).append(record.id)
        self.count.made[entity.name] += 1
        for name in entity.workflows:
            await self._walk(entity, self.project.workflows[name], record)

    def _give_user(self, entity: Entity, index: int, values: dict[str, object]) -> bool:
        for one in entity.fields.values():
            names = self.hat.candidates.get(entity.name, {}).get(one.name, ())
            if one.kind == "user" and not one.system and index < len(names):
                values[one.name] = self.people[str(names[index])].id
                return True
        return False

    def _creator(self, entity: Entity, attempt: int) -> Acting | None:
        grants = {role: grant for role, grant in entity.access.items() if grant.create is not None}
        able = [p for p in self.people.values() if p.roles & set(grants)] or list(self.people.values())
        able.sort(key=lambda person: -sum(_certain(grants[role].read) for role in person.roles & set(grants)))
        return able[(self.hat.serial + attempt) % len(able)] if attempt >= 3 and able else next(iter(able), None)

    async def _walk(self, entity: Entity, workflow: Workflow, record: Made) -> None:
        state, began = workflow.initial.name, self.began
        for number in range(self.hat.random.choice((0, 1, 2, 3, 4, 6, 8, 8))):
            self.doors.set_time(min(self.now, began + dt.timedelta(days=2 * number + 1, hours=3, minutes=7 * number)))
            step = await self._step(entity, workflow, record, state)
            if step is None or workflow.states[step].final:
                return
            state = step

    async def _step(self, entity: Entity, workflow: Workflow, record: Made, state: str) -> str | None:
        for part in workflow.states[state].parallel:
            favoured = [part.outcomes[0]] * 4 + list(part.outcomes)
            await self._try(entity, record, f"{part.name}.{self.hat.random.choice(favoured).name}", {})
        if workflow.states[state].parallel:
            automatic = [t for t in workflow.transitions.values() if not t.by and state in t.source]
            return automatic[0].target if automatic else None
        ways = [t for t in workflow.transitions.values() if t.by and state in t.source]
        self.hat.random.shuffle(ways)
        ways.sort(key=lambda way: way.name.startswith(DISCOURAGING) and self.hat.random.random() < 0.85)
        for way in ways[:3]:
            if await self._try(entity, record, way.name, self._needed(entity, way)):
                return way.target
        return None

    def _needed(self, entity: Entity, way: Transition) -> dict[str, object]:
        drawn = {name: self.hat.draw(entity, entity.fields[name]) for name in (*way.require, *way.fill)}
        return {name: value for name, value in drawn.items() if value is not NOTHING}

    async def _try(self, entity: Entity, record: Made, action: str, values: Mapping[str, object]) -> bool:
        people = list(self.people.values())
        self.hat.random.shuffle(people)
        for person in people:
            try:
                await self.doors.act(person, entity.name, record.id, action, values, self._comment())
            except Refused as refused:
                if refused.code in ("guard", "wrong_state", "required"):
                    return False
                continue
            self.count.steps += 1
            return True
        return False

    def _comment(self) -> str:
        return self.hat.random.choice(pools.COMMENTS)


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


def hat_for(project: Project, today: dt.date, seed: int = 1) -> Hat:
    """Return what a project's demo data is drawn from."""
    values: dict[str, dict[str, Sequence[object]]] = {}
    language = project.languages[0]
    for name, fields in (project.demo.values if project.demo else {}).items():
        first, _, rows = name.partition(".")
        entity = project.entities[first]
        kinds = (entity.fields[rows].rows or entity).fields if rows else entity.fields
        values[name] = {
            one: tuple(v if kinds[one].kind == "user" else handler(kinds[one]).parse_text(v, language) for v in listed)
            for one, listed in fields.items()
        }
    return Hat(random.Random(seed), today, values)


def _optional(entity: Entity, names: set[str]) -> frozenset[str]:
    """Return those of *names* that are fields which a record can do without."""
    fields = (entity.fields[name] for name in names if name in entity.fields)
    return frozenset(one.name for one in fields if one.required is None)
