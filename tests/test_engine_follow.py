"""Servers follow a deploy without restart: two processes, requests all the while, a form from before sent after."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx2
import pytest
from fachwerk.engine.database import Outdated, Row
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy
from fachwerk.engine.follow import PAUSE, following
from fachwerk.engine.main import build
from fachwerk.engine.server.replay import Replaying
from fachwerk.engine.server.whole import Whole
from fachwerk.problems import Refused
from office import read_text
from processes import add_carl, csrf, served, signed_in

FIRST = """app: small
label: Small
languages: [en]
---
roles: {clerk: {}}
---
entity: thing
title: name
fields:
  name: text!
  size: integer
access: {clerk: {create: true, read: true, update: true}}
"""
SECOND = FIRST.replace("  size: integer\n", "  extent: {type: integer, was: size}\n  colour: text\n").replace(
    "label: Small", "label: Larger"
)
BACK = FIRST.replace("size: integer", "size: {type: integer, was: extent}")


class Asking:
    """Clients that open forms, send them and look at lists all the while, each in a thread of its own."""

    def __init__(self, clients: list[httpx2.Client]) -> None:
        self.failed: list[tuple[int, str]] = []
        self.answers = [0 for _ in clients]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=pair) for pair in enumerate(clients)]

    def __enter__(self) -> Asking:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int, client: httpx2.Client) -> None:
        while not self._stop.is_set():
            page = client.get("/e/thing/new")
            sent = {"_csrf": csrf(page.text), "name": f"thing {number}"}
            done = client.post("/e/thing/new", data=sent)
            seen = client.get("/e/thing")
            self.failed += [(a.status_code, a.text[:2000]) for a in (page, done, seen) if a.status_code != 200]
            self.answers[number] += 3

    def more(self) -> None:
        """Wait until every client was answered again."""
        before, end = [*self.answers], time.monotonic() + 60
        while not all(now > then for now, then in zip(self.answers, before, strict=True)):
            assert time.monotonic() < end, "nobody answers"
            time.sleep(0.01)


def deployed(url: str, text: str) -> None:
    """Deploy a configuration."""

    async def work() -> None:
        running = await build(read_text(text), url)
        await deploy(running.app, running.database, allowed=frozenset({"thing.colour"}))
        await running.database.close()

    asyncio.run(work())


def follow(addresses: list[str], label: str) -> None:
    """Wait until each process answers by the version with this label."""
    end = time.monotonic() + 60
    with contextlib.ExitStack() as stack:
        strangers = [stack.enter_context(httpx2.Client(base_url=one, timeout=60)) for one in addresses]
        while not all(f"<title>Sign in · {label}</title>" in one.get("/sign-in").text for one in strangers):
            assert time.monotonic() < end, "does not follow"
            time.sleep(0.01)


def test_all_processes_follow_and_no_request_fails(database_url: str, tmp_path: Path) -> None:
    deployed(database_url, FIRST)
    add_carl(database_url)
    with served(database_url) as one, served(database_url) as other:
        clients = [signed_in(one), signed_in(other)]
        form = clients[0].get("/e/thing/new").text
        with Asking(clients) as asking:
            for text, label in ((SECOND, "Larger"), (BACK, "Small"), (SECOND, "Larger")):
                asking.more()
                deployed(database_url, text)
                follow([one, other], label)
            asking.more()
        assert asking.failed == []
        late = clients[0].post("/e/thing/new", data={"_csrf": csrf(form), "name": "late", "extent": "3"})
        assert late.status_code == 200
        assert "late" in clients[1].get("/e/thing").text
        for client in clients:
            client.close()


def test_the_first_look_after_a_deploy_follows_and_looks_are_frequent(database_url: str) -> None:
    """Counted instead of timed: so the next version is in force within a second, where nothing else holds it up."""

    async def work() -> None:
        first = await build(read_text(FIRST), database_url)
        await deploy(first.app, first.database)
        async with following(database_url) as (follower, running):
            followed, looks = asyncio.Event(), 0
            inner = running.database.inner  # type: ignore[attr-defined]
            fetch = inner.fetch

            async def counting(text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
                nonlocal looks
                looks += "max(version)" in text
                return await fetch(text, parameters)

            inner.fetch = counting
            follower.call(lambda _: followed.set())
            second = await build(read_text(SECOND), database_url)
            await deploy(second.app, second.database)
            looks = 0
            async with asyncio.timeout(60):
                await followed.wait()
            assert looks <= 2, "one that had begun, and the next"
            assert 2 * PAUSE <= 0.5
            await second.database.close()
        await first.database.close()

    asyncio.run(work())


def test_a_write_of_an_outdated_version_is_taken_back(database_url: str) -> None:
    async def work() -> None:
        first = await build(read_text(FIRST), database_url)
        await deploy(first.app, first.database)
        async with following(database_url) as (follower, running):
            who = running.service.system
            await running.service.create(who, "thing", {"name": "a", "size": 1})
            second = await build(read_text(SECOND), database_url)
            assert (await deploy(second.app, second.database)).version == 2
            with pytest.raises(Outdated):
                await running.service.create(who, "thing", {"name": "b", "size": 2})
            used = []
            follower.call(used.append)
            await asyncio.gather(follower.catch_up(), follower.catch_up())
            made = await used[-1].service.create(used[-1].service.system, "thing", {"name": "c", "extent": 2})
            assert made.values["extent"] == 2
            rows = await second.database.fetch("SELECT name FROM thing ORDER BY name")
            assert [row[0] for row in rows] == ["a", "c"]
            assert len(used) == 1
            rules_only = await build(read_text(SECOND.replace("extent: {", "extent: {max: 5, ")), database_url)
            await deploy(rules_only.app, rules_only.database)
            with pytest.raises(Outdated):
                await used[-1].service.create(used[-1].service.system, "thing", {"name": "d", "extent": 9})
            await follower.catch_up()
            with pytest.raises(Refused):
                await used[-1].service.create(used[-1].service.system, "thing", {"name": "d", "extent": 9})
            await second.database.close()
            await rules_only.database.close()
        await first.database.close()
        database = await open_database(database_url)
        await database.close()

    asyncio.run(work())


def test_whatever_fails_because_of_a_deploy_is_outdated_and_nothing_else(database_url: str) -> None:
    """Refusals, broken indexes, failed statements: each of them asks which version is in force."""
    unique = FIRST.replace("name: text!", "name: {type: text, required: true, unique: true}").replace(
        "  size: integer\n", "  size: {type: integer, max: 5}\n"
    )

    async def work() -> None:
        first = await build(read_text(FIRST), database_url)
        await deploy(first.app, first.database)
        async with following(database_url) as (_, running):
            service = running.service
            made = await service.create(service.system, "thing", {"name": "a", "size": 1})
            second = await build(read_text(unique), database_url)
            await deploy(second.app, second.database)
            refused_by_the_old = {"name": "b", "size": "no number"}
            for values in ({"name": "a", "size": 2}, {"name": "c", "size": 9}, refused_by_the_old):
                with pytest.raises((Outdated, Refused)) as caught:
                    await service.create(service.system, "thing", values)
                assert caught.type is Outdated or values is refused_by_the_old
            with pytest.raises(Outdated):
                await service.change(service.system, "thing", made.id, {"size": 3}, version=made.version)
            with pytest.raises(Outdated):
                await service.remove(service.system, "thing", made.id)
            rows = await second.database.fetch("SELECT name, size FROM thing")
            assert [tuple(row) for row in rows] == [("a", 1)]
            assert len(await second.database.fetch("SELECT kind FROM fw_history")) == 1
            await second.database.close()
        await first.database.close()

    asyncio.run(work())


def test_a_write_of_one_statement_needs_no_transaction_to_be_judged(postgres_url: str) -> None:
    """The condition stands in the statement; a transaction would cost three round trips more."""

    async def work() -> None:
        first = await build(read_text(FIRST), postgres_url)
        await deploy(first.app, first.database)
        async with following(postgres_url) as (_, running):
            seen, ours = list[str](), asyncio.current_task()
            inner = running.database.inner  # type: ignore[attr-defined]
            fetch = inner.fetch

            async def noting(text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
                seen.extend([text] if asyncio.current_task() is ours else [])  # the follower looks all the while
                return await fetch(text, parameters)

            inner.fetch = noting
            inner.transaction = None  # none is begun
            made = await running.service.create(running.service.system, "thing", {"name": "a", "size": 1})
            await running.service.change(
                running.service.system, "thing", made.id, {"size": 2}, version=made.version
            )  # fmt: skip
            assert sum("max(version)" in text for text in seen) == 2
        await first.database.close()

    asyncio.run(work())


def test_an_answer_of_many_statements_is_whole_or_begun_again() -> None:
    """Nothing is sent before all of it is there; a deploy half-way leaves nothing half."""
    sent: list[dict[str, object]] = []
    parts = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal parts
        for number in range(3):
            if number == 2 and not parts:
                parts = 1
                raise Outdated("2")
            yield b"%d" % number

    async def app(scope: object, receive: object, send: object) -> None:
        await Whole(pieces(), {"cache-control": "no-store"}, "text/csv")(scope, receive, send)  # type: ignore[arg-type]

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def nothing() -> None:
        return None

    asyncio.run(Replaying(app, lambda: nothing)({"type": "http"}, None, send))  # type: ignore[arg-type]
    assert sent[0]["type"] == "http.response.start"
    assert len([message for message in sent if message["type"] == "http.response.start"]) == 1
    assert b"".join(message.get("body", b"") for message in sent) == b"012"  # type: ignore[misc]
