"""PostgreSQL by asyncpg: a pool of connections with prepared statements; ids are texts, JSON stays text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import asyncpg
from fachwerk.engine.database import Connection, Row, StillLinked, TryAgain, Unique
from fachwerk.schemas.tables_columns import Dialect

MOST_CONNECTIONS = 16
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
    """A transaction in which tables change: no statement is kept over a change."""

    __slots__ = ()

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        if text.startswith(("ALTER", "CREATE", "DROP")):
            try:
                await self._connection.execute(text)
            except _REFUSED as error:
                raise _explained(error) from error
            await self._connection.reload_schema_state()
            return ()
        return await super().fetch(text, parameters)


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
                        yield _Altering(connection)
                finally:
                    await connection.reload_schema_state()
        except _REFUSED as error:
            raise _explained(error) from error

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
