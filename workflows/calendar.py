"""Counting time as authorities do: public holidays, working days and the end of a period.

German civil law (BGB 187 to 193) is the model: the day of the event does not count; a period of weeks or months ends
on the day of the same name or number, or the last of the month; an end on a Saturday, Sunday or public holiday moves to
the next working day.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Container
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from fachwerk.schemas.model import Period


@dataclass(frozen=True)
class Calendar:
    """The calendar of an app: its time zone and the public holidays of a country and, if given, a part of it."""

    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    country: str | None = None
    subdivision: str | None = None

    def is_working_day(self, day: dt.date) -> bool:
        """Whether *day* is Monday to Friday and no public holiday."""
        return day.weekday() < 5 and day not in self._holidays

    @cached_property
    def _holidays(self) -> Container[dt.date]:
        if not self.country:
            return ()
        import holidays  # slow to load: start-up time

        return holidays.country_holidays(self.country, subdiv=self.subdivision)

    def today(self, now: dt.datetime) -> dt.date:
        """Return the day that it is at *now* in the zone of the app."""
        return now.astimezone(self.timezone).date()

    def next_working_day(self, day: dt.date) -> dt.date:
        """Return *day* itself if one works on it, else the first working day after it (BGB 193)."""
        while not self.is_working_day(day):
            day += dt.timedelta(days=1)
        return day

    def end_of(self, period: Period, start: dt.date) -> dt.date:
        """Return the last day of a *period* whose event fell on *start*."""
        return self.next_working_day(self._plain_end(period, start))

    def before(self, period: Period, end: dt.date) -> dt.date:
        """Return the day that lies a *period* before *end*; used for warnings and never moved."""
        if period.unit == "working_days":
            return self._working_days(end, -period.count)
        if period.unit in ("months", "years"):
            return add_months(end, -period.count * (12 if period.unit == "years" else 1))
        return end - _plain_length(period)

    def _plain_end(self, period: Period, start: dt.date) -> dt.date:
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


def _plain_length(period: Period) -> dt.timedelta:
    days = {"minutes": 0, "hours": 0, "days": 1, "weeks": 7}[period.unit]
    if days:
        return dt.timedelta(days=days * period.count)
    seconds = period.count * (60 if period.unit == "minutes" else 3600)
    return dt.timedelta(days=-(-seconds // 86_400))
