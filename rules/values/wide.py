"""Dates, times and durations that Python's own classes cannot hold.

A value is of a class here exactly when ``datetime`` cannot hold it (a year outside 1..9999, a fraction of a
second finer than a microsecond, a time with a zone id), so that the class of a value follows from the value.
The classes compare with Python's and with each other; ``days.py`` makes and takes apart both. Ordinals count
days, 1 is 0001-01-01.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from fachwerk.rules.values.zones import SECOND, offset_at, offset_of_time

DAY = 86_400 * SECOND
_CYCLE = 146_097


def ordinal_of(day: date | WideDate) -> int:
    """Return the number of a date, 1 for 0001-01-01."""
    return day.toordinal()


def nanoseconds_of(moment: time | WideTime | datetime | WideDateTime) -> int:
    """Return the nanoseconds since midnight on the clock that *moment* shows."""
    if isinstance(moment, WideTime | WideDateTime):
        return moment.nanoseconds
    whole = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return whole * SECOND + moment.microsecond * 1000


def length_of(duration: timedelta | WideDuration) -> int:
    """Return the nanoseconds of a days and time duration."""
    if isinstance(duration, WideDuration):
        return duration.nanoseconds
    return ((duration.days * 86_400 + duration.seconds) * 1_000_000 + duration.microseconds) * 1000


def instant_of(moment: datetime | WideDateTime) -> tuple[bool, int]:
    """Return whether *moment* has a zone, and its nanoseconds since 0000-12-31 (in UTC if so, else local)."""
    ordinal = moment.toordinal()
    local = nanoseconds_of(moment)
    zone = moment.tzinfo
    if zone is None:
        return False, ordinal * DAY + local
    return True, ordinal * DAY + local - offset_at(zone, ordinal, local) * SECOND


def time_line(moment: time | WideTime) -> tuple[bool, int]:
    """Return whether *moment* has a zone, and its nanoseconds since midnight (in UTC if so)."""
    zone = moment.tzinfo
    if zone is None:
        return False, nanoseconds_of(moment)
    return True, nanoseconds_of(moment) - offset_of_time(zone) * SECOND


@dataclass(frozen=True, slots=True, eq=False)
class WideDate:
    """A date in a year outside 1..9999 (at most ±999,999,999)."""

    year: int
    month: int
    day: int

    def toordinal(self) -> int:
        cycles, year = divmod(self.year - 1, 400)
        return date(year + 1, self.month, self.day).toordinal() + cycles * _CYCLE

    def isoweekday(self) -> int:
        return (self.toordinal() - 1) % 7 + 1

    def __sub__(self, other: date | WideDate) -> timedelta | WideDuration:
        return (
            _days(self.toordinal() - other.toordinal())
            if isinstance(other, date | WideDate)
            else NotImplemented
        )

    def __rsub__(self, other: date) -> timedelta | WideDuration:
        return _days(other.toordinal() - self.toordinal()) if isinstance(other, date) else NotImplemented

    def __eq__(self, other: object) -> bool:
        if isinstance(other, WideDate):
            return (self.year, self.month, self.day) == (other.year, other.month, other.day)
        return False if isinstance(other, date) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.year, self.month, self.day))

    def __lt__(self, other: date | WideDate) -> bool:
        return self.toordinal() < other.toordinal() if isinstance(other, date | WideDate) else NotImplemented

    def __le__(self, other: date | WideDate) -> bool:
        return self.toordinal() <= other.toordinal() if isinstance(other, date | WideDate) else NotImplemented

    def __gt__(self, other: date | WideDate) -> bool:
        return self.toordinal() > other.toordinal() if isinstance(other, date | WideDate) else NotImplemented

    def __ge__(self, other: date | WideDate) -> bool:
        return self.toordinal() >= other.toordinal() if isinstance(other, date | WideDate) else NotImplemented


@dataclass(frozen=True, slots=True, eq=False)
class WideTime:
    """A time of day with nanoseconds or with a zone id."""

    nanoseconds: int
    tzinfo: tzinfo | None = None

    @property
    def hour(self) -> int:
        return self.nanoseconds // (3600 * SECOND)

    @property
    def minute(self) -> int:
        return self.nanoseconds // (60 * SECOND) % 60

    @property
    def second(self) -> int:
        return self.nanoseconds // SECOND % 60

    def __eq__(self, other: object) -> bool:
        return time_line(self) == time_line(other) if isinstance(other, time | WideTime) else NotImplemented

    def __hash__(self) -> int:
        return hash(time_line(self))

    def __lt__(self, other: time | WideTime) -> bool:
        return (
            _before(time_line(self), time_line(other))
            if isinstance(other, time | WideTime)
            else NotImplemented
        )

    def __gt__(self, other: time | WideTime) -> bool:
        return (
            _before(time_line(other), time_line(self))
            if isinstance(other, time | WideTime)
            else NotImplemented
        )

    def __le__(self, other: time | WideTime) -> bool:
        return not self > other

    def __ge__(self, other: time | WideTime) -> bool:
        return not self < other


@dataclass(frozen=True, slots=True, eq=False)
class WideDateTime:
    """A date and time with nanoseconds or in a year outside 1..9999."""

    day: date | WideDate
    nanoseconds: int
    tzinfo: tzinfo | None = None

    @property
    def hour(self) -> int:
        return self.nanoseconds // (3600 * SECOND)

    @property
    def minute(self) -> int:
        return self.nanoseconds // (60 * SECOND) % 60

    @property
    def second(self) -> int:
        return self.nanoseconds // SECOND % 60

    def toordinal(self) -> int:
        return self.day.toordinal()

    def __eq__(self, other: object) -> bool:
        return (
            instant_of(self) == instant_of(other)
            if isinstance(other, datetime | WideDateTime)
            else NotImplemented
        )

    def __hash__(self) -> int:
        return hash(instant_of(self))

    def __lt__(self, other: datetime | WideDateTime) -> bool:
        if not isinstance(other, datetime | WideDateTime):
            return NotImplemented
        return _before(instant_of(self), instant_of(other))

    def __gt__(self, other: datetime | WideDateTime) -> bool:
        if not isinstance(other, datetime | WideDateTime):
            return NotImplemented
        return _before(instant_of(other), instant_of(self))

    def __le__(self, other: datetime | WideDateTime) -> bool:
        return not self > other

    def __ge__(self, other: datetime | WideDateTime) -> bool:
        return not self < other


def _before(one: tuple[bool, int], other: tuple[bool, int]) -> bool:
    if one[0] is not other[0]:
        raise TypeError("a time with an offset does not compare with one without")
    return one[1] < other[1]


@dataclass(frozen=True, slots=True, eq=False)
class WideDuration:
    """A days and time duration with nanoseconds, or longer than 999,999,999 days."""

    nanoseconds: int

    def __eq__(self, other: object) -> bool:
        if isinstance(other, timedelta | WideDuration):
            return self.nanoseconds == length_of(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.nanoseconds)

    def __lt__(self, other: timedelta | WideDuration) -> bool:
        return (
            self.nanoseconds < length_of(other)
            if isinstance(other, timedelta | WideDuration)
            else NotImplemented
        )

    def __le__(self, other: timedelta | WideDuration) -> bool:
        return (
            self.nanoseconds <= length_of(other)
            if isinstance(other, timedelta | WideDuration)
            else NotImplemented
        )

    def __gt__(self, other: timedelta | WideDuration) -> bool:
        return (
            self.nanoseconds > length_of(other)
            if isinstance(other, timedelta | WideDuration)
            else NotImplemented
        )

    def __ge__(self, other: timedelta | WideDuration) -> bool:
        return (
            self.nanoseconds >= length_of(other)
            if isinstance(other, timedelta | WideDuration)
            else NotImplemented
        )


def _days(days: int) -> timedelta | WideDuration:
    return timedelta(days) if abs(days) <= 999_999_999 else WideDuration(days * DAY)


UTC = UTC
