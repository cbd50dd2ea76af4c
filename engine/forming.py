"""Forming: a form as the rules see it while somebody fills it in, and the records that a link may lead to.

Nothing is written and nothing refused here; the same candidate and the same rules as in a write give visible, required,
read-only, options, computed values and what is wrong so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from fachwerk.engine import judging
from fachwerk.engine.access import Right, Rights
from fachwerk.engine.candidate import Candidate
from fachwerk.engine.compile import Asked, CompiledEntity
from fachwerk.engine.context import Context
from fachwerk.engine.convert import FILES
from fachwerk.engine.database import Connection
from fachwerk.engine.finding import Finder
from fachwerk.engine.keys import new_id
from fachwerk.engine.kit import Kit
from fachwerk.engine.openness import forbidden, open_in_state
from fachwerk.engine.query import Query
from fachwerk.engine.reading import title_of
from fachwerk.engine.shapes import all_needs, merged
from fachwerk.engine.statements import given, render
from fachwerk.engine.titles import Titles
from fachwerk.engine.values import FieldState, FileInfo, FileUpload, FormState, Person, Reference, nobody_there
from fachwerk.engine.writing import Writer
from fachwerk.problems import Text
from fachwerk.schemas.model import Field

MOST_CANDIDATES = 20
_LOOKED_AT = 200
_PAGES = 5


class Former:
    """Makes the states of forms."""

    def __init__(self, kit: Kit, writer: Writer, titles: Titles) -> None:
        self._kit = kit
        self._writer = writer
        self._titles = titles
        users = kit.app.tables.metadata.tables["fw_user"]
        wanted = users.c.name.ilike(given("q", sa.Text()), escape="\\")
        active = users.c.active == (sa.true() if kit.app.dialect == "postgresql" else 1)
        select = sa.select(users.c.id, users.c.name).where(wanted, active).order_by(users.c.name, users.c.id)
        self._users = render(select.limit(MOST_CANDIDATES), kit.app.dialect)

    async def form(
        self, connection: Connection, who: Person, entity: CompiledEntity, key: str | None,
        values: Mapping[str, object], action: str | None = None,
    ) -> FormState:  # fmt: skip
        """Return the form of a record (of a new one without *key*) with *values* filled in so far."""
        errors: dict[str, Text] = {}
        rights = self._kit.access.rights(who.roles, entity.name)
        candidate = await self._candidate(connection, who, entity, key, rights)
        allowed = self._allowed(who, rights, candidate, action)
        known = {name: value for name, value in values.items() if name in allowed}
        sent = judging.accepted(entity, known, errors, before=candidate.values)
        for name, value in sent.items():
            await candidate.put(name, self._without_uploads(candidate, name, value))
        if key is None:
            await judging.fill_defaults(candidate, values)
        await judging.hide(candidate, {})
        judging.judge(candidate, errors, changed=frozenset(candidate.values))
        judging.run_checks(candidate, errors)
        states = self._states(candidate, rights, allowed)
        shown = {name: value for name, value in candidate.values.items() if name in states}
        shown |= {name: [row.row_values() for row in rows] for name, rows in candidate.rows.items() if name in states}
        shown = await self._titles.shown(connection, who.roles, entity, shown, candidate.context)
        version = candidate.values.get("version") if key is not None else None
        title = title_of(entity, candidate.record, candidate.context) if key is not None else ""
        errors = {name: text for name, text in errors.items() if name.split(".")[0] in states or not name}
        return FormState(version, title, shown, states, errors)

    async def hidden(self, connection: Connection, who: Person, entity: CompiledEntity, key: str) -> frozenset[str]:
        """Return the fields of a record whose condition for being there does not hold."""
        if not entity.visible:
            return frozenset()
        rights = self._kit.access.rights(who.roles, entity.name)
        candidate = await self._candidate(connection, who, entity, key, rights)
        candidate.compute()
        return frozenset(judging.hidden_fields(candidate))

    async def _candidate(
        self, connection: Connection, who: Person, entity: CompiledEntity, key: str | None, rights: Rights
    ) -> Candidate:
        context = self._kit.context(who)
        needed = all_needs([entity.needs_form, rights.needs("create" if key is None else "update")])
        await self._kit.mine.load(connection, context, who, needed.mine)
        title = entity.title.needs.record if entity.title is not None else {}
        if key is None:
            before: dict[str, Any] = {
                f.name: judging.none_of(f) for f in entity.model.fields.values() if f.kind != "back_links"
            }
            before |= entity.begun()
        else:
            before = await self._existing(connection, who, entity, key, rights, context)
        candidate = Candidate(
            self._kit.app, entity, connection, context, id=key or new_id(), values=before,
            shape=merged(needed.record, title), exists=key is not None, computed=entity.computed,
        )  # fmt: skip
        return await candidate.load()

    async def _existing(
        self, connection: Connection, who: Person, entity: CompiledEntity, key: str, rights: Rights, context: Context
    ) -> dict[str, Any]:
        readable = rights.may("read") and await self._kit.readable(connection, rights, who.roles, [key], context)
        before = await self._kit.stores[entity.name].read(connection, key) if readable else None
        if before is None:
            raise nobody_there()
        for name in entity.secrets:
            before[name] = None
        return before

    def _allowed(self, who: Person, rights: Rights, candidate: Candidate, action: str | None) -> frozenset[str]:
        entity = candidate.entity
        if action is not None:
            flows = [w for w in entity.flows(candidate.values) if action in w.model.transitions]
            fields = [f for w in flows for f in self._of_step(w, action)]
            return frozenset(fields)
        right: Right = "update" if candidate.exists else "create"
        ways = rights.holding(right, candidate.record, candidate.context)
        if not ways and candidate.exists:
            raise forbidden("update")
        # A new record may come to fulfil the rule only when it is filled in.
        ways = ways or rights.ways["create"]
        if not ways:
            raise forbidden("create")
        writable = frozenset(entity.writable)
        fields_open = frozenset().union(*(writable - way.hide - way.read_only for way in ways))
        return fields_open & open_in_state(entity, candidate.values) if candidate.exists else fields_open

    def _of_step(self, workflow: Any, action: str) -> tuple[str, ...]:
        transition = workflow.model.transitions[action]
        return (*transition.require, *transition.fill)

    def _without_uploads(self, candidate: Candidate, name: str, value: Any) -> Any:
        """Return files as the record would hold them; nothing is stored."""
        if name in candidate.entity.rows:
            inner = candidate.entity.rows[name]
            return [{k: self._files(None, v) if k in inner.handlers else v for k, v in row.items()} for row in value]
        if candidate.entity.model.fields[name].kind not in FILES:
            return value
        return self._files(candidate.values.get(name), value)

    def _files(self, before: Any, value: Any) -> Any:
        if not isinstance(value, tuple) or not any(isinstance(item, FileUpload | FileInfo) for item in value):
            known = {info.id: info for info in before or () if isinstance(info, FileInfo)}
            return tuple(known[k] for k in value if k in known) if known and isinstance(value, tuple) else value
        known = {info.id: info for info in before or () if isinstance(info, FileInfo)}
        found = []
        for item in value:
            if isinstance(item, FileUpload):
                found.append(self._kit.files.described(item))
            elif isinstance(item, FileInfo):
                found.append(item)
            elif item in known:
                found.append(known[item])
        return tuple(found)

    def _states(self, candidate: Candidate, rights: Rights, allowed: frozenset[str]) -> dict[str, FieldState]:
        entity, hidden = candidate.entity, candidate.hidden
        needed = set(judging.required_fields(candidate))
        states: dict[str, FieldState] = {}
        for name, field in entity.model.fields.items():
            if not rights.sees(name) and name not in allowed:
                continue
            closed = entity.read_only.get(name, False)
            is_closed = closed is None or (
                isinstance(closed, Asked) and closed(candidate.record, candidate.context) is True
            )
            states[name] = FieldState(
                visible=name not in hidden,
                required=name in needed,
                read_only=name not in allowed or is_closed or field.system,
                options=judging.offered(candidate, name),
            )
        return states

    # candidates -------------------------------------------------------------------------------------------------------

    async def candidates(
        self, connection: Connection, who: Person, entity: CompiledEntity, path: str, search: str,
        values: Mapping[str, object], key: str | None = None,
    ) -> tuple[Reference, ...]:  # fmt: skip
        """Return records that the field *path* (``rows.2.field`` for rows) may lead to and that contain *search*."""
        words = path.split(".")
        inner = entity.rows.get(words[0]) if len(words) == 3 else entity
        field = inner.model.fields.get(words[-1]) if inner is not None else None
        if inner is None or field is None or field.kind not in ("link", "links", "tree", "user"):
            return ()
        if field.kind == "user":
            pattern = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            rows = await self._users.fetch(connection, {"q": pattern})
            return tuple(Reference("user", row[0], row[1]) for row in rows)
        record = await self._linking(connection, who, entity, values, words)
        found: list[Reference] = []
        for target in field.to:
            if self._kit.access.rights(who.roles, target).may("read"):
                found += await self._fitting(connection, who, inner, field, target, search, record)
        return tuple(found[:MOST_CANDIDATES])

    async def _linking(
        self,
        connection: Connection,
        who: Person,
        entity: CompiledEntity,
        values: Mapping[str, object],
        words: list[str],
    ) -> Candidate:
        """Return the record that links, as it is filled in so far."""
        context = self._kit.context(who)
        await self._kit.mine.load(connection, context, who, entity.needs.mine)
        sent = judging.accepted(entity, values, {})
        before = {f.name: judging.none_of(f) for f in entity.model.fields.values() if f.kind != "back_links"}
        candidate = Candidate(
            self._kit.app, entity, connection, context, id=new_id(), shape=entity.needs.record, exists=False,
            values=before | {n: self._files(None, v) for n, v in sent.items()},
        )  # fmt: skip
        await candidate.load()
        rows = candidate.rows.get(words[0]) or [] if len(words) == 3 else []
        number = int(words[1]) if len(words) == 3 and words[1].isdigit() else len(rows)
        return rows[number] if number < len(rows) else candidate

    async def _fitting(
        self, connection: Connection, who: Person, entity: CompiledEntity, field: Field, target: str, search: str,
        record: Candidate,
    ) -> list[Reference]:  # fmt: skip
        finder: Finder = self._kit.finder(who.roles, target)
        asked = entity.where.get(field.name)
        parameters = self._kit.translation.parameters(record.context)
        limit = MOST_CANDIDATES if asked is None else _LOOKED_AT
        found: list[Reference] = []
        after: str | None = None
        for _ in range(_PAGES):
            query = Query(search=search.strip()[:200], limit=limit, after=after, count=False)
            page = await finder.find(connection, query, dict(parameters))
            records = await finder.reader.records(connection, page.rows, record.context)
            fitting = await self._judged(connection, target, asked, [r.id for r in records], record)
            found += [Reference(target, r.id, r.title) for r in records if r.id in fitting]
            after = page.next
            if after is None or len(found) >= MOST_CANDIDATES:
                break
        return found[:MOST_CANDIDATES]

    async def _judged(
        self, connection: Connection, target: str, asked: Asked | None, keys: list[str], record: Candidate
    ) -> set[str]:
        if asked is None:
            return set(keys)
        loader = self._kit.app.loader
        loaded = await loader.by_ids(connection, target, asked.needs.record, keys, record.context)
        return {key for key, one in loaded.items() if asked({**one, "this": record.record}, record.context) is True}
