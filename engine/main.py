"""The composition root: the one place that knows settings, keys, clock and database, and puts the parts together."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fachwerk.engine.compile import App, RuleFunction, compile_app
from fachwerk.engine.database import Database
from fachwerk.engine.database_open import open_database
from fachwerk.engine.decisions import callables
from fachwerk.engine.keys import Keys
from fachwerk.engine.service import Service, utc_now
from fachwerk.rules.check import Checked
from fachwerk.rules.to_python import Environment, compile_record_rule
from fachwerk.schemas.model import Project
from fachwerk.schemas.tables_columns import Dialect


@dataclass(frozen=True, slots=True)
class Running:
    """A compiled app on an open database."""

    app: App
    database: Database
    service: Service


def compile_project(project: Project, dialect: Dialect) -> App:
    """Compile *project* for *dialect*, its decisions and rules included."""
    environment = Environment(callables(project))

    def compile_rule(checked: Checked) -> RuleFunction:
        return cast(RuleFunction, compile_record_rule(checked, environment))

    return compile_app(project, dialect, compile_rule)


async def build(
    project: Project, url: str, *, keys: Keys | None = None, clock: Callable[[], dt.datetime] = utc_now
) -> Running:
    """Open the database of *url* and compile *project* for it."""
    database = await open_database(url)
    app = compile_project(project, database.dialect)
    return Running(app, database, Service(app, database, keys or keys_for(url), clock))


def keys_for(url: str, environment: Mapping[str, str] = os.environ) -> Keys:
    """Return the key that secrets are encrypted with: of ``FACHWERK_KEY``, else of a file beside an SQLite database.

    On PostgreSQL without ``FACHWERK_KEY`` the key is made from the URL, password included: better than none, but it
    changes with the password.
    """
    given = environment.get("FACHWERK_KEY")
    if given:
        return Keys(hashlib.sha256(given.encode()).digest())
    if url.startswith("sqlite:///"):
        return Keys(_key_file(Path(url.removeprefix("sqlite:///") + ".key")))
    return Keys(hashlib.sha256(url.encode()).digest())


def _key_file(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text().strip())
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_bytes(32)
        file.write(key.hex())
    return key
