"""A town whose permits go through a workflow, in versions that follow each other in one database."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

import httpx2
from fachwerk.engine.database import Database
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import Running, compile_project
from fachwerk.engine.plan.model import Plan
from fachwerk.engine.plan.planning import make_plan
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.service import Service, utc_now
from fachwerk.engine.values import Person
from fachwerk.engine.versions import Versions
from office import read_text

CLERK = Person("018f0000-0000-7000-8000-000000000001", "Carl", "", frozenset({"clerk"}), "en")
HEAD = Person("018f0000-0000-7000-8000-000000000002", "Hedi", "", frozenset({"head"}), "en")
PASSWORD = "a long enough password"
SETTINGS = Settings(sign_in_failures_address=1000)


@dataclass
class Town:
    """What runs in a database just now."""

    database: Database
    service: Service

    async def create(self, subject: str, fee: str = "20") -> str:
        """Make a permit."""
        return (await self.service.create(CLERK, "permit", {"subject": subject, "fee": Decimal(fee)})).id

    async def act(self, key: str, action: str, who: Person = CLERK) -> str:
        """Take a step and return the state."""
        return str((await self.service.act(who, "permit", key, action)).values["state"])

    async def actions(self, key: str, who: Person = CLERK) -> dict[str, bool]:
        """Return the names of actions and whether they are possible."""
        return {one.name: one.possible for one in await self.service.actions(who, "permit", key)}


async def town(database: Database, clock: Callable[[], dt.datetime] = utc_now) -> Town:
    """Return the version in force."""
    versions = Versions(database.dialect)
    latest = await versions.latest(database)
    assert latest is not None
    project = await versions.project(database, latest[0])
    app = compile_project(project, database.dialect)
    return Town(database, Service(app, database, Keys(bytes(32)), clock))


async def put(database: Database, text: str, allowed: tuple[str, ...] = ()) -> Town:
    """Deploy *text* and return it."""
    await deploy(compile_project(read_text(text), database.dialect), database, allowed=frozenset(allowed))
    return await town(database)


async def planned(database: Database, text: str) -> Plan:
    """Plan *text*."""
    return await make_plan(database, read_text(text))


def within(url: str, work: Callable[[Database], Awaitable[None]]) -> None:
    """Run *work* with the database."""

    async def run() -> None:
        database = await open_database(url)
        try:
            await work(database)
        finally:
            await database.close()

    asyncio.run(run())


async def people(database: Database) -> None:
    """Make the accounts that records name."""
    hashed = await Passwords(SETTINGS).hash(PASSWORD)
    for person in (CLERK, HEAD):
        true, now = ("1", "'2026-01-01T00:00:00.000000+00:00'") if database.dialect == "sqlite" else ("true", "now()")
        await database.script([
            "INSERT INTO fw_user (id, name, sign_in, language, active, created, password) VALUES "
            f"('{person.id}', '{person.name}', '{person.name.lower()}', 'en', {true}, {now}, '{hashed}')",
            f"INSERT INTO fw_role (\"user\", role) VALUES ('{person.id}', '{next(iter(person.roles))}')",
        ])  # fmt: skip


@asynccontextmanager
async def browser(town: Town, who: Person = CLERK) -> AsyncIterator[httpx2.AsyncClient]:
    """Sign in and look at pages."""
    server = build_server(Running(town.service.app, town.database, town.service), SETTINGS)
    transport = httpx2.ASGITransport(app=server, client=("192.0.2.1", 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        token = re.search(r'name="_csrf" value="([^"]*)"', (await client.get("/sign-in")).text)
        assert token is not None
        form = {"_csrf": token[1], "name": who.name.lower(), "password": PASSWORD}
        assert (await client.post("/sign-in", data=form)).status_code == 303
        yield client
