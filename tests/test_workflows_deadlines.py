"""A deadline that acts by itself, a quorum, and a case opened again, through the service and the worker."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
from fachwerk.problems import Refused
from fachwerk.schemas.measures import period_of
from fachwerk.workflows.calendar import Calendar
from post_office import PostOffice, post_office

APP = """
app: permits
languages: [en, de]
timezone: Europe/Berlin
---
roles: {clerk: {}, head: {}}
---
entity: permit
title: name
fields: {name: text!, lapsed: boolean}
access: {clerk: {create: true, read: true, update: true}, head: {read: true}}
---
workflow: review
of: permit
states:
  open: {initial: true}
  check: {needs: 1, parallel: {law: {by: clerk}, fire: {by: head}, cash: {by: head, after: law}}}
  decided: {}
  closed: {final: true}
transitions:
  begin: {from: open, to: check, by: clerk}
  done: {from: check, to: decided, when: complete}
  close: {from: decided, to: closed, by: head}
  lapse: {from: [open, check], to: closed, set: {lapsed: true}}
  reopen: {from: closed, to: open, by: head, comment: required}
deadlines:
  patience: {runs_in: [open, check], within: 10 days, then: lapse}
"""


def run(url: str, work: Callable[[PostOffice], Awaitable[None]]) -> None:
    """Run *work* in a fresh office of permits."""

    async def inner() -> None:
        async with post_office(url, None, APP) as made:
            await work(made)

    asyncio.run(inner())


def test_a_missed_deadline_takes_its_transition_once(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        permit = await made.office.make("permit", name="a")
        made.clock.pass_(days=20)
        await made.worker.run_due()
        await made.worker.run_due()
        read = await service.read(people["clerk"], "permit", permit.id)
        assert (read.values["state"], read.values["lapsed"], read.values["due"]) == ("closed", True, None)
        steps = [event for event in await service.history(people["clerk"], "permit", permit.id) if event.action == "lapse"]
        assert len(steps) == 1
        assert (await made.rows("select count(*) from fw_deadline"))[0][0] == 0

    run(database_url, work)


def test_a_deadline_that_was_left_in_time_does_nothing(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        permit = await made.office.make("permit", name="a")
        await service.act(people["clerk"], "permit", permit.id, "begin")
        await service.act(people["clerk"], "permit", permit.id, "law.approve")
        made.clock.pass_(days=20)
        await made.worker.run_due()
        assert (await service.read(people["clerk"], "permit", permit.id)).values["state"] == "decided"

    run(database_url, work)


def test_an_ended_case_is_opened_again_with_a_reason_and_its_deadline_runs_anew(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        permit = await made.office.make("permit", name="a")
        await service.act(people["clerk"], "permit", permit.id, "begin")
        await service.act(people["clerk"], "permit", permit.id, "law.approve")
        await service.act(people["head"], "permit", permit.id, "close")
        with pytest.raises(Refused) as refused:
            await service.act(people["head"], "permit", permit.id, "reopen")
        assert refused.value.code == "comment_required"
        opened = await service.act(people["head"], "permit", permit.id, "reopen", comment="new facts")
        assert (opened.values["state"], opened.values["due"] is not None) == ("open", True)
        await service.act(people["clerk"], "permit", permit.id, "begin")
        waits = {action.name: action.possible for action in await service.actions(people["head"], "permit", permit.id)}
        assert (waits["fire.approve"], waits["cash.approve"]) == (True, False)

    run(database_url, work)


@pytest.mark.parametrize(("text", "count"), [("1 day", 1), ("99999 minutes", 99_999), ("999 years", 999), ("9999 months", 9999)])
def test_a_span_of_time(text: str, count: int) -> None:
    found = period_of(text)
    assert found is not None
    assert found.count == count
    assert Calendar().end_of(found, dt.date(2026, 3, 2)) > dt.date(2026, 3, 2)


@pytest.mark.parametrize("text", ["0 days", "0 hours", "00 years", "1000 years", "10000 months", "-1 days", "2.5 days", "99999999 weeks"])
def test_what_is_none(text: str) -> None:
    """A limit of nothing would be over before it begins, again and again; a very long one has no day in the calendar."""
    assert period_of(text) is None
