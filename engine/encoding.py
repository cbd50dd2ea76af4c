"""Encoding: records and pages as the JSON of the API, exact numbers included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson
from fachwerk.engine.compile import CompiledEntity
from fachwerk.engine.context import Context
from fachwerk.engine.database import Connection
from fachwerk.engine.finding import Finder
from fachwerk.engine.kit import Kit
from fachwerk.engine.statements import Statement, given, render
from fachwerk.engine.values import FileInfo, Page, Person, Record, Reference

Encode = Callable[[Any], object]


class Encoder:
    """Reads single records, and writes records as JSON."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._one: dict[tuple[frozenset[str], str], tuple[Finder, Statement]] = {}
        self._encoders = {name: _encoders(entity) for name, entity in kit.app.entities.items()}

    def is_plain(self, entity: CompiledEntity) -> bool:
        """Return whether all that is shown of a record stands in its own row and those that it links to."""
        return not entity.lists and not entity.secrets

    async def one(
        self, connection: Connection, roles: frozenset[str], entity: str, key: str, context: Context
    ) -> tuple[Record, frozenset[str]] | None:
        """Return a record that may be read, without lists, and the fields hidden on it alone; ``None`` if there is none."""
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
            select = finder.reader.select().where(table.c.id == given("id", table.c.id))
            found = self._one[roles, entity] = finder, render(select, self._kit.app.dialect)
        return found

    async def one_encoded(
        self, connection: Connection, who: Person, entity: str, key: str, context: Context
    ) -> tuple[bytes, int] | None:
        """Return a plain record as JSON, and its version."""
        found = await self.one(connection, who.roles, entity, key, context)
        if found is None:
            return None
        return self.record(self._kit.app.entities[entity], found[0]), found[0].version

    def record(self, entity: CompiledEntity, record: Record) -> bytes:
        """Return *record* as JSON."""
        return orjson.dumps(self._plain(entity, record), default=_default)

    def page(self, entity: CompiledEntity, page: Page, only: frozenset[str] | None = None) -> bytes:
        """Return *page* as JSON, its records with all fields or just with *only*."""
        data = {
            "items": [self._plain(entity, record, only) for record in page.records],
            "next": page.next,
            "previous": page.previous,
            "count": page.count,
            "count_is_capped": page.count_is_capped,
        }
        return orjson.dumps(data, default=_default)

    def _plain(
        self, entity: CompiledEntity, record: Record, only: frozenset[str] | None = None
    ) -> dict[str, object]:  # fmt: skip
        encoders = self._encoders[entity.name]
        found: dict[str, object] = {"id": record.id, "version": record.version, "title": record.title}
        for name, value in record.values.items():
            if only is not None and name not in only:
                continue
            encode = encoders.get(name)
            found[name] = value if value is None or encode is None else encode(value)
        return found


def _encoders(entity: CompiledEntity) -> dict[str, Encode]:
    """Return the functions of the fields whose values orjson does not write as they are."""
    plain = ("text", "long_text", "rich_text", "email", "phone", "url", "iban", "color", "choice", "sequence", "boolean", "date")
    found: dict[str, Encode] = {}
    for name, field in entity.model.fields.items():
        kind = field.result if field.kind == "computed" else field.kind
        if name in entity.rows:
            found[name] = _rows(_encoders(entity.rows[name]))
        elif kind in ("link", "tree", "user"):
            found[name] = _linked
        elif kind not in plain:
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
        return {"id": value.id, "name": value.name, "size": value.size, "type": value.type}
    raise TypeError(type(value).__name__)
