"""Removing: what goes with a record, what stands against it, and what is left behind in the links of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.change import Change
from fachwerk.engine.database import Connection
from fachwerk.engine.history import changes
from fachwerk.engine.kit import Kit
from fachwerk.engine.statements import Statement, given, render
from fachwerk.engine.triggers import Affected
from fachwerk.engine.values import Person, Reference
from fachwerk.engine.writing import Writer
from fachwerk.problems import Refused, Text
from fachwerk.schemas.model import Field
from fachwerk.schemas.tables import link_columns, links_table, table_name

MOST_SHOWN = 20
MOST_REMOVED = 10_000
"""Records that may go with one."""


@dataclass(frozen=True, slots=True)
class Consequences:
    """What removing a record would mean: records that stand against it, and in words what would go with it."""

    blockers: tuple[Reference, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class _Inbound:
    """Links of one field that lead to records of an entity."""

    entity: str
    field: Field
    find: Statement


class Remover:
    """Removes records of one app."""

    def __init__(self, kit: Kit, writer: Writer) -> None:
        self._kit = kit
        self._writer = writer
        self._inbound = {name: tuple(self._links_to(name)) for name in kit.app.entities}

    def _links_to(self, target: str) -> list[_Inbound]:
        found = []
        for entity, name in self._kit.app.inbound.get(target, ()):
            field = self._kit.app.compiled(entity).model.fields[name]
            if "." in entity:
                continue_with = self._rows_select(entity, field, target)
            else:
                continue_with = self._select(entity, field, target)
            found.append(_Inbound(entity.partition(".")[0], field, render(continue_with, self._kit.app.dialect)))
        return found

    def _select(self, entity: str, field: Field, target: str) -> Any:
        tables = self._kit.app.tables
        if field.kind == "links":
            members = tables.metadata.tables[links_table(self._kit.app.entities[entity].model, field)]
            return sa.select(members.c.source).where(members.c.target == given("key", members.c.target))
        table = tables.of(entity)
        column = table.c[link_columns(field)[target]]
        return sa.select(table.c.id).where(column == given("key", column)).order_by(table.c.id)

    def _rows_select(self, entity: str, field: Field, target: str) -> Any:
        """Find the records in whose rows there are links."""
        rows = self._kit.app.compiled(entity).model
        table = self._kit.app.tables.metadata.tables[table_name(rows)]
        column = table.c[link_columns(field)[target]]
        return sa.select(table.c.parent).where(column == given("key", column)).distinct()

    async def remove(
        self, connection: Connection, who: Person, entity: str, key: str, version: int | None, origin: str
    ) -> None:
        """Remove a record, if it may go and nothing stands against it."""
        await self._remove(connection, who, entity, key, version, origin, checked=False, seen=set())

    async def _remove(
        self, connection: Connection, who: Person, entity: str, key: str, version: int | None, origin: str, *,
        checked: bool, seen: set[str],
    ) -> None:  # fmt: skip
        if key in seen:
            return
        seen.add(key)
        if len(seen) > MOST_REMOVED:
            raise Refused(
                "too_many", {"en": "Too many records would go.", "de": "Es gingen zu viele Einträge mit."}, status=409
            )
        change = await self._writer.begin_removal(connection, who, entity, key, origin, checked=checked)
        if version is not None and version != change.before["version"]:
            raise changed_meanwhile()
        for inbound in self._inbound[entity]:
            await self._let_go(connection, who, entity, key, inbound, origin, seen)
        await self._delete(change)

    async def _let_go(
        self, connection: Connection, who: Person, entity: str, key: str, inbound: _Inbound, origin: str, seen: set[str]
    ) -> None:  # fmt: skip
        rows = await inbound.find.fetch(connection, {"key": key})
        others = [row[0] for row in rows if row[0] not in seen]
        if not others:
            return
        if inbound.field.on_delete == "refuse":
            raise still_linked()
        for other in others:
            if inbound.field.on_delete == "delete":
                await self._remove(connection, who, inbound.entity, other, None, origin, checked=True, seen=seen)
            else:
                await self._clear(connection, inbound, other, entity, key, origin)

    async def _clear(
        self, connection: Connection, inbound: _Inbound, other: str, entity: str, key: str, origin: str
    ) -> None:
        """Empty a link of another record, as a change of its own."""
        system = self._writer.system
        compiled = self._kit.app.entities[inbound.entity]
        name = inbound.field.name
        if name not in compiled.model.fields:
            raise still_linked()
        record = await self._kit.stores[inbound.entity].read(
            connection, other, lists=[name] if name in compiled.lists else []
        )
        if record is None:
            return
        value = record[name]
        rest = tuple(target for target in value if target != key) if inbound.field.kind == "links" else None
        change = await self._writer.begin_removal(connection, system, inbound.entity, other, origin, checked=True)
        await change.candidate.put(name, rest)
        change.candidate.compute()
        await change.write("change")

    async def _delete(self, change: Change) -> None:
        rollups, connection, key = self._kit.rollups, change.connection, change.candidate.id
        triggers = rollups.touched(change.entity.name, None)
        affected: Affected = {}
        await rollups.collect(connection, triggers, [key], affected)
        parents = self._kit.parents.touched(change.entity.name, None)
        await self._kit.parents.collect(connection, parents, [key], change.waiting)
        asked, leaving = self._kit.asked.touched(change.entity.name, None), Affected()
        await self._kit.asked.collect(connection, asked, [key], leaving)
        await change.store.delete(connection, key)
        if change.entity.workflows:
            await self._writer.cases.clear(connection, key)
            await self._kit.effects.cancel_timers(connection, key, change.now)
        for ids in affected.values():
            ids.discard(key)
        await rollups.settle(connection, affected, change.context)
        await self._kit.asked.note(connection, self._kit.effects, leaving, change.now)
        for workflow, case in await self._writer.cases.voices.waiting_for(connection, change.entity.name, key):
            entity = self._kit.app.project.workflows[workflow].of
            change.waiting.setdefault(entity, set()).add(case)
        gone = {name: None for name in change.before if name in change.entity.model.fields}
        history = self._kit.history
        row = history.row(
            change.entity.name, key, change.before["version"] + 1, who=change.user, at=change.now,
            origin=change.origin, kind="remove", what=changes(change.entity, change.before, gone),
        )  # fmt: skip
        await history.insert.fetch(connection, row)
        await self._writer.settle_waiting(change)

    async def consequences(
        self, connection: Connection, who: Person, entity: str, key: str
    ) -> tuple[Sequence[tuple[str, list[str]]], list[Text]]:
        """Return (entity, ids) of what stands against removing a record, and in words what would go with it."""
        blockers: list[tuple[str, list[str]]] = []
        texts: list[Text] = []
        for inbound in self._inbound[entity]:
            rows = await inbound.find.fetch(connection, {"key": key})
            ids = [row[0] for row in rows]
            if not ids:
                continue
            rights = self._kit.access.rights(who.roles, inbound.entity)
            if inbound.field.on_delete == "refuse":
                blockers.append((inbound.entity, ids[:MOST_SHOWN]))
            elif rights.may("read"):
                texts.append(self._text(inbound, len(ids)))
        return blockers, texts

    def _text(self, inbound: _Inbound, count: int) -> Text:
        plural = self._kit.app.entities[inbound.entity].model.plural
        english, german = plural.get("en") or inbound.entity, plural.get("de") or inbound.entity
        if inbound.field.on_delete == "delete":
            return {"en": f"{count} {english} will be deleted, too.", "de": f"{count} {german} werden mit gelöscht."}
        return {"en": f"{count} {english} will lose their link.", "de": f"{count} {german} verlieren ihre Verknüpfung."}


def still_linked() -> Refused:
    """Return the refusal to remove what others lead to."""
    message = {
        "en": "This cannot be deleted: other records still lead to it.",
        "de": "Das lässt sich nicht löschen: andere Einträge verweisen noch darauf.",
    }
    return Refused("still_linked", message, status=409)


def changed_meanwhile() -> Refused:
    """Return the refusal to remove what somebody else has changed since it was read."""
    message = {
        "en": "Somebody else changed this record meanwhile. Look at it again before you delete it.",
        "de": "Jemand anderes hat den Eintrag inzwischen geändert. Bitte vor dem Löschen noch einmal ansehen.",
    }
    return Refused("conflict", message, status=409)
