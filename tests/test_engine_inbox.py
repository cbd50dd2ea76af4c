"""The inbox in pages: none is left out or shown twice, and what the database counts is what people see."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from demos import EXAMPLES, open_demo
from fachwerk.engine.inbox import Inbox, Known, Waiting, kind_of
from fachwerk.engine.inbox_statements import Place, read_place
from fachwerk.engine.main import Running
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.values import Person

ALL = 1_000


def keys(found: tuple[Waiting, ...]) -> list[tuple[str, str, str]]:
    return [(one.entity, one.id, one.for_whom.id if one.for_whom else "") for one in found]


async def in_pages(inbox: Inbox, who: Person, size: int, key: str = "") -> list[tuple[str, str, str]]:
    """Return what waits, read page by page through places as addresses have them."""
    found: list[tuple[str, str, str]] = []
    after: Place | None = None
    while True:
        page = await inbox.page(who, size, after=after, kind=inbox.kind(key) if key else None)
        assert len({(one.entity, one.id) for one in page.items}) <= size
        found += keys(page.items)
        if page.next is None:
            return found
        after = read_place(str(page.next))
        assert after == page.next


async def check(running: Running, inbox: Inbox, who: Person) -> int:
    """Compare pages and counts with everything that waits for *who*; return how many that is."""
    known: Known = {}
    whole = await inbox.page(who, ALL, known=known)
    assert whole.next is None
    every = keys(whole.items)
    assert len(set(every)) == len(every)
    assert Counter(await in_pages(inbox, who, 3)) == Counter(every)
    kinds: dict[str, set[tuple[str, str]]] = {}
    for one in whole.items:
        for action in one.actions:
            kinds.setdefault(kind_of(one, action).key, set()).add((one.entity, one.id))
    counts = await inbox.counts(who)
    assert counts.kinds == {key: (len(cases), False) for key, cases in kinds.items()}
    assert counts.total == (len({key[:2] for key in every}), False)
    for key, cases in kinds.items():
        assert {one[:2] for one in await in_pages(inbox, who, 2, key)} == cases
        kind = inbox.kind(key)
        assert await inbox.page(who, 5, kind=kind, known=known) == await inbox.page(who, 5, kind=kind)
    return len(every)


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_pages_and_counts_are_what_waits(folder: Path, database_url: str) -> None:
    async def work() -> None:
        demo = await open_demo(folder, database_url, 300)
        try:
            accounts = Accounts(demo.running.database, demo.running.app.tables.metadata, demo.project.roles)
            inbox, most = Inbox(demo.running.service), 0
            for user in demo.users:
                found = await accounts.find(user.name)
                assert found is not None
                who = Person(found.id, found.name, "", found.roles, "de")
                most = max(most, await check(demo.running, inbox, who))
            assert most > 6  # several pages
        finally:
            await demo.running.database.close()

    asyncio.run(work())


@pytest.mark.parametrize("text", ["", "x", "0~2026-01-01T00:00:00Z~x", "2026-01-01", "a~b~c", "0~~", "0~9999-99-99Z~1"])
def test_a_place_that_is_none(text: str) -> None:
    assert read_place(text) is None
