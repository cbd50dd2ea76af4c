"""A database in memory that can be put back to an earlier moment: for trials, which keep nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fachwerk.engine.database import Connection, Row, Take
from fachwerk.engine.database_sqlite import Opened
from fachwerk.schemas.tables_columns import Dialect


class MemoryDatabase:
    """SQLite in memory, on one connection: what is read within a transaction is what it has written."""

    dialect: Dialect = "sqlite"
    url = ":memory:"

    def __init__(self) -> None:
        self._open = Opened(":memory:", durable=False)
        self._lock = asyncio.Lock()
        self._script: tuple[str, ...] = ()
        self._left: list[Opened] = []

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement."""
        return await self._open.fetch(text, parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Begin a write; there is one at a time, and all of it is undone where the block raises."""
        async with self._lock, self._savepoint("step", keep=True):
            yield self._open

    @asynccontextmanager
    async def scene(self) -> AsyncIterator[None]:
        """Undo at the end of the block whatever was written in it."""
        async with self._savepoint("scene", keep=False):
            yield

    @asynccontextmanager
    async def altering(self) -> AsyncIterator[Connection]:
        """Begin a write that may change tables."""
        async with self.transaction() as connection:
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Begin to look; what is made meanwhile is gone at the end."""
        async with self._savepoint("look", keep=False):
            yield self._open

    async def apart(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement."""
        return await self.fetch(text, parameters)

    async def through(self, text: str, parameters: Sequence[object], take: Take) -> None:
        """Run one statement and hand on its rows."""
        take(await self.fetch(text, parameters))

    async def script(self, statements: Sequence[str]) -> None:
        """Run statements that change tables, all or none of them."""
        async with self.transaction() as connection:
            for statement in statements:
                await connection.fetch(statement)
        self._script += tuple(statements)

    async def anew(self) -> None:
        """Begin anew with the same tables: in a copy of a process, which must not touch what the other has open."""
        self._left.append(self._open)
        self._open, script, self._script = Opened(":memory:", durable=False), self._script, ()
        await self.script(script)

    async def close(self) -> None:
        """Let go of everything."""
        self._open.raw.close()

    @asynccontextmanager
    async def _savepoint(self, name: str, *, keep: bool) -> AsyncIterator[None]:
        run = self._open.raw.execute
        run(f"savepoint {name}")
        try:
            yield
        except BaseException:
            run(f"rollback to {name}")
            run(f"release {name}")
            raise
        if not keep:
            run(f"rollback to {name}")
        run(f"release {name}")


class Clock:
    """A clock that stands where it was set."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def __call__(self) -> dt.datetime:
        """Return the moment it is set to."""
        return self.moment

    def set(self, moment: dt.datetime) -> None:
        """Set it."""
        self.moment = moment
