"""A small app in which several decide: offices, a board, all of a council; and two workflows of one record."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from post_office import PostOffice, post_office

APP = """
app: permits
languages: [en, de]
timezone: Europe/Berlin
---
roles: {clerk: {}, member: {}, chair: {includes: [member]}, reader: {}}
---
entity: office
title: name
fields: {name: text!, officer: user, active: {type: boolean, default: true}, weight: {type: integer, default: 1}}
access:
  clerk: {create: true, read: true, update: true, delete: true}
  member: {read: true}
---
entity: permit
title: name
fields:
  name: text!
  offices: {type: links, to: office}
  said: {type: integer, computed: 'count(opinions)'}
access: {clerk: {create: true, read: true, update: true, delete: true}, member: {read: true}, reader: {read: true}}
---
workflow: review
of: permit
states:
  draft: {initial: true}
  open:
    parallel:
      offices: {each: 'offices[active]', by: [each.officer, chair], within: 3 weeks}
  board: {parallel: {votes: {by: member, needs: 2}}}
  council: {parallel: {votes_of_all: {by: member, needs: all}, most: {by: member, needs: majority}}}
  few: {parallel: {two: {each: offices, by: clerk, needs: 2, outcomes: [fine]}}}
  granted: {final: true}
  refused: {final: true}
transitions:
  begin: {from: draft, to: open, by: clerk}
  send_back: {from: [open, board, council, few], to: draft, by: clerk}
  stop: {from: open, to: refused, when: 'count(opinions[outcome = "object"]) >= 2'}
  heavy: {from: open, to: refused, when: 'some o in opinions satisfies o.outcome = "object" and o.each.weight > 5'}
  onwards: {from: open, to: board, when: complete}
  to_council: {from: board, to: council, when: complete}
  to_few: {from: council, to: few, when: complete}
  grant: {from: few, to: granted, when: complete}
---
workflow: paying
of: permit
field: payment
states:
  unpaid: {initial: true}
  checks: {parallel: {cash: {by: [clerk, member], needs: 2}}}
  paid: {final: true}
transitions:
  ask: {from: unpaid, to: checks, by: clerk}
  booked: {from: checks, to: paid, when: 'complete and every o in opinions satisfies o.outcome = "approve"'}
  free: {from: unpaid, to: paid, when: state = "refused"}
"""


class Permits:
    """The app at work, with offices and people."""

    def __init__(self, made: PostOffice) -> None:
        self.made = made
        self.service = made.office.service
        self.people: dict[str, Person] = {}
        self.offices: dict[str, str] = {}

    async def set_up(self) -> None:
        known = self.made.office.people
        self.people = {"clerk": known["clerk"], "cid": known["member"], "dan": known["chair"], "rea": known["reader"]}
        for name in ("ann", "ben"):
            self.people[name] = await self.made.office.person(name, "member")
        for name, officer in (("Fire", "ann"), ("Law", "ben"), ("Water", "ann")):
            values = {"name": name, "officer": self.people[officer].id}
            self.offices[name] = (await self.service.create(self.people["clerk"], "office", values)).id

    async def permit(self, *offices: str, begin: bool = True) -> str:
        values = {"name": "house", "offices": tuple(self.offices[name] for name in offices)}
        made = await self.service.create(self.people["clerk"], "permit", values)
        if begin:
            await self.act("clerk", made.id, "begin")
        return made.id

    async def act(self, who: str, key: str, action: str, **more: object) -> str:
        record = await self.service.act(self.people[who], "permit", key, action, **more)  # type: ignore[arg-type]
        return str(record.values["state"])

    async def refused(self, who: str, key: str, action: str) -> str:
        with pytest.raises(Refused) as caught:
            await self.act(who, key, action)
        return caught.value.code

    async def state(self, key: str, field: str = "state") -> str:
        return str((await self.service.read(self.people["clerk"], "permit", key)).values[field])


Work = Callable[[Permits], Awaitable[None]]


def run(url: str, work: Work, text: str = APP) -> None:
    async def inner() -> None:
        async with post_office(url, text=text) as made:
            permits = Permits(made)
            await permits.set_up()
            await work(permits)

    asyncio.run(inner())


TURNS = APP.replace(
    "by: [each.officer, chair], within: 3 weeks}",
    """by: [each.officer, chair], within: 3 weeks}
      council: {by: member, needs: all, within: 2 weeks, after: offices}
      head: {by: chair, within: 1 week, after: [offices, council]}""",
).replace("  heavy: {from: open, to: refused, when: 'some o in opinions satisfies o.outcome = \"object\" and o.each.weight > 5'}\n", "")


def day(month: int, number: int) -> str:
    return dt.date(2026, month, number).isoformat()


async def limits(permits: Permits, key: str) -> dict[str, tuple[str, bool]]:
    """The ends of the limits of parts, and whether each was missed."""
    rows = await permits.made.rows(
        f"select name, cast(due as text), missed from fw_deadline where record = '{key}' and workflow = 'review'"
    )
    names = {made: name for name, made in permits.offices.items()}
    found = {}
    for name, due, missed in rows:
        _, part, *about = str(name).split(":")
        found[" ".join([part, *(names[one] for one in about)])] = (str(due), bool(missed))
    return found


async def ends(permits: Permits, key: str) -> dict[str, str]:
    return {name: due for name, (due, _) in (await limits(permits, key)).items()}


async def shown(permits: Permits, key: str) -> str:
    return str((await permits.service.read(permits.people["clerk"], "permit", key)).values["due"])


async def pass_(permits: Permits, days: int) -> None:
    permits.made.clock.pass_(days=days)
    while await permits.made.worker.run_due():
        pass
