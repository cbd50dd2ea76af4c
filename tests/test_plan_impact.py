"""Effects on live rows: what a plan counts is what a plain replay of every row finds, on both databases."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections import Counter
from pathlib import Path

import pytest
from fachwerk.engine.compile import App
from fachwerk.engine.context import context_of
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import build, compile_project
from fachwerk.engine.plan.impact import Counted, count_impacts
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.statements import table_texts
from fachwerk.schemas.model import Project
from plan_oracle import Replay
from plan_random import Rows, choose, edit, read, recalculate, text_of

NOW = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
LEFT_OUT = ("kept", "loss", "role_gone", "access_field", "stuck", "part_gone", "deadline_gone", "dangles")
"""Effects that the replay does not look for; they have tests of their own."""


def pair_of(seed: int) -> tuple[str, str, Project, Project]:
    """Return a random configuration and a random edit of it, both of which make sense."""
    rng = random.Random(seed)
    while True:
        chosen = choose(rng)
        later = edit(rng, chosen)
        texts = text_of(chosen), text_of(later, chosen)
        old, new = read(texts[0]), read(texts[1])
        if old is not None and new is not None:
            return *texts, old, new


def counted_by(found: Counted) -> Counter[tuple[str, str]]:
    """Return the counts of effects by kind and name; computed fields by the field that differs."""
    counts: Counter[tuple[str, str]] = Counter()
    for impact in found.impacts:
        name = impact.change.name
        if impact.kind == "differs":
            name = f"{impact.examples[0].entity}.{impact.text['en'].split('`')[1]}"
        if impact.kind not in LEFT_OUT:
            counts[impact.kind, name] += impact.count
    return counts


async def differing(urls: tuple[str, str], seed: int, rows: int = 14) -> dict[tuple[str, str], tuple[int, int]]:
    """Return where the plan of one random change and the replay of its rows count differently: (plan, replay)."""
    _, _, old, new = pair_of(seed)
    running = await build(old, urls[0], keys=Keys(bytes(32)))
    target = await open_database(urls[1])
    try:
        await deploy(running.app, running.database)
        accounts = Accounts(running.database, running.app.tables.metadata, old.roles)
        roles = ("clerk", "owner", "owner")
        users = [await accounts.create(f"user{n}", f"user{n}", roles=(role,)) for n, role in enumerate(roles)]
        async with running.database.transaction() as connection:
            await Rows(running.app, random.Random(seed), connection).fill(rows, users)
            await recalculate(running.app, connection, context_of(running.app, None, NOW))
        planned = counted_by(await count_impacts(running.app, new, running.database, now=NOW))
        app = compile_project(new, target.dialect)
        await target.script(table_texts(without_unique(app).tables.metadata, target.dialect))
        replay = Replay(running.app, app, running.database, target, NOW, Counter())
        return compared(planned, +await replay.run(), await baseline(replay))
    finally:
        await running.database.close()
        await target.close()


def without_unique(app: App) -> App:
    """Return an app whose tables take rows that share what must be unique, and links of any kind."""
    for table in app.tables.metadata.tables.values():
        for index in [one for one in table.indexes if one.unique]:
            table.indexes.remove(index)
    return app


async def baseline(replay: Replay) -> Counter[tuple[str, str]]:
    """Return how many rows broke the rules of the old configuration before."""
    before = Replay(replay.old, replay.old, replay.old_database, replay.old_database, NOW, Counter())
    for entity in replay.old.entities.values():
        for compiled in (entity, *entity.rows.values()):
            await before._judge(replay.old_database, compiled)
            await before._unique(replay.old_database, compiled)
    return +before.found


def compared(
    planned: Counter[tuple[str, str]], replayed: Counter[tuple[str, str]], before: Counter[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Return what differs; a rule that is as it was and broken by as many rows as before is not part of a plan."""
    found = {}
    for key in planned.keys() | replayed.keys():
        if planned[key] != replayed[key]:
            as_before = {count for (kind, _), count in before.items() if kind == key[0]}
            if planned[key] or not key[0].startswith(("breaks_", "unique")) or replayed[key] not in as_before:
                found[key] = (planned[key], replayed[key])
    return found


@pytest.fixture
def two_urls(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> tuple[str, str]:
    """Two empty databases of one kind."""
    if database_url.startswith("sqlite"):
        return database_url, f"sqlite:///{tmp_path / 'replay.db'}"
    other = str(request.getfixturevalue("module_postgres_url"))
    asyncio.run(emptied(other))
    return database_url, other


async def emptied(url: str) -> None:
    """Take everything out of a PostgreSQL database."""
    database = await open_database(url)
    await database.script(["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"])
    await database.close()


@pytest.mark.parametrize("seed", range(8))
def test_the_plan_counts_what_a_replay_of_all_rows_finds(two_urls: tuple[str, str], seed: int) -> None:
    assert asyncio.run(differing(two_urls, seed)) == {}
