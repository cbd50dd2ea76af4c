"""Deputies: who may act for whom and when, what they see, what the history says, and what four eyes make of it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
from fachwerk.engine.absences import absences, acting_for, end_absence, enter_absence
from fachwerk.engine.inbox import Inbox
from fachwerk.engine.opinions import Opinions
from fachwerk.engine.query import Query
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from post_office import PostOffice, post_office

APP = """
app: permits
languages: [en, de]
timezone: Europe/Berlin
---
roles: {applicant: {}, clerk: {}, head: {}, officer: {}}
---
entity: team
title: name
fields: {name: text!, head: user}
access: {clerk: {create: true, read: true}}
---
entity: permit
title: name
fields: {name: text!, team: {type: link, to: team}, note: text, decider: user}
access:
  applicant: {create: true, read: created_by = me}
  clerk: {create: true, read: true, update: true, delete: true}
  head: {read: true}
  officer: {read: 'state = "check"'}
---
workflow: review
of: permit
states:
  open: {initial: true}
  check:
    needs: 2
    parallel:
      fire: {label: {en: Fire protection, de: Brandschutz}, by: officer}
      law: {by: officer}
  ready: {}
  granted: {final: true}
transitions:
  begin: {label: {en: Start review, de: Prüfung beginnen}, from: open, to: check, by: clerk, not_by: creator}
  ready: {from: check, to: ready, when: complete}
  grant: {from: ready, to: granted, by: [head, team.head], not_by: begin, comment: required, set: {decider: me}}
  back: {from: ready, to: open, by: clerk, fill: [note]}
"""
DAY = dt.date(2026, 3, 2)


def run(url: str, work: Callable[[PostOffice], Awaitable[None]]) -> None:
    """Run *work* in a fresh office of permits, with two more people: Dora may do nothing herself; Eve is a clerk."""

    async def inner() -> None:
        async with post_office(url, None, APP) as made:
            await made.office.person("dora")
            await made.office.person("eve", "clerk")
            await made.office.person("ben", "head")
            await work(made)

    asyncio.run(inner())


async def absent(made: PostOffice, user: str, deputy: str, since: int = 0, days: int = 5, **more: str) -> str:
    """Note an absence that begins *since* days from the day of the test."""
    people, first = made.office.people, DAY + dt.timedelta(days=since)
    until = first + dt.timedelta(days=days)
    return await enter_absence(made.office.service, people[user].id, people[deputy].id, first, until, **more)


async def as_(made: PostOffice, deputy: str, user: str) -> Person:
    """Return *deputy* as acting in the place of *user*."""
    return await acting_for(made.office.service, made.office.people[deputy], made.office.people[user].id)


async def in_check(made: PostOffice, by: str = "clerk") -> str:
    """Make a permit that is being checked."""
    permit = await made.office.service.create(made.office.people["eve"], "permit", {"name": "a"})
    await made.office.service.act(made.office.people[by], "permit", permit.id, "begin")
    return permit.id


async def in_ready(made: PostOffice, by: str = "clerk") -> str:
    """Make a permit that is ready to be granted."""
    key = await in_check(made, by)
    for part in ("fire", "law"):
        await made.office.service.act(made.office.people["officer"], "permit", key, f"{part}.approve")
    return key


def test_a_deputy_acts_as_the_absent_and_both_are_named(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        await absent(made, "head", "dora")
        key = await in_ready(made)
        dora = await as_(made, "dora", "head")
        assert (dora.id, dora.roles, dora.deputy) == (people["head"].id, people["head"].roles, people["dora"])
        await service.act(dora, "permit", key, "grant", comment="fine")
        read = await service.read(people["clerk"], "permit", key)
        assert (read.values["state"], read.values["decider"].title) == ("granted", "head")
        event = (await service.history(people["clerk"], "permit", key))[-1]
        assert (event.action, event.who.title, event.for_whom.title) == ("grant", "dora", "head")
        changed = await made.rows("select changed_by from permit where state = 'granted'")
        assert str(changed[0][0]) == people["dora"].id

    run(database_url, work)


def test_an_opinion_names_the_absent_and_the_deputy(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        await absent(made, "officer", "dora")
        key = await in_check(made)
        await service.act(await as_(made, "dora", "officer"), "permit", key, "fire.approve")
        (opinion,) = await Opinions(service.kit).of(service.database, key)
        assert (opinion.part, opinion.by, opinion.deputy) == ("fire", "officer", "dora")
        event = (await service.history(people["clerk"], "permit", key))[-1]
        assert (event.action, event.who.title, event.for_whom.title) == ("fire.approve", "dora", "officer")

    run(database_url, work)


def test_a_deputy_reads_what_waits_and_changes_nothing_else(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        await absent(made, "clerk", "dora")
        open_ = (await service.create(people["eve"], "permit", {"name": "open"})).id
        check = await in_check(made)
        dora = await as_(made, "dora", "clerk")
        assert (await service.read(dora, "permit", open_)).title == "open"
        assert await service.history(dora, "permit", open_)
        assert await service.possible(dora, "permit", open_) == frozenset()
        for refused in (
            service.read(dora, "permit", check),
            service.history(dora, "permit", check),
            service.actions(dora, "permit", check),
            service.read(people["dora"], "permit", open_),
            service.form(dora, "permit", check, {}, action="back"),
        ):
            with pytest.raises(Refused) as found:
                await refused
            assert found.value.status == 404
        for refused in (
            service.change(dora, "permit", open_, {"note": "x"}, version=None),
            service.remove(dora, "permit", open_),
            service.create(dora, "permit", {"name": "b"}),
            service.find(dora, "permit", Query()),
            service.find_encoded(dora, "permit", ()),
            service.form(dora, "permit", open_, {}),
        ):
            with pytest.raises(Refused) as found:
                await refused
            assert (found.value.status, found.value.code) == (403, "not_allowed")

    run(database_url, work)


def test_nobody_acts_for_somebody_they_do_not_stand_for(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        id = await absent(made, "clerk", "dora", since=1, days=1)
        permit = (await service.create(people["eve"], "permit", {"name": "a"})).id
        for deputy, user in (("dora", "clerk"), ("eve", "clerk"), ("dora", "head"), ("clerk", "clerk")):
            with pytest.raises(Refused) as found:
                await as_(made, deputy, user)
            assert (found.value.status, found.value.code) == (403, "not_deputy")
        # 23:30 of the day before in the app's zone is still too early, half an hour later it is not
        made.clock.now = dt.datetime(2026, 3, 2, 22, 30, tzinfo=dt.UTC)
        with pytest.raises(Refused):
            await as_(made, "dora", "clerk")
        made.clock.pass_(minutes=31)
        dora = await as_(made, "dora", "clerk")
        with pytest.raises(Refused):
            await acting_for(service, dora, people["clerk"].id)
        await end_absence(service, people["clerk"].id, id)
        for refused in (service.act(dora, "permit", permit, "begin"), service.read(dora, "permit", permit)):
            with pytest.raises(Refused) as found:
                await refused
            assert found.value.code == "not_deputy"
        with pytest.raises(Refused):
            await end_absence(service, people["clerk"].id, id)

    run(database_url, work)


def test_it_ends_with_its_last_day_and_with_the_account(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        await absent(made, "clerk", "dora", days=1)
        made.clock.now = dt.datetime(2026, 3, 3, 22, 59, tzinfo=dt.UTC)
        dora = await as_(made, "dora", "clerk")
        async with made.office.running.database.transaction() as connection:
            await connection.fetch("update fw_user set active = not active where name = 'clerk'")
        with pytest.raises(Refused):
            await as_(made, "dora", "clerk")
        with pytest.raises(Refused):
            await made.office.service.read(dora, "permit", "018f0000-0000-7000-8000-000000000001")
        async with made.office.running.database.transaction() as connection:
            await connection.fetch("update fw_user set active = not active where name = 'clerk'")
        assert await as_(made, "dora", "clerk")
        made.clock.pass_(minutes=1)
        with pytest.raises(Refused):
            await as_(made, "dora", "clerk")

    run(database_url, work)


def test_it_is_not_handed_on(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        await absent(made, "head", "clerk")
        await absent(made, "clerk", "dora")
        clerk = await as_(made, "clerk", "head")
        assert clerk.roles == made.office.people["head"].roles
        with pytest.raises(Refused):
            await as_(made, "dora", "head")
        with pytest.raises(Refused):
            await acting_for(made.office.service, await as_(made, "dora", "clerk"), made.office.people["head"].id)

    run(database_url, work)


def test_absences_follow_each_other_and_make_no_circle(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        async def refused(user: str, deputy: str, since: int, days: int) -> str:
            with pytest.raises(Refused) as found:
                await absent(made, user, deputy, since, days)
            assert found.value.code == "bad_absence"
            ((field, text),) = found.value.fields.items()
            return f"{field}: {text['en']}"

        await absent(made, "clerk", "dora", 0, 4)
        await absent(made, "clerk", "eve", 5, 4, reason="holidays")
        listed = await absences(made.office.service, made.office.people["clerk"].id)
        assert [(one.deputy_name, one.reason) for one in listed] == [("dora", ""), ("eve", "holidays")]
        assert "dora is the deputy from 2 Mar 2026 – 6 Mar 2026 already" in await refused("clerk", "eve", 4, 1)
        assert await refused("eve", "eve", 0, 1) == "deputy: Nobody is their own deputy."
        assert await refused("eve", "head", 3, -1) == "until: The end lies before the beginning."
        assert await refused("eve", "head", -9, 1) == "until: This time is over already."
        assert await refused("eve", "head", 0, 2000) == "until: At most three years at once."
        assert (await refused("eve", "clerk", 8, 3)).startswith("deputy: A circle: clerk is absent, too (7 Mar 2026")
        await absent(made, "eve", "clerk", 10, 3)
        await absent(made, "eve", "head", 8, 1)
        assert "A circle" in await refused("head", "clerk", 8, 1)
        await absent(made, "head", "clerk", 10, 1)

    run(database_url, work)


def test_four_eyes_hold_for_the_deputy_and_the_absent(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people

        async def barred(who: Person, key: str, action: str) -> str:
            reasons = {one.name: [text["en"] for text in one.why_not] for one in await service.actions(who, "permit", key)}
            with pytest.raises(Refused) as found:
                await service.act(who, "permit", key, action, comment="x")
            assert found.value.code == "four_eyes"
            assert reasons[action] == [found.value.message["en"]]
            return str(found.value.message["en"])

        # eve made the permits: neither she for the clerk nor anybody for her may begin
        await absent(made, "clerk", "eve")
        key = (await service.create(people["eve"], "permit", {"name": "a"})).id
        assert await barred(await as_(made, "eve", "clerk"), key, "begin") == "Four eyes: you created this record."
        await absent(made, "eve", "clerk", 6, 1)
        made.clock.pass_(days=6)
        clerk = await as_(made, "clerk", "eve")
        assert await barred(clerk, key, "begin") == "Four eyes: eve created this record."
        # ben began, as the deputy of the clerk: he may not grant, nor the clerk (who heads the team)
        await absent(made, "clerk", "ben", 8, 1)
        made.clock.pass_(days=2)
        team = await made.office.make("team", name="t", head=people["clerk"].id)
        key = (await service.create(people["eve"], "permit", {"name": "a", "team": team.id})).id
        await service.act(await as_(made, "ben", "clerk"), "permit", key, "begin")
        for part in ("fire", "law"):
            await service.act(people["officer"], "permit", key, f"{part}.approve")
        assert await barred(people["ben"], key, "grant") == "Four eyes: you did “Start review” for clerk."
        assert await barred(people["clerk"], key, "grant") == "Four eyes: ben did “Start review” for you."
        await absent(made, "head", "ben", 8, 1)
        await absent(made, "officer", "clerk", 8, 1)
        assert await barred(await as_(made, "ben", "head"), key, "grant") == "Four eyes: you did “Start review” for clerk."
        german = [
            text["de"] for one in await service.actions(people["clerk"], "permit", key) for text in one.why_not
            if one.name == "grant"
        ]  # fmt: skip
        assert german == ["Vier Augen: ben hat „Prüfung beginnen“ für Sie ausgeführt."]
        waiting = {one.id for one in (await Inbox(service).of(people["ben"]))[0] if any(a.name == "grant" for a in one.actions)}
        assert key not in waiting
        await service.act(people["head"], "permit", key, "grant", comment="x")

    run(database_url, work)


def test_a_path_leads_to_the_absent_and_the_deputy_follows(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        team = await made.office.make("team", name="t", head=people["clerk"].id)
        key = (await service.create(people["eve"], "permit", {"name": "a", "team": team.id})).id
        await service.act(await _beginner(made), "permit", key, "begin")
        for part in ("fire", "law"):
            await service.act(people["officer"], "permit", key, f"{part}.approve")
        with pytest.raises(Refused) as found:
            await service.act(people["eve"], "permit", key, "grant", comment="x")
        assert found.value.code == "not_allowed"
        await absent(made, "clerk", "dora")
        await service.act(await as_(made, "dora", "clerk"), "permit", key, "grant", comment="x")
        assert (await service.read(people["clerk"], "permit", key)).values["decider"].title == "clerk"

    run(database_url, work)


async def _beginner(made: PostOffice) -> Person:
    return await made.office.person("fred", "clerk")


def test_the_inbox_shows_what_waits_for_the_absent(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, people = made.office.service, made.office.people
        await absent(made, "head", "eve")
        await absent(made, "officer", "dora")
        ready, check = await in_ready(made), await in_check(made)
        inbox = Inbox(service)
        found, _ = await inbox.of(people["dora"])
        assert [(one.id, one.for_whom.name) for one in found] == [(check, "officer")]
        found, _ = await inbox.of(people["eve"])
        own = {one.id: [a.name for a in one.actions] for one in found if one.for_whom is None}
        others = {one.id: [a.name for a in one.actions] for one in found if one.for_whom is not None}
        assert (own, others) == ({ready: ["back"]}, {ready: ["grant"]})
        made.clock.pass_(days=9)
        assert (await inbox.of(people["dora"]))[0] == []

    run(database_url, work)
