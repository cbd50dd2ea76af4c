"""Running cases that keep the version of the workflow that they started under, on both databases."""

from __future__ import annotations

import pytest
from changing_flows import CLERK, HEAD, browser, people, planned, put, within
from fachwerk.engine.database import Database
from fachwerk.engine.inbox import Inbox
from fachwerk.engine.plan.render import plan_text
from fachwerk.engine.query import read_query
from fachwerk.problems import Refused

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
