"""History: one row for every write, with the fields that changed before and after, kept in the same transaction.

Values are kept as JSON in the form of their kinds; secrets never. Whoever reads sees the fields that they may see of
the record now, links with titles only where they may read what they lead to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
import sqlalchemy as sa
from fachwerk.engine.compile import App, CompiledEntity
from fachwerk.engine.convert import FILES
from fachwerk.engine.database import Connection
from fachwerk.engine.keyed import render_each
from fachwerk.engine.keys import new_id
from fachwerk.engine.renamed import Names
from fachwerk.engine.statements import given, render
from fachwerk.schemas.kinds import FileInfo
from fachwerk.schemas.model import Field
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver
from fachwerk.workflows.case import Done

DROPPED = "_dropped"
"""In *what*: values that were emptied because their field is not visible."""
EACH = "_each"
"""In *what*: the record that an opinion is about, as [entity, id]."""
PERIOD = "_period"
"""In *what*: by how much a deadline was extended."""
HIDDEN_SECRET = "••••••"


class History:
    """Writes and reads the history of an app's records."""

    def __init__(self, app: App) -> None:
        table = app.tables.metadata.tables["fw_history"]
        self._app, self.names = app, Names(app.project, app.dialect)
        self._moment = to_driver(Form("datetime"), app.dialect)
        self._read_moment = from_driver(Form("datetime"), app.dialect)
        values = {c.name: given(str(c.name), c) for c in table.c}
        self.insert = render(sa.insert(table).values(values), app.dialect)
        of_record = (
            table.c.entity == given("entity", table.c.entity),
            table.c.record == given("record", table.c.record),
        )
        order = (table.c.version, table.c.id)
        columns = [
            table.c[name]
            for name in ("version", "kind", "at", "who", "for_whom", "origin", "action", "comment", "what")
        ]
        self._read = render(sa.select(*columns).where(*of_record).order_by(*order), app.dialect)
        since = table.c.version > given("version", table.c.version)
        self._since = render(sa.select(table.c.at, table.c.what).where(*of_record, since).order_by(*order), app.dialect)
        by, absent = (app.tables.metadata.tables["fw_user"].alias() for _ in range(2))
        people = table.outerjoin(by, by.c.id == table.c.who).outerjoin(absent, absent.c.id == table.c.for_whom)
        named = (table.c.at, table.c.kind, table.c.action, table.c.who, table.c.for_whom, by.c.name, absent.c.name)
        steps = sa.select(*named).select_from(people).where(of_record[0], table.c.action.is_not(None)).order_by(*order)
        self._steps = render_each(steps, app.dialect, record=table.c.record)

    def row(
        self, entity: str, record: str, version: int, *, who: str | None, at: dt.datetime, origin: str, kind: str,
        what: Mapping[str, object], comment: str | None = None, action: str | None = None, for_whom: str | None = None,
    ) -> dict[str, object]:  # fmt: skip
        """Return the parameters of an entry."""
        return {
            "id": new_id(), "entity": entity, "record": record, "version": version, "who": who, "for_whom": for_whom,
            "at": self._moment(at) if self._moment else at, "origin": origin, "kind": kind,
            "what": orjson.dumps(what, default=_plain).decode(), "comment": comment, "action": action,
            "config": self._app.project.hash,
        }  # fmt: skip

    async def read(self, connection: Connection, entity: str, record: str) -> list[dict[str, Any]]:
        """Return all entries of a record, the oldest first; *what* is still JSON."""
        rows = await self._read.fetch(connection, {"entity": entity, "record": record})
        names = ("version", "kind", "at", "who", "for_whom", "origin", "action", "comment", "what")
        entries = [dict(zip(names, row, strict=True)) for row in rows]
        for entry in entries:
            self.in_names_of_today(entity, entry)
        return entries

    def in_names_of_today(self, entity: str, entry: dict[str, Any]) -> None:
        """Say what an entry as it was read says under the names of today."""
        entry["at"], entry["what"] = self.entry(entity, entry["at"], entry["what"])
        entry["action"] = self.names.action(entity, entry["at"], entry["kind"], entry["action"])

    def entry(self, entity: str, at: Any, what: str) -> tuple[dt.datetime, dict[str, Any]]:
        """Return when an entry was written and what it says, in the names of today."""
        moment = self._read_moment(at) if self._read_moment else at
        return moment, self.names.today(entity, moment, orjson.loads(what))

    async def before(
        self, connection: Connection, entity: CompiledEntity, record: str, version: int
    ) -> dict[str, object]:  # fmt: skip
        """Return what stood, at *version*, in the fields that were changed since."""
        values = {"entity": entity.name, "record": record, "version": version}
        found: dict[str, object] = {}
        for row in await self._since.fetch(connection, values):
            for name, change in self.entry(entity.name, *row)[1].items():
                if name not in (DROPPED, EACH) and name in entity.model.fields and name not in found:
                    found[name] = read_value(entity, name, change[0])
        return found

    async def steps(self, connection: Connection, entity: str, record: str) -> list[Done]:
        """Return the workflow steps of a record so far."""
        rows = await self._steps.fetch(connection, {"entity": entity, "record": record})
        return [Done(self._action(entity, *row[:3]), *row[3:]) for row in rows]

    def _action(self, entity: str, at: Any, kind: str, action: str) -> str:
        moment = self._read_moment(at) if self._read_moment else at
        return self.names.action(entity, moment, kind, action) or action


def changes(entity: CompiledEntity, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[object]]:
    """Return what differs, as JSON keeps it: field -> [before, after]."""
    found: dict[str, list[object]] = {}
    for name, field in entity.model.fields.items():
        if name not in after or name in ("created", "changed", "created_by", "changed_by"):
            continue
        was, now = before.get(name), after[name]
        if (_nothing(was) and _nothing(now)) or was == now:
            continue
        found[name] = [write_value(entity, field, was), write_value(entity, field, now)]
    return found


def _nothing(value: object) -> bool:
    return value is None or value == () or value == []


def write_value(entity: CompiledEntity, field: Field, value: Any) -> object:
    """Return a value of a field as the history keeps it."""
    if _nothing(value):
        return None
    if field.kind == "secret":
        return HIDDEN_SECRET
    if field.name in entity.rows:
        inner = entity.rows[field.name]
        return [
            {"id": row.get("id")}
            | {n: write_value(inner, f, row.get(n)) for n, f in inner.model.fields.items() if n in row}
            for row in value
        ]
    if field.kind in ("links", "link", "tree", "user"):
        return value
    if field.kind in FILES:
        return [{"id": i.id, "name": i.name, "size": i.size, "type": i.type, "hash": i.hash} for i in value]
    return entity.handlers[field.name].to_json(value)


def about_in(what: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the (entity, id) of the record that an entry's opinion is about."""
    about = what.get(EACH)
    return (str(about[0]), str(about[1])) if about else None


def read_value(entity: CompiledEntity, name: str, value: Any) -> Any:
    """Return what :func:`write_value` kept as a value of the kind."""
    field = entity.model.fields[name]
    if value is None:
        return None
    if name in entity.rows:
        inner = entity.rows[name]
        return [
            {
                k: v if k == "id" else read_value(inner, k, v)
                for k, v in row.items()
                if k == "id" or k in inner.model.fields
            }
            for row in value
        ]
    if field.kind in FILES:
        return tuple(FileInfo(**entry) for entry in value)
    if field.kind == "links":
        return tuple(value)
    if field.kind in ("link", "tree", "user"):
        return tuple(value) if isinstance(value, list) else value
    if field.kind in ("secret", "json", "computed", "choice", "sequence"):
        return _computed(field, value)
    return _parsed(entity, name, value)


def _parsed(entity: CompiledEntity, name: str, value: Any) -> Any:
    try:
        return entity.handlers[name].parse_json(value)
    except Exception:
        return value  # written by an older configuration, in a kind that the field no longer has


def _computed(field: Field, value: Any) -> Any:
    numeric = field.kind == "computed" and field.result in ("decimal", "money", "percent")
    return Decimal(value) if numeric and isinstance(value, (str, int)) else value


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def fields_of(what: Mapping[str, object]) -> Sequence[str]:
    """Return the fields that an entry speaks of."""
    return [name for name in what if name not in (DROPPED, EACH)]
