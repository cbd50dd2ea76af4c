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

from fachwerk.engine.database import PIECE, Busy, Connection, Row, StillLinked, Take, Unique
from fachwerk.rules.to_sql import register_functions
from fachwerk.schemas.tables_columns import Dialect

LONGEST_WAIT = 20.0
"""Seconds that a reader or writer waits for another process."""
LONGEST_WAIT_TO_ALTER = 120.0
"""Seconds that a change of tables waits: nobody makes room for it where servers write all the time."""

_UNIQUE = re.compile(r"UNIQUE constraint failed: (?:index '(?P<index>[^']+)'|(?P<columns>.+))$")


class Opened:
    """One connection as the service sees it."""

    def __init__(self, path: str, durable: bool) -> None:
        self.raw = sqlite3.connect(path, isolation_level=None, cached_statements=1000, check_same_thread=False)
        # another process may be opening, closing or recovering the file: at start that is waited for where we are
        self.raw.execute(f"pragma busy_timeout = {LONGEST_WAIT * 1000:.0f}")
        self.raw.execute("pragma foreign_keys = on")
        self.raw.execute(f"pragma synchronous = {'full' if durable else 'off'}")
        self.raw.execute("pragma cache_size = -65536")
        self.raw.execute("pragma temp_store = memory")
        register_functions(self.raw)
        self.raw.create_function("fw_fold", 1, _fold, deterministic=True)

    def hasten(self) -> None:
        """From now on do not wait for other processes: the event loop must not stand still."""
        self.raw.execute("pragma busy_timeout = 0")

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        try:
            return self.raw.execute(text, parameters).fetchall()
        except sqlite3.IntegrityError as error:
            raise _explained(error) from error


class SqliteDatabase:
    """An open SQLite file."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: str, durable: bool = True) -> None:
        self._path, self.url = path, f"sqlite:///{path}"
        self._writer = Opened(path, durable)
        _set_wal(self._writer.raw)
        self._reader = Opened(path, durable)
        self._reader.raw.execute("pragma query_only = on")
        self._writer.hasten()
        self._reader.hasten()
        self._lock = asyncio.Lock()

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement that reads, on the last commit."""
        try:
            return await self._reader.fetch(text, parameters)
        except sqlite3.OperationalError as error:
            if not _is_busy(error):
                raise
        # such as while another process recovers the log after a third was killed
        return await _patiently(self._reader, text, parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Begin a write; there is one at a time."""
        async with self._lock:
            await _patiently(self._writer, "begin immediate")
            try:
                yield self._writer
            except BaseException:
                self._writer.raw.execute("rollback")
                raise
            await _patiently(self._writer, "commit")

    @asynccontextmanager
    async def altering(self) -> AsyncIterator[Connection]:
        """Begin a write that may make tables anew; whether all links lead somewhere is asked at its end."""
        async with self._lock:
            self._writer.raw.execute("pragma foreign_keys = off")
            try:
                await _patiently(self._writer, "begin immediate", longest=LONGEST_WAIT_TO_ALTER, pause=0.002)
                try:
                    yield self._writer
                    broken = self._writer.raw.execute("pragma foreign_key_check").fetchmany(5)
                    if broken:
                        raise StillLinked(str(broken))
                except BaseException:
                    self._writer.raw.execute("rollback")
                    raise
                await _patiently(self._writer, "commit")
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
                own.raw.execute("pragma temp_store = file")
                return own.raw.execute(text, parameters).fetchall()
            finally:
                own.raw.close()

        return await asyncio.to_thread(work)

    async def through(self, text: str, parameters: Sequence[object], take: Take) -> None:
        """Run one statement that reads in a thread, on a connection of its own, and hand on its rows there."""

        def work() -> None:
            own = Opened(self._path, True)
            try:
                own.raw.execute("pragma query_only = on")
                own.raw.execute("pragma temp_store = file")
                cursor = own.raw.execute(text, parameters)
                while rows := cursor.fetchmany(PIECE):
                    take(rows)
            finally:
                own.raw.close()

        await asyncio.to_thread(work)

    async def script(self, statements: Sequence[str]) -> None:
        """Run statements that change tables, all or none of them."""
        async with self.transaction() as connection:
            for statement in statements:
                await connection.fetch(statement)

    async def close(self) -> None:
        """Close both connections."""
        self._reader.raw.close()
        self._writer.raw.close()


async def _patiently(
    at: Opened, text: str, parameters: Sequence[object] = (), *, longest: float = LONGEST_WAIT, pause: float = 0.05
) -> Sequence[Row]:
    """Run a statement, again and again with at most *pause* seconds between while another process is in the way."""
    end, wait = time.monotonic() + longest, 0.001
    while True:
        try:
            return await at.fetch(text, parameters)
        except sqlite3.OperationalError as error:
            if not _is_busy(error):
                raise
            if time.monotonic() > end:
                if text == "commit":
                    at.raw.execute("rollback")
                raise Busy("sqlite") from error
        await asyncio.sleep(wait)
        wait = min(wait * 2, pause)


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL)


def open_sqlite(path: str, durable: bool = True) -> SqliteDatabase:
    """Open the SQLite file at *path*; it is made if it is not there."""
    return SqliteDatabase(path, durable)


def _fold(text: Any) -> Any:
    """Return a text without regard to case, as searches compare it."""
    return text.casefold() if isinstance(text, str) else text


def _set_wal(raw: sqlite3.Connection) -> None:
    for _ in range(500):
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
