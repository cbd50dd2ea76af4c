"""Recalculating: the stored computed fields of a configuration found anew from everything else, batch by batch.

The app is compiled once more with these fields as not stored, so that a value never depends on which was written first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol, cast

import sqlalchemy as sa
from fachwerk.engine.compile import App, RuleFunction, compile_app
from fachwerk.engine.context import Context
from fachwerk.engine.convert import from_rule, to_rule
from fachwerk.engine.database import Connection
from fachwerk.engine.decisions import callables
from fachwerk.engine.plan.batches import batches, column_sql, insert_text, quoted
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.sameness import Sameness, stored_fields
from fachwerk.rules.check import Checked
from fachwerk.rules.storage import Derived
from fachwerk.rules.to_python import Environment, compile_record_rule
from fachwerk.schemas.model import Field, Project
from fachwerk.schemas.tables_columns import Dialect, Form, form_of

ANEW = "fw_anew"
"""A temporary table for the values of one entity."""
Stored = Mapping[str, Sequence[Field]]
"""By entity or rows: the stored computed fields to be found anew."""


class MadeAhead(Protocol):
    """What was made before."""

    async def stored(self, connection: Connection, anew: App, entity: str, context: Context) -> str | None:
        """Return the table with the values of an entity, if they were made."""
        ...


def stored_anew(pairing: Pairing, same: Sameness) -> dict[str, tuple[Field, ...]]:
    """Return the stored computed fields of what was there before whose values may differ now."""

    def differs(name: str, field: Field) -> bool:
        was = pairing.fields(name).get(field.name)
        touched = (name, field.name) in same.touched
        return touched or was is None or not was.stored or form_of(was) != form_of(field)

    found = {new.name: tuple(f for f in stored_fields(new) if differs(new.name, f)) for _, new in pairing.entities()}
    return {name: fields for name, fields in found.items() if fields}


async def recalculate(
    app: App, connection: Connection, stored: Stored, context: Context, ahead: MadeAhead | None = None
) -> None:
    """Write the values of *stored* that are not right in the tables of *app*."""
    if not stored:
        return
    anew = compile_anew(app.project, app.dialect, stored)
    for name, fields in stored.items():
        table = quoted(str(app.tables.of(name).name))
        made = await ahead.stored(connection, anew, name, context) if ahead is not None else None
        if made is not None:
            await connection.fetch(_update_text(table, made, fields, app.dialect))
        else:
            await _calculate(anew, connection, name, fields, context)
            await connection.fetch(_update_text(table, ANEW, fields, app.dialect))
            await connection.fetch(f"DROP TABLE {ANEW}")


async def _calculate(anew: App, connection: Connection, name: str, fields: Sequence[Field], context: Context) -> None:
    table, dialect = anew.tables.of(name), anew.dialect
    kind = "UUID" if dialect == "postgresql" else "TEXT"
    listed = ", ".join(column_sql(table.c[field.name], dialect) for field in fields)
    await connection.fetch(f"CREATE TEMP TABLE {ANEW} (id {kind} PRIMARY KEY, {listed})")
    async for rows in calculated(anew, connection, name, fields, context):
        text, values = insert_text(ANEW, ["id", *(field.name for field in fields)], rows, dialect)
        await connection.fetch(text, values)


def _update_text(table: str, made: str, fields: Sequence[Field], dialect: Dialect) -> str:
    other = "IS DISTINCT FROM" if dialect == "postgresql" else "IS NOT"
    names = [quoted(field.name) for field in fields]
    if dialect == "postgresql":
        values = ", ".join(f"{name} = k.{name}" for name in names)
        differs = " OR ".join(f"{table}.{name} {other} k.{name}" for name in names)
        return f"UPDATE {table} SET {values} FROM {made} k WHERE k.id = {table}.id AND ({differs})"
    values = ", ".join(f"{name} = (SELECT k.{name} FROM {made} k WHERE k.id = {table}.id)" for name in names)
    differs = " OR ".join(f"{table}.{name} {other} k.{name}" for name in names)
    return f"UPDATE {table} SET {values} WHERE EXISTS (SELECT 1 FROM {made} k WHERE k.id = {table}.id AND ({differs}))"


def compile_anew(project: Project, dialect: Dialect, stored: Stored) -> App:
    """Compile *project*; the fields in *stored* are calculated when they are loaded, in the form they are kept in."""
    rounded = {id(f.computed.checked): form_of(f) for many in stored.values() for f in many if f.computed}
    environment = Environment(callables(project))

    def compile_rule(checked: Checked) -> RuleFunction:
        function = cast(RuleFunction, compile_record_rule(checked, environment))
        form = rounded.get(id(checked))
        return function if form is None else _kept(function, form)

    app = compile_app(project, dialect, compile_rule)
    for name, many in stored.items():
        for field in many:
            if field.computed is not None:
                app.tables.storage[name].fields[field.name] = Derived(field.computed.checked)  # type: ignore[index]
    return app


async def calculated(
    app: App, connection: Connection, name: str, fields: Sequence[Field], context: Context
) -> AsyncIterator[list[list[Any]]]:
    """Give id and driver values of *fields* of all records of an entity, in batches; *app* is compiled anew."""
    table: sa.Table = app.tables.of(name)
    async for ids in batches(connection, table, app.dialect):
        yield await calculated_of(app, connection, name, fields, ids=ids, context=context)


async def calculated_of(
    app: App, connection: Connection, name: str, fields: Sequence[Field], *, ids: Sequence[str], context: Context
) -> list[list[Any]]:
    """Return id and driver values of *fields* of the records with these ids; *app* is compiled anew."""
    shape: Mapping[str, Any] = {field.name: {} for field in fields}
    writers = app.compiled(name).writers
    forms = [(field.name, form_of(field), writers.get(field.name)) for field in fields]
    records = await app.loader.by_ids(connection, name, shape, ids, context)
    return [
        [key, *(_written(record.get(n), form, write) for n, form, write in forms)] for key, record in records.items()
    ]


def _kept(function: RuleFunction, form: Form) -> RuleFunction:
    """Return a function that gives what would be read back of what *function* gives."""

    def calculate(record: Mapping[str, Any], context: Any) -> Any:
        value = function(record, context)
        return value if isinstance(value, (Mapping, list)) else to_rule(from_rule(value, form))

    return calculate


def _written(value: Any, form: Form, write: Any) -> Any:
    kept = from_rule(value, form)
    return kept if kept is None or write is None else write(kept)
