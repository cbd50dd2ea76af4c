"""Notices: what people are told inside the application, kept in all its languages and read in the reader's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Row
from fachwerk.engine.keys import new_id
from fachwerk.engine.statements import given, render
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver

PAGE = 50


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and body of a message in one language."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice of one person."""

    id: str
    entity: str | None
    record: str | None
    texts: Mapping[str, Words]
    created: dt.datetime
    read: dt.datetime | None

    def words(self, language: str) -> Words:
        """Return the text in *language*, else in the first there is."""
        return self.texts.get(language) or next(iter(self.texts.values()))


class Notices:
    """Reads and writes ``fw_notice``."""

    def __init__(self, app: App) -> None:
        table = app.tables.metadata.tables["fw_notice"]
        moment = Form("datetime")
        self._write, self._read = to_driver(moment, app.dialect), from_driver(moment, app.dialect)
        self._insert = render(sa.insert(table).values({c.name: given(str(c.name), c) for c in table.c}), app.dialect)
        his = table.c.user == given("user", table.c.user)
        columns = [table.c[name] for name in ("id", "entity", "record", "texts", "created", "read")]
        below = sa.or_(given("before", table.c.id).is_(None), table.c.id < given("before", table.c.id))
        page = sa.select(*columns).where(his, below).order_by(table.c.id.desc()).limit(PAGE + 1)
        self._page = render(page, app.dialect)
        self._one = render(sa.select(*columns).where(his, table.c.id == given("id", table.c.id)), app.dialect)
        unread = table.c.read.is_(None)
        self._count = render(sa.select(sa.func.count()).select_from(table).where(his, unread), app.dialect)
        seen = sa.update(table).where(his, unread).values(read=given("now", table.c.created))
        self._seen_all = render(seen, app.dialect)
        self._seen_one = render(seen.where(table.c.id == given("id", table.c.id)), app.dialect)

    async def add(
        self, connection: Connection, user: str, effect: str, texts: Mapping[str, Words], *, now: dt.datetime,
        entity: str | None, record: str | None, message: str | None,
    ) -> None:  # fmt: skip
        """Tell a user something."""
        kept = {language: [words.subject, words.body] for language, words in texts.items()}
        values = {
            "id": new_id(), "user": user, "effect": effect, "entity": entity, "record": record, "message": message,
            "texts": orjson.dumps(kept).decode(), "created": self._moment(now), "read": None,
        }  # fmt: skip
        await self._insert.fetch(connection, values)

    async def page(self, database: Connection, user: str, before: str | None = None) -> tuple[list[Notice], bool]:
        """Return the notices of a user, the newest first, older than *before*; and whether there are more."""
        rows = await self._page.fetch(database, {"user": user, "before": before})
        return [self._notice(row) for row in rows[:PAGE]], len(rows) > PAGE

    async def one(self, database: Connection, user: str, id: str) -> Notice | None:
        """Return a notice of a user."""
        rows = await self._one.fetch(database, {"user": user, "id": id})
        return self._notice(rows[0]) if rows else None

    async def unread(self, database: Connection, user: str) -> int:
        """Return how many notices of a user are unread."""
        ((count,),) = await self._count.fetch(database, {"user": user})
        return int(count)

    async def mark_read(self, connection: Connection, user: str, now: dt.datetime, id: str | None = None) -> None:
        """Note that a user has read one notice, or all."""
        values = {"user": user, "now": self._moment(now)}
        statement, more = (self._seen_one, {"id": id}) if id else (self._seen_all, {})
        await statement.fetch(connection, values | more)

    def _moment(self, moment: dt.datetime) -> object:
        return self._write(moment) if self._write else moment

    def _seen(self, value: Any) -> Any:
        return self._read(value) if self._read and value is not None else value

    def _notice(self, row: Row) -> Notice:
        texts = {language: Words(*pair) for language, pair in orjson.loads(row[3]).items()}
        return Notice(row[0], row[1], row[2], texts, self._seen(row[4]), self._seen(row[5]))
