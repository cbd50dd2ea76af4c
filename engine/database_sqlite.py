"""SQLite, inline on the event loop: readers see the last commit (WAL), one writer at a time.

A statement takes microseconds, so it runs where it is called; only waiting must not block the loop. Writers of this
process wait for an ``asyncio.Lock``; for another process's lock we ask again after a short sleep.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fachwerk.engine.database import Busy, Connection, Row, StillLinked, Unique
from fachwerk.rules.to_sql import register_functions
from fachwerk.schemas.tables_columns import Dialect

LONGEST_WAIT = 20.0
"""Seconds that a writer waits for another process."""

_UNIQUE = re.compile(r"UNIQUE constraint failed: (?:index '(?P<index>[^']+)'|(?P<columns>.+))$")


class Opened:
    """One connection as the service sees it."""

    def __init__(self, path: str, durable: bool) -> None:
        self.raw = sqlite3.connect(path, isolation_level=None, cached_statements=1000, check_same_thread=False)
        self.raw.execute("pragma busy_timeout = 0")
        self.raw.execute("pragma foreign_keys = on")
        self.raw.execute(f"pragma synchronous = {'full' if durable else 'off'}")
        self.raw.execute("pragma cache_size = -65536")
        self.raw.execute("pragma temp_store = memory")
        register_functions(self.raw)
        self.raw.create_function("fw_fold", 1, _fold, deterministic=True)

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        try:
            return self.raw.execute(text, parameters).fetchall()
        except sqlite3.IntegrityError as error:
            raise _explained(error) from error


class SqliteDatabase:
    """An open SQLite file."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: str, durable: bool = True) -> None:
        self._path = path
        self._writer = Opened(path, durable)
        _set_wal(self._writer.raw)
        self._reader = Opened(path, durable)
        self._reader.raw.execute("pragma query_only = on")
        self._lock = asyncio.Lock()

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement that reads, on the last commit."""
        return await self._reader.fetch(text, parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Begin a write; there is one at a time."""
        async with self._lock:
            await self._patiently("begin immediate")
            try:
                yield self._writer
            except BaseException:
                self._writer.raw.execute("rollback")
                raise
            await self._patiently("commit")

    @asynccontextmanager
    async def altering(self) -> AsyncIterator[Connection]:
        """Begin a write that may make tables anew; whether all links lead somewhere is asked at its end."""
        async with self._lock:
            self._writer.raw.execute("pragma foreign_keys = off")
            try:
                await self._patiently("begin immediate")
                try:
                    yield self._writer
                    broken = self._writer.raw.execute("pragma foreign_key_check").fetchmany(5)
                    if broken:
                        raise StillLinked(str(broken))
                except BaseException:
                    self._writer.raw.execute("rollback")
                    raise
                await self._patiently("commit")
            finally:
                self._writer.raw.execute("pragma foreign_keys = on")

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Begin to read on a connection of its own, which keeps what it makes in temporary files."""
        own = Opened(self._path, True)
        try:
            own.raw.execute("pragma temp_store = file")
            own.raw.execute("begin")
            yield own
        finally:
            own.raw.close()

    async def apart(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement that reads in a thread, on a connection of its own."""

        def work() -> Sequence[Row]:
            own = Opened(self._path, True)
            try:
                own.raw.execute("pragma query_only = on")
                return own.raw.execute(text, parameters).fetchall()
            finally:
                own.raw.close()

        return await asyncio.to_thread(work)

    async def script(self, statements: Sequence[str]) -> None:
        """Run statements that change tables, all or none of them."""
        async with self.transaction() as connection:
            for statement in statements:
                await connection.fetch(statement)

    async def close(self) -> None:
        """Close both connections."""
        self._reader.raw.close()
        self._writer.raw.close()

    async def _patiently(self, text: str) -> None:
        end = time.monotonic() + LONGEST_WAIT
        pause = 0.001
        while True:
            try:
                self._writer.raw.execute(text)
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() > end:
                    if text == "commit":
                        self._writer.raw.execute("rollback")
                    raise Busy("sqlite") from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.05)


def open_sqlite(path: str, durable: bool = True) -> SqliteDatabase:
    """Open the SQLite file at *path*; it is made if it is not there."""
    return SqliteDatabase(path, durable)


def _fold(text: Any) -> Any:
    """Return a text without regard to case, as searches compare it."""
    return text.casefold() if isinstance(text, str) else text


def _set_wal(raw: sqlite3.Connection) -> None:
    for _ in range(200):
        try:
            raw.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError:
            time.sleep(0.01)  # at start only: another process is opening the same new file
    raise Busy("sqlite")


def _explained(error: sqlite3.IntegrityError) -> Exception:
    found = _UNIQUE.match(str(error))
    if found and found["index"]:
        return Unique(index=found["index"])
    if found:
        pairs = [part.rsplit(".", 1) for part in found["columns"].split(", ")]
        return Unique(table=pairs[0][0], columns=tuple(column for _, column in pairs))
    if "FOREIGN KEY" in str(error):
        return StillLinked(str(error))
    return error
