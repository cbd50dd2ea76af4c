"""What a worker costs: idle with many open deadlines, and how many effects it carries out in a second.

    python bench/worker.py --deadlines 100000 --effects 2000 [--database sqlite|postgres|both]

Idle: processor time and time on the clock of one turn in which nothing is due, and what that is per second at the
usual pace of one turn a second. Step: what somebody waits for who takes one, with history, effects and deadlines,
beside all these. Busy: ``notify`` effects (one notice each) inside the database.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# In the place of this folder, whose module "http" would hide the standard library's.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

import postgres
from fachwerk.engine.keys import new_id
from fachwerk.engine.worker import Worker
from office import Office, office
from post_office import POST

TURNS = 400
STEPS = 500


async def measure(url: str, deadlines: int, effects: int) -> dict[str, Any]:
    """Return the figures of one database."""
    async with office(url, POST) as made:
        database, kit = made.running.database, made.service.kit
        now = dt.datetime.now(dt.UTC)
        for start in range(0, deadlines, 5000):
            async with database.transaction() as connection:
                for number in range(start, min(start + 5000, deadlines)):
                    key = new_id()
                    payload = {"workflow": "sending", "name": "arrive", "due": "2099-01-01"}
                    await kit.effects.enqueue(
                        connection, "deadline", payload, now=now, wake_at=now + dt.timedelta(days=1, seconds=number),
                        key=f"deadline:letter:{key}:sending:arrive", entity="letter", record=key,
                    )  # fmt: skip
        worker = Worker(made.running)
        await worker.run_due()
        idle = await _idle(worker) | await _steps(made)
        record = await made.make("letter", subject="x")
        async with database.transaction() as connection:
            payload = {"message": "plain_words", "users": [made.people["head"].id], "roles": []}
            for _ in range(effects):
                await kit.effects.enqueue(connection, "notify", payload, now=now, entity="letter", record=record.id)
        started = time.perf_counter()
        done = await worker.run_due()
        seconds = time.perf_counter() - started
        return {"open deadlines": deadlines, **idle, "effects": done, "effects per second": round(done / seconds)}


async def _idle(worker: Worker) -> dict[str, float]:
    took = []
    cpu = time.process_time()
    for _ in range(TURNS):
        started = time.perf_counter()
        await worker.turn()
        took.append(time.perf_counter() - started)
    cpu = (time.process_time() - cpu) / TURNS
    return {
        "idle turn ms (median)": round(statistics.median(took) * 1000, 3),
        "idle turn ms (p99)": round(sorted(took)[int(TURNS * 0.99)] * 1000, 3),
        "processor ms per second": round(cpu * 1000, 3),
    }


async def _steps(made: Office) -> dict[str, float]:
    """Measure steps of people: the state, the history, a message to be sent, a deadline with its warning."""
    clerk, took = made.people["clerk"], []
    person = await made.make("person", name="Ada", mail="ada@example.org")
    for number in range(STEPS):
        letter = await made.make("letter", subject=str(number), amount=number, person=person.id)
        started = time.perf_counter()
        await made.service.act(clerk, "letter", letter.id, "send", comment="soon")
        took.append(time.perf_counter() - started)
    return {
        "step ms (median)": round(statistics.median(took) * 1000, 2),
        "step ms (p99)": round(sorted(took)[int(STEPS * 0.99)] * 1000, 2),
    }


def main() -> None:
    """Measure and print one line of JSON for each database."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deadlines", type=int, default=100_000)
    parser.add_argument("--effects", type=int, default=2_000)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    options = parser.parse_args()
    if options.database != "postgres":
        with tempfile.TemporaryDirectory() as folder:
            found = asyncio.run(measure(f"sqlite:///{folder}/worker.db", options.deadlines, options.effects))
            print(json.dumps({"database": "sqlite", **found}))
    if options.database != "sqlite":
        with postgres.server() as server, server.database() as url:
            found = asyncio.run(measure(url, options.deadlines, options.effects))
            print(json.dumps({"database": "postgres", **found}))


if __name__ == "__main__":
    main()
