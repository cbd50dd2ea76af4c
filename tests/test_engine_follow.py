"""Servers follow a deploy without restart: two processes, requests all the while, a form from before sent after."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy
from fachwerk.engine.follow import Outdated, following
from fachwerk.engine.main import build
from fachwerk.problems import Refused
from office import read_text

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


def typed(*words: str) -> None:
    """Run a command in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "fachwerk.cli", *words], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()


@contextmanager
def served(url: str) -> Iterator[str]:
    """Serve a database in a process of its own; gives the address."""
    command = [sys.executable, "-u", "-m", "fachwerk.cli", "serve", "--database", url, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close() if process.stdout else None


def signed_in(address: str) -> httpx2.Client:
    """Return a client that has signed in."""
    client = httpx2.Client(base_url=address, follow_redirects=True, timeout=30)
    page = client.get("/sign-in").text
    client.post("/sign-in", data={"_csrf": csrf(page), "name": "carl", "password": "a long enough secret"})
    return client


def csrf(page: str) -> str:
    found = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert found is not None, page[:500]
    return found[1]


def test_two_processes_follow_under_requests(database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.yaml").write_text(FIRST)
    typed("deploy", str(folder), "--to", database_url)
    typed("user", "add", "carl", "--role", "clerk", "--password", "a long enough secret", "--database", database_url)
    (folder / "app.yaml").write_text(SECOND)
    with served(database_url) as one, served(database_url) as other:
        clients = [signed_in(one), signed_in(other)]
        form = clients[0].get("/e/thing/new").text
        stop, failed = threading.Event(), []
        answers = [0]

        def ask(client: httpx2.Client, number: int) -> None:
            while not stop.is_set():
                page = client.get("/e/thing/new")
                sent = {"_csrf": csrf(page.text), "name": f"thing {number}"}
                done = client.post("/e/thing/new", data=sent)
                seen = client.get("/e/thing")
                failed.extend((a.status_code, a.text[:2000]) for a in (page, done, seen) if a.status_code != 200)
                answers[0] += 3

        threads = [threading.Thread(target=ask, args=(client, n)) for n, client in enumerate(clients)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        typed("deploy", str(folder), "--to", database_url)
        begun = time.monotonic()
        for address in (one, other):
            with httpx2.Client(base_url=address) as stranger:
                while "Larger" not in stranger.get("/sign-in").text:
                    assert time.monotonic() - begun < 15, "does not follow"
                    time.sleep(0.02)
        time.sleep(0.3)
        stop.set()
        for thread in threads:
            thread.join()
        assert failed == []
        assert answers[0] > 10
        late = clients[0].post("/e/thing/new", data={"_csrf": csrf(form), "name": "late", "extent": "3"})
        assert late.status_code == 200
        assert "late" in clients[1].get("/e/thing").text
        for client in clients:
            client.close()


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
