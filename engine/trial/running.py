"""Carries out one scenario on a stage: makes what is given, takes the steps, and says what is otherwise."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass

from fachwerk.engine.access import Right
from fachwerk.engine.trial import said
from fachwerk.engine.trial.cast import Cast
from fachwerk.engine.trial.looking import Looking
from fachwerk.engine.trial.noting import Noting
from fachwerk.engine.trial.opinions import Opinions, resolved
from fachwerk.engine.trial.stage import Stage
from fachwerk.engine.trial.tracing import NOTHING, Key, Trace
from fachwerk.engine.values import Person
from fachwerk.problems import Problem, Refused, Text, say
from fachwerk.schemas.model import Period
from fachwerk.schemas.scenario import Refusal, Scenario, Step
from fachwerk.workflows.calendar import add_months


@dataclass(frozen=True, slots=True)
class Result:
    """How a scenario went: what is otherwise than expected (nothing: it passed), and how long it took in seconds."""

    scenario: Scenario
    problems: tuple[Problem, ...]
    seconds: float
    reached: frozenset[Key] = NOTHING

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.problems


async def run_scenario(stage: Stage, scenario: Scenario, trace: Trace | None = None) -> Result:
    """Carry out *scenario*; nothing of it is left behind. After the first step that goes otherwise it ends.

    *trace* is the one that the app of the stage was compiled with, where what is reached is to be known.
    """
    started = time.perf_counter()
    if trace is not None:
        trace.begin()
    async with stage.scene(stage.start(scenario.today)):
        problems = await _Run(stage, scenario, trace).problems()
    reached = trace.end() if trace is not None else NOTHING
    return Result(scenario, problems, time.perf_counter() - started, reached)


class _Run:
    def __init__(self, stage: Stage, scenario: Scenario, trace: Trace | None) -> None:
        self._stage, self._scenario, self._service = stage, scenario, stage.service
        self._cast, self._noting = Cast(stage), Noting(stage, trace)
        self._looking = Looking(stage, self._cast, self._noting)
        self._failed, self._worked = 0, stage.worked

    async def problems(self) -> tuple[Problem, ...]:
        """Return what is otherwise than the scenario says."""
        found = await self._given()
        for step in self._scenario.steps:
            if found:
                break
            found = await self._step(step)
        await self._noting.end(self._cast.people.values())
        return tuple(found)

    async def _given(self) -> list[Problem]:
        for person in self._scenario.people:
            self._cast.people[person.name] = await self._stage.person(person.name, person.roles)
        for record in self._scenario.records:
            entity = self._stage.app.project.entities[record.entity]
            values = self._cast.values(record.values, entity)
            if record.user_field:
                values[record.user_field] = self._cast.people[record.name].id
            try:
                made = await self._service.create(self._service.system, record.entity, values, origin="scenario")
            except Refused as refused:
                return [said.GIVEN.at(record.span, name=record.name, why=said.why(refused))]
            self._cast.records[record.name, record.entity] = made.id
        await self._stage.settle()
        await self._noting.begin()
        return []

    async def _step(self, step: Step) -> list[Problem]:
        mark = await self._looking.mark(step)
        there = await self._there(step)
        refused: Refused | None = None
        try:
            await self._do(step)
        except Refused as why:
            refused = why
        except NothingOpen:
            problem = said.NO_OPINION.at(step.span, outcome=step.action)
            return [said.with_lines(problem, await self._looking.from_states(step))]
        if refused is None:
            await self._stage.settle()
        await self._note(step, refused)
        found = await self._went(step, refused)
        if not found:
            found = await self._named(step, there) + await self._effects(step)
        return found or await self._looking.all(step, mark)

    async def _note(self, step: Step, refused: Refused | None) -> None:
        who, right = self._cast.people.get(step.who or ""), _RIGHTS.get(step.doing)
        if who is None or not step.entity:
            return
        if right is not None:
            self._noting.right(who, step.entity, right, refused)
        if step.doing == "do" and refused is not None:
            self._noting.refused(step.entity, step.action, refused.code)
        if step.doing != "create":
            key = self._cast.id(step.record, step.entity)
            gone = step.doing == "remove" and refused is None
            denied = refused if refused is not None and refused.code == "not_found" else None
            await self._noting.read(who, step.entity, () if gone else (key,), denied)

    async def _went(self, step: Step, refused: Refused | None) -> list[Problem]:
        """Say if a step was refused that should be done, or done that should be refused."""
        if refused is None:
            return [said.NOT_REFUSED.at(step.refused.span)] if step.refused else []
        if step.refused is None:
            problem = said.REFUSED.at(step.span, why=said.why(refused), code=refused.code)
            lines = await self._looking.unreadable(step) if step.who else []
            if refused.code == "wrong_state":
                lines += await self._looking.from_states(step)
            return [said.with_lines(problem, lines or await self._reasons(step))]
        if _agrees(step.refused, refused):
            return []
        wanted = step.refused.code or step.refused.text or ", ".join(f"{n}: {t}" for n, t, _ in step.refused.fields)
        return [said.OTHERWISE.at(step.refused.span, wanted=wanted, why=said.why(refused), code=refused.code)]

    async def _reasons(self, step: Step) -> list[Text]:
        """Say what a step of a workflow needs, and what of it is so."""
        if step.doing != "do" or not step.entity or not step.who:
            return []
        who = self._cast.people[step.who]
        try:
            actions = await self._service.actions(who, step.entity, self._cast.id(step.record, step.entity))
        except Refused:
            return []
        action = next((one for one in actions if resolved(one.name, step.action)), None)
        lines: list[Text] = []
        for condition in action.conditions if action else ():
            mark = {"en": "ok", "de": "ok"} if condition.holds else {"en": "FAILS", "de": "FEHLT"}
            lines.append({k: f"{mark[k]:5} {say(condition.text, k)}  {condition.source}".rstrip() for k in mark})
        return lines

    async def _effects(self, step: Step) -> list[Problem]:
        if self._stage.worked == self._worked:
            return []
        self._worked = self._stage.worked
        failures = await self._stage.failures()
        new, self._failed = failures[self._failed :], len(failures)
        return [said.EFFECT.at(step.span, why=text) for text in new]

    async def _there(self, step: Step) -> dict[str, set[str]]:
        return {entity: await self._ids(entity) for _, entity, _ in step.made}

    async def _ids(self, entity: str) -> set[str]:
        table = self._stage.app.tables.of(entity).name
        return {str(row[0]) for row in await self._stage.database.fetch(f'select id from "{table}"')}

    async def _named(self, step: Step, there: dict[str, set[str]]) -> list[Problem]:
        """Give names to the records that came about with a step."""
        for name, entity, span in step.made:
            new = await self._ids(entity) - there[entity]
            if len(new) != 1:
                return [said.NOT_MADE.at(span, count=len(new), entity=entity)]
            self._cast.records[name, entity] = new.pop()
        return []

    # doing ------------------------------------------------------------------------------------------------------------

    async def _do(self, step: Step) -> None:
        if step.doing == "look":
            return
        if step.doing == "later" and step.later is not None:
            await self._stage.pass_time(self._after(step.later))
        elif step.doing == "everyone":
            opinions = Opinions(self._stage, self._cast)
            if not await opinions.give(step.entity, self._cast.id(step.record, step.entity), step.action, step.comment):
                raise NothingOpen
        elif step.doing == "absent":
            await self._leave(step)
        elif step.who is not None:
            await self._by(step, await self._acting(step, step.who))

    async def _acting(self, step: Step, name: str) -> Person:
        """Return who acts; a deputy acts as the absent person."""
        who = self._cast.people[name]
        if step.for_whom is None:
            return who
        absent = self._cast.people[step.for_whom].id
        return await self._service.kit.deputies.acting(self._stage.database, who, absent, self._stage.clock())

    async def _leave(self, step: Step) -> None:
        """Enter absences that begin today."""
        now = self._stage.clock()
        today = self._stage.app.calendar.today(now)
        for one in step.absent:
            until = one.until or today + dt.timedelta(days=13)
            user, deputy = self._cast.people[one.person].id, self._cast.people[one.deputy].id
            async with self._stage.database.transaction() as connection:
                await self._service.kit.deputies.enter(connection, user, deputy, today, until, now=now)

    async def _by(self, step: Step, who: Person) -> None:
        entity = self._stage.app.project.entities[step.entity]
        values = self._cast.values(step.values, entity)
        if step.doing == "create":
            made = await self._service.create(who, step.entity, values, origin="scenario")
            if step.record:
                self._cast.records[step.record, step.entity] = made.id
            return
        key = self._cast.id(step.record, step.entity)
        if step.doing == "update":
            await self._service.change(who, step.entity, key, values, version=None, origin="scenario")
        elif step.doing == "remove":
            await self._service.remove(who, step.entity, key, origin="scenario")
        else:
            about = self._cast.id(*step.about) if step.about else None
            action = await Opinions(self._stage, self._cast).resolve(who, step.entity, key, step.action, about)
            period = Period(*step.by) if step.by else None  # type: ignore[arg-type]
            await self._service.act(
                who, step.entity, key, action, values=values, comment=step.comment, origin="scenario", period=period,
                answer=False,
            )  # fmt: skip

    def _after(self, period: tuple[int, str]) -> dt.datetime:
        """Return the moment after a period, as long clocks and calendars are read: a day is a day of the zone."""
        count, unit = period
        calendar, now = self._stage.app.calendar, self._stage.clock()
        if unit in ("minutes", "hours"):
            return now + dt.timedelta(**{unit: count})
        local = now.astimezone(calendar.timezone).replace(tzinfo=None)
        if unit == "working_days":
            day = calendar.end_of(Period(count, "working_days"), local.date())
        elif unit in ("months", "years"):
            day = add_months(local.date(), count * (12 if unit == "years" else 1))
        else:
            day = local.date() + dt.timedelta(days=count * (7 if unit == "weeks" else 1))
        return self._stage.start(dt.datetime.combine(day, local.time()))


_RIGHTS: Mapping[str, Right] = {"create": "create", "update": "update", "remove": "delete"}


class NothingOpen(Exception):
    """There was no opinion left to be given."""


def _agrees(wanted: Refusal, refused: Refused) -> bool:
    if wanted.code is not None:
        return refused.code == wanted.code
    if wanted.text is not None:
        texts = (refused.message, *refused.fields.values())
        return any(_in(wanted.text, text) for text in texts)
    fields = {("comment" if name == "_comment" else name): text for name, text in refused.fields.items()}
    return all(name in fields and _in(part, fields[name]) for name, part, _ in wanted.fields)


def _in(part: str, text: Text) -> bool:
    return any(part.casefold() in said_.casefold() for said_ in text.values())
