"""Deploying: from nothing, again, with additions, and refusing what would need more; and the two databases themselves."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from fachwerk.engine.database import StillLinked, Unique
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import Deployed, current, deploy, files_of
from fachwerk.engine.keys import Keys, new_id
from fachwerk.engine.main import Running, build
from fachwerk.problems import Refused
from office import OFFICE, office, read_text

SMALL = """
app: small
label: Small
languages: [en]
timezone: Europe/Berlin
currency: EUR
---
roles: {clerk: {label: Clerk}}
---
entity: thing
title: name
fields:
  name: text!
  cost: money
access: {clerk: {create: true, read: true, update: true}}
"""
LARGER = (
    SMALL.replace(
        "  cost: money\n",
        "  cost: money\n  code: {type: text, unique: true}\n  box: {type: link, to: box}\n  at: datetime\n  done: boolean\n",
    )
    + "---\nentity: box\ntitle: name\nfields:\n  name: text!\naccess: {clerk: {create: true, read: true}}\n"
)


async def opened(url: str, text: str) -> Running:
    """Compile *text* for the database of *url*."""
    return await build(read_text(text), url, keys=Keys(bytes(32)))


def test_deploying_twice_does_nothing_the_second_time(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url) as made:
            again = await deploy(made.running.app, made.running.database)
            assert again == Deployed(1, made.running.app.project.hash, ())
            files = await files_of(made.running.app, made.running.database, 1)
            assert files == {"app.yaml": OFFICE.encode()}

    asyncio.run(work())


def test_additions_are_made_on_live_data(database_url: str) -> None:
    async def work() -> None:
        first = await opened(database_url, SMALL)
        await deploy(first.app, first.database, why="begin")
        thing = await first.service.create(first.service.system, "thing", {"name": "a", "cost": Decimal(1)})
        await first.database.close()
        second = await opened(database_url, LARGER)
        done = await deploy(second.app, second.database)
        assert done.version == 2
        assert {"box", "thing.code", "thing.box", "uq_thing__code"} <= set(done.made)
        assert (await deploy(second.app, second.database)).made == ()
        box = await second.service.create(second.service.system, "box", {"name": "b"})
        changed = await second.service.change(
            second.service.system, "thing", thing.id, {"box": box.id, "code": "x", "done": True}, version=1
        )
        assert (changed.values["cost"], changed.values["code"]) == (Decimal(1), "x")
        with pytest.raises(Refused) as caught:
            await second.service.create(second.service.system, "thing", {"name": "c", "code": "x"})
        assert list(caught.value.fields) == ["code"]
        await second.database.close()

    asyncio.run(work())


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        (SMALL.replace("cost: money", "cost: date"), "thing.cost", "not_converted"),
        (SMALL.replace("  cost: money\n", ""), "thing.cost", "loss"),
    ],
)
def test_what_would_lose_values_is_refused_and_changes_nothing(
    database_url: str, text: str, place: str, code: str
) -> None:
    async def work() -> None:
        first = await opened(database_url, SMALL)
        await deploy(first.app, first.database)
        await first.service.create(first.service.system, "thing", {"name": "a", "cost": Decimal(1)})
        await first.database.close()
        second = await opened(database_url, text)
        with pytest.raises(Refused) as caught:
            await deploy(second.app, second.database)
        assert caught.value.code == code
        assert list(caught.value.fields) == [place]
        assert await current(second.app, second.database) == (1, first.app.project.hash)
        await second.database.close()

    asyncio.run(work())


def test_two_deploys_at_once(database_url: str) -> None:
    async def work() -> None:
        running = [await opened(database_url, SMALL) for _ in range(2)]
        done = await asyncio.gather(*(deploy(one.app, one.database) for one in running))
        assert [one.version for one in done] == [1, 1]
        assert sorted(bool(one.made) for one in done) == [False, True]
        for one in running:
            await one.database.close()

    asyncio.run(work())


async def together(running: Running, *texts: str) -> None:
    """Run statements in one transaction."""
    async with running.database.transaction() as connection:
        for text in texts:
            await connection.fetch(text)


def test_database_refusals_say_what(database_url: str) -> None:
    async def work() -> None:
        running = await opened(database_url, LARGER)
        await deploy(running.app, running.database)
        text = "'2026-01-01T00:00:00.000000+00:00'"
        one = f"insert into thing (id, version, created, changed, name, code) values ('{new_id()}', 1, {text}, {text}, 'a', 'x')"
        two = one.replace(one[one.index("('") + 2 : one.index("',")], new_id())
        with pytest.raises(Unique) as caught:
            await together(running, one, two)
        assert caught.value.index == "uq_thing__code" or caught.value.columns == ("code",)
        assert list(await running.database.fetch("select id from thing")) == []
        box = one.replace("code)", "box)").replace("'x')", f"'{new_id()}')")
        with pytest.raises(StillLinked):
            await together(running, box)
        await running.database.close()

    asyncio.run(work())


def test_another_process_holding_sqlite_does_not_stop_the_loop(tmp_path: Path) -> None:
    """While somebody else writes, reads go on, the loop turns, and the write happens when its turn comes."""

    async def work() -> None:
        path = tmp_path / "busy.db"
        database = await open_database(f"sqlite:///{path}")
        await database.script(["create table t (n integer)"])
        held, release = threading.Event(), threading.Event()

        def hold() -> None:
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("begin immediate")
            held.set()
            release.wait(60)
            other.execute("commit")
            other.close()

        thread = threading.Thread(target=hold)
        thread.start()
        await asyncio.to_thread(held.wait, 60)

        async def write() -> None:
            async with database.transaction() as connection:
                await connection.fetch("insert into t values (1)")

        writing = asyncio.create_task(write())
        for _ in range(20):
            await asyncio.sleep(0)
            assert list(await database.fetch("select * from t")) == []
        assert not writing.done()
        release.set()
        await writing
        assert list(await database.fetch("select * from t")) == [(1,)]
        await asyncio.to_thread(thread.join)
        await database.close()

    asyncio.run(work())
