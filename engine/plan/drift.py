"""Drift: what stands in a database and not in the configuration deployed to it, and the other way round."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.inspect import Found, inspect
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.watching import PREFIX
from fachwerk.engine.statements import ddl, table_texts
from fachwerk.problems import Text, say
from sqlalchemy.schema import CreateIndex


@dataclass(frozen=True, slots=True)
class Drifted:
    """One difference: *place* is missing in the database, foreign to the configuration, or of another type there."""

    kind: Literal["missing", "foreign", "type"]
    of: Literal["table", "column", "index"]
    place: str
    text: Text
    remedy: tuple[str, ...]
    """Statements that end it, for somebody to run who knows what they do."""


async def drift_of(connection: Connection, app: App) -> tuple[Drifted, ...]:
    """Compare the database with the configuration in force, both ways."""
    there = await inspect(connection, app.dialect)
    rows = await connection.fetch("SELECT name FROM fw_gone WHERE name IS NOT NULL")
    kept = {str(row[0]) for row in rows}
    return (*_missing(app, there), *_foreign(app, there, kept))


def _missing(app: App, there: Found) -> Iterator[Drifted]:
    metadata, dialect = app.tables.metadata, app.dialect
    for name, table in metadata.tables.items():
        if name not in there.columns:
            yield _drifted("missing", "table", name, tuple(table_texts(metadata, dialect, [name])))
            continue
        for column in table.c:
            known = there.columns[name].get(str(column.name))
            wanted = n.type_text(column, dialect).split(" COLLATE")[0].replace(", ", ",").upper()
            place = f"{name}.{column.name}"
            if known is None:
                keys = [n.add_key(name, key) for key in n.keys_of(table, str(column.name)) if dialect == "postgresql"]
                yield _drifted("missing", "column", place, (n.add_column(name, column, dialect), *keys))
            elif known != wanted:
                yield Drifted("type", "column", place, {
                    "en": f"{place} is {known}, and should be {wanted}",
                    "de": f"{place} ist {known}, und müsste {wanted} sein",
                }, ())  # fmt: skip
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            if str(index.name) not in there.indexes:
                yield _drifted("missing", "index", str(index.name), (ddl(CreateIndex(index), dialect),))


def _foreign(app: App, there: Found, kept: set[str]) -> Iterator[Drifted]:
    tables = app.tables.metadata.tables
    left = sorted(name for name in there.columns if name.startswith(PREFIX))
    if left:
        names = ", ".join(left)
        words = {language: f"{names}: {said}" for language, said in _UNFINISHED.items()}
        yield Drifted("foreign", "table", names, words, ())
    for name, columns in sorted(there.columns.items()):
        if name in kept or name in left:
            continue
        if name not in tables:
            yield _drifted("foreign", "table", name, (f"DROP TABLE {n.quote(name)}",))
            continue
        known = {str(column.name) for column in tables[name].c}
        for column in sorted(set(columns) - known - kept):
            text = f"ALTER TABLE {n.quote(name)} DROP COLUMN {n.quote(column)}"
            yield _drifted("foreign", "column", f"{name}.{column}", (text,))
    ours = {str(index.name) for table in tables.values() for index in table.indexes}
    for index in sorted(there.indexes - ours):
        if not index.startswith("sqlite_autoindex_") and not index.endswith("_pkey"):
            yield _drifted("foreign", "index", index, (f"DROP INDEX {n.quote(index)}",))


_UNFINISHED: Text = {
    "en": "a deploy is being prepared or was stopped: the same deploy goes on, any other takes away what was made",
    "de": "ein Einspielen wird vorbereitet oder wurde abgebrochen: dasselbe macht weiter, jedes andere räumt auf",
}
_OF = {"table": "Tabelle", "column": "Spalte", "index": "Index"}


def _drifted(
    kind: Literal["missing", "foreign"], of: Literal["table", "column", "index"], place: str, remedy: tuple[str, ...]
) -> Drifted:
    if kind == "missing":
        text = {"en": f"{of} {place} is not in the database", "de": f"{_OF[of]} {place} fehlt in der Datenbank"}
    else:
        text = {"en": f"{of} {place} is in the database only", "de": f"{_OF[of]} {place} steht nur in der Datenbank"}
    return Drifted(kind, of, place, text, remedy)


def drift_text(found: tuple[Drifted, ...], language: str = "en") -> str:
    """Return what was found as lines of text, each with its remedy."""
    if not found:
        return {"en": "No drift.\n", "de": "Keine Abweichungen.\n"}[language]
    lines = []
    for one in found:
        sign = {"missing": "-", "foreign": "+", "type": "~"}[one.kind]
        lines.append(f"  {sign} {say(one.text, language)}")
        lines += [f"      {text};" for text in one.remedy]
    return "\n".join(lines) + "\n"


def drift_json(found: tuple[Drifted, ...]) -> str:
    """Return what was found as JSON."""
    shown = [
        {"kind": one.kind, "of": one.of, "place": one.place, "text": one.text, "remedy": list(one.remedy)}
        for one in found
    ]
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"
