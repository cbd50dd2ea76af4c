"""Automations and the effects that write or tell other systems: on events, on schedules, when nothing happens."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from fachwerk.engine.deploy import deploy
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import build
from fachwerk.engine.work.hooks import signature
from fachwerk.engine.work.outside import Hook, World
from fachwerk.engine.worker import Worker
from office import read_text
from post_office import POST, PostOffice, post_office

MORE = POST + """\
---
automation: greet
of: person
on: created
do: [{create: letter, values: {subject: '"Hello " + name', person: this, amount: 2.5}}, {set: {name: name + "!"}}]
---
automation: heard
of: letter
on: [send, created]
where: amount > 2
do: [{webhook: archive, send: {subject: subject, amount: amount, person: person, due: due, half: 0.5}}]
---
automation: nudge
of: letter
every: {working_day_at: "07:00"}
where: state = "draft"
do: [{notify: head, with: plain_words}]
---
automation: forgotten
of: letter
inactive: 14 days
where: state = "draft"
do: [{change: person, values: {mail: '"late@home.example"'}}]
---
automation: ping
of: letter
on: changed
where: comment_of != null
do: [{set: {comment_of: comment_of + "."}}]
"""


def run(url: str, work: Callable[[PostOffice], Awaitable[None]], world: World | None = None) -> None:
    """Run *work* in a fresh post office with automations."""

    async def inner() -> None:
        async with post_office(url, world, MORE) as made:
            await work(made)

    asyncio.run(inner())


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it is sent; answers what the server's list says, else 200."""

    def do_POST(self) -> None:
        """Take a delivery."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((dict(self.headers), body))  # type: ignore[attr-defined]
        answers = self.server.answers  # type: ignore[attr-defined]
        status = answers.pop(0) if answers else 200
        self.send_response(status)
        if status == 302:
            self.send_header("location", "http://127.0.0.1:1/")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@contextmanager
def receiver() -> Iterator[Any]:
    """Run an HTTP server on a free port."""
    server: Any = HTTPServer(("127.0.0.1", 0), Receiver)
    server.received, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_event_makes_a_record_and_sets_fields(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        clerk, service = made.office.people["clerk"], made.office.service
        person = await service.create(clerk, "person", {"name": "Ada"})
        await made.worker.run_due()
        assert (await service.read(clerk, "person", person.id)).values["name"] == "Ada!"
        (letter,) = await made.rows("select id, subject, person, state from letter")
        assert [str(one) for one in letter[1:]] == ["Hello Ada", person.id, "draft"]
        events = await service.history(clerk, "letter", str(letter[0]))
        assert [(event.kind, event.origin, event.who) for event in events] == [("create", "effect:1", None)]

    run(database_url, work)


def test_a_webhook_is_signed_and_sent_again_with_the_same_key(database_url: str) -> None:
    with receiver() as server:

        async def work(made: PostOffice) -> None:
            server.answers = [503, 302]
            clerk, service = made.office.people["clerk"], made.office.service
            letter = await service.create(clerk, "letter", {"subject": "Big", "amount": 10})
            await service.create(clerk, "letter", {"subject": "Small", "amount": 1})
            for _ in range(4):
                await made.worker.run_due()
                made.clock.pass_(seconds=10)
            assert len(server.received) == 3
            keys = {headers["Idempotency-Key"] for headers, _ in server.received}
            bodies = {body for _, body in server.received}
            assert len(keys) == len(bodies) == 1
            for headers, body in server.received:
                assert headers["Webhook-Signature"] == signature("s3cret", headers["Webhook-Id"], headers["Webhook-Timestamp"], body)
            (body,) = bodies
            sent = json.loads(body)
            assert (sent["entity"], sent["id"], sent["event"]) == ("letter", letter.id, "heard")
            assert sent["data"] == {"subject": "Big", "amount": 10.0, "person": None, "due": None, "half": 0.5}
            assert b'"amount":10.00' in body
            assert {headers["Authorization"] for headers, _ in server.received} == {"Basic b2ZmaWNlOnAvdw=="}
            (row,) = await made.rows("select outcome from fw_effect where kind = 'delivery'")
            assert row == ("answered 200",)

        hook = Hook(f"http://office:p%2Fw@localhost:{server.server_port}/in?x=1", "s3cret")
        run(database_url, work, World(hooks={"archive": hook}, hooks_inside=True))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://localhost/", "http://[::1]/", "http://169.254.169.254/latest", "ftp://x.example/",
                                 "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::7f00:1]/", "http://[::ffff:0:7f00:1]/", "http://[fec0::1]/", "http://2130706433/",
                                 "http://[fd00:ec2::254]/", "http://[2002:a00:1::]/", "http://[::ffff:10.0.0.1]/"])  # fmt: skip
def test_a_webhook_never_goes_inside(sqlite_url: str, url: str) -> None:
    async def work(made: PostOffice) -> None:
        await made.office.service.create(made.office.people["clerk"], "letter", {"subject": "Big", "amount": 10})
        await made.worker.run_due()
        (row,) = await made.rows("select outcome, error from fw_effect where kind = 'delivery'")
        assert row[0] == "gave up"
        assert "inside" in row[1] or "no http" in row[1]

    run(sqlite_url, work, World(hooks={"archive": Hook(url)}))


def test_a_webhook_without_address_waits_for_the_operator(sqlite_url: str) -> None:
    async def work(made: PostOffice) -> None:
        await made.office.service.create(made.office.people["clerk"], "letter", {"subject": "Big", "amount": 10})
        await made.worker.run_due()
        (row,) = await made.rows("select wake_at is not null, error from fw_effect where kind = 'delivery'")
        assert row[0] == 1
        assert "FACHWERK_HOOK_ARCHIVE is not set" in row[1]

    run(sqlite_url, work)


def test_a_schedule_runs_on_working_days_at_its_time_once_for_all_workers(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        await made.office.make("letter", subject="Waiting")
        other = Worker(made.office.running, World())
        made.clock.now = dt.datetime(2026, 3, 6, 5, 0, tzinfo=dt.UTC)  # Friday, six o'clock in Berlin
        await made.worker.run_due()
        count = "select count(*) from fw_notice where message = 'plain_words'"
        assert await made.rows(count) == [(0,)]
        expected = {6: 1, 7: 1, 8: 1, 9: 2, 10: 3}
        for day, times in expected.items():
            made.clock.now = dt.datetime(2026, 3, day, 6, 0, 1, tzinfo=dt.UTC)
            await asyncio.gather(made.worker.run_due(), other.run_due())
            assert await made.rows(count) == [(times,)], day
        made.clock.now = dt.datetime(2026, 3, 30, 5, 0, 1, tzinfo=dt.UTC)  # summer time: seven is an hour earlier
        await made.worker.run_due()
        assert await made.rows(count) == [(4,)]

    run(database_url, work)


def test_a_schedule_that_is_deployed_anew_runs_by_itself_from_then_on(database_url: str) -> None:
    def counting(every: str) -> str:
        return POST + f"---\nautomation: count\nof: letter\nevery: {every}\ndo: [{{set: {{amount: amount + 1}}}}]\n"

    async def work(made: PostOffice) -> None:
        letter = await made.office.make("letter", subject="a", amount=0)
        await made.worker.run_due()

        async def after(every: str, hours: int) -> object:
            """What the letter counts some hours after another schedule was deployed."""
            running = await build(read_text(counting(every)), database_url, keys=Keys(bytes(32)), clock=made.clock)
            try:
                await deploy(running.app, running.database)
                worker = Worker(running)
                for _ in range(hours):
                    await worker.run_due()
                    made.clock.pass_(hours=1)
                await worker.run_due()
                return (await running.service.read(running.service.system, "letter", letter.id)).values["amount"]
            finally:
                await running.database.close()

        assert (await made.office.service.read(made.office.system, "letter", letter.id)).values["amount"] == 1
        assert await after("{hours: 2}", 4) == 3
        # deployed at 14:00 in Berlin, an hour before it would have run as it was
        assert await after('{day_at: "17:00"}', 4) == 4
        assert await after('{day_at: "08:00"}', 13) == 4
        assert await after('{day_at: "08:00"}', 1) == 5

    async def inner() -> None:
        async with post_office(database_url, None, counting("{hours: 700}")) as made:
            await work(made)

    asyncio.run(inner())


def test_what_nobody_touches_is_noticed_once(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        person = await made.office.make("person", name="Ada")
        letter = await made.office.make("letter", subject="x", person=person.id)
        clerk, service = made.office.people["clerk"], made.office.service
        for _ in range(13 * 4):
            await made.worker.run_due()
            made.clock.pass_(hours=6)
        assert (await service.read(clerk, "person", person.id)).values["mail"] is None
        for _ in range(8):
            await made.worker.run_due()
            made.clock.pass_(hours=6)
        assert (await service.read(clerk, "person", person.id)).values["mail"] == "late@home.example"
        changes = "select count(*) from fw_effect where kind = 'change'"
        greeted = await made.rows("select id from letter where subject like 'Hello%'")
        assert len(greeted) == 1
        assert await made.rows(changes) == [(2,)]
        await service.change(clerk, "letter", letter.id, {"subject": "y"}, version=None)
        for _ in range(16 * 4):
            made.clock.pass_(hours=6)
            await made.worker.run_due()
        assert await made.rows(changes) == [(3,)]

    run(database_url, work)


def test_a_chain_that_does_not_end_is_broken_off(sqlite_url: str) -> None:
    async def work(made: PostOffice) -> None:
        clerk, service = made.office.people["clerk"], made.office.service
        letter = await service.create(clerk, "letter", {"subject": "x", "comment_of": "a"})
        await service.change(clerk, "letter", letter.id, {"subject": "y"}, version=1)
        await made.worker.run_due()
        text = str((await service.read(clerk, "letter", letter.id)).values["comment_of"])
        assert text == "a" + "." * 12
        (row,) = await made.rows("select error from fw_effect where outcome = 'gave up'")
        assert "broken off" in row[0]

    run(sqlite_url, work)


def test_what_an_effect_may_not_write_is_said(sqlite_url: str) -> None:
    async def work(made: PostOffice) -> None:
        service, clerk = made.office.service, made.office.people["clerk"]
        letter = await made.office.make("letter", subject="x")
        async with made.office.running.database.transaction() as connection:
            effect = {"effect": "forgotten.0", "depth": 0}
            await service.kit.effects.enqueue(connection, "change", effect, now=made.clock.now, entity="letter", record=letter.id)
            await service.kit.effects.enqueue(connection, "set", {"effect": "gone"}, now=made.clock.now, entity="letter", record=letter.id)
        await made.worker.run_due()
        rows = await made.rows("select outcome, error from fw_effect where kind in ('change', 'set') order by id")
        assert rows[0][0] == "nothing to change"
        assert rows[1][0] == "gave up"
        assert "configuration has changed" in rows[1][1]
        assert clerk.id

    run(sqlite_url, work)
