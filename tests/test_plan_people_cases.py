"""Effects on people and running cases, one by one and in words: who sees what, and which cases stand where nobody is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from fachwerk.engine.plan.model import Plan
from fachwerk.engine.plan.people import MOST_HOLDERS
from fachwerk.engine.plan.planning import make_plan
from fachwerk.engine.server.accounts import Accounts
from office import Office, office, read_text

DESK = """
app: desk
label: Desk
languages: [en]
timezone: Europe/Berlin
currency: EUR
---
roles:
  clerk: {label: Clerk}
  fire: {label: Fire}
  head: {label: Head}
---
entity: person
title: name
fields: {name: text!, user: {type: user, unique: true}}
access: {clerk: {create: true, read: true}, fire: {read: user = me}}
---
entity: town
title: name
fields: {name: text!}
access: {clerk: {create: true, read: true}}
---
entity: permit
title: name
fields:
  name: text!
  storeys: integer
  secret: text
  owner: {type: link, to: person}
  place: {type: link, to: [person, town]}
access:
  clerk: {create: true, read: true, update: true}
  fire: {read: storeys > 2, hide: [secret]}
  head: {read: owner.user = me}
---
workflow: review
of: permit
states:
  draft: {initial: true}
  hearing:
    parallel:
      fire: {by: fire, outcomes: [approve, object]}
      head: {by: head, outcomes: [approve, object]}
  wait: {}
  done: {final: true}
transitions:
  ask: {from: draft, to: hearing, by: clerk}
  ready: {from: hearing, to: wait, when: complete}
  end: {from: wait, to: done, by: head}
deadlines:
  slow: {runs_in: [hearing], within: 3 days}
"""


def on(
    url: str, text: str, look: Callable[[Plan], None], *, before: Callable[[Office], Awaitable[None]] | None = None
) -> None:
    """Fill the desk, plan *text*, and look at the plan."""

    async def run() -> None:
        async with office(url, DESK) as made:
            await fill(made)
            if before is not None:
                await before(made)
            look(await make_plan(made.running.database, read_text(text)))

    asyncio.run(run())


async def fill(made: Office) -> None:
    """Make a person who is the head, a town and five permits: two in a hearing, one of them with an opinion."""
    service, people = made.service, made.people
    owner = await made.make("person", name="Hanna", user=people["head"].id)
    town = await made.make("town", name="Hofheim")
    for number in range(5):
        place = ("town", town.id) if number % 2 else ("person", owner.id)
        permit = await made.make(
            "permit", name=f"p{number}", storeys=4 - number, secret="x", place=place, owner=owner.id if number < 2 else None
        )
        if number < 2:
            await service.act(people["clerk"], "permit", permit.id, "ask")
        if number == 0:
            await service.act(people["fire"], "permit", permit.id, "fire.approve")


def told(plan: Plan, kind: str) -> list[str]:
    """Return what a plan says of one kind, in English."""
    return [impact.text["en"] for impact in plan.impacts if impact.kind == kind]


def test_rows_that_a_role_gains_and_loses(database_url: str) -> None:
    def look(plan: Plan) -> None:
        assert told(plan, "access") == ["fire sees 1 permit more, 2 fewer"]
        (impact,) = [one for one in plan.impacts if one.kind == "access"]
        assert (impact.change.of, impact.change.name) == ("access", "permit.fire")
        assert impact.text["de"] == "fire sieht 1 Permit mehr, 2 weniger"

    on(database_url, DESK.replace("storeys > 2", "storeys = 2"), look)


def test_rows_that_depend_on_who_asks_are_counted_for_every_holder(database_url: str) -> None:
    def look(plan: Plan) -> None:
        assert told(plan, "access") == ["head sees 2 permits more, 0 fewer (over 1 person)"]

    on(database_url, DESK.replace("read: owner.user = me}", "read: owner.user = me or storeys < 2}"), look)


def test_fields_that_a_role_gains_and_loses(database_url: str) -> None:
    def look(plan: Plan) -> None:
        assert told(plan, "access_field") == [
            "fire no longer sees `storeys` of 2 permits",
            "fire now sees `secret` of 2 permits",
        ]
        assert told(plan, "access") == []

    on(database_url, DESK.replace("hide: [secret]", "hide: [storeys]"), look)


def test_a_role_that_is_gone(database_url: str) -> None:
    text = DESK.replace("  fire: {label: Fire}\n", "").replace(", fire: {read: user = me}", "")
    text = text.replace("  fire: {read: storeys > 2, hide: [secret]}\n", "").replace(
        "fire: {by: fire", "fire: {by: head"
    )

    def look(plan: Plan) -> None:
        assert told(plan, "role_gone") == ["1 person loses the role Fire"]

    on(database_url, text, look)


def test_cases_that_wait_for_an_approval_that_is_gone(database_url: str) -> None:
    def look(plan: Plan) -> None:
        assert told(plan, "part_gone") == ["1 permit waits for `fire`, which is gone"]

    on(database_url, DESK.replace("      fire: {by: fire, outcomes: [approve, object]}\n", ""), look)


def test_opinions_whose_outcome_is_gone(database_url: str) -> None:
    def look(plan: Plan) -> None:
        assert told(plan, "outcome_gone") == ["1 permit has the opinion `fire.approve`, which is gone"]

    on(
        database_url,
        DESK.replace("fire: {by: fire, outcomes: [approve, object]", "fire: {by: fire, outcomes: [agree, object]"),
        look,
    )


def test_time_limits_that_are_gone(database_url: str) -> None:
    def look(plan: Plan) -> None:
        assert told(plan, "deadline_gone") == ["2 running time limits end with it"]

    on(database_url, DESK.replace("deadlines:\n  slow: {runs_in: [hearing], within: 3 days}\n", ""), look)


def test_cases_without_anyone_who_could_act(database_url: str) -> None:
    text = DESK.replace("  head: {label: Head}", "  head: {label: Head}\n  mayor: {label: Mayor}")
    text = text.replace("ask: {from: draft, to: hearing, by: clerk}", "ask: {from: draft, to: hearing, by: mayor}")

    def look(plan: Plan) -> None:
        assert told(plan, "stuck") == ["3 permits in `draft`: there is nobody who could act"]
        (impact,) = [one for one in plan.impacts if one.kind == "stuck"]
        assert [one.title for one in impact.examples] == ["p2", "p3", "p4"]

    on(database_url, text, look)


def test_cases_whose_record_names_who_may_act_are_not_stuck(database_url: str) -> None:
    text = DESK.replace("ask: {from: draft, to: hearing, by: clerk}", "ask: {from: draft, to: hearing, by: owner}")

    def look(plan: Plan) -> None:
        assert told(plan, "stuck") == ["3 permits in `draft`: there is nobody who could act"]

    on(database_url, text, look)


def test_links_that_would_lead_nowhere(database_url: str) -> None:
    def look(plan: Plan) -> None:
        assert told(plan, "dangles") == ["2 links to `town` would lead nowhere"]
        assert any(one.kind == "dangles" for one in plan.blocked)

    on(database_url, DESK.replace("to: [person, town]", "to: person"), look)


def test_rows_that_break_a_check_and_those_that_can_still_be_edited(database_url: str) -> None:
    checks = "checks:\n  - {that: storeys > 1, on: storeys, else: 'Too low: {storeys}'}\naccess:\n  clerk: {create: true, read: true, update: state"
    text = DESK.replace(
        "access:\n  clerk: {create: true, read: true, update: true}\n  fire: {read: storeys",
        checks + ' = "hearing"}\n  fire: {read: storeys',
    )

    def look(plan: Plan) -> None:
        assert told(plan, "breaks_check") == ["2 of 5 permits break the new rule; 0 of them can still be edited"]
        (impact,) = [one for one in plan.impacts if one.kind == "breaks_check"]
        assert [(one.title, one.reason["en"]) for one in impact.examples] == [
            ("p3", "Too low: 1"),
            ("p4", "Too low: 0"),
        ]
        assert not impact.blocking

    on(database_url, text, look)


def test_what_did_not_change_is_not_told(database_url: str) -> None:
    """Nobody could act in some cases before, and nobody can now: that is no effect of the change."""
    text = DESK.replace("ask: {from: draft, to: hearing, by: clerk}", "ask: {from: draft, to: hearing, by: owner}")

    async def run() -> None:
        async with office(database_url, text) as made:
            await made.make("permit", name="p")
            plan = await make_plan(made.running.database, read_text(text.replace("label: Clerk", "label: Clerks")))
            assert told(plan, "stuck") == []
            later = text.replace("by: owner}", "by: place.user}").replace("to: [person, town]", "to: person")
            assert told(await make_plan(made.running.database, read_text(later)), "stuck") == [
                "1 permit in `draft`: there is nobody who could act"
            ]

    asyncio.run(run())


def test_forms_and_lists_that_only_follow_from_fields_are_no_changes_of_their_own(database_url: str) -> None:
    def look(plan: Plan) -> None:
        assert [(one.kind, one.of, one.name) for one in plan.changes] == [
            ("rename", "field", "permit.floors"), ("add", "field", "permit.more"), ("remove", "field", "permit.secret"),
        ]  # fmt: skip

    text = DESK.replace("  storeys: integer\n", "  floors: {type: integer, was: storeys}\n  more: text\n")
    text = text.replace("  secret: text\n", "").replace(", hide: [secret]", "").replace("storeys > 2", "floors > 2")

    async def run() -> None:
        plain = DESK.replace(", hide: [secret]", "").replace("{read: storeys > 2}", "{read: name != null}")
        later = text.replace("{read: floors > 2}", "{read: name != null}")
        async with office(database_url, plain) as made:
            await fill(made)
            look(await make_plan(made.running.database, read_text(later)))

    asyncio.run(run())


def test_values_that_are_hidden_now(database_url: str) -> None:
    def look(plan: Plan) -> None:
        assert told(plan, "breaks_visible") == [
            "3 of 5 permits have a value that is hidden now, and gone once they are saved; 3 of them can still be edited"
        ]

    on(database_url, DESK.replace("  secret: text", "  secret: {type: text, visible: storeys > 2}"), look)


def test_of_many_holders_only_some_are_asked_and_that_is_said(database_url: str) -> None:
    async def many(made: Office) -> None:
        accounts = Accounts(made.running.database, made.running.app.tables.metadata, made.running.app.project.roles)
        for number in range(MOST_HOLDERS + 3):
            await accounts.create(f"head{number}", f"head{number}", roles=("head",))

    def look(plan: Plan) -> None:
        (said,) = told(plan, "access")
        assert said.endswith(f"(over the first {MOST_HOLDERS} of {MOST_HOLDERS + 4} people)")

    on(database_url, DESK.replace("read: owner.user = me}", "read: owner.user = me or storeys < 2}"), look, before=many)


def test_a_quorum_larger_than_the_people(database_url: str) -> None:
    def look(plan: Plan) -> None:
        (said,) = [impact for impact in plan.impacts if impact.kind == "quorum"]
        assert said.text["en"].startswith("`fire` needs 3 different people, and only 1 may answer")
        assert not said.blocking

    on(database_url, DESK.replace("fire: {by: fire,", "fire: {by: fire, needs: 3,"), look)


def test_a_quorum_that_fits(database_url: str) -> None:
    def look(plan: Plan) -> None:
        assert [impact for impact in plan.impacts if impact.kind == "quorum"] == []

    on(database_url, DESK.replace("fire: {by: fire,", "fire: {by: [fire, head], needs: 2,"), look)
