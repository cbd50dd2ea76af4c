"""When a time limit ends that was paused and extended: one function of its beginning and of what happened to it.

Nothing is added up step by step: the end is always counted anew from the beginning, so that it comes out the same
whoever asks, and a changed calendar changes it as if it had always been so.

- A period of days, weeks, months or years ends with a day (BGB 187 I, 188, 193). Days on which it was paused, even in
  part, are not counted (BGB 209); the end moves by as many days, for working days by as many working days. It never
  falls on a day of a pause.
- An extension is counted from the end of the period before, as that was moved by BGB 193 (BGB 190).
- A period of hours or minutes is counted by the clock, whatever day it is, one of office hours within these; both
  end at a moment, and pauses are left out to the second.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fachwerk.schemas.measures import BY_THE_CLOCK
from fachwerk.schemas.model import Period
from fachwerk.workflows.calendar import Calendar, Window

Pause = tuple[dt.datetime, dt.datetime | None]
FURTHEST = 366 * 60
"""Days after which the search for office hours is given up."""


@dataclass(frozen=True, slots=True)
class Course:
    """What happened to a time limit: when it began, its pauses (the last may last still), by what it was extended.

    *held* says why it is paused now: the ``state`` of the case, somebody's ``action``, or both.
    """

    since: dt.datetime
    pauses: tuple[Pause, ...] = ()
    extended: tuple[Period, ...] = ()
    held: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class End:
    """The end of a time limit: with the *day*, or at the moment *at* on it."""

    day: dt.date
    at: dt.datetime | None = None


def reckon(calendar: Calendar, within: Period, course: Course, now: dt.datetime | None = None) -> End:
    """Return the end of a limit of *within*; a pause that lasts still counts until *now* (or not at all)."""
    pauses = merged(course.pauses, now)
    end = End(calendar.today(course.since), course.since)
    for period in (within, *course.extended):
        end = _segment(calendar, period, end, pauses)
    return end


def closes(calendar: Calendar, end: End) -> dt.datetime:
    """Return the moment from which a time limit is missed."""
    return end.at if end.at is not None else calendar.over(end.day)


def warns_at(calendar: Calendar, before: Period, end: End) -> dt.datetime:
    """Return when to warn before the end: by days at the beginning of a day, or at the time of day of the end."""
    if before.unit == "office_hours":
        return _office_hours_before(calendar, before.count, closes(calendar, end))
    if before.unit in BY_THE_CLOCK:
        return closes(calendar, end) - _length(before)
    day = calendar.before(before, end.day)
    return calendar.at(day) if end.at is None else calendar.at(day, end.at.astimezone(calendar.timezone).time())


def merged(pauses: Iterable[Pause], now: dt.datetime | None = None) -> list[Window]:
    """Return pauses that lasted, in order and without overlaps."""
    found: list[Window] = []
    for begin, finish in sorted(pauses, key=lambda pause: pause[0]):
        end = finish if finish is not None else now
        if end is None or end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def _segment(calendar: Calendar, period: Period, start: End, pauses: list[Window]) -> End:
    if period.unit in BY_THE_CLOCK:
        begin = closes(calendar, start)
        if period.unit == "office_hours":
            at = _office_hours(calendar, dt.timedelta(hours=period.count), begin, pauses)
        else:
            at = _clock(_length(period), begin, pauses)
        return End(calendar.today(at), at)
    return End(_days(calendar, period, start.day, pauses))


# days


def _days(calendar: Calendar, period: Period, start: dt.date, pauses: list[Window]) -> dt.date:
    rests = [(calendar.today(begin), calendar.today(end)) for begin, end in pauses]
    if not rests or rests[-1][1] <= start:
        return calendar.end_of(period, start)

    def paused(day: dt.date) -> bool:
        return any(first <= day <= last for first, last in rests)

    working, one = period.unit == "working_days", dt.timedelta(days=1)
    left = period.count if working else (calendar.plain_end(period, start) - start).days
    day = start
    while left:
        day += one
        left -= not paused(day) and (not working or calendar.is_working_day(day))
    while paused(day) or not calendar.is_working_day(day):
        day += one
    return day


# by the clock


def _length(period: Period) -> dt.timedelta:
    return dt.timedelta(minutes=period.count * (1 if period.unit == "minutes" else 60))


def _clock(left: dt.timedelta, at: dt.datetime, pauses: list[Window]) -> dt.datetime:
    for begin, end in pauses:
        if end <= at:
            continue
        if at + left <= begin:
            break
        left -= max(begin - at, dt.timedelta())
        at = end
    return at + left


def _office_hours(calendar: Calendar, left: dt.timedelta, at: dt.datetime, pauses: list[Window]) -> dt.datetime:
    if not any(calendar.hours.values()):
        return _clock(left, at, pauses)
    day = calendar.today(at)
    for _ in range(FURTHEST):
        for begin, end in _free(calendar.windows(day), at, pauses):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        day += dt.timedelta(days=1)
    raise ValueError("the calendar has no office hours in years")


def _free(windows: Iterable[Window], at: dt.datetime, pauses: list[Window]) -> Iterator[Window]:
    """Give what is left of *windows* after *at* without the pauses."""
    for opens, end in windows:
        begin = max(opens, at)
        for first, last in pauses:
            if last <= begin or first >= end:
                continue
            if first > begin:
                yield begin, first
            begin = last
        if begin < end:
            yield begin, end


def _office_hours_before(calendar: Calendar, hours: int, end: dt.datetime) -> dt.datetime:
    left, day = dt.timedelta(hours=hours), calendar.today(end)
    if not any(calendar.hours.values()):
        return end - left
    for _ in range(FURTHEST):
        for opens, shuts in reversed(list(calendar.windows(day))):
            last = min(shuts, end)
            if last - opens >= left:
                return last - left
            left -= max(last - opens, dt.timedelta())
        day -= dt.timedelta(days=1)
    raise ValueError("the calendar has no office hours in years")
