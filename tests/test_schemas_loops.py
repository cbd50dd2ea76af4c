"""Automations that set each other off: found before deploy where they surely never end, and only there."""

from __future__ import annotations

import asyncio

import pytest
from fachwerk.engine.work.automations import PAGE
from fachwerk.schemas.read import read_project
from post_office import PostOffice, post_office

BASE = """\
app: loops
timezone: Europe/Berlin
---
roles: {clerk: {}}
---
entity: box
fields: {name: text, count: {type: integer, default: 0}, other: {type: link, to: ball}, balls: {type: back_links, of: ball.box}}
access: {clerk: {create: true, read: true, update: true}}
---
entity: ball
fields: {name: text, box: {type: link, to: box}}
access: {clerk: {create: true, read: true, update: true}}
---
workflow: rolling
of: ball
states: {still: {initial: true}, moving: {}, gone: {final: true}}
transitions:
  push: {from: [still, moving], to: moving, by: clerk}
  stop: {from: moving, to: still, by: clerk, do: [{set: {name: '"stopped"'}}]}
  nudge: {from: moving, to: moving, by: clerk, when: name != "done"}
  lose: {from: [still, moving], to: gone, by: clerk}
---
document: label
of: box
by: clerk
text: "{name}"
---
"""
ENDLESS = {
    "set itself": "automation: a\nof: box\non: changed\ndo: [{set: {count: count + 1}}]",
    "document of its own": "automation: a\nof: box\non: changed\ndo: [{document: label, into: labels}]",
    "create the same": "automation: a\nof: ball\non: created\ndo: [{create: ball, values: {name: name}}]",
    "there and back": "automation: a\nof: box\non: changed\ndo: [{change: balls, values: {name: '\"x\"'}}]\n---\n"
    "automation: b\nof: ball\non: changed\ndo: [{change: box, values: {count: 1}}]",
    "by creating": "automation: a\nof: ball\non: created\ndo: [{change: box, values: {count: 1}}]\n---\n"
    "automation: b\nof: box\non: changed\ndo: [{create: ball, values: {box: this}}]",
    "by a document of another": "automation: a\nof: ball\non: changed\ndo: [{change: box, values: {count: 1}}]\n---\n"
    "automation: b\nof: box\non: changed\ndo: [{document: label}, {change: balls, values: {name: '\"y\"'}}]",
    "a schedule that makes its own": "automation: a\nof: ball\nevery: {hours: 6}\ndo: [{create: ball, values: {name: name}}]",
    "a schedule and what it makes": "automation: a\nof: box\nevery: {hours: 6}\ndo: [{create: ball, values: {box: this}}]\n---\n"
    "automation: b\nof: ball\non: created\ndo: [{create: box, values: {name: name}}]",
    "by a step": "automation: a\nof: box\non: changed\ndo: [{step: push, of: balls}]\n---\n"
    "automation: b\nof: ball\non: push\ndo: [{change: box, values: {count: 1}}]",
}
ENDING = {
    "a condition": "automation: a\nof: box\non: changed\nwhere: count < 3\ndo: [{set: {count: count + 1}}]",
    "another event": "automation: a\nof: box\non: created\ndo: [{set: {count: 1}}]",
    "a message": "automation: a\nof: box\non: changed\ndo: [{webhook: there}]",
    "a step that leads away": "automation: a\nof: ball\non: changed\ndo: [{step: lose, of: this}]",
    "a step with a condition": "automation: a\nof: ball\non: changed\ndo: [{step: nudge, of: this}]",
    "a schedule with a condition": "automation: a\nof: box\nevery: {hours: 6}\nwhere: count > 0\ndo: [{create: box}]",
    "a schedule that makes others": "automation: a\nof: box\nevery: {hours: 6}\ndo: [{create: ball, values: {box: this}}]",
    "a schedule": "automation: a\nof: box\nevery: {hours: 6}\ndo: [{set: {count: count + 1}}]",
}


def codes(text: str) -> list[str]:
    """The problems of the base with *text*."""
    return [problem.code for problem in read_project({"a.yaml": (BASE + text).encode()})[1].errors]


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_found(name: str) -> None:
    assert codes(ENDLESS[name]) == ["automations-in-a-circle"]


@pytest.mark.parametrize("name", ENDING)
def test_what_ends_is_let_be(name: str) -> None:
    assert codes(ENDING[name]) == []


RUNNING = {
    "there and back": (
        "automation: a\nof: box\non: changed\nwhere: count >= 0\ndo: [{change: balls, values: {name: string(box.count + 1)}}]\n---\n"
        "automation: b\nof: ball\non: changed\nwhere: name != null\ndo: [{change: box, values: {count: box.count + 1}}]"
    ).replace("string(box.count + 1)", "string(this.count + 1)").replace("{count: box.count + 1}", "{count: this.box.count + 1}"),
    "documents": "automation: a\nof: box\non: changed\nwhere: count >= 0\ndo: [{document: label, into: labels}]",
    "steps": (
        "automation: a\nof: box\non: changed\nwhere: count >= 0\ndo: [{step: push, of: balls}]\n---\n"
        "automation: b\nof: ball\non: push\ndo: [{change: box, values: {count: this.box.count + 1}}]"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNNING)
def test_what_might_end_and_does_not_is_broken_off(database_url: str, name: str) -> None:
    """After twelve effects in a row, with the reason in the queue; everything before stands."""

    async def work() -> None:
        async with post_office(database_url, None, BASE + RUNNING[name]) as made:
            await go(made)

    async def go(made: PostOffice) -> None:
        office = made.office
        box = await office.make("box", name="b")
        await office.make("ball", name="x", box=box.id)
        await office.service.change(office.people["clerk"], "box", box.id, {"name": "c"}, version=None)
        await made.worker.run_due()
        rows = await made.rows("select error from fw_effect where outcome = 'gave up'")
        assert len(rows) == 1
        assert "a chain of 12 effects was broken off" in rows[0][0]
        assert await made.rows("select 1 from fw_effect where wake_at is not null") == []

    asyncio.run(work())


def test_a_schedule_does_not_deal_with_what_it_makes_in_the_same_run(database_url: str) -> None:
    """However many records there are: as many come to them, and then it ends."""
    copies = "automation: a\nof: box\nevery: {hours: 6}\nwhere: count >= 0\ndo: [{create: box, values: {name: name}}]"

    async def work() -> None:
        async with post_office(database_url, None, BASE + copies) as made:
            for number in range(PAGE + 1):
                await made.office.make("box", name=str(number))
            made.clock.pass_(minutes=1)
            turns = 0
            while await made.worker.turn() and turns < 500:
                made.clock.pass_(seconds=1)
                turns += 1
            assert await made.rows("select count(*) from box") == [(2 * (PAGE + 1),)]
            assert await made.rows("select 1 from fw_effect where wake_at is not null") == []

    asyncio.run(work())
