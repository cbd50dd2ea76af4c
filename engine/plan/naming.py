"""Names and small statements of changing tables: quoted names, types of columns, keys."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.statements import dialect_of
from fachwerk.schemas.tables_columns import Dialect

LONGEST = 63


def quote(name: str) -> str:
    """Return *name* in quotes, always: names of authors may be words of SQL."""
    return '"' + name.replace('"', '""') + '"'


def type_text(column: sa.Column[Any], dialect: Dialect) -> str:
    """Return the type of a column as a statement says it, collation included."""
    return str(column.type.compile(dialect=dialect_of(dialect)))


def aside_name(version: int, name: str) -> str:
    """Return the name under which a table or column of *name* is kept aside by a version."""
    found = f"_gone_{version}_{name}"
    if len(found) <= LONGEST:
        return found
    return f"{found[:54]}_{hashlib.sha256(found.encode()).hexdigest()[:8]}"


def keys_of(table: sa.Table, column: str) -> list[sa.ForeignKeyConstraint]:
    """Return the foreign keys of one column."""
    return [key for key in table.foreign_key_constraints if [str(c.name) for c in key.columns] == [column]]


def add_column(table: str, column: sa.Column[Any], dialect: Dialect, name: str | None = None) -> str:
    """Return the statement that adds *column* (as *name*) to *table*, without its keys on PostgreSQL."""
    text = f"ALTER TABLE {quote(table)} ADD COLUMN {quote(name or str(column.name))} {type_text(column, dialect)}"
    if dialect == "sqlite":
        for key in column.foreign_keys:
            target, _, other = key.target_fullname.rpartition(".")
            text += f" REFERENCES {quote(target)} ({quote(other)})"
    if not column.nullable:
        text += " NOT NULL DEFAULT " + ("''" if isinstance(column.type, sa.Text) else "0")
    return text


def add_key(table: str, key: sa.ForeignKeyConstraint) -> str:
    """Return the statement that adds a foreign key on PostgreSQL."""
    target, _, other = key.elements[0].target_fullname.rpartition(".")
    column = quote(str(key.columns[0].name))
    text = f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(str(key.name))} FOREIGN KEY ({column})"
    text += f" REFERENCES {quote(target)} ({quote(other)})"
    return text + (f" ON DELETE {key.ondelete}" if key.ondelete else "")


def drop_key(table: str, key: sa.ForeignKeyConstraint) -> str:
    """Return the statement that drops a foreign key on PostgreSQL."""
    return f"ALTER TABLE {quote(table)} DROP CONSTRAINT IF EXISTS {quote(str(key.name))}"


def rename_column(table: str, old: str, new: str) -> str:
    """Return the statement that renames a column."""
    return f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(old)} TO {quote(new)}"


def rename_table(old: str, new: str) -> str:
    """Return the statement that renames a table."""
    return f"ALTER TABLE {quote(old)} RENAME TO {quote(new)}"


def root_paths(table: str, column: str, dialect: Dialect) -> str:
    """Return the statement that lets all records stand at the root of a new tree."""
    key = "id" if dialect == "sqlite" else "id::text"
    return f"UPDATE {table} SET {column} = '/' || {key} || '/'"


def paths_below(table: str, column: str, parent: str, dialect: Dialect) -> str:
    """Return the statement that gives all records below others their paths; who stands below themselves has none."""
    key = "t.id" if dialect == "sqlite" else "t.id::text"
    return (
        f"WITH RECURSIVE w(id, path) AS (SELECT t.id, '/' || {key} || '/' FROM {table} t WHERE t.{parent} IS NULL "
        f"UNION ALL SELECT t.id, w.path || {key} || '/' FROM {table} t JOIN w ON t.{parent} = w.id) "
        f"UPDATE {table} SET {column} = w.path FROM w WHERE w.id = {table}.id AND {table}.{parent} IS NOT NULL"
    )
