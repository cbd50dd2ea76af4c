"""What users of such systems were burnt by when a configuration changed under live data; none of it happens here.

The seven: a removed setting drops a table; a changed label makes and removes fields; the same files twice want to
delete; a rename loses values; a type change stops half way; dropped fields come back; records vanish with their state.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from fachwerk.engine.database import Database
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy
from fachwerk.engine.inspect import inspect
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import Running, build
from fachwerk.engine.plan.impact import count_within
from fachwerk.engine.plan.model import Impact, Plan
from fachwerk.engine.plan.planning import make_plan
from fachwerk.engine.query import Query
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from office import read_text

SHOP = """
app: shop
label: Shop
languages: [en]
timezone: Europe/Berlin
currency: EUR
---
roles: {clerk: {label: Clerk}}
---
entity: order
title: name
fields:
  name: text!
  storeys: {type: text, hint: As written}
  fax: text
list: {columns: [name], sort: name}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
workflow: handling
of: order
states: {draft: {initial: true}, decided: {}, done: {final: true}}
transitions:
  decide: {from: draft, to: decided, by: clerk}
  finish: {from: decided, to: done, by: clerk}
"""
CLERK = Person("018f0000-0000-7000-8000-000000000001", "Clerk", "", frozenset({"clerk"}), "en")
VALUES = (("a", "3", "111"), ("b", "", "222"), ("c", "two", None))


@asynccontextmanager
async def shop(url: str) -> AsyncIterator[Running]:
    """Deploy the shop with three orders: one draft, two decided."""
    running = await build(read_text(SHOP), url, keys=Keys(bytes(32)))
    try:
        await deploy(running.app, running.database)
        service = running.service
        for name, storeys, fax in VALUES:
            made = await service.create(service.system, "order", {"name": name, "storeys": storeys, "fax": fax})
            if name != "a":
                await service.act(CLERK, "order", made.id, "decide")
        yield running
    finally:
        await running.database.close()


async def rows(database: Database, columns: str = "id, version, name, storeys, fax, state") -> list[tuple[object, ...]]:
    """Return what stands in the table."""
    return [tuple(row) for row in await database.fetch(f'SELECT {columns} FROM "order" ORDER BY name')]


async def planned(running: Running, text: str) -> Plan:
    """Return the plan of a changed configuration."""
    return await make_plan(running.database, read_text(text))


async def deployed(url: str, text: str, allowed: frozenset[str] = frozenset()) -> Running:
    """Deploy a changed configuration; the caller closes."""
    running = await build(read_text(text), url, keys=Keys(bytes(32)))
    try:
        await deploy(running.app, running.database, allowed=allowed)
    except BaseException:
        await running.database.close()
        raise
    return running


def of_kind(plan: Plan, kind: str) -> Impact:
    """Return the only effect of a kind."""
    (found,) = [impact for impact in plan.impacts if impact.kind == kind]
    return found


def on(url: str, work: Callable[[Running], Awaitable[None]]) -> None:
    """Run *work* on the shop."""

    async def run() -> None:
        async with shop(url) as running:
            await work(running)

    asyncio.run(run())


def test_one_nested_setting_taken_out_touches_no_table(database_url: str) -> None:
    async def work(running: Running) -> None:
        text = SHOP.replace(", hint: As written", "").replace(", sort: name", "")
        before = await rows(running.database)
        plan = await planned(running, text)
        assert plan.changes
        assert {one.kind for one in plan.operations} <= {"create_index", "drop_index"}
        assert not plan.blocked
        later = await deployed(database_url, text)
        assert await rows(later.database) == before
        await later.database.close()

    on(database_url, work)


def test_a_changed_label_makes_and_removes_no_field(database_url: str) -> None:
    async def work(running: Running) -> None:
        plan = await planned(running, SHOP.replace("fax: text", "fax: {type: text, label: Telefax}"))
        assert [(change.kind, change.name) for change in plan.changes] == [("change", "order.fax")]
        assert plan.operations == ()
        assert plan.impacts == ()

    on(database_url, work)


def test_the_same_files_twice_are_nothing_the_second_time(database_url: str) -> None:
    async def work(running: Running) -> None:
        text = SHOP.replace("fax: text", "phone: {type: text, was: fax}\n  city: text")
        later = await deployed(database_url, text)
        again = await planned(later, text)
        assert again.empty
        assert (again.changes, again.operations, again.impacts) == ((), (), ())
        assert (await deploy(later.app, later.database)).made == ()
        await later.database.close()

    on(database_url, work)


def test_a_renamed_field_keeps_its_values_and_none_is_lost_by_a_guess(database_url: str) -> None:
    async def work(running: Running) -> None:
        guessed = SHOP.replace("fax: text", "phone: text")
        plan = await planned(running, guessed)
        lost = of_kind(plan, "loss")
        assert (lost.count, lost.of, lost.allow) == (2, 3, "order.fax")
        assert lost.text["en"] == "DESTROYS 2 values"
        assert plan.blocked == (lost,)
        before = await rows(running.database)
        with pytest.raises(Refused):
            await deployed(database_url, guessed)
        assert await rows(running.database) == before
        said = SHOP.replace("fax: text", "phone: {type: text, was: fax}")
        assert not (await planned(running, said)).blocked
        later = await deployed(database_url, said)
        assert await rows(later.database, "phone") == [("111",), ("222",), (None,)]
        await later.database.close()

    on(database_url, work)


def test_a_type_change_is_all_or_nothing_and_says_which_values_do_not_fit(database_url: str) -> None:
    async def work(running: Running) -> None:
        changed = SHOP.replace("storeys: {type: text, hint: As written}", "storeys: integer")
        plan = await planned(running, changed)
        bad = of_kind(plan, "converts")
        assert bad.count == 1
        assert [(example.title, example.reason["en"]) for example in bad.examples] == [
            ("c", "A number is expected, such as 1234.5.")
        ]
        before = await rows(running.database)
        with pytest.raises(Refused):
            await deployed(database_url, changed)
        assert await rows(running.database) == before
        by_rule = changed.replace(
            "storeys: integer", "storeys: {type: integer, convert: 'if storeys = \"two\" then 2 else null'}"
        )
        assert not (await planned(running, by_rule)).blocked
        later = await deployed(database_url, by_rule)
        assert await rows(later.database, "storeys") == [(3,), (None,), (2,)]
        await later.database.close()

    on(database_url, work)


def test_a_dropped_field_is_gone_from_records_and_tables(database_url: str) -> None:
    async def work(running: Running) -> None:
        text = SHOP.replace("fax: text", "fax: {drop: true}")
        plan = await planned(running, text)
        assert (of_kind(plan, "loss").count, plan.blocked) == (2, ())
        later = await deployed(database_url, text)
        page = await later.service.find(CLERK, "order", Query())
        assert all("fax" not in record.values for record in page.records)
        assert "fax" not in (await inspect(later.database, later.database.dialect)).columns["order"]
        await later.database.close()

    on(database_url, work)


def test_records_do_not_vanish_with_their_state(database_url: str) -> None:
    async def work(running: Running) -> None:
        states = SHOP.replace("decided: {}, ", "").replace("  decide: {from: draft, to: decided, by: clerk}\n", "")
        gone = states.replace("from: decided", "from: draft")
        plan = await planned(running, gone)
        found = of_kind(plan, "state_gone")
        assert (found.count, found.blocking) == (2, True)
        assert found.text["en"] == "state `decided` is gone: 2 orders stand in it"
        assert found in plan.blocked
        with pytest.raises(Refused):
            await deployed(database_url, gone)
        mapped = gone.replace("of: order\n", "of: order\nwas: {decided: draft}\n")
        assert not (await planned(running, mapped)).blocked
        later = await deployed(database_url, mapped)
        page = await later.service.find(CLERK, "order", Query())
        assert [record.values["state"] for record in page.records] == ["draft"] * 3
        await later.database.close()

    on(database_url, work)


def test_planning_changes_nothing_and_leaves_nothing_behind(database_url: str) -> None:
    async def work(running: Running) -> None:
        before = await rows(running.database), await inspect(running.database, running.database.dialect)
        await planned(
            running, SHOP.replace("storeys: {type: text, hint: As written}", "storeys: {type: integer, min: 5}")
        )
        assert (await rows(running.database), await inspect(running.database, running.database.dialect)) == before
        other = await open_database(database_url)
        await other.close()

    on(database_url, work)


def test_counting_within_a_transaction_leaves_the_tables_free_to_change(database_url: str) -> None:
    async def work(running: Running) -> None:
        new = read_text(SHOP.replace("storeys: {type: text, hint: As written}", "storeys: {type: integer, min: 5}"))
        async with running.database.altering() as connection:
            counted = await count_within(running.app, new, connection, (), now=dt.datetime.now(dt.UTC))
            assert {impact.kind for impact in counted.impacts} == {"converts", "breaks_limit"}
            await connection.fetch('ALTER TABLE "order" RENAME COLUMN storeys TO floors')
            await connection.fetch('ALTER TABLE "order" DROP COLUMN floors')

    on(database_url, work)
