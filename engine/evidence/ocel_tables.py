"""OCEL 2.0 as a SQLite file: the tables of the standard, with one for each type of event and of object.

The first row of an object has what it began with, each further row one field from the moment on at which it changed.
The file is made beside and handed on when it is whole, for it is a database and no stream.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from fachwerk.engine.evidence.attributes import Sort, Value, stamp
from fachwerk.engine.evidence.events import Described, EventLog, Happening, Trail
from fachwerk.engine.evidence.ocel import BEGINNING

_CHUNK = 1 << 18
_TABLES = """
create table event_map_type (ocel_type text primary key, ocel_type_map text not null);
create table object_map_type (ocel_type text primary key, ocel_type_map text not null);
create table event (ocel_id text primary key, ocel_type text not null references event_map_type (ocel_type));
create table object (ocel_id text primary key, ocel_type text not null references object_map_type (ocel_type));
create table event_object (
  ocel_event_id text references event (ocel_id), ocel_object_id text references object (ocel_id), ocel_qualifier text,
  primary key (ocel_event_id, ocel_object_id, ocel_qualifier));
create table object_object (
  ocel_source_id text references object (ocel_id), ocel_target_id text references object (ocel_id), ocel_qualifier text,
  primary key (ocel_source_id, ocel_target_id, ocel_qualifier));
"""
_SORTS: dict[Sort, str] = {
    "string": "text", "time": "timestamp", "integer": "integer", "float": "real", "boolean": "boolean",
}  # fmt: skip
_EVENT = ("resource", "for_whom", "origin", "comment")
_OWN = frozenset(("ocel_id", "ocel_time", "ocel_changed_field"))


async def ocel_tables(log: EventLog, entities: Sequence[str]) -> AsyncIterator[bytes]:
    """Give the log of *entities* as a SQLite file, piece by piece."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            tables = _Tables(file)
            for one in [log.describe(name) for name in entities]:
                tables.describe(one)
                async for trails in log.trails(one):
                    for trail in trails:
                        tables.add(trail)
            tables.finish()
        with path.open("rb") as written:
            while piece := written.read(_CHUNK):
                yield piece


class _Tables:
    """Fills the tables."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self._maps: dict[tuple[str, str], str] = {}
        file.executescript("pragma journal_mode = off; pragma synchronous = off;" + _TABLES)
        file.execute("create temp table named (id text primary key, type text) without rowid")
        file.execute("begin")

    def describe(self, one: Described) -> None:
        """Make the table of an entity."""
        columns = [f"{_column(name)} {_SORTS[sort]}" for name, sort in one.attributes.items()]
        self._type("object", one.entity.name, ("ocel_time timestamp", "ocel_changed_field text", *columns))

    def add(self, trail: Trail) -> None:
        """Write a record and what happened to it."""
        table, known = self._maps["object", trail.entity], {name for one in trail.happenings for name in one.values}
        created = trail.happenings[0] if trail.happenings and trail.happenings[0].kind == "create" else None
        first: dict[str, Value | None] = {name: value for name, value in trail.values.items() if name not in known}
        first |= created.values if created else {}
        self._insert("object", ocel_id=trail.id, ocel_type=trail.entity)
        fields = {_column(name): _plain(value) for name, value in first.items()}
        since = stamp(created.at) if created else BEGINNING
        self._insert(f"object_{table}", ocel_id=trail.id, ocel_time=since, **fields)
        for one in trail.happenings:
            for name, value in one.values.items() if one is not created else ():
                change = {"ocel_time": stamp(one.at), "ocel_changed_field": _own(name), _column(name): _plain(value)}
                self._insert(f"object_{table}", ocel_id=trail.id, **change)
            self._event(trail, one)
        for field, entity, key in trail.links:
            self._insert("named", id=key, type=entity)
            self._insert("object_object", ocel_source_id=trail.id, ocel_target_id=key, ocel_qualifier=field)

    def _event(self, trail: Trail, one: Happening) -> None:
        name = f"{trail.entity}.{one.activity}"
        if ("event", name) not in self._maps:
            self._type("event", name, ("ocel_time timestamp", *(f"{column} text" for column in _EVENT)))
        about = {"resource": one.who, "for_whom": one.for_whom, "origin": one.origin, "comment": one.comment}
        self._insert("event", ocel_id=one.id, ocel_type=name)
        self._insert(f"event_{self._maps['event', name]}", ocel_id=one.id, ocel_time=stamp(one.at), **about)
        for qualifier, entity, key in (("record", trail.entity, trail.id), *one.links):
            self._insert("named", id=key, type=entity)
            self._insert("event_object", ocel_event_id=one.id, ocel_object_id=key, ocel_qualifier=qualifier)

    def finish(self) -> None:
        """Write what was only linked to."""
        left = "select id, type from named where id not in (select ocel_id from object) order by type, id"
        for key, entity in self._file.execute(left).fetchall():
            if ("object", entity) not in self._maps:
                self._type("object", entity, ("ocel_time timestamp", "ocel_changed_field text"))
            self._insert("object", ocel_id=key, ocel_type=entity)
            self._insert(f"object_{self._maps['object', entity]}", ocel_id=key, ocel_time=BEGINNING)
        self._file.execute("commit")

    def _type(self, kind: str, name: str, columns: Iterable[str]) -> None:
        taken = {one.casefold() for (of, _), one in self._maps.items() if of == kind} | {"map_type", "object"}
        base = called = re.sub(r"\W+", "_", name)
        number = 2
        while called.casefold() in taken:
            called, number = f"{base}_{number}", number + 1
        self._maps[kind, name] = called
        self._insert(f"{kind}_map_type", ocel_type=name, ocel_type_map=called)
        key = "" if kind == "object" else " primary key"
        self._file.execute(
            f'create table "{kind}_{called}" (ocel_id text{key} references {kind} (ocel_id), {", ".join(columns)})'
        )

    def _insert(self, table: str, **values: object) -> None:
        columns, marks = ", ".join(values), ", ".join("?" for _ in values)
        self._file.execute(f'insert or ignore into "{table}" ({columns}) values ({marks})', tuple(values.values()))


def _column(name: str) -> str:
    """Return the column of a field as SQL writes it."""
    return f'"{_own(name)}"'


def _own(name: str) -> str:
    """Return the name of a field, kept apart from the columns that every object has."""
    return f"field_{name}" if name in _OWN else name


def _plain(value: Value | None) -> object:
    if isinstance(value, Decimal):
        return float(value)
    return stamp(value) if isinstance(value, dt.datetime) else value
