"""One write in progress: the candidate, what is wrong with it, and the way into the database.

Creating, changing and acting differ in how the candidate comes about; from there on they are the same, here: judged by
all rules, then written with rows, links, roll-ups elsewhere, history and effects in one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fachwerk.engine import judging
from fachwerk.engine.access import Rights
from fachwerk.engine.candidate import Candidate
from fachwerk.engine.compile import CompiledEntity
from fachwerk.engine.context import Context
from fachwerk.engine.convert import FILES, empty
from fachwerk.engine.database import Connection, TryAgain
from fachwerk.engine.history import DROPPED, EACH, PERIOD, changes, write_value
from fachwerk.engine.keys import new_id
from fachwerk.engine.kit import Kit
from fachwerk.engine.linking import Linking
from fachwerk.engine.trees import place_in_tree
from fachwerk.engine.triggers import Affected
from fachwerk.engine.values import FileInfo, FileUpload, Person
from fachwerk.problems import Refused, Text
from fachwerk.schemas.tables import CONFIG

INVALID: Text = {
    "en": "The record was not saved: please look at the marked fields.",
    "de": "Nicht gespeichert: bitte die markierten Felder ansehen.",
}


class Change:
    """A write of one record; *who* is ``None`` for the engine itself."""

    def __init__(
        self, kit: Kit, connection: Connection, who: Person | None, entity: CompiledEntity, rights: Rights,
        context: Context, origin: str,
    ) -> None:  # fmt: skip
        self.kit = kit
        self.connection = connection
        self.who = who
        self.entity = entity
        self.rights = rights
        self.context = context
        self.origin = origin
        self.store = kit.stores[entity.name]
        self.before: dict[str, Any] = {}
        self.alone = False
        """Whether this write is one statement without a transaction around it."""
        self.errors: dict[str, Text] = {}
        self.dropped: dict[str, object] = {}
        self.uploads: list[tuple[FileUpload, FileInfo]] = []
        self.steps: list[tuple[str, str, str, str | None]] = []
        """Workflow steps taken: (state field, action, state, who)."""
        self.later: list[Any] = []
        """What is to be done once the record is written."""
        self.period = ""
        """By how much a deadline was extended, as the language writes it."""
        self.about: list[str] = []
        """The (entity, id) of the record that an opinion is about."""
        self.waiting: Affected = {}
        """Cases elsewhere that may go on by themselves because of this write."""
        self.round = 0
        """How many cases went on by themselves one because of the other until this write."""
        self.candidate: Candidate

    @property
    def now(self) -> dt.datetime:
        """The moment of the write."""
        return self.context.now

    @property
    def user(self) -> str | None:
        """The id of whoever really acts."""
        who = self.who.deputy or self.who if self.who is not None else None
        return who.id if who is not None and who.id else None

    @property
    def me(self) -> str | None:
        """The id of the person that rules call ``me``: an absent one, where a deputy acts."""
        return self.who.id if self.who is not None and self.who.id else None

    @property
    def for_whom(self) -> str | None:
        """The id of the absent person for whom a deputy acts."""
        return self.me if self.who is not None and self.who.deputy is not None else None

    @property
    def depth(self) -> int:
        """How many effects led to this write: 0 for what a person does, then ``effect:1``, ``effect:2``, ..."""
        word, _, number = self.origin.partition(":")
        return int(number) if word == "effect" and number.isdigit() else 0

    # values -----------------------------------------------------------------------------------------------------------

    def accept(self, values: Mapping[str, object], allowed: Iterable[str]) -> dict[str, object]:
        """Return *values* as the kinds keep them; fields that cannot be written are mistakes."""
        names = set(allowed)
        for name in values:
            if name not in names:
                self.errors.setdefault(name, self._not_writable(name))
        sent = {k: v for k, v in values.items() if k in names}
        given = judging.accepted(self.entity, sent, self.errors, before=self.before)
        for name in given:
            if self.entity.model.fields[name].kind in FILES:
                given[name] = self._files(name, given[name])
        for name in self.entity.rows.keys() & given.keys():
            self._row_files(name, given[name])
            given[name] = self._completed(name, given[name])
        return given

    def _completed(self, name: str, rows: Any) -> list[dict[str, Any]]:
        """Return rows with the values that stand where nothing was sent; a field not sent stays as it is."""
        known = {row["id"]: row for row in self.before.get(name) or ()}
        return [{**known.get(row.get("id"), {}), **row} for row in rows]

    def _not_writable(self, name: str) -> Text:
        if name in self.entity.model.fields and self.rights.sees(name):
            return {"en": "This field cannot be changed here.", "de": "Dieses Feld lässt sich hier nicht ändern."}
        return {"en": "There is no such field.", "de": "Ein solches Feld gibt es nicht."}

    def _files(self, name: str, value: Any, known: Any = None) -> Any:
        there = {info.id: info for info in (self.before.get(name) if known is None else known) or ()}
        found: list[FileInfo] = []
        for item in value or ():
            info: FileInfo | None
            if isinstance(item, FileUpload):
                info = self._upload(item)
            else:
                info = there.get(item if isinstance(item, str) else item.id)
            if info is None:
                self.errors[name] = {"en": "This file is not there any more.", "de": "Diese Datei gibt es nicht mehr."}
            else:
                found.append(info)
        return tuple(found) or None

    def _upload(self, upload: FileUpload) -> FileInfo:
        info = self.kit.files.described(upload)
        self.uploads.append((upload, info))
        return info

    def _row_files(self, name: str, rows: Any) -> None:
        inner = self.entity.rows[name]
        known = {row["id"]: row for row in self.before.get(name) or ()}
        for number, row in enumerate(rows):
            for key in row.keys() & inner.handlers.keys():
                if inner.model.fields[key].kind in FILES:
                    there = known.get(row.get("id"), {}).get(key) or ()
                    row[key] = self._files(f"{name}.{number}.{key}", row[key], there)

    # judging ----------------------------------------------------------------------------------------------------------

    async def judge(self, changed: frozenset[str], may_write: frozenset[str] | None) -> None:
        """Judge the candidate by everything that does not need it written; raise all that is wrong at once."""
        candidate = self.candidate
        await judging.hide(candidate, self.dropped)
        judging.judge(
            candidate, self.errors, changed=changed, required_by_state=self._required_by_state(), may_write=may_write
        )
        await Linking(self).check(changed)
        judging.run_checks(candidate, self.errors)
        self.refuse()

    def refuse(self) -> None:
        """Raise what was found wrong."""
        if self.errors:
            raise Refused("invalid", INVALID, fields=self.errors)

    def _required_by_state(self) -> list[str]:
        values = self.candidate.values
        states = [w.model.states.get(str(values.get(w.model.field))) for w in self.entity.flows(values)]
        return [name for state in states if state is not None for name in state.required]

    # writing ----------------------------------------------------------------------------------------------------------

    async def write(self, kind: str, *, comment: str | None = None, action: str | None = None) -> bool:
        """Write the candidate with all that hangs on it; return whether there was anything to write."""
        candidate, new = self.candidate, not self.candidate.exists
        after = self._with_row_ids(candidate.stored())
        found = changes(self.entity, self.before, after)
        if not new and not found and not self.steps and not self.dropped:
            return False
        changed = [name for name in after if name not in self.before or self.before[name] != after[name]]
        triggers = self.kit.rollups.touched(self.entity.name, None if new else changed)
        affected: Affected = {}
        if triggers and not new:
            await self.kit.rollups.collect(self.connection, triggers, [candidate.id], affected)
        parents = self.kit.parents.touched(self.entity.name, None if new else changed)
        if parents and not new:
            await self.kit.parents.collect(self.connection, parents, [candidate.id], self.waiting)
        asked, leaving = self.kit.asked.touched(self.entity.name, None if new else changed), Affected()
        if asked and not new:
            await self.kit.asked.collect(self.connection, asked, [candidate.id], leaving)
        await self._lock_for_checks()
        self._seal(after, changed)
        version = 1 if new else self.before["version"] + 1
        entries = list(self._entries(kind, found, version, comment, action))
        await self._write_record(after, changed, version, entries)
        if triggers:
            await self.kit.rollups.collect(self.connection, triggers, [candidate.id], affected)
            await self.kit.rollups.settle(self.connection, affected, self.context)
        if parents:
            await self.kit.parents.collect(self.connection, parents, [candidate.id], self.waiting)
        if asked:
            await self.kit.asked.collect(self.connection, asked, [candidate.id], leaving)
            await self.kit.asked.note(self.connection, self.kit.effects, leaving, self.now)
        await self._check_across()
        for entry in entries:
            await self.kit.history.insert.fetch(self.connection, entry)
        for later in self.later:
            await later()
        await self._tell_automations(new)
        return True

    async def _tell_automations(self, new: bool) -> None:
        events = ("created" if new else "changed", *(step[1] for step in self.steps))
        await self.kit.events.happened(
            self.connection, self.entity.name, self.candidate.id, events, now=self.now, depth=self.depth, user=self.me
        )

    async def write_or_note(self, kind: str, *, action: str) -> None:
        """Write the candidate; where nothing of it changed, only note in the history what happened."""
        if await self.write(kind, action=action):
            return
        for entry in self._entries(kind, {}, self.before["version"], None, action):
            await self.kit.history.insert.fetch(self.connection, entry)
        for later in self.later:
            await later()

    def _with_row_ids(self, values: dict[str, Any]) -> dict[str, Any]:
        for name in self.entity.rows.keys() & values.keys():
            known = {row["id"] for row in self.before.get(name) or ()}
            for row in values[name]:
                if row.get("id") not in known:
                    row["id"] = new_id()
        return values

    def _seal(self, values: dict[str, Any], changed: list[str]) -> None:
        """Encrypt the secrets that are new, those in rows, too."""
        for name in self.entity.secrets & set(changed):
            if values[name] is not None:
                values[name] = self.kit.keys.encrypt(values[name], place_of(self.entity.name, self.candidate.id, name))
        for rows in self.entity.rows.keys() & set(changed):
            inner = self.entity.rows[rows]
            known = {row["id"]: row for row in self.before.get(rows) or ()}
            for row in values[rows]:
                for name in inner.secrets:
                    if row.get(name) is not None and row[name] != known.get(row["id"], {}).get(name):
                        row[name] = self.kit.keys.encrypt(row[name], place_of(inner.name, row["id"], name))

    async def _write_record(
        self, values: dict[str, Any], changed: list[str], version: int, entries: list[dict[str, object]]
    ) -> None:
        """Write the record with its rows and links; takes the first of *entries* along where one statement can."""
        candidate, key = self.candidate, self.candidate.id
        entry = entries.pop(0) if self.kit.app.dialect == "postgresql" else None
        for upload, info in self.uploads:
            await self.kit.files.store(self.connection, upload, info, self.now)
        stamp = {"version": version, "changed": self.now, "changed_by": self.user, CONFIG: self.kit.app.number}
        if not candidate.exists:
            stamp |= {"id": key, "created": self.now, "created_by": self.user}
            if self.entity.tree:
                stamp["_path"] = await place_in_tree(self, values.get(self.entity.tree))
            await self.store.insert(self.connection, {**values, **stamp}, entry)
        elif self.alone and entry is not None:
            values = {name: values[name] for name in changed}
            seen = self.before["version"]
            if not await self.store.update_seen(self.connection, key, {**values, **stamp}, entry, seen):
                raise TryAgain
        else:
            if self.entity.tree in changed:
                await place_in_tree(self, values.get(self.entity.tree or ""))
            plain = {name: values[name] for name in changed if name not in self.entity.lists}
            await self.store.update(self.connection, key, {**plain, **stamp}, entry)
        for name in self.entity.lists:
            if name in self.entity.rows and name in values:
                await self.store.write_rows(self.connection, name, key, self.before.get(name) or (), values[name])
            elif candidate.exists and name in changed:
                await self.store.update_links(self.connection, key, name, self.before.get(name), values[name])

    async def _lock_for_checks(self) -> None:
        """Keep others from the records over which a check reaches, so that two writers cannot break it together."""
        if self.kit.app.dialect == "sqlite":
            return
        for name in sorted({name for check in self.entity.checks if check.across for name in check.locks}):
            field = self.entity.model.fields[name]
            value = self.candidate.values.get(name)
            if value is not None and field.kind != "user":
                target, key = value if isinstance(value, tuple) else (field.to[0], value)
                await self.kit.rollups.lock(self.connection, target, [key])

    async def _check_across(self) -> None:
        across = [check for check in self.entity.checks if check.across]
        if not across:
            return
        loader = self.kit.app.loader
        for check in across:
            asked = [check.asked, *(p for parts in check.message.values() for p in parts if not isinstance(p, str))]
            shape = judging.shape_of_asked(asked)
            found = await loader.by_ids(self.connection, self.entity.name, shape, [self.candidate.id], self.context)
            record = found[self.candidate.id]
            if judging.is_broken(check, record, self.context):
                judging.put(self.errors, check.check.on or "", judging.message_over(check, record, self.context))
        self.refuse()

    def _entries(
        self, kind: str, found: dict[str, list[object]], version: int, comment: str | None, action: str | None
    ) -> Iterator[dict[str, object]]:
        """Give the entries of the history: one for the write, one for each step that followed by itself."""
        what: dict[str, object] = dict(found)
        if self.dropped:
            what[DROPPED] = {name: self._dropped_value(name, value) for name, value in self.dropped.items()}
        if self.about:
            what[EACH] = self.about
        if self.period:
            what[PERIOD] = self.period
        history, extra = self.kit.history, self.steps[1:]
        state = self.steps[0][2] if self.steps else None
        if self.steps and action not in (None, self.steps[0][1]):
            # a deadline was missed, and transitions followed: the event stands before them
            field, extra = self.steps[0][0], self.steps
            state = self.before.get(field)
            what.pop(field, None)
        elif self.steps:
            field, name, _, _ = self.steps[0]
            action = action or name
            if field in found and extra:
                what[field] = [found[field][0], state]
                if found[field][0] == state:
                    del what[field]  # an opinion, and what followed
        states = {self.steps[0][0]: state} if self.steps else {}
        for field in {step[0] for step in extra} - set(states):
            what.pop(field, None)  # the steps of another workflow say so themselves
        common: dict[str, Any] = {"at": self.now, "origin": self.origin}
        yield history.row(
            self.entity.name, self.candidate.id, version, who=self.user, kind=kind, what=what, comment=comment,
            action=action, for_whom=self.for_whom, **common,
        )  # fmt: skip
        for field, name, target, by in extra:
            before = states.get(field, self.before.get(field))
            yield history.row(
                self.entity.name, self.candidate.id, version, who=by, kind="transition",
                what={field: [before, target]}, action=name, **common,
            )  # fmt: skip
            states[field] = target

    def _dropped_value(self, name: str, value: object) -> object:
        field = self.entity.model.fields.get(name)
        if field is not None:
            return write_value(self.entity, field, value)
        rows, _, inner = name.split(".", 2) if name.count(".") == 2 else ("", "", "")
        entity = self.entity.rows.get(rows)
        return write_value(entity, entity.model.fields[inner], value) if entity is not None else None


def place_of(entity: str, key: str, name: str) -> str:
    """Return the place that a secret is encrypted for."""
    return f"{entity}/{key}/{name}"


def opened(kit: Kit, entity: str, key: str, name: str, value: object) -> str | None:
    """Return a secret as text; one from before a renaming is encrypted for the former place."""
    if value is None:
        return None
    places = ((entity, name), *kit.app.project.former.get((entity, name), ()))
    texts = (kit.keys.decrypt(str(value), place_of(one, key, field)) for one, field in places)
    return next((text for text in texts if text is not None), None)


def open_rows(kit: Kit, entity: CompiledEntity, rows: list[dict[str, object]]) -> None:
    """Put the texts of secrets into rows that were read."""
    for row in rows:
        for name in entity.secrets & row.keys():
            row[name] = opened(kit, entity.name, str(row["id"]), name, row[name])


def is_same(before: Any, after: Any) -> bool:
    """Return whether two values of a field are the same to people."""
    return before == after or (empty(before) and empty(after))
