"""Titles: links as a person may see them, for any number of records at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App, CompiledEntity
from fachwerk.engine.context import Context
from fachwerk.engine.database import Connection
from fachwerk.engine.keyed import among, keys_parameter, render_by_keys
from fachwerk.engine.kit import Kit
from fachwerk.engine.reading import Reader
from fachwerk.engine.statements import Statement
from fachwerk.engine.values import Reference
from fachwerk.schemas.model import Field

Pair = tuple[str, str]
MOST = 500


class Titles:
    """Finds titles of records for sets of roles."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._app: App = kit.app
        self._readers: dict[tuple[frozenset[str], str], tuple[Reader, Statement]] = {}
        users = kit.app.tables.metadata.tables["fw_user"]
        select = sa.select(users.c.id, users.c.name).where(among(users.c.id, "keys", kit.app.dialect))
        self._users = render_by_keys(select, kit.app.dialect)

    async def of(
        self, connection: Connection, roles: frozenset[str], pairs: Iterable[Pair], context: Context
    ) -> dict[Pair, Reference]:
        """Return a reference for each (entity, id); its title is empty where the record may not be read."""
        wanted: dict[str, list[str]] = {}
        for entity, key in dict.fromkeys(pairs):
            wanted.setdefault(entity, []).append(key)
        found = {(entity, key): Reference(entity, key, "") for entity, keys in wanted.items() for key in keys}
        for entity, keys in wanted.items():
            for start in range(0, len(keys), MOST):
                some = keys[start : start + MOST]
                for key, title in (await self._titles(connection, roles, entity, some, context)).items():
                    found[entity, key] = Reference(entity, key, title)
        return found

    async def _titles(
        self, connection: Connection, roles: frozenset[str], entity: str, keys: list[str], context: Context
    ) -> dict[str, str]:
        parameter = {"keys": keys_parameter(keys, self._app.dialect)}
        if entity == "user":
            return {row[0]: row[1] for row in await self._users.fetch(connection, parameter)}
        if not self._kit.access.rights(roles, entity).may("read"):
            return {}
        reader, statement = self._reader(roles, entity)
        rows = await statement.fetch(connection, self._kit.translation.parameters(context) | parameter)
        return {record.id: record.title for record in await reader.records(connection, rows, context)}

    def _reader(self, roles: frozenset[str], entity: str) -> tuple[Reader, Statement]:
        key = (roles, entity)
        found = self._readers.get(key)
        if found is None:
            if len(self._readers) > 1000:
                self._readers.pop(next(iter(self._readers)))
            kit = self._kit
            reader = Reader(kit.app, kit.access, kit.translation, entity, roles, frozenset())
            select = reader.select().where(among(reader.table.c.id, "keys", kit.app.dialect))
            found = self._readers[key] = reader, render_by_keys(select, kit.app.dialect)
        return found

    async def shown(
        self, connection: Connection, roles: frozenset[str], entity: CompiledEntity, values: Mapping[str, Any],
        context: Context,
    ) -> dict[str, Any]:  # fmt: skip
        """Return *values* with links as references, those of rows, too."""
        (shown,) = await self.all_shown(connection, roles, entity, (values,), context)
        return shown

    async def all_shown(
        self, connection: Connection, roles: frozenset[str], entity: CompiledEntity, many: Sequence[Mapping[str, Any]],
        context: Context,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Return values of many records, or of one at many times, with links as references."""
        pairs = [pair for values in many for name, value in values.items() for pair in _pairs(entity, name, value)]
        known = await self.of(connection, roles, pairs, context) if pairs else {}
        return [{name: _shown(entity, name, value, known) for name, value in values.items()} for values in many]


def _pairs(entity: CompiledEntity, name: str, value: Any) -> Iterable[Pair]:
    field = entity.model.fields.get(name)
    if field is None or value is None:
        return
    if name in entity.rows:
        for row in value:
            for key, inner in row.items():
                yield from _pairs(entity.rows[name], key, inner)
    elif field.kind in ("link", "tree", "user"):
        yield _pair(field, value)
    elif field.kind == "links":
        for item in value:
            yield _pair(field, item)


def _pair(field: Field, value: Any) -> Pair:
    if isinstance(value, tuple):
        return value[0], value[1]
    return ("user" if field.kind == "user" else field.to[0]), value


def _shown(entity: CompiledEntity, name: str, value: Any, known: Mapping[Pair, Reference]) -> Any:
    field = entity.model.fields.get(name)
    if field is None or value is None:
        return value
    if name in entity.rows:
        inner = entity.rows[name]
        return [{key: _shown(inner, key, item, known) for key, item in row.items()} for row in value]
    if field.kind in ("link", "tree", "user"):
        return known[_pair(field, value)]
    if field.kind == "links":
        return tuple(known[_pair(field, item)] for item in value)
    return value
