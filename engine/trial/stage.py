"""The stage of a trial: an app on a database in memory, people who act, a clock, and what was sent.

Everything goes through the real service and the real worker; only the clock is set by hand, and mails and webhooks are
caught instead of delivered. :meth:`Stage.scene` undoes everything at its end, so one stage serves many trials.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.inbox import Inbox
from fachwerk.engine.keys import Keys, new_id
from fachwerk.engine.letters.making import Press
from fachwerk.engine.main import compile_project
from fachwerk.engine.service import Service
from fachwerk.engine.statements import Statement, given, render, table_texts
from fachwerk.engine.trial.memory import Clock, MemoryDatabase
from fachwerk.engine.values import Person
from fachwerk.engine.work.job import Outside
from fachwerk.engine.work.queue import Job
from fachwerk.engine.worker import Pace, Worker
from fachwerk.schemas.model import Project
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver

START = dt.datetime(2026, 3, 2, 9, 0)
"""Where the clock stands if nothing is said, in the zone of the app: a Monday, a working day everywhere."""
ALWAYS = 36_500
"""Days for which effects that are done are kept: what was sent is looked at in the end."""
OFTEN = dt.timedelta(days=2)
"""When time passes for longer than this, what happens several times a day happens once a day."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that would have been sent."""

    to: str
    message: str | None
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Call:
    """A webhook that would have been called; *body* is its JSON text."""

    hook: str
    body: str


@dataclass(slots=True)
class Outbox:
    """What would have left the machine, in order."""

    mails: list[Mail] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    async def mail(self, job: Job) -> str:
        """Keep a mail."""
        data = job.payload
        self.mails.append(Mail(data["to"], data.get("message"), data["subject"], data["body"]))
        return "caught"

    async def call(self, job: Job) -> str:
        """Keep a webhook."""
        self.calls.append(Call(str(job.payload["hook"]), str(job.payload["body"])))
        return "caught"


@dataclass(frozen=True)
class _Trial:
    """What the worker works for."""

    app: App
    database: MemoryDatabase
    service: Service


class Stage:
    """An app to be tried out. Make it with :func:`open_stage`; not for several tasks at once."""

    def __init__(self, app: App, database: MemoryDatabase, press: Press | None = None) -> None:
        """*press*: one that others make documents with, too."""
        self.app, self.database = app, database
        self.clock = Clock(self.start())
        self.service = Service(app, database, Keys(bytes(32)), self.clock)
        self.service.kit.press = press or self.service.kit.press
        self.inbox = Inbox(self.service)
        self.outbox = Outbox()
        self.worked = 0
        """How much the worker has done so far: where that has not changed, no effect was tried."""
        caught = {"mail": Outside(self.outbox.mail), "delivery": Outside(self.outbox.call)}
        self.worker = Worker(_Trial(app, database, self.service), pace=Pace(keep_days=ALWAYS), instead=caught)
        self._statements = _statements(app)
        moment = Form("datetime")
        self._write = to_driver(moment, "sqlite") or _same
        self._read = from_driver(moment, "sqlite") or _same

    def start(self, day: dt.datetime | None = None) -> dt.datetime:
        """Return a local time of the app (default: :data:`START`) as a moment."""
        return (day or START).replace(tzinfo=self.app.calendar.timezone).astimezone(dt.UTC)

    @asynccontextmanager
    async def scene(self, start: dt.datetime | None = None) -> AsyncIterator[None]:
        """Begin with nothing there, at *start*; at the end everything is as before."""
        self.clock.set(start or self.start())
        self.outbox.mails.clear()
        self.outbox.calls.clear()
        self.worker.rewind()
        async with self.database.scene():
            yield

    async def person(self, name: str, roles: Iterable[str], full: str = "", language: str = "") -> Person:
        """Make an account and return who it is; its mail address is ``name@example.org``."""
        held, project = tuple(roles), self.app.project
        user, language = new_id(), language or project.languages[0]
        full, email = full or name.replace("_", " ").title(), f"{name}@example.org"
        values = {"id": user, "name": full, "sign_in": name, "email": email, "language": language}
        await self._statements["user"].fetch(self.database, values | {"created": self._write(self.clock())})
        for role in sorted(set(held)):
            await self._statements["role"].fetch(self.database, {"user": user, "role": role})
        closed = frozenset(held).union(*(project.roles[role].includes for role in held))
        return Person(user, full, email, closed, language)

    async def settle(self) -> None:
        """Do everything that is due now, and what follows from it."""
        self.worked += await self.worker.run_due()

    async def pass_time(self, until: dt.datetime) -> None:
        """Let the time pass until *until*; whatever becomes due on the way happens at its moment."""
        often = until - self.clock() > OFTEN
        await self.settle()
        while (moment := await self._next(often)) is not None and moment <= until:
            self.clock.set(moment)
            await self.settle()
        self.clock.set(until)
        await self.settle()

    async def failures(self) -> list[str]:
        """Return why effects did not work that were tried so far."""
        return [str(row[0]) for row in await self._statements["failed"].fetch(self.database, {})]

    async def _next(self, often: bool) -> dt.datetime | None:
        """Return when something becomes due next after now."""
        now = self.clock()
        rows = await self._statements["waking"].fetch(self.database, {"now": self._write(now)})
        found = [self._read(row[0]) for row in rows if row[0] is not None]
        periodic = await self.worker.upcoming()
        if periodic is not None:
            day = now + dt.timedelta(days=1)
            found.append(max(periodic, day) if often and periodic < day and not self._has_times() else periodic)
        moments = [moment for moment in found if isinstance(moment, dt.datetime) and moment > now]
        return min(moments, default=None)

    def _has_times(self) -> bool:
        """Whether something happens at a time of day: then that is when the others are looked at, too."""
        return any(one.every is not None and one.every.at for one in self.app.project.automations.values())


async def open_stage(project: Project, app: App | None = None, press: Press | None = None) -> Stage:
    """Return an empty stage for *project* (or for *app*, where it is compiled already for SQLite)."""
    logging.getLogger("fachwerk.worker").setLevel(logging.CRITICAL)
    app = app or compile_project(project, "sqlite")
    database = MemoryDatabase()
    await database.script(table_texts(app.tables.metadata, "sqlite"))
    return Stage(app, database, press)


def _statements(app: App) -> dict[str, Statement]:
    tables = app.tables.metadata.tables
    user, role, effect = tables["fw_user"], tables["fw_role"], tables["fw_effect"]
    names = ("id", "name", "sign_in", "email", "language", "created")
    values: dict[str, object] = {name: given(name, user.c[name]) for name in names}
    wakes = effect.c.wake_at
    return {
        "user": render(sa.insert(user).values(**values, active=sa.literal(1)), "sqlite"),
        "role": render(sa.insert(role).values({c.name: given(str(c.name), c) for c in role.c}), "sqlite"),
        "waking": render(sa.select(sa.func.min(wakes)).where(wakes > given("now", wakes)), "sqlite"),
        "failed": render(sa.select(effect.c.error).where(effect.c.error.is_not(None)), "sqlite"),
    }


def _same(value: object) -> object:
    return value
