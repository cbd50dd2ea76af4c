"""The service: the one way in and out of the records, for pages, API, import and command line alike.

Every call says who acts. Rights, rules, limits, workflow, history and effects are enforced here and nowhere else; one
call is one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, TypeVar, cast

from fachwerk.engine.access import ENGINE, Right
from fachwerk.engine.acting import Cases, actions_of
from fachwerk.engine.candidate import Candidate
from fachwerk.engine.change import open_rows, opened
from fachwerk.engine.compile import App, CompiledEntity
from fachwerk.engine.context import Context
from fachwerk.engine.database import Busy, Connection, Database, Outdated, StillLinked, TryAgain, Unique, in_transaction
from fachwerk.engine.deputies import in_person
from fachwerk.engine.encoding import Encoder
from fachwerk.engine.finding import Found
from fachwerk.engine.forming import Former
from fachwerk.engine.gathering import Gathered, gathered
from fachwerk.engine.history import PERIOD, about_in, read_value
from fachwerk.engine.keys import Keys
from fachwerk.engine.kit import Kit
from fachwerk.engine.overdue import Overdue
from fachwerk.engine.query import Query, read_fields, read_query
from fachwerk.engine.removing import Consequences, Remover
from fachwerk.engine.taken import taken
from fachwerk.engine.titles import Titles
from fachwerk.engine.values import (
    Event,
    FileInfo,
    FormState,
    Page,
    Person,
    Record,
    Reference,
    StoredFile,
    Values,
    nobody_there,
    unread,
    without,
)
from fachwerk.engine.voices import Voices
from fachwerk.engine.writing import Writer
from fachwerk.problems import Refused, Text
from fachwerk.schemas.kinds import Invalid
from fachwerk.schemas.kinds.links import identifier
from fachwerk.schemas.model import Period
from fachwerk.workflows.case import Action

T = TypeVar("T")


def utc_now() -> dt.datetime:
    """Return the present moment."""
    return dt.datetime.now(dt.UTC)


class Service:
    """Reads and writes the records of one app in one database."""

    def __init__(self, app: App, database: Database, keys: Keys, clock: Callable[[], dt.datetime] = utc_now) -> None:
        self.app = app
        self.database = database
        self.system = Person("", "Fachwerk", "", frozenset((ENGINE,)), app.project.languages[0])
        """The engine itself: may do everything, and is nobody in the history."""
        self.kit = Kit(app, keys, clock)
        self._titles = Titles(self.kit)
        self._cases = Cases(app, Voices(app, self._titles), self.kit.effects)
        self._writer = Writer(self.kit, self._cases, self.system)
        self._remover = Remover(self.kit, self._writer)
        self._former = Former(self.kit, self._writer, self._titles)
        self._overdue = Overdue(self.kit, self._writer, database)
        self._encoder = Encoder(self.kit)

    @property
    def writer(self) -> Writer:
        """What writes within a transaction that somebody else began (effects of the engine itself)."""
        return self._writer

    # writing ----------------------------------------------------------------------------------------------------------

    async def create(
        self, who: Person, entity: str, values: Values, *, unreadable: Mapping[str, Text] | None = None,
        origin: str = "page",
    ) -> Record:  # fmt: skip
        """Create a record; raises :class:`Refused` with everything that is wrong."""
        in_person(who)
        compiled = self._entity(entity)

        async def work(connection: Connection, alone: bool = False) -> Record:
            key = await self._writer.create(
                connection, who, compiled, values, unreadable=unreadable or {}, origin=origin, alone=alone
            )  # fmt: skip
            return await self._written(connection, who, compiled, key)

        return await self._write_alone(compiled, work)

    async def change(
        self, who: Person, entity: str, id: str, values: Values, *, version: int | None,
        unreadable: Mapping[str, Text] | None = None, origin: str = "page",
    ) -> Record:  # fmt: skip
        """Change fields of a record that was read at *version* (``None``: whatever it is now)."""
        in_person(who)
        compiled, key = self._entity(entity), _key(id)

        async def work(connection: Connection, alone: bool = False) -> Record:
            await self._writer.change(
                connection, who, compiled, key, values, version=version, unreadable=unreadable or {}, origin=origin,
                alone=alone,
            )  # fmt: skip
            return await self._written(connection, who, compiled, key)

        return await self._write_alone(compiled, work)

    async def act(
        self, who: Person, entity: str, id: str, action: str, *, values: Values | None = None,
        comment: str | None = None, version: int | None = None, origin: str = "page", period: Period | None = None,
        answer: bool = True,
    ) -> Record:  # fmt: skip
        """Take a step of a workflow: a transition, an opinion, or ``deadline.extend`` by *period*.

        Without *answer* the record is not read again for whoever asked: all that is returned of it is its id.
        """
        compiled, key = self._entity(entity), _key(id)
        version = await self._overdue.settle(compiled, key, version)

        async def work(connection: Connection) -> Record:
            await self.kit.deputies.check(connection, who, self.kit.clock())
            await self._writer.act(
                connection, who, compiled, key, action, values=values or {}, comment=comment, version=version,
                origin=origin, period=period,
            )  # fmt: skip
            return await self._written(connection, who, compiled, key) if answer else unread(entity, key)

        return await self._write(compiled, work)

    async def remove(
        self, who: Person, entity: str, id: str, *, version: int | None = None, origin: str = "page"
    ) -> None:
        """Remove a record with its rows; links of others are refused, emptied or followed, as their fields say."""
        in_person(who)
        compiled, key = self._entity(entity), _key(id)

        async def work(connection: Connection) -> None:
            await self._remover.remove(connection, who, entity, key, version, origin)

        await self._write(compiled, work)

    async def _write_alone(
        self, entity: CompiledEntity, work: Callable[[Connection, bool], Awaitable[Record]]
    ) -> Record:
        """Write without a transaction where one statement is all; in one where that is not so, or was too late."""

        async def whole(connection: Connection) -> Record:
            return await work(connection, False)

        async def quickly() -> Record:
            try:
                return await work(self.database, True)
            except TryAgain:
                return await in_transaction(self.database, whole)

        if self._writer.stands_alone(entity):
            return await self._said(entity, quickly())
        return await self._write(entity, whole)

    async def _write(self, entity: CompiledEntity, work: Callable[[Connection], Awaitable[T]]) -> T:
        return await self._said(entity, in_transaction(self.database, work))

    async def _said(self, entity: CompiledEntity, writing: Awaitable[T]) -> T:
        """Wait for a write, and say what the database has against it."""
        try:
            return await writing
        except Unique as error:
            raise taken(self.app, entity, error) from None
        except StillLinked:
            raise Refused(
                "still_linked",
                {"en": "Other records are linked with this one.", "de": "Andere Einträge sind damit verknüpft."},
                status=409,
            ) from None
        except Busy:
            raise Refused(
                "busy",
                {"en": "The database is busy. Try again.", "de": "Die Datenbank ist ausgelastet. Bitte noch einmal."},
                status=503,
            ) from None

    async def _written(self, connection: Connection, who: Person, entity: CompiledEntity, key: str) -> Record:
        """Return what *who* may see of a record just written; only its id where they may not read it."""
        if who.deputy is not None:
            return unread(entity.name, key)
        try:
            return await self._read(connection, who, entity, key)
        except Outdated:
            # A write of one statement is done for good: it must not be done again by the new version.
            if connection is not self.database:
                raise
            return unread(entity.name, key)
        except Refused:
            return unread(entity.name, key)

    # reading ----------------------------------------------------------------------------------------------------------

    async def read(self, who: Person, entity: str, id: str) -> Record:
        """Return a record with its rows and many links; 404 for one that is not there or may not be seen."""
        compiled, key = self._entity(entity), _key(id)
        await self._waiting(who, compiled, key)
        return await self._read(self.database, who, compiled, key)

    async def _waiting(self, who: Person, entity: CompiledEntity, key: str) -> None:
        """Raise 404 where a deputy asks for what does not wait for the absent person."""
        if who.deputy is not None:
            await self.actions(who, entity.name, key)

    async def _read(self, connection: Connection, who: Person, entity: CompiledEntity, key: str) -> Record:
        rights = self.kit.access.rights(who.roles, entity.name)
        if not rights.may("read"):
            raise nobody_there()
        context = self.kit.context(who)
        found = await self._encoder.one(connection, who.roles, entity.name, key, context)
        if found is None:
            raise nobody_there()
        record, hidden = found
        if not entity.lists and not entity.secrets:
            return record
        store = self.kit.stores[entity.name]
        lists = [name for name in entity.lists if rights.sees(name) and name not in hidden]
        values = {name: await store.read_list(connection, name, key) for name in lists}
        shown = await self._titles.shown(connection, who.roles, entity, values, context)
        for name in entity.secrets & record.values.keys():
            shown[name] = opened(self.kit, entity.name, key, name, record.values[name])
        for name in lists:
            if name in entity.rows and entity.rows[name].secrets:
                open_rows(self.kit, entity.rows[name], shown[name])
        return replace(record, values={**record.values, **shown})

    async def find(self, who: Person, entity: str, query: Query, *, only: frozenset[str] | None = None) -> Page:
        """Return a page of a list, the records with *only* these fields; rows and many links are left out."""
        in_person(who)
        compiled = self._entity(entity)
        if not self.kit.access.rights(who.roles, entity).may("read"):
            return Page((), count=0 if query.count else None)
        context = self.kit.context(who)
        finder = self.kit.finder(who.roles, entity, only)
        found = await finder.find(self.database, query, self.kit.translation.parameters(context))
        records = await finder.reader.records(self.database, found.rows, context)
        if compiled.secrets:
            records = [without(record, compiled.secrets) for record in records]
        return Page(tuple(records), found.next, found.previous, found.count, found.capped)

    async def read_encoded(self, who: Person, entity: str, id: str) -> tuple[bytes, int]:
        """Return a record as the JSON of the API, and its version."""
        compiled = self._entity(entity)
        if self._encoder.is_plain(compiled) and who.deputy is None:
            rights = self.kit.access.rights(who.roles, entity)
            found = None
            if rights.may("read"):
                found = await self._encoder.one_encoded(self.database, who, entity, _key(id), self.kit.context(who))
            if found is None:
                raise nobody_there()
            return found
        record = await self.read(who, entity, id)
        return self._encoder.record(compiled, record), record.version

    def encoded(self, record: Record) -> bytes:
        """Return a record that a call of the service gave as the JSON of the API."""
        return self._encoder.record(self._entity(record.entity), record)

    async def find_encoded(self, who: Person, entity: str, pairs: Iterable[tuple[str, str]]) -> bytes:
        """Return a page of a list as the JSON of the API; *pairs* are those of the address."""
        in_person(who)
        compiled = self._entity(entity)
        given = tuple(pairs)
        query = read_query(self.app, entity, given, who.language)
        only = read_fields(compiled.model, given, self.kit.access.rights(who.roles, entity).hidden)
        if not self.kit.access.rights(who.roles, entity).may("read"):
            return self._encoder.page([], Found((), None, None, 0 if query.count else None, False))
        context = self.kit.context(who)
        finder = self.kit.finder(who.roles, entity)
        found = await finder.find(self.database, query, self.kit.translation.parameters(context))
        data = await self._encoder.rows(self.database, finder.reader, found.rows, context)
        return self._encoder.page(data, found, only)

    async def history(self, who: Person, entity: str, id: str) -> tuple[Event, ...]:
        """Return what happened to a record, the oldest first, with the fields that *who* may see of it now."""
        compiled, key = self._entity(entity), _key(id)
        await self._waiting(who, compiled, key)
        context = self.kit.context(who)
        rights = self.kit.access.rights(who.roles, entity)
        found = await self._encoder.one(self.database, who.roles, entity, key, context) if rights.may("read") else None
        if found is None:
            raise nobody_there()
        _, hidden = found
        seen = {name for name in compiled.model.fields if rights.sees(name) and name not in hidden}
        entries = await self.kit.history.read(self.database, entity, key)
        people = [("user", entry[name]) for entry in entries for name in ("who", "for_whom") if entry[name]]
        people += [pair for entry in entries if (pair := about_in(entry["what"])) is not None]
        users = await self._titles.of(self.database, who.roles, people, context)
        events = []
        changed = await self._changes(who, compiled, [entry["what"] for entry in entries], seen, context)
        for entry, changes in zip(entries, changed, strict=True):
            by, instead_of = users.get(("user", entry["who"])), users.get(("user", entry["for_whom"]))
            comment = entry["comment"] if changes or entry["kind"] != "document" else None
            about, period = users.get(about_in(entry["what"]) or ("", "")), str(entry["what"].get(PERIOD) or "")
            one = (entry["version"], entry["kind"], entry["at"], by, instead_of, entry["origin"], entry["action"])
            events.append(Event(*one, comment, changes, about, period))
        return tuple(events)

    async def _changes(
        self, who: Person, entity: CompiledEntity, whats: list[Mapping[str, Any]], seen: set[str], context: Context
    ) -> list[dict[str, tuple[object, object]]]:
        fields = [name for name in entity.model.fields if name in seen]
        values = [
            {name: read_value(entity, name, what[name][side]) for name in fields if name in what}
            for what in whats for side in (0, 1)
        ]  # fmt: skip
        shown = await self._titles.all_shown(self.database, who.roles, entity, values, context)
        return [{name: (old[name], new[name]) for name in old} for old, new in zip(*[iter(shown)] * 2, strict=True)]

    async def download(self, who: Person, entity: str, id: str, field: str, file_id: str) -> StoredFile:
        """Return a file of a record; *field* may be ``rows.field`` for files in rows."""
        record = await self.read(who, entity, id)
        name, _, inner = field.partition(".")
        value = record.values.get(name)
        holders = [row.get(inner) for row in value] if inner and isinstance(value, list) else [value]
        for holder in holders:
            for info in holder if isinstance(holder, tuple) else ():
                if isinstance(info, FileInfo) and info.id == file_id:
                    content = await self.kit.files.content(self.database, info.hash)
                    if content is not None:
                        return StoredFile(info, content)
        raise nobody_there()

    async def at_once(self, works: Iterable[Callable[[Service], Coroutine[Any, Any, T]]]) -> list[T]:
        """Return what *works*, which read through the service that they are given, find out at the same moment.

        Each is done as if it were alone; what they ask of the database is asked for all of them together.
        """
        service, now = copy(self), self.kit.clock()
        service.kit, service.database = copy(self.kit), cast(Database, Gathered())
        service.kit.clock = lambda: now
        return await gathered(self.database, self.app.dialect, [work(service) for work in works])

    # forms and actions ------------------------------------------------------------------------------------------------

    async def form(
        self, who: Person, entity: str, id: str | None, values: Values, *, action: str | None = None
    ) -> FormState:
        """Return a form (of *action*'s fields, if given) with *values* filled in so far."""
        compiled = self._entity(entity)
        key = None if id is None else _key(id)
        if action is None or key is None:
            in_person(who)
        else:
            await self._waiting(who, compiled, key)
        return await self._former.form(self.database, who, compiled, key, values, action)

    async def candidates(
        self, who: Person, entity: str, field: str, search: str, values: Values
    ) -> tuple[Reference, ...]:
        """Return records that a link may lead to; *field* is ``rows.2.field`` for a link in rows."""
        return await self._former.candidates(self.database, who, self._entity(entity), field, search, values)

    async def actions(self, who: Person, entity: str, id: str) -> tuple[Action, ...]:
        """Return what can be done with a record by its workflows, also what is not possible now, with the reasons."""
        compiled, key = self._entity(entity), _key(id)
        await self.kit.deputies.check(self.database, who, self.kit.clock())
        found: tuple[Action, ...] = ()
        if compiled.workflows:
            candidate = await self._loaded(who, compiled, key, ())
            found = await actions_of(self.kit, self._cases, self.database, candidate, who)
        if who.deputy is not None and not any(action.waits for action in found):
            raise nobody_there()
        return found

    async def loaded(self, who: Person, entity: str, id: str) -> Candidate:
        """Return a record that *who* may read, as the rules of its writes see it."""
        return await self._loaded(who, self._entity(entity), _key(id), ())

    async def possible(self, who: Person, entity: str, id: str) -> frozenset[Right]:
        """Return which of ``update`` and ``delete`` *who* has on a record."""
        if who.deputy is not None:
            return frozenset()
        rights: tuple[Right, ...] = ("update", "delete")
        candidate = await self._loaded(who, self._entity(entity), _key(id), rights)
        found = self.kit.access.rights(who.roles, entity)
        return frozenset(right for right in rights if found.holding(right, candidate.record, candidate.context))

    async def hidden(self, who: Person, entity: str, id: str) -> frozenset[str]:
        """Return the fields of a record that are not there just now, because their ``visible`` does not hold."""
        await self._waiting(who, self._entity(entity), _key(id))
        return await self._former.hidden(self.database, who, self._entity(entity), _key(id))

    async def consequences(self, who: Person, entity: str, id: str) -> Consequences:
        """Return what removing a record would mean, as far as *who* may know."""
        in_person(who)
        key = (await self.read(who, entity, id)).id
        blockers, texts = await self._remover.consequences(self.database, who, entity, key)
        context = self.kit.context(who)
        pairs = [(other, one) for other, ids in blockers for one in ids]
        titles = await self._titles.of(self.database, who.roles, pairs, context)
        seen = tuple(reference for reference in titles.values() if reference.title)
        hidden = len(pairs) - len(seen)
        if hidden:
            texts.append({"en": "Other records lead to it.", "de": "Andere Einträge verweisen darauf."})
        return Consequences(seen, tuple(texts))

    async def _loaded(
        self, who: Person, entity: CompiledEntity, key: str, rights: tuple[Right, ...]
    ) -> Candidate:  # fmt: skip
        """Return a record that *who* may read, in the shape of its rules."""
        context = self.kit.context(who)
        found = self.kit.access.rights(who.roles, entity.name)
        readable = found.may("read") and await self.kit.readable(self.database, found, who.roles, [key], context)
        needs = self._writer.needs_of(entity, who.roles, rights)
        names = [name for name in entity.lists if name in needs.record]
        before = await self.kit.stores[entity.name].read(self.database, key, lists=names) if readable else None
        if before is None:
            raise nobody_there()
        await self.kit.mine.load(self.database, context, who, needs.mine)
        candidate = Candidate(
            self.app, entity, self.database, context, id=key, values=before, shape=needs.record, exists=True
        )
        return await candidate.load()

    def _entity(self, name: str) -> CompiledEntity:
        found = self.app.entities.get(name)
        if found is None:
            raise nobody_there()
        return found


def _key(text: str) -> str:
    """Return an id in its one form; what is no id is no record."""
    try:
        return identifier(text)
    except Invalid:
        raise nobody_there() from None
