"""Running cases that keep the version of the workflow that they started under, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from fachwerk.engine.database import Database
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy, rollback
from fachwerk.engine.inbox import Inbox
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import compile_project
from fachwerk.engine.plan.model import Plan
from fachwerk.engine.plan.planning import make_plan
from fachwerk.engine.plan.render import plan_text
from fachwerk.engine.query import read_query
from fachwerk.engine.service import Service, utc_now
from fachwerk.engine.values import Person
from fachwerk.engine.versions import Versions
from fachwerk.problems import Refused
from office import read_text

CLERK = Person("018f0000-0000-7000-8000-000000000001", "Carl", "", frozenset({"clerk"}), "en")
HEAD = Person("018f0000-0000-7000-8000-000000000002", "Hedi", "", frozenset({"head"}), "en")

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


@dataclass
class Town:
    """What runs in a database just now."""

    database: Database
    service: Service

    async def create(self, subject: str, fee: str = "20") -> str:
        """Make a permit."""
        made = await self.service.create(CLERK, "permit", {"subject": subject, "fee": __import__("decimal").Decimal(fee)})
        return made.id

    async def act(self, key: str, action: str, who: Person = CLERK) -> str:
        """Take a step and return the state."""
        return str((await self.service.act(who, "permit", key, action)).values["state"])

    async def actions(self, key: str, who: Person = CLERK) -> dict[str, bool]:
        """Return the names of actions and whether they are possible."""
        return {one.name: one.possible for one in await self.service.actions(who, "permit", key)}


async def town(database: Database) -> Town:
    """Return the version in force."""
    versions = Versions(database.dialect)
    latest = await versions.latest(database)
    assert latest is not None
    project = await versions.project(database, latest[0])
    app = compile_project(project, database.dialect)
    return Town(database, Service(app, database, Keys(bytes(32)), utc_now))


async def put(database: Database, text: str, allowed: tuple[str, ...] = ()) -> Town:
    """Deploy *text* and return it."""
    await deploy(compile_project(read_text(text), database.dialect), database, allowed=frozenset(allowed))
    return await town(database)


async def planned(database: Database, text: str) -> Plan:
    """Plan *text*."""
    return await make_plan(database, read_text(text))


def within(url: str, work: Callable[[Database], Awaitable[None]]) -> None:
    """Run *work* with the database."""

    async def run() -> None:
        database = await open_database(url)
        try:
            for person in (CLERK, HEAD):
                pass
            await work(database)
        finally:
            await database.close()

    asyncio.run(run())


async def people(database: Database) -> None:
    """Make the accounts that records name."""
    for person in (CLERK, HEAD):
        true, now = ("1", "'2026-01-01T00:00:00.000000+00:00'") if database.dialect == "sqlite" else ("true", "now()")
        await database.script([
            "INSERT INTO fw_user (id, name, sign_in, language, active, created) VALUES "
            f"('{person.id}', '{person.name}', '{person.name.lower()}', 'en', {true}, {now})"
        ])  # fmt: skip


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
