"""Deploying one text after the other to a database, and working with the service of each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from fachwerk.engine.deploy import deploy
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import Running, build
from fachwerk.engine.values import Person
from office import read_text

HEAD = """
app: small
label: Small
languages: [en]
timezone: Europe/Berlin
currency: EUR
---
roles: {clerk: {label: Clerk}}
---
"""
ACCESS = "access: {clerk: {create: true, read: true, update: true}}\n"
SYSTEM = Person("018f0000-0000-7000-8000-000000000001", "System", "", frozenset({"clerk"}), "en")


async def opened(url: str, text: str) -> Running:
    """Compile *text* for the database of *url*."""
    return await build(read_text(text), url, keys=Keys(bytes(32)))


@asynccontextmanager
async def deploying(url: str, text: str, allowed: tuple[str, ...] = ()) -> AsyncIterator[Running]:
    """Deploy *text* and work with it for a while."""
    running = await opened(url, text)
    try:
        await deploy(running.app, running.database, allowed=frozenset(allowed))
        yield running
    finally:
        await running.database.close()


async def deployed(url: str, text: str, allowed: tuple[str, ...] = ()) -> None:
    """Deploy *text*."""
    async with deploying(url, text, allowed):
        pass


async def with_service(url: str, text: str, work: Callable[[Running, Person], Awaitable[object]]) -> None:
    """Do *work* with the service of *text* as a clerk."""
    running = await opened(url, text)
    try:
        rows = await running.database.fetch("SELECT id FROM fw_user WHERE sign_in = 'carl'")
        if not rows:
            statement = (
                "INSERT INTO fw_user (id, name, sign_in, language, active, created) VALUES "
                f"('{SYSTEM.id}', 'Carl', 'carl', 'en', "
                + ("1, '2026-01-01T00:00:00.000000+00:00')" if running.app.dialect == "sqlite" else "true, now())")
            )
            await running.database.script([statement])
        await work(running, SYSTEM)
    finally:
        await running.database.close()


def job(*fields: str) -> str:
    """A configuration with one entity of these fields."""
    lines = "".join(f"  {field}\n" for field in ("name: text!", *fields))
    return f"{HEAD}entity: job\ntitle: name\nfields:\n{lines}{ACCESS}"


async def begin(url: str, text: str, field: str = "hours", values: Sequence[object] = (0, 2, None, 5)) -> None:
    """Deploy a configuration with a record for each value."""
    await deployed(url, text)

    async def fill(running: Running, who: Person) -> None:
        for number, value in enumerate(values):
            await running.service.create(who, "job", {"name": f"n{number:02}", field: value})

    await with_service(url, text, fill)


async def values(url: str, text: str, field: str = "hours") -> list[object]:
    """Return the values of the field in the order of the records."""
    found: list[object] = []

    async def look(running: Running, who: Person) -> None:
        rows = await running.database.fetch("SELECT id FROM job ORDER BY name")
        found.extend([(await running.service.read(who, "job", row[0])).values[field] for row in rows])

    await with_service(url, text, look)
    return found
