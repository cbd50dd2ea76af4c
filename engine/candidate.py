"""Candidates: a record as it would be, in the shape that its rules read, before anything is written.

A candidate holds the values of the kinds and, beside them, the record as rules see it, with linked records loaded.
:meth:`Candidate.put` keeps both in step; :meth:`Candidate.compute` brings computed fields up to date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fachwerk.engine.compile import App, CompiledEntity, Computed
from fachwerk.engine.context import Context
from fachwerk.engine.convert import from_rule, rule_value, to_rule
from fachwerk.engine.database import Connection
from fachwerk.engine.loading import RuleRecord
from fachwerk.engine.shapes import Shape
from fachwerk.rules.storage import Children, Column, Members, Reference

EMPTY_LIST = ("rows", "links", "back_links")


class Candidate:
    """A record in the making; *exists* tells whether it stands in the database already."""

    __slots__ = (
        "app", "computed", "connection", "context", "entity", "exists", "hidden", "id", "record", "rows", "shape",
        "values",
    )  # fmt: skip

    def __init__(
        self,
        app: App,
        entity: CompiledEntity,
        connection: Connection,
        context: Context,
        *,
        id: str,
        values: Mapping[str, object],
        shape: Shape,
        exists: bool,
        computed: tuple[Computed, ...] | None = None,
    ) -> None:
        self.app = app
        self.entity = entity
        self.connection = connection
        self.context = context
        self.id = id
        self.values: dict[str, Any] = dict(values)
        self.shape = shape
        self.exists = exists
        self.computed = entity.written if computed is None else computed
        self.record: RuleRecord = {"id": id}
        self.rows: dict[str, list[Candidate]] = {}
        self.hidden: frozenset[str] = frozenset()

    async def load(self) -> Candidate:
        """Load everything that the shape asks for, and calculate."""
        for name, inner in self.shape.items():
            self.record[name] = await self._value(name, inner)
        self.compute()
        return self

    async def put(self, name: str, value: object) -> None:
        """Give a field another value."""
        self.values[name] = value
        if name in self.shape or name in self.rows:
            self.record[name] = await self._value(name, self.shape.get(name, {}))

    def compute(self) -> None:
        """Calculate computed fields, those of rows first."""
        for rows in self.rows.values():
            for row in rows:
                row.compute()
        for computed in self.computed:
            name = computed.field.name
            value = computed.asked(self.record, self.context)
            kept = from_rule(value, computed.form)
            linked = isinstance(value, (Mapping, list, tuple))
            self.record[name] = value if linked else to_rule(kept)
            self.values[name] = kept

    async def _value(self, name: str, inner: Shape) -> Any:
        where = self.app.tables.storage[self.entity.name].fields.get(name)
        if isinstance(where, Column):
            field = self.entity.model.fields.get(name)
            value = self.values.get(name)
            return to_rule(value) if field is None else rule_value(field, value)
        if isinstance(where, Reference):
            return await self._link(where, self.values.get(name), inner)
        if isinstance(where, Children) and name in self.entity.rows:
            return await self._rows(name, inner)
        if isinstance(where, Children | Members):
            return await self._many(name, where, inner)
        return self.values.get(name)

    async def _link(self, where: Reference, value: Any, inner: Shape) -> Any:
        (record,) = await self._links(where, [value], inner)
        return record

    async def _links(self, where: Reference, values: Sequence[Any], inner: Shape) -> list[Any]:
        """Return the records that *values* lead to."""
        several, only = len(where.columns) > 1, next(iter(where.columns))
        pairs = [value if several or value is None else (only, value) for value in values]
        found: dict[tuple[str, str], RuleRecord] = {}
        for target in dict.fromkeys(pair[0] for pair in pairs if pair is not None):
            known = self.app.tables.storage[target].fields
            shape = {k: v for k, v in inner.items() if k in known or k == "_path"} if several else inner
            keys = list(dict.fromkeys(pair[1] for pair in pairs if pair is not None and pair[0] == target))
            records = await self.app.loader.by_ids(self.connection, target, shape, keys, self.context)
            mark = {"_entity": target} if several else {}
            found |= {(target, key): record | mark for key, record in records.items()}
        return [None if pair is None else found.get(tuple(pair)) for pair in pairs]

    async def _many(self, name: str, where: Children | Members, inner: Shape) -> list[RuleRecord]:
        if isinstance(where, Members) and where.ours == "source":
            ids = [str(key) for key in self.values.get(name) or ()]
            found = await self.app.loader.by_ids(self.connection, where.record, inner, ids, self.context)
            return [found[key] for key in ids if key in found]
        if not self.exists:
            return []
        lists = await self.app.loader.children(
            self.connection, self.entity.name, name, inner, [self.id], self.context
        )  # fmt: skip
        return lists.get(self.id, [])

    async def _rows(self, name: str, inner: Shape) -> list[RuleRecord]:
        entity = self.entity.rows[name]
        rows = [
            Candidate(
                self.app, entity, self.connection, self.context, id=str(values.get("id") or ""), values=values,
                shape=inner, exists=bool(values.get("id")),
            )
            for values in self.values.get(name) or ()
        ]  # fmt: skip
        for row in rows:
            row.record["parent"] = self.record
        for field, further in inner.items():
            where = self.app.tables.storage[entity.name].fields.get(field)
            if isinstance(where, Reference):  # of all rows at once, however many there are
                linked = await self._links(where, [row.values.get(field) for row in rows], further)
            else:
                linked = [await row._value(field, further) for row in rows]
            for row, value in zip(rows, linked, strict=True):
                row.record[field] = value
        for row in rows:
            row.compute()
        self.rows[name] = rows
        return [row.record for row in rows]

    def stored(self) -> dict[str, Any]:
        """Return the values that stand in the database: all but lists that others keep and what is only derived."""
        fields = self.entity.model.fields
        kept = {
            name: value for name, value in self.values.items() if name in self.entity.forms or name in self.entity.lists
        }
        for name, rows in self.rows.items():
            kept[name] = [row.row_values() for row in rows]
        return {name: value for name, value in kept.items() if name not in fields or fields[name].kind != "back_links"}

    def row_values(self) -> dict[str, Any]:
        """Return the values of a row with its id, if it has one."""
        values = {name: value for name, value in self.values.items() if name in self.entity.forms}
        values.pop("parent", None)
        values.pop("position", None)
        return {**values, "id": self.id} if self.id else {k: v for k, v in values.items() if k != "id"}
