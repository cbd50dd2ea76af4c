"""What times and event logs cost over a long history: a million entries, on SQLite and, with a URL, PostgreSQL.

A hundred thousand cases with ten entries each over five years. Reported: the page of times for a quarter, a year and
everything; each format of the event log; the memory that writing it took. Last line: JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.pop(0)  # this folder, whose module "http" would hide the standard library's

from fachwerk.engine.deploy import deploy
from fachwerk.engine.evidence.attributes import Wanted
from fachwerk.engine.evidence.exporting import Export, exported
from fachwerk.engine.evidence.times import Timing
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import Running, build
from fachwerk.schemas.read import read_project

APP = """
app: a
timezone: Europe/Berlin
---
roles: {clerk: {label: Clerk}}
---
entity: claim
fields:
  number: text
  amount: {type: money, min: 0}
  note: text
access: {clerk: {create: true, read: true, update: true}}
---
workflow: flow
of: claim
states: {new: {initial: true}, checked: {}, board: {}, decided: {}, paid: {final: true}}
transitions:
  check: {from: new, to: checked, by: clerk}
  board: {from: checked, to: board, by: clerk}
  decide: {from: board, to: decided, by: clerk}
  pay: {from: decided, to: paid, by: clerk}
deadlines:
  answer: {runs_in: [checked, board], within: 2 months}
"""
STATES = ("new", "checked", "board", "decided", "paid")
ACTIONS = ("check", "board", "decide", "pay")
FIRST = dt.datetime(2021, 11, 1, tzinfo=dt.UTC)
YEARS = 5


def uuid_text(number: int) -> str:
    """Return ids in the order of their numbers."""
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-7{text[13:16]}-8{text[17:20]}-{text[20:]}"


async def fill(running: Running, cases: int) -> None:
    """Write cases with ten entries of their history each, straight into the tables."""
    chance, kit = random.Random(1), running.service.kit
    table, history = running.app.tables.of("claim"), kit.history
    user = uuid_text(7)
    sqlite = running.database.dialect == "sqlite"
    stamp = (lambda m: m.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")) if sqlite else (lambda m: m)
    marks = [f"${n + 1}" for n in range(40)] if not sqlite else ["?"] * 40
    names = ["id", "version", "created", "changed", "number", "amount", "note", "state", "state__entry"]
    known = [str(column.name) for column in table.c]
    names = [name for name in names if name in known]
    record = f"INSERT INTO claim ({', '.join(names)}) VALUES ({', '.join(marks[: len(names)])})"
    gap = dt.timedelta(days=365 * YEARS) / cases
    for block in range(0, cases, 1000):
        async with running.database.transaction() as connection:
            for number in range(block, min(block + 1000, cases)):
                await _one(connection, history, record, names, number, FIRST + number * gap, chance, stamp, user)


async def _one(connection, history, record, names, number, begun, chance, stamp, user) -> None:  # type: ignore[no-untyped-def]
    key, at, state = uuid_text(number + 1), begun, "new"
    last = 5 if chance.random() < 0.95 else chance.randint(1, 4)
    values = {
        "id": key, "version": 10, "created": stamp(begun), "changed": stamp(begun), "number": f"C-{number}",
        "amount": 1250, "note": "x" * 40, "state": STATES[last - 1], "state__entry": last,
    }  # fmt: skip
    await connection.fetch(record, [values[name] for name in names])
    for step in range(10):
        what: dict[str, object] = {"note": ["a" * 60, "b" * 60], "amount": ["12.00", "12.50"]}
        action, kind = None, "change"
        if step % 2 == 0 and step // 2 < last:
            after = STATES[step // 2]
            what = {**what, "state": [None if step == 0 else state, after]}
            kind, action = ("transition", ACTIONS[step // 2 - 1]) if step else ("create", None)
            state = after
        row = history.row("claim", key, step + 1, who=user, at=at, origin="page", kind=kind, what=what, action=action)
        await history.insert.fetch(connection, {**row, "id": uuid_text((number + 1) * 100 + step)})
        at += dt.timedelta(days=chance.random() * 6)


async def measure(url: str, cases: int) -> dict[str, float]:
    """Return seconds and megabytes."""
    project, problems = read_project({"app.yaml": APP.encode()})
    assert project is not None, [p.message() for p in problems]
    running = await build(project, url, keys=Keys(bytes(32)), durable=False)
    found: dict[str, float] = {}
    try:
        await deploy(running.app, running.database)
        await fill(running, cases)
        if running.database.dialect == "postgresql":
            await running.database.fetch("ANALYZE")
        end = FIRST + dt.timedelta(days=365 * YEARS)
        timing, flow = Timing(running.service), project.workflows["flow"]
        for name, days in (("quarter", 91), ("year", 365), ("everything", 5000)):
            begun = time.perf_counter()
            times = await timing.of(running.service.system, flow, end - dt.timedelta(days=days), end)
            found[f"times of a {name}" if days < 5000 else "times of everything"] = time.perf_counter() - begun
            assert times is not None
            seconds, steps = found[next(reversed(found))], sum(way.count for way in times.ways)
            print(f"  {name}: {seconds:.2f} s, {steps} steps", flush=True)
        for shape in ("xes", "ocel", "csv"):
            before, begun, size = _memory(), time.perf_counter(), 0
            async for piece in exported(running.service, running.service.system, Export("claim", shape, Wanted())):
                size += len(piece)
            found[f"{shape} seconds"] = time.perf_counter() - begun
            found[f"{shape} more memory in MB"] = _memory() - before
            print(f"  {shape}: {found[f'{shape} seconds']:.1f} s, {size / 1e6:.0f} MB written", flush=True)
    finally:
        await running.database.close()
    return {name: round(value, 2) for name, value in found.items()}


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="ten entries of the history each")
    parser.add_argument("--postgres", help="the URL of an empty database, to measure it, too")
    arguments = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        found["sqlite"] = asyncio.run(measure(f"sqlite:///{Path(folder)}/evidence.db", arguments.cases))
    if arguments.postgres:
        found["postgresql"] = asyncio.run(measure(arguments.postgres, arguments.cases))
    print(json.dumps({"cases": arguments.cases, **found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
