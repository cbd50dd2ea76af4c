"""Receivers of webhooks as they are met in the wild: they drip, fall silent, redirect, ask for patience, tell secrets."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

import pytest
from fachwerk.engine.work.hooks import signature
from fachwerk.engine.work.line import Line
from fachwerk.engine.work.outside import Hook, World, world_of
from fachwerk.engine.worker import Pace, working
from fachwerk.problems import Refused, say
from post_office import POST, PostOffice, mail_server, post_office

TEXT = POST + """\
---
automation: heard
of: letter
on: created
do: [{webhook: archive, send: {subject: subject}}]
"""
PATIENT = Pace(lease=7200, limit=3600)
"""Gives up on no server by itself."""


def run(url: str, work: Callable[[PostOffice], Awaitable[None]], world: World, pace: Pace | None = None) -> None:
    """Run *work* in a post office that tells an archive about every letter."""

    async def inner() -> None:
        async with post_office(url, world, TEXT, pace) as made, asyncio.timeout(120):
            await work(made)

    asyncio.run(inner())


@dataclass
class Receiver:
    """What a receiver of a test got; *over* ends it."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    ended: list[bool] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def hook(self, start: str = "http://127.0.0.1") -> World:
        """A world in which the archive is this one."""
        return World(hooks={"archive": Hook(f"{start}:{self.port}/token-4711?key=k-4712", "s3cret")}, hooks_inside=True)


Speak = Callable[[socket.socket, Receiver], None]


@contextmanager
def receiver(speak: Speak) -> Iterator[Receiver]:
    """Run a receiver that takes a request and then does what *speak* says, on as many connections as are made."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=100)
    made = Receiver(listening.getsockname()[1])

    def answer(connection: socket.socket) -> None:
        with connection:
            try:
                made.requests.append(connection.recv(65536))
                speak(connection, made)
            except OSError:
                made.ended.append(True)

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def saying(text: str) -> Speak:
    """Answer once."""

    def speak(connection: socket.socket, made: Receiver) -> None:
        connection.sendall(text.encode())

    return speak


def dripping(text: str) -> Speak:
    """Begin an answer, and send a sign now and then for ever."""

    def speak(connection: socket.socket, made: Receiver) -> None:
        connection.sendall(text.encode())
        while not made.over.wait(0.05):
            connection.sendall(b"x")

    return speak


async def write_letters(made: PostOffice, count: int = 1) -> None:
    """Make letters, of which the archive is to be told."""
    for number in range(count):
        await made.office.service.create(made.office.people["clerk"], "letter", {"subject": f"No. {number}"})


async def delivery(made: PostOffice) -> tuple[Any, ...]:
    """Outcome, error and number of attempts of the one delivery."""
    (row,) = await made.rows("select outcome, error, attempts from fw_effect where kind = 'delivery'")
    return row


async def until(met: Callable[[], bool]) -> None:
    """Wait until something has happened in other threads."""
    while not met():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("text", ["HTTP/1.1 200 OK\r\nX-Slow: ", "HTTP/1.1 503 No\r\nContent-Length: 900000\r\n\r\n", ""])
def test_a_receiver_that_drips_keeps_nobody_waiting(sqlite_url: str, text: str) -> None:
    with receiver(dripping(text)) as archive:

        async def work(made: PostOffice) -> None:
            await write_letters(made)
            await made.worker.run_due()
            # nobody listens any more: the connection is at its end
            await until(lambda: bool(archive.ended))
            outcome, error, attempts = await delivery(made)
            assert (outcome, attempts) == (None, 1)
            assert "no end" in error or "answered 503" in error

        run(sqlite_url, work, archive.hook(), Pace(limit=3.0))


def test_receivers_that_drip_hold_up_no_mail_and_no_stop(database_url: str) -> None:
    with receiver(dripping("HTTP/1.1 200 OK\r\nX-Slow: ")) as archive, mail_server() as inbox:
        world = World(mail=inbox.server, hooks=archive.hook().hooks, hooks_inside=True)

        async def work(made: PostOffice) -> None:
            office = made.office
            await write_letters(made, 70)
            async with working(made.worker):
                await until(lambda: len(archive.requests) >= 20)
                letter = await office.make("letter", subject="Hello")
                await office.service.act(office.people["clerk"], "letter", letter.id, "send")
                await until(lambda: bool(inbox.received))
            await until(lambda: len(archive.ended) == len(archive.requests))

        run(database_url, work, world, PATIENT)


def test_what_a_receiver_has_taken_is_not_sent_again_whatever_it_still_says(sqlite_url: str) -> None:
    with receiver(dripping("HTTP/1.1 202 Accepted\r\nContent-Length: 100000000\r\n\r\n")) as archive:

        async def work(made: PostOffice) -> None:
            await write_letters(made)
            await made.worker.run_due()
            assert await delivery(made) == ("answered 202", None, 1)

        run(sqlite_url, work, archive.hook())


def test_who_answers_before_having_read_everything_has_answered(sqlite_url: str) -> None:
    with receiver(saying("HTTP/1.1 410 Gone\r\n\r\n")) as archive:

        async def work(made: PostOffice) -> None:
            subject = "x" * 200_000
            async with made.office.running.database.transaction() as connection:
                payload = {"hook": "archive", "body": subject * 100}
                await made.office.service.kit.effects.enqueue(connection, "delivery", payload, now=made.clock.now)
            await made.worker.run_due()
            outcome, error, _ = await delivery(made)
            assert (outcome, error) == ("gave up", "the receiver says that this address is gone (410)")

        run(sqlite_url, work, archive.hook())


def in_a_minute() -> str:
    """A moment as HTTP writes it."""
    return format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=3600), usegmt=True)


@pytest.mark.parametrize(("wait", "least", "most"), [
    ("120", 120, 120), (" 3600 ", 3600, 3600), ("999999999", 86_400, 86_400), (in_a_minute, 3000, 3600),
    ("-5", 1.6, 2.4), ("soon", 1.6, 2.4), ("Thu, 01 Jan 1970 00:00:00 GMT", 1.6, 2.4), ("1e9", 1.6, 2.4),
])  # fmt: skip
def test_a_receiver_is_left_alone_for_as_long_as_it_asks(
    sqlite_url: str, wait: str | Callable[[], str], least: float, most: float
) -> None:
    told = wait if isinstance(wait, str) else wait()
    with receiver(saying(f"HTTP/1.1 429 Slow down\r\nRetry-After: {told}\r\nContent-Length: 3\r\n\r\nhey")) as archive:

        async def work(made: PostOffice) -> None:
            await write_letters(made)
            await made.worker.run_due()
            assert (await delivery(made))[1] == "answered 429: hey"
            made.clock.pass_(seconds=least - 0.1 if least > 2 else 0)
            assert await made.worker.run_due() == 0
            made.clock.pass_(seconds=most - least + 3)
            await made.worker.run_due()
            assert (await delivery(made))[2] == 2

        run(sqlite_url, work, archive.hook())


def test_nothing_secret_is_kept_that_the_other_side_repeats(sqlite_url: str) -> None:
    def repeat(connection: socket.socket, made: Receiver) -> None:
        seen = made.requests[0].split(b"User-Agent")[0] + b" signed in: " + made.requests[0].split(b"Basic ")[1][:30]
        connection.sendall(b"HTTP/1.1 500 Oh\r\n\r\n" + seen + b" pass/word s3cret")

    with receiver(repeat) as archive:

        async def work(made: PostOffice) -> None:
            await write_letters(made)
            await made.worker.run_due()
            _, error, _ = await delivery(made)
            assert "POST /… HTTP/1.1" in error
            for secret in ("4711", "4712", "pass/word", "b2ZmaWNlOnBhc3Mvd29yZA", "s3cret"):
                assert secret not in error
                assert secret not in repr(archive.hook())

        run(sqlite_url, work, archive.hook("http://office:pass%2Fword@127.0.0.1"))


def test_the_next_address_of_a_name_is_tried_where_the_first_takes_nothing() -> None:
    with receiver(saying("")) as archive:
        line = Line()
        with line.connect(["127.0.0.2", "127.0.0.1"], archive.port, 60) as connection:
            assert connection.getpeername()[0] == "127.0.0.1"
        line.cut()
        with pytest.raises(TimeoutError):
            line.connect(["127.0.0.1"], archive.port, 60)


@pytest.mark.parametrize("url", [
    "https://user:pa#ss@host.example/", "https://user:12#ss@host.example/", "host.example", "ftp://host.example/",
    "https:///path", "https://host.example:x/", "https://host.example/a b", "https://host.example/ü",
])  # fmt: skip
def test_an_address_that_cannot_be_is_said_at_the_start_without_its_secrets(url: str) -> None:
    with pytest.raises(Refused) as refused:
        world_of({"FACHWERK_HOOK_LAND_REGISTER": url})
    for language, must in (("en", "FACHWERK_HOOK_LAND_REGISTER must read like"), ("de", "FACHWERK_HOOK_LAND_REGISTER muss aussehen wie")):
        said = say(refused.value.message, language)
        assert must in said
        assert "ss@" not in said.replace("passwort@", "").replace("password@", "")


def test_an_address_with_a_name_in_umlauts_is_one() -> None:
    world = world_of({"FACHWERK_HOOK_A": "https://müller.example/x?y=1", "FACHWERK_HOOK_A_SECRET": "s", "FACHWERK_HOOK_B": ""})
    assert world.hooks == {"a": Hook("https://müller.example/x?y=1", "s")}


@pytest.mark.parametrize(("secret", "key", "timestamp", "body", "signed"), [
    ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}',
     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ("whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", "1731705121", b'{"event_type":"ping","data":{"success":true}}',
     "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="),
])  # fmt: skip
def test_receivers_check_signatures_by_the_libraries_of_standard_webhooks(
    secret: str, key: str, timestamp: str, body: bytes, signed: str
) -> None:
    """The examples of the standard and of its authors."""
    assert signature(secret, key, timestamp, body) == signed


def test_a_secret_that_is_none_is_said_at_the_start() -> None:
    for secret in ("whsec_ä", "whsec_abc", "whsec_a b="):
        with pytest.raises(Refused) as refused:
            world_of({"FACHWERK_HOOK_A": "https://host.example/", "FACHWERK_HOOK_A_SECRET": secret})
        assert "FACHWERK_HOOK_A_SECRET must read like whsec_ and Base64" in say(refused.value.message, "en")
        assert "FACHWERK_HOOK_A_SECRET muss aussehen wie whsec_ und Base64" in say(refused.value.message, "de")
        assert secret not in say(refused.value.message, "en")
