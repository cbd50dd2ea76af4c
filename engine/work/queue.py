"""The queue of effects as workers see it: what is due, taking it, settling it, trying again.

One column carries everything. ``wake_at`` says when an effect is due; whoever takes it pushes it on by a lease, a
failure pushes it on by a pause that doubles, and what is done (or taken back) has none. So a timer, a lease, a retry
and the queue are one index. *attempts* is the fence: only who took an effect last can settle it.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Database, Row
from fachwerk.engine.keyed import among, keys_parameter
from fachwerk.engine.statements import Statement, given, render
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver

LONGEST_PAUSE = dt.timedelta(hours=1)
LONGEST_ERROR = 2000
DONE = "done"
GAVE_UP = "gave up"


@dataclass(frozen=True, slots=True)
class Job:
    """An effect that a worker has taken: *attempt* counts from 1; *key* names what can be taken back."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    entity: str | None
    record: str | None
    created: dt.datetime
    created_by: str | None
    key: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An effect as the operator sees it."""

    job: Job
    wake_at: dt.datetime | None
    outcome: str | None
    settled_at: dt.datetime | None
    error: str | None


class Queue:
    """The statements on ``fw_effect`` for one app; every method is told the moment it is.

    *outside* are the kinds that are delivered outside: each is taken apart from all others.
    """

    def __init__(self, app: App, outside: Iterable[str] = ()) -> None:
        table = self._table = app.tables.metadata.tables["fw_effect"]
        self._dialect = app.dialect
        self._write, self._read = to_driver(Form("datetime"), app.dialect), from_driver(Form("datetime"), app.dialect)
        self._columns = [table.c[name] for name in _COLUMNS]
        self._next = self._made(sa.select(sa.func.min(table.c.wake_at)).where(table.c.wake_at.is_not(None)))
        kinds: dict[str | None, sa.ColumnElement[bool]]
        kinds = {kind: table.c.kind == sa.literal(kind) for kind in sorted(outside)}
        kinds[None] = ~sa.or_(sa.false(), *kinds.values())
        self._due = {kind: self._due_of(table, this) for kind, this in kinds.items()}
        until = {"wake_at": given("until", table.c.created), "attempts": table.c.attempts + 1}
        take = sa.update(table).where(among(table.c.id, "keys", app.dialect)).values(until)
        self._take = self._made(take.returning(*self._columns))
        self._settling(table)
        self._operating(table)

    def _made(self, statement: sa.sql.expression.ClauseElement) -> Statement:
        return render(statement, self._dialect)

    def _due_of(self, table: sa.Table, kinds: sa.ColumnElement[bool]) -> tuple[Statement, Statement]:
        """Return what looks whether something of these kinds is due, and what keeps others from it, in its order."""
        now = table.c.wake_at <= given("now", table.c.created)
        waiting = sa.select(table.c.id).where(now, kinds).order_by(table.c.wake_at, table.c.id)
        held = waiting.limit(given("most", sa.Integer())).with_for_update(skip_locked=True)
        return self._made(waiting.limit(1)), self._made(held)

    def _settling(self, table: sa.Table) -> None:
        mine = (
            table.c.id == given("id", table.c.id),
            table.c.attempts == given("attempt", table.c.attempts),
            table.c.wake_at.is_not(None),
        )
        texts = {name: given(name, table.c[name]) for name in ("outcome", "error")}
        gone = {"wake_at": sa.null(), "key": sa.null(), "settled_at": given("now", table.c.created)}
        self._settle = self._made(sa.update(table).where(*mine).values({**gone, **texts}).returning(table.c.id))
        remark = sa.update(table).where(mine[0]).values(outcome=texts["outcome"]).returning(table.c.id)
        self._remark = self._made(remark)
        later = {"wake_at": given("until", table.c.created), "error": texts["error"]}
        self._later = self._made(sa.update(table).where(*mine).values(later).returning(table.c.id))

    def _operating(self, table: sa.Table) -> None:
        seen = (*self._columns, *(table.c[name] for name in ("wake_at", "outcome", "settled_at", "error")))
        waiting, most = table.c.wake_at.is_not(None), given("most", sa.Integer())
        failed = sa.or_(table.c.outcome == GAVE_UP, sa.and_(waiting, table.c.error.is_not(None)))
        one = table.c.id == given("id", table.c.id)
        gone = {"wake_at": sa.null(), "key": sa.null(), "settled_at": given("now", table.c.created)}
        self._shown = {
            "waiting": self._made(sa.select(*seen).where(waiting).order_by(table.c.wake_at).limit(most)),
            "failed": self._made(sa.select(*seen).where(failed).order_by(table.c.id.desc()).limit(most)),
            "all": self._made(sa.select(*seen).order_by(table.c.id.desc()).limit(most)),
            "one": self._made(sa.select(*seen).where(one).limit(most)),
        }
        self._counts = self._made(
            sa.select(table.c.kind, table.c.outcome, sa.func.count()).group_by(table.c.kind, table.c.outcome)
        )
        again = {"wake_at": given("now", table.c.created), "attempts": 0, "outcome": sa.null(), "settled_at": sa.null()}
        again["error"] = sa.null()
        self._again = self._made(sa.update(table).where(one, failed).values(again).returning(table.c.id))
        self._again_all = self._made(sa.update(table).where(failed).values(again).returning(table.c.id))
        drop = {**gone, "outcome": "dropped", "error": table.c.error}
        self._drop = self._made(sa.update(table).where(one, waiting).values(drop).returning(table.c.id))
        old = table.c.settled_at < given("until", table.c.created)
        self._purge = self._made(sa.delete(table).where(table.c.wake_at.is_(None), old).returning(table.c.id))

    # working ----------------------------------------------------------------------------------------------------------

    async def take(
        self, database: Database, now: dt.datetime, lease: dt.timedelta, most: int, kind: str | None = None
    ) -> list[Job]:
        """Return up to *most* effects that are due, in that order, and keep other workers from them for the *lease*.

        Those of a *kind* that is delivered outside, or all others. Idle workers only read: a write is begun when
        something is due.
        """
        probe, held = self._due[kind]
        moment = self._moment(now)
        if not await probe.fetch(database, {"now": moment}):
            return []
        async with database.transaction() as connection:
            keys = [row[0] for row in await held.fetch(connection, {"now": moment, "most": most})]
            values = {"keys": keys_parameter(keys, self._dialect), "until": self._moment(now + lease)}
            rows = await self._take.fetch(connection, values) if keys else []
        jobs = {job.id: job for job in map(self._job, rows)}
        return [jobs[key] for key in keys if key in jobs]

    async def settle(
        self, connection: Connection, job: Job, now: dt.datetime, outcome: str = DONE, error: str | None = None
    ) -> bool:
        """Note that *job* is done; ``False`` where somebody else has taken it meanwhile, or it was taken back."""
        values = {"id": job.id, "attempt": job.attempt, "now": self._moment(now), "outcome": outcome}
        return bool(await self._settle.fetch(connection, values | {"error": _short(error)}))

    async def remark(self, connection: Connection, job: Job, outcome: str) -> None:
        """Say in a word what became of an effect just settled."""
        await self._remark.fetch(connection, {"id": job.id, "outcome": outcome})

    async def postpone(
        self, connection: Connection, job: Job, now: dt.datetime, error: str, wait: float = 0
    ) -> bool:  # fmt: skip
        """Let *job* be tried again after a pause that doubles with every attempt (more or less), at least a *wait*."""
        seconds = min(LONGEST_PAUSE.total_seconds(), 2.0 ** min(job.attempt, 20)) * random.uniform(0.8, 1.2)
        until = self._moment(now + dt.timedelta(seconds=max(seconds, wait)))
        values = {"id": job.id, "attempt": job.attempt, "until": until, "error": _short(error)}
        return bool(await self._later.fetch(connection, values))

    async def next_due(self, database: Database) -> dt.datetime | None:
        """Return when the next effect is due."""
        ((value,),) = await self._next.fetch(database, {})
        return self._seen(value)

    # operating --------------------------------------------------------------------------------------------------------

    async def shown(self, database: Connection, which: str, most: int = 100, id: str = "") -> list[Entry]:
        """Return effects ``waiting``, ``failed``, ``all`` or ``one``."""
        rows = await self._shown[which].fetch(database, {"most": most, **({"id": id} if which == "one" else {})})
        return [self._entry(row) for row in rows]

    async def counts(self, database: Connection) -> Sequence[Row]:
        """Return (kind, outcome, how many); no outcome means that it waits."""
        return await self._counts.fetch(database, {})

    async def again(self, connection: Connection, id: str, now: dt.datetime) -> bool:
        """Let an effect that failed be tried now, with all its attempts; none that waits for its time."""
        return bool(await self._again.fetch(connection, {"id": id, "now": self._moment(now)}))

    async def again_all(self, connection: Connection, now: dt.datetime) -> int:
        """Let all effects that failed be tried now; return how many there are."""
        return len(await self._again_all.fetch(connection, {"now": self._moment(now)}))

    async def drop(self, connection: Connection, id: str, now: dt.datetime) -> bool:
        """Let an effect that waits never happen."""
        return bool(await self._drop.fetch(connection, {"id": id, "now": self._moment(now)}))

    async def purge(self, connection: Connection, before: dt.datetime) -> int:
        """Forget effects settled before a moment; return how many."""
        return len(await self._purge.fetch(connection, {"until": self._moment(before)}))

    # forms ------------------------------------------------------------------------------------------------------------

    def _moment(self, moment: dt.datetime) -> object:
        return self._write(moment) if self._write else moment

    def _seen(self, value: Any) -> dt.datetime | None:
        found: dt.datetime | None = self._read(value) if self._read and value is not None else value
        return found

    def _job(self, row: Row) -> Job:
        values = dict(zip(_COLUMNS, row, strict=False))
        created = self._seen(values["created"])
        assert created is not None
        return Job(
            id=values["id"], kind=values["kind"], payload=orjson.loads(values["payload"]), attempt=values["attempts"],
            entity=values["entity"], record=values["record"], created=created, created_by=values["created_by"],
            key=values["key"],
        )  # fmt: skip

    def _entry(self, row: Row) -> Entry:
        wake_at, outcome, settled_at, error = list(row)[len(_COLUMNS) :]
        return Entry(self._job(row), self._seen(wake_at), outcome, self._seen(settled_at), error)


_COLUMNS = ("id", "kind", "payload", "attempts", "entity", "record", "created", "created_by", "key")


def _short(error: str | None) -> str | None:
    return error if error is None else error.replace("\x00", "")[:LONGEST_ERROR]
