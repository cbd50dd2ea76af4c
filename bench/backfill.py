"""Deploys with much to calculate: a filled field and a changed stored computed value for a million records.

Values are made ahead in batches while another process writes all the time. Said: the time of the whole and of it that
of the switch, the longest that a write had to wait before and in it, and the memory of the process that deploys.
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
from fachwerk.engine.preparing import Told
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project

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


def read(text: str) -> Project:
    """Read a configuration."""
    project, _ = read_project({"app.yaml": text.encode()})
    assert project is not None
    return project


async def fill(database: Database, rows: int) -> None:
    """Make the records by one statement."""
    names = "id, version, created, changed, name, number, cost, double"
    if database.dialect == "sqlite":
        moment = "'2026-01-01T00:00:00.000000+00:00'"
        values = f"printf('018f0000-0000-7000-8000-%012x', value), 1, {moment}, {moment}, 'n' || value, value % 1000, "
        values += "value % 777, value % 777 * 2"
        steps = f"SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < {rows}"
        source = f"(WITH RECURSIVE s(value) AS ({steps}) SELECT value FROM s)"
    else:
        key = "('018f0000-0000-7000-8000-' || lpad(to_hex(value), 12, '0'))::uuid"
        values = f"{key}, 1, now(), now(), 'n' || value, value % 1000, (value % 777) / 100.0, (value % 777) / 50.0"
        source = f"generate_series(1, {rows}) AS s(value)"
    async with database.transaction() as connection:
        await connection.fetch(f"INSERT INTO thing ({names}) SELECT {values} FROM {source}")
    if database.dialect == "postgresql":
        await database.fetch("ANALYZE thing")


async def begin(url: str, rows: int) -> None:
    """Make the database."""
    database = await open_database(url)
    await deploy(compile_project(read(FIRST), database.dialect), database)
    await fill(database, rows)
    await database.close()


async def write_on(url: str, rows: int) -> None:
    """Write one record after the other until told to stop; print when each of the longest waits began, and how long."""
    database = await open_database(url)
    place = "?" if database.dialect == "sqlite" else "$1"
    stop = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    print("writing", flush=True)
    waits: list[tuple[float, float]] = []
    count = 0
    while not stop.done():
        key, started = f"018f0000-0000-7000-8000-{count * 7919 % rows + 1:012x}", time.time()
        async with database.transaction() as connection:
            await connection.fetch(f"UPDATE thing SET cost = cost + 1 WHERE id = {place}", [key])
        waits.append((started, time.time() - started))
        count += 1
        await asyncio.sleep(0.01)
    await database.close()
    print(json.dumps({"writes": count, "waits": sorted(waits, key=lambda one: -one[1])[:50]}))


def memory() -> int:
    """Return the most memory that this process has had, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


async def measured(url: str, rows: int) -> dict[str, object]:
    """Deploy while somebody writes."""
    command = [sys.executable, __file__, "--write", url, "--rows", str(rows)]
    writer = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
    assert writer.stdout is not None
    writer.stdout.readline()
    database = await open_database(url)
    app = compile_project(read(LATER), database.dialect)
    moments: dict[str, float] = {}
    before, started = memory(), time.time()

    def tell(told: Told) -> None:
        moments[told.what] = time.time()

    await deploy(app, database, tell=tell)
    end, peak = time.time(), memory()
    written = json.loads(writer.communicate("stop\n")[0])
    wrong = "SELECT count(*) FROM thing WHERE code IS NULL OR code <> name || '-' || number"
    bad = (await database.fetch(wrong))[0][0]
    await database.close()
    switch = moments["done"]
    waits = [(at, wait) for at, wait in written["waits"] if at < end]
    return {
        "seconds": round(end - started, 1), "ahead_seconds": round(switch - started, 1),
        "switch_seconds": round(end - switch, 2), "writes": written["writes"], "wrong": bad,
        "longest_write_ahead_ms": round(1000 * max((w for at, w in waits if at + w < switch), default=0), 1),
        "longest_write_ms": round(1000 * max((w for _, w in waits), default=0), 1),
        "memory_mb": peak - before, "peak_mb": peak,
    }  # fmt: skip


def main() -> None:
    """Measure; the last line is JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--write", help=argparse.SUPPRESS)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.write:
        asyncio.run(write_on(chosen.write, chosen.rows))
        return
    if chosen.measure:
        print(json.dumps(asyncio.run(measured(chosen.measure, chosen.rows))))
        return
    found: dict[str, object] = {"rows": chosen.rows}
    if chosen.database != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            found["sqlite"] = apart(f"sqlite:///{folder}/many.db", chosen.rows)
    if chosen.database != "sqlite":
        home, owner = postgres.make_home()
        try:
            found["postgresql"] = apart(postgres.start(home).create(), chosen.rows)
        finally:
            postgres.remove(home)
            owner.close()
    print(json.dumps(found))


def apart(url: str, rows: int) -> object:
    """Measure in a process of its own, so that its memory is its own."""
    asyncio.run(begin(url, rows))
    command = [sys.executable, __file__, "--measure", url, "--rows", str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
