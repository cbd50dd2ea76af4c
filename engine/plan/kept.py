"""Kept aside: what a version no longer needs stays for a time under another name, so that undoing it brings it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from fachwerk.engine.database import Connection
from fachwerk.engine.inspect import inspect
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.batches import literal
from fachwerk.engine.plan.steps import Delta
from fachwerk.problems import Refused, Text
from fachwerk.schemas.tables_columns import Dialect, Form, to_driver

KEPT_FOR = dt.timedelta(days=90)
"""How long what was given up can be brought back."""


async def note(connection: Connection, dialect: Dialect, delta: Delta, *, number: int, now: dt.datetime) -> None:
    """Note what version *number* has set aside, and where earlier things stand now."""
    for old, new in delta.renamed.items():
        await connection.fetch(f'UPDATE fw_gone SET "table" = {literal("~" + new)} WHERE "table" = {literal(old)}')
    await connection.fetch('UPDATE fw_gone SET "table" = substr("table", 2) WHERE "table" LIKE \'~%\'')
    for aside in delta.asides:
        text = f"({number}, {literal(aside.place)}, {literal(aside.table)}, {literal(aside.name)}, "
        text += f"{moment_text(now + KEPT_FOR, dialect)})"
        await connection.fetch(f'INSERT INTO fw_gone (version, place, "table", name, until) VALUES {text}')


def moment_text(moment: dt.datetime, dialect: Dialect) -> str:
    """Return a moment as a constant of SQL."""
    convert = to_driver(Form("datetime"), dialect)
    text = convert(moment) if convert else moment.isoformat()
    return literal(str(text)) + ("" if dialect == "sqlite" else "::timestamptz")


@dataclass(frozen=True, slots=True)
class Back:
    """What undoing a version brings back: the names of what was set aside by place, and when that was (as SQL)."""

    places: Mapping[str, str]
    since: str


async def of_version(connection: Connection, number: int, dialect: Dialect) -> Back:
    """Return what version *number* set aside; raises :class:`Refused` where something of it was discarded since."""
    rows = await connection.fetch(f"SELECT place, name FROM fw_gone WHERE version = {number}")
    gone = {str(place): _gone(str(place)) for place, name in rows if name is None}
    if gone:
        raise Refused("discarded", _DISCARDED, status=409, fields=gone)
    times = await connection.fetch(f"SELECT at FROM fw_config WHERE version = {number}")
    at = times[0][0]
    since = literal(at) if isinstance(at, str) else moment_text(at, dialect)
    return Back({str(place): str(name) for place, name in rows}, since)


async def taken(connection: Connection, number: int, delta: Delta, dialect: Dialect) -> None:
    """Forget what was brought back; what nobody needed (calculated values) is destroyed."""
    rows = await connection.fetch(f'SELECT place, "table", name FROM fw_gone WHERE version = {number}')
    for place, table, name in rows:
        if place not in delta.brought and name is not None:
            now = delta.renamed.get(table, table)
            await _destroy(connection, str(place), str(now), str(name))
    await connection.fetch(f"DELETE FROM fw_gone WHERE version = {number}")


async def _destroy(connection: Connection, place: str, table: str, name: str) -> None:
    if "." in place:
        await connection.fetch(f"ALTER TABLE {n.quote(table)} DROP COLUMN {n.quote(name)}")
    else:
        await connection.fetch(f"DROP TABLE {n.quote(name)}")


async def discard(connection: Connection, dialect: Dialect, now: dt.datetime) -> tuple[str, ...]:
    """Destroy what was kept for long enough; return the places."""
    where = f"name IS NOT NULL AND until < {moment_text(now, dialect)}"
    rows = await connection.fetch(f'SELECT version, place, "table", name FROM fw_gone WHERE {where}')
    there = (await inspect(connection, dialect)).columns if rows else {}
    for version, place, table, name in rows:
        # a column goes with its table, where that was given up later
        if "." not in str(place) or str(name) in there.get(str(table), {}):
            await _destroy(connection, str(place), str(table), str(name))
        await connection.fetch(f"UPDATE fw_gone SET name = NULL WHERE version = {version} AND place = {literal(place)}")
    return tuple(str(row[1]) for row in rows)


_DISCARDED: Text = {
    "en": "What this version gave up was kept for its time and is gone for good.",
    "de": "Was mit dieser Version aufgegeben wurde, war seine Zeit lang aufgehoben und ist endgültig weg.",
}


def _gone(place: str) -> Text:
    return {"en": f"{place} is gone.", "de": f"{place} ist weg."}
