"""PostgreSQL by asyncpg: a pool of connections with prepared statements; ids are texts, JSON stays text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import asyncpg
from fachwerk.engine.database import PIECE, Blocked, Connection, Holder, Row, StillLinked, Take, TryAgain, Unique
from fachwerk.schemas.tables_columns import Dialect

MOST_CONNECTIONS = 16
LONGEST_LOCK_WAIT = 2.0
"""Seconds that a change of tables waits for one of them, with all writers behind it, before it lets them go first."""
MUCH_TO_SORT = "128MB"
"""Memory for the rows of one long look, which would else be sorted on disk."""
_HOLDERS = """
select a.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''),
       coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::float8, coalesce(a.state, ''),
       left(regexp_replace(coalesce(a.query, ''), '\\s+', ' ', 'g'), 120)
from unnest(pg_blocking_pids($1)) as blocking(pid) join pg_stat_activity a on a.pid = blocking.pid
order by a.xact_start
"""
_REFUSED = (
    asyncpg.UniqueViolationError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InvalidCachedStatementError,
)


class _Plain(asyncpg.Connection):  # type: ignore[misc]
    """A connection that leaves nothing behind: we set no session state, so there is nothing to reset on release."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


class _Transaction:
    """A connection within a transaction, as the service sees it."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        try:
            rows: Sequence[Row] = await self._connection.fetch(text, *parameters)
        except _REFUSED as error:
            raise _explained(error) from error
        return rows


class _Altering(_Transaction):
    """A transaction in which tables change: no statement is kept over a change, no table is waited for at length.

    Whoever waits for a table makes all who come after wait, too: a reader of an hour would stop everybody for an hour.
    """

    __slots__ = ("_holders", "_limited", "_look")

    def __init__(self, connection: Any, look: Callable[[int], Awaitable[tuple[Holder, ...]]]) -> None:
        super().__init__(connection)
        self._look, self._limited = look, False
        self._holders: tuple[Holder, ...] = ()

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        try:
            if text.startswith(("ALTER", "CREATE", "DROP", "LOCK TABLE")):
                return await self._alter(text)
            return await super().fetch(text, parameters)
        except asyncpg.LockNotAvailableError as error:  # a row that somebody else is writing, too
            raise Blocked(self._holders) from error

    async def _alter(self, text: str) -> Sequence[Row]:
        if not self._limited:
            await self._connection.execute(f"SET LOCAL lock_timeout = {LONGEST_LOCK_WAIT * 1000:.0f}")
            self._limited = True
        try:
            await self._watched(self._connection.execute(text))
        except _REFUSED as error:
            raise _explained(error) from error
        if not text.startswith("LOCK"):
            await self._connection.reload_schema_state()
        return ()

    async def _watched(self, statement: Coroutine[Any, Any, object]) -> None:
        """Run a statement; while that takes its time, look who keeps it from going on."""
        task = asyncio.ensure_future(statement)
        try:
            while not (await asyncio.wait({task}, timeout=LONGEST_LOCK_WAIT / 4))[0]:
                self._holders = await self._look(self._connection.get_server_pid()) or self._holders
        except BaseException:
            task.cancel()
            raise
        task.result()


class PostgresDatabase:
    """An open PostgreSQL database."""

    dialect: Dialect = "postgresql"

    def __init__(self, pool: Any, url: str) -> None:
        self._pool, self.url = pool, url

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement on any connection; it is a transaction of its own."""
        try:
            async with self._pool.acquire() as connection:
                rows: Sequence[Row] = await connection.fetch(text, *parameters)
        except _REFUSED as error:
            raise _explained(error) from error
        return rows

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Begin a transaction (read committed: every statement sees what was committed before it)."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                yield _Transaction(connection)
        except _REFUSED as error:
            raise _explained(error) from error

    @asynccontextmanager
    async def altering(self) -> AsyncIterator[Connection]:
        """Begin a transaction on a connection that keeps no statements: tables change while it lasts."""
        try:
            async with self._pool.acquire() as connection:
                try:
                    async with connection.transaction():
                        yield _Altering(connection, self._holders)
                finally:
                    await connection.reload_schema_state()
        except _REFUSED as error:
            raise _explained(error) from error

    async def _holders(self, process: int) -> tuple[Holder, ...]:
        """Return whom the *process* of a connection waits for."""
        async with self._pool.acquire() as connection:
            return tuple(Holder(*row) for row in await connection.fetch(_HOLDERS, process))

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Begin a transaction that sees everything as at one moment, and take back what it made."""
        async with self._pool.acquire() as connection:
            transaction = connection.transaction(isolation="repeatable_read")
            await transaction.start()
            try:
                yield _Transaction(connection)
            finally:
                await transaction.rollback()

    async def apart(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement that reads; the server does the waiting."""
        return await self.fetch(text, parameters)

    async def through(self, text: str, parameters: Sequence[object], take: Take) -> None:
        """Run one statement that reads, and hand on its rows as they come."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            await connection.execute(f"set local work_mem = '{MUCH_TO_SORT}'")
            cursor = await connection.cursor(text, *parameters)
            while rows := await cursor.fetch(PIECE):
                take(rows)

    async def script(self, statements: Sequence[str]) -> None:
        """Run statements that change tables, all or none of them."""
        async with self._pool.acquire() as connection, connection.transaction():
            for statement in statements:
                await connection.execute(statement)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()


async def open_postgres(url: str, durable: bool = True) -> PostgresDatabase:
    """Open the PostgreSQL database of *url* with up to :data:`MOST_CONNECTIONS` connections."""
    settings = {"timezone": "UTC", "application_name": "fachwerk", "jit": "off"}
    pool = await asyncpg.create_pool(
        url.replace("postgres://", "postgresql://", 1),
        min_size=1,
        max_size=MOST_CONNECTIONS,
        init=_prepare,
        connection_class=_Plain,
        statement_cache_size=1000,
        max_cached_statement_lifetime=0,
        max_inactive_connection_lifetime=0,
        server_settings=settings if durable else {**settings, "synchronous_commit": "off"},
    )
    return PostgresDatabase(pool, url)


async def _prepare(connection: Any) -> None:
    for name in ("uuid", "json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=str, decoder=str, format="text")
    # asyncpg's own codec makes infinity of 9999-12-31 and of 0001-01-01, which are then equal to no date in a rule.
    await connection.set_type_codec("date", schema="pg_catalog", encoder=_days, decoder=_date_after, format="tuple")


_EPOCH = date(2000, 1, 1).toordinal()


def _days(day: date) -> tuple[int]:
    return (day.toordinal() - _EPOCH,)


def _date_after(days: tuple[int]) -> date:
    return date.fromordinal(days[0] + _EPOCH)


def _explained(error: Exception) -> Exception:
    if isinstance(error, asyncpg.UniqueViolationError):
        return Unique(index=error.constraint_name or "")
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        return StillLinked(error.constraint_name or "")
    return TryAgain(str(error))
