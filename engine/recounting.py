"""Counting running time limits anew, when the calendar or how long they are has changed.

An end is a function of its beginning, of what happened since and of the calendar (``workflows.reckoning``), so that a
limit that moves comes to the end that it would have had if the calendar had always been so. Limits that rest are
counted when they go on; what was missed stays missed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Database, Row, in_transaction
from fachwerk.engine.effects import Effects
from fachwerk.engine.history import History
from fachwerk.engine.inspect import inspect
from fachwerk.engine.keyed import among, keys_parameter
from fachwerk.engine.statements import Statement, given, render
from fachwerk.engine.timing import COLUMNS, Timings, payload_of_timer, timer_key, warn_key
from fachwerk.schemas.model import Period, Project, Workflow
from fachwerk.schemas.tables import flow_column
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver, to_json
from fachwerk.workflows.calendar import Calendar, holidays_version
from fachwerk.workflows.case import Timer
from fachwerk.workflows.timers import timer_of

BATCH = 500
ModelOf = Callable[[str, str], Workflow | None]
"""The workflow (of an entity and name, as the rows have them) by which its limits are counted."""


@dataclass(slots=True)
class Moved:
    """How many ends move, and the earliest and latest of the new ones, by (entity, workflow, name of the limit)."""

    count: int = 0
    earliest: dt.date | None = None
    latest: dt.date | None = None

    def add(self, day: dt.date) -> None:
        """Note one more."""
        self.count += 1
        self.earliest = min(day, self.earliest or day)
        self.latest = max(day, self.latest or day)


def signature(project: Project) -> object:
    """Return all by which running limits are counted: where it is the same, none of them moves."""
    limits = {
        (name, flow.number, limit.name): (limit.within, tuple(warn.before for warn in limit.warn))
        for name, newest in project.workflows.items()
        for flow in newest.versions
        for limit in flow.deadlines.values()
    }
    parts = {
        (name, flow.number, part.name): part.within
        for name, newest in project.workflows.items()
        for flow in newest.versions
        for state in flow.states.values()
        for part in state.parallel
    }
    due = {name: entity.fields["due"].kind for name, entity in project.entities.items() if "due" in entity.fields}
    return project.timezone, project.calendar, dict(project.hours), project.closed, limits, parts, due


def within_of(workflow: Workflow, name: str) -> tuple[Period, tuple[Period, ...]] | None:
    """Return how long a limit is and when is warned; ``None`` where the workflow does not know it."""
    deadline = workflow.deadlines.get(name)
    if deadline is not None:
        return deadline.within, tuple(warn.before for warn in deadline.warn)
    parts = (part for state in workflow.states.values() for part in state.parallel if part.within is not None)
    part = next((one for one in parts if name.split(":")[:2] == ["part", one.name]), None)
    return None if part is None or part.within is None else (part.within, ())


def moved_timer(calendar: Calendar, workflow: Workflow, timer: Timer, now: dt.datetime) -> Timer | None:
    """Return *timer* with its new end; ``None`` where it stays or is not to be counted."""
    told = within_of(workflow, timer.name)
    if told is None or timer.missed or timer.rests:
        return None
    new = timer_of(calendar, timer.name, told[0], timer.course, told[1], now)
    return None if (new.due, new.at, new.closes) == (timer.due, timer.at, timer.closes) else new


class Recounting:
    """Counts the running limits of one database by the calendar and workflows of *app*."""

    def __init__(self, app: App, *, known: frozenset[str] | None = None) -> None:
        self._app, self._effects = app, Effects(app)
        self.timings = Timings(app, self._effects)
        self._history = History(app)
        table = app.tables.metadata.tables["fw_deadline"]
        c = table.c
        # A database that an older version of ours made has not got all columns before the next deploy.
        there = [c[n] if known is None or n in known else sa.literal(None).label(n) for n in COLUMNS]
        columns = (c.id, c.entity, c.record, c.workflow, *there)
        false: Any = sa.literal(0) if app.dialect == "sqlite" else sa.false()
        rows = sa.select(*columns).where(c.missed == false, c.id > given("after", c.id)).order_by(c.id).limit(BATCH)
        self._rows = render(rows, app.dialect)
        moved = {name: given(name, c[name]) for name in ("due", "at", "warn")}
        self._move = render(sa.update(table).where(c.id == given("id", c.id)).values(moved), app.dialect)
        effect = app.tables.metadata.tables["fw_effect"]
        waking = {"wake_at": given("wake_at", effect.c.wake_at), "payload": given("payload", effect.c.payload)}
        this = effect.c.key == given("key", effect.c.key)
        self._wake = render(sa.update(effect).where(this, effect.c.wake_at.is_not(None)).values(waking), app.dialect)
        self._moment = to_driver(Form("datetime"), app.dialect) or _same
        self._date = to_driver(Form("date"), app.dialect) or _same
        self._shows: dict[str, tuple[Statement, Statement]] = {}
        """How the fields of an entity's record are read and written."""

    async def batches(self, connection: Connection) -> AsyncIterator[Sequence[Row]]:
        """Give the rows of limits that were not missed."""
        after = "00000000-0000-0000-0000-000000000000"
        while rows := await self._rows.fetch(connection, {"after": after}):
            yield rows
            after = str(rows[-1][0])

    def timer(self, row: Row) -> Timer:
        """Return the limit of a row."""
        return self.timings.timer(row[4:])

    async def run(self, connection: Connection, now: dt.datetime, *, everything: bool = False) -> Moved:
        """Move what is to be moved, with its effects and what its record shows; *everything*: show all records anew."""
        moved = Moved()
        async for rows in self.batches(connection):
            under = await self.under(connection, rows)
            touched: dict[tuple[str, str], list[str]] = {}
            for row in rows:
                place = (str(row[1]), str(row[2]))
                model = under.get((*place, str(row[3])))
                new = moved_timer(self._app.calendar, model, self.timer(row), now) if model is not None else None
                if new is not None:
                    await self._keep(connection, row, new)
                    moved.add(new.due)
                if new is not None or everything:
                    touched.setdefault(place, []).extend([new.name] if new is not None else [])
            for (entity, record), names in touched.items():
                await self._show(connection, entity, record, names, now)
        return moved

    async def under(self, connection: Connection, rows: Sequence[Row]) -> dict[tuple[str, str, str], Workflow]:
        """Return by (entity, record, workflow) the version of the workflow that a case is under."""
        found: dict[tuple[str, str, str], Workflow] = {}
        for name in {str(row[1]) for row in rows} & self._app.entities.keys():
            for flow in self._app.entities[name].workflows:
                mine = [str(row[2]) for row in rows if row[1] == name and row[3] == flow.model.name]
                numbers = await self._numbers(connection, name, flow.model, mine) if flow.model.kept else {}
                for record in mine:
                    found[name, record, flow.model.name] = flow.model.under(numbers.get(record) or 0)
        return found

    async def _numbers(
        self, connection: Connection, entity: str, workflow: Workflow, records: Sequence[str]
    ) -> dict[str, int]:  # fmt: skip
        table = self._app.tables.of(entity)
        select = sa.select(table.c.id, table.c[flow_column(workflow)])
        select = select.where(among(table.c.id, "keys", self._app.dialect))
        values = {"keys": keys_parameter(list(records), self._app.dialect)}
        rows = await render(select, self._app.dialect).fetch(connection, values)
        return {str(row[0]): int(row[1] or 0) for row in rows}

    async def _keep(self, connection: Connection, row: Row, new: Timer) -> None:
        first = min(new.warns, default=None)
        at = None if new.at is None else self._moment(new.at)
        warn = None if first is None else self._date(self._app.calendar.today(first))
        await self._move.fetch(connection, {"id": row[0], "due": self._date(new.due), "at": at, "warn": warn})
        key, payload = timer_key(str(row[1]), str(row[2]), str(row[3]), new.name), payload_of_timer(str(row[3]), new)
        wakes = [(key, new.closes, payload)]
        wakes += [(warn_key(key, n), moment, payload | {"number": n}) for n, moment in enumerate(new.warns)]
        for name, moment, told in wakes:
            await self._wake.fetch(connection, {"key": name, "wake_at": self._moment(moment), "payload": to_json(told)})

    async def _show(
        self, connection: Connection, entity: str, record: str, names: Sequence[str], now: dt.datetime
    ) -> None:  # fmt: skip
        """Bring the fields of a record up to date, and note in its history which ends have moved."""
        compiled = self._app.entities.get(entity)
        if compiled is None:
            return
        table, dialect = self._app.tables.of(entity), self._app.dialect
        shown = await self.timings.shown(connection, compiled.model, record)
        fields = [name for name in shown if name in table.c]
        if not fields:
            return
        if entity not in self._shows:
            this, shows = table.c.id == given("id", table.c.id), [table.c[name] for name in fields]
            changed = sa.update(table).where(this).values({c.name: given(str(c.name), c) for c in shows})
            select = sa.select(table.c.version, *shows).where(this)
            self._shows[entity] = render(select, dialect), render(changed, dialect)
        select_shown, update = self._shows[entity]
        rows = await select_shown.fetch(connection, {"id": record})
        if not rows:
            return
        what, driver = {}, {}
        for name, value in zip(fields, rows[0][1:], strict=True):
            form = Form(compiled.model.fields[name].kind)  # type: ignore[arg-type]
            write, read = to_driver(form, dialect) or _same, from_driver(form, dialect) or _same
            before, after = None if value is None else read(value), shown[name]
            driver[name] = None if after is None else write(after)
            if before != after:
                handler = compiled.handlers[name]
                what[name] = [None if v is None else handler.to_json(v) for v in (before, after)]
        if not what and not names:
            return
        await update.fetch(connection, {"id": record} | driver)
        for name in names:
            entry = self._history.row(
                entity, record, int(rows[0][0]), who=None, at=now, origin="calendar", kind="deadline", what=what,
                action=f"{name}.moved",
            )  # fmt: skip
            await self._history.insert.fetch(connection, entry)
            what = {}  # said once, whichever of them it comes from


async def recount_after(connection: Connection, old: Project, new: App, now: dt.datetime) -> Moved:
    """Count running limits anew where *new* counts them in another way than *old*, within the deploy."""
    if signature(old) == signature(new.project):
        return Moved()
    return await Recounting(new).run(connection, now, everything=True)


async def recount_for_holidays(
    app: App, database: Database, now: dt.datetime, version: str | None = None
) -> Moved:  # fmt: skip
    """Count running limits anew once the public holidays that calendars know have another *version* than before."""
    if app.project.calendar is None:
        return Moved()
    if "fw_noted" not in (await inspect(database, app.dialect)).columns:
        return Moved()  # deployed by an older version of ours
    table = app.tables.metadata.tables["fw_noted"]
    name = given("name", table.c.name)
    read = render(sa.select(table.c.value).where(table.c.name == name), app.dialect)
    version = version or holidays_version()
    if await read.fetch(database, {"name": "holidays"}) == [(version,)]:
        return Moved()

    async def work(connection: Connection) -> Moved:
        if app.dialect == "postgresql":
            await connection.fetch("select pg_advisory_xact_lock(7246942)")
        rows = await read.fetch(connection, {"name": "holidays"})
        if [row[0] for row in rows] == [version]:
            return Moved()
        values = {"name": "holidays", "value": version}
        forget = render(sa.delete(table).where(table.c.name == name), app.dialect)
        await forget.fetch(connection, values)
        note = sa.insert(table).values(name=name, value=given("value", table.c.value))
        await render(note, app.dialect).fetch(connection, values)
        # What a new database begins with, was counted by this version.
        return await Recounting(app).run(connection, now) if rows else Moved()

    return await in_transaction(database, work)


def _same(value: Any) -> Any:
    return value
