"""Stored computed fields of other records: found out when something they read changes, and brought up to date.

A write walks the paths of stored rules back to the records concerned (``triggers``), locks them, calculates, and writes
what differs. What changes so may touch others in turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fachwerk.engine.compile import App, Computed
from fachwerk.engine.context import Context
from fachwerk.engine.convert import from_rule, to_rule
from fachwerk.engine.database import Connection
from fachwerk.engine.shapes import Shape, merged
from fachwerk.engine.store import Store
from fachwerk.engine.triggers import Affected, Triggers

MOST_ROUNDS = 20
"""Stored fields that depend on each other in a chain at most."""


class Rollups(Triggers):
    """Keeps the stored computed fields of an app right."""

    def __init__(self, app: App, stores: Mapping[str, Store]) -> None:
        super().__init__(app)
        self._stores = stores
        self._stored: dict[str, tuple[Computed, ...]] = {}
        self._shapes: dict[str, Shape] = {}
        for name, entity in app.entities.items():
            stored = tuple(c for c in entity.computed if c.field.stored)
            if stored:
                self._stored[name] = self._with_sources(name, stored)
                self._shapes[name] = merged(
                    *(c.asked.needs.record for c in self._stored[name]), {c.field.name: {} for c in stored}
                )
                for computed in stored:
                    for path in computed.field.computed.checked.reads if computed.field.computed else ():
                        self.watch(name, path)

    def _with_sources(self, entity: str, stored: tuple[Computed, ...]) -> tuple[Computed, ...]:
        """Return *stored* and the computed fields of the record that they read, in order."""
        wanted = {c.field.name for c in stored}
        every = self._app.entities[entity].computed
        for computed in reversed(every):
            if computed.field.name in wanted:
                wanted |= set(computed.asked.needs.record)
        return tuple(c for c in every if c.field.name in wanted)

    async def settle(self, connection: Connection, affected: Affected, context: Context) -> None:
        """Calculate the stored fields of *affected* again, and of all that depend on those."""
        for _ in range(MOST_ROUNDS):
            waiting = {entity: ids for entity, ids in affected.items() if ids}
            if not waiting:
                return
            affected = {}
            for entity in sorted(waiting):
                await self._settle(connection, entity, sorted(waiting[entity]), context, affected)
        raise RecursionError("stored computed fields depend on each other in a circle")

    async def _settle(
        self, connection: Connection, entity: str, ids: list[str], context: Context, affected: Affected
    ) -> None:
        await self.lock(connection, entity, ids)
        records = await self._app.loader.by_ids(connection, entity, self._shapes[entity], ids, context)
        for key, record in records.items():
            changed = self._calculate(entity, record, context)
            if changed:
                await self._stores[entity].update(connection, key, changed)
                await self.collect(connection, self.touched(entity, changed), [key], affected)

    def _calculate(self, entity: str, record: dict[str, Any], context: Context) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        for computed in self._stored[entity]:
            name = computed.field.name
            value = computed.asked(record, context)
            kept = from_rule(value, computed.form)
            if computed.field.stored and to_rule(kept) != _as_stored(record.get(name)):
                changed[name] = kept
            record[name] = value if isinstance(value, (Mapping, list)) else to_rule(kept)
        return changed


def _as_stored(value: Any) -> Any:
    return value["id"] if isinstance(value, Mapping) and "id" in value else value
