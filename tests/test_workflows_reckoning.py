"""When time limits end that were paused and extended: against a count day by day, and minute by minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from zoneinfo import ZoneInfo

import holidays
import pytest
from fachwerk.schemas.measures import period_of
from fachwerk.schemas.model import Period
from fachwerk.workflows.calendar import Calendar, add_months
from fachwerk.workflows.reckoning import Course, End, closes, reckon, warns_at
from hypothesis import example, given, settings
from hypothesis import strategies as st

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = {"mon": ("08:00-12:00", "13:00-16:30"), "wed": ("08:00-18:00",), "fri": ("07:15-12:00",), "sat": ("22:00-24:00",),
          "sun": ("00:00-04:00",)}  # fmt: skip
CALENDAR = Calendar(BERLIN, "DE", "BY", OFFICE, ("12-24", "12-31", "2026-05-15"))
MINUTE = dt.timedelta(minutes=1)
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
Pauses = Sequence[tuple[dt.datetime, dt.datetime]]

moments = st.integers(0, 3 * 366 * 24 * 60).map(lambda minutes: START + minutes * MINUTE)
days = st.builds(Period, st.integers(1, 60), st.sampled_from(["days", "working_days", "weeks"])) | st.builds(
    Period, st.integers(1, 14), st.sampled_from(["months"])
)


@st.composite
def courses(draw: st.DrawFn, longest: int = 60 * 24 * 60) -> Course:
    """A limit that was paused some times after it began."""
    at = since = draw(moments)
    pauses = []
    for _ in range(draw(st.integers(0, 3))):
        begin = at + draw(st.integers(0, longest)) * MINUTE
        at = begin + draw(st.integers(1, longest)) * MINUTE
        pauses.append((begin, at))
    return Course(since, tuple(pauses))


BAVARIA = holidays.country_holidays("DE", subdiv="BY")


@cache
def off(day: dt.date) -> bool:
    """Whether a day is a holiday or closed, said in another way than the calendar says it."""
    return day in BAVARIA or (day.month, day.day) in ((12, 24), (12, 31)) or day == dt.date(2026, 5, 15)


def works(day: dt.date) -> bool:
    """Whether people work on a day."""
    return day.isoweekday() <= 5 and not off(day)


def paused(day: dt.date, pauses: Pauses) -> bool:
    """Whether any part of a day of Berlin lies in a pause: the days of its first and last moment count (BGB 209)."""
    return any(a.astimezone(BERLIN).date() <= day <= b.astimezone(BERLIN).date() for a, b in pauses)


def walk(period: Period, start: dt.date, pauses: Pauses) -> dt.date:
    """Go from day to day and count those that count."""
    length = {"days": 1, "weeks": 7, "working_days": 1}.get(period.unit)
    if length is None:
        end = add_months(start, period.count)
        count = sum(1 for n in range(1, 2000) if start + dt.timedelta(days=n) <= end)
    else:
        count = period.count * length
    day = start
    while count:
        day += dt.timedelta(days=1)
        if not paused(day, pauses) and (period.unit != "working_days" or works(day)):
            count -= 1
    while not works(day) or paused(day, pauses):
        day += dt.timedelta(days=1)
    return day


@settings(max_examples=150)
@given(days, courses(), st.lists(days, max_size=2))
@example(Period(1, "months"), Course(dt.datetime(2026, 1, 31, 9, tzinfo=dt.UTC)), [])
def test_days_are_counted_as_one_counts_them_on_a_calendar(
    period: Period, course: Course, extended: list[Period]
) -> None:
    day = course.since.astimezone(BERLIN).date()
    for one in (period, *extended):
        day = walk(one, day, [(a, b) for a, b in course.pauses if b is not None])
    told = reckon(CALENDAR, period, Course(course.since, course.pauses, tuple(extended)))
    assert told == End(day)
    assert closes(CALENDAR, told).astimezone(BERLIN).strftime("%H:%M") == "00:00"


@settings(max_examples=60)
@given(st.integers(1, 400), courses(400))
def test_the_clock_leaves_pauses_out(minutes: int, course: Course) -> None:
    at, left = course.since, minutes
    while left:
        left -= not any(a <= at < b for a, b in course.pauses if b is not None)
        at += MINUTE
    found = reckon(CALENDAR, Period(minutes, "minutes"), course).at
    assert found == at
    assert reckon(CALENDAR, Period(minutes, "hours"), Course(course.since)).at == course.since + minutes * 60 * MINUTE


def open_at(moment: dt.datetime) -> bool:
    """Whether the office is open at a moment, by the clock on its wall."""
    local = moment.astimezone(BERLIN)
    day, minute = local.date(), local.hour * 60 + local.minute
    if off(day):
        return False
    spans = {0: ((480, 720), (780, 990)), 2: ((480, 1080),), 4: ((435, 720),), 5: ((1320, 1440),), 6: ((0, 240),)}
    return any(begin <= minute < end for begin, end in spans.get(day.weekday(), ()))


@settings(max_examples=30)
@given(st.integers(1, 30), courses(5 * 24 * 60))
@example(3, Course(dt.datetime(2026, 3, 28, 22, 0, tzinfo=dt.UTC)))
@example(4, Course(dt.datetime(2026, 10, 24, 21, 0, tzinfo=dt.UTC)))
def test_office_hours_are_those_in_which_the_office_is_open(hours: int, course: Course) -> None:
    """Minute by minute, also over the nights in which clocks change."""
    at, left = course.since, hours * 60
    while left:
        left -= open_at(at) and not any(a <= at < b for a, b in course.pauses if b is not None)
        at += MINUTE
    found = reckon(CALENDAR, Period(hours, "office_hours"), course)
    assert found.at == at
    assert found.day == at.astimezone(BERLIN).date()
    assert warns_at(CALENDAR, Period(hours, "office_hours"), End(found.day, found.at)) <= found.at


@settings(max_examples=60)
@given(days, courses(), days)
def test_more_time_never_ends_earlier(period: Period, course: Course, more: Period) -> None:
    plain, longer = reckon(CALENDAR, period, Course(course.since)), reckon(CALENDAR, period, course)
    assert longer.day >= plain.day
    assert reckon(CALENDAR, period, Course(course.since, course.pauses, (more,))).day > longer.day


@pytest.mark.parametrize(
    ("within", "since", "pauses", "extended", "end"),
    [
        # BGB 187 I, 188 II, III: the day of the event does not count; the last day of a shorter month
        ("1 month", "2026-01-31T10:00", (), (), "2026-03-02"),
        # BGB 193: 1 May is a holiday, then a weekend
        ("1 month", "2026-04-01T10:00", (), (), "2026-05-04"),
        # BGB 209: paused on Monday and on again on Wednesday takes three days out
        ("2 weeks", "2026-03-02T10:00", (("2026-03-09T08:00", "2026-03-11T18:00"),), (), "2026-03-19"),
        # paused and on again on one day takes that day out; a pause on the day of the event takes nothing out
        ("2 weeks", "2026-03-02T10:00", (("2026-03-09T08:00", "2026-03-09T09:00"),), (), "2026-03-17"),
        ("2 weeks", "2026-03-02T10:00", (("2026-03-02T11:00", "2026-03-02T12:00"),), (), "2026-03-16"),
        # the last day of the period was a Saturday, and a pause takes Monday: the first working day after the pause
        ("5 days", "2026-03-02T10:00", (("2026-03-08T08:00", "2026-03-11T08:00"),), (), "2026-03-12"),
        # BGB 190: an extension is counted from the end of the period before, which BGB 193 had moved to Monday
        ("5 days", "2026-03-02T10:00", (), ("1 week",), "2026-03-16"),
        # working days by working days: Good Friday and Easter Monday are none
        ("5 working days", "2026-04-01T10:00", (), (), "2026-04-10"),
        ("5 working days", "2026-04-01T10:00", (("2026-04-02T08:00", "2026-04-08T08:00"),), (), "2026-04-15"),
    ],
)
def test_examples_of_the_law(
    within: str, since: str, pauses: tuple[tuple[str, str], ...], extended: tuple[str, ...], end: str
) -> None:
    def at(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(dt.UTC)

    longer = tuple(one for text in extended if (one := period_of(text)) is not None)
    period = period_of(within)
    assert period is not None
    course = Course(at(since), tuple((at(a), at(b)) for a, b in pauses), longer)
    assert reckon(CALENDAR, period, course).day.isoformat() == end


def test_hours_over_the_night_in_which_clocks_change() -> None:
    """Six hours are six hours, whatever the clock on the wall says."""
    for since, end in (("2026-03-28T23:00", "2026-03-29T06:00"), ("2026-10-24T23:00", "2026-10-25T04:00")):
        begin = dt.datetime.fromisoformat(since).replace(tzinfo=BERLIN)
        found = reckon(CALENDAR, Period(6, "hours"), Course(begin.astimezone(dt.UTC))).at
        assert found is not None
        assert found.astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M") == end


def test_warnings_by_days_keep_the_time_of_day() -> None:
    end = End(dt.date(2026, 3, 30), dt.datetime(2026, 3, 30, 13, 0, tzinfo=dt.UTC))
    # 15:00 in Berlin on both days, though the clocks changed between them
    assert warns_at(CALENDAR, Period(2, "days"), end) == dt.datetime(2026, 3, 28, 14, 0, tzinfo=dt.UTC)
    assert warns_at(CALENDAR, Period(3, "hours"), end) == dt.datetime(2026, 3, 30, 10, 0, tzinfo=dt.UTC)
    assert warns_at(CALENDAR, Period(3, "hours"), End(end.day)) == dt.datetime(2026, 3, 30, 19, 0, tzinfo=dt.UTC)
