"""The built-in functions that make a value out of another (DMN 1.5, clause 10.3.4.1)."""

from __future__ import annotations

import re
from datetime import UTC
from decimal import Decimal
from typing import cast

from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.values.comparison import compare
from fachwerk.rules.values.days import (
    MOST_YEAR,
    Clock,
    Day,
    Moment,
    Months,
    Span,
    day_of,
    make_date,
    make_moment,
    make_time,
    months_between,
)
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.lexical import read_at, read_date, read_duration, read_moment, read_time
from fachwerk.rules.values.limits import bounded_text
from fachwerk.rules.values.numbers import WIDE, integral, read_number
from fachwerk.rules.values.ranges import Range
from fachwerk.rules.values.text import write
from fachwerk.rules.values.wide import length_of, nanoseconds_of
from fachwerk.rules.values.zones import SECOND, offset_zone, zone


def _not(text: object, english: str, german: str) -> Mistake:
    shown = write(text) or "null"
    return Mistake(f'"{shown[:60]}" is not {english}', f'"{shown[:60]}" ist {german}')


def date(value: object) -> object:
    """``date(from)``."""
    kind = kind_of(value)
    if kind == "date":
        return value
    if kind == "date and time":
        return day_of(cast(Moment, value))
    found = read_date(cast(str, value))
    if found is None:
        raise _not(value, "a date such as 2024-02-29", "kein Datum wie 2024-02-29")
    return found


def date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> object:
    """``date(year, month, day)``."""
    found = _day(year, month, day)
    if found is None:
        raise Mistake("there is no such day", "diesen Tag gibt es nicht")
    return found


def _day(year: Decimal, month: Decimal, day: Decimal) -> Day | None:
    if (
        not all(integral(part) for part in (year, month, day))
        or abs(year) > MOST_YEAR
        or max(month, day) > 99
    ):
        return None
    return make_date(int(year), int(month), int(day))


def date_and_time(value: object) -> object:
    """``date and time(from)``."""
    kind = kind_of(value)
    if kind == "date and time":
        return value
    if kind == "date":
        return make_moment(cast(Day, value), 0, UTC)
    found = read_moment(cast(str, value))
    if found is None:
        raise _not(
            value, "a date and time such as 2024-02-29T12:30:00", "kein Zeitpunkt wie 2024-02-29T12:30:00"
        )
    return found


def date_and_time_of(day: object, clock: Clock) -> object:
    """``date and time(date, time)``."""
    if kind_of(day) == "date and time":
        day = day_of(cast(Moment, day))
    return make_moment(cast(Day, day), nanoseconds_of(clock), clock.tzinfo)


def _clock_parts(hour: Decimal, minute: Decimal, second: Decimal) -> int:
    whole = integral(hour) and integral(minute)
    if not (whole and 0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise Mistake("there is no such time of day", "diese Uhrzeit gibt es nicht")
    seconds = (int(hour) * 60 + int(minute)) * 60
    return seconds * SECOND + int(WIDE.multiply(second, Decimal(SECOND)))


def _offset(offset: Span | None) -> object:
    if offset is None:
        return None
    seconds, rest = divmod(length_of(offset), SECOND)
    found = None if rest else offset_zone(seconds)
    if found is None:
        raise Mistake(
            "an offset has whole seconds, at most 18 hours",
            "ein Versatz hat ganze Sekunden, höchstens 18 Stunden",
        )
    return found


def moment_of_parts(*parts: object) -> object:
    """``date and time(year, month, day, hour, minute, second, offset or timezone)``."""
    year, month, day, hour, minute, second = (cast(Decimal, part) for part in parts[:6])
    found = _day(year, month, day)
    if found is None:
        raise Mistake("there is no such day", "diesen Tag gibt es nicht")
    place: object = parts[6] if len(parts) > 6 else None
    if isinstance(place, str):
        place = zone("@" + place) or zone(place)
        if place is None:
            raise _not(parts[6], "a time zone", "keine Zeitzone")
    elif isinstance(place, Decimal):
        place = offset_zone(int(place * 3600)) if abs(place) <= 18 else None
    else:
        place = _offset(cast("Span | None", place))
    return make_moment(found, _clock_parts(hour, minute, second), place)  # type: ignore[arg-type]


def time(value: object) -> object:
    """``time(from)``."""
    kind = kind_of(value)
    if kind == "time":
        return value
    if kind == "date and time":
        moment = cast(Moment, value)
        return make_time(nanoseconds_of(moment), moment.tzinfo)
    if kind == "date":
        return make_time(0, UTC)
    found = read_time(cast(str, value))
    if found is None:
        raise _not(value, "a time such as 12:30:00", "keine Uhrzeit wie 12:30:00")
    return found


def time_of_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: Span | None = None) -> object:
    """``time(hour, minute, second, offset)``."""
    return make_time(_clock_parts(hour, minute, second), _offset(offset))  # type: ignore[arg-type]


def number(text: str, grouping: str | None = None, point: str | None = None) -> object:
    """``number(from, grouping separator, decimal separator)``."""
    if (
        grouping not in (None, " ", ",", ".")
        or point not in (None, ",", ".")
        or (grouping and grouping == point)
    ):
        raise Mistake(
            "the grouping separator is a space, a comma or a point, the decimal separator another of them",
            "das Tausenderzeichen ist Leerzeichen, Komma oder Punkt, das Dezimalzeichen ein anderes davon",
        )
    plain = text.replace(grouping, "") if grouping else text
    if point == "," and "." in plain:
        raise _not(text, "a number", "keine Zahl")
    found = read_number(plain.replace(",", ".") if point == "," else plain)
    if found is None:
        raise _not(text, "a number", "keine Zahl")
    return found


def string(value: object) -> object:
    """``string(from)``."""
    written = write(value)
    return None if written is None else bounded_text(written)


def duration(value: object) -> object:
    """``duration(from)``."""
    if not isinstance(value, str):
        return value
    found = read_duration(value)
    if found is None:
        raise _not(value, "a duration such as P1DT2H or P1Y2M", "keine Dauer wie P1DT2H oder P1Y2M")
    return found


def years_and_months_duration(first: object, last: object) -> object:
    """``years and months duration(from, to)``."""
    days = [cast(Day, date(value)) for value in (first, last)]
    return Months(months_between(*days))


_END = r'"(?:[^"\\]|\\.)*"|@\s*"[^"]*"|(?:date and time|date|time|duration)\s*\(\s*"[^"]*"\s*\)|[^"()\[\]]*?'
_RANGE = re.compile(rf"\s*([\[\](])\s*({_END})\s*\.\.\s*({_END})\s*([\])\[])\s*", re.DOTALL)
_CALL = re.compile(r'(date and time|date|time|duration)\s*\(\s*"([^"]*)"\s*\)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def range_of(text: str) -> object:
    """``range(from)``: a range literal whose ends are literals."""
    found = _RANGE.fullmatch(text) if len(text) < 1000 else None
    if found is None:
        raise _not(text, "a range such as [1..10]", "kein Bereich wie [1..10]")
    low, high = (_literal(found[index].strip(), text) for index in (2, 3))
    closed_low, closed_high = found[1] == "[", found[4] == "]"
    if (low is None and (high is None or closed_low)) or (high is None and closed_high):
        raise _not(
            text, "a range: an end that is null is open", "kein Bereich: ein Ende, das null ist, ist offen"
        )
    if low is not None and high is not None and compare(low, high) not in (-1, 0):
        raise _not(text, "a range: it begins behind its end", "kein Bereich: er beginnt hinter seinem Ende")
    return Range(low, high, closed_low, closed_high)


def _literal(text: str, whole: str) -> object:
    """Read one end of a range; raises :class:`Mistake` for anything but a literal."""
    value: object = None
    call = _CALL.fullmatch(text)
    if text == "null":
        return None
    if text.startswith('"'):
        return _ESCAPE.sub(
            lambda match: {"n": "\n", "t": "\t", "r": "\r"}.get(match[1], match[1]), text[1:-1]
        )
    if text.startswith("@"):
        value = read_at(text[1:].strip()[1:-1])
    elif call:
        reader = {
            "date": read_date,
            "time": read_time,
            "duration": read_duration,
            "date and time": read_moment,
        }[call[1]]
        value = reader(call[2])
    else:
        value = read_number(text)
    if value is None:
        raise _not(whole, "a range of literals", "kein Bereich aus festen Werten")
    return value
