"""A small app with one of everything the engine has to keep right, and people of every role in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fachwerk.engine.deploy import deploy
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import Running, build
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.service import Service
from fachwerk.engine.values import Person, Record
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project

OFFICE = """
app: office
label: Office
languages: [en]
timezone: Europe/Berlin
currency: EUR
---
roles:
  clerk: {label: Clerk}
  reader: {label: Reader}
  owner: {label: Owner}
  auditor: {label: Auditor, reads: everything}
---
entity: person
title: name
fields:
  name: text!
  email: {type: email, unique: true}
  user: {type: user, unique: true}
access:
  clerk: {create: true, read: true, update: true, delete: true}
  owner: {read: user = me}
---
entity: unit
title: name
fields:
  name: text!
  above: tree
  cost: {type: money, min: 0}
  cases: {type: back_links, of: case.unit}
  spent: {type: money, computed: sum(cases.total), stored: true}
  open_cases: {type: integer, computed: 'count(cases[state = "open"])', stored: true}
  load: {type: decimal, places: 1, computed: open_cases * 1.5}
access:
  clerk: {create: true, read: true, update: true, delete: true}
  reader: {read: true}
---
entity: tag
title: name
fields:
  name: {type: text, required: true, unique: true}
access:
  clerk: {create: true, read: true, update: true, delete: true}
  reader: {read: true}
---
entity: case
title: number + " " + subject
fields:
  number: {type: sequence, format: "C-{year}-{0000}"}
  subject: text!
  unit: {type: link, to: unit}
  holder: {type: link, to: [person, unit], on_delete: clear}
  person: {type: link, to: person, on_delete: delete, default: my person}
  kind: {type: choice, options: {simple: Simple, hard: {label: Hard, when: 'amount > 100'}}}
  amount: {type: money, min: 0}
  reason: {type: text, visible: amount > 1000, required: amount > 5000}
  day: {type: date, max: 'date("2030-12-31")'}
  tags: {type: links, to: tag}
  related: {type: link, to: case, where: 'id != this.id and unit = this.unit'}
  lines:
    type: rows
    fields:
      text: text!
      count: {type: integer, required: true, min: 1}
      price: {type: money, required: true}
      sum: {type: money, computed: count * price, stored: true}
    checks:
      - {that: 'price < 100000', on: price, else: 'Too dear.'}
  total: {type: money, computed: sum(lines.sum), stored: true}
  paper: {type: file, accept: [pdf], max_size: 1 MB}
  note: {type: long_text}
  secret_code: {type: secret}
  opened: {type: date, read_only: true}
  double: {type: decimal, places: 2, computed: amount * 2}
checks:
  - {that: 'day >= date("2000-01-01")', on: day, else: 'The day {day} is too early for {subject}.'}
  - {that: 'sum(unit.cases.total) <= unit.cost', else: 'The unit cannot pay for that.'}
list: {columns: [number, subject, state, amount], sort: [-day, subject], filters: [state, kind], search: [number, subject]}
access:
  clerk: {create: true, read: true, update: true, delete: true}
  reader: {read: 'state = "open"', hide: [note, amount, double, total]}
  owner:
    create: true
    read: person.user = me
    update: person.user = me and state = "draft"
    hide: [note]
    read_only: [kind]
---
entity: place
title: town
fields:
  town: text!
  street: text!
unique: [[town, street]]
access:
  clerk: {create: true, read: true, update: true, delete: true}
---
workflow: handling
of: case
states:
  draft: {initial: true}
  open: {read_only: [subject]}
  review:
    parallel:
      law: {by: clerk, outcomes: [approve, object]}
      money: {by: auditor, outcomes: [approve, object]}
  done: {final: true, editable: []}
transitions:
  start: {from: draft, to: open, by: [clerk, owner], require: [unit, amount], set: {opened: today()}}
  check: {from: open, to: review, by: clerk, do: [{mark: checked}]}
  back: {from: review, to: open, by: clerk, comment: required}
  finish: {from: review, to: done, when: complete}
  close: {from: open, to: done, by: clerk, not_by: start}
deadlines:
  answer: {runs_in: [open], within: 10 days, warn: 2 days}
"""


@dataclass(frozen=True, slots=True)
class Office:
    """The running app and its people by name."""

    running: Running
    accounts: Accounts
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        """The service."""
        return self.running.service

    @property
    def system(self) -> Person:
        """The engine itself."""
        return self.service.system

    async def person(self, name: str, *roles: str) -> Person:
        """Make an account."""
        user = await self.accounts.create(name, name, roles=roles, email=f"{name}@example.org")
        account = await self.accounts.read(user)
        assert account is not None
        self.people[name] = Person(user, name, account.email, account.roles, "en")
        return self.people[name]

    async def make(self, entity: str, **values: object) -> Record:
        """Create a record as the engine itself."""
        return await self.service.create(self.system, entity, values)


def read_text(text: str) -> Project:
    """Read a project out of one text; fail with its problems."""
    project, problems = read_project({"app.yaml": text.encode()})
    assert project is not None, "\n".join(f"{p.span}: {p.code}: {p.message()}" for p in problems)
    return project


def utc_now() -> dt.datetime:
    """Return the present moment."""
    return dt.datetime.now(dt.UTC)


@asynccontextmanager
async def office(url: str, text: str = OFFICE, clock: Callable[[], dt.datetime] = utc_now) -> AsyncIterator[Office]:
    """Deploy the app of *text* in the database of *url*, with a person for every one of its roles."""
    project = read_text(text)
    running = await build(project, url, keys=Keys(bytes(32)), clock=clock)
    try:
        await deploy(running.app, running.database)
        made = Office(running, Accounts(running.database, running.app.tables.metadata, project.roles))
        for role in project.roles:
            await made.person(role, role)
        yield made
    finally:
        await running.database.close()
