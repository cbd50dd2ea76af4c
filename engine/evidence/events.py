"""The history as events, case after case: what happened when, to whom it is due, and what stood in the record then.

Records come in the order of their ids, a few hundred at a time, as the person who asks may read them: records that they
may not see, fields that are hidden from them and links to what they may not read are not there. What happened after the
log was begun is left out, so that a log is as at one moment without holding the database up. Of removed records only
what happened when, by whom, and their states are given, and only where no rights are judged by the record.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import CompiledEntity
from fachwerk.engine.evidence.attributes import Sort, Value, Wanted, attributes_of, plain
from fachwerk.engine.history import read_value
from fachwerk.engine.keyed import among, keys_parameter
from fachwerk.engine.reading import Reader
from fachwerk.engine.service import Service
from fachwerk.engine.statements import Statement, given, render
from fachwerk.engine.values import Person, Record
from fachwerk.schemas.tables_columns import Form, to_driver

FIRST = "00000000-0000-0000-0000-000000000000"
"""Before all ids."""
BATCH = 400
"""Records that are looked at together."""
_COLUMNS = ("id", "record", "kind", "at", "who", "for_whom", "origin", "action", "comment", "what")

Link = tuple[str, str, str]
"""Field, entity and id of a linked record."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: *activity* is the step, or ``create``, ``change``; *links* is what it concerned."""

    id: str
    activity: str
    kind: str
    at: dt.datetime
    who: str | None
    for_whom: str | None
    origin: str
    comment: str | None
    values: Mapping[str, Value | None]
    """What it gave fields; ``None`` where it emptied them."""
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Trail:
    """A record and everything that happened to it, the oldest first."""

    entity: str
    id: str
    values: Mapping[str, Value]
    """What stands in it now."""
    links: tuple[Link, ...]
    happenings: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """An entity of a log: what is seen of it, and the fields that link."""

    entity: CompiledEntity
    reader: Reader
    attributes: Mapping[str, Sort]
    linking: tuple[str, ...]
    statement: Statement


@dataclass
class EventLog:
    """Reads the history of entities for *who*, up to now."""

    service: Service
    who: Person
    wanted: Wanted = field(default_factory=Wanted)
    removed: bool = False
    """Whether records that were removed are in it, too."""

    def __post_init__(self) -> None:
        kit = self._kit = self.service.kit
        app, self._now = kit.app, kit.clock()
        self._context = kit.context(self.who)
        write = to_driver(Form("datetime"), app.dialect)
        self._until = write(self._now) if write else self._now
        table = app.tables.metadata.tables["fw_history"]
        found = sa.select(*(table.c[name] for name in _COLUMNS)).where(
            table.c.entity == given("entity", table.c.entity), among(table.c.record, "keys", app.dialect),
            table.c.at <= given("until", table.c.at),
        )  # fmt: skip
        self._history = render(found.order_by(table.c.record, table.c.version, table.c.id), app.dialect)
        gone = sa.select(table.c.record).distinct().where(
            table.c.entity == given("entity", table.c.entity), table.c.kind == sa.literal("remove"),
            table.c.record > given("after", table.c.record), table.c.at <= given("until", table.c.at),
        )  # fmt: skip
        self._gone = render(gone.order_by(table.c.record).limit(given("most", sa.BigInteger())), app.dialect)
        users = app.tables.metadata.tables["fw_user"]
        self._users = render(
            sa.select(users.c.id, users.c.name).where(among(users.c.id, "keys", app.dialect)), app.dialect
        )
        self._names: dict[str, str] = {}

    def may_read(self, name: str) -> bool:
        """Whether the person may read any record of an entity."""
        return self._kit.access.rights(self.who.roles, name).may("read")

    def describe(self, name: str) -> Described:
        """Return what the person sees of an entity."""
        app, kit = self._kit.app, self._kit
        entity = app.entities[name]
        reader = kit.finder(self.who.roles, name).reader
        seen = {one.name for one in reader.fields}
        linking = tuple(
            one.name
            for one in entity.model.fields.values()
            if one.name in seen and one.kind in ("link", "links", "tree")
        )
        table = reader.table
        page = reader.select().where(
            table.c.id > given("after", table.c.id), table.c.created <= given("until", table.c.created)
        )
        page = page.order_by(table.c.id).limit(given("most", sa.BigInteger()))
        return Described(
            entity, reader, attributes_of(entity.model, seen, self.wanted), linking, render(page, app.dialect)
        )

    async def trails(self, described: Described) -> AsyncIterator[list[Trail]]:
        """Give the records of an entity with what happened to them, some hundred at a time."""
        database, after = self.service.database, FIRST
        parameters = self._kit.translation.parameters(self._context)
        while True:
            values = {**parameters, "after": after, "until": self._until, "most": BATCH}
            rows = await described.statement.fetch(database, values)
            if not rows:
                break
            records = await described.reader.records(database, rows, self._context)
            after = records[-1].id
            hidden = [described.reader.hidden(row) for row in rows]
            yield await self._trails(described, records, hidden)
            await asyncio.sleep(0)  # others get their turn
        if self.removed:
            async for trails in self._removed(described):
                yield trails

    async def _removed(self, described: Described) -> AsyncIterator[list[Trail]]:
        """Give the records of an entity that were removed, without values, links and texts."""
        name, after = described.entity.name, FIRST
        states = [one.model.field for one in described.entity.workflows if one.model.field in described.attributes]
        while True:
            values = {"entity": name, "after": after, "until": self._until, "most": BATCH}
            keys = [str(row[0]) for row in await self._gone.fetch(self.service.database, values)]
            if not keys:
                return
            after, rows = keys[-1], await self._entries(name, keys)
            if self.wanted.people == "names":
                await self._learn_names(described, (), [entry for found in rows.values() for entry in found])
            yield [self._steps_only(described, key, rows.get(key, ()), states) for key in keys]
            await asyncio.sleep(0)

    def _steps_only(
        self, described: Described, key: str, entries: Iterable[Mapping[str, Any]], states: Sequence[str]
    ) -> Trail:  # fmt: skip
        happened = []
        for entry in entries:
            what = entry["what"]
            given_now = {name: self._value(described, name, what[name][1]) for name in states if name in what}
            happened.append(replace(self._happening(entry, given_now, ()), comment=None))
        return Trail(described.entity.name, key, {}, (), tuple(happened))

    async def _trails(
        self, described: Described, records: Sequence[Record], hidden: Sequence[frozenset[str]]
    ) -> list[Trail]:  # fmt: skip
        rows = await self._entries(described.entity.name, [record.id for record in records])
        entries = [entry for found in rows.values() for entry in found]
        readable = await self._readable(described, entries)
        if self.wanted.people == "names":
            await self._learn_names(described, records, entries)
        return [
            self._trail(described, record, hides, rows.get(record.id, ()), readable)
            for record, hides in zip(records, hidden, strict=True)
        ]

    async def _entries(self, name: str, keys: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Return the history of records, the oldest first."""
        values = {"entity": name, "keys": keys_parameter(keys, self._kit.app.dialect), "until": self._until}
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in await self._history.fetch(self.service.database, values):
            entry = dict(zip(_COLUMNS, row, strict=True))
            self._kit.history.in_names_of_today(name, entry)
            rows.setdefault(entry["record"], []).append(entry)
        return rows

    def _trail(
        self, described: Described, record: Record, hides: frozenset[str], entries: Iterable[Mapping[str, Any]],
        readable: Mapping[str, set[str]],
    ) -> Trail:  # fmt: skip
        names = [name for name in described.attributes if name not in hides]
        linking = [name for name in described.linking if name not in hides]
        held: dict[str, tuple[Link, ...]] = {}
        happened = []
        for entry in entries:
            what = entry["what"]
            for name in linking:
                if name in what:
                    found = links_of(described.entity, name, what[name][1])
                    held[name] = tuple(link for link in found if link[2] in readable.get(link[1], ()))
            given_now = {name: self._value(described, name, what[name][1]) for name in names if name in what}
            happened.append(self._happening(entry, given_now, tuple(link for links in held.values() for link in links)))
        values = {name: self._plain(described, name, record.values.get(name)) for name in names}
        return Trail(
            described.entity.name, record.id, {name: value for name, value in values.items() if value is not None},
            tuple(link for links in held.values() for link in links), tuple(happened),
        )  # fmt: skip

    def _happening(
        self, entry: Mapping[str, Any], values: Mapping[str, Value | None], links: tuple[Link, ...]
    ) -> Happening:  # fmt: skip
        return Happening(
            entry["id"], activity_of(entry["kind"], entry["action"]), entry["kind"], entry["at"],
            self.person(entry["who"]), self.person(entry["for_whom"]), entry["origin"],
            entry["comment"] if self.wanted.texts else None, values, links,
        )  # fmt: skip

    # people -----------------------------------------------------------------------------------------------------------

    def person(self, user: str | None) -> str | None:
        """Return how a log calls a user: a pseudonym, the name, or nothing.

        A pseudonym is made with the installation's key: the same person has the same one in every log, and nobody gets
        from it to the account without that key.
        """
        if user is None or self.wanted.people == "none":
            return None
        if self.wanted.people == "names":
            return self._names.get(user, "?")
        secret = self._kit.keys.secret
        return "p-" + blake2b(user.encode(), key=secret[:64], digest_size=6, person=b"fw-events").hexdigest()

    async def _learn_names(
        self, described: Described, records: Iterable[Record], entries: Iterable[Mapping[str, Any]]
    ) -> None:  # fmt: skip
        users = [one for one in described.attributes if described.entity.model.fields[one].kind == "user"]
        wanted = {entry[name] for entry in entries for name in ("who", "for_whom")}
        wanted |= {getattr(record.values.get(name), "id", None) for record in records for name in users}
        wanted |= {entry["what"][name][1] for entry in entries for name in users if name in entry["what"]}
        missing = sorted(wanted - {None} - self._names.keys())
        if missing:
            keys = {"keys": keys_parameter(missing, self._kit.app.dialect)}
            self._names.update({row[0]: row[1] for row in await self._users.fetch(self.service.database, keys)})

    # values -----------------------------------------------------------------------------------------------------------

    async def _readable(self, described: Described, entries: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
        """Return, by entity, which of the records that were ever linked the person may read."""
        wanted: dict[str, set[str]] = {}
        for entry in entries:
            for name in described.linking:
                for _, entity, key in links_of(described.entity, name, entry["what"].get(name, (None, None))[1]):
                    wanted.setdefault(entity, set()).add(key)
        found: dict[str, set[str]] = {}
        for entity, keys in wanted.items():
            rights = self._kit.access.rights(self.who.roles, entity)
            if rights.may("read"):
                found[entity] = await self._kit.readable(
                    self.service.database, rights, self.who.roles, sorted(keys), self._context
                )
        return found

    def _value(self, described: Described, name: str, kept: object) -> Value | None:
        return self._plain(described, name, read_value(described.entity, name, kept))

    def _plain(self, described: Described, name: str, value: object) -> Value | None:
        if described.entity.model.fields[name].kind == "user":
            key = getattr(value, "id", value)
            return self.person(str(key)) if key else None
        found = plain(value, self._kit.app.calendar.timezone)
        return _of_sort(found, described.attributes[name])


def activity_of(kind: str, action: str | None) -> str:
    """Return what an entry of the history is called in a log: the step, else what was done."""
    return f"{action}.missed" if kind == "deadline" and action and "." not in action else action or kind


def links_of(entity: CompiledEntity, name: str, kept: object) -> list[Link]:
    """Return the records that a link of the history leads to."""
    one = entity.model.fields[name]
    if kept is None or not one.to:
        return []
    if one.kind == "links":
        return [(name, one.to[0], str(key)) for key in kept] if isinstance(kept, list) else []
    if isinstance(kept, list):
        return [(name, str(kept[0]), str(kept[1]))] if len(kept) == 2 else []
    return [(name, one.to[0], str(kept))]


def _of_sort(value: Value | None, sort: Sort) -> Value | None:
    """Return *value* if it is of its sort; what an older configuration kept in another kind is left out."""
    fits = {
        "string": isinstance(value, str), "time": isinstance(value, dt.datetime), "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "float": not isinstance(value, bool | str | dt.datetime),
    }  # fmt: skip
    if sort == "string" and value is not None and not isinstance(value, str):
        return str(value)
    return value if value is not None and fits[sort] else None
