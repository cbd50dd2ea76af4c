"""Opening a database by its URL; only the driver that is needed is loaded."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fachwerk.engine.database import Database
from fachwerk.problems import Refused, Text

T = TypeVar("T")
_WRONG: Text = {
    "en": "This is no address of a database: sqlite:///FILE or postgresql://USER@HOST:PORT/NAME.",
    "de": "Das ist keine Adresse einer Datenbank: sqlite:///DATEI oder postgresql://BENUTZER@HOST:PORT/NAME.",
}


async def open_database(url: str, *, durable: bool = True) -> Database:
    """Open the database of *url*: ``sqlite:///file.db`` (made if absent) or ``postgresql://user@host:port/name``.

    Not *durable*: a commit does not wait for the disk, so that a power failure may lose what was written last. For data
    that can be made again. Raises :class:`Refused` where it is not there or does not let us in.
    """
    if url.startswith("sqlite:///"):
        from fachwerk.engine.database_sqlite import open_sqlite  # the other driver is not loaded: start-up time

        try:
            return open_sqlite(url.removeprefix("sqlite:///"), durable)
        except (OSError, sqlite3.Error) as error:
            raise _not_opened(error) from error
    if url.startswith(("postgresql://", "postgres://")):
        import asyncpg  # as above
        from fachwerk.engine.database_postgres import open_postgres

        try:
            return await open_postgres(url, durable)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise _not_opened(error) from error
        except ValueError as error:  # what it says may hold a piece of the password
            raise Refused("wrong_database", _WRONG) from error
    raise Refused("wrong_database", _WRONG)


def _not_opened(error: Exception) -> Refused:
    """Return what to say; the address stays out, as it may hold a password."""
    told = " ".join(str(error).split()) or type(error).__name__
    text = {
        "en": f"The database cannot be opened: {told}. Is the address right, and does its server run?",
        "de": f"Die Datenbank lässt sich nicht öffnen: {told}. Stimmt die Adresse, und läuft ihr Server?",
    }
    return Refused("no_database", text, status=503)


async def beside(database: Database, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run *work*, which takes seconds, in a thread on connections of its own to the same database."""

    async def opened() -> T:
        own = await open_database(database.url)
        try:
            return await work(own)
        finally:
            await own.close()

    return await asyncio.to_thread(lambda: asyncio.run(opened()))
