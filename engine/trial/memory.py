"""A database in memory that can be put back to an earlier moment: for trials, which keep nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

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

    def transaction(self) -> AbstractAsyncContextManager[Connection]:
        """Begin a write; there is one at a time, and all of it is undone where the block raises."""
        return _Savepoint(self._open, "step", keep=True, lock=self._lock)

    def scene(self) -> AbstractAsyncContextManager[Connection]:
        """Undo at the end of the block whatever was written in it."""
        return _Savepoint(self._open, "scene", keep=False)

    def altering(self) -> AbstractAsyncContextManager[Connection]:
        """Begin a write that may change tables."""
        return self.transaction()

    def snapshot(self) -> AbstractAsyncContextManager[Connection]:
        """Begin to look; what is made meanwhile is gone at the end."""
        return _Savepoint(self._open, "look", keep=False)

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


class _Savepoint:
    """A block that is undone where it raises, and at its end where nothing of it is to be kept."""

    __slots__ = ("_keep", "_lock", "_name", "_open")

    def __init__(self, opened: Opened, name: str, *, keep: bool, lock: asyncio.Lock | None = None) -> None:
        self._open, self._name, self._keep, self._lock = opened, name, keep, lock

    async def __aenter__(self) -> Connection:
        if self._lock is not None:
            await self._lock.acquire()
        self._open.raw.execute(f"savepoint {self._name}")
        return self._open

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        run = self._open.raw.execute
        try:
            if kind is not None or not self._keep:
                run(f"rollback to {self._name}")
            run(f"release {self._name}")
        finally:
            if self._lock is not None:
                self._lock.release()


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
