"""Counting: what all counters of effects share: the change an effect belongs to, titles of rows, numbers in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.context import Context
from fachwerk.engine.database import Connection
from fachwerk.engine.judging import plain
from fachwerk.engine.plan.ahead import Ahead
from fachwerk.engine.plan.batches import quoted
from fachwerk.engine.plan.model import Example, Impact
from fachwerk.engine.statements import render
from fachwerk.problems import Text, say
from fachwerk.schemas.changes import Change, What
from fachwerk.schemas.model import Entity


class Counting:
    """Collects the effects of changes on live rows."""

    def __init__(self, ahead: Ahead, changes: Sequence[Change]) -> None:
        self.ahead = ahead
        self.connection = ahead.connection
        self.pairing = ahead.pairing
        self.same = ahead.same
        self.impacts: list[Impact] = []
        self.rows: dict[str, int] = {}
        """By old entity or rows: how many there are."""
        self._changes = {(change.of, change.name): change for change in changes}
        self._old_titles = Titles(ahead.old)

    async def count_rows(self) -> None:
        """Count the rows of all old tables."""
        for name in self.ahead.old.tables.forms:
            if not name.endswith(".opinions"):
                table = self.ahead.old.tables.of(name).name
                rows = await self.connection.fetch(f"SELECT count(*) FROM {quoted(table)}")
                self.rows[name] = int(rows[0][0])

    def total(self, entity: str) -> int:
        """Return how many rows a new entity has today."""
        old = self.pairing.entity(entity)
        return self.rows.get(old.name, 0) if old is not None else 0

    def change(self, of: What, name: str) -> Change:
        """Return the change of that name; one that follows from others is made."""
        return self._changes.get((of, name)) or Change("change", of, name)

    def because(self, why: str) -> Change:
        """Return the change that a reason of :class:`Sameness` names."""
        of, _, name = why.partition(":")
        return self.change("decision" if of == "decision" else "field", name)

    def add(
        self, change: Change, kind: str, count: int, of: int, /, *, en: str, de: str,
        examples: Iterable[Example] = (), remedy: Text | None = None, blocking: bool = False, allow: str | None = None,
        where: tuple[str, str, str] | None = None,
    ) -> None:  # fmt: skip
        """Note an effect."""
        text = {"en": en, "de": de}
        self.impacts.append(Impact(change, kind, count, of, text, tuple(examples), blocking, remedy, allow, where))

    async def examples(self, entity: str, found: Sequence[tuple[str, Text]]) -> tuple[Example, ...]:
        """Return rows of an old entity with their titles as they are today."""
        titles = await self._old_titles.of(self.connection, entity, [key for key, _ in found], self.ahead.old_context)
        return tuple(Example(entity, key, titles.get(key, key), reason) for key, reason in found)

    async def one(self, statement: sa.Select[Any], parameters: Mapping[str, object] | None = None) -> Sequence[Any]:
        """Run a statement that gives one row."""
        rows = await render(statement, self.ahead.old.dialect).fetch(self.connection, parameters or {})
        return rows[0]

    async def all(self, statement: Any, parameters: Mapping[str, object] | None = None) -> Sequence[Any]:
        """Run a statement."""
        return await render(statement, self.ahead.old.dialect).fetch(self.connection, parameters or {})


class Titles:
    """Titles of records as the system sees them."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def of(self, connection: Connection, entity: str, keys: Sequence[str], context: Context) -> dict[str, str]:
        """Return the titles of records by id; a record without one is shown by its id."""
        title = self._app.compiled(entity).title
        if title is None or not keys:
            return {}
        records = await self._app.loader.by_ids(connection, entity, title.needs.record, keys, context)
        shown = {key: plain(title(record, context), "en") for key, record in records.items()}
        return {key: text for key, text in shown.items() if text not in ("", "–")}


def number(value: int | Decimal, language: str) -> str:
    """Return a number with separators as people of a language write it."""
    text = f"{value:,}"
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


def both(count: int) -> tuple[str, str]:
    """Return a number in English and German."""
    return number(count, "en"), number(count, "de")


def rows_of(entity: Entity, count: int) -> tuple[str, str]:
    """Return ``4,120 permits`` in English and German."""
    label: Text = entity.plural if count != 1 else entity.label
    english, german = say(label, "en"), say(label, "de")
    return f"{number(count, 'en')} {english[:1].lower()}{english[1:]}", f"{number(count, 'de')} {german}"
