"""Time limits that are over before a worker has noticed: what follows from them comes before anybody's next step.

Whether a permit counts as granted since midnight must not depend on a worker being up at midnight. What is noted here
is what the worker would have noted; its effect finds it done. Parts of parallel states are left to the worker: nothing
follows from their limits but a notice.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App, CompiledEntity, CompiledWorkflow
from fachwerk.engine.database import Connection, Database, Unique, in_transaction
from fachwerk.engine.kit import Kit
from fachwerk.engine.statements import given, render
from fachwerk.engine.taken import taken
from fachwerk.engine.writing import Writer
from fachwerk.problems import Refused
from fachwerk.schemas.tables_columns import Form, to_driver


async def missed(
    writer: Writer, connection: Connection, entity: CompiledEntity, key: str, flow: CompiledWorkflow, name: str
) -> None:  # fmt: skip
    """Do what is to be done when a time limit was missed.

    Where the step that should follow is not possible, all the rest happens, and the history of the record says why.
    """
    await connection.fetch("SAVEPOINT missed")
    try:
        against = await writer.elapse(connection, entity, key, flow, name, then=True)
    except (Refused, Unique) as error:
        await connection.fetch("ROLLBACK TO SAVEPOINT missed")
        await writer.elapse(connection, entity, key, flow, name, then=False)
        against = error if isinstance(error, Refused) else taken(writer.kit.app, entity, error)
    else:
        await connection.fetch("RELEASE SAVEPOINT missed")
    if against is not None:
        deadline = flow.model.deadlines.get(name)
        step = deadline.then if deadline is not None and deadline.then is not None else name
        await writer.refused_step(connection, entity, key, against, step, "deadline")


class Overdue:
    """Notes the time limits of one app's records that were missed."""

    def __init__(self, kit: Kit, writer: Writer, database: Database) -> None:
        self._kit, self._writer, self._database = kit, writer, database
        app: App = kit.app
        flows = (version for newest in app.project.workflows.values() for version in newest.versions)
        self._limited = frozenset(flow.of for flow in flows if flow.deadlines)
        self._moment, self._date = (to_driver(Form(kind), app.dialect) for kind in ("datetime", "date"))
        c = app.tables.metadata.tables["fw_deadline"].c
        no, yes = ((sa.literal(0), 1) if app.dialect == "sqlite" else (sa.false(), True))
        record = c.record == given("record", c.record)
        awake = sa.or_(c.paused.is_(None), c.paused == no)
        over = sa.or_(c.at <= given("now", c.at), sa.and_(c.at.is_(None), c.due < given("today", c.due)))
        # what begins with ~ was set aside by a deploy
        there = sa.and_(c.missed == no, awake, c.workflow.not_like("~%"), c.name.not_like("part:%"))
        found = sa.select(c.workflow, c.name).where(record, there, over).order_by(c.due, c.at, c.id).limit(1)
        self._first = render(found, app.dialect)
        one = (record, c.workflow == given("workflow", c.workflow), c.name == given("name", c.name))
        self._miss = render(sa.update(c.record.table).where(*one).values(missed=yes), app.dialect)

    async def settle(self, entity: CompiledEntity, key: str, version: int | None) -> int | None:
        """Note what is over; return the version that somebody may go on with who has seen *version*.

        That is the new one where the case still stands where it stood, else *version*: then it is a conflict.
        """
        if entity.name not in self._limited or not await self._first.fetch(self._database, self._parameters(key)):
            return version

        async def work(connection: Connection) -> int | None:
            return await self._settle(connection, entity, key, version)

        try:
            return await in_transaction(self._database, work)
        except (Refused, Unique):
            return version  # the worker says why with its effect

    async def _settle(
        self, connection: Connection, entity: CompiledEntity, key: str, version: int | None
    ) -> int | None:  # fmt: skip
        store = self._kit.stores[entity.name]
        before = await store.read(connection, key, lock=True, lists=())
        flows = {one.model.name: one for one in entity.workflows}
        while before is not None and (rows := await self._first.fetch(connection, self._parameters(key))):
            workflow, name = rows[0]
            await self._miss.fetch(connection, {"record": key, "workflow": workflow, "name": name})
            await missed(self._writer, connection, entity, key, flows[workflow].under(before), name)
        after = await store.read(connection, key, lists=())
        fields = [one.model.field for one in entity.workflows]
        same = before is not None and after is not None and all(before[name] == after[name] for name in fields)
        return int(after["version"]) if same and after and before and before["version"] == version else version

    def _parameters(self, key: str) -> dict[str, Any]:
        now = self._kit.clock()
        today = self._kit.app.calendar.today(now)
        return {
            "record": key, "now": self._moment(now) if self._moment else now,
            "today": self._date(today) if self._date else today,
        }  # fmt: skip
