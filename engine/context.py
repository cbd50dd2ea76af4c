"""What a rule knows beside the record: who acts, that person's own records, the moment and the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.shapes import Shape
from fachwerk.engine.statements import given, render
from fachwerk.engine.values import Person


@dataclass(slots=True)
class Context:
    """The surroundings of a rule's evaluation (see ``rules.to_python``)."""

    me: Mapping[str, Any] | None
    mine: Mapping[str, Mapping[str, Any] | None]
    now: dt.datetime
    today: dt.date
    failures: list[Any] | None = None


def context_of(app: App, who: Person | None, now: dt.datetime) -> Context:
    """Return the context of *who* (``None``: the system) at *now*, as yet without own records."""
    me = None
    if who is not None:
        me = {"id": who.id, "name": who.name, "email": who.email, "language": who.language}
    return Context(me, {}, now, app.calendar.today(now))


class Mine:
    """Finds the acting user's own records (``my person``)."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._statements = {
            entity: render(
                _select(app, entity, field),
                app.dialect,
            )
            for entity, field in app.user_fields.items()
        }

    async def load(
        self, connection: Connection, context: Context, who: Person | None, shapes: Mapping[str, Shape]
    ) -> None:  # fmt: skip
        """Put the records that *shapes* ask for into *context*."""
        found: dict[str, Mapping[str, Any] | None] = dict(context.mine)
        for entity, shape in shapes.items():
            rows = await self._statements[entity].fetch(connection, {"me": who.id}) if who is not None else []
            ids = [row[0] for row in rows]
            records = await self._app.loader.by_ids(connection, entity, shape, ids, context)
            found[entity] = next(iter(records.values()), None)
        context.mine = found


def _select(app: App, entity: str, field: str) -> Any:
    table = app.tables.of(entity)
    return sa.select(table.c.id).where(table.c[field] == given("me", table.c[field])).order_by(table.c.id).limit(1)
