"""Deploys while others use the tables: nobody is kept waiting for long, and who is in the way is said."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace

import asyncpg
import pytest
from changing import deployed, deploying
from fachwerk.engine import database_sqlite
from fachwerk.engine.blocking import alter_patiently
from fachwerk.engine.changes import versions_of
from fachwerk.engine.compile import App
from fachwerk.engine.database import Blocked, Connection, Database, Holder
from fachwerk.engine.database_open import opened
from fachwerk.engine.deploy import deploy, rollback
from fachwerk.engine.main import compile_project
from fachwerk.engine.preparing import USUAL, Told
from fachwerk.problems import Refused, say
from fachwerk.schemas.tables_columns import Dialect
from office import read_text

FIRST = """
app: small
label: Small
languages: [en]
---
roles: {clerk: {}}
---
entity: thing
title: name
fields: {name: text!}
access: {clerk: {create: true, read: true}}
"""
SECOND = FIRST.replace("{name: text!}", "{name: text!, size: integer}")
IMPATIENT = replace(USUAL, longest=0.0)


def app_of(text: str, dialect: Dialect) -> App:
    return compile_project(read_text(text), dialect)


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody else reads the table and does not end the transaction."""
    connection = await asyncpg.connect(url, server_settings={"application_name": "monthly report"})
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.fetch("select count(*) from thing")
        yield connection
        if connection.is_in_transaction():
            await transaction.rollback()
    finally:
        await connection.close()


def test_a_deploy_names_who_is_in_the_way_and_changes_nothing(postgres_url: str) -> None:
    async def work() -> None:
        async with deploying(postgres_url, FIRST) as running:
            later = app_of(SECOND, "postgresql")
            async with reading(postgres_url) as reader:
                with pytest.raises(Refused) as refused:
                    await deploy(later, running.database, pace=IMPATIENT)
                said = say(refused.value.message, "en")
                assert f"process {reader.get_server_pid()} (monthly report, " in said
                assert "idle in transaction: select count(*) from thing" in said
                assert f"pg_terminate_backend({reader.get_server_pid()})" in said
                assert "Prozess" in say(refused.value.message, "de")
                with pytest.raises(Refused, match="no way back"):
                    await rollback(running.database, 1, pace=IMPATIENT)
            assert [one.number for one in await versions_of(postgres_url)] == [1]

    asyncio.run(work())


def test_others_go_on_while_a_deploy_waits_for_a_reader(postgres_url: str) -> None:
    async def work() -> None:
        async with deploying(postgres_url, FIRST) as running:
            later = app_of(SECOND, "postgresql")
            told: list[Told] = []
            heard = asyncio.Event()

            def tell(one: Told) -> None:
                told.append(one)
                if "(monthly report, " in say(one.text or "", "de"):  # a busy machine may look too late the first time
                    heard.set()

            async with opened(postgres_url) as database, reading(postgres_url) as reader:
                waiting = asyncio.create_task(deploy(later, database, tell=tell))
                async with asyncio.timeout(100):
                    await heard.wait()  # an attempt has let go of everything
                for number in range(3):
                    await running.service.create(running.service.system, "thing", {"name": f"Thing {number}"})
                assert not waiting.done()
                await reader.execute("rollback")
                assert (await waiting).version == 2
            assert "Others use the tables; they go first" in say(told[0].text or "", "en")

    asyncio.run(work())


def test_who_is_in_the_way_is_found_out_before_it_is_given_up(database_url: str) -> None:
    """Who looked too late knows nobody; after a while it is said all the same that somebody is there."""
    holder = Holder(7, "monthly report", "ada", 60.0, "idle", "select 1")

    async def ends(database: Database, known: list[tuple[Holder, ...]]) -> str:
        async def work(_connection: Connection) -> None:
            raise Blocked(known.pop(0))

        with pytest.raises(Refused, match="Others keep the tables in use") as refused:
            await alter_patiently(database, work, longest=0.0)
        return say(refused.value.message, "en")

    async def work() -> None:
        async with deploying(database_url, FIRST) as running:
            assert "process 7 (monthly report, ada)" in await ends(running.database, [(), (), (holder,)])
            assert "somebody unknown" in await ends(running.database, [()] * 5)

    asyncio.run(work())


def test_going_back_waits_in_the_same_way(postgres_url: str) -> None:
    async def work() -> None:
        await deployed(postgres_url, FIRST)
        async with deploying(postgres_url, SECOND) as running:
            async with reading(postgres_url):
                with pytest.raises(Refused, match="Others keep the tables in use") as refused:
                    await rollback(running.database, 1, pace=IMPATIENT)
                assert refused.value.status == 409
            assert (await rollback(running.database, 1)).version == 3

    asyncio.run(work())


def test_a_row_that_somebody_is_writing_is_waited_for_in_the_same_way(postgres_url: str) -> None:
    """What the engine keeps beside the records is in no table that a deploy locks."""

    async def work() -> None:
        async with deploying(postgres_url, FIRST) as running:
            await running.service.create(running.service.system, "thing", {"name": "One"})
            later = app_of(SECOND.replace("entity: thing\n", "entity: item\nwas: thing\n"), "postgresql")
            holder = await asyncpg.connect(postgres_url)
            async with holder.transaction():
                await holder.execute("update fw_history set origin = origin")
                with pytest.raises(Refused, match="Others keep the tables in use"):
                    await deploy(later, running.database, pace=IMPATIENT)
            await holder.close()
            assert (await deploy(later, running.database)).version == 2

    asyncio.run(work())


def test_two_deploys_at_once_still_wait_for_each_other(postgres_url: str) -> None:
    """The second waits for the first, however long that takes, and then finds another version."""

    async def work() -> None:
        async with deploying(postgres_url, FIRST) as running:
            later = app_of(SECOND, "postgresql")
            planned = (1, running.app.project.hash)
            holder = await asyncpg.connect(postgres_url)
            async with holder.transaction():
                await holder.fetch("select pg_advisory_xact_lock(7246938)")
                both = [asyncio.create_task(deploy(later, running.database, planned=planned, pace=IMPATIENT)) for _ in range(2)]
                done, _ = await asyncio.wait(both, timeout=3)
                assert not done
            ends = await asyncio.gather(*both, return_exceptions=True)
            assert sorted(type(end).__name__ for end in ends) == ["Deployed", "Refused"]
            await holder.close()

    asyncio.run(work())


def test_a_file_that_somebody_keeps_is_a_sentence(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_sqlite, "LONGEST_WAIT_TO_ALTER", 0.2)

    async def work() -> None:
        async with deploying(sqlite_url, FIRST) as running:
            later = app_of(SECOND, "sqlite")
            with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
                other.execute("begin immediate")
                with pytest.raises(Refused, match="Another process has been writing"):
                    await deploy(later, running.database)
                other.execute("rollback")
            assert (await deploy(later, running.database)).version == 2

    asyncio.run(work())
