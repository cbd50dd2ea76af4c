"""Requests a second of the engine's server beside a hand-written one, on the same tables, in one interleaved run.

Both are one process of uvicorn, both check a token (or a session) and rights with each request, both talk to the same
PostgreSQL database with a million rows. The rounds alternate, so that what else happens on the machine meets both. The
engine also writes history, which the hand-written server does not. The last line is JSON.

    python bench/http.py --rows 1000000 --seconds 5 --rounds 3
"""
# ruff: noqa: E402, I001 - the path is put in order before anything else is imported

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# This folder must not be looked into for modules: this very file is called like one of the standard library.
sys.path[:] = [str(HERE.parent), *(path for path in sys.path if Path(path or ".").resolve() != HERE)]

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from bench.cluster import cluster
from bench.load import Result, Work, run
from bench.our_server import open_app
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.settings import Settings

TARGETS = {"get": 0.7, "list": 0.7, "page": 0.7, "post": 0.5, "patch": 0.5}
BODY = (
    '{"name":"Person {new}","email":"p{new}@example.org","kind":"customer","score":7,"born":"1980-02-03",'
    '"balance":12.50,"active":true,"owner":"carl"}'
)
CONTACTS = """
insert into contact (id, version, created, changed, name, email, phone, kind, score, born, balance, active, owner)
select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, now(), now(), 'Person ' || n,
  'n' || n || '@example.org', '+49 89 ' || n, (array['customer', 'supplier', 'authority'])[1 + n % 3], n % 100,
  date '1950-01-01' + (n % 20000), (n % 100000) / 100.0, n % 7 <> 0, 'owner ' || n % 50
from generate_series(1, {rows}) n
"""
TICKETS = """
insert into ticket (id, version, created, changed, subject, contact, status, priority, due, amount)
select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, now(), now(), 'Ticket ' || n,
  ('00000000-0000-7000-8000-' || lpad(to_hex(1 + (n * 7919::bigint) % {rows}), 12, '0'))::uuid,
  (array['draft', 'submitted', 'in_review', 'approved', 'rejected'])[1 + n % 5], n % 5,
  date '2020-01-01' + (n * 31::bigint % 3000)::int, (n % 500000) / 100.0
from generate_series(1, {rows}) n
"""


def main() -> None:
    """Fill the database, start both servers, measure in turn, report."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="fachwerk-bench-") as folder, cluster(Path(options.keep or folder)) as url:
        database = url.rsplit("/", 1)[0] + f"/bench_{options.rows}"
        token = asyncio.run(prepare(url, database, options.rows))
        environment = {**os.environ, "BENCH_DATABASE": database, "REFERENCE_DATABASE": database}
        environment["REFERENCE_TOKEN"] = token
        applications = ("bench.our_server:make", "bench.reference_server:app")
        with server(applications[0], environment) as ours, server(applications[1], environment) as theirs:
            session = sign_in(ours[0])
            works = {"ours": _works(token, session, api="/api/v1", page="/e/ticket")}
            works["reference"] = _reference_works(token)
            for work in options.only or TARGETS:
                compare({"ours": ours[0], "reference": theirs[0]}, {side: works[side][work] for side in works})
            report(measure({"ours": ours, "reference": theirs}, works, options), options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="records of each of the two entities")
    parser.add_argument("--seconds", type=float, default=5, help="length of one measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each kind and server")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--keep", help="a folder in which the database is kept and found again")
    parser.add_argument("--only", action="append", choices=list(TARGETS), help="measure only this (can be repeated)")
    return parser.parse_args()


async def prepare(maintenance: str, database: str, rows: int) -> str:
    """Make the tables through the engine and fill them; return an API token of a clerk."""
    name = database.rsplit("/", 1)[1]
    connection = await asyncpg.connect(maintenance)
    fresh = not await connection.fetchval("select 1 from pg_database where datname = $1", name)
    if fresh:
        await connection.execute(f'create database "{name}"')
    await connection.close()
    running = await open_app(database, new=fresh)
    accounts = Accounts(running.database, running.app.tables.metadata, running.app.project.roles)
    if fresh:
        await _fill(database, rows)
        hashed = await Passwords(Settings()).hash("a good password")
        await accounts.create("Carl Clerk", "carl", roles=["clerk"], password=hashed, language="en")
    user = await accounts.find("carl")
    assert user is not None
    token = await accounts.make_token(user.id, "bench")
    await running.database.close()
    return token


async def _fill(database: str, rows: int) -> None:
    connection = await asyncpg.connect(database)
    started = time.perf_counter()
    for statement in (CONTACTS, TICKETS):
        await connection.execute(statement.format(rows=rows), timeout=3600)
    await connection.execute("vacuum analyze contact")
    await connection.execute("vacuum analyze ticket")
    await connection.close()
    print(f"filled two tables with {rows:,} rows each in {time.perf_counter() - started:.0f} s", flush=True)


@contextmanager
def server(application: str, environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Run an application in a process of its own and give its address and process id."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port)]
    command += ["--factory"] * application.endswith("make") + ["--no-access-log", "--log-level", "warning"]
    process = subprocess.Popen([*command, "--loop", "uvloop", "--http", "httptools"], env=environment, cwd=HERE.parent)
    try:
        _wait(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    import socket

    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit("a server did not start")
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("a server does not answer")


def sign_in(base: str) -> str:
    """Sign in by the form, as a person does, and return the session's cookie."""
    import re
    from http.cookiejar import CookieJar
    from urllib.parse import urlencode

    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{base}/sign-in").read().decode()
    secret = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert secret is not None
    fields = {"_csrf": secret[1], "name": "carl", "password": "a good password", "_next": "/sign-in"}
    opener.open(f"{base}/sign-in", urlencode(fields).encode()).read()
    found = {cookie.name: cookie.value for cookie in jar}
    return f"fw_session={found['fw_session']}"


def _works(token: str, session: str, *, api: str, page: str) -> dict[str, Work]:
    bearer = {"Authorization": f"Bearer {token}"}
    sent = {**bearer, "Content-Type": "application/json"}
    return {
        "get": Work("get", "GET", f"{api}/contact/{{id}}", headers=bearer),
        "list": Work("list", "GET", f"{api}/ticket?status={{status}}&sort=-due&limit=50", headers=bearer),
        "page": Work("page", "GET", f"{page}?status={{status}}", headers={"Cookie": session}),
        "post": Work("post", "POST", f"{api}/contact", BODY, sent),
        "patch": Work("patch", "PATCH", f"{api}/contact/{{id}}", '{"score": 8}', {**sent, "If-Match": "*"}),
    }


def _reference_works(token: str) -> dict[str, Work]:
    works = _works(token, "session=session", api="", page="/page/ticket")
    return {**works, "list": Work("list", "GET", "/ticket?status={status}&limit=50", headers=works["list"].headers)}


def compare(bases: dict[str, str], works: dict[str, Work]) -> None:
    """Send one request to both and show what comes back, so that one can see that they do the same work."""
    for side, work in works.items():
        result = run(bases[side], work, rows=100, seconds=1, connections=1, start=hash((side, time.time())) % 800 + 100)
        if result.refused or not result.requests:
            raise SystemExit(f"{side} refuses {work.name}: {work.method} {work.path}")


def cpu_seconds(process: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(
    servers: dict[str, tuple[str, int]], works: dict[str, dict[str, Work]], options: argparse.Namespace
) -> dict[str, dict[str, list[tuple[Result, float]]]]:
    """Return for each kind of work and server the results and the processor time per request in microseconds."""
    found: dict[str, dict[str, list[tuple[Result, float]]]] = {}
    start = int(time.time()) % 500 + 1000
    for round_ in range(options.rounds):
        for name in options.only or TARGETS:
            sides = list(servers) if round_ % 2 == 0 else list(reversed(servers))
            for side in sides:
                start += 1
                base, process = servers[side]
                before = cpu_seconds(process)
                result = run(
                    base, works[side][name], rows=options.rows, seconds=options.seconds,
                    connections=options.connections, start=start,
                )  # fmt: skip
                used = (cpu_seconds(process) - before) / max(result.requests, 1) * 1e6
                found.setdefault(name, {}).setdefault(side, []).append((result, used))
    return found


def report(found: dict[str, dict[str, list[tuple[Result, float]]]], options: argparse.Namespace) -> None:
    """Print the table and the JSON."""
    measured = f"median of {options.rounds} x {options.seconds} s"
    print(f"\n{options.rows:,} rows, {options.connections} connections, {measured}\n")
    heads = ("work", "ours/s", "ref/s", "ratio", "target", "ours us", "ref us", "ours p99", "ref p99", "refused")
    print("".join(f"{head:>10}" for head in heads))
    summary: dict[str, dict[str, float]] = {}
    for name, sides in found.items():
        rate = {side: statistics.median(result.rate for result, _ in many) for side, many in sides.items()}
        cpu = {side: statistics.median(used for _, used in many) for side, many in sides.items()}
        tail = {side: statistics.median(result.p99 for result, _ in many) for side, many in sides.items()}
        refused = sum(result.refused for many in sides.values() for result, _ in many)
        ratio = rate["ours"] / rate["reference"]
        cells = (f"{rate['ours']:.0f}", f"{rate['reference']:.0f}", f"{ratio:.2f}", f"{TARGETS[name]:.2f}")
        cells += (f"{cpu['ours']:.0f}", f"{cpu['reference']:.0f}", f"{tail['ours']:.1f}", f"{tail['reference']:.1f}")
        print(f"{name:>10}" + "".join(f"{cell:>10}" for cell in cells) + f"{refused:>10}")
        summary[name] = {"ours": rate["ours"], "reference": rate["reference"], "ratio": ratio, "target": TARGETS[name]}
        summary[name] |= {"cpu_us": cpu["ours"], "reference_cpu_us": cpu["reference"], "refused": refused}
    print(json.dumps({"rows": options.rows, "connections": options.connections, "work": summary}))


if __name__ == "__main__":
    main()
