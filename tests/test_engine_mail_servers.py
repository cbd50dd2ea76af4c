"""Mail servers as they are met in the wild: they refuse one of many, ask to come again, die, and know no umlauts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from fachwerk.engine.work.outside import World, world_of
from fachwerk.problems import Refused, say
from post_office import FreePort, Inbox, Pace, PostOffice, listening, post_office


def run(url: str, work: Callable[[PostOffice], Awaitable[None]], world: World, pace: Pace | None = None) -> None:
    """Run *work* in a post office whose mail goes to *world*."""

    async def inner() -> None:
        async with post_office(url, world, pace=pace) as made, asyncio.timeout(120):
            await work(made)

    asyncio.run(inner())


@dataclass
class Moody(Inbox):
    """A mail server that answers *receivers* what the test wants, once for each answer."""

    receivers: dict[str, list[str]] = field(default_factory=dict)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take a receiver, or answer what the test wants."""
        if self.receivers.get(address):
            return self.receivers[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"


@contextmanager
def moody(**options: Any) -> Iterator[Moody]:
    """Run a moody mail server on a free port."""
    inbox = Moody()
    with listening(inbox, **options):
        yield inbox


async def mail(made: PostOffice, to: str, **more: object) -> None:
    """Note a mail and have it delivered."""
    payload = {"to": to, "name": "Zoë", "language": "de", "subject": "Grüße", "body": "Guten Tag", **more}
    async with made.office.running.database.transaction() as connection:
        await made.office.service.kit.effects.enqueue(connection, "mail", payload, now=made.clock.now)
    await made.worker.run_due()


async def ends(made: PostOffice) -> list[tuple[Any, ...]]:
    """Outcome and error of all mails."""
    return await made.rows("select outcome, error from fw_effect where kind = 'mail' order by id")


def test_one_receiver_who_is_refused_costs_the_others_nothing(database_url: str) -> None:
    with moody() as inbox:

        async def work(made: PostOffice) -> None:
            office = made.office
            for name in ("gone", "grey", "good"):
                await office.person(name, "reader")
            inbox.receivers = {"gone@example.org": ["550 no such user"], "grey@example.org": ["451 greylisted, come again"] * 2}
            letter = await office.make("letter", subject="Hello")
            await office.service.act(office.people["clerk"], "letter", letter.id, "send")
            for _ in range(6):
                await made.worker.run_due()
                made.clock.pass_(seconds=20)
            to = sorted(receiver for hosts in inbox.hosts for receiver in hosts)
            assert to == ["good@example.org", "grey@example.org", "reader@example.org"]
            failed = [row for row in await ends(made) if row[0] != "sent"]
            assert [row[0] for row in failed] == ["gave up"]
            assert "no such user" in failed[0][1]

        run(database_url, work, World(mail=inbox.server))


class Rude(SMTP):
    """Takes a mail and then forgets its manners."""

    goodbye = ""

    async def smtp_QUIT(self, arg: str) -> None:
        """Answer what the test wants, or nothing at all."""
        if self.goodbye:
            await self.push(self.goodbye)
        else:
            assert self.transport is not None
            self.transport.abort()


@pytest.mark.parametrize("goodbye", ["421 too busy to say goodbye", "500 what?", ""])
def test_a_mail_that_was_taken_is_not_sent_again_whatever_is_said_at_the_end(sqlite_url: str, goodbye: str) -> None:
    class Mine(FreePort):
        def factory(self) -> SMTP:
            server = Rude(self.handler)
            server.goodbye = goodbye
            return server

    inbox = Inbox()

    async def work(made: PostOffice) -> None:
        await mail(made, "ada@home.example")
        made.clock.pass_(days=1)
        await made.worker.run_due()
        assert await ends(made) == [("sent", None)]
        assert len(inbox.received) == 1

    with listening(inbox, Mine):
        run(sqlite_url, work, World(mail=inbox.server))


def test_a_server_that_dies_while_it_takes_a_mail_gets_it_again_under_the_same_key(sqlite_url: str) -> None:
    class Dying(Inbox):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            answer = await super().handle_DATA(server, session, envelope)
            if len(self.received) == 1:
                server.transport.abort()
            return answer

    inbox = Dying()

    async def work(made: PostOffice) -> None:
        await mail(made, "ada@home.example")
        ((outcome, error),) = await ends(made)
        assert outcome is None
        assert "did not take it" in error
        made.clock.pass_(seconds=5)
        await made.worker.run_due()
        assert await ends(made) == [("sent", None)]
        assert len({one["Message-ID"] for one in inbox.received}) == 1
        assert len(inbox.received) == 2

    with listening(inbox):
        run(sqlite_url, work, World(mail=inbox.server))


@pytest.mark.parametrize("text", ["220-", "220 here\r\n250-"])
def test_a_server_that_drips_is_left(sqlite_url: str, text: str) -> None:
    async def inner() -> None:
        left = asyncio.Event()

        async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(text.encode())
            try:
                while True:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            except OSError:
                left.set()

        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with post_office(sqlite_url, world_of({"FACHWERK_SMTP": url}), pace=Pace(limit=3.0)) as made, asyncio.timeout(120):
            await mail(made, "ada@home.example")
            ((outcome, error),) = await ends(made)
            assert outcome is None
            assert error
            await left.wait()
        server.close()

    asyncio.run(inner())


def test_umlauts_before_the_at_reach_a_server_that_takes_them(sqlite_url: str) -> None:
    with moody(enable_SMTPUTF8=True) as inbox:

        async def work(made: PostOffice) -> None:
            await mail(made, "jörg@müller.example")
            assert await ends(made) == [("sent", None)]
            assert inbox.hosts == [["jörg@xn--mller-kva.example"]]
            (received,) = inbox.received
            assert parseaddr(received["To"]) == ("Zoë", "jörg@xn--mller-kva.example")
            assert received["Subject"] == "Grüße"

        run(sqlite_url, work, World(mail=inbox.server))


def test_umlauts_before_the_at_are_said_where_the_server_takes_none(sqlite_url: str) -> None:
    with moody(enable_SMTPUTF8=False) as inbox:

        async def work(made: PostOffice) -> None:
            await mail(made, "jörg@home.example")
            await mail(made, "ada@home.example")
            (bad, good) = await ends(made)
            assert bad[0] == "gave up"
            assert "jörg@home.example" in bad[1]
            assert "SMTPUTF8" in bad[1]
            assert good == ("sent", None)
            assert [one.as_bytes().isascii() for one in inbox.received] == [True]

        run(sqlite_url, work, World(mail=inbox.server))


def test_a_mail_that_is_larger_than_its_server_ever_takes_is_given_up(sqlite_url: str) -> None:
    with moody(data_size_limit=100_000) as inbox:

        async def work(made: PostOffice) -> None:
            await mail(made, "ada@home.example", body="äöü\n" * 50_000)
            await mail(made, "ada@home.example", body="long " * 5_000)
            (bad, good) = await ends(made)
            assert bad[0] == "gave up"
            assert "of this size" in bad[1]
            assert good == ("sent", None)

        run(sqlite_url, work, World(mail=inbox.server))


@pytest.mark.parametrize(("text", "name"), [
    ("Bauamt Höfheim, Markt 1 <office@works.example>", "Bauamt Höfheim, Markt 1"),
    ('"Building office" <office@works.example>', "Building office"), ("office@works.example", ""),
])  # fmt: skip
def test_the_sender_is_whom_the_operator_named(sqlite_url: str, text: str, name: str) -> None:
    with moody() as inbox:

        async def work(made: PostOffice) -> None:
            await mail(made, "ada@home.example")
            (received,) = inbox.received
            (sender,) = received["From"].addresses
            assert (sender.display_name, sender.addr_spec) == (name, "office@works.example")

        run(sqlite_url, work, world_of({"FACHWERK_SMTP": f"smtp://127.0.0.1:{inbox.port}", "FACHWERK_MAIL_FROM": text}))


@pytest.mark.parametrize("text", ["Building office", "a@b, c@d", "x <a b@c>", "x <a@b> y", "<>"])
def test_a_sender_that_is_none_is_said_at_the_start(text: str) -> None:
    with pytest.raises(Refused) as refused:
        world_of({"FACHWERK_MAIL_FROM": text})
    assert "FACHWERK_MAIL_FROM must read like" in say(refused.value.message, "en")
    assert "FACHWERK_MAIL_FROM muss aussehen wie" in say(refused.value.message, "de")
