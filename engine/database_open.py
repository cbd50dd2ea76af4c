"""Opening a database by its URL; only the driver that is needed is loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fachwerk.engine.database import Database

T = TypeVar("T")


async def open_database(url: str, *, durable: bool = True) -> Database:
    """Open the database of *url*: ``sqlite:///file.db`` (made if absent) or ``postgresql://user@host:port/name``.

    Not *durable*: a commit does not wait for the disk, so that a power failure may lose what was written last. For data
    that can be made again.
    """
    if url.startswith("sqlite:///"):
        from fachwerk.engine.database_sqlite import open_sqlite  # the other driver is not loaded: start-up time

        return open_sqlite(url.removeprefix("sqlite:///"), durable)
    if url.startswith(("postgresql://", "postgres://")):
        from fachwerk.engine.database_postgres import open_postgres  # as above

        return await open_postgres(url, durable)
    raise ValueError("a database URL starts with sqlite:/// or postgresql://")


async def beside(database: Database, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run *work*, which takes seconds, in a thread on connections of its own to the same database."""

    async def opened() -> T:
        own = await open_database(database.url)
        try:
            return await work(own)
        finally:
            await own.close()

    return await asyncio.to_thread(lambda: asyncio.run(opened()))
