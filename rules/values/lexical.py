"""Reading dates, times and durations from text, as ISO 8601 and XML Schema write them (DMN 1.5, clause
10.3.4.1).
"""

from __future__ import annotations

import re
from datetime import tzinfo

from fachwerk.rules.values.days import (
    Clock,
    Day,
    Moment,
    Months,
    Span,
    date_at,
    make_date,
    make_duration,
    make_moment,
    make_time,
)
from fachwerk.rules.values.wide import DAY
from fachwerk.rules.values.zones import SECOND, zone

_DATE = re.compile(r"(-?)(\d{4}|[1-9]\d{4,8})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz+\-@].*)?", re.ASCII)
_MONTHS = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?", re.ASCII)
_SPAN = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?", re.ASCII)
_LONGEST = 200


def read_date(text: str) -> Day | None:
    """Return the date that *text* (``2024-02-29``) names, ``None`` if it names none."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    sign, year, month, day = found.groups()
    return make_date(-int(year) if sign else int(year), int(month), int(day))


def read_time(text: str) -> Clock | None:
    """Return the time that *text* (``12:30:00.5+02:00``, ``24:00:00``) names, ``None`` if it names none."""
    found = _clock(text)
    return None if found is None else make_time(*found)


def read_moment(text: str) -> Moment | None:
    """Return the date and time that *text* names; a date alone means its midnight, without a zone."""
    day_text, mark, time_text = text.partition("T")
    day = read_date(day_text)
    if day is None:
        return None
    if not mark:
        return make_moment(day, 0)
    found = _clock(time_text)
    if found is None:
        return None
    nanoseconds, zone_ = found
    if nanoseconds == DAY:
        later = date_at(day.toordinal() + 1)
        return None if later is None else make_moment(later, 0, zone_)
    return make_moment(day, nanoseconds, zone_)


def _clock(text: str) -> tuple[int, tzinfo | None] | None:
    found = _TIME.fullmatch(text)
    if not found or len(text) > _LONGEST:
        return None
    hour, minute, second = (int(part) for part in found.groups()[:3])
    nanoseconds = ((hour * 60 + minute) * 60 + second) * SECOND + _fraction(found[4])
    if minute > 59 or second > 59 or nanoseconds > DAY:
        return None
    if not found[5]:
        return nanoseconds, None
    place = zone(found[5].upper() if found[5] in ("z", "Z") else found[5])
    return None if place is None else (nanoseconds, place)


def _fraction(digits: str | None) -> int:
    return int((digits or "0")[:9].ljust(9, "0"))


def read_duration(text: str) -> Months | Span | None:
    """Return the duration that *text* (``P1Y2M``, ``-P1DT2H3M4.5S``) names; years and days do not mix."""
    if len(text) > _LONGEST or text.endswith(("P", "T")):
        return None
    months = _MONTHS.fullmatch(text)
    if months:
        count = int(months[2] or 0) * 12 + int(months[3] or 0)
        return Months(-count if months[1] else count)
    span = _SPAN.fullmatch(text)
    if not span:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in span.groups()[1:5])
    whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    nanoseconds = whole * SECOND + _fraction(span[6] or "0")
    return make_duration(-nanoseconds if span[1] else nanoseconds)


def read_at(text: str) -> Day | Clock | Moment | Months | Span | None:
    """Return what an ``@"..."`` literal names: a date, time, date and time or duration; ``None`` if it names
    none.
    """
    if "P" in text[:2]:
        return read_duration(text)
    if "T" in text and "-" in text.partition("T")[0]:
        return read_moment(text)
    return read_date(text) or read_time(text)
