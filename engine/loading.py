"""Loading: fetches records from the database in exactly the shape that rules need.

A plan is compiled once for a record type and a shape: one statement with joins for links to one record, one more
statement for each list (back links, rows, many links), whatever the number of records. Derived fields are calculated
here, so that a rule finds everything it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.convert import EMPTY_LISTS, Convert, rule_reader
from fachwerk.engine.database import Connection, Row
from fachwerk.engine.keyed import KEYS, among, keys_parameter, render_by_keys
from fachwerk.engine.shapes import Shape, spread
from fachwerk.engine.statements import Statement
from fachwerk.rules.check import Checked
from fachwerk.rules.storage import Children, Column, Derived, Members, Reference
from fachwerk.schemas.model import Field
from fachwerk.schemas.tables import Tables
from fachwerk.schemas.tables_columns import Form

RuleRecord = dict[str, Any]
RuleFunction = Callable[[Mapping[str, Any], Any], Any]
Compile = Callable[[Checked], RuleFunction]
Make = Callable[[Row, "Sink"], RuleRecord]
Marks = Callable[[str, Any], Any]
"""For a linked entity and its table in a statement: a column to be noted as ``_seen``, or ``None``."""

MOST_SEEN = 2000


class Sink:
    """The records that one statement gave, by the node of the shape that they belong to."""

    __slots__ = ("found",)

    def __init__(self, nodes: int) -> None:
        self.found: list[list[RuleRecord]] = [[] for _ in range(nodes)]


@dataclass(slots=True)
class Parts:
    """A statement in the making."""

    source: Any
    columns: list[Any] = field(default_factory=list)
    lists: list[tuple[int, str, Plan, str]] = field(default_factory=list)
    derived: list[tuple[int, str, RuleFunction]] = field(default_factory=list)
    nodes: int = 0
    names: dict[str, int] = field(default_factory=dict)
    """How often each table stands in the statement."""

    def add(self, column: Any) -> int:
        """Add a column and return its position; the same column is fetched once."""
        for index, known in enumerate(self.columns):
            if known is column:
                return index
        self.columns.append(column)
        return len(self.columns) - 1


@dataclass(frozen=True, slots=True)
class Made:
    """What is left to do when the rows are there: lists to fetch and derived fields to calculate, by node."""

    nodes: int
    lists: tuple[tuple[int, str, Plan, str], ...]
    derived: tuple[tuple[int, str, RuleFunction], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How records of one type are fetched in one shape; *by_key* takes the keys and groups by the first column."""

    by_key: Statement
    make: Make
    rest: Made


class Loader:
    """Makes plans and keeps them; one for a compiled app."""

    def __init__(self, tables: Tables, fields: Mapping[str, Mapping[str, Field]], compile_rule: Compile) -> None:
        self._tables = tables
        self._fields = fields
        self._compile = compile_rule
        self._plans: dict[tuple[str, str, str], Plan] = {}
        self._seen: dict[tuple[str, int, str], tuple[Shape, Plan]] = {}
        """Plans by the shape itself (nobody changes one): most are asked for again and again by the same."""

    async def by_ids(
        self, connection: Connection, entity: str, shape: Shape, ids: Sequence[str], context: object
    ) -> dict[str, RuleRecord]:
        """Return the records with these ids by id, in *shape*; those that are not there are left out."""
        if not ids:
            return {}
        if not shape and entity != "user":
            return {key: {"id": key} for key in ids}
        plan = self._plan(entity, shape, "id")
        found = await self._run(connection, plan, ids, context)
        return {key: records[0] for key, records in found.items()}

    async def children(
        self, connection: Connection, entity: str, name: str, shape: Shape, ids: Sequence[str], context: object
    ) -> dict[str, list[RuleRecord]]:
        """Return the list that stands in field *name* of the records with these ids."""
        stored = self._tables.storage[entity].fields[name]
        assert isinstance(stored, Children | Members)
        plan = self._plan(stored.record, shape, _key_of(stored))
        return await self._run(connection, plan, ids, context)

    async def _run(
        self, connection: Connection, plan: Plan, keys: Sequence[str], context: object
    ) -> dict[str, list[RuleRecord]]:
        rows = await plan.by_key.fetch(connection, {KEYS: keys_parameter(keys, self._tables.dialect)})
        sink = Sink(plan.rest.nodes)
        grouped: dict[str, list[RuleRecord]] = {}
        for row in rows:
            grouped.setdefault(row[0], []).append(plan.make(row, sink))
        if rows:
            await self.complete(connection, plan.rest, sink, context)
        return grouped

    async def complete(self, connection: Connection, plan: Made, sink: Sink, context: object) -> None:
        """Fetch the lists and calculate the derived fields of the records in *sink*."""
        for node, name, inner, _key in plan.lists:
            records = sink.found[node]
            ids = list({record["id"] for record in records})
            lists = await self._run(connection, inner, ids, context) if ids else {}
            for record in records:
                record[name] = lists.get(record["id"], [])
        for node, name, function in plan.derived:
            for record in sink.found[node]:
                record[name] = function(record, context)

    # plans ------------------------------------------------------------------------------------------------------------

    def _plan(self, entity: str, shape: Shape, key: str) -> Plan:
        seen = self._seen.get((entity, id(shape), key))
        if seen is not None and seen[0] is shape:
            return seen[1]
        name = (entity, _text_of(shape), key)
        plan = self._plans.get(name)
        if plan is None:
            plan = self._plans[name] = self._make_plan(entity, shape, key)
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[entity, id(shape), key] = shape, plan
        return plan

    def alias(self, entity: str, names: dict[str, int]) -> Any:
        """Return the table of *entity* under a name of its own in a statement in the making, whose *names* are counted.

        Statements share these, as each is a copy of all columns.
        """
        number = names[entity] = names.get(entity, 0) + 1
        table = self._tables.of(entity)
        made: list[Any] = table.info.setdefault("aliases", [])
        while len(made) < number:
            made.append(table.alias())
        return made[number - 1]

    def finish(self, parts: Parts) -> Made:
        """Return what a statement made by :meth:`node` has found out."""
        return Made(parts.nodes, tuple(parts.lists), tuple(parts.derived))

    def _make_plan(self, entity: str, shape: Shape, key: str) -> Plan:
        names: dict[str, int] = {}
        table = self.alias(entity, names)
        parts = Parts(table, names=names)
        link, _, column = key.rpartition("/")
        order: list[Any] = [table.c.position] if "." in entity and "position" in table.c else []
        if link:
            name, ours, theirs = link.split("/")
            members = self._tables.metadata.tables[name].alias()
            parts.source = parts.source.join(members, members.c[theirs] == table.c.id)
            by, order = members.c[ours], [members.c.position]
        else:
            by = table.c[column]
        parts.add(by)
        make = self.node(entity, table, shape, parts)
        statement = sa.select(*parts.columns).select_from(parts.source).where(among(by, KEYS, self._tables.dialect))
        statement = statement.order_by(*order, table.c.id) if key != "id" else statement
        return Plan(render_by_keys(statement, self._tables.dialect), make, self.finish(parts))

    def node(self, entity: str, table: Any, shape: Shape, parts: Parts, marks: Marks | None = None) -> Make:
        """Return the function that makes the dict of one record out of a row; adds what it needs to *parts*."""
        shape = spread(self._tables.storage, entity, shape)
        stored = self._tables.storage[entity]
        number = parts.nodes
        parts.nodes += 1
        at = parts.add(table.c.id)
        plain: list[tuple[str, int, Any]] = []
        linked: list[tuple[str, Callable[[Row, Sink], Any]]] = []
        derived, fields = [], self._fields.get(entity, {})
        for name, inner in shape.items():
            where = stored.fields.get(name)
            if isinstance(where, Column) and name in fields and fields[name].kind in EMPTY_LISTS:
                linked.append((name, _listed(parts.add(table.c[where.name]), self._reader(entity, name))))
            elif isinstance(where, Column):
                plain.append((name, parts.add(table.c[where.name]), self._reader(entity, name)))
            elif isinstance(where, Reference):
                linked.append((name, self._link(where, table, inner, parts, marks)))
            elif isinstance(where, Children | Members):
                inner_plan = self._plan(where.record, inner, _key_of(where))
                parts.lists.append((number, name, inner_plan, where.record))
            elif isinstance(where, Derived):
                derived.append((name, where))
            elif name == "_path" and stored.path:
                plain.append((name, parts.add(table.c[stored.path]), None))
        for name, where in _in_order(derived):
            parts.derived.append((number, name, self._compile(where.rule)))
        return _maker(number, at, plain, linked)

    def _reader(self, entity: str, name: str) -> Convert | None:
        form = self._tables.forms[entity][name] if entity in self._tables.forms else Form("text")
        return rule_reader(self._fields.get(entity, {}).get(name), form, self._tables.dialect)

    def _link(
        self, where: Reference, table: Any, shape: Shape, parts: Parts, marks: Marks | None
    ) -> Callable[[Row, Sink], Any]:
        if len(where.columns) == 1:
            ((target, column),) = where.columns.items()
            return self._link_to(target, table.c[column], shape, parts, marks)
        several = [
            (target, self._link_to(target, table.c[column], self._known(target, shape), parts, marks))
            for target, column in where.columns.items()
        ]

        def find(row: Row, sink: Sink) -> Any:
            for target, make in several:
                record = make(row, sink)
                if record is not None:
                    record["_entity"] = target
                    return record
            return None

        return find

    def _known(self, target: str, shape: Shape) -> Shape:
        fields = self._tables.storage[target].fields
        return {name: inner for name, inner in shape.items() if name in fields or name == "_path"}

    def _link_to(
        self, target: str, column: Any, shape: Shape, parts: Parts, marks: Marks | None
    ) -> Callable[[Row, Sink], Any]:
        if not set(shape) - {"id"} and marks is None:
            at = parts.add(column)
            return lambda row, sink: None if row[at] is None else {"id": row[at]}
        other = self.alias(target, parts.names)
        mark = marks(target, other) if marks is not None else None
        if not set(shape) - {"id"} and mark is None:
            at = parts.add(column)
            return lambda row, sink: None if row[at] is None else {"id": row[at]}
        parts.source = parts.source.outerjoin(other, other.c.id == column)
        at = parts.add(other.c.id)
        make = self.node(target, other, shape, parts)
        if mark is None:
            return lambda row, sink: None if row[at] is None else make(row, sink)
        seen = parts.add(mark)

        def marked(row: Row, sink: Sink) -> Any:
            if row[at] is None:
                return None
            record = make(row, sink)
            record["_seen"] = row[seen]
            return record

        return marked


def _maker(
    number: int, at: int, plain: list[tuple[str, int, Any]], linked: list[tuple[str, Callable[[Row, Sink], Any]]]
) -> Make:
    def make(row: Row, sink: Sink) -> RuleRecord:
        record: RuleRecord = {"id": row[at]}
        for name, index, read in plain:
            value = row[index]
            record[name] = value if read is None or value is None else read(value)
        for name, link in linked:
            record[name] = link(row, sink)
        sink.found[number].append(record)
        return record

    return make


def _listed(index: int, read: Convert | None) -> Callable[[Row, Sink], Any]:
    """Return the reader of a list kept in a column: null there is an empty list in rules."""
    convert = read or list
    return lambda row, sink: [] if row[index] is None else convert(row[index])


def _in_order(derived: list[tuple[str, Derived]]) -> list[tuple[str, Derived]]:
    """Sort derived fields of one record so that each comes after those it reads."""
    left = dict(derived)
    ordered: list[tuple[str, Derived]] = []

    def put(name: str) -> None:
        where = left.pop(name, None)
        if where is not None:
            for path in where.rule.reads:
                put(path[0])
            ordered.append((name, where))

    for name, _ in derived:
        put(name)
    return ordered


def _key_of(where: Children | Members) -> str:
    if isinstance(where, Members):
        return f"{where.table}/{where.ours}/{where.theirs}/"
    return where.column


def _text_of(shape: Shape) -> str:
    return ",".join(f"{name}({_text_of(shape[name])})" if shape[name] else name for name in sorted(shape))
