"""Changes that keep the values: renames, conversions, fillings, what is dropped; and the way back, row by row the same."""

from __future__ import annotations

import asyncio
import datetime as dt
from decimal import Decimal

import pytest
from changing import ACCESS, HEAD, deployed, opened, with_service
from fachwerk.engine.database import Database
from fachwerk.engine.deploy import deploy, rollback
from fachwerk.engine.inspect import inspect
from fachwerk.engine.main import Running
from fachwerk.engine.plan import kept
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from office import read_text

BOX = f"entity: box\ntitle: name\nfields: {{name: text!}}\n{ACCESS}---\n"
FIRST = (
    HEAD
    + BOX
    + f"""
entity: thing
title: name
fields:
  name: text!
  storeys: text
  kind: {{type: choice, options: [new, conversion, extension]}}
  tags: {{type: choices, options: [a, b, c]}}
  fax: text
  cost: money
  double: {{type: money, computed: 2 * cost, stored: true}}
  box: {{type: link, to: box}}
  boxes: {{type: links, to: box}}
  parts: {{type: rows, fields: {{label: text, size: integer}}}}
list: {{columns: [name, kind], sort: name, filters: [kind]}}
{ACCESS}"""
)
SECOND = (
    HEAD
    + BOX
    + f"""
entity: item
was: thing
title: name
fields:
  name: text!
  levels: {{type: integer, was: storeys, convert: 'if storeys = "two" then 2 else null'}}
  kind: {{type: choice, options: {{new: New, change: {{was: [conversion, extension]}}}}}}
  tags: {{type: choices, options: {{a: A, b: {{was: c}}}}}}
  fax: {{drop: true}}
  price: {{type: money, was: cost, places: 3}}
  triple: {{type: money, computed: 3 * price, stored: true}}
  place: {{type: link, to: [box, item], was: box}}
  cases: {{type: links, to: box, was: boxes}}
  pieces: {{type: rows, was: parts, fields: {{title: {{type: text, was: label}}, size: decimal}}}}
  code: {{type: text, unique: true, fill: 'name + "-" + string(count(parts))'}}
list: {{columns: [name, kind], sort: -name, filters: [kind, place]}}
{ACCESS}"""
)


async def fill_first(running: Running, who: Person) -> None:
    """Some records with everything in them."""
    service = running.service
    boxes = [(await service.create(who, "box", {"name": f"box {n}"})).id for n in range(3)]
    kinds = ("new", "conversion", "extension")
    for number in range(6):
        await service.create(who, "thing", {
            "name": f"thing {number}",
            "storeys": ("3", "two", None)[number % 3],
            "kind": kinds[number % 3],
            "tags": ("a", "c"),
            "fax": None if number else "030",
            "cost": Decimal(number),
            "box": boxes[number % 3],
            "boxes": tuple(boxes[: number % 3]),
            "parts": [{"label": f"p{n}", "size": n} for n in range(number % 3)],
        })  # fmt: skip


async def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables of the application, columns in the order of their names."""
    found = {}
    there = await inspect(database, database.dialect)
    for table, columns in sorted(there.columns.items()):
        if not table.startswith(("fw_", "_")):
            listed = ", ".join(f'"{name}"' for name in sorted(columns) if not name.startswith("_gone"))
            rows = await database.fetch(f'SELECT {listed} FROM "{table}"')
            found[f"{table}({listed})"] = sorted((tuple(row) for row in rows), key=repr)
    return found


def test_values_follow_their_fields_and_come_back(database_url: str) -> None:
    async def work() -> None:
        await deployed(database_url, FIRST)
        await with_service(database_url, FIRST, fill_first)
        running = await opened(database_url, SECOND)
        before = await everything(running.database)
        indexes = (await inspect(running.database, running.app.dialect)).indexes
        done = await deploy(running.app, running.database)
        assert done.version == 2
        await with_service(database_url, SECOND, judge_second)
        again = await deploy(running.app, running.database)
        assert (again.version, again.made) == (2, ())
        back = await rollback(running.database, 1)
        assert back.version == 3
        assert await everything(running.database) == before
        assert (await inspect(running.database, running.app.dialect)).indexes == indexes
        forth = await rollback(running.database, 2)
        assert forth.version == 4
        await running.database.close()
        await with_service(database_url, SECOND, judge_second)

    asyncio.run(work())


async def judge_second(running: Running, who: Person) -> None:
    """What the records are under the second configuration."""
    rows = await running.database.fetch("SELECT id FROM item ORDER BY name")
    records = [await running.service.read(who, "item", row[0]) for row in rows]
    assert [r.values["levels"] for r in records] == [3, 2, None, 3, 2, None]
    assert [r.values["kind"] for r in records] == ["new", "change", "change"] * 2
    assert {r.values["tags"] for r in records} == {("a", "b")}
    assert [r.values["price"] for r in records] == [Decimal(n) for n in range(6)]
    assert [r.values["triple"] for r in records] == [3 * Decimal(n) for n in range(6)]
    assert [r.values["place"].title for r in records] == ["box 0", "box 1", "box 2"] * 2  # type: ignore[attr-defined]
    assert [len(r.values["cases"]) for r in records] == [0, 1, 2] * 2  # type: ignore[arg-type]
    assert [[p["title"] for p in r.values["pieces"]] for r in records][2] == ["p0", "p1"]  # type: ignore[attr-defined]
    assert [r.values["code"] for r in records] == [f"thing {n}-{n % 3}" for n in range(6)]
    assert "fax" not in records[0].values


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("  fax: text\n", "", "thing.fax"),
        ("  fax: text\n", "  fax: integer\n", None),
        ("conversion, extension]", "extension]", "thing.kind.conversion"),
        ("  boxes: {type: links, to: box}\n", "", "thing.boxes"),
        ("  storeys: text\n", "  storeys: integer\n", "thing.storeys"),
        (BOX, BOX.replace("box", "crate"), "box"),
    ],
)
def test_nothing_is_lost_by_inference(database_url: str, old: str, new: str, name: str | None) -> None:
    text = FIRST.replace(old, new)
    if name == "box":
        text = text.replace("to: box", "to: crate")

    async def work() -> None:
        await deployed(database_url, FIRST)
        await with_service(database_url, FIRST, fill_first)
        if name is None:
            await deployed(database_url, text)
            return
        running = await opened(database_url, FIRST)
        before = await everything(running.database)
        with pytest.raises(Refused) as caught:
            await deployed(database_url, text)
        assert name in caught.value.fields
        assert await everything(running.database) == before
        await running.database.close()

    asyncio.run(work())


def test_what_is_allowed_is_given_up_and_comes_back(database_url: str) -> None:
    async def work() -> None:
        await deployed(database_url, FIRST)
        await with_service(database_url, FIRST, fill_first)
        running = await opened(database_url, FIRST)
        before = await everything(running.database)
        text = (
            FIRST.replace("  fax: text\n", "")
            .replace("  boxes: {type: links, to: box}\n", "")
            .replace("  parts: {type: rows, fields: {label: text, size: integer}}\n", "  parts: {drop: true}\n")
        )
        await deployed(database_url, text, allowed=("thing.fax", "thing.boxes"))
        assert "thing__boxes" not in "".join(await everything(running.database))
        await rollback(running.database, 1)
        assert await everything(running.database) == before
        await running.database.close()

    asyncio.run(work())


def test_of_two_plans_for_one_version_the_second_is_refused(database_url: str) -> None:
    async def work() -> None:
        await deployed(database_url, FIRST)
        running = await opened(database_url, FIRST.replace("fax: text", "fax: long_text"))
        other = await opened(database_url, FIRST.replace("fax: text", "fax: rich_text"))
        planned = (1, read_text(FIRST).hash)
        outcome = await asyncio.gather(
            deploy(running.app, running.database, planned=planned),
            deploy(other.app, other.database, planned=planned),
            return_exceptions=True,
        )
        refused = [one for one in outcome if isinstance(one, Refused)]
        assert [one.code for one in refused] == ["moved_on"]
        await running.database.close()
        await other.database.close()

    asyncio.run(work())


def test_what_was_entered_since_comes_along_on_the_way_back(database_url: str) -> None:
    async def since(running: Running, who: Person) -> None:
        rows = await running.database.fetch("SELECT id, version FROM item WHERE name = 'thing 1'")
        changes = {"levels": 7, "kind": "new", "price": Decimal("1.234")}
        await running.service.change(who, "item", rows[0][0], changes, version=rows[0][1])
        await running.service.create(who, "item", {"name": "later", "kind": "change", "levels": 9, "code": "x"})

    async def work() -> None:
        await deployed(database_url, FIRST)
        await with_service(database_url, FIRST, fill_first)
        await deployed(database_url, SECOND)
        await with_service(database_url, SECOND, since)
        running = await opened(database_url, FIRST)
        await rollback(running.database, 1)
        rows = await running.database.fetch("SELECT name, storeys, kind FROM thing ORDER BY name")
        found = [tuple(row) for row in rows]
        assert found[0] == ("later", "9", "conversion")
        assert found[1:3] == [("thing 0", "3", "new"), ("thing 1", "7", "new")]
        assert found[3] == ("thing 2", None, "extension")
        await running.database.close()

    asyncio.run(work())


def test_what_was_kept_for_its_time_is_gone_for_good(database_url: str) -> None:
    async def work() -> None:
        more = "  fax: text\n  open: boolean\n  at: datetime\n"
        before = FIRST.replace("  fax: text\n", more)
        await deployed(database_url, before)
        await with_service(database_url, before, fill_first)
        fewer = before.replace(more, "").replace("  box: {type: link, to: box}\n", "  box: {drop: true}\n")
        await deployed(database_url, fewer, allowed=("thing.fax",))
        running = await opened(database_url, fewer)
        async with running.database.altering() as connection:
            now = dt.datetime.now(dt.UTC)
            assert await kept.discard(connection, running.app.dialect, now) == ()
            gone = await kept.discard(connection, running.app.dialect, now + dt.timedelta(days=91))
        assert set(gone) == {"thing.fax", "thing.open", "thing.at", "thing.box"}
        with pytest.raises(Refused) as caught:
            await rollback(running.database, 1)
        assert set(caught.value.fields) == set(gone)
        columns = (await inspect(running.database, running.app.dialect)).columns["thing"]
        assert not [name for name in columns if name.startswith("_gone")]
        await running.database.close()

    asyncio.run(work())
