"""A small council whose cases leave every kind of trace: loops, opinions, time limits, links, sub-cases, hidden fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from fachwerk.engine.trial.memory import Clock
from fachwerk.engine.values import Person
from fachwerk.engine.worker import Worker
from office import Office, office

START = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
"""A Monday."""
COUNCIL = """
app: council
label: Council
languages: [en]
timezone: Europe/Berlin
currency: EUR
---
roles:
  clerk: {label: Clerk}
  head: {label: Head, includes: [clerk]}
  outsider: {label: Outsider}
---
entity: person
title: name
fields:
  name: text!
  secret_note: text
access:
  clerk: {create: true, read: 'name != "Hidden"', update: true}
  head: {read: true}
---
entity: tag
title: name
fields: {name: text!}
access: {clerk: {create: true, read: true}, outsider: {read: true}}
---
entity: request
title: subject
fields:
  subject: text!
  kind: {type: choice, options: [new, change], required: true}
  amount: {type: money, required: true}
  parts: integer
  urgent: boolean
  begins: date
  length: duration
  applicant: {type: link, to: person}
  tags: {type: links, to: tag}
  pin: secret
  internal: {type: integer}
access:
  clerk: {create: true, read: true, update: true, delete: true}
  outsider: {read: 'kind = "new"', hide: [internal, amount]}
---
entity: visit
title: subject
fields:
  subject: text!
  request: {type: link, to: request, required: true}
access:
  clerk: {create: true, read: true, update: true}
---
workflow: review
of: request
states:
  draft: {label: Draft, initial: true}
  check: {label: Check}
  board: {label: Board, parallel: {law: {by: clerk, outcomes: [yes, no]}, money: {by: head, outcomes: [yes, no]}}}
  done: {label: Done, final: true}
  refused: {label: Refused, final: true}
transitions:
  submit: {from: draft, to: check, by: clerk}
  back: {from: check, to: draft, by: clerk, comment: required}
  to_board: {from: check, to: board, by: clerk}
  decided: {from: board, to: done, when: complete}
  refuse: {from: [check, board], to: refused, by: head}
deadlines:
  answer: {runs_in: [check, board], within: 10 days}
---
workflow: trip
of: visit
states: {planned: {initial: true}, over: {final: true}}
transitions: {go: {from: planned, to: over, by: clerk}}
"""


@dataclass
class Council:
    """The council, its clock and a worker for its time limits."""

    office: Office
    clock: Clock
    clerk: Person
    head: Person
    outsider: Person

    async def wait(self, days: float) -> None:
        """Let days pass; what becomes due on the way is done at its end."""
        self.clock.set(self.clock() + dt.timedelta(days=days))
        await Worker(self.office.running).run_due()

    async def act(self, who: Person, record: str, *steps: str, days: float = 1, entity: str = "request") -> None:
        """Take steps, each after some days."""
        for step in steps:
            await self.wait(days)
            comment = "because <&> \x0b" if step == "back" else None
            await self.office.service.act(who, entity, record, step, comment=comment)


@asynccontextmanager
async def council(url: str) -> AsyncIterator[Council]:
    """Open the council with nothing in it."""
    clock = Clock(START)
    async with office(url, COUNCIL, clock) as made:
        people = [made.people[name] for name in ("clerk", "head", "outsider")]
        yield Council(made, clock, *people)


async def fill(made: Council) -> dict[str, str]:
    """Make people, tags, four requests on their ways and a visit; return their ids by name."""
    service, clerk, head = made.office.service, made.clerk, made.head
    ids: dict[str, str] = {}
    for name in ("Anna", "Hidden"):
        ids[name] = (await service.create(clerk, "person", {"name": name, "secret_note": "n"})).id
    for name in ("red", "blue"):
        ids[name] = (await service.create(clerk, "tag", {"name": name})).id
    plain: dict[str, object] = {"amount": Decimal("12.50"), "parts": 3, "urgent": True, "pin": "1234", "internal": 7}
    more = {"begins": dt.date(2026, 4, 1), "length": dt.timedelta(hours=30), "tags": (ids["red"], ids["blue"])}
    cases = (("loop", "Anna", "new"), ("late", "Hidden", "new"), ("quick", "Anna", "change"), ("open", "Anna", "new"))
    for name, applicant, kind in cases:
        values = {**plain, **more, "subject": name, "applicant": ids[applicant], "kind": kind}
        ids[name] = (await service.create(head if applicant == "Hidden" else clerk, "request", values)).id
    await made.act(clerk, ids["loop"], "submit", "back", "submit", "back", "submit", "to_board", "law.yes")
    await made.act(head, ids["loop"], "money.no")
    await service.change(head, "request", ids["quick"], {"parts": None, "applicant": ids["Hidden"]}, version=None)
    await made.act(clerk, ids["quick"], "submit")
    await made.act(head, ids["quick"], "refuse", days=2)
    await made.act(clerk, ids["late"], "submit")
    await made.act(head, ids["late"], "refuse", days=12)
    await made.act(clerk, ids["open"], "submit")
    ids["visit"] = (await service.create(clerk, "visit", {"subject": "v", "request": ids["loop"]})).id
    await made.act(clerk, ids["visit"], "go", entity="visit")
    return ids
