"""Opening a database by its URL; only the driver that is needed is loaded."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from fachwerk.engine.database import Database
from fachwerk.problems import Refused, Text

T = TypeVar("T")
_SQLITE = "sqlite:///"
_WRONG: Text = {
    "en": "This is no address of a database: sqlite:///FILE or postgresql://USER@HOST:PORT/NAME.",
    "de": "Das ist keine Adresse einer Datenbank: sqlite:///DATEI oder postgresql://BENUTZER@HOST:PORT/NAME.",
}


async def open_database(url: str, *, durable: bool = True) -> Database:
    """Open the database of *url*: ``sqlite:///file.db`` (made if absent) or ``postgresql://user@host:port/name``.

    Not *durable*: a commit does not wait for the disk, so that a power failure may lose what was written last. For data
    that can be made again. Raises :class:`Refused` where it is not there or does not let us in.
    """
    if url.startswith(_SQLITE):
        from fachwerk.engine.database_sqlite import open_sqlite  # the other driver is not loaded: start-up time

        try:
            return open_sqlite(url.removeprefix(_SQLITE), durable)
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


@asynccontextmanager
async def opened(url: str, *, make: bool = False) -> AsyncIterator[Database]:
    """Open the database of *url* for a while; an SQLite file that is not there is refused unless it may be *made*."""
    if not make and (missing := missing_file(url)) is not None:
        raise Refused("no_file", {name: text.format(file=missing) for name, text in _NO_FILE.items()}, status=404)
    database = await open_database(url)
    try:
        yield database
    finally:
        await database.close()


def file_of(url: str) -> Path | None:
    """Return the SQLite file of *url*; ``None`` for a server's database and for one in memory."""
    path = url.removeprefix(_SQLITE)
    return Path(path) if url.startswith(_SQLITE) and path != ":memory:" else None


def missing_file(url: str) -> Path | None:
    """Return the SQLite file of *url* if it is not there; in a folder that is not there, opening it says so."""
    path = file_of(url)
    return path if path is not None and path.parent.is_dir() and not path.exists() else None


_NO_FILE: Text = {
    "en": "There is no database {file}: nothing was ever deployed there. Is the path right? Otherwise: fachwerk deploy "
    "PATH --to sqlite:///{file}",
    "de": "Es gibt keine Datenbank {file}: dorthin wurde noch nie etwas eingespielt. Stimmt der Pfad? Sonst: fachwerk "
    "deploy PFAD --to sqlite:///{file}",
}


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

    async def on_its_own() -> T:
        own = await open_database(database.url)
        try:
            return await work(own)
        finally:
            await own.close()

    return await asyncio.to_thread(lambda: asyncio.run(on_its_own()))
