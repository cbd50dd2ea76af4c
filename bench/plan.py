"""Plans on many rows: the time of a plan with its effects, its memory, and how long a deploy keeps writers waiting.

A table with a million records (``--rows``) is made on SQLite or PostgreSQL. The plan adds a check, a field and a limit
and changes a right; a second one also changes a computed value. The wait of writers is measured by one that writes all
the time while a new column is deployed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

sys.path.append(sys.path.pop(0))  # this folder has an http.py

from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy
from fachwerk.engine.plan.planning import make_plan
from many import Writer, apart, app_of, arguments, begin, longest, measure_both, memory

FIRST = """
app: many
label: Many
languages: [en]
timezone: Europe/Berlin
currency: EUR
---
roles: {clerk: {label: Clerk}, guest: {label: Guest}}
---
entity: thing
title: name
fields:
  name: text!
  number: {type: integer, min: 0}
  cost: money
  kind: {type: choice, options: [a, b, c]}
  double: {type: money, computed: cost * 2}
list: {columns: [name, number], sort: name, filters: [kind]}
access:
  clerk: {create: true, read: true, update: true, delete: true}
  guest: {read: number > 10}
"""
SECOND = (
    FIRST.replace("min: 0", "min: 5")
    .replace("guest: {read: number > 10}", "guest: {read: 'number > 20 or kind = \"a\"'}")
    .replace("list: {", "checks:\n  - {that: 'number < 990 or cost > 1', on: number, else: Too many}\nlist: {")
    .replace("  kind:", "  more: text\n  kind:")
)
COMPUTED = SECOND.replace("cost * 2", "cost * 2 + 1")


COLUMNS = {
    "name": "'n' || value", "number": "value % 1000", "cost": "(value % 777){hundredths}",
    "kind": "substr('abc', CAST(value % 3 + 1 AS INTEGER), 1)",
}  # fmt: skip


async def plan_once(url: str, text: str) -> dict[str, object]:
    """Plan once; return time, memory and what was counted."""
    database = await open_database(url)
    before, started = memory(), time.monotonic()
    plan = await make_plan(database, app_of(text, database.dialect).project)
    seconds = time.monotonic() - started
    await database.close()
    counted = {f"{impact.kind} {impact.change.name}": impact.count for impact in plan.impacts}
    return {"seconds": round(seconds, 2), "memory_mb": memory() - before, "peak_mb": memory(), "counted": counted}


async def waiting(url: str, rows: int) -> dict[str, object]:
    """Deploy a new column while somebody writes; return how long the longest write took, with and without."""
    database = await open_database(url)
    app = app_of(FIRST.replace("  kind:", "  extra: text\n  kind:"), database.dialect)
    found = []
    for doing in (False, True):
        writer = Writer(__file__, url, rows)
        await asyncio.sleep(0.5)
        started = time.monotonic()
        if doing:
            await deploy(app, database)
        took = time.monotonic() - started
        await asyncio.sleep(3.0)
        found.append(longest(writer.stop()[1]))
    await database.close()
    quiet, busy = found
    return {"deploy_ms": round(took * 1000, 1), "longest_write_ms": busy, "without_deploy_ms": quiet}


def measure(url: str, rows: int) -> dict[str, object]:
    """Measure everything on one database; every plan in a process of its own, so that its memory is its own."""
    asyncio.run(begin(url, FIRST, rows, COLUMNS))
    plans = {name: apart(__file__, f"--{name.replace('_', '-')}", url, rows) for name in ("plan", "plan_computed")}
    return {**plans, "writers": asyncio.run(waiting(url, rows))}


def main() -> None:
    """Measure; the last line is JSON."""
    chosen = arguments(__doc__, "--plan", "--plan-computed")
    if chosen.plan or chosen.plan_computed:
        text = SECOND if chosen.plan else COMPUTED
        print(json.dumps(asyncio.run(plan_once(chosen.plan or chosen.plan_computed, text))))
    else:
        measure_both(chosen, measure)


if __name__ == "__main__":
    main()
