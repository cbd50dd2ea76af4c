"""Running cases that keep the version of the workflow that they started under, on both databases."""

from __future__ import annotations

import datetime as dt
import random
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from changing_flows import CLERK, HEAD, Town, browser, people, planned, put, town, within
from fachwerk.engine.database import Database
from fachwerk.engine.deploy import rollback
from fachwerk.engine.inbox import Inbox
from fachwerk.engine.main import Running
from fachwerk.engine.plan.render import plan_text
from fachwerk.engine.query import read_query
from fachwerk.engine.work.outside import World
from fachwerk.engine.worker import Worker
from fachwerk.problems import Refused
from kept_flows import Play, random_flow

PERMIT = """
app: town
---
roles: {clerk: , head: }
---
entity: permit
title: subject
fields:
  subject: text!
  fee: money
access:
  clerk: {create: true, read: true, update: true, delete: true}
  head: {create: true, read: true, update: true, delete: true}
"""
FIRST = f"""{PERMIT}---
workflow: review
of: permit
cases: keep
states:
  draft: {{initial: true}}
  checked: {{label: Checked by hand}}
  granted: {{final: true}}
transitions:
  check: {{from: draft, to: checked, by: clerk, when: fee > 10}}
  grant: {{from: checked, to: granted, by: head, set: {{granted_on: today()}}}}
"""
SECOND = f"""{PERMIT}---
workflow: review
of: permit
cases: keep
states:
  draft: {{initial: true}}
  submitted:
  approved: {{final: true}}
transitions:
  submit: {{from: draft, to: submitted, by: clerk}}
  approve: {{from: submitted, to: approved, by: clerk}}
"""


def test_a_plan_moves_no_time_limit_of_cases_that_stay(database_url: str) -> None:
    async def work(database: Database) -> None:
        limit = "deadlines:\n  decide: {runs_in: [draft], within: 10 days}\n"
        first = await put(database, FIRST + limit)
        await people(database)
        await first.create("running")
        shorter = FIRST + limit.replace("10", "5")
        assert "running time limit" not in plan_text(await planned(database, shorter))
        moved = plan_text(await planned(database, shorter.replace("cases: keep", "cases: move")))
        assert "1 running time limit would end at another time" in moved

    within(database_url, work)


def test_cases_go_on_as_they_began_and_new_ones_go_the_new_way(database_url: str) -> None:
    async def work(database: Database) -> None:
        first = await put(database, FIRST)
        await people(database)
        running, over, fresh = [await first.create(name) for name in ("running", "over", "fresh")]
        for key in (running, over):
            assert await first.act(key, "check") == "checked"
        assert await first.act(over, "grant", HEAD) == "granted"

        text = plan_text(await planned(database, SECOND))
        assert "2 permits stay under version 1" in text
        assert "1 permit that is over stays under version 1, whose last state is gone" in text
        second = await put(database, SECOND)

        assert await second.actions(running) == {"grant": False}
        assert await second.actions(running, HEAD) == {"grant": True}
        assert await second.actions(fresh) == {"check": True}
        new = await second.create("new", "1")
        assert await second.actions(new) == {"submit": True}
        assert await second.act(fresh, "check") == "checked"
        assert await second.act(running, "grant", HEAD) == "granted"
        record = await second.service.read(CLERK, "permit", running)
        assert record.values["granted_on"] is not None
        assert record.under == {"review": 1}
        assert (await second.service.read(CLERK, "permit", new)).under == {}

        waiting = (await Inbox(second.service).of(CLERK))[0]
        assert [one.title for one in waiting] == ["new"]
        assert [one.title for one in (await Inbox(second.service).of(HEAD))[0]] == ["fresh"]
        assert await second.act(new, "submit") == "submitted"

        options = {o.name: o.label["en"] for o in second.service.app.entities["permit"].model.fields["state"].options}
        assert options["checked"] == "Checked by hand"
        for state, count in {"checked": 1, "granted": 2, "submitted": 1, "draft": 0}.items():
            query = read_query(second.service.app, "permit", [("state", state)])
            assert (await second.service.find(CLERK, "permit", query)).count == count

    within(database_url, work)


def test_a_version_is_let_go_when_nobody_needs_it(database_url: str) -> None:
    third = SECOND.replace("approved: {final: true}", "approved: {final: true}\n  granted: {final: true}")

    async def work(database: Database) -> None:
        first = await put(database, FIRST)
        await people(database)
        key = await first.create("one")
        await first.act(key, "check")
        second = await put(database, SECOND)
        assert set(second.service.app.project.workflows["review"].kept) == {1}
        await second.act(key, "grant", HEAD)
        other = await second.create("other")
        with pytest.raises(Refused) as refused:  # only the first version makes this field, and it holds a day
            await put(database, third)
        assert "permit.granted_on" in refused.value.fields
        last = await put(database, third, ("permit.granted_on",))
        assert set(last.service.app.project.workflows["review"].kept) == {2}
        assert (await last.service.read(CLERK, "permit", key)).values["state"] == "granted"
        assert await last.actions(key) == {}
        assert await last.actions(other) == {"submit": True}

    within(database_url, work)


def test_pages_show_each_case_in_its_own_version(database_url: str) -> None:
    async def work(database: Database) -> None:
        first = await put(database, FIRST)
        await people(database)
        old = await first.create("old")
        await first.act(old, "check")
        second = await put(database, SECOND)
        new = await second.create("new")
        async with browser(second) as client:
            page = (await client.get(f"/e/permit/{old}")).text
            assert "<dt>Workflow</dt><dd>Version 1</dd>" in page
            assert "Review (version 1)" in page
            assert "Checked by hand" in page
            assert "Last written under version 1 of the configuration." in page
            page = (await client.get(f"/e/permit/{new}")).text
            assert "version 1" not in page
            assert "Last written under version 2 of the configuration." in page
            page = (await client.get(f"/e/permit/{old}/workflow")).text
            assert "Review (version 1)" in page
            assert "Submitted" not in page
            page = (await client.get("/e/permit/workflow")).text
            assert "Review (version 1)" in page
            assert "?state=checked&amp;state__flow=1" in page
            for query, names in {
                "state=checked": ["old"], "state__flow=1": ["old"], "state__flow.ne=1": ["new"], "_config=1": ["old"],
                "_config.ge=2": ["new"], "_config.in=1,2&sort=_config": ["old", "new"], "state=draft": ["new"],
            }.items():  # fmt: skip
                found = await client.get(f"/api/v1/permit?{query}")
                assert [one["subject"] for one in found.json()["items"]] == names, query
                assert (await client.get(f"/e/permit?{query}")).status_code == 200
            assert (await client.get("/api/v1/permit?_config=x")).status_code == 400
            assert (await client.get("/api/v1/permit?state__flow=x")).status_code == 400
            record = (await client.get(f"/api/v1/permit/{old}")).json()
            assert (record["_config"], record["state"]) == (1, "checked")
            actions = (await client.get(f"/api/v1/permit/{old}/actions")).json()
            assert [one["name"] for one in actions["items"]] == ["grant"]
            page = (await client.get("/e/permit")).text
            assert "Checked by hand" in page
        async with browser(second, HEAD) as client:
            page = (await client.get("/")).text
            assert "old" in page
            assert "Checked by hand" in page

    within(database_url, work)


NEEDY = FIRST.replace("  fee: money\n", "  fee: money\n  plot: text\n").replace("when: fee > 10", 'when: fee > 10 and plot = "A"')
BARE = SECOND.replace("  fee: money\n", "  fee: {drop: true}\n  plot: text\n")


def test_a_version_that_is_no_longer_possible_is_refused_with_its_place(database_url: str) -> None:
    async def work(database: Database) -> None:
        first = await put(database, NEEDY)
        await people(database)
        await first.create("one")
        plan = await planned(database, BARE)
        (blocked,) = plan.blocked
        assert blocked.kind == "not_kept"
        assert blocked.count == 1
        text = blocked.text
        assert text["en"] == (
            "1 case cannot stay under version 1: app.yaml (version 1):24:54: there is no `fee` here"
        )
        with pytest.raises(Refused) as refused:
            await put(database, BARE)
        assert refused.value.code == "not_kept"
        assert refused.value.fields == {"review 1": text}
        assert "cases: move" in refused.value.message["en"]
        assert "cases: move" in plan_text(plan)
        # the version in force is as it was
        assert await (await town(database)).actions(await first.create("two")) == {"check": False}
        moved = BARE.replace("cases: keep", "cases: move")
        last = await put(database, moved)
        assert set(last.service.app.project.workflows["review"].kept) == set()

    within(database_url, work)


def test_nobody_is_kept_where_no_case_is(database_url: str) -> None:
    async def work(database: Database) -> None:
        await put(database, NEEDY)
        assert not (await planned(database, BARE)).blocked
        last = await put(database, BARE)
        assert last.service.app.project.workflows["review"].kept == {}

    within(database_url, work)


def test_going_back_keeps_cases_under_the_version_that_they_began_under(database_url: str) -> None:
    async def work(database: Database) -> None:
        first = await put(database, FIRST)
        await people(database)
        old = await first.create("old")
        second = await put(database, SECOND)
        new = await second.create("new")
        third = await put(database, SECOND.replace("submit:", "send:"))
        newest = await third.create("newest")
        flow = third.service.app.project.workflows["review"]
        assert (flow.number, set(flow.kept)) == (3, {1, 2})
        await rollback(database, 1)
        back = await town(database)
        flow = back.service.app.project.workflows["review"]
        assert (flow.number, set(flow.kept)) == (1, {2, 3})
        assert await back.actions(old) == {"check": True}
        assert await back.actions(new) == {"submit": True}
        assert await back.actions(newest) == {"send": True}
        assert await back.actions(await back.create("after")) == {"check": True}
        assert await back.act(old, "check") == "checked"
        assert await back.act(newest, "send") == "submitted"
        records = {one: (await back.service.read(CLERK, "permit", one)).under for one in (old, new, newest)}
        assert records == {old: {}, new: {"review": 2}, newest: {"review": 3}}

    within(database_url, work)


def test_all_cases_move_when_the_file_says_so(database_url: str) -> None:
    moved = SECOND.replace("cases: keep", "cases: move\nwas: {checked: submitted, granted: approved}")

    async def work(database: Database) -> None:
        first = await put(database, FIRST)
        await people(database)
        keys = [await first.create(f"{number}") for number in range(3)]
        await first.act(keys[0], "check")
        await first.act(keys[1], "check")
        await first.act(keys[1], "grant", HEAD)
        await put(database, SECOND)
        last = await put(database, moved, ("permit.granted_on",))
        assert last.service.app.project.workflows["review"].kept == {}
        states = [(await last.service.read(CLERK, "permit", key)).values["state"] for key in keys]
        assert states == ["submitted", "approved", "draft"]
        assert await last.actions(keys[0]) == {"approve": True}
        assert await last.actions(keys[2]) == {"submit": True}
        # and back: they are under the version that they had
        await rollback(database, 2)
        back = await town(database)
        assert await back.actions(keys[2]) == {"check": True}
        assert await back.actions(keys[0], HEAD) == {"grant": True}

    within(database_url, work)


MOVING = SECOND.replace("cases: keep", "cases: move\nwas: {checked: submitted, granted: approved}")


def test_going_back_from_a_move_puts_cases_where_they_were(database_url: str) -> None:
    """The move is undone: cases are under the version that they had; those begun since keep that which is undone."""

    async def work(database: Database) -> None:
        first = await put(database, FIRST)
        await people(database)
        waiting, checked, granted, gone_on = [await first.create(f"{number}") for number in range(4)]
        for key in (checked, granted, gone_on):
            await first.act(key, "check")
        await first.act(granted, "grant", HEAD)
        moved = await put(database, MOVING, ("permit.granted_on",))
        assert await moved.act(gone_on, "approve") == "approved"
        begun, sent = await moved.create("begun"), await moved.create("sent")
        assert await moved.act(sent, "submit") == "submitted"
        await rollback(database, 1)
        back = await town(database)
        flow = back.service.app.project.workflows["review"]
        assert (flow.number, set(flow.kept)) == (1, {2})
        under = {key: (await back.service.read(CLERK, "permit", key)).under for key in (waiting, checked, granted, begun)}
        assert under == {waiting: {}, checked: {}, granted: {}, begun: {"review": 2}}
        assert await back.act(waiting, "check") == "checked"
        assert await back.act(checked, "grant", HEAD) == "granted"
        assert await back.act(sent, "approve") == "approved"
        assert await back.act(begun, "submit") == "submitted"
        # what went on since has an end only there
        ended = await back.service.read(CLERK, "permit", gone_on)
        assert (ended.values["state"], ended.under) == ("approved", {"review": 2})
        assert await back.act(await back.create("after"), "check") == "checked"

    within(database_url, work)


def test_a_state_that_was_there_before_the_move_stays_when_it_is_undone(database_url: str) -> None:
    """The state that took in others has cases of its own: they do not become those others."""

    async def work(database: Database) -> None:
        first = await put(database, FIRST)
        await people(database)
        old = await first.create("old")
        await first.act(old, "check")
        second = await put(database, SECOND)
        kept = await second.create("kept")
        third = await put(database, MOVING, ("permit.granted_on",))
        since = await third.create("since")
        assert await third.act(since, "submit") == "submitted"
        assert await third.act(kept, "submit") == "submitted"
        await rollback(database, 2)
        back = await town(database)
        assert await back.actions(old, HEAD) == {"grant": True}
        assert await back.act(since, "approve") == "approved"
        assert await back.act(kept, "approve") == "approved"

    within(database_url, work)


def test_an_option_that_took_in_another_stays_when_that_is_undone(database_url: str) -> None:
    kinds = PERMIT.replace("  fee: money\n", "  fee: money\n  kind: {type: choice, options: {%s}}\n")
    before, after = kinds % "odd: Odd, even: Even", kinds % "even: {was: odd}"

    async def work(database: Database) -> None:
        first = await put(database, before)
        await people(database)
        made = {kind: await first.service.create(CLERK, "permit", {"subject": kind, "kind": kind}) for kind in ("odd", "even")}
        second = await put(database, after)
        new = await second.service.create(CLERK, "permit", {"subject": "new", "kind": "even"})
        await rollback(database, 1)
        back = await town(database)
        kinds_now = [
            (await back.service.read(CLERK, "permit", one.id)).values["kind"] for one in (made["odd"], made["even"], new)
        ]
        assert kinds_now == ["odd", "even", "even"]

    within(database_url, work)


def test_keeping_may_begin_with_the_change_itself(database_url: str) -> None:
    async def work(database: Database) -> None:
        first = await put(database, FIRST.replace("cases: keep\n", ""))
        await people(database)
        old = await first.create("old")
        same = await put(database, FIRST.replace("cases: keep\n", "").replace("Checked by hand", "Checked"))
        assert same.service.app.project.workflows["review"].number == 1
        second = await put(database, SECOND)
        assert await second.actions(old) == {"check": True}
        assert (await second.service.read(CLERK, "permit", old)).under == {"review": 1}

    within(database_url, work)


GONE = PERMIT + """---
entity: task
title: name
fields:
  name: text!
  kind: {type: choice, options: [easy, hard, odd]}
  marks: {type: choices, options: [red, blue, grey]}
  steps: {type: rows, fields: {what: text, kind: {type: choice, options: [first, last]}}}
access:
  clerk: {create: true, read: true, update: true, delete: true}
list: {columns: [name, kind, marks, progress], filters: [kind, marks, progress]}
---
workflow: doing
of: task
field: progress
states:
  open: {initial: true}
  waiting:
  over: {final: true}
transitions:
  wait: {from: open, to: waiting, by: clerk}
  finish: {from: [open, waiting], to: over, by: clerk}
"""
WITHOUT = (
    GONE.replace(", odd", "").replace(", grey", "").replace("[first, last]", "[first]")
    .replace("  waiting:\n", "").replace("  wait: {from: open, to: waiting, by: clerk}\n", "")
    .replace("[open, waiting]", "open")
)  # fmt: skip
LOST = ("task.kind.odd", "task.marks.grey", "task.steps.kind.last", "task.progress.waiting")


def test_what_is_no_longer_an_option_stays_readable_and_can_be_helped(database_url: str) -> None:
    async def work(database: Database) -> None:
        first = await put(database, GONE)
        await people(database)
        service = first.service
        steps = [{"what": "x", "kind": "last"}]
        values = {"name": "one", "kind": "odd", "marks": ("grey", "red"), "steps": steps}
        key = (await service.create(CLERK, "task", values)).id
        await service.act(CLERK, "task", key, "wait")
        blocked = {impact.allow for impact in (await planned(database, WITHOUT)).blocked}
        assert blocked == {"task.kind.odd", "task.marks.grey", "task.steps.kind.last", "task.progress.waiting"}
        second = await put(database, WITHOUT, LOST)
        service = second.service

        async with browser(second) as client:
            for path in ("", f"/{key}", f"/{key}/edit", f"/{key}/workflow", "/workflow"):
                page = await client.get(f"/e/task{path}")
                assert page.status_code == 200, path
                if path != "/workflow":
                    assert "no longer an option: odd" in page.text or path.endswith("/workflow"), path
            page = (await client.get(f"/e/task/{key}")).text
            assert "no longer an option: waiting" in page
            assert "no longer an option: grey" in page
            assert (await client.get("/")).status_code == 200
            for query in ("", "?kind=odd", "?progress=waiting", "?kind.in=odd,easy", "?sort=progress", "?marks=grey"):
                found = await client.get(f"/api/v1/task{query}")
                assert found.status_code == 200, query
                assert [one["name"] for one in found.json()["items"]] == ["one"], query
                assert (await client.get(f"/e/task{query}")).status_code == 200, query
            assert (await client.get("/api/v1/task?kind=hart")).status_code == 400
            record = (await client.get(f"/api/v1/task/{key}")).json()
            assert (record["kind"], record["marks"], record["progress"]) == ("odd", ["red", "grey"], "waiting")
            assert (await client.get(f"/api/v1/task/{key}/actions")).json()["items"] == []

            # everything as it was, and something else: what stands may stay
            form = await client.get(f"/e/task/{key}/edit")
            token = re.search(r'name="_csrf" value="([^"]*)"', form.text)
            version = re.search(r'name="_version" value="([^"]*)"', form.text)
            assert token
            assert version
            sent = {"_csrf": token[1], "_version": version[1], "name": "two", "kind": "odd", "marks": ["red", "grey"],
                    "marks.shown": "1"}  # fmt: skip
            answer = await client.post(f"/e/task/{key}/edit", data=sent)
            assert answer.status_code == 303, answer.text
        after = await service.read(CLERK, "task", key)
        assert (after.values["name"], after.values["kind"], set(after.values["marks"])) == ("two", "odd", {"red", "grey"})  # type: ignore[call-overload]
        changed = await service.change(CLERK, "task", key, {"marks": ("blue", "grey")}, version=None)
        assert changed.values["marks"] == ("blue", "grey")
        for wrong in ({"kind": "other"}, {"marks": ("odd",)}):
            with pytest.raises(Refused) as refused:
                await service.change(CLERK, "task", key, wrong, version=None)
            assert set(refused.value.fields) == set(wrong)
        with pytest.raises(Refused):
            await service.create(CLERK, "task", {"name": "new", "kind": "odd"})
        with pytest.raises(Refused) as refused:
            await service.act(CLERK, "task", key, "finish")
        assert refused.value.code == "wrong_state"
        assert "waiting" in refused.value.message["en"]
        rows = (await service.read(CLERK, "task", key)).values["steps"]
        await service.change(CLERK, "task", key, {"steps": [{**rows[0], "what": "y"}]}, version=None)  # type: ignore[index]

        # nobody is held up by it later, and a later file can say where it goes
        again = WITHOUT.replace("name: text!", "name: {type: text, required: true, label: Called}")
        plan = await planned(database, again)
        assert not plan.blocked
        assert "state `waiting` is gone: 1 task stands in it" in plan_text(plan)
        helped = again.replace("of: task\n", "of: task\nwas: {waiting: open}\n").replace("[easy, hard]", "{easy: Easy, hard: {label: Hard, was: odd}}")
        last = await put(database, helped)
        record = await last.service.read(CLERK, "task", key)
        assert (record.values["progress"], record.values["kind"]) == ("open", "hard")
        assert str((await last.service.act(CLERK, "task", key, "finish")).values["progress"]) == "over"

    within(database_url, work)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_changes_each_case_can_do_what_its_version_says(database_url: str, seed: int) -> None:
    async def work(database: Database) -> None:
        rng = random.Random(f"kept:{seed}")
        counts = await Play(database, rng, random_flow(rng)).run(5)
        assert counts["looked"] > 5

    within(database_url, work)


PARTS = PERMIT + """---
workflow: review
of: permit
states:
  draft: {initial: true}
  asked:
    parallel:
      fire: {by: clerk, within: 2 weeks}
      water: {by: head, within: 2 weeks}
  done: {final: true}
transitions:
  ask: {from: draft, to: asked, by: clerk}
  close: {from: asked, to: done, when: complete}
deadlines:
  answer: {runs_in: [draft, asked], within: 3 months}
  decide: {runs_in: asked, within: 10 days}
"""


async def limits(town: Town, key: str) -> dict[str, str]:
    """Return the ends of the time limits of a permit, and what it shows."""
    where = f"record = '{key}' AND workflow NOT LIKE '~%'"
    rows = await town.database.fetch(f"SELECT name, CAST(due AS TEXT) FROM fw_deadline WHERE {where}")
    shown = (await town.service.read(CLERK, "permit", key)).values["due"]
    return {str(row[0]): str(row[1]) for row in rows} | {"shown": str(shown)}


def test_parts_and_time_limits_of_cases_that_move(database_url: str) -> None:
    async def work(database: Database) -> None:
        first = await put(database, PARTS)
        await people(database)
        key, other = await first.create("one"), await first.create("two")
        assert await first.act(key, "ask") == "asked"
        assert await first.act(other, "ask") == "asked"
        assert await first.act(key, "fire.approve") == "asked"
        before = await limits(first, key)
        assert set(before) == {"answer", "decide", "part:water", "shown"}
        assert before["shown"] == before["decide"]

        # another span moves the ends of what runs
        longer = PARTS.replace("within: 10 days", "within: 20 days")
        then = await limits(await put(database, longer), key)
        assert then["decide"] > before["decide"]
        assert (then["answer"], then["shown"]) == (before["answer"], then["part:water"])

        # a limit that is gone is set aside, and the nearest of the others is shown
        fewer = longer.replace("  decide: {runs_in: asked, within: 20 days}\n", "")
        text = plan_text(await planned(database, fewer))
        assert "2 running time limits end with it" in text
        third = await put(database, fewer)
        after = await limits(third, key)
        assert set(after) == {"answer", "part:water", "shown"}
        assert after["shown"] == after["part:water"]
        await rollback(database, 2)
        assert await limits(await town(database), key) == then

        # a part that is new is waited for, too; what has been said stays
        more = PARTS.replace("      water:", "      law: {by: clerk}\n      water:")
        fifth = await put(database, more)
        assert (await fifth.actions(key))["law.approve"]
        assert not (await fifth.actions(key))["fire.approve"]
        # a part that is gone is waited for no longer: a worker takes what follows by itself
        less = PARTS.replace("      water: {by: head, within: 2 weeks}\n", "")
        assert "2 permits wait for `water`, which is gone" in plan_text(await planned(database, less))
        last = await put(database, less)
        running = Running(last.service.app, database, last.service)
        await Worker(running, World()).run_due()
        states = [(await last.service.read(CLERK, "permit", one)).values["state"] for one in (key, other)]
        assert states == ["done", "asked"]
        assert (await limits(last, key))["shown"] == "None"

    within(database_url, work)


LAPSING = FIRST.replace("  granted: {final: true}\n", "  granted: {final: true}\n  lapsed: {final: true}\n") + """  lapse: {from: [draft, checked], to: lapsed}
  remind: {from: draft, to: draft, by: clerk, do: [{set: {fee: fee + 1}}]}
deadlines:
  decide: {runs_in: [draft, checked], within: 10 days, then: lapse, missed: [{set: {fee: fee + 100}}]}
"""


def test_time_limits_and_effects_are_those_of_the_version(database_url: str) -> None:
    async def work(database: Database) -> None:
        first = await put(database, LAPSING)
        await people(database)
        key, other = await first.create("one"), await first.create("two")
        second = await put(database, SECOND)
        assert (await limits(second, key))["shown"] != "None"
        assert await second.act(key, "remind") == "draft"
        assert await second.act(other, "check") == "checked"
        assert await second.act(other, "grant", HEAD) == "granted"
        assert set(await limits(second, other)) == {"shown"}
        new = await second.create("new")
        assert set(await limits(second, new)) == {"shown"}
        running = Running(second.service.app, database, second.service)
        await Worker(running, World()).run_due()
        assert (await second.service.read(CLERK, "permit", key)).values["fee"] == 21
        later = await town(database, lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=30))
        await Worker(Running(later.service.app, database, later.service), World()).run_due()
        record = await later.service.read(CLERK, "permit", key)
        assert (record.values["state"], record.values["fee"]) == ("lapsed", 121)
        assert (await later.service.read(CLERK, "permit", new)).values["state"] == "draft"

    within(database_url, work)


NUMBERED = PERMIT.replace("  subject: text!", "  subject: text!\n  number: {type: sequence, format: 'P-{0}'}")
RENAMED = NUMBERED.replace("entity: permit\n", "entity: licence\nwas: permit\n").replace("  number: {", "  code: {was: number, ")


def test_what_is_renamed_keeps_its_history_and_goes_on_counting(database_url: str) -> None:
    async def work(database: Database) -> None:
        first = await put(database, NUMBERED)
        await people(database)
        key = await first.create("one")
        await first.service.change(CLERK, "permit", key, {"subject": "first"}, version=None)
        second = await put(database, RENAMED)
        assert [event.kind for event in await second.service.history(CLERK, "licence", key)] == ["create", "change"]
        made = await second.service.create(CLERK, "licence", {"subject": "two"})
        assert made.values["code"] == "P-2"
        await rollback(database, 1)
        third = await town(database)
        assert len(await third.service.history(CLERK, "permit", key)) == 2
        made = await third.service.create(CLERK, "permit", {"subject": "three"})
        assert made.values["number"] == "P-3"

    within(database_url, work)




def test_a_kept_version_follows_what_is_renamed(database_url: str) -> None:
    """Fields, roles and options that have other names now are found under these by the workflows that cases keep."""
    before = FIRST.replace("  fee: money\n", "  fee: money\n  kind: {type: choice, options: [small, big]}\n").replace(
        "when: fee > 10", "when: fee > 10 and kind = \"big\", require: [fee]"
    )
    after = (
        SECOND.replace("  fee: money\n", "  costs: {type: money, was: fee}\n  kind: {type: choice, options: {small: Small, large: {label: Large, was: big}}}\n")
        .replace("{clerk: , head: }", "{clerk: , boss: {was: head}}").replace("  head: {create", "  boss: {create")
    )  # fmt: skip
    later = after.replace("costs: {type: money, was: fee}", "price: {type: money, was: costs}").replace("submit:", "send:")

    async def work(database: Database) -> None:
        first = await put(database, before)
        await people(database)
        made = await first.service.create(CLERK, "permit", {"subject": "one", "fee": Decimal(20), "kind": "big"})
        assert not (await planned(database, after)).blocked
        second = await put(database, after)
        assert await second.actions(made.id) == {"check": True}
        third = await put(database, later)
        assert await third.act(made.id, "check") == "checked"
        boss = replace(HEAD, roles=frozenset({"boss"}))
        assert await third.actions(made.id, boss) == {"grant": True}
        await rollback(database, 1)
        back = await town(database)
        assert await back.act(made.id, "grant", HEAD) == "granted"

    within(database_url, work)
