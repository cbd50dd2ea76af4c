"""Preparing: what a deploy has to calculate for many records is made ahead of it, while everybody goes on working.

Values are made batch by batch, each read from a snapshot and written in a short transaction of its own together with
how far it came. Triggers note what is written meanwhile; what that touches is made again, at the end of the
preparation and, for the rest, in the transaction of the deploy. Killed at any time, the database stays in service at
its version, and the next deploy of the same configuration goes on where this one stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, TypeVar

import sqlalchemy as sa
from fachwerk.engine.blocking import LONGEST, alter_patiently
from fachwerk.engine.compile import App
from fachwerk.engine.context import context_of
from fachwerk.engine.database import Connection, Database, in_transaction
from fachwerk.engine.plan.ahead import Ahead
from fachwerk.engine.plan.asking import check_pending
from fachwerk.engine.plan.batches import BATCH, upsert_text
from fachwerk.engine.plan.filling import LEAST, Task, Tasks, side_table, store_trees, tasks_of
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.planning import present_of
from fachwerk.engine.plan.prepared import discard, notes_of
from fachwerk.engine.plan.progress import WHOLE, Known, Progress, known
from fachwerk.engine.plan.reach import NewPlaces, Node, OldPlaces, Reach, Written
from fachwerk.engine.plan.recalculating import calculated_of
from fachwerk.engine.plan.watching import LOG, begin_texts, end_texts, watched
from fachwerk.engine.service import utc_now
from fachwerk.engine.statements import given, render
from fachwerk.problems import Text

ROUNDS = 5
"""How often what was written meanwhile is worked off before the deploy."""
MOST_NOTES = 20_000
"""Notes of what was written that are worked off at once."""


@dataclass(frozen=True, slots=True)
class Pace:
    """When values are made ahead, and in what portions."""

    least: int = LEAST
    """So many values to be made, and they are made ahead."""
    batch: int = BATCH
    """Records of one transaction."""
    chunk: int = 20
    """Batches that are read from one snapshot."""
    few: int = 200
    """Writes that may be left to the transaction of the deploy."""
    longest: float = LONGEST
    """Seconds until a change of tables is given up because others use them."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a preparation: how it begins, how far it is, and how it ends."""

    what: Literal["begin", "resume", "discard", "wait", "batch", "again", "blocked", "done"]
    done: int = 0
    total: int = 0
    rate: float = 0.0
    """Values a second, as of late."""
    entity: str = ""
    text: Text | None = None
    """Who is in the way."""

    @property
    def left(self) -> float:
        """Seconds that it takes yet."""
        return (self.total - self.done) / self.rate if self.rate else 0.0


T = TypeVar("T")
Tell = Callable[[Told], None]
Engine = Callable[[App, Connection], Awaitable[object]]
"""Sees to it that the tables of the engine are as this version of the software needs them."""


USUAL = Pace()


async def altering(database: Database, work: Callable[[Connection], Awaitable[T]], pace: Pace, tell: Tell) -> T:
    """Run *work* in a transaction that changes tables, patiently; *tell* hears who is in the way."""
    return await alter_patiently(
        database, work, longest=pace.longest, tell=lambda text: tell(Told("blocked", text=text))
    )


def silent(_told: Told) -> None:
    """Say nothing."""


async def prepare(
    new: App, database: Database, *, planned: tuple[int, str | None] | None, engine: Engine, pace: Pace = USUAL,
    tell: Tell = silent,
) -> Preparing | None:  # fmt: skip
    """Make ahead what deploying *new* has to calculate, where that is for many records.

    What was begun for another configuration is taken away. What stands against the deploy is not said here. What is
    returned holds others off: it is to be left, should the deploy fail.
    """
    begun = await _free(database, new, tell)
    async with database.snapshot() as connection:
        present = await present_of(connection, database)
    if present is None or (planned is not None and planned != (present.number, present.app.project.hash)):
        return None
    old = present.app
    ours = begun is not None and (begun.old, begun.new) == (old.project.hash, new.project.hash) and _same_tool(begun)
    if begun is not None and not ours:
        tell(Told("discard", begun.done, begun.total))
        await altering(database, lambda connection: discard(connection, new.dialect), pace, tell)
    if old.project.hash == new.project.hash or check_pending(Pairing(old.project, new.project)).errors:
        return None
    making = Preparing(old, new, database, pace, tell)
    if not ours and not await making.is_long():
        return None
    if not ours:
        await altering(database, lambda connection: engine(old, connection), pace, tell)
    await making.run(resume=ours)
    return making


def _same_tool(begun: Known) -> bool:
    from fachwerk import __version__

    return begun.tool == __version__


async def _free(database: Database, new: App, tell: Tell) -> Known | None:
    """Return what was begun, once nobody is at it any more."""
    said = False
    while True:
        async with database.snapshot() as connection:
            begun = await known(connection, new.dialect)
        if begun is None or not begun.alive:
            return begun
        if not said:
            tell(Told("wait", begun.done, begun.total))
            said = True
        await asyncio.sleep(0.2)


class Preparing:
    """Makes the values of one deploy ahead of it."""

    def __init__(self, old: App, new: App, database: Database, pace: Pace, tell: Tell) -> None:
        self.old, self.new, self.database, self.pace, self.tell = old, new, database, pace, tell
        self.dialect = new.dialect
        self.now = utc_now()
        self.pairing = Pairing(old.project, new.project)
        self.tasks: Tasks = tasks_of(old, new, self.pairing, context_of(old, None, self.now))
        self.progress = Progress(self.dialect)
        self._ahead: Ahead | None = None
        self._anew: App | None = None
        self._trees: Mapping[str, Node] = {}
        self._speed: list[tuple[float, int]] = []

    async def counts(self, connection: Connection) -> list[tuple[str, int]]:
        """Return the tasks with the number of records of each."""
        found = []
        for task in self.tasks:
            rows = await connection.fetch(f'SELECT count(*) FROM "{task.source.name}"')
            found.append((task.name, int(rows[0][0])))
        return found

    async def is_long(self) -> bool:
        """Whether there are so many values to be made that it is done ahead."""
        async with self.database.snapshot() as connection:
            return sum(count for _, count in await self.counts(connection)) >= self.pace.least

    async def run(self, *, resume: bool) -> None:
        """Make everything, or what is left of it; what is refused on the way is left to the deploy to say."""
        try:
            await (self._resume() if resume else self._begin())
            for task in self.tasks:
                if not await self._task(task):
                    await self._alter(lambda connection: discard(connection, self.dialect))
                    return
            for _ in range(ROUNDS):
                if not await self._again():
                    break
            await in_transaction(self.database, self.progress.finish)
            self._say("done")
        except Exception:
            await self.leave()
            raise

    async def leave(self) -> None:
        """Let others take over what was made."""
        await in_transaction(self.database, self.progress.leave)

    async def _begin(self) -> None:
        async def tables(connection: Connection) -> None:
            for task in self.tasks:
                await connection.fetch(side_table(task, self.dialect))
            await self.progress.begin(connection, self.old.project.hash, self.new.project.hash, totals)

        async with self.database.snapshot() as connection:
            totals = await self.counts(connection)
        await self._alter(lambda connection: discard(connection, self.dialect))
        await self._alter(tables)
        for texts in begin_texts(watched(task.tree for task in self.tasks), self.dialect):
            await self._watch(texts)
        self._say("begin")

    async def _watch(self, texts: Sequence[str]) -> None:
        """Begin to watch a table; for its lock nobody else is kept waiting longer than a moment."""

        async def work(connection: Connection) -> None:
            await self.progress.alive(connection)
            for text in texts:
                await connection.fetch(text)

        await self._alter(work)

    async def _alter(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        return await altering(self.database, work, self.pace, self.tell)

    async def _resume(self) -> None:
        await in_transaction(self.database, self.progress.take)
        async with self.database.snapshot() as connection:
            watching = {text.split('"')[1] for text in await end_texts(connection, self.dialect)}
        for texts in begin_texts(watched(task.tree for task in self.tasks), self.dialect):
            if any(_named(text) not in watching for text in texts):
                # killed before it watched everything: nothing that was made before can be trusted
                await self._forget()
                return
        _, done, total = await self.progress.place(self.database, WHOLE)
        self.tell(Told("resume", done, total))

    async def _forget(self) -> None:
        await self._alter(lambda connection: discard(connection, self.dialect))
        await self._begin()

    # values -----------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _looking(self, task: Task) -> AsyncIterator[Connection]:
        """Begin to read everything as at one moment, with what the new configuration makes of it where needed."""
        async with self.database.snapshot() as connection:
            if task.kind == "store":
                await self._look_ahead(connection)
            yield connection

    async def _look_ahead(self, connection: Connection) -> None:
        if self._ahead is None:
            self._ahead = Ahead(self.old, self.new.project, connection, now=self.now)
            self._ahead.kept = {task.entity: task.table for task in self.tasks.makes}
            self._anew = self._ahead.calculating()
            self._trees = store_trees(self.old, self._anew, self.pairing, self.tasks.stored, self.tasks.makes)
        self._ahead.connection = connection
        self._ahead.forget()
        await self._ahead.views()

    async def _task(self, task: Task) -> bool:
        """Make what is left of a task; ``False`` where a value does not fit."""
        async with self.database.snapshot() as connection:
            after, _, _ = await self.progress.place(connection, task.name)
        table = task.source
        select = sa.select(table.c.id).order_by(table.c.id).limit(self.pace.batch)
        first = render(select, self.dialect)
        more = render(select.where(table.c.id > given("_after", table.c.id)), self.dialect)
        while True:
            async with self._looking(task) as connection:
                for _ in range(self.pace.chunk):
                    statement = first if after is None else more
                    rows = await statement.fetch(connection, {"_after": after})
                    ids = [str(row[0]) for row in rows]
                    made = await self._values(connection, task, ids)
                    if made is None:
                        return False
                    after = ids[-1] if ids else after
                    if ids:
                        await self._write(task, made, after, len(ids))
                    if len(ids) < self.pace.batch:
                        await self._analyze(task)
                        return True

    async def _values(self, connection: Connection, task: Task, ids: Sequence[str]) -> list[list[object]] | None:
        """Return the rows of a side table for these records; ``None`` where a value does not fit."""
        if task.making is not None:
            found = task.making.nothing_refused()
            made = await task.making.rows(connection, ids, found)
            return None if any(one.count for one in found.values()) else made
        assert self._ahead is not None
        assert self._anew is not None
        fields, context = self.tasks.stored[task.entity], self._ahead.context
        return await calculated_of(self._anew, connection, task.entity, fields, ids=ids, context=context)

    async def _write(self, task: Task, made: Sequence[Sequence[object]], after: str | None, count: int) -> None:
        async def work(connection: Connection) -> None:
            if made:
                text, values = upsert_text(task.table, ("id", *task.fields), made, self.dialect)
                await connection.fetch(text, values)
            if after is not None:
                await self.progress.note(connection, task.name, after, count)
            else:
                await self.progress.alive(connection)

        await in_transaction(self.database, work)
        if after:
            await self._told(task)

    async def _analyze(self, task: Task) -> None:
        if self.dialect == "postgresql":
            await self.database.fetch(f"ANALYZE {task.table}")

    async def _told(self, task: Task) -> None:
        place = await self.progress.place(self.database, WHOLE)
        self._speed = [*self._speed[-20:], (time.monotonic(), place[1])]
        (since, before), (now, done) = self._speed[0], self._speed[-1]
        rate = (done - before) / (now - since) if now > since else 0.0
        self.tell(Told("batch", done, max(place[2], done), rate, task.entity))

    def _say(self, what: Literal["begin", "resume", "done"]) -> None:
        self.tell(Told(what))

    # what was written meanwhile ---------------------------------------------------------------------------------------

    async def _again(self) -> bool:
        """Make the values anew that are old since; return whether there were more than a few."""
        async with self.database.snapshot() as connection:
            notes = await notes_of(connection, MOST_NOTES)
        written = Written(notes.places)
        if len(notes.ids) <= self.pace.few:
            return False
        reach = Reach(self.old, OldPlaces(self.old))
        for task in self.tasks.makes:
            async with self._looking(task) as connection:
                ids = await reach.affected(connection, task.tree, written)
                written.rows.setdefault(task.entity, set()).update(ids)
                await self._anew_for(connection, task, ids)
        for task in self.tasks.stores:
            async with self._looking(task) as connection:
                assert self._anew is not None
                places = NewPlaces(self.old, self._anew, self.pairing, {t.entity: t.fields for t in self.tasks.makes})
                ids = await Reach(self._anew, places).affected(connection, self._trees[task.entity], written)
                await self._anew_for(connection, task, ids)
        await in_transaction(self.database, lambda connection: self._noted(connection, notes.ids))
        self.tell(Told("again", len(notes.ids)))
        return True

    async def _anew_for(self, connection: Connection, task: Task, ids: set[str]) -> None:
        listed = sorted(ids)
        for start in range(0, len(listed), BATCH):
            made = await self._values(connection, task, listed[start : start + BATCH])
            await self._write(task, made or (), None, 0)

    async def _noted(self, connection: Connection, ids: Sequence[int]) -> None:
        await self.progress.alive(connection)
        for start in range(0, len(ids), BATCH):
            listed = ", ".join(str(int(one)) for one in ids[start : start + BATCH])
            await connection.fetch(f"DELETE FROM {LOG} WHERE id IN ({listed})")


def _named(text: str) -> str:
    """Return what a statement makes."""
    words = text.split()
    return words[2].strip('"').removesuffix("()")
