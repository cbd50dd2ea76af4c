"""Time limits that rest, go on and are extended; office hours; several warnings; through the service and the worker."""

from __future__ import annotations

import datetime as dt

import pytest
from fachwerk.problems import Refused
from fachwerk.schemas.model import Period
from post_office import PostOffice
from resting import APP, HOURS, day, pending, run, seen


def test_it_rests_in_a_state_and_goes_on_with_what_was_left(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, clerk = made.office.service, made.office.people["clerk"]
        permit = await made.office.make("permit", name="a")
        assert await seen(made, permit) == (day(3, 12), False, None)
        made.clock.pass_(days=3)
        await service.act(clerk, "permit", permit.id, "ask")
        assert await seen(made, permit) == (None, True, None)
        assert await pending(made) == []
        made.clock.pass_(days=40)
        await made.worker.run_due()
        assert await seen(made, permit) == (None, True, None)
        # from 5 March to 14 April, both included: 41 days; 12 March + 41 days is 22 April
        await service.act(clerk, "permit", permit.id, "answered")
        assert await seen(made, permit) == (day(4, 22), False, None)
        assert await pending(made) == [
            ("deadline_warning", "2026-04-16 22:00"), ("deadline_warning", "2026-04-19 22:00"), ("deadline", "2026-04-22 22:00"),
        ]  # fmt: skip
        made.clock.pass_(days=9)
        await made.worker.run_due()
        assert await seen(made, permit) == (day(4, 22), False, True)

    run(database_url, work)


def test_people_pause_and_go_on_with_a_reason(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        permit = await made.office.make("permit", name="a")
        names = {one.name: one.possible for one in await service.actions(people["clerk"], "permit", permit.id)}
        assert names["decide.pause"] is True
        assert names["decide.extend"] is False
        assert "decide.resume" not in names
        with pytest.raises(Refused) as refused:
            await service.act(people["clerk"], "permit", permit.id, "decide.pause")
        assert refused.value.code == "comment_required"
        with pytest.raises(Refused) as refused:
            await service.act(people["head"], "permit", permit.id, "decide.pause", comment="x")
        assert refused.value.code == "not_allowed"
        await service.act(people["clerk"], "permit", permit.id, "decide.pause", comment="Waits for the court")
        assert await seen(made, permit) == (None, True, None)
        with pytest.raises(Refused) as refused:
            await service.act(people["clerk"], "permit", permit.id, "decide.pause", comment="again")
        assert refused.value.code == "wrong_state"
        # held by somebody and by the state: it goes on when both are over
        await service.act(people["clerk"], "permit", permit.id, "ask")
        made.clock.pass_(days=2)
        await service.act(people["clerk"], "permit", permit.id, "decide.resume", comment="The court said so")
        assert await seen(made, permit) == (None, True, None)
        made.clock.pass_(days=2)
        await service.act(people["clerk"], "permit", permit.id, "answered")
        # paused on 2, 3, 4, 5 and 6 March; the day of the event does not count anyway
        assert await seen(made, permit) == (day(3, 16), False, None)
        events = [e for e in await service.history(people["clerk"], "permit", permit.id) if e.kind == "deadline"]
        assert [(e.action, e.comment) for e in events] == [
            ("decide.pause", "Waits for the court"), ("decide.resume", "The court said so"),
        ]  # fmt: skip

    run(database_url, work)


def test_it_is_extended_within_what_is_allowed(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, head = made.office.service, made.office.people["head"]
        permit = await made.office.make("permit", name="a")

        async def extend(period: Period | None) -> str:
            with pytest.raises(Refused) as refused:
                await service.act(head, "permit", permit.id, "decide.extend", comment="hard", period=period)
            return refused.value.code

        assert await extend(None) == "bad_period"
        assert await extend(Period(0, "days")) == "bad_period"
        assert await extend(Period(3, "weeks")) == "bad_period"
        assert await extend(Period(3, "hours")) == "bad_period"
        with pytest.raises(Refused) as refused:
            await service.act(head, "permit", permit.id, "decide.extend", period=Period(1, "weeks"))
        assert refused.value.code == "comment_required"
        await service.act(head, "permit", permit.id, "decide.extend", comment="hard", period=Period(1, "weeks"))
        assert (await seen(made, permit))[0] == day(3, 19)
        assert (await pending(made))[-1] == ("deadline", "2026-03-19 23:00")
        assert await extend(Period(8, "days")) == "bad_period"
        await service.act(head, "permit", permit.id, "decide.extend", comment="harder", period=Period(7, "days"))
        assert (await seen(made, permit))[0] == day(3, 26)
        assert await extend(Period(1, "days")) == "times"
        event = (await service.history(head, "permit", permit.id))[-1]
        assert (event.kind, event.action, event.comment, event.period) == ("deadline", "decide.extend", "harder", "7 days")
        assert event.changes["due"] == (day(3, 19), day(3, 26))
        made.clock.pass_(days=25)
        await made.worker.run_due()
        assert await seen(made, permit) == (day(3, 26), False, True)
        names = {one.name for one in await service.actions(head, "permit", permit.id)}
        assert not names & {"decide.pause", "decide.extend"}

    run(database_url, work)


def test_what_is_over_comes_before_the_next_step_whenever_a_worker_notices(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        permits = [await made.office.make("permit", name=name) for name in "abc"]
        made.clock.pass_(days=12)
        # nobody pauses, extends or decides any more: it lapsed on time
        for permit, (who, step, by) in zip(permits, STEPS, strict=True):
            with pytest.raises(Refused) as refused:
                await service.act(people[who], "permit", permit.id, step, comment="late", version=1, period=by)
            assert (refused.value.code, refused.value.status) in (("wrong_state", 409), ("conflict", 409))
            assert await seen(made, permit) == (None, False, True)
            events = [e for e in await service.history(service.system, "permit", permit.id) if e.kind != "create"]
            assert [(e.kind, e.action) for e in events] == [("deadline", "decide"), ("transition", "lapse")]
        await made.worker.run_due()
        assert len(await service.history(service.system, "permit", permits[0].id)) == 3
        ended = await made.rows("select outcome from fw_effect where kind = 'deadline'")
        assert sorted(ended) == [("cancelled",)] * 3

    text = APP.replace("transitions:", "transitions:\n  lapse: {from: [open, asking], to: closed}").replace("warn:", "then: lapse\n    warn:")
    run(database_url, work, text)


STEPS = (("clerk", "decide.pause", None), ("head", "decide.extend", Period(1, "weeks")), ("head", "close", None))


def test_a_step_that_nothing_stands_against_is_taken_late_and_the_limit_missed_all_the_same(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, clerk = made.office.service, made.office.people["clerk"]
        permit = await made.office.make("permit", name="a")
        made.clock.pass_(days=12)
        after = await service.act(clerk, "permit", permit.id, "close", version=1)
        assert (after.values["state"], after.values["late"]) == ("closed", True)
        events = await service.history(clerk, "permit", permit.id)
        assert [(e.kind, e.action, e.version) for e in events[1:]] == [("deadline", "decide", 2), ("transition", "close", 3)]

    run(database_url, work)


LAPSING = """
app: lapsing
languages: [en]
timezone: Europe/Berlin
---
roles: {clerk: {}}
---
entity: permit
title: name
fields: {name: text!, code: {type: text, unique: true}, fee: integer, ready: boolean}
checks: [{that: fee < 100, else: Too much.}]
access: {clerk: {create: true, read: true, update: true}}
---
workflow: review
of: permit
states: {open: {initial: true}, lapsed: {final: true}}
transitions:
  lapse: {from: open, to: lapsed, by: clerk}
deadlines:
  decide: {runs_in: open, within: 1 hour, missed: [{mark: late}], then: lapse}
"""


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("lapsed: {final: true}", "lapsed: {final: true, required: [fee]}", "fee: Please fill in."),
        ("by: clerk}\n", "by: clerk, when: ready}\n", "This must hold"),
        ("by: clerk}\n", "by: clerk, set: {fee: 500}}\n", "Too much."),
        ("by: clerk}\n", "by: clerk, set: {code: '\"x\"'}}\n", "already"),
    ],
)
def test_a_limit_is_missed_also_where_the_step_after_it_is_not_possible(
    database_url: str, old: str, new: str, why: str
) -> None:
    async def work(made: PostOffice) -> None:
        await made.office.make("permit", name="other", code="x")
        permit = await made.office.make("permit", name="a")
        made.clock.pass_(hours=2)
        await made.worker.run_due()
        found = await made.office.service.read(made.office.people["clerk"], "permit", permit.id)
        assert (found.values["state"], found.values["late"]) == ("open", True)
        events = await made.office.service.history(made.office.people["clerk"], "permit", permit.id)
        assert [(event.kind, event.action) for event in events[1:]] == [("deadline", "decide"), ("refused", None)]
        assert str(events[-1].comment).startswith("lapse: ")
        assert why in str(events[-1].comment)
        assert await made.rows("select outcome from fw_effect where outcome = 'gave up'") == []
        await made.worker.run_due()
        assert len(await made.office.service.history(made.office.people["clerk"], "permit", permit.id)) == 3

    run(database_url, work, LAPSING.replace(old, new))


def test_each_warning_has_its_own_effects(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        permit = await made.office.make("permit", name="a")
        made.clock.pass_(days=6)
        await made.worker.run_due()
        told = "select n.texts from fw_notice n join fw_user u on u.id = n.{} where u.name = 'head' order by n.id"
        user = '"user"'
        assert ["Decision: a is due on 12 Mar 2026" in str(row[0]) for row in await made.rows(told.format(user))] == [True]
        made.clock.pass_(days=3)
        await made.worker.run_due()
        assert ["Urgent" in str(row[0]) for row in await made.rows(told.format(user))] == [False, True]
        read = await service.read(people["clerk"], "permit", permit.id)
        assert read.values["urgent"] is True
        assert "decide.warn" in [e.action for e in await service.history(people["clerk"], "permit", permit.id)]

    run(database_url, work)


def test_office_hours_end_at_a_moment(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        # Monday 2 March, 10:00 in Berlin: 2 + 4 hours, then 4 on Tuesday from 8 to 12
        permit = await made.office.make("permit", name="a")
        end = dt.datetime(2026, 3, 3, 11, 0, tzinfo=dt.UTC)
        assert await seen(made, permit) == (end, False, None)
        assert await pending(made) == [
            ("deadline_warning", "2026-03-03 06:00"), ("deadline_warning", "2026-03-03 09:00"), ("deadline", "2026-03-03 11:00"),
        ]  # fmt: skip
        made.clock.pass_(hours=1)
        await service.act(people["clerk"], "permit", permit.id, "decide.pause", comment="x")
        made.clock.pass_(days=1)
        await service.act(people["clerk"], "permit", permit.id, "decide.resume", comment="x")
        # 9 hours are left on Tuesday at 11:00: 1 + 4, then 4 on Wednesday
        assert (await seen(made, permit))[0] == dt.datetime(2026, 3, 4, 11, 0, tzinfo=dt.UTC)
        made.clock.pass_(days=2)
        await made.worker.run_due()
        assert (await seen(made, permit))[2] is True

    run(database_url, work, HOURS)


def test_what_rests_goes_with_its_record_and_its_case(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        for end in ("close", "remove"):
            permit = await made.office.make("permit", name=end)
            await service.act(people["clerk"], "permit", permit.id, "ask")
            if end == "close":
                await service.act(people["clerk"], "permit", permit.id, "close")
            else:
                await service.remove(people["clerk"], "permit", permit.id)
            assert (await made.rows("select count(*) from fw_deadline"))[0][0] == 0
            assert await pending(made) == []

    run(database_url, work)
