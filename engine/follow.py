"""Following: every process notices that a new version was deployed and answers by it, without a restart.

A process looks several times a second which version is in force. In between nothing wrong can happen: a write that is
one statement says in it which version it was made for, a transaction asks at its end, when it holds its locks, and
whatever fails meanwhile asks, too. Whoever turns out to be outdated has written nothing and begins again with the
new version.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from fachwerk.engine.database import MOST_ATTEMPTS, Connection, Database, Outdated, Row, Take, TryAgain
from fachwerk.engine.database_open import open_database
from fachwerk.engine.main import Running, compile_project, keys_for
from fachwerk.engine.service import Service, utc_now
from fachwerk.engine.statements import IN_FORCE
from fachwerk.engine.versions import Versions
from fachwerk.schemas.model import Project
from fachwerk.schemas.tables_columns import Dialect

__all__ = ["Follower", "Outdated", "VersionedDatabase", "following"]

LOG = logging.getLogger("fachwerk.follow")
PAUSE = 0.2
"""Seconds between two looks."""
_LATEST = "SELECT max(version) FROM fw_config"
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b|\s*WITH\b.*\b(INSERT INTO|UPDATE|DELETE FROM)\b", re.I | re.S)
_OF_THE_ENGINE = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) fw_(?!config)")
"""Writes to the engine's own tables alone: they are the same in all versions."""


class VersionedDatabase:
    """A database as one version may use it."""

    def __init__(self, inner: Database, version: int) -> None:
        self.inner, self.version = inner, version
        self._texts: dict[str, str | None] = {}
        """What becomes of a statement: its text, or ``None`` where it needs a transaction to be judged in."""

    @property
    def dialect(self) -> Dialect:
        """Which kind it is."""
        return self.inner.dialect

    @property
    def url(self) -> str:
        """The address by which it was opened."""
        return self.inner.url

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement; raises :class:`Outdated` where it writes, or fails, and another version is in force."""
        found = self._texts.get(text, "")
        if found == "":
            found = self._texts[text] = self._judged(text)
        if found is None:
            async with self.transaction() as connection:
                return await connection.fetch(text, parameters)
        for attempt in range(MOST_ATTEMPTS):
            try:
                return await self.inner.fetch(found, parameters)
            except Exception as error:
                await self._judge(self.inner, error)
                if not isinstance(error, TryAgain) or attempt + 1 == MOST_ATTEMPTS:
                    raise
                await asyncio.sleep(0.01 * 2**attempt * random.random())
        raise AssertionError

    def _judged(self, text: str) -> str | None:
        """Return a statement with the condition that this version is in force, where it is a write that can have one.

        It is judged after its locks are there: a deploy waits for them, or they for the deploy.
        """
        if self.dialect == "sqlite":
            return None if _WRITES.match(text) else text
        if IN_FORCE in text:
            return text.replace(IN_FORCE, f"1 / CAST(({_LATEST}) = {self.version} AS INTEGER)")
        return text if _OF_THE_ENGINE.match(text) or not _WRITES.match(text) else None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Begin a transaction that is committed only if the version is still in force at its end."""
        try:
            async with self.inner.transaction() as connection:
                yield connection
                await self._judge(connection, None)
        except Outdated:
            raise
        except Exception as error:
            await self._judge(self.inner, error)
            raise

    async def _judge(self, connection: Connection, error: Exception | None) -> None:
        rows = await connection.fetch(_LATEST)
        if rows[0][0] != self.version:
            raise Outdated(str(rows[0][0])) from error

    def snapshot(self) -> AbstractAsyncContextManager[Connection]:
        """Begin to look."""
        return self.inner.snapshot()

    def altering(self) -> AbstractAsyncContextManager[Connection]:
        """Begin a transaction that changes tables."""
        return self.inner.altering()

    async def apart(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement that reads and may take seconds."""
        try:
            return await self.inner.apart(text, parameters)
        except Exception as error:
            await self._judge(self.inner, error)
            raise

    async def through(self, text: str, parameters: Sequence[object], take: Take) -> None:
        """Run one statement that reads and hand on its many rows."""
        try:
            await self.inner.through(text, parameters, take)
        except Exception as error:
            await self._judge(self.inner, error)
            raise

    async def script(self, statements: Sequence[str]) -> None:
        """Run statements that change tables."""
        await self.inner.script(statements)

    async def close(self) -> None:
        """Close all connections."""
        await self.inner.close()


Use = Callable[[], None]
Prepare = Callable[[Running], Use]


class Follower:
    """Keeps what runs at the version in force."""

    def __init__(self, database: Database, url: str) -> None:
        self._database, self._url = database, url
        self._versions = Versions(database.dialect)
        self._lock = asyncio.Lock()
        self._prepares: list[Prepare] = []
        self.version = 0

    def prepare(self, prepare: Prepare) -> None:
        """Have *prepare* called with every new version, in a thread beside the requests; what it returns makes it so.

        What is returned by all of them is called at one moment.
        """
        self._prepares.append(prepare)

    def call(self, use: Callable[[Running], None]) -> None:
        """Have *use* called with every new version."""
        self.prepare(lambda running: lambda: use(running))

    async def behind(self) -> bool:
        """Whether another version is in force than the one used."""
        rows = await self._database.fetch(_LATEST)
        return int(rows[0][0]) != self.version

    async def begin(self, project: Project, version: int) -> Running:
        """Return *project* running as *version*."""
        self.version = version
        return await self._running(project, version)

    async def catch_up(self) -> None:
        """Use the version in force; of several callers at once one does the work and the others wait for it."""
        async with self._lock:
            rows = await self._database.fetch(_LATEST)
            number = int(rows[0][0])
            if number == self.version:
                return
            project = await self._versions.project(self._database, number)
            running = await self._running(project, number)
            for use in await asyncio.to_thread(lambda: [prepare(running) for prepare in self._prepares]):
                use()
            self.version = number
            LOG.info("version %s is in force", number)

    async def _running(self, project: Project, version: int) -> Running:
        database = VersionedDatabase(self._database, version)
        # compiling takes a while; requests go on meanwhile
        app = await asyncio.to_thread(compile_project, project, database.dialect)
        return Running(app, database, Service(app, database, keys_for(project, self._url), utc_now))

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(PAUSE)
            try:
                await self.catch_up()
            except Exception:
                LOG.exception("cannot see which version is in force")


@asynccontextmanager
async def following(url: str) -> AsyncIterator[tuple[Follower, Running]]:
    """Open the database of *url* with the version in force, and follow while the block lasts."""
    database = await open_database(url)
    try:
        versions = Versions(database.dialect)
        number = (await versions.latest(database) or (0, ""))[0]
        follower = Follower(database, url)
        running = await follower.begin(await versions.project(database, number), number)
        task = asyncio.create_task(follower.watch())
        try:
            yield follower, running
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    finally:
        await database.close()
