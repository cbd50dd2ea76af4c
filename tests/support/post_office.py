"""A small app whose workflow tells people things, with a clock that the test moves and a real server for its mail."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import email.policy
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from fachwerk.engine.work.outside import MailServer, World
from fachwerk.engine.worker import Pace, Worker
from office import Office, office

POST = """\
app: post
label: {en: Post office, de: Poststelle}
languages: [en, de]
timezone: Europe/Berlin
calendar: {country: DE}
---
roles:
  clerk: {}
  head: {includes: [clerk]}
  reader: {}
---
entity: person
title: name
fields:
  name: text!
  mail: email
  user: user
access: {clerk: {create: true, read: true, update: true}}
---
entity: letter
title: '"No. " + subject'
fields:
  subject: text!
  amount: money
  kind: {type: choice, options: {plain: {label: {en: Plain, de: Einfach}}, proof: {label: {en: With proof, de: Mit Nachweis}}}}
  person: {type: link, to: person}
  helpers: {type: links, to: person}
  comment_of: long_text
access:
  clerk: {create: true, read: true, update: true, delete: true}
  reader: {read: true}
---
workflow: sending
of: letter
states:
  draft: {initial: true}
  out: {label: {en: On its way, de: Unterwegs}}
  checked:
    parallel:
      weight: {by: reader, within: 3 days}
  back: {final: true}
transitions:
  send:
    from: draft
    to: out
    by: clerk
    comment: optional
    do: [{notify: [person, reader], with: sent}]
  tell: {from: out, to: out, by: clerk, do: [{notify: head, with: plain_words}, {notify: helpers, with: plain_words}]}
  check: {from: out, to: checked, by: clerk}
  done: {from: checked, to: out, when: complete}
  recall: {from: [out, draft], to: back, by: clerk}
deadlines:
  arrive:
    label: {en: Arrival, de: Ankunft}
    runs_in: out
    within: 10 days
    warn: 2 days
    missed: [{notify: head, with: late}, {mark: lost}]
---
message: sent
of: letter
to_field: mail
subject: {en: "Letter {subject}", de: "Brief {subject}"}
body:
  en: "Dear {person.name},\\n\\n{kind} for {amount}, due {due}: {comment}. <{me.name}> to {person}"
  de: "Guten Tag {person.name},\\n\\n{kind} für {amount}, bis {due}: {comment}. <{me.name}> an {person}"
---
message: plain_words
of: letter
subject: Plain
body: "{subject}"
---
message: late
of: letter
subject: {en: "{subject} is late", de: "{subject} ist zu spät"}
body: {en: Look after it., de: Bitte kümmern.}
"""


@dataclass
class Clock:
    """A clock that stands until somebody moves it."""

    now: dt.datetime = field(default_factory=lambda: dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC))

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(**span)


@dataclass
class Inbox:
    """A mail server that keeps what it receives; *answers* are given before it takes anything."""

    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    hosts: list[Any] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail, or answer what the test wants."""
        if self.answers:
            return self.answers.pop(0)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.hosts.append(envelope.rcpt_tos)
        return "250 OK"

    @property
    def server(self) -> MailServer:
        """Where it listens."""
        return MailServer("127.0.0.1", self.port)


class FreePort(Controller):
    """Listens on a free port, which nobody else can take meanwhile, and tells it to its inbox."""

    async def _create_server(self) -> asyncio.AbstractServer:
        server: asyncio.Server = await super()._create_server()
        self.port = self.handler.port = server.sockets[0].getsockname()[1]
        return server


@contextmanager
def listening(inbox: Inbox, kind: type[FreePort] = FreePort, **options: Any) -> Iterator[None]:
    """Run the mail server of *inbox*."""
    controller = kind(inbox, hostname="127.0.0.1", port=0, ready_timeout=60, **options)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@contextmanager
def mail_server() -> Iterator[Inbox]:
    """Run a mail server that takes everything."""
    inbox = Inbox()
    with listening(inbox):
        yield inbox


@dataclass
class PostOffice:
    """The running app, its worker and its clock."""

    office: Office
    worker: Worker
    clock: Clock

    async def rows(self, text: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return [tuple(row) for row in await self.office.running.database.fetch(text)]


@asynccontextmanager
async def post_office(
    url: str, world: World | None = None, text: str = POST, pace: Pace | None = None
) -> AsyncIterator[PostOffice]:
    """Open the app in the database of *url*."""
    clock = Clock()
    async with office(url, text, clock) as made:
        yield PostOffice(made, Worker(made.running, world or World(), pace), clock)
