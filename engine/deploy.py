"""Deploying: the tables of a configuration are made, and the configuration is kept as a version in the database.

On a database that has tables already, what is new is added: tables, columns that may be empty, indexes. Anything else
is refused with what and why, and nothing is changed.
"""

from __future__ import annotations

import datetime as dt
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from fachwerk import __version__
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Database
from fachwerk.engine.inspect import Found, inspect
from fachwerk.engine.statements import ddl, given, render, table_texts
from fachwerk.problems import Refused, Text
from fachwerk.schemas.tables_columns import Form, to_driver
from sqlalchemy.dialects import postgresql, sqlite


@dataclass(frozen=True, slots=True)
class Deployed:
    """A configuration in a database: its version, hash, and what was done to get there."""

    version: int
    hash: str
    made: tuple[str, ...]
    """The names of tables, columns (``table.column``) and indexes that were added."""


async def deploy(app: App, database: Database, *, who: str | None = None, why: str | None = None) -> Deployed:
    """Bring the tables of *app* into *database* and keep the configuration, all in one transaction.

    Raises :class:`Refused` where more than additions would be needed; then nothing is changed. Of two deploys at once
    the second waits, and finds what the first has made.
    """
    async with database.transaction() as connection:
        if app.dialect == "postgresql":
            await connection.fetch("select pg_advisory_xact_lock(7246938)")
        there = await inspect(connection, app.dialect)
        texts, made = _plan(app, there)
        for text in texts:
            await connection.fetch(text)
        latest = await current(app, connection)
        if latest is not None and latest[1] == app.project.hash:
            return Deployed(latest[0], latest[1], tuple(made))
        version = 1 if latest is None else latest[0] + 1
        await _keep(app, connection, version, who, why)
        return Deployed(version, app.project.hash, tuple(made))


async def current(app: App, database: Connection) -> tuple[int, str] | None:
    """Return version and hash of the configuration that the database was last deployed with."""
    table = app.tables.metadata.tables["fw_config"]
    select = sa.select(table.c.version, table.c.hash).order_by(table.c.version.desc()).limit(1)
    rows = await render(select, app.dialect).fetch(database, {})
    return (int(rows[0][0]), str(rows[0][1])) if rows else None


async def files_of(app: App, database: Connection, version: int) -> Mapping[str, bytes]:
    """Return the files of a deployed configuration."""
    table = app.tables.metadata.tables["fw_config"]
    select = sa.select(table.c.files).where(table.c.version == given("version", table.c.version))
    rows = await render(select, app.dialect).fetch(database, {"version": version})
    return {name: b64decode(text) for name, text in orjson.loads(rows[0][0]).items()} if rows else {}


async def _keep(app: App, connection: Connection, version: int, who: str | None, why: str | None) -> None:
    table = app.tables.metadata.tables["fw_config"]
    statement = render(sa.insert(table).values({c.name: given(str(c.name), c) for c in table.c}), app.dialect)
    now = dt.datetime.now(dt.UTC)
    moment = to_driver(Form("datetime"), app.dialect)
    files = {name: b64encode(content).decode() for name, content in sorted(app.project.files.items())}
    values = {"version": version, "hash": app.project.hash, "tool": __version__, "who": who, "why": why}
    values |= {"files": orjson.dumps(files).decode(), "at": moment(now) if moment else now}
    await statement.fetch(connection, values)


# ------------------------------------------------------------------ what is to be done


def _plan(app: App, there: Found) -> tuple[list[str], list[str]]:
    """Return the statements that add what is missing, and the names of it; raises where adding is not enough."""
    metadata, dialect = app.tables.metadata, app.dialect
    against: dict[str, Text] = {}
    new = [name for name in metadata.tables if name not in there.columns]
    texts, made = table_texts(metadata, dialect, new), list(new)
    for name, table in metadata.tables.items():
        if name in new:
            continue
        for column in table.c:
            known = there.columns[name].get(str(column.name))
            place = f"{name}.{column.name}"
            if known is None:
                texts.append(_add(table, column, app, against, place))
                made.append(place)
            elif known != _type_of(column, app):
                against[place] = _say_type(place, known, _type_of(column, app))
        for gone in there.columns[name].keys() - {str(c.name) for c in table.c}:
            against[f"{name}.{gone}"] = _say_gone(f"{name}.{gone}")
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if str(index.name) not in there.indexes:
                texts.append(ddl(sa.schema.CreateIndex(index), dialect))
                made.append(str(index.name))
    if against:
        raise Refused("not_additive", _NOT_ADDITIVE, status=409, fields=against)
    return texts, made


_NOT_ADDITIVE: Text = {
    "en": "This changes what is there already; only additions can be deployed so far. Nothing was changed.",
    "de": "Das ändert, was schon da ist; bisher gehen nur Ergänzungen. Nichts wurde geändert.",
}


def _type_of(column: sa.Column[object], app: App) -> str:
    """Return the type of a column in the one form in which ``inspect`` gives it, too."""
    dialect: Any = sqlite.dialect() if app.dialect == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(column.type.compile(dialect=dialect)).split(" COLLATE")[0].replace(", ", ",").upper()


def _add(table: sa.Table, column: sa.Column[object], app: App, against: dict[str, Text], place: str) -> str:
    if not column.nullable:
        against[place] = {
            "en": f"{place} is new and cannot be empty, but there are records already.",
            "de": f"{place} ist neu und darf nicht leer sein, aber es gibt schon Einträge.",
        }
    quote = sa.sql.compiler.IdentifierPreparer(sa.engine.default.DefaultDialect()).quote
    text = f"ALTER TABLE {quote(table.name)} ADD COLUMN {quote(str(column.name))} {_type_of(column, app)}"
    for key in column.foreign_keys:
        target, _, other = key.target_fullname.rpartition(".")
        text += f" REFERENCES {quote(target)} ({quote(other)})"
    return text


def _say_type(place: str, known: str, wanted: str) -> Text:
    return {
        "en": f"{place} is kept as {known} and would have to become {wanted}.",
        "de": f"{place} ist als {known} gespeichert und müsste {wanted} werden.",
    }


def _say_gone(place: str) -> Text:
    return {
        "en": f"{place} is in the database but no longer in the configuration; its values would be lost.",
        "de": f"{place} steht in der Datenbank, aber nicht mehr in der Konfiguration; die Werte gingen verloren.",
    }
