"""Sub-cases: a case waits for others and goes on with the last of them; a step takes others along."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from fachwerk.problems import Refused
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
fields:
  name: text!
  note: text
  parent: {type: link, to: permit}
  parts: {type: back_links, of: permit.parent}
  inspections: {type: back_links, of: inspection.permit}
  open_ones: {type: integer, computed: 'count(inspections[state = "open"])', stored: true}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
entity: inspection
title: name
fields:
  name: text!
  permit: {type: link, to: permit, on_delete: delete}
  report: text
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
workflow: review
of: permit
states:
  draft: {initial: true}
  visits: {waits_for: inspections}
  checked: {}
  closing: {required: [note]}
  together: {waits_for: parts}
  granted: {final: true}
  withdrawn: {final: true}
transitions:
  begin: {from: draft, to: visits, by: clerk}
  seen: {from: visits, to: checked, when: complete}
  collect: {from: checked, to: together, by: clerk}
  all_parts: {from: together, to: granted, when: complete}
  grant: {from: checked, to: granted, by: clerk}
  close: {from: draft, to: closing, when: 'open_ones = 0 and count(inspections) > 0'}
  shut: {from: closing, to: granted, by: clerk}
  withdraw: {from: [draft, visits], to: withdrawn, by: clerk, comment: required, do: [{step: cancel, of: inspections}]}
  drop_all: {from: visits, to: withdrawn, by: clerk, do: [{step: finish, of: inspections}]}
---
workflow: visit
of: inspection
states: {open: {initial: true}, done: {final: true}, dropped: {final: true}}
transitions:
  finish: {from: open, to: done, by: clerk, require: [report]}
  cancel: {from: open, to: dropped, by: head, when: 'name != "Kept"'}
  again: {from: [done, dropped], to: open, by: clerk}
"""


class Permits:
    """The app at work."""

    def __init__(self, made: PostOffice) -> None:
        self.made, self.service, self.clerk = made, made.office.service, made.office.people["clerk"]

    async def make(self, entity: str, **values: object) -> str:
        return (await self.service.create(self.clerk, entity, values)).id

    async def act(self, entity: str, key: str, action: str, **more: object) -> None:
        await self.service.act(self.clerk, entity, key, action, **more)  # type: ignore[arg-type]

    async def state(self, entity: str, key: str) -> str:
        return str((await self.service.read(self.clerk, entity, key)).values["state"])

    async def visits(self, *names: str, begin: bool = True) -> tuple[str, list[str]]:
        key = await self.make("permit", name="house")
        found = [await self.make("inspection", name=name, permit=key) for name in names]
        if begin:
            await self.act("permit", key, "begin")
        return key, found


def run(url: str, work: Callable[[Permits], Awaitable[None]]) -> None:
    async def inner() -> None:
        async with post_office(url, text=APP) as made:
            await work(Permits(made))

    asyncio.run(inner())


def test_the_last_sub_case_lets_the_case_go_on(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key, (first, second) = await permits.visits("a", "b")
        await permits.act("inspection", first, "finish", values={"report": "fine"})
        assert await permits.state("permit", key) == "visits"
        await permits.act("inspection", second, "finish", values={"report": "fine"})
        assert await permits.state("permit", key) == "checked"
        event = (await permits.service.history(permits.clerk, "permit", key))[-1]
        assert (event.kind, event.action, event.who) == ("transition", "seen", None)

    run(database_url, work)


def test_none_at_all_is_no_reason_to_wait(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key, _ = await permits.visits()
        assert await permits.state("permit", key) == "checked"

    run(database_url, work)


def test_one_that_is_deleted_or_leaves_is_not_waited_for(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key, (only,) = await permits.visits("a")
        await permits.service.remove(permits.clerk, "inspection", only)
        assert await permits.state("permit", key) == "checked"
        key, (only,) = await permits.visits("a")
        other, _ = await permits.visits("b")
        await permits.service.change(permits.clerk, "inspection", only, {"permit": other}, version=None)
        assert (await permits.state("permit", key), await permits.state("permit", other)) == ("checked", "visits")

    run(database_url, work)


def test_a_case_that_goes_with_its_sub_cases_is_no_trouble(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key, _ = await permits.visits("a", "b")
        await permits.service.remove(permits.clerk, "permit", key)
        with pytest.raises(Refused):
            await permits.state("permit", key)

    run(database_url, work)


def test_sub_cases_of_sub_cases(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        whole = await permits.make("permit", name="whole")
        part, (visit,) = await permits.visits("a")
        await permits.service.change(permits.clerk, "permit", part, {"parent": whole}, version=None)
        await permits.act("permit", whole, "begin")
        await permits.act("permit", whole, "collect")
        assert await permits.state("permit", whole) == "together"
        await permits.act("inspection", visit, "finish", values={"report": "x"})
        await permits.act("permit", part, "grant")
        assert await permits.state("permit", whole) == "granted"

    run(database_url, work)


def test_what_stands_against_going_on_does_not_keep_the_sub_case_from_its_end(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key, (only,) = await permits.visits("a", begin=False)
        await permits.act("inspection", only, "finish", values={"report": "x"})
        assert (await permits.state("permit", key), await permits.state("inspection", only)) == ("draft", "done")
        event = (await permits.service.history(permits.clerk, "permit", key))[-1]
        assert (event.kind, event.who) == ("refused", None)
        assert "note" in str(event.comment)
        await permits.service.change(permits.clerk, "permit", key, {"note": "n"}, version=None)
        assert await permits.state("permit", key) == "closing"

    run(database_url, work)


def test_a_step_takes_the_sub_cases_along(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key, (plain, kept, done) = await permits.visits("a", "Kept", "c")
        await permits.act("inspection", done, "finish", values={"report": "x"})
        await permits.act("permit", key, "withdraw", comment="no longer")
        await permits.made.worker.run_due()
        states = [await permits.state("inspection", one) for one in (plain, kept, done)]
        assert states == ["dropped", "open", "done"]
        taken = (await permits.service.history(permits.clerk, "inspection", plain))[-1]
        assert (taken.action, taken.comment, taken.who) == ("cancel", "no longer", None)
        refused = (await permits.service.history(permits.clerk, "inspection", kept))[-1]
        assert (refused.kind, refused.action) == ("refused", None)
        assert str(refused.comment).startswith("cancel: This must hold")
        rows = await permits.made.rows("select outcome from fw_effect where kind = 'step'")
        assert rows == [("1 taken, 2 refused",)]

    run(database_url, work)


def test_a_step_asks_for_the_fields_that_it_needs(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key, (ready, other) = await permits.visits("a", "b")
        await permits.service.change(permits.clerk, "inspection", ready, {"report": "x"}, version=None)
        await permits.act("permit", key, "drop_all")
        await permits.made.worker.run_due()
        assert [await permits.state("inspection", one) for one in (ready, other)] == ["done", "open"]

    run(database_url, work)


def test_two_sub_cases_that_end_at_once(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        for _ in range(30):
            key, found = await permits.visits("a", "b", "c")
            ends = (permits.act("inspection", one, "finish", values={"report": "x"}) for one in found)
            await asyncio.gather(*ends)
            assert await permits.state("permit", key) == "checked"
        steps = await permits.made.rows("select count(*) from fw_history where action = 'seen'")
        assert steps == [(30,)]

    run(database_url, work)
