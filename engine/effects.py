"""Effects: what is to happen because of a change, noted in the transaction of that change and carried out later.

``wake_at`` says when an effect is due; a worker pushes it on while it works, and empties it when all is done. A *key*
names an effect that may be taken back before it happened (a deadline of a state that was left).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.keys import new_id
from fachwerk.engine.statements import given, render
from fachwerk.schemas.tables_columns import Form, to_driver, to_json


class Effects:
    """Notes effects and takes them back."""

    def __init__(self, app: App) -> None:
        table = app.tables.metadata.tables["fw_effect"]
        self._moment = to_driver(Form("datetime"), app.dialect)
        values = {c.name: given(str(c.name), c) for c in table.c}
        self._insert = render(sa.insert(table).values(values), app.dialect)
        # The key is given free, so that the same time limit can run again.
        gone = {
            "key": sa.null(), "wake_at": sa.null(), "outcome": sa.func.coalesce(table.c.outcome, "cancelled"),
            "settled_at": sa.func.coalesce(table.c.settled_at, given("now", table.c.created)),
        }  # fmt: skip
        cancel = sa.update(table).where(table.c.key == given("key", table.c.key)).values(gone)
        timers = (
            table.c.record == given("record", table.c.record),
            table.c.key.is_not(None),
            table.c.wake_at.is_not(None),
        )
        self._cancel_all = render(sa.update(table).where(*timers).values(gone), app.dialect)
        self._cancel = render(cancel, app.dialect)

    async def enqueue(
        self, connection: Connection, kind: str, payload: Mapping[str, object], *, now: dt.datetime,
        wake_at: dt.datetime | None = None, key: str | None = None, entity: str | None = None,
        record: str | None = None, created_by: str | None = None,
    ) -> str:  # fmt: skip
        """Note an effect that is due at *wake_at* (now, if not said) and return its id."""
        effect = new_id()
        if key is not None:
            await self.cancel(connection, key, now)
        values = {
            "id": effect, "kind": kind, "payload": to_json(payload), "wake_at": self._written(wake_at or now),
            "attempts": 0, "key": key, "entity": entity, "record": record, "created": self._written(now),
            "created_by": created_by, "outcome": None, "settled_at": None, "error": None,
        }  # fmt: skip
        await self._insert.fetch(connection, values)
        return effect

    async def cancel(self, connection: Connection, key: str, now: dt.datetime) -> None:
        """Take back the effect *key*, if it has not happened yet."""
        await self._cancel.fetch(connection, {"key": key, "now": self._written(now)})

    async def cancel_timers(self, connection: Connection, record: str, now: dt.datetime) -> None:
        """Take back the time limits of a record that is removed."""
        await self._cancel_all.fetch(connection, {"record": record, "now": self._written(now)})

    def _written(self, moment: dt.datetime) -> object:
        return self._moment(moment) if self._moment else moment
