"""Effects inside the database: a decision asked, a value that is taken, days off that do not count."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

import pytest
from fachwerk.schemas.measures import period_of
from fachwerk.workflows.calendar import Calendar, moment_before
from hypothesis import given
from hypothesis import strategies as st
from post_office import PostOffice, post_office

DOING = """\
app: doing
timezone: Europe/Berlin
calendar: {country: DE}
---
roles: {clerk: {}}
---
entity: job
title: name
fields:
  name: text!
  size: integer
  price: money
  code: {type: text, unique: true}
  note: {type: link, to: note}
access: {clerk: {create: true, read: true, update: true}}
---
entity: note
title: text
fields: {text: {type: text, unique: true}, cost: money}
access: {clerk: {create: true, read: true, update: true}}
---
decision: price
inputs: {size: integer}
output: money
table: |
  | size  | => price |
  | < 10  | 25       |
  | >= 10 | 40       |
---
workflow: flow
of: job
states: {open: {initial: true}, priced: {}, coded: {}, done: {final: true}}
transitions:
  ask:  {from: open, to: priced, by: clerk, do: [{set: {price: price(size)}}, {create: note, values: {text: name, cost: price(size) + 1}}]}
  code: {from: [open, priced], to: coded, by: clerk, do: [{set: {code: '"taken"'}}]}
  tell: {from: [open, coded], to: done, by: clerk, do: [{create: note, values: {text: '"taken"'}}, {change: note, values: {text: '"taken"'}}]}
---
automation: idle
of: job
inactive: 3 working days
do: [{set: {size: 99}}]
"""


def run(url: str, work: Callable[[PostOffice], Awaitable[None]]) -> None:
    """Run *work* in a fresh app."""

    async def inner() -> None:
        async with post_office(url, None, DOING) as made:
            await work(made)

    asyncio.run(inner())


def test_an_effect_asks_a_decision(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        office = made.office
        job = await office.make("job", name="roof", size=12)
        await office.service.act(office.people["clerk"], "job", job.id, "ask")
        await made.worker.run_due()
        assert (await office.service.read(office.people["clerk"], "job", job.id)).values["price"] == 40
        assert [float(row[0]) for row in await made.rows("select cost from note")] in ([41.0], [4100.0])

    run(database_url, work)


def test_a_value_that_is_taken_is_given_up_at_once(database_url: str) -> None:
    """Set, create and change: trying again would not help; the reason says which value."""

    async def work(made: PostOffice) -> None:
        office = made.office
        await office.make("job", name="first", code="taken")
        await office.make("note", text="taken")
        other = await office.make("note", text="free")
        job = await office.make("job", name="second", note=other.id)
        clerk = office.people["clerk"]
        await office.service.act(clerk, "job", job.id, "code")
        await office.service.act(clerk, "job", job.id, "tell")
        await made.worker.run_due()
        rows = await made.rows("select kind, outcome, attempts, error from fw_effect where kind in ('set', 'create', 'change') order by kind")
        assert [tuple(row[:3]) for row in rows] == [("change", "gave up", 1), ("create", "gave up", 1), ("set", "gave up", 1)]
        assert all("taken already" in row[3] for row in rows)

    run(database_url, work)


def test_days_off_do_not_count_as_idle(database_url: str) -> None:
    """Three working days from Thursday before Easter: Friday and Monday are holidays."""

    async def work(made: PostOffice) -> None:
        office = made.office
        made.clock.now = dt.datetime(2026, 4, 2, 9, 0, tzinfo=dt.UTC)
        job = await office.make("job", name="roof", size=1)

        async def size_on(day: int, hour: int) -> object:
            made.clock.now = dt.datetime(2026, 4, day, hour, 0, tzinfo=dt.UTC)
            await made.worker.run_due()
            return (await office.service.read(office.people["clerk"], "job", job.id)).values["size"]

        assert await size_on(2, 10) == 1
        assert await size_on(6, 12) == 1
        assert await size_on(8, 12) == 1
        assert await size_on(9, 8) == 1
        assert await size_on(9, 11) == 99

    run(database_url, work)


CALENDAR = Calendar(ZoneInfo("Europe/Berlin"), "DE", hours=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00-12:00", "13:00-17:00")))


@pytest.mark.parametrize(
    ("period", "moment", "before"),
    [
        ("3 working days", "2026-04-09T11:00", "2026-04-02T11:00"),
        ("1 working day", "2026-11-23T10:00", "2026-11-20T10:00"),
        ("1 working day", "2026-11-22T10:00", "2026-11-20T00:00"),
        ("2 hours", "2026-11-22T10:00", "2026-11-22T08:00"),
        ("90 minutes", "2026-11-22T10:00", "2026-11-22T08:30"),
        ("1 month", "2026-03-31T10:00", "2026-02-28T10:00"),
        ("2 weeks", "2026-11-22T10:00", "2026-11-08T10:00"),
        ("1 day", "2026-03-29T10:00", "2026-03-28T10:00"),
        ("6 office hours", "2026-11-23T10:00", "2026-11-20T13:00"),
        ("9 office hours", "2026-11-24T18:00", "2026-11-23T16:00"),
    ],
)
def test_how_long_ago_a_period_is(period: str, moment: str, before: str) -> None:
    """In the time of the app; on a day off it is as late as at the end of the working day before."""
    span = period_of(period)
    assert span is not None
    zone = CALENDAR.timezone
    found = moment_before(CALENDAR, span, dt.datetime.fromisoformat(moment).replace(tzinfo=zone))
    assert found == dt.datetime.fromisoformat(before).replace(tzinfo=zone)


@given(st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 1, 1)), st.integers(0, 10_000), st.sampled_from(["5 working days", "30 office hours", "1 month", "3 days"]))
def test_it_never_goes_back(moment: dt.datetime, minutes: int, period: str) -> None:
    """Else a record would be noticed twice, or never."""
    span = period_of(period)
    assert span is not None
    first = moment.replace(tzinfo=dt.UTC)
    assert moment_before(CALENDAR, span, first) <= moment_before(CALENDAR, span, first + dt.timedelta(minutes=minutes))
