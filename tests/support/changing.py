"""Deploying one text after the other to a database, and working with the service of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

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


async def deployed(url: str, text: str, allowed: tuple[str, ...] = ()) -> None:
    """Deploy *text*."""
    running = await opened(url, text)
    try:
        await deploy(running.app, running.database, allowed=frozenset(allowed))
    finally:
        await running.database.close()


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
