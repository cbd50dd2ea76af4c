"""Deploys with much to calculate: a filled field and a changed stored computed value for a million records.

Values are made ahead in batches while another process writes all the time. Said: the time of the whole and of it that
of the switch, the longest that a write had to wait before and in it, and the memory of the process that deploys.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

sys.path.append(sys.path.pop(0))  # this folder has an http.py

from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy
from fachwerk.engine.preparing import Told
from many import Writer, apart, app_of, arguments, begin, longest, measure_both, memory

FIRST = """
app: many
label: Many
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
  number: {type: integer, min: 0}
  cost: money
  double: {type: money, computed: cost * 2, stored: true}
access:
  clerk: {create: true, read: true, update: true, delete: true}
"""
LATER = FIRST.replace("cost * 2", "cost * 2 + number").replace(
    "  cost: money\n", "  cost: money\n  code: {type: text, fill: 'name + \"-\" + string(number)'}\n"
)


COLUMNS = {
    "name": "'n' || value", "number": "value % 1000", "cost": "(value % 777){hundredths}",
    "double": "(value % 777 * 2){hundredths}",
}  # fmt: skip


async def measured(url: str, rows: int) -> dict[str, object]:
    """Deploy while somebody writes."""
    writer = Writer(__file__, url, rows)
    database = await open_database(url)
    app = app_of(LATER, database.dialect)
    moments: dict[str, float] = {}
    before, started = memory(), time.time()

    def tell(told: Told) -> None:
        moments[told.what] = time.time()

    await deploy(app, database, tell=tell)
    end, peak = time.time(), memory()
    writes, waits = writer.stop()
    wrong = "SELECT count(*) FROM thing WHERE code IS NULL OR code <> name || '-' || number"
    bad = (await database.fetch(wrong))[0][0]
    await database.close()
    switch = moments["done"]
    waits = [(at, wait) for at, wait in waits if at < end]
    return {
        "seconds": round(end - started, 1), "ahead_seconds": round(switch - started, 1),
        "switch_seconds": round(end - switch, 2), "writes": writes, "wrong": bad,
        "longest_write_ahead_ms": longest([(at, w) for at, w in waits if at + w < switch]),
        "longest_write_ms": longest(waits),
        "memory_mb": peak - before, "peak_mb": peak,
    }  # fmt: skip


def measure(url: str, rows: int) -> dict[str, object]:
    """Make the records, and deploy in a process of its own."""
    asyncio.run(begin(url, FIRST, rows, COLUMNS))
    return apart(__file__, "--measure", url, rows)


def main() -> None:
    """Measure; the last line is JSON."""
    chosen = arguments(__doc__, "--measure")
    if chosen.measure:
        print(json.dumps(asyncio.run(measured(chosen.measure, chosen.rows))))
    else:
        measure_both(chosen, measure)


if __name__ == "__main__":
    main()
