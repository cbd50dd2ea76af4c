"""The properties of dates, times, durations and ranges that a path can ask for (DMN 1.5, table 65)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from fachwerk.rules.values.days import day_of, make_duration
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.wide import length_of, nanoseconds_of
from fachwerk.rules.values.zones import SECOND, offset_at, offset_of_time, zone_id


def _offset(moment: object) -> object:
    zone = moment.tzinfo  # type: ignore[attr-defined]
    if zone is None:
        return None
    if hasattr(moment, "toordinal"):
        seconds = offset_at(zone, moment.toordinal(), nanoseconds_of(moment))  # type: ignore[arg-type]
    else:
        seconds = offset_of_time(zone)
    return make_duration(seconds * SECOND)


def _unit(seconds: int, wrap: int) -> Callable[..., object]:
    """Make the reader of one unit of a duration: all of them carry the sign."""

    def read(span: object) -> object:
        length = length_of(span)  # type: ignore[arg-type]
        count = abs(length) // (seconds * SECOND)
        count = count % wrap if wrap else count
        return Decimal(-count if length < 0 else count)

    return read


def _months(part: Callable[[int], int]) -> Callable[..., object]:
    def read(months: object) -> object:
        count = months.months  # type: ignore[attr-defined]
        return Decimal(part(abs(count)) * (-1 if count < 0 else 1))

    return read


Property = Callable[..., object]
_DATE: Mapping[str, Property] = {
    "year": lambda day: Decimal(day.year),
    "month": lambda day: Decimal(day.month),
    "day": lambda day: Decimal(day.day),
    "weekday": lambda day: Decimal(day.isoweekday()),
}
_CLOCK: Mapping[str, Property] = {
    "hour": lambda clock: Decimal(clock.hour),
    "minute": lambda clock: Decimal(clock.minute),
    "second": lambda clock: Decimal(clock.second),
    "time offset": _offset,
    "timezone": lambda clock: zone_id(clock.tzinfo),
}


def _of_day(read: Property) -> Property:
    return lambda moment: read(day_of(moment))


PROPERTIES: Mapping[str, Mapping[str, Property]] = {
    "date": _DATE,
    "time": _CLOCK,
    "date and time": {**{name: _of_day(read) for name, read in _DATE.items()}, **_CLOCK},
    "days and time duration": {
        "days": _unit(86_400, 0),
        "hours": _unit(3600, 24),
        "minutes": _unit(60, 60),
        "seconds": _unit(1, 60),
    },
    "years and months duration": {
        "years": _months(lambda count: count // 12),
        "months": _months(lambda count: count % 12),
    },
    "range": {
        "start": lambda bounds: bounds.start,
        "end": lambda bounds: bounds.end,
        "start included": lambda bounds: bounds.start_included and bounds.start is not None,
        "end included": lambda bounds: bounds.end_included and bounds.end is not None,
    },
}
"""By kind of value: the properties and how they are read."""


def property_of(value: object, name: str) -> object:
    """Return the property *name* of a value that is no context; ``None`` if it has none of that name."""
    read = PROPERTIES.get(kind_of(value), {}).get(name)
    return None if read is None else read(value)


def has_property(value: object, name: str) -> bool:
    """Whether values of that kind have a property of that name."""
    return name in PROPERTIES.get(kind_of(value), {})
