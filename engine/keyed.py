"""Statements about many records: ids as a parameter, and how many runs of a statement become one.

What is read record by record can be read for many at once (:mod:`fachwerk.engine.gathering`) where its statement says
how: either it takes a list of ids already, or it is made of the same statement with another condition.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson
import sqlalchemy as sa
from fachwerk.engine.statements import Many, Statement, given, render
from fachwerk.schemas.tables_columns import Dialect

KEYS = "keys"


def keys_parameter(keys: Iterable[str], dialect: str) -> object:
    """Return a list of ids as the parameter that statements over many records take."""
    return orjson.dumps(list(keys)).decode() if dialect == "sqlite" else list(keys)


def keys_of(parameter: Any) -> list[str]:
    """Return the ids that :func:`keys_parameter` made a parameter of."""
    return orjson.loads(parameter) if isinstance(parameter, str) else list(parameter)


def among(column: Any, name: str, dialect: str) -> Any:
    """Return the condition that *column* is among the ids of a list parameter."""
    if dialect == "postgresql":
        return column == sa.any_(given(name, sa.ARRAY(column.type)))
    values = sa.func.json_each(given(name, sa.Text())).table_valued("value")
    return column.in_(sa.select(values.c.value))


def render_by_keys(statement: sa.Select[Any], dialect: Dialect) -> Statement:
    """Render a statement with a list of ids as the parameter ``keys``, whose first column says for which a row is."""
    made = render(statement, dialect)
    return replace(made, many=Many(made, (), 0))


def render_each(statement: sa.Select[Any], dialect: Dialect, **of: sa.Column[Any]) -> Statement:
    """Render *statement* for the records in whose columns stands what is given by name, the first of them an id."""
    one = render(statement.where(*(column == given(name, column) for name, column in of.items())), dialect)
    columns = list(of.values())
    several = statement.where(among(columns[0], KEYS, dialect)).add_columns(*columns)
    return replace(one, many=Many(render(several, dialect), tuple(of), len(columns)))
