"""An app whose deadline rests in a state, is paused and extended by people, and warns twice."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

from fachwerk.engine.values import Record
from post_office import PostOffice, post_office

APP = """
app: permits
languages: [en, de]
timezone: Europe/Berlin
calendar: {country: DE, subdivision: BY, office_hours: {mon-thu: [08:00-12:00, 13:00-17:00], fri: 08:00-12:00}, closed: [12-24]}
---
roles: {clerk: {}, head: {}}
---
entity: permit
title: name
fields: {name: text!}
list: {columns: [name, state, due]}
access: {clerk: {create: true, read: true, update: true, delete: true}, head: {read: true}}
---
workflow: review
of: permit
states:
  open: {initial: true}
  waiting: {}
  asking: {}
  closed: {final: true}
transitions:
  ask: {from: open, to: waiting, by: clerk}
  answered: {from: waiting, to: open, by: clerk}
  inquire: {from: open, to: asking, by: clerk}
  close: {from: [open, waiting, asking], to: closed, by: [clerk, head]}
deadlines:
  decide:
    label: {en: Decision, de: Entscheidung}
    runs_in: [open, asking]
    paused_in: waiting
    within: 10 days
    warn: [5 days, {before: 2 days, do: [{notify: head, with: urgent}, {mark: urgent}]}]
    missed: [{mark: late}]
    pause: {by: clerk}
    extend: {by: head, most: 2 weeks, times: 2}
---
message: urgent
of: permit
subject: "Urgent: {name}"
body: "{due}"
"""
DAY_OF = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
HOURS = APP.replace("within: 10 days", "within: 10 office hours").replace("5 days, {before: 2 days", "5 hours, {before: 2 office hours")


def run(url: str, work: Callable[[PostOffice], Awaitable[None]], text: str = APP) -> None:
    """Run *work* in a fresh office of permits."""

    async def inner() -> None:
        async with post_office(url, None, text) as made:
            await work(made)

    asyncio.run(inner())


async def seen(made: PostOffice, permit: Record) -> tuple[object, object, object]:
    """Return ``due``, ``paused`` and ``late`` of a permit."""
    values = (await made.office.service.read(made.office.people["clerk"], "permit", permit.id)).values
    return values["due"], values["paused"], values["late"]


async def pending(made: PostOffice) -> list[tuple[str, str]]:
    """Return what waits in the queue because of deadlines: the kind, and the moment in UTC."""
    rows = await made.rows("select kind, wake_at from fw_effect where key is not null and wake_at is not null order by wake_at")
    return [(kind, str(at)[:16].replace("T", " ")) for kind, at in rows]


def day(month: int, number: int) -> dt.date:
    """Return a day of 2026."""
    return dt.date(2026, month, number)
