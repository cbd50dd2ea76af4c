"""Following: every process notices that a new version was deployed and answers by it, without a restart.

A process looks twice a second which version is in force. In between nothing wrong can happen: a transaction asks at
its end, when it holds its locks, whether its version is still in force, and otherwise takes everything back; what
fails because tables have changed asks too. Either way the request is answered again, by the new version.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from fachwerk.engine.database import Busy, Connection, Database, Row, StillLinked, TryAgain, Unique
from fachwerk.engine.database_open import open_database
from fachwerk.engine.main import Running, compile_project, keys_for
from fachwerk.engine.service import Service, utc_now
from fachwerk.engine.versions import Versions
from fachwerk.problems import Refused
from fachwerk.schemas.model import Project
from fachwerk.schemas.tables_columns import Dialect

LOG = logging.getLogger("fachwerk.follow")
PAUSE = 0.4
"""Seconds between two looks."""
_LATEST = "SELECT max(version) FROM fw_config"
_WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")
_ORDINARY = (Refused, Unique, StillLinked, TryAgain, Busy)


class Outdated(Exception):
    """A newer version is in force than the one that was at work; nothing was written."""


class VersionedDatabase:
    """A database as one version may use it."""

    def __init__(self, inner: Database, version: int) -> None:
        self.inner, self.version = inner, version

    @property
    def dialect(self) -> Dialect:
        """Which kind it is."""
        return self.inner.dialect

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement; raises :class:`Outdated` where it fails since the tables are another version's."""
        if text.startswith(_WRITES):
            # a write that needs no transaction for its own sake needs one to be judged in
            async with self.transaction() as connection:
                return await connection.fetch(text, parameters)
        try:
            return await self.inner.fetch(text, parameters)
        except _ORDINARY:
            raise
        except Exception as error:
            await self._judge(self.inner, error)
            raise

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Begin a transaction that is committed only if the version is still in force at its end."""
        try:
            async with self.inner.transaction() as connection:
                yield connection
                await self._judge(connection, None)
        except (*_ORDINARY, Outdated):
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

    async def script(self, statements: Sequence[str]) -> None:
        """Run statements that change tables."""
        await self.inner.script(statements)

    async def close(self) -> None:
        """Close all connections."""
        await self.inner.close()


Use = Callable[[Running], None]


class Follower:
    """Keeps what runs at the version in force; *use* is called with each new one."""

    def __init__(self, database: Database, url: str) -> None:
        self._database, self._url = database, url
        self._versions = Versions(database.dialect)
        self._lock = asyncio.Lock()
        self._uses: list[Use] = []
        self.version = 0

    def call(self, use: Use) -> None:
        """Have *use* called with every new version."""
        self._uses.append(use)

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
            for use in self._uses:
                use(running)
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
