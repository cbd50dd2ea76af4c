"""Planning: what a new configuration would do to a database, all counted as at one moment; nothing is changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fachwerk.engine.compile import App
from fachwerk.engine.context import context_of
from fachwerk.engine.database import Connection, Database
from fachwerk.engine.inspect import inspect
from fachwerk.engine.main import compile_project
from fachwerk.engine.plan.asking import refuse_wrong
from fachwerk.engine.plan.compare import compare
from fachwerk.engine.plan.delta import delta_of
from fachwerk.engine.plan.filling import portions
from fachwerk.engine.plan.guards import check_drift
from fachwerk.engine.plan.impact import count_within
from fachwerk.engine.plan.keeping import Held, NotKept, carried
from fachwerk.engine.plan.model import Impact, Operation, Plan, Portion
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.statements import table_texts
from fachwerk.engine.versions import Versions
from fachwerk.problems import Text
from fachwerk.schemas.changes import Change
from fachwerk.schemas.model import Project


@dataclass(frozen=True, slots=True)
class Present:
    """The version in force: its number and its configuration, compiled; ``None`` where nothing is deployed yet."""

    number: int
    app: App


async def make_plan(database: Database, new: Project, allowed: frozenset[str] = frozenset()) -> Plan:
    """Return what deploying *new* to *database* would do."""
    async with database.snapshot() as connection:
        present = await present_of(connection, database)
        if present is None:
            return _first_plan(compile_project(new, database.dialect), new)
        return await _plan(connection, database, present, new, allowed)


async def present_of(connection: Connection, database: Database) -> Present | None:
    """Return the version in force."""
    there = await inspect(connection, database.dialect)
    if "past" not in there.columns.get("fw_config", {}):
        return None
    versions = Versions(database.dialect)
    latest = await versions.latest(connection)
    if latest is None:
        return None
    project = await versions.project(connection, latest[0])
    return Present(latest[0], compile_project(project, database.dialect))


async def _plan(
    connection: Connection, database: Database, present: Present, new: Project, allowed: frozenset[str]
) -> Plan:  # fmt: skip
    old = present.app
    changes = compare(old.project, new)
    operations: tuple[Operation, ...] = ()
    impacts: tuple[Impact, ...] = ()
    rows: tuple[tuple[str, Text, int], ...] = ()
    ahead: tuple[Portion, ...] = ()
    if old.project.hash != new.hash:
        there = await inspect(connection, database.dialect)
        check_drift(old, there)
        stopped: tuple[Impact, ...] = ()
        try:
            new = await carried(connection, Versions(database.dialect), old, new, present.number + 1)
        except NotKept as refused:
            stopped = tuple(_not_kept(held, refused) for held in refused.held)
        app = compile_project(new, database.dialect)
        pairing = Pairing(old.project, new)
        refuse_wrong(pairing)
        operations = delta_of(old, app, pairing, version=present.number + 1, there=there).operations
        counted = await count_within(old, new, connection, changes, now=dt.datetime.now(dt.UTC))
        impacts, rows = (*stopped, *counted.impacts), counted.rows
        ahead = await portions(old, app, pairing, connection, context_of(old, None, dt.datetime.now(dt.UTC)))
    return Plan(
        new.label, present.number, old.project.hash, new.hash, changes, operations, impacts, rows, allowed, ahead
    )  # fmt: skip


def _not_kept(held: Held, refused: NotKept) -> Impact:
    """Return that cases cannot go on under the version of the workflow that they started under."""
    name = f"{held.workflow} {held.version.number}"
    total = held.count
    return Impact(
        Change("change", "workflow", held.workflow), "not_kept", total, total, refused.fields[name], blocking=True,
        remedy=_REMEDY,
    )  # fmt: skip


_REMEDY: Text = {
    "en": "keep what it needs, or write `cases: move` (with `was:` for states that are gone)",
    "de": "behalten, was sie braucht, oder `cases: move` schreiben (mit `was:` für Zustände, die es nicht mehr gibt)",
}


def _first_plan(app: App, new: Project) -> Plan:
    names = [name for name in app.tables.metadata.tables if not name.startswith("fw_")]
    texts = tuple(table_texts(app.tables.metadata, app.dialect, names))
    operations = tuple(Operation("create_table", name, texts=texts if name == names[0] else ()) for name in names)
    empty = _nothing(new)
    return Plan(new.label, 0, None, new.hash, compare(empty, new), operations)


def _nothing(new: Project) -> Project:
    from dataclasses import replace

    return replace(new, roles={}, entities={}, workflows={}, decisions={}, messages={}, automations={}, letters={})
