"""How long the inbox takes with many open cases: for somebody by role, and for somebody whom paths lead to.

Counting happens only where more waits than a page holds.

    python bench/inbox.py --cases 100000 [--database sqlite|postgres|both]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

# In the place of this folder, whose module "http" would hide the standard library's.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

import postgres
from fachwerk.engine.inbox import Inbox
from office import Office, office
from post_office import POST

TEXT = POST.replace("by: reader, within: 3 days", "by: [reader, person], within: 3 days").replace(
    "  reader: {read: true}", "  reader: {read: person.user = me}"
)
_NUMBERS = {
    "sqlite": "with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}) ",
    "postgresql": "with n(i) as (select generate_series(1, {count})) ",
}
_VARIED = ("id", "due", "state", "person")
_ID = {
    "sqlite": "printf('%08x-0000-4000-8000-%012x', i, i)",
    "postgresql": "(lpad(to_hex(i), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid",
}


async def fill(made: Office, count: int) -> None:
    """Make *count* copies of a letter, every other for the clerk, every thousandth for whom a path leads to."""
    database = made.running.database
    person = await made.make("person", name="Ada", user=made.people["reader"].id)
    letter = await made.make("letter", subject="x", person=person.id)
    clerk = made.people["clerk"]
    for action in ("send", "check"):
        await made.service.act(clerk, "letter", letter.id, action)
    table = made.running.app.tables.of("letter")
    names = [column.name for column in table.c if column.name not in _VARIED]
    listed = ", ".join(f'"{name}"' for name in names)
    lite = database.dialect == "sqlite"
    day = "date('2026-01-01', '+' || (i % 900) || ' days')" if lite else "date '2026-01-01' + i % 900"
    text = (
        f"insert into letter (id, due, state, person, {listed}) {_NUMBERS[database.dialect].format(count=count)} "
        f"select {_ID[database.dialect]}, {day}, case when i % 2 = 0 then 'out' else 'checked' end, "
        f"case when i % 1000 = 1 then person end, {listed} from n, (select * from letter limit 1) as one"
    )
    await database.script([text, "analyze"])


async def measure(url: str, cases: int) -> dict[str, Any]:
    """Return the median times of one database in milliseconds."""
    async with office(url, TEXT) as made:
        await fill(made, cases)
        inbox = Inbox(made.service)
        figures: dict[str, Any] = {"open cases": cases}
        for name, who in (("by role", made.people["clerk"]), ("by path", made.people["reader"])):
            figures[f"{name} ms"] = await _time(lambda who=who: inbox.of(who, 30))
            figures[f"{name}, counted ms"] = await _time(lambda who=who: inbox.counts(who))
        return figures


async def _time(work: Callable[[], Awaitable[object]]) -> float:
    took = []
    for _ in range(7):
        started = time.perf_counter()
        await work()
        took.append(time.perf_counter() - started)
    return round(statistics.median(took) * 1000, 1)


def main() -> None:
    """Measure and print one line of JSON for each database."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    options = parser.parse_args()
    if options.database != "postgres":
        with tempfile.TemporaryDirectory() as folder:
            found = asyncio.run(measure(f"sqlite:///{folder}/inbox.db", options.cases))
            print(json.dumps({"database": "sqlite", **found}))
    if options.database != "sqlite":
        with postgres.server() as server, server.database() as url:
            print(json.dumps({"database": "postgres", **asyncio.run(measure(url, options.cases))}))


if __name__ == "__main__":
    main()
