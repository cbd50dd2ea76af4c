"""Encoding: records and pages as the JSON of the API, exact numbers included."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from fachwerk.engine.compile import CompiledEntity
from fachwerk.engine.context import Context
from fachwerk.engine.database import Connection, Row
from fachwerk.engine.finding import Finder, Found
from fachwerk.engine.keyed import render_each
from fachwerk.engine.kit import Kit
from fachwerk.engine.reading import Encoders, Reader
from fachwerk.engine.statements import Statement
from fachwerk.engine.values import FileInfo, Person, Record, Reference
from fachwerk.schemas.tables import CONFIG

Encode = Callable[[Any], object]


class Encoder:
    """Reads single records, and writes records as JSON."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._one: dict[tuple[frozenset[str], str], tuple[Finder, Statement]] = {}
        self._of_readers: dict[int, tuple[Reader, Encoders]] = {}
        self._encoders = {name: _encoders(entity) for name, entity in kit.app.entities.items()}

    def is_plain(self, entity: CompiledEntity) -> bool:
        """Return whether all that is shown of a record stands in its own row and those that it links to."""
        return not entity.lists and not entity.secrets

    async def one(
        self, connection: Connection, roles: frozenset[str], entity: str, key: str, context: Context
    ) -> tuple[Record, frozenset[str]] | None:
        """Return a record that may be read, without lists, and the fields hidden on it alone; else ``None``."""
        finder, statement = self._prepared(roles, entity)
        parameters = self._kit.translation.parameters(context)
        parameters["id"] = key
        rows = await statement.fetch(connection, parameters)
        if not rows:
            return None
        records = await finder.reader.records(connection, rows, context)
        return records[0], finder.reader.hidden(rows[0])

    def _prepared(self, roles: frozenset[str], entity: str) -> tuple[Finder, Statement]:
        found = self._one.get((roles, entity))
        if found is None:
            if len(self._one) > 1000:
                self._one.pop(next(iter(self._one)))
            finder = self._kit.finder(roles, entity)
            table = finder.reader.table
            statement = render_each(finder.reader.select(), self._kit.app.dialect, id=table.c.id)
            found = self._one[roles, entity] = finder, statement
        return found

    async def one_encoded(
        self, connection: Connection, who: Person, entity: str, key: str, context: Context
    ) -> tuple[bytes, int] | None:
        """Return a plain record as JSON, and its version."""
        finder, statement = self._prepared(who.roles, entity)
        rows = await statement.fetch(connection, self._kit.translation.parameters(context) | {"id": key})
        if not rows:
            return None
        (data,) = await self.rows(connection, finder.reader, rows, context)
        return _dumps(data), rows[0][finder.reader.version_at]

    async def rows(
        self, connection: Connection, reader: Reader, rows: Sequence[Row], context: Context
    ) -> list[dict[str, object]]:
        """Return rows as the API writes records, without lists and secrets."""
        encode = self._of_readers.get(id(reader))
        if encode is None:
            if len(self._of_readers) > 1000:
                self._of_readers.pop(next(iter(self._of_readers)))
            encode = self._of_readers[id(reader)] = _of_reader(reader)
        loaded = await reader.loaded(connection, rows, context)
        return [reader.encoded(row, one, context, encode[1]) for row, one in zip(rows, loaded, strict=True)]

    def page(self, data: list[dict[str, object]], found: Found, only: frozenset[str] | None = None) -> bytes:
        """Return a page of a list as JSON, its records with all fields or just with *only*."""
        if only is not None:
            kept = only | {"id", "version", "title"}
            data = [{name: one[name] for name in one if name in kept} for one in data]
        page = {
            "items": data, "next": found.next, "previous": found.previous, "count": found.count,
            "count_is_capped": found.capped,
        }  # fmt: skip
        return _dumps(page)

    def record(self, entity: CompiledEntity, record: Record) -> bytes:
        """Return *record* as JSON."""
        encoders = self._encoders[entity.name]
        found: dict[str, object] = {"id": record.id, "version": record.version, "title": record.title}
        found[CONFIG] = record.config
        for name, value in record.values.items():
            encode = encoders.get(name)
            found[name] = value if value is None or encode is None else encode(value)
        return _dumps(found)


def _dumps(data: object) -> bytes:
    return orjson.dumps(data, default=_default, option=orjson.OPT_UTC_Z)


PLAIN = frozenset(
    (
        "text", "long_text", "rich_text", "email", "phone", "url", "iban", "color", "choice", "sequence", "boolean",
        "date", "datetime", "integer", "decimal", "money", "percent", "rating", "secret",
    )
)  # fmt: skip
"""Kinds whose values are written as they are: moments are in UTC, numbers exact."""


def _of_reader(reader: Reader) -> tuple[Reader, Encoders]:
    """Return what the rows of *reader* are written with (and *reader*, so that its id stays its own)."""
    encoders = _encoders(reader.entity)
    secrets = reader.entity.secrets
    both = ((name, _both(read, encoders.get(name))) for name, _, read in reader.plain if name not in secrets)
    plain = tuple((name, write) for name, write in both if write is not None)
    derived = tuple((field, encoders.get(field.name)) for field in reader.derived)
    return reader, Encoders(reader.linked_as(_reference), plain, secrets, derived)


def _reference(entity: str, id: str, title: str) -> dict[str, str]:
    return {"entity": entity, "id": id, "title": title}


def _both(read: Encode | None, write: Encode | None) -> Encode | None:
    if read is None or write is None:
        return read or write
    return lambda value: write(read(value))


def _encoders(entity: CompiledEntity) -> dict[str, Encode]:
    """Return the functions of the fields whose values orjson does not write as they are."""
    found: dict[str, Encode] = {}
    for name, field in entity.model.fields.items():
        kind = field.result if field.kind == "computed" else field.kind
        if name in entity.rows:
            found[name] = _rows(_encoders(entity.rows[name]))
        elif kind in ("link", "tree", "user"):
            found[name] = _linked
        elif kind not in PLAIN:
            found[name] = entity.handlers[name].to_json
    return found


def _linked(value: Any) -> object:
    return {"entity": value[0], "id": value[1], "title": value[2]} if isinstance(value, Reference) else value


def _rows(encoders: Mapping[str, Encode]) -> Encode:
    def encode(rows: Any) -> object:
        return [
            {k: v if v is None or k not in encoders else encoders[k](v) for k, v in row.items()} for row in rows
        ]  # fmt: skip

    return encode


def _default(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    if isinstance(value, FileInfo):
        return {"id": value.id, "name": value.name, "size": value.size, "type": value.type, "hash": value.hash}
    raise TypeError(type(value).__name__)
