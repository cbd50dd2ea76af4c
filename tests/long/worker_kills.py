"""Workers are shot while they work; afterwards everything inside the database happened exactly once.

Cases are made in small lots while two workers at a time work on their effects (records made by automations, webhooks,
time limits with warning and end). Every round one of them, or both, is killed with SIGKILL at a random moment. In the
end one worker clears the queue. Then: every record that an effect was to make is there once, every warning and missed
limit was carried out once, every vote that waited for somebody who left has gone on once, and every delivery was
received at least once, always with the same key and body.

    python tests/long/worker_kills.py --effects 1000 --kills 30 --seed 1 [--database sqlite|postgres|both]
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import postgres
from fachwerk.engine.deploy import deploy
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import build
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.values import Person
from fachwerk.engine.work.outside import Hook, World
from fachwerk.engine.worker import Pace, Worker
from fachwerk.schemas.read import read_project

APP = b"""\
app: kills
---
roles: {clerk: {}, voter: {}}
---
entity: case
title: name
fields: {name: text!}
access: {clerk: {create: true, read: true, update: true}}
---
entity: trace
title: what
fields: {what: text!, about: {type: link, to: case, required: true}}
access: {clerk: {create: true, read: true, update: true}}
---
workflow: handling
of: case
states: {open: {initial: true}, done: {final: true}}
transitions: {finish: {from: open, to: done, by: clerk}}
deadlines:
  soon: {runs_in: open, within: 2 days, warn: 1 days, missed: [{create: trace, values: {what: '"missed"', about: this}}, {mark: late}]}
---
entity: vote
title: name
fields: {name: text!}
access: {clerk: {create: true, read: true}, voter: {read: true}}
---
workflow: voting
of: vote
states: {asked: {initial: true, parallel: {all: {by: voter, needs: all}}}, over: {final: true}}
transitions: {end: {from: asked, to: over, when: complete}}
---
automation: follow
of: case
on: created
do:
  - {create: trace, values: {what: '"made"', about: this}}
  - {webhook: sink, send: {name: name}}
  - {document: sheet, into: sheets}
---
document: sheet
of: case
text: "# {name}"
"""
_WARNED = "select count(*) from fw_effect where kind = 'deadline_warning' and outcome = 'done'"
_CARRIED_ON = """select count(*) from vote where state = 'over' and
(select count(*) from fw_history where record = vote.id and action = 'end') = 1"""
EFFECTS_OF_A_CASE = 8
VOTES = 60
VOTERS = ("ann", "ben")
"""The first has voted everywhere, the second has left before the end."""
PACE = Pace(poll=0.02, lease=1.5, limit=1.0, batch=10)


async def prepare(url: str) -> None:
    """Deploy the app and make somebody to be warned."""
    running = await build(project(), url, keys=Keys(bytes(32)))
    await deploy(running.app, running.database)
    accounts = Accounts(running.database, running.app.tables.metadata, running.app.project.roles)
    await accounts.create("Clerk", "clerk", roles=("clerk",))
    people = [await accounts.create(name, name, roles=("voter",)) for name in VOTERS]
    first = Person(people[0], VOTERS[0], "", frozenset({"voter"}), "en")
    for number in range(VOTES):
        vote = await running.service.create(running.service.system, "vote", {"name": f"vote {number}"})
        await running.service.act(first, "vote", vote.id, "all.approve")
    await running.database.close()


async def leave(url: str, *, active: bool) -> None:
    """Let the second voter go, or come back."""
    running = await build(project(), url, keys=Keys(bytes(32)))
    accounts = Accounts(running.database, running.app.tables.metadata, running.app.project.roles)
    found = await accounts.find(VOTERS[1])
    assert found is not None
    await accounts.set_active(found.id, active)
    await running.database.close()


def project() -> Any:
    """Read the app."""
    found, problems = read_project({"app.yaml": APP})
    assert found is not None, [problem.message() for problem in problems]
    return found


async def make(url: str, first: int, count: int) -> None:
    """Make cases."""
    running = await build(project(), url, keys=Keys(bytes(32)))
    for number in range(first, first + count):
        await running.service.create(running.service.system, "case", {"name": f"case {number}"})
    await running.database.close()


async def work(url: str, port: int, days: int, *, until_empty: bool = False) -> None:
    """Be a worker whose clock is *days* ahead: after one day warnings are due, after ten all limits are over."""
    ahead = dt.timedelta(days=days)
    running = await build(project(), url, keys=Keys(bytes(32)), clock=lambda: dt.datetime.now(dt.UTC) + ahead)
    world = World(hooks={"sink": Hook(f"http://127.0.0.1:{port}/", "secret")}, hooks_inside=True)
    worker = Worker(running, world, PACE)
    if not until_empty:
        await worker.run()
    for _ in range(600):
        await worker.run_due()
        ((left,),) = await running.database.fetch("select count(*) from fw_effect where wake_at is not null")
        if not left:
            break
        await asyncio.sleep(0.1)
    await running.database.close()


def in_loop(url: str, port: int, days: int) -> None:
    """Be a worker until shot."""
    asyncio.run(work(url, port, days))


def begin(job: Any) -> int:
    """Run *job* in a process of its own and return its id."""
    child = os.fork()
    if child == 0:
        try:
            job()
        finally:
            os._exit(0)
    return child


def receive(bound: socket.socket, path: str) -> None:
    """Be the receiver of webhooks: a line for every delivery."""
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            os.write(log, (json.dumps([self.headers["Idempotency-Key"], body]) + "\n").encode())
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(bound.getsockname(), Handler, bind_and_activate=False)
    server.socket = bound
    server.server_activate()
    server.serve_forever()


def shoot(url: str, port: int, cases: int, kills: int, chance: random.Random) -> int:
    """Make *cases* and kill workers over them; return how many were killed."""
    killed, made, turn = 0, 0, 0
    while killed < kills or made < cases:
        lot = min(cases - made, -(-cases * 4 // max(kills, 1)))
        days = 1 if made < cases else 10
        if lot:
            asyncio.run(make(url, made, lot))
            made += lot
        children = [begin(partial(in_loop, url, port, days)) for _ in range(2)]
        if turn < 3:  # leaves, is back, and leaves
            asyncio.run(leave(url, active=turn == 1))
            turn += 1
        time.sleep(chance.uniform(0.15, 0.8))
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            killed += 1
    return killed


async def verdict(url: str, cases: int, log: list[str]) -> dict[str, Any]:
    """Return what is wrong, and the figures."""
    running = await build(project(), url, keys=Keys(bytes(32)))

    async def rows(text: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await running.database.fetch(text)]

    traces = Counter({(str(about), what): count for about, what, count in await rows("select about, what, count(*) from trace group by about, what")})
    keys = [str(row[0]) for row in await rows("select id from \"case\"")]
    received = [json.loads(line) for line in log]
    bodies: dict[str, set[str]] = {}
    for key, body in received:
        bodies.setdefault(key, set()).add(body)
    sent = {str(row[0]) for row in await rows("select id from fw_effect where kind = 'delivery'")}
    warned = await rows("select record, count(*) from fw_notice group by record")
    history = await rows("select record, count(*) from fw_history where kind = 'deadline' group by record")
    kept = Counter(str(row[0]) for row in await rows("select record from fw_history where kind = 'document'"))
    files = {str(key): json.loads(value) if isinstance(value, str) else value or [] for key, value in await rows("select id, sheets from \"case\"")}
    wrong = {
        "documents not kept once": sum(len(files[key]) != 1 or kept[key] != 1 for key in keys),
        "cases": len(keys) - cases,
        "votes not carried on once": VOTES - (await rows(_CARRIED_ON))[0][0],
        "made not once": sum(traces[key, "made"] != 1 for key in keys),
        "missed not once": sum(traces[key, "missed"] != 1 for key in keys),
        "not marked": ((await rows("select count(*) from \"case\" where late is null"))[0][0]),
        "limits not missed": cases - (await rows("select count(*) from fw_deadline where missed"))[0][0],
        "limits fired not once": cases - sum(count == 1 for _, count in history),
        "warned twice": sum(count != 1 for _, count in warned),
        "warnings lost": (await rows(_WARNED))[0][0] - len(warned),
        "never delivered": len(sent - bodies.keys()),
        "delivered with a strange key": len(bodies.keys() - sent),
        "one key, several bodies": sum(len(one) > 1 for one in bodies.values()),
        "still waiting": (await rows("select count(*) from fw_effect where wake_at is not null"))[0][0],
        "given up": (await rows("select count(*) from fw_effect where outcome = 'gave up'"))[0][0],
    }
    effects = (await rows("select count(*) from fw_effect"))[0][0]
    again = (await rows("select count(*) from fw_effect where attempts > 1"))[0][0]
    await running.database.close()
    figures = {"effects": effects, "begun more than once": again, "warned": len(warned)}
    return {"wrong": {name: count for name, count in wrong.items() if count}, **figures,
            "deliveries": len(received), "distinct deliveries": len(bodies)}  # fmt: skip


def prove(name: str, url: str, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run the proof on one database."""
    started = time.monotonic()
    cases = max(1, -(-options.effects // EFFECTS_OF_A_CASE))
    log = folder / f"{name}.log"
    log.touch()
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    receiver = begin(lambda: receive(bound, str(log)))
    try:
        asyncio.run(prepare(url))
        killed = shoot(url, bound.getsockname()[1], cases, options.kills, random.Random(options.seed))
        asyncio.run(work(url, bound.getsockname()[1], 10, until_empty=True))
        found = asyncio.run(verdict(url, cases, log.read_text().splitlines()))
    finally:
        os.kill(receiver, signal.SIGKILL)
        os.waitpid(receiver, 0)
    return {"database": name, "kills": killed, **found, "seconds": round(time.monotonic() - started, 1)}


def main() -> int:
    """Run the proof on the databases asked for; the last line is the summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--effects", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.database in ("sqlite", "both"):
            results.append(prove("sqlite", f"sqlite:///{folder / 'kills.db'}", options, folder))
        if options.database in ("postgres", "both"):
            try:
                with postgres.server() as server, server.database() as url:
                    results.append(prove("postgres", url, options, folder))
            except postgres.NoPostgres as absent:
                print(absent)
    wrong = sum(bool(result["wrong"]) for result in results)
    print(json.dumps({"worker_kills": results, "seed": options.seed, "wrong": wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
