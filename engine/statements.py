"""Statements: SQLAlchemy's compiler used once per statement; what is kept is a text and how to fill its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.database import Connection, Row
from fachwerk.schemas.tables_columns import Dialect
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.compiler import SQLCompiler

IN_FORCE = "1 /* if in force */"
"""Stands in a write that may be a transaction of its own (PostgreSQL): where a version must be in force for it, the
condition takes its place, and the statement fails where it does not hold."""


@cache
def dialect_of(name: Dialect) -> sa.Dialect:
    """Return SQLAlchemy's dialect, as the drivers want their parameters."""
    if name == "sqlite":
        return sqlite.dialect(paramstyle="qmark")
    from sqlalchemy.dialects.postgresql import asyncpg  # not loaded for SQLite: start-up time

    return asyncpg.dialect()  # type: ignore[no-untyped-call]


def insert_into(table: sa.Table, dialect: Dialect) -> Any:
    """Return an INSERT that knows what *dialect* does about conflicts; SQLAlchemy has no common type for that."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # as above

    return postgresql.insert(table)


class Gathers:
    """A connection that answers many who ask the same of different records: see ``engine.gathering``."""

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement and return all its rows."""
        raise NotImplementedError

    async def ask(self, statement: Statement, values: Mapping[str, object]) -> Sequence[Row]:
        """Run *statement* together with others that are the same but for the records that they are about."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Many:
    """How several runs of a statement are one of *statement*, which takes a list of ids as the parameter ``keys``.

    What a run is given under *names* stands in so many last columns, which are *added*; without names, ``keys`` is what
    the statement itself takes, and the first column says for which of them a row is.
    """

    statement: Statement
    names: tuple[str, ...]
    added: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A rendered statement: the text for the driver and its parameters in order.

    A parameter is a name to be given at each run, or a constant of the statement itself.
    """

    text: str
    names: tuple[str | None, ...]
    constants: tuple[object, ...]
    many: Many | None = field(default=None, repr=False, compare=False)
    """How several runs of it become one, where that is known."""
    fill: Callable[[Mapping[str, object]], Sequence[object]] = field(init=False, repr=False, compare=False)
    """Returns the parameters for the driver; what it is given are driver values by name."""

    def __post_init__(self) -> None:
        """Prepare how parameters are put in order: where all of them have names, by a call without Python inside."""
        if len(self.names) > 1 and None not in self.names:
            object.__setattr__(self, "fill", itemgetter(*self.names))
            return
        pairs = tuple(zip(self.names, self.constants, strict=True))

        def fill(values: Mapping[str, object]) -> Sequence[object]:
            return [constant if name is None else values[name] for name, constant in pairs]

        object.__setattr__(self, "fill", fill)

    async def fetch(self, connection: Connection, values: Mapping[str, object]) -> Sequence[Row]:
        """Run it on *connection*."""
        if isinstance(connection, Gathers):
            return await connection.ask(self, values)
        return await connection.fetch(self.text, self.fill(values))


_KNOWN: ContextVar[dict[object, Statement] | None] = ContextVar("known statements", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Within the block, statements that are the same over the same tables are rendered once (trials of one app).

    A block within a block knows what the outer one does.
    """
    token = _KNOWN.set({} if (known := _KNOWN.get()) is None else known)
    try:
        yield
    finally:
        _KNOWN.reset(token)


def _key(statement: Any, dialect: Dialect) -> object | None:
    """Return what a statement is known by: its structure, and the names and values of its parameters."""
    made = statement._generate_cache_key()
    if made is None:
        return None
    key = (dialect, made.key, tuple((one.key if one.required else None, one.value) for one in made.bindparams))
    try:
        hash(key)
    except TypeError:
        return None
    return key


def render(statement: sa.sql.expression.ClauseElement, dialect: Dialect) -> Statement:
    """Render *statement* for *dialect*.

    Parameters made by :func:`given` are filled at each run with driver values; those that SQLAlchemy made for literals
    become constants, converted here once.
    """
    known = _KNOWN.get()
    key = None if known is None else _key(statement, dialect)
    if known is None or key is None:
        return _rendered(statement, dialect)
    found = known.get(key)
    if found is None:
        found = known[key] = _rendered(statement, dialect)
    return found


def _rendered(statement: sa.sql.expression.ClauseElement, dialect: Dialect) -> Statement:
    compiled = statement.compile(dialect=dialect_of(dialect), compile_kwargs={"render_postcompile": True})
    assert isinstance(compiled, SQLCompiler)
    order = list(compiled.positiontup or ())
    processors: Mapping[str, Callable[[Any], Any]] = compiled._bind_processors  # type: ignore[assignment]
    constants = compiled.construct_params(_check=False)
    names: list[str | None] = []
    values: list[object] = []
    for name in order:
        bind = compiled.binds.get(name)
        if bind is not None and bind.required:
            names.append(bind.key)
            values.append(None)
        else:
            names.append(None)
            value = constants[name]
            processor = processors.get(name)
            values.append(processor(value) if processor is not None and value is not None else value)
    return Statement(compiled.string, tuple(names), tuple(values))


def given(name: str, like: sa.types.TypeEngine[Any] | sa.Column[Any]) -> sa.BindParameter[Any]:
    """Return a parameter that is filled at each run, of the type of a column."""
    return sa.bindparam(name, type_=like.type if isinstance(like, sa.Column) else like, required=True)


def table_texts(metadata: sa.MetaData, dialect: Dialect, only: Sequence[str] | None = None) -> list[str]:
    """Return the statements that make the tables of *metadata* (those named in *only*) with keys and indexes."""
    chosen = [table for name, table in metadata.tables.items() if only is None or name in only]
    texts: list[str] = []
    for table in chosen:
        if dialect == "sqlite":
            texts.append(ddl(sa.schema.CreateTable(table), dialect))
        else:
            texts.append(ddl(sa.schema.CreateTable(table, include_foreign_key_constraints=[]), dialect))
    for table in chosen:
        if dialect == "postgresql":
            texts.extend(ddl(sa.schema.AddConstraint(key), dialect) for key in _keys(table))
        texts.extend(ddl(sa.schema.CreateIndex(index), dialect) for index in sorted(table.indexes, key=_name))
    return texts


def ddl(element: sa.schema.ExecutableDDLElement, dialect: Dialect) -> str:
    """Return the text of a statement that changes tables."""
    return str(element.compile(dialect=dialect_of(dialect))).strip()


def _keys(table: sa.Table) -> list[sa.ForeignKeyConstraint]:
    return sorted(table.foreign_key_constraints, key=lambda key: str(key.name))


def _name(index: sa.Index) -> str:
    return str(index.name)
