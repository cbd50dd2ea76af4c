"""What tables, columns and indexes a database has, in the same words on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass

from fachwerk.engine.database import Connection
from fachwerk.schemas.tables_columns import Dialect


@dataclass(frozen=True, slots=True)
class Found:
    """Columns with their types by table, and the names of all indexes."""

    columns: dict[str, dict[str, str]]
    indexes: frozenset[str]


_SQLITE_COLUMNS = """
select t.name, c.name, c.type from sqlite_master t, pragma_table_info(t.name) c
where t.type = 'table' and t.name not like 'sqlite_%'
"""
_POSTGRESQL_COLUMNS = """
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
  and a.attnum > 0 and not a.attisdropped
"""


async def inspect(database: Connection, dialect: Dialect) -> Found:
    """Return what is there."""
    if dialect == "sqlite":
        rows = await database.fetch(_SQLITE_COLUMNS)
        indexes = await database.fetch("select name from sqlite_master where type = 'index'")
    else:
        rows = await database.fetch(_POSTGRESQL_COLUMNS)
        indexes = await database.fetch("select indexname from pg_indexes where schemaname = current_schema()")
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        columns.setdefault(table, {})[column] = str(kind).replace(", ", ",").upper()
    return Found(columns, frozenset(row[0] for row in indexes))
