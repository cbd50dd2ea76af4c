"""Deploys with values made ahead, under random writes: what comes out is what a plain replay of every row gives."""

from __future__ import annotations

import random
from collections import Counter

from fachwerk.engine.context import context_of
from fachwerk.engine.database import Database
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import bring_up, deploy
from fachwerk.engine.inspect import inspect
from fachwerk.engine.main import compile_project
from fachwerk.engine.plan.filling import tasks_of
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.planning import make_plan
from fachwerk.engine.plan.progress import known
from fachwerk.engine.preparing import Pace, Told, prepare
from fachwerk.engine.statements import table_texts
from fachwerk.schemas.model import Project
from plan_oracle import Replay
from plan_proofs import NOW, begun, dump, pair_of, without_unique
from plan_random import recalculate
from plan_writes import Busy, Stopped, Writer

SMALL = Pace(least=1, batch=3, chunk=2, few=4)


def pair_with_work(seed: int) -> tuple[Project, Project]:
    """Return a random configuration and an edit of it that has values made ahead."""
    while not has_work(pair_of(seed)):
        seed += 1_000_000
    return pair_of(seed)[2:]


def has_work(pair: tuple[str, str, Project, Project]) -> bool:
    """Whether an edit has values that are made ahead."""
    _, _, old, new = pair
    before, after = compile_project(old, "sqlite"), compile_project(new, "sqlite")
    return bool(tuple(tasks_of(before, after, Pairing(old, new), context_of(before, None, NOW))))


async def prepared_and_plain(urls: tuple[str, str], seed: int) -> dict[str, object] | None:
    """Return what differs between a prepared deploy, with writes all the while, and a replay.

    ``None`` where nothing could be made ahead, or the plan rules the change out.
    """
    old, new = pair_with_work(seed)
    rng = random.Random(seed)
    running, target = await begun(urls[0], old, seed, 20), await open_database(urls[1])
    other = await open_database(urls[0])
    try:
        database, app = running.database, compile_project(new, running.app.dialect)
        plan = await make_plan(database, new)
        if plan.empty or any(impact.allow is None for impact in plan.blocked):
            return None
        told: list[Told] = []
        writer = Writer(running.app, other, rng)
        busy = Busy(database, writer, 25, rng.randint(1, 25))
        try:
            ahead = await prepare(app, busy, planned=None, engine=bring_up, pace=SMALL, tell=told.append)  # type: ignore[arg-type]
        except Stopped:
            await writer.write()
            ahead = await prepare(app, busy, planned=None, engine=bring_up, pace=SMALL, tell=told.append)  # type: ignore[arg-type]
        if ahead is not None:
            try:
                await ahead.leave()
            except Stopped:  # the one stop may fall here, too
                await ahead.leave()
        if not told or told[-1].what != "done":
            return None
        for _ in range(rng.randint(0, 6)):
            await writer.write()
        async with other.transaction() as connection:
            await recalculate(running.app, connection, context_of(running.app, None, NOW))
        again = await make_plan(database, new)
        if any(impact.allow is None for impact in again.blocked):
            return None
        allowed = frozenset(str(impact.allow) for impact in again.blocked)
        empty = without_unique(compile_project(new, target.dialect))
        await target.script(table_texts(empty.tables.metadata, target.dialect))
        await Replay(running.app, app, database, target, NOW, Counter()).run()
        await deploy(app, database, allowed=allowed, pace=SMALL)
        after, expected = await dump(database, app), await dump(target, app)
        found: dict[str, object] = {
            name: [one for one in zip(after[name], expected[name], strict=False) if one[0] != one[1]][:2]
            for name in after
            if after[name] != expected[name]
        }
        return found | await left_over(database)
    finally:
        for one in (running.database, target, other):
            await one.close()


async def left_over(database: Database) -> dict[str, object]:
    """Return what a preparation left behind."""
    there = [name for name in (await inspect(database, database.dialect)).columns if name.startswith("_fill")]
    text = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if database.dialect == "postgresql":
        text = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    triggers = [str(row[0]) for row in await database.fetch(text)]
    begun_still = await known(database, database.dialect)
    return {"left": (there, triggers, begun_still)} if there or triggers or begun_still else {}
