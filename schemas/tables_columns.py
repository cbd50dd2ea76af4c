"""Columns: how the values of a field stand in a database, on SQLite and on PostgreSQL.

A :class:`Form` says how a value is kept (the table in ``rules.storage``); from it come the column's type and the two
functions between values and driver values. The forms are the only place that knows both databases' value types.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from fachwerk.rules import types as t
from fachwerk.schemas.model import Field

Dialect = Literal["sqlite", "postgresql"]
Shape = Literal["text", "number", "boolean", "date", "time", "datetime", "duration", "id", "json"]
Convert = Callable[[Any], Any]

_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_MICROSECOND = dt.timedelta(microseconds=1)
LARGEST = 2**63 - 1
"""The largest number that a column holds, times 10 to the power of its places; the same on both databases."""

_TEXTS = frozenset(
    ("text", "long_text", "rich_text", "email", "phone", "url", "iban", "color", "choice", "sequence", "secret")
)
_PLACES = {"decimal": 2, "percent": 2, "money": 2}
_SIMPLE: dict[str, Shape] = {
    "boolean": "boolean", "date": "date", "time": "time", "datetime": "datetime", "duration": "duration",
    "user": "id", "link": "id", "tree": "id",
    "choices": "json", "address": "json", "geo_point": "json", "json": "json",
    "file": "json", "files": "json", "image": "json", "images": "json",
}  # fmt: skip
_BY_TYPE: dict[str, Shape] = {
    "string": "text", "boolean": "boolean", "date": "date", "time": "time", "date and time": "datetime",
    "days and time duration": "duration",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """How a value is kept; *places* are those of a number, ``None`` for whole numbers."""

    shape: Shape
    places: int | None = None


def form_of(field: Field) -> Form:
    """Return how the values of *field* are kept; a field of its own table (links, rows, back links) has no form."""
    kind = field.result or "computed" if field.kind == "computed" else field.kind
    if kind in _TEXTS:
        return Form("text")
    if kind in ("integer", "rating"):
        return Form("number")
    if kind in _PLACES:
        return Form("number", field.places if field.places is not None else _PLACES[kind])
    if kind in _SIMPLE:
        return Form(_SIMPLE[kind])
    return form_of_type(field.typed.type, field.places)


def form_of_type(typed: t.AnyType, places: int | None = None) -> Form:
    """Return how values of a type of the rule language are kept."""
    if isinstance(typed, t.OptionType):
        return Form("text")
    if isinstance(typed, t.RecordType):
        return Form("id")
    if isinstance(typed, t.Type) and typed.name == "number":
        return Form("number", 6 if places is None else places)
    if isinstance(typed, t.Type) and typed.name in _BY_TYPE:
        return Form(_BY_TYPE[typed.name])
    return Form("json")


def column_type(form: Form, dialect: Dialect) -> sa.types.TypeEngine[Any]:
    """Return the type of a column for values of *form*."""
    if dialect == "sqlite":
        whole = form.shape in ("number", "boolean", "duration")
        return sa.Integer() if whole else sa.Text()
    if form.shape == "number":
        return sa.BigInteger() if form.places is None else sa.Numeric(19, form.places)
    return _POSTGRESQL[form.shape]()


def _jsonb() -> sa.types.TypeEngine[Any]:
    from sqlalchemy.dialects.postgresql import JSONB  # not loaded for SQLite: start-up time

    return JSONB()


_POSTGRESQL: dict[str, Callable[[], sa.types.TypeEngine[Any]]] = {
    "text": sa.Text,
    "boolean": sa.Boolean,
    "date": sa.Date,
    "time": sa.Time,
    "datetime": lambda: sa.DateTime(timezone=True),
    "duration": sa.BigInteger,
    "id": lambda: sa.Uuid(as_uuid=False),
    "json": _jsonb,
}


def to_driver(form: Form, dialect: Dialect) -> Convert | None:
    """Return the function from values that are not null to driver values; ``None`` where they are the same."""
    if form.shape == "number":
        return _scale(form.places) if dialect == "sqlite" or form.places is None else _quantize(form.places)
    if form.shape == "duration":
        return _microseconds
    if form.shape == "json":
        return to_json
    return _SQLITE_WRITE.get(form.shape) if dialect == "sqlite" else None


def from_driver(form: Form, dialect: Dialect) -> Convert | None:
    """Return the function from driver values that are not null to values; ``None`` where they are the same."""
    if form.shape == "number":
        return _unscale(form.places) if dialect == "sqlite" and form.places is not None else None
    if form.shape == "duration":
        return lambda value: dt.timedelta(microseconds=value)
    if form.shape == "json":
        return from_json
    return _SQLITE_READ.get(form.shape) if dialect == "sqlite" else None


def to_json(value: object) -> str:
    """Return *value* as the text of a JSON column; numbers that are not whole become JSON's floating ones."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_SORT_KEYS).decode()


def from_json(text: str) -> object:
    """Return the value of a JSON column; numbers that are not whole are exact."""
    return json.loads(text, parse_float=Decimal)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else float(value)
    if isinstance(value, dt.timedelta):
        return value // _MICROSECOND
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    raise TypeError(type(value).__name__)


def fits(value: Decimal, places: int | None) -> bool:
    """Return whether a number has room in a column with that many places."""
    return bool(value.is_finite() and abs(_EXACT.scaleb(value, places or 0)) <= LARGEST)


def _scale(places: int | None) -> Convert:
    if not places:
        return lambda value: int(_EXACT.to_integral_value(value) if isinstance(value, Decimal) else value)
    return lambda value: int(_EXACT.to_integral_value(_EXACT.scaleb(Decimal(value), places)))


def _unscale(places: int) -> Convert:
    return lambda value: _EXACT.scaleb(Decimal(value), -places)


def _quantize(places: int) -> Convert:
    step = Decimal(1).scaleb(-places)
    return lambda value: _EXACT.quantize(Decimal(value), step)


def _microseconds(value: dt.timedelta) -> int:
    return value // _MICROSECOND


def moment_text(value: dt.datetime) -> str:
    """Return a moment as SQLite keeps it: UTC, six digits of a second, so that texts sort like moments."""
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds")


_SQLITE_WRITE: dict[str, Convert] = {
    "boolean": int,
    "date": dt.date.isoformat,
    "time": lambda value: value.isoformat("microseconds"),
    "datetime": moment_text,
}
_SQLITE_READ: dict[str, Convert] = {
    "boolean": bool,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
}
