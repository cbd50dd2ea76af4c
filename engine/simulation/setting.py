"""The setting of a simulation: a stage with people, the records that cases need, and new cases as demo data draws them.

Effects that only tell somebody (messages, webhooks, documents) change nothing for a case and are taken out before the
configuration is compiled; all others happen through the real worker. Fields that conditions read get values on either
side of every constant they are compared with, so that each way is gone.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import cast

from fachwerk.engine.demo.doors import Acting, Case, Doors, Made
from fachwerk.engine.demo.drawing import NOTHING, Candidates
from fachwerk.engine.demo.listing import hat_for
from fachwerk.engine.demo.making import Maker, ordered
from fachwerk.engine.simulation.assumptions import Assumptions
from fachwerk.engine.trial.stage import Stage, open_stage
from fachwerk.engine.values import Person
from fachwerk.schemas.model import Effect, Entity, Period, Project, Transition, Workflow
from fachwerk.workflows.domain import Domain, domain_of

TELLING = frozenset(("notify", "webhook", "document"))
MOST_EDITS = 60
"""How often fields are filled in anew before a case counts as stuck."""
AROUND = 120
"""Records around the cases: people, places and whatever else they link to."""


@dataclass
class Drawer(Maker):
    """Makes records as demo data does, but lets cases stand where they begin."""

    started: list[Case] = field(default_factory=list)
    """Cases begun, with the values that they began with."""

    async def around(self, workflow: Workflow) -> None:
        """Make what cases of *workflow* may link to."""
        self._set_time(self.now)
        shares = self._shares(AROUND)
        for name in ordered(self.project):
            if name != workflow.of:
                for index in range(shares[name]):
                    await self._one(self.project.entities[name], index)

    async def begin(self, entity: Entity, index: int) -> Case | None:
        """Make a case; ``None`` where nobody may, or nothing fits."""
        self.started.clear()
        self._set_time(self.now)
        await self._one(entity, index)
        return self.started[0] if self.started else None

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
    _reach_conditions(setting)
    return setting


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
    """Return the roles by account: as the demo data say, with as many for a role as were asked for."""
    told = dict(project.demo.users) if project.demo else {}
    for role in project.roles:
        if role not in asked and not any(role in _closed(project, roles) for roles in told.values()):
            told[role] = (role,)
    for role in asked:
        told = {name: tuple(one for one in roles if one != role) for name, roles in told.items()}
        told |= {f"{role}_{number}": (role,) for number in range(1, asked[role] + 1)}
    return {name: roles for name, roles in told.items() if roles}


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
