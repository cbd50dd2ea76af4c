"""What is read of many records at once is what is read of each alone: by the same code, of the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from demos import EXAMPLES, NOW, Demo, open_demo
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.service import Service
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from office import office
from post_office import POST

Asked = tuple[Person, str, str]
RECORDS = 120


async def found(service: Service, *, asked: Asked) -> tuple[object, object]:
    """Return what can be done with a record and what is seen of it, or why not."""
    return await _or_why_not(partial(service.actions, *asked)), await _or_why_not(partial(service.read, *asked))


async def _or_why_not(work: Callable[[], Awaitable[object]]) -> object:
    try:
        return await work()
    except Refused as refused:
        return refused.code, refused.status


async def everything(demo: Demo, service: Service) -> list[Asked]:
    """Return every record with a workflow, for each person, and each whose deputy that person is today."""
    database, app = demo.running.database, demo.running.app
    accounts = Accounts(database, app.tables.metadata, demo.project.roles)
    records = [
        (name, str(row[0]))
        for name, entity in app.entities.items() if entity.workflows
        for row in await database.fetch(f'select id from "{name}"')
    ]  # fmt: skip
    people: list[Person] = []
    for user in demo.users:
        account = await accounts.find(user.name)
        assert account is not None
        who = Person(account.id, account.name, "", account.roles, "de")
        people += (who, *await service.kit.deputies.stood_for(database, who, NOW))
    assert any(person.deputy is not None for person in people)
    return [(person, *record) for person in people for record in records]


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_many_at_once_are_as_each_alone(folder: Path, database_url: str) -> None:
    async def work() -> None:
        demo = await open_demo(folder, database_url, RECORDS)
        try:
            running = demo.running
            service = Service(running.app, running.database, running.service.kit.keys, lambda: NOW)
            asked = await everything(demo, service)
            alone = [await found(service, asked=one) for one in asked]
            together = await service.at_once([partial(found, asked=one) for one in asked])
            for one, by_one, by_many in zip(asked, alone, together, strict=True):
                assert by_many == by_one, one
            assert sum(isinstance(actions, tuple) and len(actions) > 0 for actions, _ in alone) > 100
        finally:
            await demo.running.database.close()

    asyncio.run(work())


def test_what_is_done_at_once_only_reads(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url, POST) as made:
            clerk = made.people["clerk"]

            async def write(service: Service) -> object:
                return await service.create(clerk, "person", {"name": "Ada"})

            async def wait(service: Service) -> object:
                return await asyncio.sleep(0)

            with pytest.raises(ValueError, match="only reads"):
                await made.service.at_once([write, write])
            with pytest.raises(TypeError, match="nothing but the database"):
                await made.service.at_once([wait, wait])
            assert not await made.running.database.fetch("select id from person")

    asyncio.run(work())


def test_what_goes_wrong_for_one_is_said(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url, POST) as made:
            clerk = made.people["clerk"]
            person = await made.make("person", name="Ada")
            letter = await made.make("letter", subject="x", person=person.id)
            there = partial(Service.read, who=clerk, entity="letter", id=letter.id)
            gone = partial(Service.read, who=clerk, entity="letter", id=person.id)
            assert [one.id for one in await made.service.at_once([there, there])] == [letter.id, letter.id]
            assert await made.service.at_once([]) == []
            with pytest.raises(Refused) as refused:
                await made.service.at_once([there, gone, there])
            assert refused.value.status == 404

    asyncio.run(work())
