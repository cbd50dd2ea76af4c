"""Pieces of SQL that SQLAlchemy does not have: safe truth tests, "let", literals and parameters with their types."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from fachwerk.rules.to_sql.terms import Condition, Dialect, Kind, Sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

INT64 = 2**63 - 1


class Let(FunctionElement[Any]):
    """``body`` with ``fw_let.q`` standing for ``value``, which is calculated once."""

    inherit_cache = True
    name = "let"

    def __init__(self, value: Sql, body: Sql) -> None:
        super().__init__(value, body)
        self.type = body.type


class Infix(FunctionElement[Any]):
    """``left sign right`` in parentheses, whatever binds tighter."""

    inherit_cache = True
    name = "infix"

    def __init__(self, left: Sql, sign: str, right: Sql, type_: sa.types.TypeEngine[Any]) -> None:
        super().__init__(left, sa.literal_column(sign), right)
        self.type = type_


@compiles(Infix)
def _infix(element: Infix, compiler: SQLCompiler, **options: object) -> str:
    left, sign, right = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(({left}) {sign} ({right}))"


class Not(FunctionElement[bool]):
    """``NOT condition`` in parentheses: SQLAlchemy leaves them out before ``IS``, which then binds tighter."""

    inherit_cache = True
    name = "negation"
    type = sa.Boolean()

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition)

    def self_group(self, against: object = None) -> Not:
        """It stands in parentheses already, and is a condition on SQLite too."""
        return self


@compiles(Not)
def _negation(element: Not, compiler: SQLCompiler, **options: object) -> str:
    (condition,) = element.clauses
    return f"(NOT ({compiler.process(condition, **options)}))"


Q: Sql = sa.literal_column("fw_let.q", sa.Numeric())
"""The value of the innermost :class:`Let`."""


@compiles(Let)
def _let(element: Let, compiler: SQLCompiler, **options: object) -> str:
    value, body = element.clauses
    inner = compiler.process(value, **options)
    # OFFSET keeps PostgreSQL from copying the value to every place where it is used.
    fence = " OFFSET 0" if compiler.dialect.name == "postgresql" else ""
    outer = compiler.process(body, **options)
    return f"(SELECT {outer} FROM (SELECT {inner} AS q{fence}) AS fw_let)"


def holds(condition: Condition) -> Condition:
    """Return *condition* with false in the place of null; safe to negate."""
    if _sure(condition):
        return condition
    return sa.func.coalesce(condition, sa.false(), type_=sa.Boolean())


def fails(condition: Condition) -> Condition:
    """Return what is true where *condition* is false or null, and false where it is true."""
    if isinstance(condition, Not) and _sure(condition):
        (inner,) = condition.clauses
        return inner
    return Not(holds(condition))


def _sure(condition: Condition) -> bool:
    """Return whether *condition* is known never to be null: it asks whether there are rows, or not."""
    if isinstance(condition, Not):
        (condition,) = condition.clauses
    return isinstance(condition, sa.Exists | sa.True_ | sa.False_)


def never() -> Condition:
    """Return a condition that is false."""
    return sa.false()


def unknown(kind: Kind, dialect: Dialect) -> Sql:
    """Return null as a value of *kind*; as a cast, because SQLAlchemy makes ``x IS NULL`` of ``x == null()``."""
    return sa.cast(sa.null(), type_of(kind, dialect))


def type_of(kind: Kind, dialect: Dialect) -> sa.types.TypeEngine[Any]:
    """Return the SQL type in which values of *kind* stand; numbers are numeric on PostgreSQL."""
    if dialect == "sqlite":
        whole = kind in ("number", "boolean", "months", "span")
        return sa.Integer() if whole and kind != "boolean" else sa.Boolean() if whole else sa.Text()
    kinds: dict[Kind, sa.types.TypeEngine[Any]] = {
        "number": sa.Numeric(),
        "string": sa.Text(),
        "boolean": sa.Boolean(),
        "date": sa.Date(),
        "time": sa.Time(),
        "moment": sa.DateTime(timezone=True),
        "months": sa.BigInteger(),
        "span": sa.BigInteger(),
    }
    return kinds[kind]


def id_type(dialect: Dialect) -> sa.types.TypeEngine[str]:
    """Return the type of ids."""
    return sa.Uuid(as_uuid=False) if dialect == "postgresql" else sa.Text()


def integer(value: int) -> Sql:
    """Return a whole number within 64 bits as a bound value."""
    return sa.bindparam(None, value, type_=sa.BigInteger(), unique=True)


def numeric(value: Decimal) -> Sql:
    """Return a number as a bound numeric (PostgreSQL)."""
    return sa.bindparam(None, value, type_=sa.Numeric(), unique=True)


def text(value: str) -> Sql:
    """Return a string as a bound value."""
    return sa.bindparam(None, value, type_=sa.Text(), unique=True)


def moment_text(value: datetime) -> str:
    """Return a date and time as SQLite keeps it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00").rjust(32, "0")


def temporal(value: date | time | datetime, dialect: Dialect) -> Sql:
    """Return a date, time, or date and time with a zone as a bound value."""
    if dialect == "postgresql":
        if isinstance(value, date) and value.year in (1, 9999):  # asyncpg takes the first and last for infinite
            kind: Kind = "moment" if isinstance(value, datetime) else "date"
            return sa.cast(text(value.isoformat()), type_of(kind, dialect))
        if isinstance(value, datetime):
            return sa.bindparam(None, value, type_=sa.DateTime(timezone=True), unique=True)
        return sa.bindparam(None, value, type_=sa.Date() if isinstance(value, date) else sa.Time(), unique=True)
    if isinstance(value, datetime):
        return text(moment_text(value))
    return text(value.isoformat() if isinstance(value, date) else value.isoformat("microseconds"))


def code_points(value: Sql, dialect: Dialect) -> Sql:
    """Return a string expression that is ordered by code points."""
    if dialect == "sqlite" or getattr(value.type, "collation", None) == "C":
        return value
    return sa.collate(value, "C")
