"""Which change of which field touches something that is known of another record, and which records those are.

From the paths that a rule reads follows, at load, which change of which field touches it (``Trigger``). A write walks
such a path back to the records concerned, before the change and after it. Stored computed fields (``rollups``) and
cases that wait for others (``parents``) are found so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from fachwerk.engine.backwards import Backwards
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.keyed import among, keys_parameter
from fachwerk.engine.statements import Statement, render
from fachwerk.rules.storage import Children, Derived, Members, Reference
from fachwerk.schemas.model import Rule


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path, to be walked backwards: from ids of what it leads to, to ids of the records it starts at."""

    entity: str
    field: str
    back: Statement


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something known of *entity* that reads the triggering field at the end of *steps*."""

    entity: str
    steps: tuple[Step, ...]


Affected = dict[str, set[str]]
"""Ids of records that are touched, by entity."""


class Triggers:
    """What touches the records of an app."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._triggers: dict[str, dict[str, list[Trigger]]] = {}
        self._backwards = Backwards(app)
        self._locks: dict[str, Statement] = {}

    # what triggers what -----------------------------------------------------------------------------------------------

    def watch(self, entity: str, path: tuple[str, ...]) -> None:
        """Note what touches a record of *entity* that reads *path*."""
        for steps, at, name in self._walks(entity, path, ()):
            if steps:
                self._note(at, name, Trigger(entity, steps))
            for depth, step in enumerate(steps):
                self._watch_membership(entity, steps[: depth + 1], step)

    def watch_rule(self, entity: str, rule: Rule, seen: frozenset[str] = frozenset()) -> None:
        """Note what touches a record of *entity* of which *rule* is asked, by way of its computed fields, too."""
        fields = self._app.entities[entity].model.fields
        for path in rule.checked.reads:
            self.watch(entity, path)
            made = fields.get(path[0])
            if made is not None and made.computed is not None and path[0] not in seen:
                self.watch_rule(entity, made.computed, seen | {path[0]})

    def _watch_membership(self, entity: str, steps: tuple[Step, ...], step: Step) -> None:
        """Note that a list changes when a record joins or leaves it, and a link when it is set to another record."""
        where = self._app.tables.storage[step.entity].fields[step.field]
        if isinstance(where, Children):
            target = where.record
            name = next((n for n, w in self._app.tables.storage[target].fields.items() if _has(w, where.column)), None)
            if "." in target:
                self._note(step.entity, step.field, Trigger(entity, steps[:-1]))
            elif name is not None:
                self._note(target, name, Trigger(entity, steps))
        elif isinstance(where, Members) and where.ours == "target":
            name = where.table.split("__", 1)[1]
            self._note(where.record, name, Trigger(entity, steps))
        elif len(steps) > 1:
            self._note(step.entity, step.field, Trigger(entity, steps[:-1]))

    def _note(self, entity: str, name: str, trigger: Trigger) -> None:
        if trigger.steps:
            found = self._triggers.setdefault(entity, {}).setdefault(name, [])
            if trigger not in found:
                found.append(trigger)

    def _walks(
        self, entity: str, path: tuple[str, ...], steps: tuple[Step, ...]
    ) -> Iterator[tuple[tuple[Step, ...], str, str]]:
        """Give (steps, entity, field) for the plain field at the end of *path*, derived fields taken apart."""
        if not path or entity not in self._app.tables.storage or len(steps) > 10:
            return
        name, rest = path[0], path[1:]
        where = self._app.tables.storage[entity].fields.get(name)
        if isinstance(where, Derived):
            for read in where.rule.reads:
                yield from self._walks(entity, (*read, *rest), steps)
        elif isinstance(where, Reference | Children | Members) and where is not None:
            targets = where.columns if isinstance(where, Reference) else (where.record,)
            for target in targets:
                step = Step(entity, name, self._backwards.of(entity, name, target))
                if rest:
                    yield from self._walks(target, rest, (*steps, step))
                else:
                    yield (*steps, step), target, "id"
        else:
            yield self._owner(steps, entity, name)

    def _owner(self, steps: tuple[Step, ...], entity: str, name: str) -> tuple[tuple[Step, ...], str, str]:
        """Rows are written with their parent: what reads their fields watches the field of the rows."""
        if "." in entity and steps:
            owner, _, field = entity.partition(".")
            return steps[:-1], owner, field
        return steps, entity, name

    # a write ----------------------------------------------------------------------------------------------------------

    def touched(self, entity: str, fields: Iterable[str] | None) -> tuple[Trigger, ...]:
        """Return what a change of *fields* touches; ``None`` means a record that comes or goes."""
        watched = self._triggers.get(entity)
        if not watched:
            return ()
        names = watched if fields is None else [name for name in fields if name in watched]
        found: dict[tuple[str, tuple[int, ...]], Trigger] = {}
        for name in names:
            for trigger in watched[name]:
                found[trigger.entity, tuple(id(step.back) for step in trigger.steps)] = trigger
        return tuple(found.values())

    async def collect(
        self, connection: Connection, triggers: Iterable[Trigger], keys: Iterable[str], affected: Affected
    ) -> None:
        """Add to *affected* the records that lead to *keys* at this moment."""
        for trigger in triggers:
            ids = set(keys)
            for step in reversed(trigger.steps):
                if not ids:
                    break
                rows = await step.back.fetch(connection, {"keys": keys_parameter(sorted(ids), self._app.dialect)})
                ids = {row[0] for row in rows}
            affected.setdefault(trigger.entity, set()).update(ids)

    async def lock(self, connection: Connection, entity: str, ids: Iterable[str]) -> None:
        """Keep other writers from these records until the transaction ends (SQLite has one writer anyway)."""
        if self._app.dialect == "sqlite":
            return
        if entity not in self._locks:
            table = self._app.tables.of(entity)
            select = sa.select(table.c.id).where(among(table.c.id, "keys", "postgresql")).order_by(table.c.id)
            self._locks[entity] = render(select.with_for_update(key_share=True), "postgresql")
        await self._locks[entity].fetch(connection, {"keys": sorted(ids)})


def _has(where: object, column: str) -> bool:
    return isinstance(where, Reference) and column in where.columns.values()
