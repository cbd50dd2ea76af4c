"""The commands about evidence as functions: each opens the database, does one thing and closes it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from fachwerk.engine.evidence.exporting import Export, exported, removed
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.serving import open_deployed
from fachwerk.engine.service import Service
from fachwerk.engine.values import Person
from fachwerk.problems import Refused


async def write_events(url: str, export: Export, out: Path | None, name: str | None) -> tuple[int, int]:
    """Write the log of the database of *url* to the file *out* (``None``: standard output); return its bytes.

    Everything is in it, or what the account *name* may see. Of records that were removed steps and states are; the
    second number says how many they are (0 for an account: nobody can say which of them it might have seen).
    """
    async with open_deployed(url) as running:
        who = running.service.system if name is None else await _account(running.service, name)
        export = replace(export, removed=name is None)
        written = await _write(exported(running.service, who, export), out)
        return written, await removed(running.service, export) if name is None else 0


async def _write(pieces: AsyncIterator[bytes], out: Path | None) -> int:
    count = 0
    file = out.open("wb") if out is not None else sys.stdout.buffer
    try:
        async for piece in pieces:
            count += file.write(piece)
        file.flush()
    finally:
        if out is not None:
            file.close()
    return count


async def _account(service: Service, name: str) -> Person:
    project = service.app.project
    accounts = Accounts(service.database, service.app.tables.metadata, project.roles)
    found = await accounts.find(name)
    if found is None:
        raise Refused(
            "unknown_user",
            {"en": f"Nobody signs in as {name}.", "de": f"Niemand meldet sich als {name} an."},
            status=404,
        )
    return Person(found.id, found.name, found.email, found.roles, found.language)
