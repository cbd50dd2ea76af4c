"""What kind a value is of: the name of its type in the rule language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from fachwerk.rules.values.days import Months
from fachwerk.rules.values.ranges import Function, Range
from fachwerk.rules.values.wide import WideDate, WideDateTime, WideDuration, WideTime

KINDS: Mapping[type, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    date: "date",
    WideDate: "date",
    time: "time",
    WideTime: "time",
    datetime: "date and time",
    WideDateTime: "date and time",
    timedelta: "days and time duration",
    WideDuration: "days and time duration",
    Months: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
    type(None): "null",
    int: "number",
}
_kinds = dict(KINDS)


def kind_of(value: object) -> str:
    """Return the kind of *value*: ``number``, ``string``, ..., ``list``, ``context``, ``function``, ``null``.

    A class that only the surroundings know counts as what it derives from (an ``IntEnum`` is a number), else
    it is ``unknown`` and nothing can be done with it.
    """
    found = _kinds.get(type(value))
    if found is not None:
        return found
    for base in type(value).__mro__:
        if base in _kinds:
            return _kinds[base]
    return "unknown"


def scalar(kind: str) -> bool:
    """Whether values of that kind are ordered, and so can be the ends of a range."""
    return kind in _ORDERED


_ORDERED = frozenset(
    {
        "number",
        "string",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    }
)


def to_value(value: object) -> object:
    """Return a value from outside (JSON, a database row) as one of the rule language: numbers exact, tuples
    as lists.

    A float becomes the decimal with its shortest digits; not-a-number and infinity become null.
    """
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        number = Decimal(repr(value))
        return number if number.is_finite() else None
    if isinstance(value, Mapping):
        return {str(key): to_value(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_value(entry) for entry in value]
    return value
