"""Deploying while two server processes answer a steady load: not one request fails, not one answer is half new.

Requests are begun at a fixed rate, whether or not those before them were answered (an open loop): a server that stood
still for a second would have to catch up. Every answer of a list has the fields of one version in all of its records;
every record that was written is there at the end, once; one second after a deploy has committed both processes answer
by the new version. The deploys run in processes of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import httpx2
import postgres
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import compile_project
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.serving import Listen, run, serve
from fachwerk.engine.server.settings import Settings
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project

TEXT = """
app: load
label: Load
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
  FIELDS
access: {clerk: {create: true, read: true, update: true, delete: true}}
"""
VERSIONS = (
    ("fax: text\n  double: {type: integer, computed: number * 2, stored: true}", {"fax", "double"}),
    (
        "phone: {type: text, was: fax}\n  double: {type: integer, computed: number * 3, stored: true}",
        {"phone", "double"},
    ),
    ("fax: {type: text, was: phone}\n  triple: {type: integer, computed: number * 3, stored: true}", {"fax", "triple"}),
)
"""What the fields are in each version, and which of them tell it from the others."""
ALL = {"fax", "phone", "double", "triple"}


def read(version: int) -> Project:
    """Read one version; those that know nothing of what was must say so."""
    text = TEXT.replace("FIELDS", VERSIONS[version][0])
    project, problems = read_project({"app.yaml": text.encode()})
    assert project is not None, [problem.message() for problem in problems]
    return project


@dataclass(slots=True)
class Load:
    """What was sent and answered."""

    sent: int = 0
    late: int = 0
    """Requests that this program itself began more than 0.1 s late: the rate was not offered."""
    written: set[str] = field(default_factory=set)
    seen: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    answers: list[tuple[float, int]] = field(default_factory=list)
    """When a request was begun and by which version it was answered."""


async def send(load: Load, client: httpx2.AsyncClient, number: int) -> None:
    """Send one request and judge its answer: a new record now and then, else a list."""
    started = time.monotonic()
    try:
        if number % 4 == 0:
            name = f"n{number}"
            answer = await client.post("/api/v1/thing", json={"name": name, "number": number})
            if answer.status_code == 201:
                load.written.add(name)
        else:
            answer = await client.get("/api/v1/thing", params={"limit": "5"})
        judge(load, answer, started)
    except httpx2.HTTPError as error:
        load.wrong.append(f"{type(error).__name__} {error}")
    load.times.append(time.monotonic() - started)


def judge(load: Load, answer: httpx2.Response, started: float) -> None:
    """Note what is wrong with an answer, and by which version it was given."""
    if answer.status_code not in (200, 201):
        load.wrong.append(f"{answer.status_code} {answer.text[:200]}")
        return
    body = answer.json()
    records = next((body[name] for name in ("records", "items", "data") if name in body), [body])
    kinds = {frozenset(ALL & record.keys()) for record in records}
    if not records or [record.keys() for record in records] == [{"id"}]:
        return  # written in the moment of a deploy: the answer says no more than that
    known = [number for number, (_, names) in enumerate(VERSIONS) if kinds == {frozenset(names)}]
    if not known:
        load.wrong.append(f"half new: {sorted(map(sorted, kinds))}")
        return
    load.seen[known[0]] += 1
    load.answers.append((started, known[0]))


async def drive(url: str, addresses: list[str], token: str, chosen: argparse.Namespace) -> dict[str, object]:
    """Send requests at a steady rate to all processes in turn, and deploy two versions meanwhile."""
    load, tasks = Load(), set()
    headers = {"authorization": f"Bearer {token}"}
    limits = httpx2.Limits(max_connections=50)
    clients = [httpx2.AsyncClient(base_url=one, headers=headers, timeout=30, limits=limits) for one in addresses]
    database = await open_database(url)
    started = time.monotonic()
    deploys: list[tuple[float, float]] = []

    async def deploying() -> None:
        for version, part in ((1, 0.2), (2, 0.5)):
            await asyncio.sleep(max(started + part * chosen.seconds - time.monotonic(), 0))
            command = (sys.executable, __file__, "--deploy", str(version), url)
            process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
            begun, committed = json.loads((await process.communicate())[0])
            deploys.append((begun, committed))

    other = asyncio.create_task(deploying())
    for number in range(round(chosen.rate * chosen.seconds)):
        wait = started + number / chosen.rate - time.monotonic()
        load.late += wait < -0.1
        await asyncio.sleep(max(wait, 0))
        task = asyncio.create_task(send(load, clients[number % len(clients)], number))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        load.sent += 1
    await asyncio.gather(*tasks)
    took = time.monotonic() - started
    await other
    rows = [str(row[0]) for row in await database.fetch("SELECT name FROM thing")]
    there = set(rows)
    for client in clients:
        await client.aclose()
    await database.close()
    times = sorted(load.times)
    lost = sorted(load.written - there)
    followed = [
        max((started - committed for started, seen in load.answers if seen < version), default=0.0)
        for version, (_, committed) in enumerate(deploys, 1)
    ]
    return {
        "requests": load.sent, "offered_per_s": chosen.rate, "answered_per_s": round(len(times) / took, 1),
        "begun_late": load.late, "failed": len(load.wrong), "lost": len(lost), "twice": len(rows) - len(there),
        "examples": load.wrong[:5], "by_version": dict(sorted(load.seen.items())),
        "median_ms": round(times[len(times) // 2] * 1000, 1), "p99_ms": round(times[len(times) * 99 // 100] * 1000, 1),
        "slowest_ms": round(times[-1] * 1000), "deploy_ms": [round((b - a) * 1000) for a, b in deploys],
        "followed_after_ms": [round(max(one, 0) * 1000) for one in followed],
        "followed_late": sum(one > 1 for one in followed),
    }  # fmt: skip


async def deploy_one(version: int, url: str) -> tuple[float, float]:
    """Deploy a version; return when that was begun and when it was committed."""
    database = await open_database(url)
    app = compile_project(read(version), database.dialect)
    begun = time.monotonic()
    await deploy(app, database)
    committed = time.monotonic()
    await database.close()
    return begun, committed


async def begin(url: str) -> str:
    """Deploy the first version with some records; return the token of a clerk."""
    database = await open_database(url)
    app = compile_project(read(0), database.dialect)
    await deploy(app, database)
    accounts = Accounts(database, app.tables.metadata, app.project.roles)
    user = await accounts.create("Clerk", "clerk", roles=("clerk",))
    token = await accounts.make_token(user, "load")
    await database.close()
    return token


@contextmanager
def processes(url: str, count: int) -> Iterator[list[str]]:
    """Run server processes; give their addresses."""
    running = [
        subprocess.Popen([sys.executable, __file__, "--serve", url], stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    try:
        yield [str(one.stdout.readline()).strip() for one in running if one.stdout is not None]
    finally:
        for one in running:
            one.terminate()
            one.wait(20)


def measure(url: str, chosen: argparse.Namespace) -> dict[str, object]:
    """Run everything on one database."""
    token = asyncio.run(begin(url))
    with processes(url, 2) as addresses:
        return asyncio.run(drive(url, addresses, token, chosen))


def main() -> int:
    """Deploy under load on both databases; the last line is a summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=200, help="requests a second")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1, help="requests are the same for every seed")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--deploy", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.deploy:
        print(json.dumps(asyncio.run(deploy_one(int(chosen.deploy[0]), chosen.deploy[1]))))
        return 0
    if chosen.serve:
        run(lambda: serve(chosen.serve, Listen(port=0), Settings(), lambda address: print(address, flush=True)))
        return 0
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        found["sqlite"] = measure(f"sqlite:///{folder}/load.db", chosen)
    home, owner = postgres.make_home()
    try:
        found["postgresql"] = measure(postgres.start(home).create(), chosen)
    except postgres.NoPostgres:
        pass
    finally:
        postgres.remove(home)
        owner.close()
    print(json.dumps(found))
    wrong = [one for one in found.values() if one["failed"] or one["lost"] or one["twice"] or one["followed_late"]]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
