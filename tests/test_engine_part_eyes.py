"""Four eyes over parts: who did another step or part may not decide this one; nobody waits for those who are barred."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from fachwerk.engine.absences import acting_for, enter_absence
from fachwerk.engine.inbox import MOST, Inbox
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from post_office import PostOffice, post_office

APP = """
app: permits
languages: [en, de]
timezone: Europe/Berlin
---
roles: {clerk: {}, head: {}, officer: {}}
---
entity: permit
title: name
fields: {name: text!, note: text}
access:
  clerk: {create: true, read: true, update: true}
  head: {create: true, read: true}
  officer: {read: true}
---
workflow: review
of: permit
states:
  open: {initial: true}
  check:
    parallel:
      fire: {label: {en: Fire protection, de: Brandschutz}, by: officer, not_by: law}
      law: {label: {en: Law, de: Recht}, by: [officer, head], not_by: [fire, creator], within: 2 weeks}
  board: {parallel: {votes: {by: [clerk, officer], needs: all, not_by: [begin, law]}}}
  ready: {}
  granted: {final: true}
transitions:
  begin: {label: {en: Start review, de: Prüfung beginnen}, from: open, to: check, by: clerk}
  decided: {from: check, to: board, when: complete}
  voted: {from: board, to: ready, when: complete}
  grant: {from: ready, to: granted, by: officer, not_by: [law, begin]}
  back: {from: [check, board, ready], to: open, by: clerk}
"""


class Eyes:
    """The app with two clerks and three officers; *begun* by the first clerk, made by the head."""

    def __init__(self, made: PostOffice) -> None:
        self.made, self.service, self.people = made, made.office.service, made.office.people

    async def begun(self, maker: str = "head") -> str:
        key = (await self.service.create(self.people[maker], "permit", {"name": "house"})).id
        await self.act("clerk", key, "begin")
        return key

    async def act(self, who: str | Person, key: str, action: str) -> str:
        person = self.people[who] if isinstance(who, str) else who
        await self.service.act(person, "permit", key, action)
        return str((await self.service.read(self.people["clerk"], "permit", key)).values["state"])

    async def refused(self, who: str | Person, key: str, action: str) -> dict[str, str]:
        with pytest.raises(Refused) as caught:
            await self.act(who, key, action)
        assert caught.value.code == "four_eyes"
        return dict(caught.value.message)

    async def inbox(self, who: str) -> list[str]:
        found, _ = await Inbox(self.service).of(self.people[who])
        return sorted({action.name.partition(".")[0] for one in found for action in one.actions})

    async def deputy(self, deputy: str, absent: str) -> Person:
        today = self.made.clock().date()
        await enter_absence(self.service, self.people[absent].id, self.people[deputy].id, today, today)
        return await acting_for(self.service, self.people[deputy], self.people[absent].id)


def run(url: str, work: Callable[[Eyes], Awaitable[None]], text: str = APP) -> None:
    async def inner() -> None:
        async with post_office(url, None, text) as made:
            for name, role in (("eve", "clerk"), ("ann", "officer"), ("ben", "officer")):
                await made.office.person(name, role)
            await made.office.person("dora")
            await work(Eyes(made))

    asyncio.run(inner())


def test_who_decided_the_one_may_not_decide_the_other(database_url: str) -> None:
    async def work(eyes: Eyes) -> None:
        key = await eyes.begun()
        await eyes.act("ann", key, "fire.approve")
        said = await eyes.refused("ann", key, "law.approve")
        assert said == {
            "en": "Four eyes: you did “Fire protection: Approve”.",
            "de": "Vier Augen: Sie haben „Brandschutz: Zustimmen“ ausgeführt.",
        }
        assert "created this record" in (await eyes.refused("head", key, "law.approve"))["en"]
        assert await eyes.act("ben", key, "law.approve") == "board"
        other = await eyes.begun()
        await eyes.act("ann", other, "law.object")
        assert "Law: Object" in (await eyes.refused("ann", other, "fire.approve"))["en"]

    run(database_url, work)


def test_it_does_not_wait_for_those_who_are_barred(database_url: str) -> None:
    async def work(eyes: Eyes) -> None:
        key = await eyes.begun()
        assert await eyes.inbox("head") == []
        assert await eyes.inbox("ann") == ["fire", "law"]
        await eyes.act("ann", key, "fire.approve")
        assert (await eyes.inbox("ann"), await eyes.inbox("ben")) == ([], ["law"])
        await eyes.act("ben", key, "law.approve")
        # asked are all clerks and officers but the clerk who began and the officer who decided the law
        assert (await eyes.inbox("clerk"), await eyes.inbox("ben")) == (["back"], [])
        for name in ("eve", "ann"):
            assert "votes" in await eyes.inbox(name)
        await eyes.refused("ben", key, "votes.approve")
        await eyes.refused("clerk", key, "votes.approve")
        waited = await eyes.made.rows("select about from fw_expected where part = 'votes' and about is not null")
        assert {str(row[0]) for row in waited} == {eyes.people[name].id for name in ("eve", "ann", "officer")}
        await eyes.act("eve", key, "votes.approve")
        await eyes.act("officer", key, "votes.approve")
        assert await eyes.act("ann", key, "votes.approve") == "ready"

    run(database_url, work)


def test_many_cases_that_somebody_is_barred_from_hide_no_other(database_url: str) -> None:
    async def work(eyes: Eyes) -> None:
        for _ in range(MOST + 3):
            await eyes.act("ann", await eyes.begun(), "fire.approve")
        await eyes.made.office.person("zoe", "head")
        created = (await eyes.service.create(eyes.people["zoe"], "permit", {"name": "last"})).id
        await eyes.act("clerk", created, "begin")
        found, more = await Inbox(eyes.service).of(eyes.people["ann"])
        assert ([one.title for one in found], more) == (["last"], False)
        found, more = await Inbox(eyes.service).of(eyes.people["head"])
        assert ([one.title for one in found], more) == (["last"], False)

    run(database_url, work)


def test_a_step_can_be_barred_by_a_part(database_url: str) -> None:
    async def work(eyes: Eyes) -> None:
        key = await eyes.begun()
        await eyes.act("ann", key, "fire.approve")
        await eyes.act("ben", key, "law.approve")
        for name in ("eve", "officer", "ann"):
            await eyes.act(name, key, "votes.approve")
        assert "Law: Approve" in (await eyes.refused("ben", key, "grant"))["en"]
        assert await eyes.act("ann", key, "grant") == "granted"

    run(database_url, work)


def test_what_was_done_before_a_case_came_back_bars_as_well(database_url: str) -> None:
    async def work(eyes: Eyes) -> None:
        key = await eyes.begun()
        await eyes.act("ann", key, "fire.approve")
        await eyes.act("eve", key, "back")
        await eyes.act("eve", key, "begin")
        assert (await eyes.refused("ann", key, "law.approve"))["en"] == "Four eyes: you did “Fire protection: Approve”."
        await eyes.act("ben", key, "fire.approve")
        assert await eyes.act("officer", key, "law.approve") == "board"
        waited = await eyes.made.rows("select about from fw_expected where part = 'votes' and about is not null")
        assert {str(row[0]) for row in waited} == {eyes.people[name].id for name in ("ann", "ben")}

    run(database_url, work)


def test_deputy_and_absent_count_as_one(database_url: str) -> None:
    async def work(eyes: Eyes) -> None:
        key = await eyes.begun()
        dora = await eyes.deputy("dora", "ann")
        await eyes.act(dora, key, "fire.approve")
        assert "dora did “Fire protection: Approve” for you" in (await eyes.refused("ann", key, "law.approve"))["en"]
        assert "you did “Fire protection: Approve” for ann" in (await eyes.refused(dora, key, "law.approve"))["en"]
        also = await eyes.deputy("dora", "ben")
        assert "you did" in (await eyes.refused(also, key, "law.approve"))["en"]
        # the absent may still act in person, and is waited for
        assert await eyes.act("ben", key, "law.approve") == "board"
        waited = await eyes.made.rows("select about from fw_expected where part = 'votes' and about is not null")
        assert {str(row[0]) for row in waited} == {eyes.people[name].id for name in ("eve", "ann", "officer")}

    run(database_url, work)


def test_those_who_are_barred_are_not_told_that_it_is_late(database_url: str) -> None:
    async def work(eyes: Eyes) -> None:
        key = await eyes.begun()
        await eyes.act("ann", key, "fire.approve")
        eyes.made.clock.pass_(days=20)
        while await eyes.made.worker.run_due():
            pass
        told = {str(row[0]) for row in await eyes.made.rows('select "user" from fw_notice')}
        assert told == {eyes.people[name].id for name in ("ben", "officer")}

    run(database_url, work)
