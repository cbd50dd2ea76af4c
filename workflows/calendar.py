"""Counting time as authorities do: public holidays, working days, office hours and the end of a period.

German civil law (BGB 187 to 193) is the model: the day of the event does not count; a period of weeks or months ends
on the day of the same name or number, or the last of the month; an end on a Saturday, Sunday or public holiday moves to
the next working day. How pauses and extensions are counted stands in ``reckoning``.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from fachwerk.schemas.model import Period

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Window = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Calendar:
    """The calendar of an app: its time zone, the public holidays of a country and, if given, a part of it.

    *hours* are the office hours by day of the week (``mon``: ``08:00-16:00``), *closed* further days on which nobody
    works (``2026-12-24``, or ``12-24`` of every year).
    """

    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    country: str | None = None
    subdivision: str | None = None
    hours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    closed: tuple[str, ...] = ()

    def is_working_day(self, day: dt.date) -> bool:
        """Whether *day* is Monday to Friday, no public holiday and not closed."""
        return day.weekday() < 5 and not self.is_off(day)

    def is_off(self, day: dt.date) -> bool:
        """Whether *day* is a public holiday or closed."""
        return day in self._holidays or (bool(self._closed) and not self._closed.isdisjoint(_names(day)))

    @cached_property
    def _closed(self) -> frozenset[str]:
        return frozenset(self.closed)

    @cached_property
    def _holidays(self) -> Container[dt.date]:
        if not self.country:
            return ()
        import holidays  # slow to load: start-up time

        return holidays.country_holidays(self.country, subdiv=self.subdivision)

    @cached_property
    def _hours(self) -> tuple[tuple[tuple[dt.time, dt.time | None], ...], ...]:
        """The office hours by weekday; an end of ``None`` is midnight."""
        return tuple(tuple(read_hours(text) for text in self.hours.get(name, ())) for name in DAYS)

    def today(self, now: dt.datetime) -> dt.date:
        """Return the day that it is at *now* in the zone of the app."""
        return now.astimezone(self.timezone).date()

    def at(self, day: dt.date, time: dt.time | None = None) -> dt.datetime:
        """Return a moment of a day in the zone of the app (its beginning, if no *time* is given), in UTC."""
        return dt.datetime.combine(day, time or dt.time(), self.timezone).astimezone(dt.UTC)

    def over(self, day: dt.date) -> dt.datetime:
        """Return the moment at which a day is over."""
        return self.at(day + dt.timedelta(days=1))

    def windows(self, day: dt.date) -> Iterator[Window]:
        """Give the office hours of a day, in UTC; there are none on holidays and closed days."""
        if self.is_off(day):
            return
        for begin, end in self._hours[day.weekday()]:
            yield self.at(day, begin), self.at(day, end) if end is not None else self.over(day)

    def next_working_day(self, day: dt.date) -> dt.date:
        """Return *day* itself if one works on it, else the first working day after it (BGB 193)."""
        while not self.is_working_day(day):
            day += dt.timedelta(days=1)
        return day

    def end_of(self, period: Period, start: dt.date) -> dt.date:
        """Return the last day of a *period* whose event fell on *start*."""
        return self.next_working_day(self.plain_end(period, start))

    def before(self, period: Period, end: dt.date) -> dt.date:
        """Return the day that lies a *period* before *end*; used for warnings and never moved."""
        if period.unit == "working_days":
            return self._working_days(end, -period.count)
        if period.unit in ("months", "years"):
            return add_months(end, -period.count * (12 if period.unit == "years" else 1))
        return end - _plain_length(period)

    def plain_end(self, period: Period, start: dt.date) -> dt.date:
        """Return the last day of a *period*, wherever it falls (BGB 188)."""
        if period.unit == "working_days":
            return self._working_days(start, period.count)
        if period.unit in ("months", "years"):
            return add_months(start, period.count * (12 if period.unit == "years" else 1))
        return start + _plain_length(period)

    def _working_days(self, day: dt.date, count: int) -> dt.date:
        step = dt.timedelta(days=1 if count > 0 else -1)
        left = abs(count)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day


def add_months(day: dt.date, count: int) -> dt.date:
    """Return the day *count* months later: the same number, or the last day of a shorter month (BGB 188 III)."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = months.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def holidays_version() -> str:
    """Return the version of the public holidays that calendars know."""
    from importlib.metadata import version  # slow to load: only where a process begins

    return version("holidays")


def read_hours(text: str) -> tuple[dt.time, dt.time | None]:
    """Return what ``08:00-16:00`` means; raises :class:`ValueError` for anything else. ``24:00`` is midnight."""
    begin, end = (part.strip() for part in text.split("-"))
    first = dt.time.fromisoformat(begin.zfill(5))
    last = None if end == "24:00" else dt.time.fromisoformat(end.zfill(5))
    if last is not None and last <= first:
        raise ValueError(text)
    return first, last


def _names(day: dt.date) -> tuple[str, str]:
    text = day.isoformat()
    return text, text[5:]


def _plain_length(period: Period) -> dt.timedelta:
    days = {"minutes": 0, "hours": 0, "office_hours": 0, "days": 1, "weeks": 7}[period.unit]
    if days:
        return dt.timedelta(days=days * period.count)
    seconds = period.count * (60 if period.unit == "minutes" else 3600)
    return dt.timedelta(days=-(-seconds // 86_400))


FARTHEST = dt.timedelta(days=3660)
"""How far back office hours are looked for."""


def moment_before(calendar: Calendar, period: Period, moment: dt.datetime) -> dt.datetime:
    """Return the moment that lies a *period* before *moment*: what was last touched until then has been idle so long.

    Days, weeks and months go back to the same time of day. Working days count on the calendar: on a day off it is as
    late as at the end of the working day before it. Never goes back as *moment* goes on.
    """
    if period.unit in ("minutes", "hours"):
        return moment - dt.timedelta(hours=period.count / (60 if period.unit == "minutes" else 1))
    if period.unit == "office_hours":
        return _office_hours_before(calendar, moment, dt.timedelta(hours=period.count))
    local = moment.astimezone(calendar.timezone)
    day, time = local.date(), local.timetz().replace(tzinfo=None)
    if period.unit != "working_days" or calendar.is_working_day(day):
        return calendar.at(calendar.before(period, day), time)
    while not calendar.is_working_day(day):
        day -= dt.timedelta(days=1)
    return calendar.over(calendar.before(period, day))


def _office_hours_before(calendar: Calendar, moment: dt.datetime, left: dt.timedelta) -> dt.datetime:
    day = first = calendar.today(moment)
    while first - day < FARTHEST:
        for begin, end in sorted(calendar.windows(day), reverse=True):
            length = max(min(end, moment) - begin, dt.timedelta())
            if left <= length:
                return min(end, moment) - left
            left -= length
        day -= dt.timedelta(days=1)
    return calendar.at(day)
