"""The configuration that a database was deployed with, read back without knowing anything else of it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping

import orjson
from fachwerk.engine.database import Database
from fachwerk.engine.inspect import inspect
from fachwerk.problems import Refused
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project

_LATEST = "SELECT version, files FROM fw_config ORDER BY version DESC LIMIT 1"


async def deployed_files(database: Database) -> tuple[int, Mapping[str, bytes]] | None:
    """Return version and files of the configuration in force, or ``None`` where nothing was ever deployed."""
    if "fw_config" not in (await inspect(database, database.dialect)).columns:
        return None
    rows = await database.fetch(_LATEST)
    if not rows:
        return None
    return int(rows[0][0]), {name: b64decode(text) for name, text in orjson.loads(rows[0][1]).items()}


async def deployed_project(database: Database) -> Project:
    """Return the configuration in force; raises :class:`Refused` where there is none that this version can read."""
    found = await deployed_files(database)
    if found is None:
        raise Refused("nothing_deployed", _NOTHING, status=409)
    project, problems = read_project(found[1])
    if project is None or problems.errors:
        raise Refused("unreadable", _UNREADABLE, status=409)
    return project


_NOTHING = {
    "en": "Nothing has been deployed to this database yet. Use: fachwerk deploy PATH --database URL",
    "de": "In diese Datenbank wurde noch nichts eingespielt. Dazu: fachwerk deploy PFAD --database URL",
}
_UNREADABLE = {
    "en": "The configuration in this database was written for another version of Fachwerk and cannot be read.",
    "de": "Die Konfiguration in dieser Datenbank gehört zu einer anderen Fachwerk-Version und ist nicht lesbar.",
}
