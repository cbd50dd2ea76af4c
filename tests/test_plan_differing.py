"""Computed values that change: compared by the database where both rules have SQL, with the same figures as row by row."""

from __future__ import annotations

import asyncio
import datetime as dt
from decimal import Decimal

import pytest
from changing import deploying
from fachwerk.engine.main import Running, compile_project
from fachwerk.engine.plan import impact_computed
from fachwerk.engine.plan.ahead import Ahead
from fachwerk.engine.plan.compare import compare
from fachwerk.engine.plan.counting import Counting
from fachwerk.engine.plan.differing import Difference, compared_by_sql
from office import read_text

TEXT = """app: sums
label: Sums
languages: [en]
currency: EUR
---
roles: {clerk: {}}
---
entity: thing
title: name
fields:
  name: text!
  number: integer
  cost: money
  rate: {type: decimal, places: 3}
  made: FIELD
access: {clerk: {create: true, read: true}}
"""
ROWS = [
    (None, None, None), (0, "0", "0"), (7, "12.34", "0.125"), (-3, "-99.99", "-1.5"), (2, None, "0.001"),
    (40, "99999999999999.99", "2.675"), (41, "-99999999999999.99", "-2.665"), (1, "0.01", None),
]  # fmt: skip
PAIRS = {
    "sum": ("{type: money, computed: cost * 2}", "{type: money, computed: cost * 2 + 1}", True),
    "nulls": ("{type: money, computed: cost}", "{type: money, computed: 'if cost = null then 3 else cost'}", None),
    "division": ("{type: money, computed: cost / 3}", "{type: money, computed: cost / 7}", None),
    "rounded": ("{type: decimal, places: 1, computed: rate}", "{type: decimal, places: 1, computed: rate * 2}", None),
    "integers": ("{type: integer, computed: number + 1}", "{type: integer, computed: number * number}", True),
    "text": ("{type: text, computed: 'name + \"x\"'}", "{type: text, computed: 'upper case(name) + \"x\"'}", True),
    "yes and no": ("{type: boolean, computed: number > 3}", "{type: boolean, computed: number > 5}", True),
    "stored": ("{type: money, computed: cost * 2, stored: true}", "{type: money, computed: cost * 3}", None),
    "no SQL": ("{type: text, computed: name}", "{type: text, computed: 'replace(name, \"n\", \"m\")'}", None),
}


async def both(running: Running, text: str) -> tuple[Difference, Difference, bool]:
    """Return what the database finds, what is found row by row, and whether the database could."""
    new, now = read_text(text), dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    async with running.database.snapshot() as connection:
        ahead = Ahead(running.app, new, connection, now=now)
        await ahead.build()
        counting = Counting(ahead, compare(running.app.project, new))
        await counting.count_rows()
        ((old, after),) = counting.pairing.entities()
        found = [Difference(after.fields["made"], old.fields["made"]) for _ in range(2)]
        by_sql = await compared_by_sql(counting, old, after, found[0])
        await impact_computed.compare_rows(counting, old, after, [found[1]])
        return found[0], found[1], by_sql


@pytest.mark.parametrize("name", PAIRS)
def test_the_database_finds_what_is_found_row_by_row(database_url: str, name: str) -> None:
    before, after, must = PAIRS[name]

    async def work() -> None:
        async with deploying(database_url, TEXT.replace("FIELD", before)) as running:
            system = running.service.system
            for place, (number, cost, rate) in enumerate(ROWS):
                values = {"name": f"n{place}", "number": number, "cost": Decimal(cost) if cost else None}
                await running.service.create(system, "thing", {**values, "rate": Decimal(rate) if rate else None})
            one, other, by_sql = await both(running, TEXT.replace("FIELD", after))
            if by_sql:
                assert (one.more, one.less, one.other, one.sum) == (other.more, other.less, other.other, other.sum)
                assert one.examples == other.examples
                assert str(one.sum) == str(other.sum) or not other.sum
            assert by_sql or not must or running.database.dialect == "sqlite"

    asyncio.run(work())


def test_without_a_difference_there_is_none(database_url: str) -> None:
    async def work() -> None:
        async with deploying(database_url, TEXT.replace("FIELD", PAIRS["sum"][0])) as running:
            one, other, _ = await both(running, TEXT.replace("FIELD", "{type: money, computed: cost + cost}"))
            assert one.count == other.count == 0
            assert compile_project(running.app.project, running.app.dialect).project.hash == running.app.project.hash

    asyncio.run(work())
