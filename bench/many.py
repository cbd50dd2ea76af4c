"""What benchmarks of many records share: making them, somebody who writes all the time, memory, both databases."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

import postgres
from fachwerk.engine.compile import App
from fachwerk.engine.database import Database
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import compile_project
from fachwerk.schemas.read import read_project
from fachwerk.schemas.tables_columns import Dialect

WRITE, ROWS = "--write", "--rows"


def app_of(text: str, dialect: Dialect) -> App:
    """Read and compile a configuration."""
    project, _ = read_project({"app.yaml": text.encode()})
    assert project is not None
    return compile_project(project, dialect)


async def begin(url: str, text: str, rows: int, columns: Mapping[str, str]) -> None:
    """Make a database with *rows* things; *columns* are expressions over ``value``, money in hundredths."""
    database = await open_database(url)
    await deploy(app_of(text, database.dialect), database)
    await _fill(database, rows, columns)
    await database.close()


async def _fill(database: Database, rows: int, columns: Mapping[str, str]) -> None:
    if database.dialect == "sqlite":
        moment = "'2026-01-01T00:00:00.000000+00:00'"
        key = "printf('018f0000-0000-7000-8000-%012x', value)"
        steps = f"SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < {rows}"
        source, hundredths = f"(WITH RECURSIVE s(value) AS ({steps}) SELECT value FROM s)", ""
    else:
        moment, key = "now()", "('018f0000-0000-7000-8000-' || lpad(to_hex(value), 12, '0'))::uuid"
        source, hundredths = f"generate_series(1, {rows}) AS s(value)", " / 100.0"
    values = ", ".join(one.replace("{hundredths}", hundredths) for one in columns.values())
    names = ", ".join(("id", "version", "created", "changed", *columns))
    async with database.transaction() as connection:
        given = f"{key}, 1, {moment}, {moment}, {values}"
        await connection.fetch(f"INSERT INTO thing ({names}) SELECT {given} FROM {source}")
    if database.dialect == "postgresql":
        await database.fetch("ANALYZE thing")


def memory() -> int:
    """Return the most memory that this process has had, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


# ------------------------------------------------------------------ somebody who writes


async def write_on(url: str, rows: int, pause: float = 0.005) -> None:
    """Write one record after the other until told to stop; print how many, and the longest waits: when, how long."""
    database = await open_database(url)
    place = "?" if database.dialect == "sqlite" else "$1"
    stop = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    print("writing", flush=True)
    waits: list[tuple[float, float]] = []
    while not stop.done():
        key, started = f"018f0000-0000-7000-8000-{len(waits) * 7919 % rows + 1:012x}", time.time()
        async with database.transaction() as connection:
            await connection.fetch(f"UPDATE thing SET cost = cost + 1 WHERE id = {place}", [key])
        waits.append((started, time.time() - started))
        await asyncio.sleep(pause)
    await database.close()
    print(json.dumps({"writes": len(waits), "waits": sorted(waits, key=lambda one: -one[1])[:50]}))


class Writer:
    """A process that writes."""

    def __init__(self, script: str, url: str, rows: int) -> None:
        command = [sys.executable, script, WRITE, url, ROWS, str(rows)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def stop(self) -> tuple[int, list[tuple[float, float]]]:
        """Let it end; return how often it wrote, and when it waited how long."""
        told = json.loads(self._process.communicate("stop\n")[0])
        return told["writes"], [(at, wait) for at, wait in told["waits"]]


def longest(waits: list[tuple[float, float]]) -> float:
    """Return the longest of some waits in milliseconds."""
    return round(1000 * max((wait for _, wait in waits), default=0), 1)


# ------------------------------------------------------------------ the command


def arguments(about: str | None, *inner: str) -> argparse.Namespace:
    """Read what was typed; *inner* are options by which the script calls itself. Writes, where that is asked."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(ROWS, type=int, default=1_000_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    for option in (WRITE, *inner):
        parser.add_argument(option, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.write:
        asyncio.run(write_on(chosen.write, chosen.rows))
        raise SystemExit(0)
    return chosen


def apart(script: str, option: str, url: str, rows: int) -> dict[str, object]:
    """Return what the script measures in a process of its own, so that its memory is its own."""
    done = subprocess.run(
        [sys.executable, script, option, url, ROWS, str(rows)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure_both(chosen: argparse.Namespace, measure: Callable[[str, int], object]) -> None:
    """Measure on the databases that are wanted; the last line is JSON."""
    found: dict[str, object] = {"rows": chosen.rows}
    for name in ("sqlite", "postgresql"):
        if chosen.database in (name, "both"):
            with _database(name) as url:
                found[name] = measure(url, chosen.rows)
    print(json.dumps(found))


@contextlib.contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/many.db"
        return
    home, owner = postgres.make_home()
    try:
        yield postgres.start(home).create()
    finally:
        postgres.remove(home)
        owner.close()
