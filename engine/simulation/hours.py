"""Office hours: when people begin, and when work of some hours is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache

from fachwerk.workflows.calendar import Calendar

FROM, UNTIL = dt.time(8), dt.time(16)
"""Office hours where the calendar names none: Monday to Friday, without public holidays."""
Window = tuple[dt.datetime, dt.datetime]


class Hours:
    """The office hours of an app."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.windows = cache(self._windows)

    def _windows(self, day: dt.date) -> tuple[Window, ...]:
        """Return when people work on a day, in UTC."""
        if self._calendar.hours:
            return tuple(self._calendar.windows(day))
        if not self._calendar.is_working_day(day):
            return ()
        zone = self._calendar.timezone
        begin, end = (dt.datetime.combine(day, time, zone).astimezone(dt.UTC) for time in (FROM, UNTIL))
        return ((begin, end),)

    def following(self, moment: dt.datetime) -> Iterator[Window]:
        """Give the windows from *moment* on, the first cut where it has begun; ends after two years without any."""
        day = self._calendar.today(moment)
        for _ in range(731):
            for begin, end in self.windows(day):
                if end > moment:
                    yield max(begin, moment), end
            day += dt.timedelta(days=1)

    def open_at(self, moment: dt.datetime) -> bool:
        """Whether people work at *moment*."""
        return any(begin <= moment < end for begin, end in self.windows(self._calendar.today(moment)))

    def next_open(self, moment: dt.datetime) -> dt.datetime:
        """Return *moment*, or when people begin after it."""
        return next((begin for begin, _ in self.following(moment)), moment + dt.timedelta(days=365))

    def after(self, moment: dt.datetime, work: dt.timedelta) -> dt.datetime:
        """Return when *work* that is begun at *moment* is done."""
        for begin, end in self.following(moment):
            if work <= end - begin:
                return begin + work
            work -= end - begin
        return moment + dt.timedelta(days=731)

    def between(self, begin: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """Return the working time between two moments."""
        found = dt.timedelta()
        for first, last in self.following(begin):
            if first >= end:
                break
            found += min(last, end) - first
        return found
