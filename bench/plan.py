"""Plans on many rows: the time of a plan with its effects, its memory, and how long a deploy keeps writers waiting.

A table with a million records (``--rows``) is made on SQLite or PostgreSQL. The plan adds a check, a field and a limit
and changes a right; a second one also changes a computed value. The wait of writers is measured by one that writes all
the time while a new column is deployed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.pop(0)  # this folder has an http.py
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

import postgres
from fachwerk.engine.database import Database
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import compile_project
from fachwerk.engine.plan.planning import make_plan
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project

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


def read(text: str) -> Project:
    """Read a configuration."""
    project, _ = read_project({"app.yaml": text.encode()})
    assert project is not None
    return project


async def fill(database: Database, rows: int) -> None:
    """Make the records by one statement."""
    names = "id, version, created, changed, name, number, cost, kind"
    kind = "substr('abc', CAST(value % 3 + 1 AS INTEGER), 1)"
    if database.dialect == "sqlite":
        moment = "'2026-01-01T00:00:00.000000+00:00'"
        key = "printf('018f0000-0000-7000-8000-%012x', value)"
        values = f"{key}, 1, {moment}, {moment}, 'n' || value, value % 1000, value % 777"
        steps = f"SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < {rows}"
        source = f"(WITH RECURSIVE s(value) AS ({steps}) SELECT value FROM s)"
    else:
        key = "('018f0000-0000-7000-8000-' || lpad(to_hex(value), 12, '0'))::uuid"
        values = f"{key}, 1, now(), now(), 'n' || value, value % 1000, (value % 777) / 100.0"
        source = f"generate_series(1, {rows}) AS s(value)"
    async with database.transaction() as connection:
        await connection.fetch(f"INSERT INTO thing ({names}) SELECT {values}, {kind} FROM {source}")
    if database.dialect == "postgresql":
        await database.fetch("ANALYZE thing")


async def begin(url: str, rows: int) -> None:
    """Make the database."""
    database = await open_database(url)
    await deploy(compile_project(read(FIRST), database.dialect), database)
    await fill(database, rows)
    await database.close()


async def plan_once(url: str, text: str) -> dict[str, object]:
    """Plan once; return time, memory and what was counted."""
    database = await open_database(url)
    before, started = _memory(), time.monotonic()
    plan = await make_plan(database, read(text))
    seconds = time.monotonic() - started
    await database.close()
    counted = {f"{impact.kind} {impact.change.name}": impact.count for impact in plan.impacts}
    return {"seconds": round(seconds, 2), "memory_mb": _memory() - before, "peak_mb": _memory(), "counted": counted}


def _memory() -> int:
    """Return the most memory that this process has had, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


async def write_on(url: str, seconds: float) -> None:
    """Write one record after the other; print the longest wait of a single write in milliseconds."""
    database = await open_database(url)
    place = "?" if database.dialect == "sqlite" else "$1"
    longest = count = 0.0
    print("writing", flush=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.monotonic()
        async with database.transaction() as connection:
            await connection.fetch(
                f"UPDATE thing SET number = number WHERE name = {place}", [f"n{int(count) % 999 + 1}"]
            )
        longest, count = max(longest, time.monotonic() - started), count + 1
        await asyncio.sleep(0.001)
    await database.close()
    print(json.dumps({"longest_ms": round(longest * 1000, 1), "writes": int(count)}))


async def waiting(url: str) -> dict[str, object]:
    """Deploy a new column while somebody writes; return how long the longest write took, with and without."""
    database = await open_database(url)
    app = compile_project(read(FIRST.replace("  kind:", "  extra: text\n  kind:")), database.dialect)
    found = []
    for doing in (False, True):
        command = [sys.executable, __file__, "--write", url]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - nothing else waits
        assert writer.stdout is not None
        writer.stdout.readline()
        await asyncio.sleep(0.5)
        started = time.monotonic()
        if doing:
            await deploy(app, database)
        took = time.monotonic() - started
        found.append(json.loads(writer.communicate()[0]))
    await database.close()
    quiet, busy = found
    return {
        "deploy_ms": round(took * 1000, 1),
        "longest_write_ms": busy["longest_ms"],
        "without_deploy_ms": quiet["longest_ms"],
    }


def measure(url: str, rows: int) -> dict[str, object]:
    """Measure everything on one database; every plan in a process of its own, so that its memory is its own."""
    asyncio.run(begin(url, rows))
    found: dict[str, object] = {}
    for name, option in (("plan", "--plan"), ("plan_computed", "--plan-computed")):
        done = subprocess.run([sys.executable, __file__, option, url], capture_output=True, text=True, check=True)
        found[name] = json.loads(done.stdout.splitlines()[-1])
    return found | {"writers": asyncio.run(waiting(url))}


def main() -> None:
    """Measure; the last line is JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    for inner in ("--write", "--plan", "--plan-computed"):
        parser.add_argument(inner, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.write:
        asyncio.run(write_on(chosen.write, 4.0))
        return
    if chosen.plan or chosen.plan_computed:
        text = SECOND if chosen.plan else COMPUTED
        print(json.dumps(asyncio.run(plan_once(chosen.plan or chosen.plan_computed, text))))
        return
    found: dict[str, object] = {"rows": chosen.rows}
    if chosen.database != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            found["sqlite"] = measure(f"sqlite:///{folder}/many.db", chosen.rows)
    if chosen.database != "sqlite":
        home, owner = postgres.make_home()
        try:
            found["postgresql"] = measure(postgres.start(home).create(), chosen.rows)
        finally:
            postgres.remove(home)
            owner.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
