"""A deploy is killed (SIGKILL) at every statement, before and after it, and at any moment in between.

After every kill the database is at the old version or at the new one, with exactly the rows of that version, and a
second deploy finishes; where values were being made ahead, it goes on with them and makes none twice. On SQLite and on
PostgreSQL, with random configurations, edits and rows; half of the scenes have values that are made ahead.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import postgres
from fachwerk.engine.database import Connection, Database, Row
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import current, deploy
from fachwerk.engine.main import compile_project
from fachwerk.engine.plan.planning import make_plan
from fachwerk.engine.plan.progress import Known, known
from fachwerk.engine.preparing import Told, silent
from fachwerk.schemas.model import Project
from plan_ahead import SMALL, has_work, left_over
from plan_proofs import begun, dump, pair_of

ROWS = 30


class Deadly:
    """A database whose process is killed at one of its statements."""

    def __init__(self, inner: Database, last: int) -> None:
        self._inner, self._left = inner, last
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @asynccontextmanager
    async def altering(self) -> AsyncIterator[Connection]:
        """Begin a transaction whose statements are counted."""
        async with self._inner.altering() as connection:
            yield _Counted(connection, self)
        self.step()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Begin a transaction whose statements are counted, such as that of a batch."""
        async with self._inner.transaction() as connection:
            yield _Counted(connection, self)
        self.step()

    def step(self) -> None:
        """Count a step; the last one is not survived."""
        self.count += 1
        if self.count == self._left:
            os.kill(os.getpid(), signal.SIGKILL)


class _Counted:
    def __init__(self, inner: Connection, deadly: Deadly) -> None:
        self._inner, self._deadly = inner, deadly

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run a statement; both its beginning and its end are steps."""
        self._deadly.step()
        rows = await self._inner.fetch(text, parameters)
        self._deadly.step()
        return rows


@dataclass(slots=True)
class Scene:
    """A database at its old version that can be had again and again, and what it holds before and after."""

    seed: int
    old: Project
    new: Project
    places: Any
    allowed: frozenset[str]
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    steps: int


class Files:
    """SQLite databases copied from one."""

    def __init__(self, folder: str) -> None:
        self.first = Path(folder) / "first.db"
        self.copy = Path(folder) / "copy.db"

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Give a copy of the first database."""
        for suffix in ("", "-wal", "-shm"):
            self.copy.with_name(self.copy.name + suffix).unlink(missing_ok=True)
            source = self.first.with_name(self.first.name + suffix)
            if source.exists():
                shutil.copy(source, self.copy.with_name(self.copy.name + suffix))
        yield f"sqlite:///{self.copy}"

    @property
    def url(self) -> str:
        """The first database."""
        return f"sqlite:///{self.first}"


class Copies:
    """PostgreSQL databases copied from one."""

    def __init__(self, server: postgres.Server) -> None:
        self.server = server
        self.url = server.create()

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Give a copy of the first database."""
        name, template = f"copy_{os.getpid()}_{time.monotonic_ns()}", self.url.rsplit("/", 1)[1]
        self.server.run(f'create database "{name}" template "{template}"')
        try:
            yield self.server.url_of(name)
        finally:
            self.server.drop(self.server.url_of(name))


async def prepared(seed: int, places: Any) -> Scene | None:
    """Make a scene; ``None`` where the plan has nothing to do or rules itself out."""
    _, _, old, new = pair_of(seed)
    running = await begun(places.url, old, seed, ROWS)
    try:
        plan = await make_plan(running.database, new)
        if not plan.operations or any(impact.allow is None for impact in plan.blocked):
            return None
        before = await dump(running.database, running.app)
        allowed = frozenset(str(impact.allow) for impact in plan.blocked)
    finally:
        await running.database.close()
    return Scene(seed, old, new, places, allowed, before, {}, 0)


async def deployed(scene: Scene, url: str, last: int, told: list[Told] | None = None) -> int:
    """Deploy, values made ahead in tiny batches; return how many steps there were."""
    database = await open_database(url)
    deadly = Deadly(database, last)
    app = compile_project(scene.new, database.dialect)
    tell = told.append if told is not None else silent
    await deploy(app, deadly, allowed=scene.allowed, pace=SMALL, tell=tell)  # type: ignore[arg-type]
    await database.close()
    return deadly.count


async def begun_in(url: str) -> Known | None:
    """Return what a killed deploy had made ahead."""
    database = await open_database(url)
    try:
        return await known(database, database.dialect)
    finally:
        await database.close()


async def left_in(url: str) -> dict[str, object]:
    """Return what a deploy left behind of its preparation."""
    database = await open_database(url)
    try:
        return await left_over(database)
    finally:
        await database.close()


async def state(scene: Scene, url: str) -> tuple[int, dict[str, list[str]]]:
    """Return the version in force and all rows of it."""
    database = await open_database(url)
    try:
        old = compile_project(scene.old, database.dialect)
        found = await current(old, database)
        version = found[0] if found else 0
        app = old if version == 1 else compile_project(scene.new, database.dialect)
        return version, await dump(database, app)
    finally:
        await database.close()


def killed(scene: Scene, url: str, last: int, after: float | None) -> bool:
    """Deploy in a process of its own that does not survive; return whether it was killed in time."""
    child = os.fork()
    if child == 0:
        if after is not None:
            threading.Timer(after, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
        try:
            asyncio.run(deployed(scene, url, last))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def wrong(scene: Scene, last: int, after: float | None) -> tuple[str, int, bool]:
    """Kill one deploy; return what is wrong (nothing if all is right), the version that it left, and whether values had
    been made ahead by then."""
    with scene.places.fresh() as url:
        if not killed(scene, url, last, after):
            return "", 0, False
        version, rows = asyncio.run(state(scene, url))
        begun = asyncio.run(begun_in(url))
        made = begun is not None and begun.done > 0
        if rows != (scene.before if version == 1 else scene.after):
            return f"version {version} with rows that are not its own", version, made
        told: list[Told] = []
        asyncio.run(deployed(scene, url, 0, told))
        if asyncio.run(state(scene, url)) != (2, scene.after):
            return "the second run did not finish", version, made
        if made and begun is not None:
            went_on = [one.done for one in told if one.what == "resume"] == [begun.done]
            if not went_on or sum(one.what == "batch" for one in told) > (begun.total - begun.done) // SMALL.batch + 4:
                return f"the second run did not go on at {begun.done} of {begun.total}", version, made
        left = asyncio.run(left_in(url))
        return (f"left behind: {left}" if left else ""), version, made


def scenes(chosen: argparse.Namespace, server: postgres.Server | None, folder: str) -> Iterator[Scene]:
    """Give scenes on both databases in turn."""
    seed = chosen.seed * 10_000
    while True:
        seed += 1
        if seed % 4 < 2 and not has_work(pair_of(seed)):
            continue
        files = Path(folder) / str(seed)
        files.mkdir()
        places = Copies(server) if server is not None and seed % 2 else Files(str(files))
        scene = asyncio.run(prepared(seed, places))
        if scene is None:
            continue
        with places.fresh() as url:
            scene.steps = asyncio.run(deployed(scene, url, 0))
            _, scene.after = asyncio.run(state(scene, url))
        yield scene


def main() -> int:
    """Kill deploys; the last line is a summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--most", type=int, default=60, help="kills in each scene (those of a deploy with more are drawn)"
    )
    chosen = parser.parse_args()
    rng, started, failed = random.Random(chosen.seed), time.monotonic(), []
    kills = {"sqlite": 0, "postgresql": 0}
    versions, resumed = {1: 0, 2: 0}, 0
    home, owner = postgres.make_home()
    try:
        server = _server(home)
        with tempfile.TemporaryDirectory() as folder:
            for scene in scenes(chosen, server, folder):
                points: list[tuple[int, float | None]] = [(step, None) for step in range(1, scene.steps + 1)]
                points += [(0, rng.uniform(0.0, 0.3)) for _ in range(10)]
                for last, after in sorted(rng.sample(points, min(chosen.most, len(points))), key=str):
                    bad, version, made = wrong(scene, last, after)
                    resumed += made
                    if version:
                        kills["sqlite" if isinstance(scene.places, Files) else "postgresql"] += 1
                        versions[version] += 1
                    if bad:
                        failed.append(f"seed {scene.seed} step {last} after {after}: {bad}")
                        print(failed[-1], flush=True)
                if sum(kills.values()) >= chosen.kills:
                    break
    finally:
        postgres.remove(home)
        owner.close()
    summary = {"kills": sum(kills.values()), **kills, "left_old": versions[1], "left_new": versions[2], "resumed": resumed,
               "failed": len(failed), "seconds": round(time.monotonic() - started, 1)}  # fmt: skip
    print(json.dumps(summary))
    return 1 if failed else 0


def _server(home: Path) -> postgres.Server | None:
    try:
        return postgres.start(home)
    except postgres.NoPostgres:
        return None


if __name__ == "__main__":
    sys.exit(main())
