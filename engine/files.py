"""Files of records: the bytes once per content, under their SHA-256, in the database beside the records."""

from __future__ import annotations

import datetime as dt
import hashlib

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.keys import new_id
from fachwerk.engine.statements import given, insert_into, render
from fachwerk.schemas.kinds import FileInfo, FileUpload
from fachwerk.schemas.tables_columns import Form, to_driver


class Files:
    """Stores and fetches the content of files."""

    def __init__(self, app: App) -> None:
        table = app.tables.metadata.tables["fw_file"]
        self._moment = to_driver(Form("datetime"), app.dialect)
        values = {c.name: given(str(c.name), c) for c in table.c}
        self._insert = render(insert_into(table, app.dialect).values(values).on_conflict_do_nothing(), app.dialect)
        self._read = render(sa.select(table.c.content).where(table.c.hash == given("hash", table.c.hash)), app.dialect)

    def described(self, upload: FileUpload) -> FileInfo:
        """Return what a record keeps of *upload*."""
        digest = hashlib.sha256(upload.content).hexdigest()
        return FileInfo(new_id(), upload.name, len(upload.content), upload.type, digest)

    async def store(self, connection: Connection, upload: FileUpload, info: FileInfo, now: dt.datetime) -> None:
        """Keep the bytes of *upload*, which a record knows as *info*."""
        created = self._moment(now) if self._moment else now
        values = {"hash": info.hash, "type": info.type, "size": info.size, "content": upload.content}
        await self._insert.fetch(connection, {**values, "created": created})

    async def content(self, connection: Connection, digest: str) -> bytes | None:
        """Return the bytes with this hash."""
        rows = await self._read.fetch(connection, {"hash": digest})
        return bytes(rows[0][0]) if rows else None
