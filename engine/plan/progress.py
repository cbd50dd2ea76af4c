"""Progress: how far the values of a deploy are made that is being prepared, kept in the database in ``fw_fill``.

One row for each task and one (without a name) for the whole. Who makes the values is its *owner*; every batch is
written only as long as that is still so, together with how far it came.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from fachwerk import __version__
from fachwerk.engine.database import Connection, Row
from fachwerk.engine.inspect import inspect
from fachwerk.problems import Refused, Text
from fachwerk.schemas.tables_columns import Dialect

WHOLE = ""
MADE = "made"
"""The position of the whole once everything was made."""
STALE = 30
"""Seconds without a sign of life after which an owner on another machine is taken for dead."""


@dataclass(frozen=True, slots=True)
class Known:
    """A preparation that was begun: from which version (hash) to which, by whom, and how far it is."""

    old: str
    new: str
    owner: str
    tool: str
    done: int
    total: int
    at: int
    whole: bool
    """Whether everything was made once."""

    @property
    def alive(self) -> bool:
        """Whether somebody is at it now."""
        if not self.owner:
            return False
        host, _, rest = self.owner.partition(" ")
        process = int(rest.partition(" ")[0])
        if host == socket.gethostname() and process != os.getpid():
            return _runs(process)
        return time.time() - self.at < STALE


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Progress:
    """What is kept of the progress of one preparation, for its owner."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.owner = f"{socket.gethostname()} {os.getpid()} {uuid4().hex[:8]}"

    def _text(self, text: str) -> str:
        if self.dialect == "postgresql":
            for number in range(1, text.count("?") + 1):
                text = text.replace("?", f"${number}", 1)
        return text

    async def _fetch(self, connection: Connection, text: str, *values: object) -> Sequence[Row]:
        return await connection.fetch(self._text(text), values)

    async def begin(self, connection: Connection, old: str, new: str, totals: Sequence[tuple[str, int]]) -> None:
        """Note the tasks: their names, and for how many records each is."""
        whole = (WHOLE, sum(total for _, total in totals))
        for name, total in (whole, *totals):
            values = (name, old, new, self.owner, __version__, None, 0, total, int(time.time()))
            names = "name, old, new, owner, tool, position, done, total, at"
            await self._fetch(connection, f"INSERT INTO fw_fill ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *values)

    async def take(self, connection: Connection) -> None:
        """Become the owner of what somebody else began."""
        await self._fetch(connection, "UPDATE fw_fill SET owner = ?, at = ?", self.owner, int(time.time()))

    async def place(self, connection: Connection, name: str) -> tuple[str | None, int, int]:
        """Return the last record of a task that is done, how many are, and of how many."""
        text = "SELECT position, done, total FROM fw_fill WHERE name = ?"
        rows = await self._fetch(connection, text, name)
        return (rows[0][0], int(rows[0][1]), int(rows[0][2])) if rows else (None, 0, 0)

    async def note(self, connection: Connection, name: str, position: str, count: int) -> None:
        """Note a batch; raises :class:`Refused` where it is no longer ours to make."""
        await self.alive(connection, count)
        text = "UPDATE fw_fill SET position = ?, done = done + ? WHERE name = ?"
        await self._fetch(connection, text, position, count, name)

    async def alive(self, connection: Connection, count: int = 0) -> None:
        """Give a sign of life, with so many more done; :class:`Refused` where it is no longer ours to make."""
        text = "UPDATE fw_fill SET done = done + ?, at = ? WHERE name = ? AND owner = ? RETURNING name"
        if not await self._fetch(connection, text, count, int(time.time()), WHOLE, self.owner):
            raise Refused("taken_over", _TAKEN_OVER, status=409)

    async def finish(self, connection: Connection) -> None:
        """Note that everything is made."""
        await self.alive(connection)
        await self._fetch(connection, "UPDATE fw_fill SET position = ? WHERE name = ?", MADE, WHOLE)

    async def leave(self, connection: Connection) -> None:
        """Leave it to the next one, at once."""
        await self._fetch(connection, "UPDATE fw_fill SET owner = ? WHERE owner = ?", "", self.owner)


async def known(connection: Connection, dialect: Dialect) -> Known | None:
    """Return the preparation that was begun in this database, if there is one."""
    if "fw_fill" not in (await inspect(connection, dialect)).columns:
        return None
    names = "old, new, owner, tool, done, total, at, position"
    rows = await connection.fetch(f"SELECT {names} FROM fw_fill WHERE name = ''")
    if not rows:
        return None
    old, new, owner, tool, done, total, at, position = rows[0]
    whole = position == MADE
    return Known(str(old), str(new), str(owner), str(tool), int(done), int(total), int(at), whole)


_TAKEN_OVER: Text = {
    "en": "Another deploy has begun meanwhile and goes on with this. Nothing was changed.",
    "de": "Inzwischen hat ein anderes Einspielen begonnen und macht hier weiter. Nichts wurde geändert.",
}
