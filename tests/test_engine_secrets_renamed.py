"""Secrets stay readable when their field, their entity or their rows get another name, and when that is undone."""

from __future__ import annotations

import asyncio

from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy, rollback
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import build, compile_project
from fachwerk.engine.service import Service, utc_now
from fachwerk.engine.values import Person
from fachwerk.engine.versions import Versions
from office import read_text

FIRST = """
app: vault
languages: [en]
---
roles: {clerk: {}}
---
entity: safe
fields:
  name: text!
  code: secret
  keys: {type: rows, fields: {label: text, pin: secret}}
access: {clerk: {create: true, read: true, update: true}}
"""
SECOND = FIRST.replace("  code: secret", "  number: {type: secret, was: code}").replace(
    "pin: secret", "digits: {type: secret, was: pin}"
)
THIRD = SECOND.replace("entity: safe", "entity: locker\nwas: safe").replace(", was: code", "").replace(", was: pin", "")
FOURTH = THIRD.replace("\nwas: safe", "").replace("  keys: {type: rows", "  bunch: {type: rows, was: keys")
CLERK = Person("018f0000-0000-7000-8000-000000000001", "Clerk", "", frozenset({"clerk"}), "en")


async def in_force(url: str) -> tuple[Service, object]:
    database = await open_database(url)
    versions = Versions(database.dialect)
    latest = await versions.latest(database)
    assert latest is not None
    project = await versions.project(database, latest[0])
    return Service(compile_project(project, database.dialect), database, Keys(bytes(32)), utc_now), database


def test_secrets_are_readable_under_every_name(database_url: str) -> None:
    async def seen(entity: str, key: str, field: str, rows: str, inner: str) -> tuple[object, object]:
        service, database = await in_force(database_url)
        try:
            record = await service.read(CLERK, entity, key)
            listed = record.values[rows]
            assert isinstance(listed, list | tuple)
            return record.values[field], [row[inner] for row in listed]
        finally:
            await database.close()  # type: ignore[attr-defined]

    async def work() -> None:
        running = await build(read_text(FIRST), database_url, keys=Keys(bytes(32)))
        await deploy(running.app, running.database)
        made = await running.service.create(
            CLERK, "safe", {"name": "a", "code": "1234", "keys": [{"label": "front", "pin": "77"}]}
        )
        now = ("1234", ["77"])
        for text, names in (
            (SECOND, ("safe", made.id, "number", "keys", "digits")),
            (THIRD, ("locker", made.id, "number", "keys", "digits")),
            (FOURTH, ("locker", made.id, "number", "bunch", "digits")),
        ):
            await deploy(compile_project(read_text(text), running.database.dialect), running.database)
            assert await seen(*names) == now
        service, database = await in_force(database_url)
        await service.change(CLERK, "locker", made.id, {"number": "5678"}, version=1)
        await database.close()  # type: ignore[attr-defined]
        await rollback(running.database, 2)
        assert await seen("safe", made.id, "number", "keys", "digits") == ("5678", ["77"])
        await rollback(running.database, 1)
        assert await seen("safe", made.id, "code", "keys", "pin") == ("5678", ["77"])
        await running.database.close()

    asyncio.run(work())
