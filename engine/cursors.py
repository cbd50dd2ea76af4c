"""Cursors: the place in a list behind (or before) which a page begins, as an opaque text for addresses.

A cursor holds the sort values and the id of a record. It is read like any hostile input: a value that does not fit
the form of its column refuses the whole cursor.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from fachwerk.engine.query import bad_query
from fachwerk.schemas.tables_columns import Dialect, Form

LONGEST = 2_000


def pack(values: Sequence[object]) -> str:
    """Return the cursor for a record's sort values (driver values), its id last."""
    return base64.urlsafe_b64encode(orjson.dumps([_packed(value) for value in values])).decode().rstrip("=")


def unpack(text: str, forms: Sequence[Form], dialect: Dialect) -> list[Any]:
    """Return the driver values in a cursor; raises :class:`fachwerk.problems.Refused` (400) for what is none."""
    try:
        if len(text) > LONGEST:
            raise ValueError
        values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(values, list) or len(values) != len(forms):
            raise ValueError
        return [_unpacked(value, form, dialect) for value, form in zip(values, forms, strict=True)]
    except (ValueError, TypeError, KeyError, binascii.Error, InvalidOperation):
        raise bad_query(
            {"after": {"en": "This cursor is not valid here.", "de": "Diese Blättermarke gilt hier nicht."}}
        ) from None


def _packed(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return value


def _unpacked(value: object, form: Form, dialect: Dialect) -> object:
    if value is None:
        return None
    if dialect == "sqlite":
        kind: type = int if form.shape in ("number", "boolean", "duration") else str
        if type(value) is not kind or (isinstance(value, int) and abs(value) >= 2**63):
            raise ValueError
        return value
    if form.shape in ("number", "duration") and form.places is None:
        return _integer(value)
    return _READ[form.shape](value)


def _integer(value: Any) -> int:
    if type(value) is not int or abs(value) >= 2**63:
        raise ValueError
    return value


def _text(value: Any) -> str:
    if type(value) is not str or "\x00" in value:
        raise ValueError
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _moment(value: Any) -> dt.datetime:
    moment = dt.datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _decimal(value: Any) -> Decimal:
    number = Decimal(_text(value))
    if not number.is_finite():
        raise ValueError
    return number


_READ: Mapping[str, Callable[[Any], object]] = {
    "text": _text,
    "id": _text,
    "number": _decimal,
    "boolean": _boolean,
    "date": lambda value: dt.date.fromisoformat(_text(value)),
    "time": lambda value: dt.time.fromisoformat(_text(value)),
    "datetime": _moment,
}
