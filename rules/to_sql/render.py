"""Statements as text for the drivers: rendered once, with ``$1`` for asyncpg and ``?`` for sqlite3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import sqlalchemy as sa
from fachwerk.rules.to_sql.pieces import moment_text
from fachwerk.rules.to_sql.terms import Dialect
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import Dialect as EngineDialect
from sqlalchemy.sql.compiler import SQLCompiler

_MICROSECOND = timedelta(microseconds=1)
_EMPTY: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as text; *slots* are its places in order: the name of a parameter, or a constant."""

    text: str
    slots: tuple[tuple[str | None, object], ...]
    dialect: Dialect

    @property
    def names(self) -> frozenset[str]:
        """The parameters that must be given."""
        return frozenset(name for name, _ in self.slots if name is not None)

    def arguments(self, values: Mapping[str, object] = _EMPTY) -> tuple[object, ...]:
        """Return what to give to the driver beside the text; *values* are the values of the parameters by name."""
        convert = to_sqlite if self.dialect == "sqlite" else _same
        return tuple(constant if name is None else convert(values[name]) for name, constant in self.slots)


def _same(value: object) -> object:
    return value


def to_sqlite(value: object) -> object:
    """Return a parameter's value as SQLite takes it."""
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("microseconds")
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    if isinstance(value, Decimal):
        return int(value)
    return value


def dialect_of(name: Dialect) -> EngineDialect:
    """Return SQLAlchemy's dialect, as the drivers want their parameters."""
    if name == "sqlite":
        return sqlite.dialect()
    from sqlalchemy.dialects.postgresql import asyncpg  # not loaded for SQLite: start-up time

    make: Callable[[], EngineDialect] = asyncpg.dialect
    return make()


def render(statement: sa.ClauseElement, dialect: Dialect) -> Statement:
    """Render *statement* for the driver of *dialect* (asyncpg or sqlite3); lists of ``IN`` are written out."""
    options = {"render_postcompile": True}
    compiled = statement.compile(dialect=dialect_of(dialect), compile_kwargs=options)
    assert isinstance(compiled, SQLCompiler)
    constants = compiled.params
    slots = []
    for name in compiled.positiontup or ():
        bind = compiled.binds.get(name)
        required = bind is not None and bind.required
        slots.append((name if required else None, None if required else constants[name]))
    return Statement(str(compiled), tuple(slots), dialect)
