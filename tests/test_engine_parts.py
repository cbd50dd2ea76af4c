"""Opinions of several: one per record, different people, all or most of them, by two workflows of one record."""

from __future__ import annotations

from fachwerk.engine.inbox import Inbox
from fachwerk.engine.opinions import Opinions
from several import APP, Permits, run


def test_one_opinion_for_each_office(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await permits.permit("Fire", "Law", "Water")
        actions = await permits.service.actions(permits.people["ann"], "permit", key)
        labels = [(action.label["en"], action.possible) for action in actions if action.part == "offices"]
        assert labels == [
            ("Offices – Fire: Approve", True), ("Offices – Fire: Object", True),
            ("Offices – Law: Approve", False), ("Offices – Law: Object", False),
            ("Offices – Water: Approve", True), ("Offices – Water: Object", True),
        ]  # fmt: skip
        assert await permits.refused("ann", key, "offices.approve") == "which_one"
        assert await permits.refused("ann", key, "offices.approve:Law") == "not_allowed"
        assert await permits.refused("ann", key, "offices.approve:Nobody") == "wrong_state"
        assert await permits.act("ann", key, "offices.approve:Fire") == "open"
        assert await permits.refused("ann", key, "offices.approve:Fire") == "wrong_state"
        assert await permits.act("ann", key, f"offices.approve:{permits.offices['Water']}") == "open"
        assert await permits.act("ben", key, "offices.approve") == "board"  # only one is left for him
        said = await Opinions(permits.service.kit).of(permits.service.database, key)
        assert said == ()  # the board is a parallel state of its own
        events = await permits.service.history(permits.people["clerk"], "permit", key)
        about = [(e.action, e.each.title if e.each else None) for e in events if e.action and e.action.startswith("offices")]
        assert about == [("offices.approve", "Fire"), ("offices.approve", "Water"), ("offices.approve", "Law")]

    run(database_url, work)


def test_the_list_is_kept_since_the_state_was_entered(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        clerk = permits.people["clerk"]
        key = await permits.permit("Fire")
        more = (permits.offices["Fire"], permits.offices["Law"])
        await permits.service.change(clerk, "permit", key, {"offices": more}, version=None)
        await permits.service.change(clerk, "office", permits.offices["Fire"], {"active": False}, version=None)
        actions = await permits.service.actions(permits.people["dan"], "permit", key)
        assert [a.label["en"] for a in actions if a.part] == ["Offices – Fire: Approve", "Offices – Fire: Object"]
        await permits.act("clerk", key, "send_back")
        await permits.act("clerk", key, "begin")
        actions = await permits.service.actions(permits.people["dan"], "permit", key)
        assert [a.label["en"] for a in actions if a.part] == ["Offices – Law: Approve", "Offices – Law: Object"]

    run(database_url, work)


def test_nothing_to_wait_for_goes_on_at_once(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        assert await permits.state(await permits.permit()) == "board"

    run(database_url, work)


def test_opinions_are_read_before_all_are_there(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await permits.permit("Fire", "Law", "Water")
        assert await permits.act("ann", key, "offices.object:Fire") == "open"
        assert await permits.act("ben", key, "offices.object:Law") == "refused"
        assert await permits.state(key, "payment") == "paid"  # the other workflow of the record goes on by itself
        clerk = permits.people["clerk"]
        await permits.service.change(clerk, "office", permits.offices["Fire"], {"weight": 9}, version=None)
        key = await permits.permit("Fire", "Law")
        assert await permits.act("dan", key, "offices.object:Fire") == "refused"

    run(database_url, work)


def test_an_office_that_is_gone_is_not_waited_for(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        clerk = permits.people["clerk"]
        key = await permits.permit("Fire", "Law")
        await permits.act("ann", key, "offices.approve")
        await permits.service.change(clerk, "permit", key, {"offices": (permits.offices["Fire"],)}, version=None)
        await permits.service.remove(clerk, "office", permits.offices["Law"])
        assert await permits.state(key) == "board"

    run(database_url, work)


async def to_board(permits: Permits) -> str:
    return await permits.permit()


def test_a_quorum_takes_different_people(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await to_board(permits)
        assert await permits.act("ann", key, "votes.approve") == "board"
        assert await permits.refused("ann", key, "votes.object") == "four_eyes"
        assert await permits.refused("clerk", key, "votes.approve") == "not_allowed"
        assert await permits.act("dan", key, "votes.object") == "council"

    run(database_url, work)


def test_all_and_most_are_those_of_the_beginning(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await to_board(permits)
        await permits.act("ann", key, "votes.approve")
        await permits.act("ben", key, "votes.approve")
        permits.people["eve"] = await permits.made.office.person("eve", "member")
        assert await permits.refused("eve", key, "votes_of_all.approve") == "not_allowed"
        for number, name in enumerate(("ann", "ben", "cid")):
            await permits.act(name, key, "votes_of_all.approve")
            if number < 2:
                await permits.act(name, key, "most.approve")
        assert await permits.act("cid", key, "most.approve") == "council"  # three of four
        assert await permits.refused("dan", key, "most.approve") == "wrong_state"
        assert await permits.act("dan", key, "votes_of_all.approve") == "granted"

    run(database_url, work)


def test_who_has_left_is_not_waited_for(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await to_board(permits)
        await permits.act("ann", key, "votes.approve")
        await permits.act("ben", key, "votes.approve")
        false = "0" if permits.service.database.dialect == "sqlite" else "false"
        async with permits.service.database.transaction() as connection:
            await connection.fetch(f"update fw_user set active = {false} where sign_in in ('member', 'chair')")
        await permits.act("ann", key, "votes_of_all.approve")
        await permits.act("ben", key, "votes_of_all.approve")
        await permits.act("ann", key, "most.approve")
        assert await permits.act("ben", key, "most.approve") == "granted"

    run(database_url, work)


def test_a_quorum_of_records_is_no_larger_than_their_number(database_url: str) -> None:
    text = APP.replace("draft: {initial: true}", "draft: {}").replace("few: {parallel", "few: {initial: true, parallel")

    async def work(permits: Permits) -> None:
        key = await permits.permit("Fire", "Law", "Water", begin=False)
        await permits.act("clerk", key, "two.fine:Fire")
        assert await permits.act("clerk", key, "two.fine:Law") == "granted"
        key = await permits.permit("Fire", begin=False)
        assert await permits.act("clerk", key, "two.fine") == "granted"
        assert await permits.state(await permits.permit(begin=False)) == "granted"

    run(database_url, work, text)


def test_two_workflows_of_one_record(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await permits.permit("Fire", "Law")
        await permits.act("clerk", key, "ask")
        await permits.act("ann", key, "cash.approve")
        await permits.act("ann", key, "offices.object:Fire")
        assert await permits.act("ben", key, "offices.approve") == "board"  # forgets the opinions of its own only
        assert await permits.state(key, "payment") == "checks"
        record = await permits.service.act(permits.people["clerk"], "permit", key, "cash.approve")
        assert (record.values["payment"], record.values["said"]) == ("paid", 2)
        events = await permits.service.history(permits.people["clerk"], "permit", key)
        moves = [(e.action, {n: v for n, v in e.changes.items() if n != "due"}) for e in events if e.kind == "transition"]
        assert moves == [
            ("begin", {"state": ("draft", "open")}), ("ask", {"payment": ("unpaid", "checks")}),
            ("onwards", {"state": ("open", "board")}), ("booked", {"payment": ("checks", "paid")}),
        ]  # fmt: skip

    run(database_url, work)


def test_the_inbox_knows_for_whom_it_waits(database_url: str) -> None:
    async def names(permits: Permits, who: str) -> list[str]:
        found, _ = await Inbox(permits.service).of(permits.people[who])
        return sorted({action.name.partition(":")[0] for one in found for action in one.actions})

    async def work(permits: Permits) -> None:
        key = await permits.permit("Fire", "Law")
        assert await names(permits, "ann") == ["offices.approve", "offices.object"]
        assert await names(permits, "cid") == []
        assert len((await Inbox(permits.service).of(permits.people["dan"]))[0][0].actions) == 4
        await permits.act("ann", key, "offices.approve")
        assert await names(permits, "ann") == []
        await permits.act("ben", key, "offices.approve")
        await permits.act("ann", key, "votes.approve")
        assert await names(permits, "ann") == []
        assert await names(permits, "cid") == ["votes.approve", "votes.object"]
        await permits.act("clerk", key, "ask")
        assert await names(permits, "clerk") == ["cash.approve", "cash.object", "send_back"]
        await permits.act("cid", key, "votes.approve")
        await permits.act("ann", key, "votes_of_all.approve")
        assert await names(permits, "ann") == ["cash.approve", "cash.object", "most.approve", "most.object"]

    run(database_url, work)


def test_every_office_has_its_own_time(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await permits.permit("Fire", "Law")
        await permits.made.worker.run_due()
        rows = await permits.made.rows("select name, due from fw_deadline order by name")
        assert [name.partition(":")[0] for name, _ in rows] == ["part", "part"]
        await permits.act("ann", key, "offices.approve")
        rows = await permits.made.rows("select name from fw_deadline")
        assert rows == [(f"part:offices:{permits.offices['Law']}",)]
        permits.made.clock.pass_(days=23)
        await permits.made.worker.run_due()
        await permits.made.worker.run_due()
        people = {person.id: name for name, person in permits.people.items()}
        told = await permits.made.rows('select "user" from fw_notice')
        assert {people[one] for (one,) in told} == {"ben", "dan"}

    run(database_url, work)
