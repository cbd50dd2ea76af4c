"""Watching: while values are made ahead of a deploy, triggers note which records are written meanwhile.

Noted are records that come or whose columns that matter change (place: their table), and records whose lists lose a
member (place: ``table.column`` of the link). Whatever writes, the note is in the same transaction as the write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from fachwerk.engine.database import Connection
from fachwerk.engine.plan.batches import literal, quoted
from fachwerk.engine.plan.reach import Node
from fachwerk.schemas.tables_columns import Dialect

PREFIX = "_fill_"
"""What the tables, triggers and functions are called that stand only until a deploy is through."""
LOG = "_fill_log"


@dataclass(slots=True)
class Watched:
    """What of one table matters: columns of its rows (``None``: none of them), and columns whose old value is noted."""

    columns: set[str] | None = None
    lists: set[str] = field(default_factory=set)


def watched(trees: Iterable[Node]) -> dict[str, Watched]:
    """Return what is to be watched by table, so that a write to anything in *trees* is noted."""
    found: dict[str, Watched] = {}
    for tree in trees:
        for node in tree.nodes():
            if node.place is not None:
                one = found.setdefault(node.place, Watched())
                one.columns = (one.columns or set()) | node.columns
        for hop in tree.hops():
            table, _, column = (hop.list or "").partition(".")
            if table:
                found.setdefault(table, Watched()).lists.add(column)
    return found


def begin_texts(tables: Mapping[str, Watched], dialect: Dialect) -> Iterator[tuple[str, ...]]:
    """Give the statements that begin to watch, those of one table together."""
    key = "id INTEGER PRIMARY KEY AUTOINCREMENT" if dialect == "sqlite" else "id BIGSERIAL PRIMARY KEY"
    yield (f"CREATE TABLE {LOG} ({key}, place TEXT NOT NULL, record TEXT NOT NULL)",)
    for number, (table, one) in enumerate(sorted(tables.items())):
        texts = _sqlite if dialect == "sqlite" else _postgresql
        yield tuple(texts(f"{PREFIX}t{number}", table, one))


def _note(place: str, value: str) -> str:
    return f"INSERT INTO {LOG} (place, record) VALUES ({literal(place)}, {value})"


def _differ(columns: Iterable[str], dialect: Dialect) -> str:
    other = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    return " OR ".join(f"OLD.{quoted(name)} {other} NEW.{quoted(name)}" for name in sorted(columns))


def _sqlite(name: str, table: str, one: Watched) -> Iterator[str]:
    on = f"ON {quoted(table)}"
    lost = [
        f"INSERT INTO {LOG} (place, record) SELECT {literal(f'{table}.{column}')}, OLD.{quoted(column)} "
        f"WHERE OLD.{quoted(column)} IS NOT NULL"
        for column in sorted(one.lists)
    ]
    if one.columns is None:  # a table of links: who is noted is at the side that is watched
        came = "; ".join(_note(f"{table}.{column}", f"NEW.{quoted(column)}") for column in sorted(one.lists))
        yield f"CREATE TRIGGER {name}i AFTER INSERT {on} BEGIN {came}; END"
        yield f"CREATE TRIGGER {name}u AFTER UPDATE {on} BEGIN {came}; {'; '.join(lost)}; END"
    else:
        yield f"CREATE TRIGGER {name}i AFTER INSERT {on} BEGIN {_note(table, 'NEW.id')}; END"
        pairs = zip(lost, sorted(one.lists), strict=True)
        moved = [f"{text} AND OLD.{quoted(column)} IS NOT NEW.{quoted(column)}" for text, column in pairs]
        if differs := _differ(one.columns | one.lists, "sqlite"):
            texts = "; ".join((_note(table, "NEW.id"), *moved))
            yield f"CREATE TRIGGER {name}u AFTER UPDATE {on} WHEN {differs} BEGIN {texts}; END"
    if lost:
        yield f"CREATE TRIGGER {name}d AFTER DELETE {on} BEGIN {'; '.join(lost)}; END"


def _postgresql(name: str, table: str, one: Watched) -> Iterator[str]:
    lost, came = [], []
    for column in sorted(one.lists):
        place, old = f"{table}.{column}", f"OLD.{quoted(column)}"
        moved = f"TG_OP = 'DELETE' OR {old} IS DISTINCT FROM NEW.{quoted(column)}"
        moved = moved if one.columns is not None else "true"
        lost.append(f"IF {old} IS NOT NULL AND ({moved}) THEN {_note(place, f'{old}::text')}; END IF;")
        came.append(f"{_note(place, f'NEW.{quoted(column)}::text')};")
    if one.columns is not None:
        came = [f"{_note(table, 'NEW.id::text')};"]
    differs = _differ((one.columns or set()) | one.lists, "postgresql") or "false"
    body = (
        f"IF TG_OP = 'INSERT' THEN {' '.join(came)} "
        f"ELSIF TG_OP = 'DELETE' THEN {' '.join(lost) or 'NULL;'} "
        f"ELSIF {differs} THEN {' '.join((*came, *lost))} END IF; RETURN NULL;"
    )
    yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $watch$ BEGIN {body} END $watch$"
    on = f"AFTER INSERT OR UPDATE OR DELETE ON {quoted(table)} FOR EACH ROW EXECUTE FUNCTION {name}()"
    yield f"CREATE TRIGGER {name} {on}"


_SQLITE_LEFT = """
SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'table') AND substr(name, 1, 6) = '_fill_'
"""
_POSTGRESQL_LEFT = """
SELECT 'function', proname::text FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND substr(proname, 1, 6) = '_fill_'
UNION ALL
SELECT 'table', relname::text FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND substr(relname, 1, 6) = '_fill_'
"""


async def end_texts(connection: Connection, dialect: Dialect, *, tables: bool = True) -> tuple[str, ...]:
    """Return the statements that end the watching, and with *tables* take away what was made."""
    rows = await connection.fetch(_SQLITE_LEFT if dialect == "sqlite" else _POSTGRESQL_LEFT)
    order = {"trigger": 0, "function": 0, "table": 1}
    texts = []
    for kind, name in sorted(rows, key=lambda row: (order[row[0]], row[1])):
        if kind == "function":
            texts.append(f"DROP FUNCTION {quoted(name)}() CASCADE")
        elif kind == "trigger" or tables:
            texts.append(f"DROP {kind.upper()} {quoted(name)}")
    return tuple(texts)
