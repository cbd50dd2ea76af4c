"""Time limits: the warning before the end, and what is done once a limit was missed. Each happens once.

The effect that waits for the end is taken back when its state is left; the handler checks all the same, with the
record locked, that the limit still runs and ends on the day it was noted for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import CompiledEntity, CompiledWorkflow
from fachwerk.engine.context import Context
from fachwerk.engine.database import Connection
from fachwerk.engine.overdue import missed
from fachwerk.engine.service import Service
from fachwerk.engine.shapes import merged, needs_of
from fachwerk.engine.statements import given, render
from fachwerk.engine.timing import COLUMNS
from fachwerk.engine.values import Person
from fachwerk.engine.work.notices import Words
from fachwerk.engine.work.notify import Messages, Post
from fachwerk.engine.work.people import Somebody
from fachwerk.engine.work.queue import Job
from fachwerk.engine.work.views import context_for, record_view
from fachwerk.problems import Text, say
from fachwerk.schemas.kinds.times import show_date
from fachwerk.schemas.model import Deadline, Performer
from fachwerk.schemas.tables import entry_column
from fachwerk.workflows.case import Case, Timer
from fachwerk.workflows.eyes import barred
from fachwerk.workflows.parts import rules_of_state, timer_names, users_of
from fachwerk.workflows.reckoning import End, warns_at

OVER = "over"
_WARNING: Text = {"en": "{label}: {title} is due on {day}", "de": "{label}: {title} ist bis {day} fällig"}
_MISSED: Text = {"en": "{label}: {title} was due on {day}", "de": "{label}: {title} war bis {day} fällig"}
_BODY: Text = {
    "en": "{entity} “{title}”\n{label}: {day}\nState: {state}",
    "de": "{entity} „{title}“\n{label}: {day}\nStatus: {state}",
}


class Deadlines:
    """Carries out ``deadline`` and ``deadline_warning``."""

    def __init__(self, service: Service, messages: Messages) -> None:
        self._service, self._kit, self._messages = service, service.kit, messages
        app = service.app
        table = app.tables.metadata.tables["fw_deadline"]
        one = tuple(table.c[name] == given(name, table.c[name]) for name in ("record", "workflow", "name"))
        false: Any = sa.literal(0) if app.dialect == "sqlite" else sa.false()
        columns = (*(table.c[name] for name in COLUMNS), table.c.id)
        awake = sa.or_(table.c.paused.is_(None), table.c.paused == false)
        self._running = render(sa.select(*columns).where(*one, table.c.missed == false, awake), app.dialect)
        yes: Any = 1 if app.dialect == "sqlite" else True
        self._miss = render(sa.update(table).where(*one).values(missed=yes), app.dialect)

    async def elapse(self, connection: Connection, job: Job) -> str | None:
        """Note that a limit was missed, and do what its workflow says."""
        found = await self._at(connection, job, lock=True)
        if found is None or await self._runs(connection, job) is None:
            return OVER
        entity, workflow = found
        name = str(job.payload["name"])
        await self._miss.fetch(connection, _named(job))
        await missed(self._service.writer, connection, entity, str(job.record), workflow, name)
        if name.startswith("part:"):
            return await self._tell(connection, job, entity, workflow, _MISSED)
        return None

    async def warn(self, connection: Connection, job: Job) -> str | None:
        """Do what is to be done before a limit ends: tell those who could act, or what the warning says."""
        found = await self._at(connection, job, lock=True)
        timer = await self._runs(connection, job) if found is not None else None
        if found is None or timer is None:
            return OVER
        (entity, workflow), name, number = found, str(job.payload["name"]), int(job.payload.get("number", 0))
        deadline = workflow.model.deadlines.get(name)
        if deadline is not None and number >= len(deadline.warn):
            return OVER
        if deadline is not None and deadline.warn[number].do:
            await self._service.writer.remind(
                connection, entity, str(job.record), workflow, name=name, number=number
            )  # fmt: skip
            return None
        if self._is_late(timer, deadline, number):
            return OVER
        return await self._tell(connection, job, entity, workflow, _WARNING)

    def _is_late(self, timer: Timer, deadline: Deadline | None, number: int) -> bool:
        """Whether to be warned comes too late: the limit is over, or a later warning says the same now."""
        now, calendar = self._kit.clock(), self._kit.app.calendar
        if timer.closes is not None and timer.closes <= now:
            return True
        end = End(timer.due, timer.at)
        plain = [] if deadline is None else [warn for warn in deadline.warn if not warn.do]
        mine = None if deadline is None else warns_at(calendar, deadline.warn[number].before, end)
        return mine is not None and any(mine < warns_at(calendar, warn.before, end) <= now for warn in plain)

    async def _runs(self, connection: Connection, job: Job) -> Timer | None:
        """Return the limit if it still runs, and ends when it did as its effect was noted."""
        rows = await self._running.fetch(connection, _named(job))
        if not rows:
            return None
        timer = self._service.writer.cases.timings.timer(rows[0][:-1])
        ends = job.payload.get("ends")
        if ends is None:
            return timer if timer.due == dt.date.fromisoformat(job.payload["due"]) else None
        return timer if timer.closes == dt.datetime.fromisoformat(ends) else None

    async def _at(
        self, connection: Connection, job: Job, *, lock: bool
    ) -> tuple[CompiledEntity, CompiledWorkflow] | None:
        """Return where a limit belongs, with the record kept from others; ``None`` if one of them is gone."""
        entity = self._service.app.entities.get(job.entity or "")
        workflows = entity.workflows if entity is not None else ()
        workflow = next((one for one in workflows if one.model.name == job.payload["workflow"]), None)
        if entity is None or workflow is None or job.record is None:
            return None
        there = await self._kit.stores[entity.name].read(connection, job.record, lock=lock, lists=())
        return None if there is None else (entity, workflow.under(there))

    # telling ----------------------------------------------------------------------------------------------------------

    async def _tell(
        self, connection: Connection, job: Job, entity: CompiledEntity, workflow: CompiledWorkflow, subject: Text
    ) -> str | None:
        state_field, name = workflow.model.field, str(job.payload["name"])
        context = await context_for(self._kit, connection, None)
        rules = [one.person for one in concerned(workflow, name) if one.person is not None]
        rules += [rule for one in workflow.model.states.values() for rule in rules_of_state(one)]
        title = entity.title.needs.record if entity.title else {}
        paths = (needs_of(rule.checked.reads).record for rule in rules)
        shape = merged(title, {state_field: {}}, *paths)
        record = await record_view(self._kit, connection, entity.name, str(job.record), shape, context)
        if record is None:
            return OVER
        state = str(record.get(state_field))
        members = await self._members(connection, workflow, str(job.record), {**record, "_name": name}, context)
        now = [one for one in concerned(workflow, name, state) if one.role is not None or one.person is not None]
        roles = [one.role for one in now if one.role is not None]
        users = [
            user
            for one in now
            if one.person is not None
            for seen in (record, *members.get(id(one), ()))
            for user in users_of(self._kit.app.ask(one.person)(seen, context))
        ]
        texts = self._words(job, entity, workflow, record, context, state, subject)
        to = await self._messages.receivers(connection, {"roles": roles, "users": users})
        out = await self._barred(connection, entity, workflow, str(job.record), name)
        to = [one for one in to if one.id not in out]
        post = Post(job.id, texts, entity.name, job.record)
        return await self._messages.tell(connection, post, await self._readers(connection, entity, str(job.record), to))

    async def _barred(
        self, connection: Connection, entity: CompiledEntity, workflow: CompiledWorkflow, key: str, name: str
    ) -> set[str]:
        """Return those whom four eyes bar from the part that a limit is for."""
        part = next((one for one in workflow.model.parts if one.name == part_of(name)), None)
        if part is None or not part.not_by:
            return set()
        done = await self._kit.history.steps(connection, entity.name, key)
        record = await self._kit.stores[entity.name].read(connection, key, lists=()) or {}
        return barred(part.not_by, done, record.get("created_by"))

    async def _readers(
        self, connection: Connection, entity: CompiledEntity, key: str, people: Sequence[Somebody]
    ) -> list[Somebody]:
        """Return those of *people* who may read the record: nobody else could act, nor learns what it is called."""
        kit, found = self._kit, []
        held = await self._messages.people.roles(connection, [one.id for one in people])
        for one in people:
            roles = held.get(one.id, frozenset())
            rights = kit.access.rights(roles, entity.name)
            context = kit.context(Person(one.id, one.name, one.email, roles, one.language))
            if rights.may("read") and await kit.readable(connection, rights, roles, [key], context):
                found.append(one)
        return found

    async def _members(
        self, connection: Connection, workflow: CompiledWorkflow, key: str, record: Mapping[str, Any], context: Context
    ) -> dict[int, list[Mapping[str, Any]]]:
        """Return, by who is asked, the record with each of those as ``each`` on which they still owe an opinion."""
        state = workflow.model.states.get(str(record.get(workflow.model.field)))
        parts = [part for part in (state.parallel if state is not None else ()) if part.each is not None]
        if state is None or not parts:
            return {}
        voices, wanted = self._service.writer.cases.voices, str(record["_name"])
        before = await self._kit.stores[workflow.model.of].read(connection, key, lists=())
        entry = int((before or {}).get(entry_column(workflow.model)) or 0)
        opinions = await voices.opinions(connection, key, workflow.model.name)
        case = await voices.case(connection, workflow, key, Case(state.name, record, entry, opinions), context)
        found: dict[int, list[Mapping[str, Any]]] = {}
        for part in parts:
            waited = [one for one in workflow.machine.parts.open_members(part, case, context)
                      if not wanted.startswith("part:") or wanted in timer_names(part, (one,))]  # fmt: skip
            for performer in part.by:
                found[id(performer)] = [{**record, "each": one.record} for one in waited]
        return found

    def _words(
        self, job: Job, entity: CompiledEntity, workflow: CompiledWorkflow, record: Mapping[str, Any], context: object,
        state: str, subject: Text,
    ) -> dict[str, Words]:  # fmt: skip
        name, model = str(job.payload["name"]), workflow.model
        title = entity.title(record, context) if entity.title else None
        day, ends = dt.date.fromisoformat(job.payload["due"]), job.payload.get("ends")
        calendar = self._kit.app.calendar
        moment = dt.datetime.fromisoformat(ends) if ends else calendar.over(day)
        time = "" if moment == calendar.over(day) else f", {moment.astimezone(calendar.timezone):%H:%M}"
        label = label_of(workflow, name)
        found = {}
        for language in self._kit.app.project.languages:
            values = {
                "label": say(label, language), "title": str(title or say(entity.model.label, language)),
                "day": show_date(day, language) + time, "entity": say(entity.model.label, language),
                "state": say(model.states[state].label, language) if state in model.states else state,
            }  # fmt: skip
            found[language] = Words(_filled(subject, language, values), _filled(_BODY, language, values))
        return found


def _named(job: Job) -> dict[str, object]:
    return {"record": job.record} | {name: job.payload[name] for name in ("workflow", "name")}


def _filled(text: Text, language: str, values: Mapping[str, str]) -> str:
    return (text.get(language) or text["en"]).format_map(values)


def label_of(workflow: CompiledWorkflow, name: str) -> Text:
    """Return what people call a time limit: its label, or that of the part of a state that it is for."""
    deadline = workflow.model.deadlines.get(name)
    if deadline is not None:
        return deadline.label
    parts = [part for state in workflow.model.states.values() for part in state.parallel]
    return next((part.label for part in parts if part.name == part_of(name)), {"en": name, "de": name})


def part_of(name: str) -> str:
    """Return the part that a time limit is for: ``part:NAME``, or ``part:NAME:RECORD``; empty for another."""
    return name.removeprefix("part:").partition(":")[0] if name.startswith("part:") else ""


def concerned(workflow: CompiledWorkflow, name: str, state: str | None = None) -> Iterable[Performer]:
    """Give those who could do something about a time limit (in *state*, if that is said)."""
    model = workflow.model
    if name.startswith("part:"):
        parts = [part for one in model.states.values() for part in one.parallel if part.name == part_of(name)]
        yield from (performer for part in parts for performer in part.by)
        return
    deadline = model.deadlines.get(name)
    states = [state] if state is not None else list(deadline.runs_in) if deadline else []
    for transition in model.transitions.values():
        if set(transition.source) & set(states):
            yield from transition.by
    for one in states:
        if one in model.states:
            yield from (performer for part in model.states[one].parallel for performer in part.by)



