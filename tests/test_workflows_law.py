"""Ends of periods as German law counts them, case by case: known answers, in the states that differ."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from fachwerk.schemas.measures import period_of
from fachwerk.workflows.calendar import Calendar
from fachwerk.workflows.reckoning import Course, reckon

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = {**dict.fromkeys(("mon", "tue", "wed", "thu"), ("08:00-12:00", "13:00-16:00")), "fri": ("08:00-12:00",)}
NIGHT = {"mon": ("22:00-24:00",), "tue": ("00:00-06:00",), "sun": ("00:00-06:00",)}


def end_of(state: str, within: str, since: str, hours: dict[str, tuple[str, ...]] | None = None) -> str:
    """The end of a period whose event fell on a moment in Berlin: a day, or a day and time."""
    period, moment = period_of(within), dt.datetime.fromisoformat(since)
    assert period is not None
    calendar = Calendar(BERLIN, "DE", state, hours or {})
    end = reckon(calendar, period, Course(moment.replace(tzinfo=moment.tzinfo or BERLIN).astimezone(dt.UTC)))
    return end.day.isoformat() if end.at is None else f"{end.at.astimezone(BERLIN):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("state", "within", "since", "end"),
    [
        # BGB 187 I, 188 I, II: the day of the event does not count, whatever the time of day
        ("BY", "1 day", "2026-03-02T00:00", "2026-03-03"),
        ("BY", "1 week", "2026-03-02T10:00", "2026-03-09"),
        ("BY", "1 week", "2026-03-02T23:59", "2026-03-09"),
        ("BY", "1 week", "2026-03-02T23:30+00:00", "2026-03-10"),
        ("BY", "1 month", "2026-03-10T10:00", "2026-04-10"),
        # BGB 188 III: months that lack the day; a month from the last day ends with the number, not with the month
        ("BY", "1 month", "2024-01-31T10:00", "2024-02-29"),
        ("BY", "1 month", "2028-01-30T10:00", "2028-02-29"),
        ("BY", "1 month", "2026-08-31T10:00", "2026-09-30"),
        ("BY", "1 month", "2025-02-28T10:00", "2025-03-28"),
        ("BY", "3 months", "2025-11-30T10:00", "2026-03-02"),  # 28 February is a Saturday
        ("BY", "1 year", "2024-02-29T10:00", "2025-02-28"),
        ("BY", "1 year", "2027-02-28T10:00", "2028-02-28"),
        # BGB 193: Saturday, Sunday, holidays of all states; 24 December is none
        ("BE", "1 day", "2026-03-06T10:00", "2026-03-09"),
        ("BE", "1 month", "2026-05-14T10:00", "2026-06-15"),
        ("BE", "1 month", "2026-12-31T10:00", "2027-02-01"),
        ("BE", "1 month", "2026-03-03T10:00", "2026-04-07"),  # Good Friday to Easter Monday
        ("BE", "1 month", "2025-09-03T10:00", "2025-10-06"),  # German Unity on a Friday
        ("BE", "2 weeks", "2026-12-10T10:00", "2026-12-24"),
        ("BE", "2 weeks", "2026-12-11T10:00", "2026-12-28"),
        ("BE", "10 working days", "2026-12-18T10:00", "2027-01-05"),
        # … and of one: Epiphany, Women's Day, Corpus Christi, Repentance, Reformation, All Saints; of one year: 1945, 1517
        ("BY", "1 week", "2025-12-30T10:00", "2026-01-07"),
        ("BE", "1 week", "2025-12-30T10:00", "2026-01-06"),
        ("BE", "1 week", "2027-03-01T10:00", "2027-03-09"),
        ("BY", "1 week", "2027-03-01T10:00", "2027-03-08"),
        ("BY", "1 week", "2026-05-28T10:00", "2026-06-05"),
        ("BE", "1 week", "2026-05-28T10:00", "2026-06-04"),
        ("SN", "1 week", "2026-11-11T10:00", "2026-11-19"),
        ("BY", "1 week", "2026-11-11T10:00", "2026-11-18"),
        ("SN", "2 weeks", "2025-10-17T10:00", "2025-11-03"),
        ("BY", "2 weeks", "2025-10-17T10:00", "2025-10-31"),
        ("NW", "1 week", "2027-10-25T10:00", "2027-11-02"),
        ("BE", "1 week", "2027-10-25T10:00", "2027-11-01"),
        ("BE", "1 week", "2025-05-01T10:00", "2025-05-09"),
        ("BY", "1 week", "2025-05-01T10:00", "2025-05-08"),
        ("BE", "1 week", "2017-10-24T10:00", "2017-11-01"),
        ("BY", "1 week", "2017-10-24T10:00", "2017-11-02"),
        # by the clock, over the nights in which clocks change
        ("BY", "24 hours", "2026-03-28T12:00", "2026-03-29T13:00"),
        ("BY", "24 hours", "2026-10-24T12:00", "2026-10-25T11:00"),
    ],
)
def test_the_end_of_a_period(state: str, within: str, since: str, end: str) -> None:
    assert end_of(state, within, since) == end


@pytest.mark.parametrize(
    ("hours", "within", "since", "end"),
    [
        (OFFICE, "16 office hours", "2026-03-06T10:00", "2026-03-10T16:00"),
        (OFFICE, "8 office hours", "2026-03-07T12:00", "2026-03-10T09:00"),
        (OFFICE, "1 office hours", "2026-03-06T12:00", "2026-03-09T09:00"),
        (OFFICE, "4 office hours", "2026-03-09T12:30", "2026-03-10T09:00"),
        (OFFICE, "4 office hours", "2026-04-02T15:00", "2026-04-07T11:00"),  # over Easter
        (NIGHT, "4 office hours", "2026-03-02T21:00", "2026-03-03T02:00"),
        (NIGHT, "8 office hours", "2026-03-02T22:00", "2026-03-03T06:00"),
        # the night in which clocks change has an hour less, or more
        (NIGHT, "5 office hours", "2026-03-28T20:00", "2026-03-29T06:00"),
        (NIGHT, "7 office hours", "2026-10-24T20:00", "2026-10-25T06:00"),
    ],
)
def test_office_hours(hours: dict[str, tuple[str, ...]], within: str, since: str, end: str) -> None:
    assert end_of("BY", within, since, hours) == end
