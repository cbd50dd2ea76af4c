"""Deploying: the database is brought from the version in force to a new one, in one transaction.

What is lost is counted in that transaction and refused unless the files say ``drop`` or somebody allowed it. Of two
deploys at once the second waits and then finds another version in force than the one it was planned for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.context import context_of
from fachwerk.engine.database import Connection, Database
from fachwerk.engine.inspect import Found, inspect
from fachwerk.engine.main import compile_project
from fachwerk.engine.plan import guards, kept
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.apply import Applying
from fachwerk.engine.plan.asking import refuse_wrong
from fachwerk.engine.plan.circles import refuse_circles
from fachwerk.engine.plan.delta import Delta, delta_of
from fachwerk.engine.plan.former import former_places, renamed_since
from fachwerk.engine.plan.inverse import inverse_past
from fachwerk.engine.plan.keeping import carried, check_let_go
from fachwerk.engine.plan.moving import follow
from fachwerk.engine.plan.pairing import Pairing, today
from fachwerk.engine.plan.prepared import discard, prepared_for
from fachwerk.engine.preparing import USUAL, Pace, Tell, altering, prepare, silent
from fachwerk.engine.recounting import recount_after
from fachwerk.engine.statements import ddl, table_texts
from fachwerk.engine.upgrade import add_config
from fachwerk.engine.versions import Versions
from fachwerk.problems import Refused, Text
from fachwerk.schemas.model import Project

Agrees = Callable[[Connection, App], Awaitable[None]]
"""Given the locked database and the app in force: raises where the rows are no longer those of a plan."""

LOCK = "select pg_advisory_xact_lock(7246938)"


@dataclass(frozen=True, slots=True)
class Deployed:
    """A configuration in a database: its version, hash, and what was done to get there."""

    version: int
    hash: str
    made: tuple[str, ...]
    """The names of tables, columns (``table.column``) and indexes that were added."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a deploy is to be done: by whom, why, what may be lost, and from which version (hash) it was planned."""

    who: str | None = None
    why: str | None = None
    allowed: frozenset[str] = frozenset()
    planned: tuple[int, str | None] | None = None
    agrees: Agrees | None = None


async def deploy(
    app: App, database: Database, *, who: str | None = None, why: str | None = None,
    allowed: frozenset[str] = frozenset(), planned: tuple[int, str | None] | None = None, agrees: Agrees | None = None,
    pace: Pace = USUAL, tell: Tell = silent,
) -> Deployed:  # fmt: skip
    """Bring the tables of *app* into *database* and keep the configuration, all in one transaction.

    What is to be calculated for many records is made before, in batches (*pace*); *tell* hears how far that is.
    Raises :class:`Refused` where values would be lost that neither the files nor *allowed* give up, or where the
    version in force is not the one it was *planned* for; then nothing is changed.
    """
    wanted = Wanted(who, why, allowed, planned, agrees)
    ahead = await prepare(app, database, planned=planned, engine=bring_up, pace=pace, tell=tell)
    try:
        return await altering(database, lambda connection: _deploy(app, connection, wanted), pace, tell)
    except Exception:
        if ahead is not None:
            await ahead.leave()
        raise


async def _deploy(app: App, connection: Connection, wanted: Wanted) -> Deployed:
    if app.dialect == "postgresql":
        await connection.fetch(LOCK)
    versions, now = Versions(app.dialect), dt.datetime.now(dt.UTC)
    there = await inspect(connection, app.dialect)
    made = await _engine_tables(app, connection, there)
    latest = await versions.latest(connection)
    _as_planned(latest, wanted)
    if latest is not None and latest[1] == app.project.hash:
        made += await add_config(connection, app, there)
        return Deployed(latest[0], latest[1], tuple(made))
    number = 1 if latest is None else latest[0] + 1
    if latest is None:
        made += await _first(app, connection, there)
    else:
        old = compile_project(await versions.project(connection, latest[0]), app.dialect)
        there = await _upgraded(old, connection, there, made)
        app = await _carried(connection, versions, old, app, number)
        pairing = Pairing(old.project, app.project)
        former = former_places(pairing)
        delta = await step(
            connection, old, app, number=number, there=there, now=now, allowed=wanted.allowed, agrees=wanted.agrees
        )
        await recount_after(connection, today(pairing), app, now)
        made += _made(delta)
        renamed = renamed_since(pairing, dt.datetime.now(dt.UTC))  # nobody has written since the tables were locked
        app = replace(app, project=replace(app.project, former=former, renamed=renamed))
    await versions.keep(connection, app.project, number, who=wanted.who, why=wanted.why, now=now)
    await kept.discard(connection, app.dialect, now)
    return Deployed(number, app.project.hash, tuple(made))


async def bring_up(old: App, connection: Connection) -> None:
    """Bring the tables of the engine, and what it keeps with every record, up to this version of the software."""
    if old.dialect == "postgresql":
        await connection.fetch(LOCK)
    there = await inspect(connection, old.dialect)
    await _engine_tables(old, connection, there)
    await add_config(connection, old, there)


async def _carried(connection: Connection, versions: Versions, old: App, app: App, number: int) -> App:
    """Return *app* with the versions of its workflows that cases keep."""
    project = await carried(connection, versions, old, app.project, number)
    if any(flow.kept for flow in (*project.workflows.values(), *app.project.workflows.values())):
        return compile_project(project, app.dialect)
    return replace(app, project=project)


async def _upgraded(old: App, connection: Connection, there: Found, made: list[str]) -> Found:
    """Add to the tables in force what an older version of the software did not keep; return what is there then."""
    added = await add_config(connection, old, there)
    made += added
    return await inspect(connection, old.dialect) if added else there


async def step(
    connection: Connection, old: App, new: App, *, number: int, there: Found, now: dt.datetime,
    allowed: frozenset[str] | None, back: kept.Back | None = None, agrees: Agrees | None = None,
) -> Delta:  # fmt: skip
    """Change the tables from those of *old* to those of *new*; *allowed* ``None`` lets everything go."""
    guards.check_drift(old, there)
    pairing = Pairing(old.project, new.project)
    refuse_wrong(pairing)
    ahead = await prepared_for(connection, old, new, pairing, context_of(old, None, now))
    delta = delta_of(old, new, pairing, version=number, there=there, back=back)
    applying = Applying(old, new, pairing, delta, now=now, ahead=ahead)
    await applying.lock(connection)  # writes of one statement count on it (statements.IN_FORCE)
    await check_let_go(connection, old, new)
    await refuse_circles(connection, old, pairing)
    if agrees is not None:
        await connection.fetch("SAVEPOINT counting")
        await agrees(connection, old)
        await connection.fetch("ROLLBACK TO SAVEPOINT counting")
    if allowed is not None:
        lost = [*await guards.losses(connection, delta), *await guards.options_gone(connection, old, pairing)]
        guards.refuse(lost, allowed)
    await applying.run(connection, allowed or frozenset())
    await _follow_roles(connection, pairing, new)
    await follow(connection, pairing, new, now)
    await kept.note(connection, new.dialect, delta, number=number, now=now)
    if ahead is not None:
        await discard(connection, new.dialect)
    return delta


async def _follow_roles(connection: Connection, pairing: Pairing, new: App) -> None:
    """Whoever held a role that was renamed holds it under its new name."""
    place = "$1" if new.dialect == "postgresql" else "?"
    other = "$2" if new.dialect == "postgresql" else "?"
    for name in new.project.roles:
        was = pairing.role(name)
        if was is not None and was != name:
            await connection.fetch(f"UPDATE fw_role SET role = {place} WHERE role = {other}", [name, was])


def _as_planned(latest: tuple[int, str] | None, wanted: Wanted) -> None:
    if wanted.planned is not None and wanted.planned != (latest or (0, None)):
        raise Refused("moved_on", _MOVED_ON, status=409)


async def _first(app: App, connection: Connection, there: Found) -> list[str]:
    """Make all tables; those of the engine are there already."""
    new = [name for name in app.tables.metadata.tables if not name.startswith("fw_")]
    taken = {name: _taken(name) for name in new if name in there.columns}
    if taken:
        raise Refused("taken", _TAKEN, status=409, fields=taken)
    for text in table_texts(app.tables.metadata, app.dialect, new):
        await connection.fetch(text)
    return new


async def _engine_tables(app: App, connection: Connection, there: Found) -> list[str]:
    """Add what the engine's own tables do not have yet; they only ever grow."""
    metadata = app.tables.metadata
    ours = {name: table for name, table in metadata.tables.items() if name.startswith("fw_")}
    new = [name for name in ours if name not in there.columns]
    made = list(new)
    for text in table_texts(metadata, app.dialect, new):
        await connection.fetch(text)
    for name, table in ours.items():
        if name not in new:
            for column in (c for c in table.c if str(c.name) not in there.columns[name]):
                await connection.fetch(n.add_column(name, column, app.dialect))
                made.append(f"{name}.{column.name}")
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                if str(index.name) not in there.indexes:
                    await connection.fetch(ddl(sa.schema.CreateIndex(index), app.dialect))
                    made.append(str(index.name))
    return made


def _made(delta: Delta) -> list[str]:
    """Return what is there now and was not before."""
    done = [*delta.after, *delta.last]
    tables = [one.table for one in done if one.kind == "create_table"]
    columns = [one.place for one in done if one.kind == "add_column"]
    filled = [f"{delta.renamed.get(f.table, f.table)}.{f.new.name}" for f in delta.fillings if f.how == "fill"]
    return [*tables, *columns, *filled, *(one.name for one in done if one.kind == "create_index" and one.name)]


async def rollback(
    database: Database, target: int, *, who: str | None = None, why: str | None = None, pace: Pace = USUAL,
    tell: Tell = silent,
) -> Deployed:  # fmt: skip
    """Go back to version *target*: every version since is undone, each as a version of its own, in one transaction.

    Raises :class:`Refused` where values that are needed were discarded since.
    """
    return await altering(
        database, lambda connection: _rollback(database, connection, target, (who, why)), pace, tell
    )  # fmt: skip


async def _rollback(
    database: Database, connection: Connection, target: int, by: tuple[str | None, str | None]
) -> Deployed:
    dialect = database.dialect
    if dialect == "postgresql":
        await connection.fetch(LOCK)
    versions, now = Versions(dialect), dt.datetime.now(dt.UTC)
    latest = await versions.latest(connection)
    if latest is None or not 0 < target < latest[0]:
        raise Refused("no_version", no_way_back(target, latest[0] if latest else 0), status=404)
    number, hash_ = latest
    made: list[str] = []
    new: App | None = None
    for undone in range(latest[0], target, -1):
        number += 1
        before = await versions.project(connection, undone)
        # of the second version that is undone, cases are kept as undoing the first has left them
        before = before if new is None else replace(new.project, past=before.past)
        project = await undo_of(versions, connection, undone, before)
        back = await kept.of_version(connection, undone, dialect)
        old = compile_project(before, dialect)
        new = compile_project(await carried(connection, versions, old, project, number), dialect)
        pairing = Pairing(before, new.project)
        project = replace(new.project, former=former_places(pairing))
        new = replace(new, project=project)
        there = await _upgraded(old, connection, await inspect(connection, dialect), made)
        delta = await step(
            connection, old, new, number=number, there=there, now=now, allowed=None, back=back
        )  # fmt: skip
        await kept.taken(connection, undone, delta, dialect)
        await recount_after(connection, today(pairing), new, now)
        project = replace(project, renamed=renamed_since(pairing, dt.datetime.now(dt.UTC)))
        new = replace(new, project=project)
        await versions.keep(connection, project, number, who=by[0], why=by[1], now=now, past=project.past)
        made, hash_ = [*made, *_made(delta)], project.hash
    return Deployed(number, hash_, tuple(made))


async def undo_of(versions: Versions, connection: Connection, undone: int, present: Project) -> Project:
    """Return the configuration before version *undone*, with what undoing it means for names."""
    former = await versions.project(connection, undone - 1)
    return replace(former, past=inverse_past(Pairing(former, present)))


async def current(app: App, database: Connection) -> tuple[int, str] | None:
    """Return version and hash of the configuration that the database was last deployed with."""
    return await Versions(app.dialect).latest(database)


async def files_of(app: App, database: Connection, version: int) -> Mapping[str, bytes]:
    """Return the files of a deployed configuration."""
    return await Versions(app.dialect).files(database, version)


_MOVED_ON: Text = {
    "en": "Another version was deployed since this was planned. Plan again. Nothing was changed.",
    "de": "Seit diesem Plan wurde eine andere Version eingespielt. Neu planen. Nichts wurde geändert.",
}
_TAKEN: Text = {
    "en": "Tables of these names are in the database already, made by somebody else. Nothing was changed.",
    "de": "Tabellen dieser Namen sind schon in der Datenbank, von jemand anderem. Nichts wurde geändert.",
}


def _taken(name: str) -> Text:
    return {"en": f"The table {name} is there.", "de": f"Die Tabelle {name} gibt es."}


def no_way_back(target: int, latest: int) -> Text:
    """Return why going back to *target* is not possible: it does not lie before the version in force."""
    if latest == 1:
        return {
            "en": "There is no way back: the version in force is the first.",
            "de": "Es führt kein Weg zurück: in Kraft ist die erste Version.",
        }
    return {
        "en": f"There is no way back to version {target}: the version in force is {latest}.",
        "de": f"Zu Version {target} führt kein Weg zurück: in Kraft ist Version {latest}.",
    }
