"""Which values of fields an event log carries, and in which of the few types that logs know.

Personal data stay out unless they are asked for: free text, addresses and the like are *texts*, people are named only
on demand, and secrets, files and formatted texts never leave.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from fachwerk.engine.values import Reference
from fachwerk.schemas.model import Entity, Field

People = Literal["ids", "names", "none"]
Value = str | int | bool | Decimal | dt.datetime
Sort = Literal["string", "time", "integer", "float", "boolean"]

_SORTS: Mapping[str, Sort] = {
    "boolean": "boolean", "choice": "string", "choices": "string", "integer": "integer", "rating": "integer",
    "decimal": "float", "money": "float", "percent": "float", "date": "time", "datetime": "time", "time": "string",
    "duration": "string", "sequence": "string",
}  # fmt: skip
_TEXTS = frozenset(("text", "long_text", "email", "phone", "url", "iban", "address", "color"))
_STAMPS = frozenset(("created", "changed", "created_by", "changed_by", "opinions"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a log shall hold besides what happened when: people by pseudonym, by name or not at all; texts."""

    people: People = "ids"
    texts: bool = False


def sort_of(field: Field, wanted: Wanted) -> Sort | None:
    """Return the type that a log gives the values of *field*; ``None`` for what stays out of it."""
    if field.name in _STAMPS:
        return None
    kind = (field.result or "") if field.kind == "computed" else field.kind
    if kind == "user":
        return None if wanted.people == "none" else "string"
    if kind in _TEXTS:
        return "string" if wanted.texts else None
    return _SORTS.get(kind)


def attributes_of(entity: Entity, seen: Iterable[str], wanted: Wanted) -> dict[str, Sort]:
    """Return the fields of *entity* among *seen* that a log carries, with their types."""
    names = frozenset(seen)
    sorts = {name: sort_of(field, wanted) for name, field in entity.fields.items() if name in names}
    return {name: sort for name, sort in sorts.items() if sort is not None}


def plain(value: object, zone: dt.tzinfo) -> Value | None:
    """Return a value of a field as logs can hold it; dates are the beginning of the day in *zone*."""
    match value:
        case None | "" | ():
            return None
        case bool() | int() | str() | Decimal():
            return value
        case dt.datetime():
            return value
        case dt.date():
            return dt.datetime.combine(value, dt.time(), zone)
        case dt.time():
            return value.isoformat("minutes")
        case dt.timedelta():
            return _duration(value)
        case Mapping():
            return ", ".join(str(part) for part in value.values() if part)
        case Reference():
            return value.id
        case tuple() | list():
            return ", ".join(str(part) for part in value)
        case _:
            return str(value)


def _duration(value: dt.timedelta) -> str:
    seconds = int(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}PT{seconds // 3600}H{seconds % 3600 // 60}M{seconds % 60}S"


def stamp(moment: dt.datetime) -> str:
    """Return *moment* as ISO 8601 with milliseconds and its zone, which every reader of logs understands."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
