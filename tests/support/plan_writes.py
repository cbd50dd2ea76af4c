"""Random writes to the rows of a random configuration, as they happen while a deploy is being prepared."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Database
from fachwerk.engine.store import Store
from plan_random import Rows


class Writer:
    """Writes to rows of an app, each time something else."""

    def __init__(self, app: App, database: Database, rng: random.Random) -> None:
        self.app, self.database, self.rng = app, database, rng
        self.case = "case" if "case" in app.entities else "matter"
        self.count = 0

    async def write(self) -> None:
        """Do one write."""
        async with self.database.transaction() as connection:
            rows = Rows(self.app, self.rng, connection)
            for name in ("person", "unit", self.case):
                table = self.app.tables.of(name).name
                found = await connection.fetch(f'SELECT id FROM "{table}" ORDER BY id')
                rows.made[name] = [str(row[0]) for row in found]
            ways = (self._change, self._change, self._lines, self._unit, self._person, self._add, self._remove)
            await self.rng.choice(ways)(rows)
            self.count += 1

    async def _change(self, rows: Rows) -> None:
        """Change some fields of a case."""
        compiled = self.app.entities[self.case]
        names = [n for n in compiled.writable if compiled.model.fields[n].kind not in ("rows", "links")]
        values = {name: rows.value(compiled.model.fields[name]) for name in self.rng.sample(names, 2)}
        values["version"] = self.rng.randint(2, 99)
        await Store(self.app, compiled).update(rows.connection, self.rng.choice(rows.made[self.case]), values)

    async def _lines(self, rows: Rows) -> None:
        compiled = self.app.entities[self.case]
        key, store = self.rng.choice(rows.made[self.case]), Store(self.app, compiled)
        before = await store.read(rows.connection, key)
        assert before is not None
        await store.write_rows(
            rows.connection, "lines", key, before["lines"], rows.value(compiled.model.fields["lines"])
        )

    async def _unit(self, rows: Rows) -> None:
        compiled = self.app.entities["unit"]
        cost = rows.value(compiled.model.fields["cost"])
        await Store(self.app, compiled).update(rows.connection, self.rng.choice(rows.made["unit"]), {"cost": cost})

    async def _person(self, rows: Rows) -> None:
        compiled = self.app.entities["person"]
        name = self.rng.choice("pqr") + "1"
        await Store(self.app, compiled).update(rows.connection, self.rng.choice(rows.made["person"]), {"name": name})

    async def _add(self, rows: Rows) -> None:
        await rows.row(self.case, subject="added", state=self.rng.choice(rows.states()), state__entry=1)

    async def _remove(self, rows: Rows) -> None:
        if len(rows.made[self.case]) > 5:
            compiled = self.app.entities[self.case]
            await Store(self.app, compiled).delete(rows.connection, self.rng.choice(rows.made[self.case]))


class Stopped(Exception):
    """Somebody has stopped it."""


class Busy:
    """A database in which somebody else writes after every transaction and every look."""

    def __init__(self, inner: Database, writer: Writer, most: int, stop: int) -> None:
        self._inner, self._writer, self._most, self._left = inner, writer, most, stop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def _written(self) -> None:
        if self._writer.count < self._most:
            await self._writer.write()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Begin a transaction; somebody writes after it. One of them is the last for a while."""
        self._left -= 1
        if self._left == 0:
            raise Stopped
        async with self._inner.transaction() as connection:
            yield connection
        await self._written()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Begin to look; somebody writes meanwhile."""
        async with self._inner.snapshot() as connection:
            await connection.fetch("SELECT count(*) FROM fw_config")
            await self._written()
            yield connection
