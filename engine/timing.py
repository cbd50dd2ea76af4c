"""Time limits of records: kept beside them, with the effects that wait for their ends and warnings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Row
from fachwerk.engine.effects import Effects
from fachwerk.engine.keyed import render_each
from fachwerk.engine.keys import new_id
from fachwerk.engine.statements import given, render
from fachwerk.schemas.model import Entity, Period, Workflow
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver
from fachwerk.workflows.case import Timer
from fachwerk.workflows.reckoning import Course

SECOND = dt.timedelta(seconds=1)
COLUMNS = ("name", "since", "due", "at", "course", "missed")


def can_change(workflow: Workflow) -> bool:
    """Whether steps must know which limits run and how they stand: some can be paused or extended, or are of parts."""
    parts = (part for state in workflow.states.values() for part in state.parallel)
    changing = any(one.rests or one.extend is not None for one in workflow.deadlines.values())
    return changing or any(part.within is not None for part in parts)


class Timings:
    """Reads and writes the time limits of one app's records."""

    def __init__(self, app: App, effects: Effects) -> None:
        self._app, self._effects = app, effects
        deadline, dialect = app.tables.metadata.tables["fw_deadline"], app.dialect
        moment, date = Form("datetime"), Form("date")
        self._write_moment, self._write_date = to_driver(moment, dialect) or _same, to_driver(date, dialect) or _same
        self._read_moment, self._read_date = from_driver(moment, dialect) or _same, from_driver(date, dialect) or _same
        self._truth = to_driver(Form("boolean"), dialect) or _same
        c = deadline.c
        self._start = render(sa.insert(deadline).values({k.name: given(str(k.name), k) for k in c}), dialect)
        record = c.record == given("record", c.record)
        own = (record, c.workflow == given("workflow", c.workflow))
        one = (*own, c.name == given("name", c.name))
        changed = {name: given(name, c[name]) for name in ("due", "at", "warn", "course", "paused")}
        self._change = render(sa.update(deadline).where(*one).values(changed), dialect)
        self._stop = render(sa.delete(deadline).where(*one), dialect)
        self._stop_all = render(sa.delete(deadline).where(record), dialect)
        of_case = sa.select(*(c[name] for name in COLUMNS)).where(own[1]).order_by(c.id)
        self._of = render_each(of_case, dialect, record=c.record)
        awake = sa.or_(c.paused.is_(None), c.paused == (sa.literal(0) if dialect == "sqlite" else sa.false()))
        # what begins with ~ was set aside by a deploy
        there = c.workflow.not_like("~%")
        self._running = render(sa.select(c.due, c.at, awake).where(record, there), dialect)

    # rows -------------------------------------------------------------------------------------------------------------

    async def of(self, connection: Connection, record: str, workflow: str) -> tuple[Timer, ...]:
        """Return the time limits of a record in one workflow."""
        rows = await self._of.fetch(connection, {"record": record, "workflow": workflow})
        return tuple(self.timer(row) for row in rows)

    def timer(self, row: Row) -> Timer:
        """Return what a row (of :data:`COLUMNS`) holds."""
        name, since, due, at, course, missed = row
        day, moment = self._read_date(due), None if at is None else self._read_moment(at)
        closes = moment if moment is not None else self._app.calendar.over(day)
        since = self._read_moment(since)
        started = self._app.calendar.today(since)
        return Timer(name, started, day, moment, closes, course=course_of(since, course), missed=bool(missed))

    def _row(self, timer: Timer) -> dict[str, object]:
        first = min(timer.warns, default=None)
        return {
            "due": self._write_date(timer.due),
            "at": None if timer.at is None else self._write_moment(timer.at),
            "warn": None if first is None else self._write_date(self._app.calendar.today(first)),
            "course": written_course(timer.course),
            "paused": self._truth(timer.rests),
        }

    async def start(
        self, connection: Connection, entity: str, record: str, workflow: str, timer: Timer, now: dt.datetime
    ) -> None:
        """Let a time limit run."""
        values: dict[str, object] = {"id": new_id(), "entity": entity, "record": record, "workflow": workflow}
        values |= {"name": timer.name, "since": self._write_moment(now), "missed": self._truth(False)}
        await self._start.fetch(connection, values | self._row(timer))
        if not timer.rests:
            await self._note(connection, entity, record, workflow, timer, now)

    async def change(
        self, connection: Connection, entity: str, record: str, workflow: str, timer: Timer, now: dt.datetime
    ) -> None:
        """Keep how a time limit stands now: resting, going on, or with another end."""
        await self._change.fetch(
            connection, {"record": record, "workflow": workflow, "name": timer.name} | self._row(timer)
        )
        await self._cancel(connection, entity, record, workflow, timer.name, now)
        if not timer.rests:
            await self._note(connection, entity, record, workflow, timer, now)

    async def stop(
        self, connection: Connection, entity: str, record: str, workflow: str, name: str, now: dt.datetime
    ) -> None:
        """End a time limit."""
        await self._stop.fetch(connection, {"record": record, "workflow": workflow, "name": name})
        await self._cancel(connection, entity, record, workflow, name, now)

    async def clear(self, connection: Connection, record: str) -> None:
        """Forget all about a record that is removed."""
        await self._stop_all.fetch(connection, {"record": record})

    # effects ----------------------------------------------------------------------------------------------------------

    async def _note(
        self, connection: Connection, entity: str, record: str, workflow: str, timer: Timer, now: dt.datetime
    ) -> None:
        """Have the end of a limit, and the warnings that are still to come, wait in the queue."""
        assert timer.closes is not None
        key = timer_key(entity, record, workflow, timer.name)
        payload = payload_of_timer(workflow, timer)
        await self._effects.enqueue(
            connection, "deadline", payload, now=now, wake_at=timer.closes, key=key, entity=entity, record=record
        )
        for number, moment in enumerate(timer.warns):
            if moment > now or timer.course.since == now:
                await self._effects.enqueue(
                    connection, "deadline_warning", payload | {"number": number}, now=now, wake_at=moment,
                    key=warn_key(key, number), entity=entity, record=record,
                )  # fmt: skip

    async def _cancel(
        self, connection: Connection, entity: str, record: str, workflow: str, name: str, now: dt.datetime
    ) -> None:
        key = timer_key(entity, record, workflow, name)
        await self._effects.cancel(connection, key, now)
        for number in range(self._warnings(entity, workflow, name)):
            await self._effects.cancel(connection, warn_key(key, number), now)

    def _warnings(self, entity: str, workflow: str, name: str) -> int:
        """Return how many warnings any version of a workflow has for a limit."""
        model = self._app.project.workflows.get(workflow)
        limits = [one.deadlines.get(name) for one in model.versions] if model is not None else []
        return max((len(one.warn) for one in limits if one is not None), default=0)

    # what the record shows --------------------------------------------------------------------------------------------

    async def shown(self, connection: Connection, entity: Entity, record: str) -> dict[str, object]:
        """Return the values of the fields ``due`` and ``paused`` of a record, as far as it has them."""
        rows = [(row[0], row[1], bool(row[2])) for row in await self._running.fetch(connection, {"record": record})]
        found: dict[str, object] = {}
        due, paused = entity.fields.get("due"), entity.fields.get("paused")
        if due is not None and due.system:
            ends = [self._shown_end(due.kind, day, at) for day, at, awake in rows if awake]
            found["due"] = min(ends, default=None)
        if paused is not None and paused.system:
            found["paused"] = any(not awake for _, _, awake in rows)
        return found

    def _shown_end(self, kind: str, day: Any, at: Any) -> Any:
        """Return an end as the field ``due`` holds it: as a date and time, a day ends with its last second."""
        if kind == "date":
            return self._read_date(day)
        return self._read_moment(at) if at is not None else self._app.calendar.over(self._read_date(day)) - SECOND


def payload_of_timer(workflow: str, timer: Timer) -> dict[str, object]:
    """Return what the effects of a limit must know: which it is, and the end for which they were noted."""
    assert timer.closes is not None
    ends = timer.closes.astimezone(dt.UTC).isoformat()
    return {"workflow": workflow, "name": timer.name, "due": timer.due.isoformat(), "ends": ends}


def timer_key(entity: str, record: str, workflow: str, name: str) -> str:
    """Return the key under which the effect of a time limit waits."""
    return f"deadline:{entity}:{record}:{workflow}:{name}"


def warn_key(key: str, number: int) -> str:
    """Return the key of a warning of the limit *key*."""
    return f"{key}:warn{number or ''}"


def written_course(course: Course) -> str | None:
    """Return what happened to a limit as JSON; nothing where nothing did."""
    if not course.pauses and not course.extended and not course.held:
        return None
    pauses = [[begin.isoformat(), None if end is None else end.isoformat()] for begin, end in course.pauses]
    extended = [[one.count, one.unit] for one in course.extended]
    return orjson.dumps({"pauses": pauses, "extended": extended, "held": sorted(course.held)}).decode()


def course_of(since: dt.datetime, text: Any) -> Course:
    """Return what :func:`written_course` wrote."""
    told: Mapping[str, Any] = {} if text is None else orjson.loads(text) if isinstance(text, str | bytes) else text
    pauses = tuple(
        (dt.datetime.fromisoformat(begin), None if end is None else dt.datetime.fromisoformat(end))
        for begin, end in told.get("pauses", ())
    )
    extended = tuple(Period(count, unit) for count, unit in told.get("extended", ()))
    return Course(since, pauses, extended, frozenset(told.get("held", ())))


def _same(value: Any) -> Any:
    return value
