"""Making dates, times and durations: of Python's class where the value fits, else of a wide one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from fachwerk.rules.values.wide import DAY, WideDate, WideDateTime, WideDuration, WideTime
from fachwerk.rules.values.zones import SECOND, offset_at

MOST_YEAR = 999_999_999
_CYCLE = 146_097
_MOST_MICROSECONDS = (999_999_999 * 86_400 + 86_399) * 1_000_000
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

Day = date | WideDate
Clock = time | WideTime
Moment = datetime | WideDateTime
Span = timedelta | WideDuration


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years and months duration, counted in months."""

    months: int


def leap(year: int) -> bool:
    """Whether *year* has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    """Return the number of days of a month."""
    return 28 if month == 2 and not leap(year) else _DAYS[month - 1]


def make_date(year: int, month: int, day: int) -> Day | None:
    """Return that day of the Gregorian calendar, ``None`` if there is none."""
    if not (abs(year) <= MOST_YEAR and 1 <= month <= 12 and 1 <= day <= month_length(year, month)):
        return None
    return date(year, month, day) if 1 <= year <= 9999 else WideDate(year, month, day)


def date_at(ordinal: int) -> Day | None:
    """Return the day with that number, ``None`` beyond the years that there are."""
    if 1 <= ordinal <= 3_652_059:
        return date.fromordinal(ordinal)
    cycles, rest = divmod(ordinal - 1, _CYCLE)
    day = date.fromordinal(rest + 1)
    return make_date(day.year + 400 * cycles, day.month, day.day)


def make_time(nanoseconds: int, zone: tzinfo | None = None) -> Clock:
    """Return the time of day that many nanoseconds after midnight, which may be of another day."""
    nanoseconds %= DAY
    if nanoseconds % 1000 or isinstance(zone, ZoneInfo):
        return WideTime(nanoseconds, zone)
    seconds, rest = divmod(nanoseconds, SECOND)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest // 1000, zone)


def make_moment(day: Day, nanoseconds: int, zone: tzinfo | None = None) -> Moment:
    """Return the date and time that a clock in *zone* shows."""
    if nanoseconds % 1000 or isinstance(day, WideDate):
        return WideDateTime(day, nanoseconds, zone)
    seconds, rest = divmod(nanoseconds, SECOND)
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    return datetime(day.year, day.month, day.day, hour, minute, second, rest // 1000, zone)


def moment_at(instant: int, zone: tzinfo | None) -> Moment | None:
    """Return the date and time at *instant* (nanoseconds as of ``instant_of``) on a clock in *zone*."""
    offset = 0
    if zone is not None:
        offset = _offset_at_instant(zone, instant)
    ordinal, nanoseconds = divmod(instant + offset * SECOND, DAY)
    day = date_at(ordinal)
    return None if day is None else make_moment(day, nanoseconds, zone)


def _offset_at_instant(zone: tzinfo, instant: int) -> int:
    """Find the offset: a guess taken as if *instant* were local is at most one change of the clock off."""
    offset = offset_at(zone, *divmod(instant, DAY))
    for _ in range(2):
        offset = offset_at(zone, *divmod(instant + offset * SECOND, DAY))
    return offset


def make_duration(nanoseconds: int) -> Span:
    """Return a days and time duration."""
    microseconds, rest = divmod(nanoseconds, 1000)
    if rest or abs(microseconds) > _MOST_MICROSECONDS:
        return WideDuration(nanoseconds)
    return timedelta(microseconds=microseconds)


def day_of(moment: Moment) -> Day:
    """Return the date of a date and time."""
    return moment.day if isinstance(moment, WideDateTime) else moment.date()


def add_months(day: Day, months: int) -> Day | None:
    """Return the same day *months* later; the last of the month where the day does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if abs(year) > MOST_YEAR:
        return None
    return make_date(year, month + 1, min(day.day, month_length(year, month + 1)))


def months_between(first: Day, last: Day) -> int:
    """Return the whole months from *first* to *last*, negative when they go back."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        return months - 1
    if months < 0 and last.day > first.day:
        return months + 1
    return months
