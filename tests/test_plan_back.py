"""What was given up and comes back: entities with links to them, what they kept aside themselves, trees, files."""

from __future__ import annotations

import asyncio
import datetime as dt

from changing import ACCESS, HEAD, deployed, with_service
from fachwerk.engine.database import Database
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import rollback
from fachwerk.engine.inspect import inspect
from fachwerk.engine.main import Running
from fachwerk.engine.plan import kept
from fachwerk.engine.values import FileUpload, Person

ROOM = f"entity: room\ntitle: name\nfields:\n  name: text!\n  size: SIZE\n{ACCESS}---\n"
CASE = f"entity: case\ntitle: name\nfields:\n  name: text!\n  room: {{type: link, to: room}}\n{ACCESS}"
FIRST = HEAD + ROOM.replace("SIZE", "integer") + CASE
TEXTS = HEAD + ROOM.replace("SIZE", "text") + CASE
GONE = f"{HEAD}entity: room\ndrop: true\n---\n" + CASE.replace("{type: link, to: room}", "{drop: true}")


async def fill(running: Running, who: Person) -> None:
    """Make rooms and a case in one of them."""
    rooms = [await running.service.create(who, "room", {"name": f"r{n}", "size": n}) for n in range(3)]
    await running.service.create(who, "case", {"name": "c", "room": rooms[1].id})


async def rows(database: Database) -> list[tuple[object, ...]]:
    """Return the case with its room."""
    text = "SELECT c.name, r.name, r.size FROM \"case\" c JOIN room r ON r.id = c.room"
    return [tuple(row) for row in await database.fetch(text)]


def test_an_entity_that_was_given_up_comes_back_with_the_links_to_it(database_url: str) -> None:
    """Also with what an earlier version had kept aside within it."""

    async def work() -> None:
        await deployed(database_url, FIRST)
        await with_service(database_url, FIRST, fill)
        await deployed(database_url, TEXTS)
        await deployed(database_url, GONE)
        database = await open_database(database_url)
        await rollback(database, 1)
        assert await rows(database) == [("c", "r1", 1)]
        await database.close()

    asyncio.run(work())


def test_what_was_kept_within_a_table_is_forgotten_with_the_table(database_url: str) -> None:
    async def work() -> None:
        await deployed(database_url, FIRST)
        await with_service(database_url, FIRST, fill)
        await deployed(database_url, TEXTS)
        await deployed(database_url, GONE)
        database = await open_database(database_url)
        later = dt.datetime.now(dt.UTC) + kept.KEPT_FOR + dt.timedelta(days=1)
        async with database.transaction() as connection:
            assert set(await kept.discard(connection, database.dialect, later)) == {"room.size", "case.room", "room"}
        assert not [name for name in (await inspect(database, database.dialect)).columns if "_gone_" in name]
        await database.close()

    asyncio.run(work())


def test_a_link_becomes_a_tree_and_a_tree_a_link(database_url: str) -> None:
    link = f"{HEAD}entity: place\ntitle: name\nfields:\n  name: text!\n  within: {{type: link, to: place}}\n{ACCESS}"

    async def making(running: Running, who: Person) -> None:
        above = None
        for name in ("a", "b", "c"):
            above = (await running.service.create(who, "place", {"name": name, "within": above})).id

    async def reading(running: Running, _: Person) -> None:
        paths = await running.database.fetch('SELECT _path FROM place ORDER BY name')
        ids = [str(row[0]) for row in await running.database.fetch('SELECT id FROM place ORDER BY name')]
        assert [row[0] for row in paths] == [f"/{'/'.join(ids[: n + 1])}/" for n in range(3)]

    async def work() -> None:
        tree = link.replace("{type: link, to: place}", "{type: tree}")
        await deployed(database_url, link)
        await with_service(database_url, link, making)
        await deployed(database_url, tree)
        await with_service(database_url, tree, reading)
        await deployed(database_url, link)
        database = await open_database(database_url)
        assert len(await database.fetch("SELECT id FROM place WHERE within IS NOT NULL")) == 2
        await rollback(database, 2)
        await database.close()
        await with_service(database_url, tree, reading)

    asyncio.run(work())


def test_a_file_becomes_several_and_one_of_them_a_file_again(database_url: str) -> None:
    one = f"{HEAD}entity: paper\ntitle: name\nfields:\n  name: text!\n  copy: {{type: file}}\n{ACCESS}"

    async def making(running: Running, who: Person) -> None:
        upload = FileUpload("a.txt", "text/plain", b"text")
        await running.service.create(who, "paper", {"name": "a", "copy": [upload]})

    async def work() -> None:
        await deployed(database_url, one)
        await with_service(database_url, one, making)
        await deployed(database_url, one.replace("type: file", "type: files"))
        database = await open_database(database_url)
        await rollback(database, 1)
        ((kept_,),) = await database.fetch("SELECT copy FROM paper")
        assert "a.txt" in str(kept_)
        await database.close()

    asyncio.run(work())
