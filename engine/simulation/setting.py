"""The setting of a simulation: a stage with people, the records that cases need, and new cases as demo data draws them.

Effects that only tell somebody (messages, webhooks, documents) change nothing for a case and are taken out before the
configuration is compiled; all others happen through the real worker. Fields that conditions read get values on either
side of every constant they are compared with, so that each way is gone.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from math import prod
from typing import cast

from fachwerk.engine.demo.doors import Acting, Case, Doors, Made
from fachwerk.engine.demo.drawing import NOTHING, Candidates
from fachwerk.engine.demo.listing import hat_for
from fachwerk.engine.demo.making import Maker, ordered
from fachwerk.engine.simulation.assumptions import Assumptions
from fachwerk.engine.trial.stage import Stage, open_stage
from fachwerk.engine.values import Person
from fachwerk.schemas.model import Effect, Entity, Field, Part, Period, Project, Rule, Transition, Workflow
from fachwerk.workflows.domain import Domain, domain_of

TELLING = frozenset(("notify", "webhook", "document"))
MOST_EDITS = 60
"""How often fields are filled in anew before a case counts as stuck."""
AROUND = 120
"""Records around the cases: people, places and whatever else they link to."""
FRESH = 0.7
LATER = 1_000_000
"""The number of a record that belongs to nobody who signs in."""


@dataclass
class Drawer(Maker):
    """Makes records as demo data does, but lets cases stand where they begin."""

    started: list[Case] = field(default_factory=list)
    """Cases begun, with the values that they began with."""
    forced: dict[str, dict[str, str]] = field(default_factory=dict)
    """By entity: links that the next record has."""
    fresh: float = 0.0
    """How many cases have what they must link to made anew, so that they do not get in each other's way; none where
    conditions count what belongs to it."""

    async def around(self, workflow: Workflow) -> None:
        """Make what cases of *workflow* may link to."""
        self._set_time(self.now)
        shares = self._shares(AROUND)
        for name in ordered(self.project):
            if name != workflow.of:
                for index in range(shares[name]):
                    await self._one(self.project.entities[name], index)

    async def begin(self, entity: Entity, index: int) -> Case | None:
        """Make a case; ``None`` where nobody may, or nothing fits, also not with new records around it."""
        usual = self.hat.candidates
        for again in range(3 if self.fresh else 2):
            if again == 1:
                self.hat.candidates = {**usual, entity.name: _repeatable(entity, usual.get(entity.name, {}))}
            fresh = again == 2 or self.hat.random.random() < self.fresh
            links = await self._around_anew(entity) if fresh else {}
            self.started.clear()
            self._set_time(self.now)
            self.forced = {entity.name: links}
            await self._one(entity, index)
            self.forced, self.hat.candidates = {}, usual
            if self.started:
                return self.started[0]
        return None

    async def _around_anew(self, entity: Entity, deep: int = 2) -> dict[str, str]:
        """Make another record of each that cases must link to; return them by link."""
        fields = (one for one in entity.fields.values() if one.required is not None and not one.system)
        acting = self.hat.doers.get(entity.name, ())
        ends = (one for one in fields if one.kind == "link" and len(one.to) == 1 and one.name not in acting)
        links = {one.name: one.to[0] for one in ends}
        made = {name: await self.attach(target, {}, deep) for name, target in links.items() if target != entity.name}
        return {name: record for name, record in made.items() if record is not None}

    async def attach(self, name: str, links: Mapping[str, str], deep: int = 0) -> str | None:
        """Make a record of the entity *name* with these links; return its id, ``None`` where nothing fits.

        Where nothing does, what it must link to is made anew, so many times *deep*.
        """
        entity, made = self.project.entities[name], self.hat.made.setdefault(name, [])
        before, self.forced = len(made), {name: dict(links)}
        self._set_time(self.now)
        await self._one(entity, LATER)
        self.forced = {}
        if len(made) > before:
            return made[-1]
        return await self.attach(name, await self._around_anew(entity, deep - 1)) if deep else None

    def _join(self, entity: Entity, values: dict[str, object]) -> None:
        values.update(self.forced.get(entity.name, {}))

    async def _walk(self, entity: Entity, workflow: Workflow, case: Case) -> None:
        self.started.append(case)

    def needed(self, entity: Entity, way: Transition, case: Case) -> dict[str, object]:
        """Draw what the form of a step asks for."""
        return self._needed(entity, way, case)

    def comment(self, way: Transition) -> str | None:
        """Return what is said with a step, where it must be."""
        return self._comment(way)

    def _set_time(self, moment: dt.datetime) -> None:
        self.began = self.now
        self.hat.today = self.now.date()


def _repeatable(entity: Entity, listed: Candidates) -> Candidates:
    """Return what is listed for fields that different records may have in common."""
    single = {name for names in entity.unique for name in names}
    return {name: values for name, values in listed.items() if name not in single}


@dataclass
class Setting:
    """The stage, its people, and how cases come in."""

    project: Project
    workflow: Workflow
    stage: Stage
    people: Mapping[str, Person]
    held: Mapping[str, tuple[str, ...]]
    """The roles of each person, as given to them."""
    drawer: Drawer
    domain: Domain

    def edits(self, at: Workflow) -> tuple[list[dict[str, object]], bool]:
        """Return values to enter into what the conditions of a workflow read, and whether these are all there are."""
        chance = self.drawer.hat.random
        domain = self.domain if at.name == self.workflow.name else domain_of(at, self.project.entities[at.of])
        free = [one for one in domain.variables if not one.system]
        if not free:
            return [], True
        whole = prod(len(one.values) for one in free) <= MOST_EDITS
        if whole:
            found = [list(values) for values in product(*(one.values for one in free))]
            chance.shuffle(found)
        else:
            found = [[chance.choice(one.values) for one in free] for _ in range(MOST_EDITS)]
        return [{one.name: value for one, value in zip(free, values, strict=True)} for values in found], whole


async def set_up(project: Project, workflow: Workflow, assumed: Assumptions) -> Setting:
    """Return the setting for cases of *workflow*."""
    quiet = silent(project)
    stage = await open_stage(quiet)
    hours = dt.datetime.combine(assumed.start, dt.time(7))
    stage.clock.set(stage.start(hours))
    held = held_roles(quiet, assumed.people)
    people = {name: await stage.person(name, roles) for name, roles in held.items()}
    drawer = _drawer(quiet, stage, people, assumed)
    domain = domain_of(quiet.workflows[workflow.name], quiet.entities[workflow.of])
    setting = Setting(quiet, quiet.workflows[workflow.name], stage, people, held, drawer, domain)
    await drawer.around(workflow)
    conditions = [way.when for way in workflow.transitions.values() if way.when is not None]
    drawer.fresh = 0.0 if any(counted(project.entities[workflow.of], conditions)) else FRESH
    _reach_conditions(setting)
    return setting


def counted(entity: Entity, rules: Iterable[Rule]) -> Iterator[Field]:
    """Give the back links that *rules* over a record read, also through what is computed."""
    seen, left = set[str](), list(rules)
    while left:
        for path in left.pop().checked.reads:
            one = entity.fields.get(path[0]) if path and path[0] not in seen else None
            if one is None:
                continue
            seen.add(one.name)
            if one.computed is not None:
                left.append(one.computed)
            if one.kind == "back_links" and one.inverse is not None:
                yield one


def silent(project: Project) -> Project:
    """Return *project* without the effects that only tell somebody."""
    workflows = {name: _silent(workflow) for name, workflow in project.workflows.items()}
    automations = {}
    for name, one in project.automations.items():
        kept = _kept(one.do)
        if kept:
            automations[name] = dataclasses.replace(one, do=kept)
    return dataclasses.replace(project, workflows=workflows, automations=automations)


def _silent(workflow: Workflow) -> Workflow:
    transitions = {n: dataclasses.replace(t, do=_kept(t.do)) for n, t in workflow.transitions.items()}
    deadlines = {
        name: dataclasses.replace(one, missed=_kept(one.missed), warn=()) for name, one in workflow.deadlines.items()
    }
    return dataclasses.replace(workflow, transitions=transitions, deadlines=deadlines)


def _kept(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    return tuple(one for one in effects if one.kind not in TELLING)


def held_roles(project: Project, asked: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    """Return the roles by account: as the demo data say, with as many for a role as were asked for or are needed."""
    told = dict(project.demo.users) if project.demo else {}
    for role in project.roles:
        if role not in asked and not any(role in _closed(project, roles) for roles in told.values()):
            told[role] = (role,)
    for role, count in demanded(project).items():
        there = sum(role in _closed(project, roles) for roles in told.values())
        names = (f"{role}_{number}" for number in range(2, LATER))
        for name in islice((name for name in names if name not in told), max(count - there, 0)):
            told = {**told, name: (role,)}
    for role in asked:
        told = {name: tuple(one for one in roles if one != role) for name, roles in told.items()}
        told |= {f"{role}_{number}": (role,) for number in range(1, asked[role] + 1)}
    return {name: roles for name, roles in told.items() if roles}


def demanded(project: Project) -> dict[str, int]:
    """Return how many people a role must have at least, for quorums and four eyes to be met."""
    found: dict[str, int] = {}
    for workflow in project.workflows.values():
        parts = [(part.by, _voices(part)) for state in workflow.states.values() for part in state.parallel]
        steps = [(way.by, 2 if way.not_by else 1) for way in workflow.transitions.values()]
        for by, count in (*parts, *steps):
            for one in by:
                if one.role is not None:
                    found[one.role] = max(found.get(one.role, 0), count)
    return found


def _voices(part: Part) -> int:
    if isinstance(part.needs, int) and part.each is None:
        return max(part.needs, 2 if part.not_by else 1)
    return 3 if part.each is None else 2


def _closed(project: Project, roles: Iterable[str]) -> frozenset[str]:
    held = frozenset(roles)
    return held.union(*(project.roles[role].includes for role in held))


def _drawer(project: Project, stage: Stage, people: Mapping[str, Person], assumed: Assumptions) -> Drawer:
    service = stage.service

    async def create(who: Acting, entity: str, values: Mapping[str, object]) -> Made:
        return await service.create(cast(Person, who), entity, values, origin="simulation")

    async def act(
        who: Acting, entity: str, record: str, action: str, values: Mapping[str, object], comment: str | None
    ) -> Made:
        return await service.act(cast(Person, who), entity, record, action, values=values, comment=comment)

    async def look(entity: str, record: str) -> Made:
        return await service.read(service.system, entity, record)

    async def limit(who: Acting, entity: str, record: str, action: str, comment: str, period: Period | None) -> Made:
        return await service.act(cast(Person, who), entity, record, action, comment=comment, period=period)

    hat = hat_for(project, assumed.start, assumed.seed)
    hat.own = 1.0  # whom cases name as acting can act here
    doors = Doors(create, act, lambda _: None, look, limit)
    return Drawer(project, doors, people, hat, stage.clock())


def _reach_conditions(setting: Setting) -> None:
    """Let the fields that conditions read have values on every side of them, besides believable ones."""
    hat, entity = setting.drawer.hat, setting.project.entities[setting.workflow.of]
    known: Candidates = hat.candidates.get(entity.name, {})
    more: dict[str, tuple[object, ...]] = {}
    for one in setting.domain.variables:
        points = [value for value in one.initial if value is not None]
        if one.system or one.name in known or len(points) < 2:
            continue
        usual = [hat.draw(entity, entity.fields[one.name], {}, {}) for _ in points]
        more[one.name] = (*points, *(value for value in usual if value is not NOTHING))
    hat.candidates = {**hat.candidates, entity.name: {**known, **more}}
