"""The configuration that a database was deployed with, read back without knowing anything else of it."""

from __future__ import annotations

from collections.abc import Mapping

from fachwerk.engine.database import Database
from fachwerk.engine.inspect import inspect
from fachwerk.engine.versions import Versions
from fachwerk.problems import Refused
from fachwerk.schemas.model import Project


async def deployed_files(database: Database) -> tuple[int, Mapping[str, bytes]] | None:
    """Return version and files of the configuration in force, or ``None`` where nothing was ever deployed."""
    if "fw_config" not in (await inspect(database, database.dialect)).columns:
        return None
    versions = Versions(database.dialect)
    latest = await versions.latest(database)
    return None if latest is None else (latest[0], await versions.files(database, latest[0]))


async def deployed_project(database: Database) -> Project:
    """Return the configuration in force; raises :class:`Refused` where there is none that this version can read."""
    if "fw_config" in (await inspect(database, database.dialect)).columns:
        versions = Versions(database.dialect)
        latest = await versions.latest(database)
        if latest is not None:
            return await versions.project(database, latest[0])
    raise Refused("nothing_deployed", _NOTHING, status=409)


_NOTHING = {
    "en": "Nothing has been deployed to this database yet. Use: fachwerk deploy PATH --database URL",
    "de": "In diese Datenbank wurde noch nichts eingespielt. Dazu: fachwerk deploy PFAD --database URL",
}
