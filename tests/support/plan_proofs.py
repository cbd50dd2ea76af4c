"""One random change of a configuration under random rows, taken through planning, deploying and rolling back.

Used by the tests in small numbers and by ``tests/long/lifecycle.py`` in large ones.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence

from fachwerk.engine.compile import App
from fachwerk.engine.context import context_of
from fachwerk.engine.database import Connection, Database
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy, rollback
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import Running, build, compile_project, in_force
from fachwerk.engine.plan.asking import check_pending
from fachwerk.engine.plan.impact import Counted, count_impacts
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.planning import make_plan
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.statements import table_texts
from fachwerk.engine.versions import Versions
from fachwerk.problems import Refused
from fachwerk.schemas.model import Project
from fachwerk.schemas.tables import all_entities
from plan_oracle import Replay
from plan_random import Rows, choose, edit, read, recalculate, text_of

Counts = Counter[tuple[str, str]]

NOW = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
LEFT_OUT = ("kept", "loss", "role_gone", "access_field", "stuck", "part_gone", "outcome_gone", "deadline_gone",
            "dangles")
"""Effects that the replay does not look for; they have tests of their own."""


def sequence_of(seed: int, edits: int) -> tuple[dict[str, str], list[str]]:
    """Return a random configuration, and the texts of up to so many random edits in sequence that make sense."""
    rng = random.Random(seed)
    while True:
        chosen = now = choose(rng)
        old, texts = read(text_of(chosen)), list[str]()
        for _ in range(edits * 3):
            later = edit(rng, now)
            text = text_of(later, now)
            new = read(text)
            if old is not None and new is not None and not check_pending(Pairing(old, new)).errors:
                texts, old, now = [*texts, text], new, later
                if len(texts) == edits or (edits > 1 and rng.random() < 0.2):
                    break
        if texts:
            return chosen, texts


def pair_of(seed: int) -> tuple[str, str, Project, Project]:
    """Return a random configuration and a random edit of it, both of which make sense."""
    chosen, (text, *_) = sequence_of(seed, 1)
    old, new = read(text_of(chosen)), read(text)
    assert old is not None
    assert new is not None
    return text_of(chosen), text, old, new


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


async def begun(url: str, old: Project, seed: int, rows: int) -> Running:
    """Deploy a configuration and fill it with random rows and three people."""
    running = await build(old, url, keys=Keys(bytes(32)), durable=False)
    await deploy(running.app, running.database)
    accounts = Accounts(running.database, running.app.tables.metadata, old.roles)
    roles = ("clerk", "owner", "owner")
    users = [await accounts.create(f"user{n}", f"user{n}", roles=(role,)) for n, role in enumerate(roles)]
    async with running.database.transaction() as connection:
        await Rows(running.app, random.Random(seed), connection).fill(rows, users)
        await recalculate(running.app, connection, context_of(running.app, None, NOW))
    return running


async def differing(urls: tuple[str, str], seed: int, rows: int = 14, edits: int = 1) -> dict[str, object]:
    """Return what is wrong with up to so many random changes in sequence: nothing, where all is right.

    *urls* are two empty databases: what lives, and where each change is replayed.
    """
    chosen, texts = sequence_of(seed, edits)
    first = read(text_of(chosen))
    assert first is not None
    running = await begun(urls[0], first, seed, rows)
    database = running.database
    start, app, found = await dump(database, running.app), running.app, dict[str, object]()
    try:
        for number, text in enumerate(texts, 1):
            new = read(text)
            assert new is not None
            target = await emptied(urls[1], number)
            try:
                found = await step(running, new, target)
            finally:
                await target.close()
            if found:
                return {"edit": number, **found}
            running = await in_force(running)
        if len(await Versions(database.dialect).all(database)) > 1:
            await rollback(database, 1)
            back = await dump(database, app)
            found = {f"back {name}": apart(start[name], back[name]) for name in start if start[name] != back[name]}
        return found
    finally:
        await database.close()


async def emptied(url: str, number: int) -> Database:
    """Open an empty database: another file, or the same database without what was in it."""
    if url.startswith("sqlite"):
        return await open_database(f"{url}.{number}", durable=False)
    database = await open_database(url)
    await database.script(["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"])
    await database.close()
    return await open_database(url)


async def step(running: Running, new: Project, target: Database) -> dict[str, object]:
    """Take one change: count, replay, deploy, plan again, look; return what is wrong."""
    planned = counted_by(await count_impacts(running.app, new, running.database, now=NOW))
    app = compile_project(new, target.dialect)
    await target.script(table_texts(without_unique(app).tables.metadata, target.dialect))
    replay = Replay(running.app, app, running.database, target, NOW, Counter())
    found: dict[str, object] = dict(compared(planned, +await replay.run(), await baseline(replay)))
    return found | await deployed(running, new, target)


async def deployed(running: Running, new: Project, replayed: Database) -> dict[str, object]:
    """Plan, deploy, plan again, look; return what is wrong."""
    database, dialect = running.database, running.database.dialect
    plan = await make_plan(database, new)
    allowed = frozenset(impact.allow for impact in plan.blocked if impact.allow)
    stands = any(impact.allow is None for impact in plan.blocked)
    before, kept = await dump(database, running.app), await of_the_engine(database)
    app = compile_project(new, dialect)
    if stands or plan.empty:
        return await refused(app, database, running.app, before) if stands else {}
    try:
        await deploy(app, database, allowed=allowed, planned=(plan.version, plan.old_hash))
    except Refused as wrong:
        return {"refused": f"{wrong} {dict(wrong.fields)}"}
    found: dict[str, object] = {}
    if not (again := await make_plan(database, new)).empty or again.changes or again.impacts:
        found["plan again"] = again
    if (now := await of_the_engine(database)) != kept:
        found["of the engine"] = (kept, now)
    after, expected = await dump(database, app), await dump(replayed, app)
    differing = [name for name in after if after[name] != expected[name]]
    return found | {f"deployed {name}": apart(after[name], expected[name]) for name in differing}


def apart(one: list[str], other: list[str]) -> list[object]:
    """Return the first rows that differ, and how many there are."""
    pairs = zip(one, other, strict=False)
    return [(len(one), len(other)), *[pair for pair in pairs if pair[0] != pair[1]][:2]]


async def of_the_engine(database: Database) -> dict[str, int]:
    """Return how many opinions, entries of the history, people and files there are: no deploy adds or loses one."""
    tables = ("fw_opinion", "fw_history", "fw_user", "fw_role", "fw_file")
    return {name: int((await database.fetch(f"SELECT count(*) FROM {name}"))[0][0]) for name in tables}


async def refused(app: App, database: Database, old: App, before: dict[str, list[str]]) -> dict[str, object]:
    """Return what is wrong if a deploy that the plan rules out goes through, or leaves something behind."""
    try:
        await deploy(app, database)
    except Refused:
        return {} if await dump(database, old) == before else {"refused": "something was changed"}
    return {"refused": "a blocked plan was deployed"}


async def dump(database: Connection, app: App) -> dict[str, list[str]]:
    """Return all rows of all tables of an app as texts, without what a deploy may count up."""
    found = {}
    tables = [app.tables.of(entity.name) for entity in all_entities(app.project)]
    members = [
        table for name, table in app.tables.metadata.tables.items() if "source" in table.c and "target" in table.c
    ]
    for table in [*tables, *members]:
        columns = [str(c.name) for c in table.c if not str(c.name).endswith("__entry") and c.name != "version"]
        listed = ", ".join(f'"{name}"' for name in sorted(columns))
        rows: Sequence[Sequence[object]] = await database.fetch(f'SELECT {listed} FROM "{table.name}"')
        found[str(table.name)] = sorted(repr(tuple(row)) for row in rows)
    return found


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
