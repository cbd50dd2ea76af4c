"""Transitions, parts, deadlines, workflows and roles that are called otherwise while cases are under way."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import replace

import pytest
from changing_flows import CLERK, HEAD, Town, browser, people, planned, put, town, within
from fachwerk.engine.database import Database
from fachwerk.engine.deploy import rollback
from fachwerk.engine.evidence.attributes import Wanted
from fachwerk.engine.evidence.exporting import Export, exported
from fachwerk.engine.evidence.times import Timing
from fachwerk.engine.inbox import Inbox
from fachwerk.engine.main import Running
from fachwerk.engine.plan.render import plan_text
from fachwerk.engine.service import utc_now
from fachwerk.engine.work.outside import World
from fachwerk.engine.worker import Worker
from fachwerk.problems import Refused
from fachwerk.schemas.model import Period
from lxml import etree

FIRST = """
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
  clerk: {create: true, read: true, update: true}
  head: {create: true, read: true, update: true}
---
message: told
of: permit
subject: '{subject}'
body: 'Told'
---
workflow: review
of: permit
states:
  draft: {initial: true}
  asked:
    parallel:
      fire: {by: [clerk, head], within: 2 weeks}
      water: {by: head, within: 3 weeks, not_by: creator, after: fire}
  granted: {final: true}
  lapsed: {final: true}
transitions:
  submit: {from: draft, to: asked, by: [clerk, head], do: [{notify: clerk, with: told}, {set: {fee: fee + 1}}]}
  grant: {from: asked, to: granted, by: [clerk, head], not_by: [submit, fire], when: 'count(opinions[part = "fire"]) > 0'}
  lapse: {from: [draft, asked], to: lapsed}
deadlines:
  decide: {runs_in: [draft, asked], within: 60 days, warn: 2 days, then: lapse, extend: {by: head, most: 3 months}}
"""
STEP = (("submit: {", "hand_in: {was: submit, "), ("[submit, fire]", "[hand_in, fire]"))
PART = (("fire: {", "fire_safety: {was: fire, "), ("water: {", "ground: {was: water, "), ("after: fire", "after: fire_safety"),
        ("submit, fire]", "submit, fire_safety]"), ('"fire"', '"fire_safety"'))  # fmt: skip
LIMIT = (("decide: {", "decision: {was: decide, "),)
FLOW = (("workflow: review", "workflow: assessment"),)


def other(text: str, *changes: tuple[str, str]) -> str:
    """Return *text* with these changes, each of which there must be."""
    for was, now in changes:
        assert was in text, was
        text = text.replace(was, now)
    return text


EVERYTHING = other(FIRST, *PART, *LIMIT, *FLOW, ("submit: {", "hand_in: {was: submit, "), ("[submit, ", "[hand_in, "))
"""All of them at once."""


async def begun(database: Database, text: str = FIRST) -> tuple[Town, str]:
    """Return a town with one permit that was submitted and on which fire protection has spoken."""
    made = await put(database, text)
    await people(database)
    key = await made.create("shed")
    await made.act(key, "submit")
    await made.act(key, "fire.approve", HEAD)
    return made, key


async def work_done(database: Database, days: float = 0) -> None:
    """Let a worker do what is due so many days from now."""
    later = await town(database, lambda: utc_now() + dt.timedelta(days=days))
    await Worker(Running(later.service.app, database, later.service), World()).run_due()


async def told(made: Town, key: str) -> list[str | None]:
    """Return what the history says was done."""
    return [event.action for event in await made.service.history(CLERK, "permit", key)]


async def possible(made: Town, key: str) -> set[str]:
    """Return what Hedi can do."""
    return {name for name, can in (await made.actions(key, HEAD)).items() if can}


async def limits(database: Database) -> dict[str, str]:
    """Return the ends of all limits that run or are set aside, by workflow and name."""
    rows = await database.fetch("SELECT workflow, name, CAST(due AS text) FROM fw_deadline ORDER BY name")
    return {f"{flow}.{name}": str(due)[:10] for flow, name, due in rows}


def test_opinions_and_limits_of_a_part_stay_with_it(database_url: str) -> None:
    async def work(database: Database) -> None:
        made, key = await begun(database)
        ends = await limits(database)
        text = plan_text(await planned(database, other(FIRST, *PART)))
        assert "fire_safety" in text
        assert "gone" not in text
        assert "would end at another time" not in text
        made = await put(database, other(FIRST, *PART))
        assert await limits(database) == {one.replace("water", "ground"): end for one, end in ends.items()}
        assert await told(made, key) == [None, "submit", "fire_safety.approve"]
        # the opinion counts: nobody is asked again, the next part has its turn, and whoever gave it is barred
        assert await possible(made, key) == {"ground.approve", "ground.object", "decide.extend"}
        assert [one.title for one in (await Inbox(made.service).of(HEAD))[0]] == ["shed"]
        await made.act(key, "ground.approve", HEAD)
        assert "review.part:ground" not in await limits(database)
        async with browser(made, HEAD) as client:
            assert "Fire safety" in (await client.get(f"/e/permit/{key}")).text

    within(database_url, work)


def test_the_limit_of_a_renamed_part_is_missed_when_it_would_have_been(database_url: str) -> None:
    async def work(database: Database) -> None:
        _, key = await begun(database)
        await put(database, other(FIRST, *PART))
        await work_done(database, 20)
        assert "part:ground" not in await told(await town(database), key)
        await work_done(database, 27)  # the end may be moved to a Monday
        assert (await told(await town(database), key))[-1] == "part:ground"

    within(database_url, work)


def test_four_eyes_know_a_step_by_the_name_that_it_had(database_url: str) -> None:
    """Whoever submitted may not grant, whatever submitting is called by then."""

    async def work(database: Database) -> None:
        made, key = await begun(database)
        text = plan_text(await planned(database, other(FIRST, *STEP)))
        assert "hand_in" in text
        assert "not kept from" not in text
        made = await put(database, other(FIRST, *STEP))
        assert (await told(made, key))[1] == "hand_in"
        somebody = replace(HEAD, id="018f0000-0000-7000-8000-00000000000a", name="Ida")
        assert [(await made.actions(key, who))["grant"] for who in (CLERK, HEAD, somebody)] == [False, False, True]
        assert not [one for one in (await Inbox(made.service).of(CLERK))[0] if one.id == key]
        await rollback(database, 1)
        made = await town(database)
        assert (await told(made, key))[1] == "submit"
        assert not (await made.actions(key))["grant"]
        made = await put(database, other(FIRST, *STEP))
        assert not (await made.actions(key))["grant"]
        # once more under another name, and another step of the name that it had
        third = other(FIRST, ("submit: {", "send_in: {was: hand_in, "), ("[submit, fire]", "[send_in, fire]"))
        made = await put(database, third)
        assert not (await made.actions(key))["grant"]
        fourth = other(third, ("  lapse: {", "  submit: {from: asked, to: draft, by: clerk}\n  lapse: {"))
        made = await put(database, fourth)
        assert (await told(made, key))[1] == "send_in"
        await made.act(key, "submit")
        assert (await told(made, key))[-1] == "submit"
        await made.act(key, "send_in", HEAD)
        assert not (await made.actions(key, HEAD))["grant"]

    within(database_url, work)


def test_effects_that_wait_are_of_the_step_under_its_new_name(database_url: str) -> None:
    async def work(database: Database) -> None:
        _, key = await begun(database)
        made = await put(database, EVERYTHING)
        await work_done(database)
        assert (await made.service.read(CLERK, "permit", key)).values["fee"] == 21
        rows = await database.fetch("SELECT count(*) FROM fw_effect WHERE error IS NOT NULL")
        assert rows[0][0] == 0
        rows = await database.fetch("SELECT count(*) FROM fw_notice")
        assert rows[0][0] == 1

    within(database_url, work)


def test_a_running_limit_goes_on_as_it_was_extended(database_url: str) -> None:
    async def work(database: Database) -> None:
        made, key = await begun(database)
        await made.service.act(HEAD, "permit", key, "decide.extend", comment="more", period=Period(4, "weeks"))
        ends = await limits(database)
        text = plan_text(await planned(database, other(FIRST, *LIMIT)))
        assert "end with it" not in text
        assert "ends with it" not in text
        made = await put(database, other(FIRST, *LIMIT))
        assert await limits(database) == {one.replace("decide", "decision"): end for one, end in ends.items()}
        assert "decision.extend" in await told(made, key)
        await work_done(database, 80)
        assert (await town(database)) is not None
        assert (await made.service.read(CLERK, "permit", key)).values["state"] == "asked"
        await work_done(database, 95)
        assert (await made.service.read(CLERK, "permit", key)).values["state"] == "lapsed"
        assert "decision" in await told(made, key)

    within(database_url, work)


def test_a_workflow_of_the_same_field_is_the_same_whatever_it_is_called(database_url: str) -> None:
    async def work(database: Database) -> None:
        made, key = await begun(database)
        ends = await limits(database)
        text = plan_text(await planned(database, other(FIRST, *FLOW)))
        assert "> workflow assessment        renamed from review" in text
        assert "entity" not in text
        made = await put(database, other(FIRST, *FLOW))
        assert await limits(database) == {one.replace("review", "assessment"): end for one, end in ends.items()}
        assert await possible(made, key) == {"water.approve", "water.object", "decide.extend"}
        assert not (await made.actions(key))["grant"]
        await rollback(database, 1)
        assert await limits(database) == ends
        made = await put(database, other(FIRST, *FLOW))
        await work_done(database, 70)
        assert (await made.service.read(CLERK, "permit", key)).values["state"] == "lapsed"

    within(database_url, work)


@pytest.mark.parametrize("more", ["", "  take_back: {from: asked, to: draft, by: clerk}\n"])
def test_cases_that_keep_their_version_take_the_new_names(database_url: str, more: str) -> None:
    """Where names are all that is other, they need no version of their own; else that has the new names, too."""

    async def work(database: Database) -> None:
        keep = ("of: permit\nstates", "of: permit\ncases: keep\nstates")
        rule = re.compile(r", when: 'count[^']*'")  # a rule that names a part is another rule when that is renamed
        first, every = (text if more else rule.sub("", text) for text in (FIRST, EVERYTHING))
        _, key = await begun(database, other(first, keep))
        second = other(every, keep, ("  lapse: {", f"{more}  lapse: {{"))
        text = plan_text(await planned(database, second))
        assert ("stays under version 1" in text) == bool(more)
        made = await put(database, second)
        assert set(made.service.app.project.workflows["assessment"].kept) == ({1} if more else set())
        assert await possible(made, key) == {"ground.approve", "ground.object", "decision.extend"}
        assert not (await made.actions(key))["grant"]
        await work_done(database)
        await rollback(database, 1)
        back = await town(database)
        assert not (await back.actions(key))["grant"]
        assert (await back.actions(key, HEAD))["water.approve"]
        await put(database, second)
        await work_done(database, 70)
        assert (await (await town(database)).service.read(CLERK, "permit", key)).values["state"] == "lapsed"

    within(database_url, work)


def test_logs_and_times_name_steps_as_today(database_url: str) -> None:
    async def work(database: Database) -> None:
        _, key = await begun(database)
        made = await put(database, EVERYTHING)
        other_key = await made.create("hut")
        await made.act(other_key, "hand_in")
        log = b"".join([one async for one in exported(made.service, CLERK, Export("permit", "xes", Wanted()))])
        trails = etree.parse(io.BytesIO(log)).findall(".//trace")
        names = [[e.find("./string[@key='concept:name']").get("value") for e in t.findall("event")] for t in trails]
        assert names == [["create", "hand_in", "fire_safety.approve"], ["create", "hand_in"]]
        flow, day = made.service.app.project.workflows["assessment"], dt.timedelta(days=1)
        times = await Timing(made.service).of(CLERK, flow, utc_now() - day, utc_now() + day)
        assert times is not None
        assert [(way.step, way.count) for way in times.ways] == [("hand_in", 2)]
        async with browser(made) as client:
            assert "Hand in" in (await client.get(f"/e/permit/{key}")).text

    within(database_url, work)


def test_without_was_a_plan_says_what_is_lost(database_url: str) -> None:
    async def work(database: Database) -> None:
        await begun(database)
        renamed = other(EVERYTHING, *((f"was: {name}, ", "") for name in ("submit", "fire", "water", "decide")))
        plan = await planned(database, renamed)
        english, german = " ".join(plan_text(plan).split()), " ".join(plan_text(plan, "de").split())
        for part in (
            "1 permit has an opinion of `fire`, which is gone; it does not count any more; if it is only called "
            "otherwise now, write `was: fire` there",
            "1 permit waits for `water`, which is gone",
            "1 permit: whoever did `submit`, which is gone, is not kept from `grant` any more; if it is only called "
            "otherwise now, write `was: submit` there",
            "1 permit: whoever did `fire`, which is gone, is not kept from `grant` any more",
            "1 running time limit ends with it; if it is only called otherwise now, write `was: decide` there",
        ):
            assert part in english, part
        for part in (
            "1 Permit hat eine Stellungnahme von `fire`; das gibt es nicht mehr, und sie zählt nicht mehr; heißt es "
            "jetzt nur anders, dort `was: fire` schreiben",
            "1 Permit: `submit` gibt es nicht mehr; wer das ausgeführt hat, ist von `grant` nicht mehr ausgeschlossen",
        ):
            assert part in german, part

    within(database_url, work)


def test_a_name_that_something_else_had_is_not_mixed_up_with_it(database_url: str) -> None:
    """What takes the name of a part that goes keeps its own opinions, and a rollback gives each its own back."""

    async def work(database: Database) -> None:
        made, key = await begun(database)
        await made.act(key, "water.object", HEAD)
        taken = other(FIRST, ("      fire: {by: [clerk, head], within: 2 weeks}\n", ""), (", after: fire", ""),
                      ("water: {", "fire: {was: water, "), ("[submit, fire]", "submit"))  # fmt: skip
        made = await put(database, taken)
        rows = await database.fetch("SELECT part, outcome FROM fw_opinion")
        assert {tuple(row) for row in rows} == {("fire", "object"), ("~fire", "approve")}
        await rollback(database, 1)
        rows = await database.fetch("SELECT part, outcome FROM fw_opinion")
        assert {tuple(row) for row in rows} == {("fire", "approve"), ("water", "object")}
        assert (await told(await town(database), key))[-1] == "water.object"

    within(database_url, work)


ROLE = (("{clerk: , head: }", "{officer: {was: clerk}, head: }"), ("[clerk, head]", "[officer, head]"), ("notify: clerk", "notify: officer"),
        ("  clerk: {create", "  officer: {create"))  # fmt: skip


def test_accounts_cases_and_messages_follow_a_role(database_url: str) -> None:
    async def work(database: Database) -> None:
        _, key = await begun(database)
        text = plan_text(await planned(database, other(FIRST, *ROLE)))
        assert "officer" in text
        assert "lose" not in text
        made = await put(database, other(FIRST, *ROLE))
        officer = replace(CLERK, roles=frozenset({"officer"}))
        assert not (await made.actions(key, officer))["grant"]
        hut = await made.service.create(officer, "permit", {"subject": "hut"})
        await made.act(hut.id, "submit", officer)
        await work_done(database)
        rows = await database.fetch('SELECT "user" FROM fw_notice')
        assert [str(row[0]) for row in rows] == [CLERK.id] * 2
        async with browser(made) as client:
            assert "shed" in (await client.get("/e/permit")).text
        await rollback(database, 1)
        made = await town(database)
        assert not (await made.actions(key))["grant"]
        await made.act(await made.create("shack"), "submit")

    within(database_url, work)


def test_a_form_of_before_takes_the_step_under_its_new_name(database_url: str) -> None:
    async def work(database: Database) -> None:
        made = await put(database, FIRST)
        await people(database)
        key = await made.create("shed")
        async with browser(made) as client:
            page = (await client.get(f"/e/permit/{key}")).text
        form = dict(re.findall(r'name="(_csrf|_config|_version)" value="([^"]*)"', page))
        made = await put(database, EVERYTHING)
        async with browser(made) as client:
            fresh = dict(re.findall(r'name="(_csrf)" value="([^"]*)"', (await client.get("/")).text))
            path = f"/e/permit/{key}/do/submit"
            answer = await client.post(path, data={**form, **fresh}, follow_redirects=True)
            assert answer.status_code == 200
            assert str(answer.url).endswith(f"/e/permit/{key}")
        assert (await made.service.read(CLERK, "permit", key)).values["state"] == "asked"

    within(database_url, work)


def test_another_name_and_another_field_at_once_are_refused(database_url: str) -> None:
    """Nothing says then that the new workflow is the old one: its cases would be in no state of it."""

    async def work(database: Database) -> None:
        await begun(database)
        both = other(FIRST, *FLOW, ("of: permit\nstates", "of: permit\nfield: progress\nstates"))
        assert "DESTROYS 1 value" in plan_text(await planned(database, both))
        with pytest.raises(Refused) as refused:
            await put(database, both)
        assert refused.value.code == "loss"
        # one after the other it goes
        made = await put(database, other(FIRST, *FLOW))
        made = await put(database, both)
        assert [one.title for one in (await Inbox(made.service).of(HEAD))[0]] == ["shed"]

    within(database_url, work)


def test_a_limit_that_moves_after_its_entity_was_renamed_is_missed_then(database_url: str) -> None:
    async def work(database: Database) -> None:
        _, key = await begun(database)
        licence = FIRST.replace("entity: permit\n", "entity: licence\nwas: permit\n").replace("of: permit", "of: licence")
        await put(database, licence)
        made = await put(database, other(licence, ("within: 60 days", "within: 50 days")))
        await work_done(database, 55)
        assert (await made.service.read(CLERK, "licence", key)).values["state"] == "lapsed"

    within(database_url, work)
