"""Values made ahead of a deploy: what comes out is what a deploy alone would do, whatever is written meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from changing import begin, deployed, job, opened, values, with_service
from click.testing import CliRunner
from fachwerk.cli import main
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy, rollback
from fachwerk.engine.main import Running
from fachwerk.engine.plan.planning import make_plan
from fachwerk.engine.plan.progress import known
from fachwerk.engine.plan.render import plan_sql, plan_text
from fachwerk.engine.plan.telling import Telling
from fachwerk.engine.preparing import Tell, Told
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from office import read_text
from plan_ahead import SMALL, left_over, prepared_and_plain


@pytest.fixture
def two_urls(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> tuple[str, str]:
    """Two empty databases of one kind."""
    if database_url.startswith("sqlite"):
        return database_url, f"sqlite:///{tmp_path / 'replay.db'}"
    other = str(request.getfixturevalue("module_postgres_url"))

    async def emptied() -> None:
        database = await open_database(other)
        await database.script(["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"])
        await database.close()

    asyncio.run(emptied())
    return database_url, other


@pytest.mark.parametrize("seed", range(10))
def test_a_prepared_deploy_gives_what_a_plain_one_gives_whatever_is_written_meanwhile(
    two_urls: tuple[str, str], seed: int
) -> None:
    assert asyncio.run(prepared_and_plain(two_urls, seed)) in ({}, None)


FIRST = job("hours: integer", "twice: {type: decimal, computed: hours * 2, stored: true}")
LATER = job(
    "hours: integer", "twice: {type: decimal, computed: hours * 20, stored: true}", "code: {type: text, fill: name + \"!\"}"
)
OTHER = job("hours: integer", "twice: {type: decimal, computed: hours * 3, stored: true}")


class Stop(Exception):
    """Somebody pulls the plug."""


def stopping(batches: int, told: list[Told]) -> Tell:
    """Return what stops a preparation after so many batches."""

    def tell(one: Told) -> None:
        told.append(one)
        if sum(each.what == "batch" for each in told) == batches:
            raise Stop

    return tell


async def stopped(url: str, batches: int = 3) -> list[Told]:
    """Deploy the first configuration with 20 records, and the later one until it is stopped."""
    await begin(url, FIRST, values=range(20))
    running, told = await opened(url, LATER), list[Told]()
    with pytest.raises(Stop):
        await deploy(running.app, running.database, pace=SMALL, tell=stopping(batches, told))
    await running.database.close()
    return told


def test_a_stopped_deploy_leaves_the_old_version_in_service_and_goes_on(database_url: str) -> None:
    async def work() -> None:
        await stopped(database_url)
        assert await values(database_url, FIRST, "twice") == [2 * n for n in range(20)]
        running, told = await opened(database_url, LATER), list[Told]()
        found = await known(running.database, running.app.dialect)
        assert found is not None
        assert (found.done, found.total, found.whole) == (9, 40, False)

        async def change(service: Running, who: Person) -> None:
            rows = await service.database.fetch("SELECT id, version FROM job ORDER BY name")
            await service.service.change(who, "job", rows[0][0], {"hours": 7, "name": "a"}, version=rows[0][1])
            await service.service.remove(service.service.system, "job", rows[1][0])

        await with_service(database_url, FIRST, change)
        await deploy(running.app, running.database, pace=SMALL, tell=told.append)
        assert [one.what for one in told if one.what != "batch"] == ["resume", "done"]
        assert (told[0].done, told[0].total) == (9, 40)
        assert (await left_over(running.database)) == {}
        await running.database.close()
        assert (await values(database_url, LATER, "code"))[0] == "a!"
        assert (await values(database_url, LATER, "twice"))[0] == 140

    asyncio.run(work())


def test_of_two_deploys_at_once_one_waits_and_is_refused(database_url: str) -> None:
    async def work() -> None:
        await begin(database_url, FIRST, values=range(20))
        first, second = await opened(database_url, LATER), await opened(database_url, OTHER)
        planned, told = (1, read_text(FIRST).hash), list[Told]()
        meanwhile: list[asyncio.Task[object]] = []

        def tell(one: Told) -> None:
            if one.what == "batch" and not meanwhile:
                other = deploy(second.app, second.database, planned=planned, pace=SMALL, tell=told.append)
                meanwhile.append(asyncio.ensure_future(other))

        done = await deploy(first.app, first.database, planned=planned, pace=SMALL, tell=tell)
        assert done.version == 2
        with pytest.raises(Refused, match="Another version was deployed"):
            await meanwhile[0]
        assert {one.what for one in told} <= {"wait"}
        assert (await left_over(first.database)) == {}
        await first.database.close()
        await second.database.close()
        assert await values(database_url, LATER, "twice") == [20 * n for n in range(20)]

    asyncio.run(work())


def test_another_deploy_takes_away_what_was_made(database_url: str) -> None:
    async def work() -> None:
        await stopped(database_url)
        running, told = await opened(database_url, OTHER), list[Told]()
        await deploy(running.app, running.database, pace=SMALL, tell=told.append)
        assert [one.what for one in told if one.what != "batch"] == ["discard", "begin", "done"]
        assert (await left_over(running.database)) == {}
        await running.database.close()
        assert await values(database_url, OTHER, "twice") == [3 * n for n in range(20)]

    asyncio.run(work())


@pytest.mark.parametrize("text", [FIRST, OTHER])
def test_a_plain_deploy_takes_it_away_too(database_url: str, text: str) -> None:
    async def work() -> None:
        await stopped(database_url)
        running = await opened(database_url, text)
        await deploy(running.app, running.database)
        assert (await left_over(running.database)) == {}
        await running.database.close()

    asyncio.run(work())


def test_going_back_takes_it_away(database_url: str) -> None:
    async def work() -> None:
        await begin(database_url, FIRST, values=range(20))
        await deployed(database_url, OTHER)
        running, told = await opened(database_url, LATER), list[Told]()
        with pytest.raises(Stop):
            await deploy(running.app, running.database, pace=SMALL, tell=stopping(2, told))
        await rollback(running.database, 1)
        assert (await left_over(running.database)) == {}
        await running.database.close()
        assert await values(database_url, FIRST, "twice") == [2 * n for n in range(20)]

    asyncio.run(work())


def test_versions_and_drift_name_what_a_stopped_deploy_left(database_url: str) -> None:
    asyncio.run(stopped(database_url))
    runner = CliRunner()
    said = runner.invoke(main, ["--language", "en", "versions", "--to", database_url])
    assert "Unfinished: a deploy of" in said.output
    assert "22 % made ahead" in said.output
    drift = runner.invoke(main, ["--language", "en", "drift", "--to", database_url])
    assert "_fill_log" in drift.output
    assert drift.exit_code == 1


def test_plan_and_statements_say_what_is_made_ahead(database_url: str) -> None:
    async def work() -> None:
        await begin(database_url, FIRST, values=range(3))
        running = await opened(database_url, LATER)
        async with running.database.transaction() as connection:
            names = "id, version, created, changed, name, hours"
            number = "printf('%012x', value)" if running.app.dialect == "sqlite" else "lpad(to_hex(value), 12, '0')"
            source = "generate_series(1, 6000) AS s(value)"
            if running.app.dialect == "sqlite":
                source = "(WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < 6000)"
                source += " SELECT value FROM s)"
            key = f"'018f0000-0000-7000-8000-' || {number}"
            cast = key if running.app.dialect == "sqlite" else f"({key})::uuid"
            moment = "'2026-01-01T00:00:00.000000+00:00'" + ("" if running.app.dialect == "sqlite" else "::timestamptz")
            await connection.fetch(
                f"INSERT INTO job ({names}) SELECT {cast}, 1, {moment}, {moment}, 'n', value FROM {source}"
            )
        plan = await make_plan(running.database, running.app.project)
        assert [(one.entity, one.fields, one.count) for one in plan.ahead] == [
            ("job", ("code",), 6003), ("job", ("twice",), 6003)
        ]  # fmt: skip
        assert "Made in batches before, nobody waits: code of 6,003 Jobs" in plan_text(plan)
        assert plan_sql(plan).startswith("-- before, in batches of their own: code of job (6003 records)\n")
        told: list[Told] = []
        await deploy(running.app, running.database, tell=told.append)
        assert [one.what for one in told if one.what != "batch"] == ["begin", "done"]
        assert sum(one.what == "batch" for one in told) == 14
        rows = await running.database.fetch("SELECT count(*) FROM job WHERE code = name || '!'")
        assert rows[0][0] == 6003
        await running.database.close()

    asyncio.run(work())


@pytest.mark.parametrize(("live", "lines"), [(False, 3), (True, 3)])
def test_progress_is_one_line_at_a_terminal_and_plain_lines_elsewhere(
    capsys: pytest.CaptureFixture[str], live: bool, lines: int
) -> None:
    tell = Telling("en", live=live)
    tell(Told("begin"))
    for done in (1000, 2000):
        tell(Told("batch", done, 4000, 500.0, "job"))
    tell(Told("done"))
    said = capsys.readouterr().err
    assert "Made ahead: 1,000 of 4,000 (25 %), 500 a second, 6 s left (job)" in said
    assert ("\r" in said) is live
    assert len(said.splitlines() if not live else said.replace("\r", "").splitlines()) == lines
    assert said.endswith("Everything is made; switching.\n")
