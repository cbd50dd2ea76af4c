"""The composition root: the one place that knows settings, keys, clock and database, and puts the parts together."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fachwerk.engine.compile import App, RuleFunction, compile_app
from fachwerk.engine.database import Database
from fachwerk.engine.database_open import open_database
from fachwerk.engine.decisions import callables
from fachwerk.engine.keys import Keys
from fachwerk.engine.service import Service, utc_now
from fachwerk.engine.versions import Versions
from fachwerk.problems import Refused, Text
from fachwerk.rules.check import Checked
from fachwerk.rules.to_python import Environment, compile_record_rule
from fachwerk.schemas.model import Field, Project
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
    project: Project, url: str, *, keys: Keys | None = None, clock: Callable[[], dt.datetime] = utc_now,
    durable: bool = True,
) -> Running:  # fmt: skip
    """Open the database of *url* and compile *project* for it; :class:`Refused` without a key that it needs."""
    keys = keys or keys_for(project, url)
    database = await open_database(url, durable=durable)
    app = compile_project(project, database.dialect)
    return Running(app, database, Service(app, database, keys, clock))


async def in_force(running: Running) -> Running:
    """Return what runs in the database of *running* once it was deployed: the version in force, knowing its number."""
    versions = Versions(running.database.dialect)
    latest = await versions.latest(running.database)
    project = await versions.project(running.database, latest[0] if latest else 0)
    app = compile_project(project, running.database.dialect)
    kit = running.service.kit
    return Running(app, running.database, Service(app, running.database, kit.keys, kit.clock))


def keys_for(project: Project, url: str, environment: Mapping[str, str] = os.environ) -> Keys:
    """Return the key that secrets are encrypted with: of ``FACHWERK_KEY``, else of a file beside an SQLite database.

    A server's database has no such place beside it: there a configuration with secrets is refused without
    ``FACHWERK_KEY``, and one without secrets gets a key that is never used.
    """
    given = environment.get("FACHWERK_KEY")
    if given:
        return Keys(hashlib.sha256(given.encode()).digest())
    if url.startswith("sqlite:///"):
        return Keys(_key_file(Path(url.removeprefix("sqlite:///") + ".key")))
    secret = next(_secrets(project), None)
    if secret:
        raise Refused("no_key", _say_no_key(secret))
    return Keys(secrets.token_bytes(32))


def _secrets(project: Project) -> Iterator[str]:
    for entity in project.entities.values():
        for one in entity.fields.values():
            if one.kind == "secret":
                yield f"{entity.name}.{one.name}"
            yield from (f"{entity.name}.{one.name}.{inner.name}" for inner in _rows(one) if inner.kind == "secret")


def _rows(one: Field) -> Iterable[Field]:
    return one.rows.fields.values() if one.rows else ()


def _say_no_key(place: str) -> Text:
    return {
        "en": f"{place} is kept secret, and there is no key to encrypt it with. Set FACHWERK_KEY to a long random text "
        "(for example: openssl rand -hex 32) and keep it safe: without it the secrets cannot be read.",
        "de": f"{place} wird verschlüsselt, aber es gibt keinen Schlüssel. Setzen Sie FACHWERK_KEY auf einen langen "
        "zufälligen Text (zum Beispiel: openssl rand -hex 32) und verwahren Sie ihn gut: Ohne ihn sind die Geheimnisse "
        "nicht zu lesen.",
    }


def _key_file(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text().strip())
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_bytes(32)
        file.write(key.hex())
    return key
