"""Stored computed fields: whatever is written, they are what calculating everything anew gives."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from fachwerk.problems import Refused
from office import Office, office

LEDGER = """
app: ledger
label: Ledger
languages: [en]
timezone: Europe/Berlin
currency: EUR
---
roles:
  clerk: {label: Clerk}
---
entity: region
title: name
fields:
  name: text!
  shops: {type: back_links, of: shop.region}
  spent: {type: money, computed: sum(shops.spent), stored: true}
  half: {type: decimal, places: 3, computed: sum(shops.mean), stored: true}
  dear: {type: integer, computed: 'count(shops[spent > 50])', stored: true}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
entity: shop
title: name
fields:
  name: text!
  region: {type: link, to: region, on_delete: clear}
  rate: {type: decimal, places: 2, required: true}
  orders: {type: back_links, of: order.shop}
  spent: {type: money, computed: sum(orders.cost), stored: true}
  mean: {type: decimal, places: 3, computed: spent / 2}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
entity: label
title: name
fields:
  name: text!
  orders: {type: back_links, of: order.labels}
  weight: {type: money, computed: sum(orders.amount), stored: true}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
entity: order
title: name
fields:
  name: text!
  shop: {type: link, to: shop, on_delete: delete}
  labels: {type: links, to: label}
  lines:
    type: rows
    fields:
      count: integer!
      price: money!
  amount: {type: money, computed: 'sum(for line in lines return line.count * line.price)', stored: true}
  cost: {type: money, computed: amount * shop.rate, stored: true}
  place: {type: text, computed: shop.region.name, stored: true}
access: {clerk: {create: true, read: true, update: true, delete: true}}
"""
ENTITIES = ("region", "shop", "label", "order")


def lines(chance: random.Random) -> list[dict[str, Any]]:
    """Return some rows of an order."""
    return [
        {"count": chance.randint(1, 3), "price": Decimal(chance.randint(1, 40)) / 2}
        for _ in range(chance.randint(0, 3))
    ]


def values_for(entity: str, chance: random.Random, known: dict[str, list[str]]) -> dict[str, Any]:
    """Return random values for a record of *entity*."""

    def one(name: str) -> str | None:
        return chance.choice([None, *known[name]])

    makers: dict[str, Callable[[], dict[str, Any]]] = {
        "region": lambda: {"name": chance.choice("abc")},
        "shop": lambda: {"name": "s", "region": one("region"), "rate": Decimal(chance.randint(0, 300)) / 100},
        "label": lambda: {"name": "l"},
        "order": lambda: {
            "name": "o", "shop": one("shop"), "lines": lines(chance),
            "labels": tuple(chance.sample(known["label"], min(len(known["label"]), chance.randint(0, 2)))),
        },
    }  # fmt: skip
    return makers[entity]()


async def stored(made: Office) -> dict[str, dict[str, tuple[object, ...]]]:
    """Return the stored computed fields of all records as they stand in the database."""
    found: dict[str, dict[str, tuple[object, ...]]] = {}
    for name in ENTITIES:
        store, entity = made.service.kit.stores[name], made.running.app.entities[name]
        names = [c.field.name for c in entity.computed if c.field.stored]
        rows = await made.running.database.fetch(f'select id from "{name}"')
        found[name] = {}
        for row in rows:
            values = await store.read(made.running.database, str(row[0]), lists=())
            assert values is not None
            found[name][str(row[0])] = tuple(values[one] for one in names)
    return found


async def anew(made: Office) -> None:
    """Empty all stored fields, then calculate them from the ground up, several times over."""
    service = made.service
    affected = {}
    for name in ENTITIES:
        rows = await made.running.database.fetch(f'select id from "{name}"')
        affected[name] = {str(row[0]) for row in rows}
    async with made.running.database.transaction() as connection:
        for name, keys in affected.items():
            names = [c.field.name for c in made.running.app.entities[name].computed if c.field.stored]
            for key in keys:
                await service.kit.stores[name].update(connection, key, dict.fromkeys(names))
        for _ in range(4):
            copy = {name: set(keys) for name, keys in affected.items()}
            await service.kit.rollups.settle(connection, copy, service.kit.context(None))


async def step(made: Office, chance: random.Random, known: dict[str, list[str]]) -> None:
    """Create, change or remove something."""
    service, clerk = made.service, made.people["clerk"]
    entity = chance.choice(("region", "shop", "shop", "label", "order", "order", "order"))
    action = chance.choice(("create", "change", "change", "remove"))
    if action == "create" or not known[entity]:
        record = await service.create(clerk, entity, values_for(entity, chance, known))
        known[entity].append(record.id)
        return
    key = chance.choice(known[entity])
    if action == "change":
        values = values_for(entity, chance, known)
        some = dict(chance.sample(sorted(values.items()), chance.randint(1, len(values))))
        await service.change(clerk, entity, key, some, version=None)
    elif chance.random() < 0.4:
        with suppress(Refused):  # a label that is in use stays
            await service.remove(clerk, entity, key)
        for name in ENTITIES:
            rows = await made.running.database.fetch(f'select id from "{name}" order by id')
            known[name] = [str(row[0]) for row in rows]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_stored_fields_are_what_brute_force_gives(database_url: str, seed: int) -> None:
    async def work() -> None:
        chance = random.Random(seed)
        async with office(database_url, LEDGER) as made:
            known: dict[str, list[str]] = {name: [] for name in ENTITIES}
            for _ in range(4):
                for _ in range(20):
                    await step(made, chance, known)
                found = await stored(made)
                await anew(made)
                assert await stored(made) == found

    asyncio.run(work())


def test_concurrent_writers_do_not_lose_a_sum(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url, LEDGER) as made:
            clerk, service = made.people["clerk"], made.service
            region = await made.make("region", name="r")
            shops = [await made.make("shop", name="s", region=region.id, rate=Decimal(1)) for _ in range(2)]
            row = [{"count": 1, "price": Decimal(10)}]

            async def write(number: int) -> None:
                shop, other = shops[number % 2], shops[(number + 1) % 2]
                order = await service.create(clerk, "order", {"name": "o", "shop": shop.id, "lines": row})
                if number % 3 == 0:
                    await service.change(clerk, "order", order.id, {"shop": other.id}, version=1)

            await asyncio.gather(*(write(number) for number in range(24)))
            read = await service.read(clerk, "region", region.id)
            assert (read.values["spent"], read.values["dear"]) == (Decimal(240), 2)
            found = await stored(made)
            await anew(made)
            assert await stored(made) == found

    asyncio.run(work())


def test_version_and_history_of_others_stay(sqlite_url: str) -> None:
    """A sum that changes elsewhere is no change of that record: nobody's edit is lost over it."""

    async def work() -> None:
        async with office(sqlite_url, LEDGER) as made:
            shop = await made.make("shop", name="s", rate=Decimal(2))
            await made.make("order", name="o", shop=shop.id, lines=[{"count": 1, "price": Decimal(5)}])
            read = await made.service.read(made.people["clerk"], "shop", shop.id)
            assert (read.version, read.values["spent"], read.values["mean"]) == (1, Decimal(10), Decimal(5))
            with pytest.raises(Refused):
                await made.service.change(made.people["clerk"], "shop", shop.id, {"spent": Decimal(1)}, version=1)

    asyncio.run(work())
