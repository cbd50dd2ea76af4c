"""The history of what was renamed: entries keep the names of their time, everybody reads them under those of today."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

from changing_flows import CLERK, HEAD, Town, browser, people, put, town, within
from fachwerk.engine.database import Database
from fachwerk.engine.deploy import rollback
from fachwerk.engine.evidence.attributes import Wanted
from fachwerk.engine.evidence.exporting import Export, exported
from fachwerk.engine.evidence.times import Timing
from fachwerk.engine.service import utc_now
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
  kind: {type: choice, options: {odd: Odd, even: Even}}
  items: {type: rows, fields: {thing: text, sort: {type: choice, options: {a: A, b: B}}}}
  about: {type: link, to: [plot, permit]}
access:
  clerk: {create: true, read: true, update: true, delete: true}
  head: {create: true, read: true, update: true, delete: true}
---
entity: plot
title: name
fields: {name: text!}
access: {clerk: {create: true, read: true}}
---
workflow: review
of: permit
states:
  draft: {initial: true}
  checked:
  granted: {final: true}
transitions:
  check: {from: draft, to: checked, by: clerk}
  grant: {from: checked, to: granted, by: head}
"""
SECOND = (
    FIRST.replace("entity: permit\n", "entity: application\nwas: permit\n").replace("of: permit", "of: application")
    .replace("to: [plot, permit]", "to: [parcel, application]")
    .replace("entity: plot\n", "entity: parcel\nwas: plot\n")
    .replace("  fee: money", "  charge: {type: money, was: fee}")
    .replace("kind: {type: choice, options: {odd: Odd, even: Even}}",
             "sort: {type: choice, was: kind, options: {strange: {label: Strange, was: odd}, even: Even}}")
    .replace("items: {type: rows, fields: {thing: text, sort: {type: choice, options: {a: A, b: B}}}}",
             "parts: {type: rows, was: items, fields: {name: {type: text, was: thing}, sort: {type: choice, options: {x: {label: X, was: a}, b: B}}}}")
    .replace("of: application\nstates", "of: application\nfield: progress\nwas: {checked: seen}\nstates")
    .replace("  checked:\n", "  seen:\n").replace("checked", "seen").replace("was: {seen: seen}", "was: {checked: seen}")
)  # fmt: skip
THIRD = SECOND.replace("  charge: {type: money, was: fee}", "  charge: money\n  fee: text")
MERGED = SECOND.replace("strange: {label: Strange, was: odd}, even: Even", "even: {label: Even, was: strange}")


async def begun(database: Database) -> tuple[Town, str]:
    """Write a permit, change it and bring it on, before anything is renamed."""
    made = await put(database, FIRST)
    await people(database)
    plot = await made.service.create(CLERK, "plot", {"name": "117/4"})
    key = await made.create("shed", "10")
    values = {"fee": Decimal("12.50"), "kind": "odd", "items": [{"thing": "door", "sort": "a"}], "about": ("plot", plot.id)}
    await made.service.change(CLERK, "permit", key, values, version=1)
    await made.act(key, "check")
    return made, key


async def told(made: Town, entity: str, key: str, field: str) -> list[tuple[Any, Any]]:
    """Return what the history says of a field."""
    events = await made.service.history(CLERK, entity, key)
    return [event.changes[field] for event in events if field in event.changes]


def test_changes_of_what_was_renamed_stay_in_the_history(database_url: str) -> None:
    async def work(database: Database) -> None:
        _, key = await begun(database)
        made = await put(database, SECOND)
        assert [str(one) for one in (await told(made, "application", key, "charge"))[1]] == ["10.00", "12.50"]
        assert await told(made, "application", key, "sort") == [(None, "strange")]
        assert await told(made, "application", key, "progress") == [(None, "draft"), ("draft", "seen")]
        [(_, rows)] = await told(made, "application", key, "parts")
        assert [(row["name"], row["sort"]) for row in rows] == [("door", "x")]
        [(_, about)] = await told(made, "application", key, "about")
        assert (about.entity, about.title) == ("parcel", "117/4")
        # a new field of the name that another had is another
        made = await put(database, THIRD)
        assert await told(made, "application", key, "fee") == []
        version = (await made.service.read(CLERK, "application", key)).version
        await made.service.change(CLERK, "application", key, {"fee": "a word"}, version=version)
        assert await told(made, "application", key, "fee") == [(None, "a word")]
        async with browser(made) as client:
            page = (await client.get(f"/e/application/{key}")).text
            assert "Strange" in page
            assert "12.50" in page

    within(database_url, work)


def test_names_go_back_with_a_rollback_and_on_again(database_url: str) -> None:
    async def work(database: Database) -> None:
        _, key = await begun(database)
        made = await put(database, SECOND)
        version = (await made.service.read(CLERK, "application", key)).version
        await made.service.change(CLERK, "application", key, {"charge": Decimal(20)}, version=version)
        await rollback(database, 1)
        back = await town(database)
        fees = [str(after) for _, after in await told(back, "permit", key, "fee")]
        assert fees == ["10.00", "12.50", "20.00"]
        assert await told(back, "permit", key, "kind") == [(None, "odd")]
        assert (await told(back, "permit", key, "state"))[-1] == ("draft", "checked")
        again = await put(database, SECOND)
        assert [str(after) for _, after in await told(again, "application", key, "charge")] == fees

    within(database_url, work)


def test_what_took_in_others_is_no_name_of_theirs(database_url: str) -> None:
    async def work(database: Database) -> None:
        _, key = await begun(database)
        await put(database, SECOND)
        made = await put(database, MERGED)
        assert await told(made, "application", key, "sort") == [(None, "strange")]

    within(database_url, work)


def test_somebody_who_was_late_is_told_of_changes_before_the_renaming(database_url: str) -> None:
    """Saving from an older version compares with what was there then, whatever it is called now."""

    async def work(database: Database) -> None:
        _, key = await begun(database)
        made = await put(database, SECOND)
        history = made.service.kit.history
        found = await history.before(database, made.service.app.entities["application"], key, 1)
        assert str(found["charge"]) == "10.00"
        assert found["sort"] is None
        assert found["progress"] == "draft"

    within(database_url, work)


def test_logs_and_times_go_on_over_a_renaming(database_url: str) -> None:
    async def work(database: Database) -> None:
        _, key = await begun(database)
        made = await put(database, SECOND)
        assert (await made.service.act(HEAD, "application", key, "grant")).values["progress"] == "granted"
        log = b"".join([one async for one in exported(made.service, CLERK, Export("application", "xes", Wanted()))])
        events = etree.parse(io.BytesIO(log)).findall(".//event")
        told = [{one.get("key"): one.get("value") for one in event} for event in events]
        assert [one["concept:name"] for one in told] == ["create", "change", "check", "grant"]
        assert [one.get("progress") for one in told] == ["draft", None, "seen", "granted"]
        assert told[1]["sort"] == "strange"
        assert float(told[1]["charge"]) == 12.5
        flow = made.service.app.project.workflows["review"]
        day = dt.timedelta(days=1)
        times = await Timing(made.service).of(CLERK, flow, utc_now() - day, utc_now() + day)
        assert times is not None
        assert [(way.step, way.source, way.target) for way in times.ways] == [
            ("check", "draft", "seen"), ("grant", "seen", "granted"),
        ]  # fmt: skip
        assert {stay.state: stay.ended for stay in times.stays if stay.ended} == {"draft": 1, "seen": 1}

    within(database_url, work)
