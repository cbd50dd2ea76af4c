"""What waits for somebody: steps that only end a case do not count where others carry it on, else they do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from fachwerk.engine.inbox import Inbox
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.passwords import Passwords
from fachwerk.workflows.expected import ways_out
from office import Office, office, read_text
from town import PASSWORD, SETTINGS

APP = """
app: court
languages: [en, de]
---
roles: {clerk: {}, judge: {}, party: {}, expert: {}}
---
entity: person
title: name
fields: {name: text!, user: user}
access: {clerk: {create: true, read: true}}
---
entity: claim
title: name
fields:
  name: text!
  simple: boolean
  owner: {type: link, to: person}
  witness: {type: link, to: person}
access:
  clerk: {create: true, read: true, update: true}
  judge: {read: true}
  expert: {read: true}
  party: {read: owner.user = me or witness.user = me}
---
workflow: claims
of: claim
states:
  draft: {initial: true}
  handed_in: {}
  looked_at: {parallel: {facts: {by: expert}, law: {by: clerk, after: facts}}}
  asked: {}
  sorted: {}
  ready: {}
  won: {final: true}
  lost: {final: true}
  withdrawn: {final: true}
  returned: {}
transitions:
  give_back: {from: handed_in, to: returned, by: judge}
  hand_in_again: {from: returned, to: handed_in, by: owner}
  hand_in: {from: draft, to: handed_in, by: [owner, clerk]}
  back: {from: handed_in, to: draft, by: expert}
  look: {from: handed_in, to: looked_at, by: clerk}
  ask: {from: handed_in, to: asked, by: clerk}
  answer: {from: asked, to: looked_at, by: witness}
  looked: {from: looked_at, to: sorted, when: complete}
  settle: {from: sorted, to: ready, by: expert, when: simple}
  win: {from: [handed_in, ready], to: won, by: judge}
  lose: {from: [handed_in, ready], to: lost, by: judge}
  withdraw: {from: [draft, handed_in, looked_at, asked, sorted, ready, returned], to: withdrawn, by: [owner, clerk]}
"""
Work = Callable[["Court"], Awaitable[None]]


class Court:
    """The app, with a person who hands claims in and one who is asked."""

    def __init__(self, made: Office) -> None:
        self.made, self.owner, self.witness = made, "", ""

    async def set_up(self) -> None:
        self.owner = (await self.made.make("person", name="Olga", user=self.made.people["party"].id)).id
        self.witness = (await self.made.make("person", name="Wim")).id

    async def claim(self, *steps: str, **values: object) -> str:
        """Make a claim, and have each step taken by ``who:step``."""
        record = await self.made.make("claim", **{"name": "C", "owner": self.owner} | values)
        for step in steps:
            who, _, action = step.partition(":")
            await self.made.service.act(self.made.people[who], "claim", record.id, action)
        return record.id

    async def waits(self, key: str) -> set[str]:
        """Return for whom a claim waits."""
        inbox = Inbox(self.made.service)
        found = {name: (await inbox.of(who))[0] for name, who in self.made.people.items()}
        return {name for name, waiting in found.items() if key in {one.id for one in waiting}}


def run(url: str, work: Work) -> None:
    async def inner() -> None:
        async with office(url, APP) as made:
            court = Court(made)
            await court.set_up()
            await work(court)

    asyncio.run(inner())


TO_LOOK = ("clerk:hand_in", "clerk:look")
CASES: tuple[tuple[str, tuple[str, ...], dict[str, object], set[str]], ...] = (
    ("who may hand it in or withdraw it", (), {}, {"clerk", "party"}),
    ("whoever could only withdraw it", ("clerk:hand_in",), {}, {"clerk", "expert", "judge"}),
    ("what is to be completed waits for whoever hands it in again",
     ("clerk:hand_in", "judge:give_back"), {}, {"party"}),
    ("… and for whoever could end it, where that is nobody",
     ("clerk:hand_in", "judge:give_back"), {"owner": None}, {"clerk"}),
    ("a part is open, another has no turn yet", TO_LOOK, {}, {"expert"}),
    ("the turn of the other part", (*TO_LOOK, "expert:facts.approve"), {}, {"clerk"}),
    ("the step that leads on is barred by its condition",
     (*TO_LOOK, "expert:facts.approve", "clerk:law.approve"), {}, {"clerk", "expert", "party"}),
    ("the step that leads on is possible",
     (*TO_LOOK, "expert:facts.approve", "clerk:law.approve"), {"simple": True}, {"expert"}),
    ("a choice between two ends is a decision, and carries the case on",
     (*TO_LOOK, "expert:facts.approve", "clerk:law.approve", "expert:settle"), {"simple": True}, {"judge"}),
)  # fmt: skip


@pytest.mark.parametrize(("steps", "values", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_for_whom_a_case_waits(
    database_url: str, steps: tuple[str, ...], values: dict[str, object], wanted: set[str]
) -> None:
    async def work(court: Court) -> None:
        assert await court.waits(await court.claim(*steps, **values)) == wanted

    run(database_url, work)


def test_a_path_that_leads_to_nobody_carries_nothing_on(database_url: str) -> None:
    async def work(court: Court) -> None:
        steps = ("clerk:hand_in", "clerk:ask")
        assert await court.waits(await court.claim(*steps, witness=court.witness)) == {"clerk", "party"}
        user = court.made.people["judge"].id
        witness = await court.made.make("person", name="Xaver", user=user)
        assert await court.waits(await court.claim(*steps, witness=witness.id)) == {"judge"}

    run(database_url, work)


def test_many_cases_of_others_leave_room_for_what_waits(database_url: str) -> None:
    async def work(court: Court) -> None:
        for number in range(4):
            await court.claim("clerk:hand_in", name=f"A{number}")
        mine = await court.claim(name="Z")
        found, more = await Inbox(court.made.service).of(court.made.people["party"], 3)
        assert ([one.id for one in found], more) == ([mine], False)

    run(database_url, work)


def test_what_leads_out_is_not_among_the_steps(database_url: str) -> None:
    async def work(court: Court) -> None:
        await court.claim("clerk:hand_in")
        (one,) = (await Inbox(court.made.service).of(court.made.people["clerk"]))[0]
        assert [action.name for action in one.actions] == ["look", "ask"]
        (one,) = (await Inbox(court.made.service).of(court.made.people["judge"]))[0]
        assert [action.name for action in one.actions] == ["give_back", "win", "lose"]

    run(database_url, work)


def test_no_case_is_left_to_nobody() -> None:
    """Whatever is a way out, a role or a sub-case carries the case on, or the statement asks the record."""
    workflow = read_text(APP).workflows["claims"]
    for name, out in ways_out(workflow).items():
        others = {step.name for step in workflow.transitions.values() if name in step.source and step.by}
        others |= {part.name for part in workflow.states[name].parallel}
        assert others - out.steps, name
        assert {one.name for one in out.onward} <= others - out.steps
    assert {name for name, out in ways_out(workflow).items() if out.surely} == {"draft", "handed_in", "looked_at", "ready"}


def test_pages_and_the_api_agree(database_url: str) -> None:
    async def work(court: Court) -> None:
        made = court.made
        hashed = await Passwords(SETTINGS).hash(PASSWORD)
        user = await made.accounts.create("Olga", "olga", roles=("party",), password=hashed, language="en")
        person = await made.make("person", name="Olga", user=user)
        await court.claim(name="Still a draft", owner=person.id)
        await court.claim("clerk:hand_in", name="With the court", owner=person.id)
        transport = httpx2.ASGITransport(app=build_server(made.running, SETTINGS), client=("192.0.2.1", 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            token = await made.accounts.make_token(user, "test")
            items = (await client.get("/api/v1/me/inbox", headers={"authorization": f"Bearer {token}"})).json()["items"]
            assert [one["title"] for one in items] == ["Still a draft"]
            form = re.findall(r'name="_csrf" value="([^"]*)"', (await client.get("/sign-in")).text)[0]
            await client.post("/sign-in", data={"_csrf": form, "name": "olga", "password": PASSWORD})
            for path in ("/", "/inbox"):
                shown = (await client.get(path)).text
                assert ("Still a draft" in shown, "With the court" in shown) == (True, False), path

    run(database_url, work)
