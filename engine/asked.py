"""Cases that wait for people: found when somebody can no longer be asked, or can be asked again.

Who holds a role changes with accounts, and whom a path leads to with other records. Both note an effect for every case
that waits for one of these people; a worker lets it take the steps that follow by themselves. A case that comes to such
a state at the same moment is not missed: it finds out whom it asks under :data:`SHARED`, and people change under
:data:`ALONE`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.effects import Effects
from fachwerk.engine.keyed import among, keys_parameter
from fachwerk.engine.statements import given, render
from fachwerk.engine.triggers import Affected, Triggers
from fachwerk.schemas.model import Rule, Workflow

SHARED = "select pg_advisory_xact_lock_shared(7246943)"
ALONE = "select pg_advisory_xact_lock(7246943)"
PEOPLE = "people"
"""The kind of effect that is noted when an account changes."""
MOST = 500
"""Cases that one such effect looks after; what is left is for another."""


def asks_people(workflow: Workflow) -> bool:
    """Whether a part keeps which people it asks."""
    return any(part.kept and (part.each is None or "user" in part.each_of) for part in workflow.parts)


def person_rules(workflow: Workflow) -> Iterator[Rule]:
    """Give the rules that lead to the people of parts that keep whom they ask."""
    for part in workflow.parts:
        if part.kept and part.each is None:
            yield from (one.person for one in part.by if one.person is not None)


class Asked(Triggers):
    """What changes whom the cases of an app can ask."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        for name, entity in app.entities.items():
            for workflow in (one for flow in entity.workflows for one in flow.versions):
                for rule in person_rules(workflow.model):
                    self.watch_rule(name, rule)
        table = app.tables.metadata.tables["fw_expected"]
        people = table.c.entity == sa.literal("user")
        of_user = table.c.about == given("about", table.c.about), table.c.record > given("after", table.c.record)
        cases = sa.select(table.c.record, table.c.workflow).where(people, *of_user).distinct()
        cases = cases.order_by(table.c.record, table.c.workflow).limit(given("most", sa.Integer()))
        self._of_user = render(cases, app.dialect)
        chosen = sa.select(table.c.record).where(people, among(table.c.record, "keys", app.dialect)).distinct()
        self._waiting = render(chosen.order_by(table.c.record), app.dialect)

    async def hold(self, connection: Connection) -> None:
        """Keep people as they are until the transaction ends (SQLite has one writer anyway)."""
        if self._app.dialect == "postgresql":
            await connection.fetch(SHARED)

    async def note(self, connection: Connection, effects: Effects, affected: Affected, now: dt.datetime) -> None:
        """Have a worker see to those of *affected* that wait for people."""
        if not any(affected.values()):
            return
        if self._app.dialect == "postgresql":
            await connection.fetch(ALONE)
        for entity, ids in affected.items():
            keys = keys_parameter(sorted(ids), self._app.dialect)
            for row in await self._waiting.fetch(connection, {"keys": keys}):
                await effects.enqueue(connection, "settle", {}, now=now, entity=entity, record=str(row[0]))

    async def of_user(
        self, connection: Connection, effects: Effects, user: str, after: str, now: dt.datetime
    ) -> int:  # fmt: skip
        """Have a worker see to the cases behind *after* that wait for *user*, then to those left; return how many."""
        rows = await self._of_user.fetch(connection, {"about": user, "after": after, "most": MOST})
        flows = self._app.project.workflows
        for record, workflow in rows:
            if workflow in flows:
                await effects.enqueue(
                    connection, "settle", {}, now=now, entity=flows[workflow].of, record=str(record)
                )  # fmt: skip
        if len(rows) == MOST:
            await effects.enqueue(connection, PEOPLE, {"user": user, "after": str(rows[-1][0])}, now=now)
        return len(rows)
