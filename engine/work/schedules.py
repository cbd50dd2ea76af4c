"""Schedules: periodic work without a leader. Whoever moves the next moment on has won, and notes the run with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Database, in_transaction
from fachwerk.engine.effects import Effects
from fachwerk.engine.statements import given, render
from fachwerk.schemas.model import Automation, Schedule
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver

HOURLY = Schedule(hours=1)


class Schedules:
    """The periodic automations of one app."""

    def __init__(self, app: App, effects: Effects) -> None:
        self._app, self._effects = app, effects
        automations = app.project.automations.values()
        self._periodic = {one.name: one for one in automations if one.every is not None or one.inactive is not None}
        table = app.tables.metadata.tables["fw_schedule"]
        moment = Form("datetime")
        self._write, self._read = to_driver(moment, app.dialect), from_driver(moment, app.dialect)
        names = sa.select(table.c.name, table.c.next, table.c.last)
        self._all = render(names, app.dialect)
        self._insert = render(sa.insert(table).values({c.name: given(str(c.name), c) for c in table.c}), app.dialect)
        seen = (table.c.name == given("name", table.c.name), table.c.next == given("seen", table.c.next))
        move = sa.update(table).where(*seen).values(next=given("next", table.c.next), last=given("now", table.c.next))
        self._move = render(move.returning(table.c.name), app.dialect)
        self._shift = render(sa.update(table).where(*seen).values(next=given("next", table.c.next)), app.dialect)
        self._soonest: dt.datetime | None = None

    def rewind(self) -> None:
        """Forget when to look again: the clock was set back."""
        self._soonest = None

    async def upcoming(self, database: Connection) -> dt.datetime | None:
        """Return when the next periodic work is due, if any has begun."""
        rows = await self._all.fetch(database, {}) if self._periodic else []
        return min((self._seen(row[1]) for row in rows if row[0] in self._periodic), default=None)

    async def tick(self, database: Database, now: dt.datetime) -> int:
        """Note the runs whose moment has come; return how many."""
        if not self._periodic or (self._soonest is not None and now < self._soonest):
            return 0
        rows = {row[0]: (row[1], row[2]) for row in await self._all.fetch(database, {})}
        done, soonest = 0, []
        for name, automation in self._periodic.items():
            if name not in rows:
                await self._begin(database, automation, now)
                done += 1
                continue
            due = self._seen(rows[name][0])
            if due <= now:
                done += await self._run(database, automation, rows[name], now)
            else:
                soonest.append(await self._aligned(database, automation, rows[name][0], now))
        # Looked at again at the latest in a minute: another worker may have begun or moved a schedule.
        self._soonest = None if done else min([now + dt.timedelta(minutes=1), *soonest])
        return done

    async def _begin(self, database: Database, automation: Automation, now: dt.datetime) -> None:
        async def work(connection: Connection) -> None:
            known = {row[0] for row in await self._all.fetch(connection, {})}
            if automation.name not in known:
                values = {"name": automation.name, "next": self._driver(self.first(automation, now)), "last": None}
                await self._insert.fetch(connection, values)

        await in_transaction(database, work)

    async def _run(
        self, database: Database, automation: Automation, row: tuple[Any, Any], now: dt.datetime
    ) -> int:  # fmt: skip
        following = self.next(automation, now)
        payload = {"automation": automation.name, "at": now.isoformat(), "depth": 0, "after": None}
        payload["since"] = self._seen(row[1]).isoformat() if row[1] is not None else None

        async def work(connection: Connection) -> int:
            moments = {"seen": row[0], "next": self._driver(following), "now": self._driver(now)}
            values = {"name": automation.name, **moments}
            if not await self._move.fetch(connection, values):
                return 0
            await self._effects.enqueue(connection, "automation_run", payload, now=now, entity=automation.of)
            return 1

        return await in_transaction(database, work)

    async def _aligned(self, database: Database, automation: Automation, seen: Any, now: dt.datetime) -> dt.datetime:
        """Return when an automation runs next; where that was said by another schedule, by the one there is now."""
        due, following = self._seen(seen), self.next(automation, now)
        if due <= following and ((automation.every or HOURLY).at is None or self._is_moment(automation, due)):
            return due

        async def work(connection: Connection) -> None:
            values = {"name": automation.name, "seen": seen, "next": self._driver(following)}
            await self._shift.fetch(connection, values)

        await in_transaction(database, work)
        return following

    def _is_moment(self, automation: Automation, moment: dt.datetime) -> bool:
        """Whether a schedule with a time of day has a run at *moment*."""
        return self.next(automation, moment - dt.timedelta(seconds=1)) == moment

    def first(self, automation: Automation, now: dt.datetime) -> dt.datetime:
        """Return when an automation that is new runs first: at its time of day, else at once."""
        return now if (automation.every or HOURLY).at is None else self.next(automation, now)

    def next(self, automation: Automation, now: dt.datetime) -> dt.datetime:
        """Return when an automation runs next after *now*; runs missed while nobody worked are not made up for."""
        every = automation.every or HOURLY
        if every.at is None:
            return now + dt.timedelta(hours=every.hours)
        calendar = self._app.calendar
        time = dt.time.fromisoformat(every.at)
        day = calendar.today(now)
        while True:
            moment = dt.datetime.combine(day, time, calendar.timezone).astimezone(dt.UTC)
            if moment > now and (not every.working_days or calendar.is_working_day(day)):
                return moment
            day += dt.timedelta(days=1)

    def _driver(self, moment: dt.datetime) -> object:
        return self._write(moment) if self._write else moment

    def _seen(self, value: Any) -> dt.datetime:
        found: dt.datetime = self._read(value) if self._read else value
        return found
