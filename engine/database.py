"""A database as the service sees it: statement texts and positional parameters in, tuples out.

Two kinds stand behind :class:`Database`: ``database_sqlite`` (inline on the event loop) and ``database_postgres``
(asyncpg); ``database_open`` chooses. Statements are rendered once by ``engine.statements``; nothing is compiled per
request.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from fachwerk.schemas.tables_columns import Dialect

Row = Sequence[Any]
"""One row as the driver gives it: a tuple, or something that can be indexed like one."""

Take = Callable[[Sequence[Row]], None]

T = TypeVar("T")

PIECE = 2000
"""So many rows are handed on at a time where there may be very many."""

MOST_ATTEMPTS = 5
"""How often a write is tried when the database breaks a deadlock at its cost."""


class Unique(Exception):
    """A unique index refused a write; *index* is its name, or else *table* and *columns* say which it is."""

    def __init__(self, index: str = "", table: str = "", columns: tuple[str, ...] = ()) -> None:
        super().__init__(index or f"{table} {columns}")
        self.index = index
        self.table = table
        self.columns = columns


class StillLinked(Exception):
    """A foreign key refused a write: something links to what was to go, or a link leads nowhere."""


class TryAgain(Exception):
    """The database broke a deadlock by refusing this transaction; nothing of it was written."""


class Busy(Exception):
    """Another process held the database for longer than anybody should wait."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody whose transaction keeps a table: who, from which program, for how long, doing what."""

    process: int
    program: str
    user: str
    seconds: float
    state: str
    statement: str


class Blocked(Exception):
    """Others kept a table that was to be changed; nothing was changed. *holders* are those that are known."""

    def __init__(self, holders: tuple[Holder, ...] = ()) -> None:
        super().__init__(", ".join(str(one.process) for one in holders))
        self.holders = holders


class Outdated(Exception):
    """A newer version is in force than the one that was at work; nothing was written."""


class Connection(Protocol):
    """What can run statements: a transaction, or the database itself where one statement is all."""

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement and return all its rows."""
        ...


class Database(Connection, Protocol):
    """An open database."""

    @property
    def dialect(self) -> Dialect:
        """Which kind it is."""
        ...

    @property
    def url(self) -> str:
        """The address by which it was opened; nobody can open another database by that of one in memory."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[Connection]:
        """Begin a transaction; it is committed at the end of the block, rolled back where that raises."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Connection]:
        """Begin to look: everything as at one moment; what is made meanwhile (temporary tables) is gone at the end."""
        ...

    def altering(self) -> AbstractAsyncContextManager[Connection]:
        """Begin a transaction that changes tables: keys are judged at its end where the database can wait for that."""
        ...

    async def apart(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement that reads and may take seconds, so that nobody else waits for it."""
        ...

    async def through(self, text: str, parameters: Sequence[object], take: Take) -> None:
        """Run one statement like :meth:`apart`, and hand on its many rows some thousand at a time."""
        ...

    async def script(self, statements: Sequence[str]) -> None:
        """Run statements that change tables, all or none of them."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


async def in_transaction(database: Database, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Run *work* in a transaction, again from the start when the database broke a deadlock at its cost."""
    return await _again(database.transaction, work)


async def in_altering(database: Database, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Run *work* in a transaction that changes tables, again from the start like :func:`in_transaction`."""
    return await _again(database.altering, work)


async def _again(
    begin: Callable[[], AbstractAsyncContextManager[Connection]], work: Callable[[Connection], Awaitable[T]]
) -> T:
    for attempt in range(MOST_ATTEMPTS):
        try:
            async with begin() as connection:
                return await work(connection)
        except TryAgain:
            if attempt + 1 == MOST_ATTEMPTS:
                raise Busy("deadlock") from None
            await asyncio.sleep(0.01 * 2**attempt * random.random())
    raise AssertionError
