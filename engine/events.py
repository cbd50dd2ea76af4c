"""Events: what happens to records, for the automations that wait for it; noted in the transaction of the change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.effects import Effects
from fachwerk.schemas.model import Automation


class Events:
    """The automations of an app by the entity whose events they wait for."""

    def __init__(self, app: App, effects: Effects) -> None:
        self._effects = effects
        self._waiting: dict[str, list[Automation]] = {}
        for automation in app.project.automations.values():
            if automation.on:
                self._waiting.setdefault(automation.of, []).append(automation)

    async def happened(
        self, connection: Connection, entity: str, record: str, events: Iterable[str], *, now: dt.datetime,
        depth: int, user: str | None,
    ) -> None:  # fmt: skip
        """Note the automations that *events* of a record set off; *depth* says how many effects led here."""
        waiting = self._waiting.get(entity)
        if not waiting:
            return
        found = set(events)
        for automation in waiting:
            if found & set(automation.on):
                await self._effects.enqueue(
                    connection, "automation", {"automation": automation.name, "depth": depth}, now=now,
                    entity=entity, record=record, created_by=user,
                )  # fmt: skip
