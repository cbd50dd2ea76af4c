"""Reading: the statements that fetch records as a set of roles may see them, and the way from rows to records.

A :class:`Reader` is made once per entity and set of roles. What may not be seen is not selected, or is replaced by
nothing row by row; the title of a linked record shows only to those who may read that record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.access import Access, Way
from fachwerk.engine.compile import App, CompiledEntity
from fachwerk.engine.convert import Convert, from_rule, same, value_reader
from fachwerk.engine.database import Connection, Row
from fachwerk.engine.loading import Parts, RuleRecord, Sink
from fachwerk.engine.shapes import Shape, merged
from fachwerk.engine.translation import Translation
from fachwerk.engine.values import Record, Reference
from fachwerk.schemas.model import Field
from fachwerk.schemas.tables import CONFIG, flow_column

SEEN = "_seen"
Refer = Callable[[Mapping[str, Any] | None, object], Any]


@dataclass(frozen=True, slots=True)
class Encoders:
    """What a reader's rows are written with as JSON: links, plain columns that are not written as they are, derived."""

    links: tuple[tuple[str, Refer], ...]
    plain: tuple[tuple[str, Convert], ...]
    left_out: frozenset[str]
    derived: tuple[tuple[Field, Convert | None], ...]


@dataclass(frozen=True, slots=True)
class Masked:
    """A column that says whether one of the ways to read holds for a row, and what that way hides."""

    at: int | None
    hide: frozenset[str]


class Reader:
    """Reads the records of one entity for one set of roles; *table* is what its statements select from.

    *only*: the fields that are wanted of them, beside the title.
    """

    def __init__(
        self, app: App, access: Access, translation: Translation, entity: str, roles: frozenset[str],
        only: frozenset[str] | None = None,
    ) -> None:  # fmt: skip
        self.app = app
        self.access = access
        self.translation = translation
        self.entity = app.entities[entity]
        self.roles = roles
        self.rights = access.rights(roles, entity)
        names: dict[str, int] = {}
        self.table = app.loader.alias(entity, names)
        self.parts = Parts(self.table, names=names)
        self.id_at = self.parts.add(self.table.c.id)
        self.version_at = self.parts.add(self.table.c.version)
        self.config_at = self.parts.add(self.table.c[CONFIG])
        self.flows = tuple(
            (flow.model.name, flow.kept.keys(), self.parts.add(self.table.c[flow_column(flow.model)]))
            for flow in self.entity.workflows
            if flow.kept
        )
        shown = (f for f in self.entity.model.fields.values() if only is None or f.name in only)
        self.fields = tuple(f for f in shown if self.rights.sees(f.name))
        self.plain = tuple(self._plain(f) for f in self.fields if self._is_plain(f))
        self._plain_names = tuple(name for name, _, _ in self.plain)
        self._plain_values = values_at([at for _, at, _ in self.plain])
        self._to_read = tuple((name, read) for name, _, read in self.plain if read is not None)
        self.links = tuple(f for f in self.fields if f.kind in ("link", "tree", "user"))
        self.derived = tuple(f for f in self.fields if f.computed is not None and not f.stored)
        self.make = self._node()
        self.masks = tuple(self._mask(way) for way in self.rights.ways["read"]) if self.rights.sometimes else ()
        self.plan = app.loader.finish(self.parts)
        self.references = tuple((f.name, self._linker(f, Reference)) for f in self.links)
        self.condition = access.condition(self.rights, self.table, translation)

    # building ---------------------------------------------------------------------------------------------------------

    def _is_plain(self, field: Field) -> bool:
        return field.name in self.entity.forms and field.kind not in ("link", "tree", "user")

    def _plain(self, field: Field) -> tuple[str, int, Convert | None]:
        form = self.entity.forms[field.name]
        at = self.parts.add(self.table.c[field.name])
        read = value_reader(field, form, self.app.dialect)
        return field.name, at, None if read is same else read

    def _node(self) -> Any:
        shapes: list[Shape] = [{f.name: self.title_shape(f) for f in self.links}]
        shapes.append({f.name: {} for f in self.derived})
        if self.entity.title is not None:
            shapes.append(self.entity.title.needs.record)
        return self.app.loader.node(self.entity.name, self.table, merged(*shapes), self.parts, self._mark)

    def title_shape(self, field: Field) -> Shape:
        """Return what the titles of the records need that *field* leads to."""
        if field.kind == "user":
            return {"name": {}}
        titles = [self.app.entities[target].title for target in field.to]
        return merged({"id": {}}, *(title.needs.record for title in titles if title is not None))

    def _mark(self, entity: str, table: Any) -> Any:
        """Return the column that says whether a linked record may be read; ``None`` where that is always so."""
        if entity == "user":
            return None
        rights = self.access.rights(self.roles, entity)
        return self.access.condition(rights, table, self.translation)

    def _mask(self, way: Way) -> Masked:
        if way.always:
            return Masked(None, way.hide)
        condition = self.access.way_condition(self.entity.name, way, self.table, self.translation)
        return Masked(self.parts.add(condition), way.hide)

    # statements -------------------------------------------------------------------------------------------------------

    def select(self) -> sa.Select[Any]:
        """Return the statement that selects all records that may be read, unordered."""
        statement = sa.select(*self.parts.columns).select_from(self.parts.source)
        return statement if self.condition is None else statement.where(self.condition)

    # records ----------------------------------------------------------------------------------------------------------

    async def records(self, connection: Connection, rows: Sequence[Row], context: object) -> list[Record]:
        """Return the records that *rows* of :meth:`select` stand for, without lists."""
        loaded = await self.loaded(connection, rows, context)
        return [self._record(row, record, context) for row, record in zip(rows, loaded, strict=True)]

    async def loaded(self, connection: Connection, rows: Sequence[Row], context: object) -> list[RuleRecord]:
        """Return what titles and derived fields need of *rows*."""
        sink = Sink(self.plan.nodes)
        loaded = [self.make(row, sink) for row in rows]
        if rows and (self.plan.lists or self.plan.derived):
            await self.app.loader.complete(connection, self.plan, sink, context)
        return loaded

    def _record(self, row: Row, loaded: RuleRecord, context: object) -> Record:
        values: dict[str, object] = {}
        for name, refer in self.references:
            values[name] = refer(loaded.get(name), context)
        values.update(zip(self._plain_names, self._plain_values(row), strict=True))
        for name, read in self._to_read:
            if values[name] is not None:
                values[name] = read(values[name])
        for field in self.derived:
            values[field.name] = self.shown(field, loaded.get(field.name), context)
        if self.masks:
            for name in self.hidden(row):
                values.pop(name, None)
        return Record(
            self.entity.name, row[self.id_at], row[self.version_at], title_of(self.entity, loaded, context), values,
            row[self.config_at], {name: int(row[at]) for name, kept, at in self.flows if row[at] in kept},
        )

    def encoded(self, row: Row, loaded: RuleRecord, context: object, encode: Encoders) -> dict[str, object]:
        """Return a record as the API writes it; *encode* holds what makes of a driver's value one of JSON."""
        values: dict[str, object] = {
            "id": row[self.id_at], "version": row[self.version_at], "title": title_of(self.entity, loaded, context),
            CONFIG: row[self.config_at],
        }  # fmt: skip
        for name, refer in encode.links:
            values[name] = refer(loaded.get(name), context)
        values.update(zip(self._plain_names, self._plain_values(row), strict=True))
        for name, write in encode.plain:
            if values[name] is not None:
                values[name] = write(values[name])
        for name in encode.left_out:
            values.pop(name, None)
        for field, convert in encode.derived:
            value = self.shown(field, loaded.get(field.name), context)
            values[field.name] = value if value is None or convert is None else convert(value)
        if self.masks:
            for name in self.hidden(row):
                values.pop(name, None)
        return values

    def linked_as(self, make: Callable[[str, str, str], Any]) -> tuple[tuple[str, Refer], ...]:
        """Return, per link, the function that makes something of (entity, id, title) as they may be seen."""
        return tuple((f.name, self._linker(f, make)) for f in self.links)

    def _linker(self, field: Field, make: Callable[[str, str, str], Any]) -> Refer:
        if field.kind == "user":
            return lambda linked, _: (
                None if linked is None else make("user", linked["id"], str(linked.get("name") or ""))
            )
        may = {target: self.access.rights(self.roles, target).may("read") for target in field.to}
        entities = {target: self.app.entities[target] for target in field.to}
        only = field.to[0]

        def refer(linked: Mapping[str, Any] | None, context: object) -> Any:
            if linked is None:
                return None
            target = linked.get("_entity", only)
            if not may[target] or not linked.get(SEEN, True):
                return make(target, linked["id"], "")
            return make(target, linked["id"], title_of(entities[target], linked, context))

        return refer

    def hidden(self, row: Row) -> frozenset[str]:
        """Return the fields that may not be seen on this row though they may on others."""
        if not self.masks:
            return frozenset()
        holding = [mask.hide for mask in self.masks if mask.at is None or row[mask.at]]
        return frozenset.intersection(*holding) if holding else self.rights.sometimes

    def shown(self, field: Field, value: Any, context: object) -> object:
        """Return what a computed field that is not stored gave as a value of its kind."""
        if isinstance(value, Mapping) and "id" in value:
            target = value.get("_entity") or (field.to[0] if field.to else "")
            return Reference(target, value["id"], "")
        return from_rule(value, computed_form(self.entity, field.name))


def values_at(places: Sequence[int]) -> Callable[[Row], Iterable[object]]:
    """Return the function that gives the values of a row at *places*."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: [row[at] for at in places]


def computed_form(entity: CompiledEntity, name: str) -> Any:
    """Return the form in which the value of a computed field is given."""
    return next(computed.form for computed in entity.computed if computed.field.name == name)


def title_of(entity: CompiledEntity, loaded: Mapping[str, Any], context: object) -> str:
    """Return the title of a loaded record; the beginning of its id where the rule gives none."""
    value = entity.title.function(loaded, context) if entity.title is not None else None
    return str(value) if value not in (None, "") else str(loaded["id"])[:8]
