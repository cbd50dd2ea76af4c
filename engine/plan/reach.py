"""Reach: which records a rule's value depends on, so that a write to one of them tells whose value is old.

What a rule reads is a tree: at its root the record itself, at every further node what a link or a list leads to. A
value is old where a record at some node was written, or where a list at some node lost a member. Both are walked back
to the root over the links as they are now: were one of them another before, then the record that holds it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fachwerk.engine.backwards import Backwards
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.keyed import keys_parameter
from fachwerk.engine.plan.batches import BATCH
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.shapes import MY
from fachwerk.engine.statements import Statement
from fachwerk.rules.storage import Children, Column, Derived, Members, Reference
from fachwerk.rules.tree import Under
from fachwerk.rules.walk import walk
from fachwerk.schemas.tables import link_columns, links_table

Path = tuple[str, ...]
MOST_STEPS = 12


@dataclass(frozen=True, slots=True)
class Hop:
    """From a node to the next: *back* leads from ids there to ids here; *list* is where leaving it is noted."""

    field: str
    target: str
    back: Statement
    list: str | None


@dataclass(slots=True)
class Node:
    """Records of an entity that a rule reads; *place* is the table in force that they stand in."""

    entity: str
    place: str | None
    columns: set[str] = field(default_factory=set)
    """Columns of that table that are read."""
    next: dict[tuple[str, str], tuple[Hop, Node]] = field(default_factory=dict)

    def nodes(self) -> Iterator[Node]:
        """Give this node and all below it."""
        yield self
        for _, inner in self.next.values():
            yield from inner.nodes()

    def hops(self) -> Iterator[Hop]:
        """Give all steps from here on."""
        for hop, inner in self.next.values():
            yield hop
            yield from inner.hops()


class Unsure(Exception):
    """What a rule depends on cannot be said."""


class Places(Protocol):
    """Where something of a configuration stands in the tables in force."""

    def table(self, entity: str) -> str | None:
        """Return the table of an entity; ``None`` where there are no rows of it yet."""
        ...

    def columns(self, entity: str, name: str) -> Iterable[str]:
        """Return the columns that a field has there."""
        ...

    def child(self, entity: str, where: Children) -> str | None:
        """Return ``table.column`` of the link that makes a list; raises :class:`Unsure` where it is made anew."""
        ...

    def members(self, entity: str, where: Members) -> str | None:
        """Return ``table.column`` of our side of a table of links; raises :class:`Unsure`, too."""
        ...


class Reach:
    """Finds what rules of one app depend on."""

    def __init__(self, app: App, places: Places) -> None:
        self._app, self._places = app, places
        self._storage = app.tables.storage
        self._backwards = Backwards(app)

    def tree(self, entity: str, paths: Iterable[Path]) -> Node:
        """Return the tree of what *paths* from records of *entity* read; raises :class:`Unsure`."""
        root = Node(entity, self._places.table(entity))
        for path in paths:
            self._walk(root, path, 0)
        return root

    def _walk(self, node: Node, path: Path, steps: int) -> None:
        if not path or path[0] in ("id", "me") or path[0].startswith(MY):
            return
        if steps > MOST_STEPS or node.entity not in self._storage:
            raise Unsure(".".join(path))
        where = self._storage[node.entity].fields.get(path[0])
        if isinstance(where, Derived):
            if any(isinstance(one, Under) for one in walk(where.rule.node)):
                raise Unsure(path[0])
            for read in where.rule.reads:
                self._walk(node, (*read, *path[1:]), steps + 1)
        elif isinstance(where, Column):
            node.columns.update(self._places.columns(node.entity, path[0]))
        elif isinstance(where, Reference):
            node.columns.update(self._places.columns(node.entity, path[0]))
            for target in where.columns:
                self._walk(self._step(node, path[0], target, None), path[1:], steps + 1)
        elif isinstance(where, Children):
            inner = self._step(node, path[0], where.record, self._places.child(node.entity, where))
            inner.columns.update(part.rpartition(".")[2] for part in (self._places.child(node.entity, where),) if part)
            self._walk(inner, path[1:], steps + 1)
        elif isinstance(where, Members):
            inner = self._step(node, path[0], where.record, self._places.members(node.entity, where))
            self._walk(inner, path[1:], steps + 1)
        else:
            raise Unsure(".".join(path))

    def _step(self, node: Node, name: str, target: str, left: str | None) -> Node:
        if (name, target) not in node.next:
            place = self._places.table(target)
            hop = Hop(name, target, self._backwards.of(node.entity, name, target), left)
            node.next[name, target] = (hop, Node(target, place))
        return node.next[name, target][1]

    async def affected(self, connection: Connection, node: Node, written: Written) -> set[str]:
        """Return the records at *node* whose value may be another since what was *written*."""
        found = set(written.rows.get(node.entity, ())) | set(written.places.get(node.place or "", ()))
        for hop, inner in node.next.values():
            found |= written.places.get(hop.list or "", set())
            below = sorted(await self.affected(connection, inner, written))
            for start in range(0, len(below), BATCH):
                keys = keys_parameter(below[start : start + BATCH], self._app.dialect)
                found |= {str(row[0]) for row in await hop.back.fetch(connection, {"keys": keys})}
        return found


@dataclass(slots=True)
class Written:
    """Records that were written: by place in force (``table``, or ``table.column`` for what a list lost), and by entity
    of the new configuration those whose made values are others now."""

    places: Mapping[str, set[str]]
    rows: dict[str, set[str]] = field(default_factory=dict)


class OldPlaces:
    """The configuration in force itself."""

    def __init__(self, app: App) -> None:
        self._storage = app.tables.storage

    def table(self, entity: str) -> str | None:
        """Return the table of an entity."""
        return self._storage[entity].table if entity in self._storage else None

    def columns(self, entity: str, name: str) -> Iterable[str]:
        """Return the columns of a field."""
        where = self._storage[entity].fields[name]
        if isinstance(where, Reference):
            return tuple(where.columns.values())
        return (where.name,) if isinstance(where, Column) else ()

    def child(self, _entity: str, where: Children) -> str | None:
        """Return the column of the link that makes a list."""
        return f"{self._storage[where.record].table}.{where.column}"

    def members(self, _entity: str, where: Members) -> str | None:
        """Return our side of a table of links."""
        return f"{where.table}.{where.ours}"


class NewPlaces:
    """A new configuration over the tables of the one in force."""

    def __init__(self, old: App, new: App, pairing: Pairing, made: Mapping[str, Iterable[str]]) -> None:
        self._old, self._new, self._pairing = old, new, pairing
        self._made = {name: frozenset(fields) for name, fields in made.items()}

    def table(self, entity: str) -> str | None:
        """Return the table of what an entity was."""
        if entity == "user" or entity.endswith(".opinions"):
            return self._new.tables.storage[entity].table
        before = self._pairing.entity(entity)
        return self._old.tables.storage[before.name].table if before is not None else None

    def columns(self, entity: str, name: str) -> Iterable[str]:
        """Return the columns of what a field was; a made one follows what it is made of."""
        table = self.table(entity)
        was = self._pairing.fields(entity).get(name)
        if was is not None and name not in self._made.get(entity, ()):
            return OldPlaces(self._old).columns(self._before(entity), was.name)
        there = self._old.tables.metadata.tables[table].c if table is not None else ()
        return (name,) if name in there else ()

    def _before(self, entity: str) -> str:
        before = self._pairing.entity(entity)
        return before.name if before is not None else entity

    def child(self, entity: str, where: Children) -> str | None:
        """Return the column of the link that made a list."""
        table = self.table(where.record)
        if table is None:
            return None
        if "." in where.record:
            return f"{table}.{where.column}"
        fields = self._new.tables.storage[where.record].fields
        links = {name: one for name, one in fields.items() if isinstance(one, Reference)}
        name = next((name for name, one in links.items() if where.column in one.columns.values()), "")
        was = self._pairing.fields(where.record).get(name)
        if was is None or name in self._made.get(where.record, ()):
            if name not in self._made.get(where.record, ()):
                return None
            raise Unsure(name)
        column = link_columns(was).get(self._before(entity)) if was.kind in ("link", "tree", "user") else None
        if column is None and was.kind == "links":
            raise Unsure(name)
        return f"{table}.{column}" if column else None

    def members(self, entity: str, where: Members) -> str | None:
        """Return our side of what a table of links was."""
        owner = entity if where.ours == "source" else where.record
        model = self._pairing.after[owner]
        field = next(f for f in model.fields.values() if f.kind == "links" and links_table(model, f) == where.table)
        before, was = self._pairing.entity(owner), self._pairing.fields(owner).get(field.name)
        if before is None or was is None:
            return None
        if was.kind != "links":
            raise Unsure(field.name)
        return f"{links_table(before, was)}.{where.ours}"
