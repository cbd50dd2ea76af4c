"""Batches: ids of a table or view in their order, so many at a time, and rows put into a temporary table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.database import Connection
from fachwerk.engine.statements import dialect_of, given, render
from fachwerk.schemas.tables_columns import Dialect

BATCH = 1000
"""Records at a time."""


async def batches(
    connection: Connection, table: sa.Table, dialect: Dialect, condition: Any = None,
    parameters: Mapping[str, object] | None = None,
) -> AsyncIterator[list[str]]:  # fmt: skip
    """Give the ids of the rows of *table* for which *condition* holds, :data:`BATCH` at a time."""
    select = sa.select(table.c.id).order_by(table.c.id).limit(BATCH)
    if condition is not None:
        select = select.where(condition)
    first = render(select, dialect)
    more = render(select.where(table.c.id > given("_after", table.c.id)), dialect)
    values = dict(parameters or {})
    rows = await first.fetch(connection, values)
    while rows:
        yield [str(row[0]) for row in rows]
        if len(rows) < BATCH:
            return
        rows = await more.fetch(connection, values | {"_after": rows[-1][0]})


def insert_text(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[object]], dialect: Dialect
) -> tuple[str, list[object]]:
    """Return the statement that puts *rows* into *table*, and its parameters."""
    width = len(columns)
    if dialect == "sqlite":
        one = "(" + ", ".join("?" * width) + ")"
        places = ", ".join([one] * len(rows))
    else:
        starts = range(0, len(rows) * width, width)
        places = ", ".join("(" + ", ".join(f"${start + i + 1}" for i in range(width)) + ")" for start in starts)
    listed = ", ".join(quoted(name) for name in columns)
    return f"INSERT INTO {table} ({listed}) VALUES {places}", [value for row in rows for value in row]


def upsert_text(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[object]], dialect: Dialect
) -> tuple[str, list[object]]:
    """Return the statement that puts *rows* into *table* in place of those with the same id, the first column."""
    text, values = insert_text(table, columns, rows, dialect)
    changed = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in columns[1:])
    return f"{text} ON CONFLICT ({quoted(columns[0])}) DO UPDATE SET {changed}", values


def quoted(name: str) -> str:
    """Return a name as both databases take it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as a constant of a statement."""
    return "'" + text.replace("'", "''") + "'"


def column_sql(column: sa.Column[Any], dialect: Dialect) -> str:
    """Return name and type of a column."""
    return f"{quoted(str(column.name))} {column.type.compile(dialect=dialect_of(dialect))}"
