"""The examples that come with the product: they read without a problem, and demo data goes into both databases."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fachwerk.engine.demo.running import make_demo
from fachwerk.engine.inbox import Inbox
from fachwerk.engine.main import Running, build
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from fachwerk.schemas.model import Field, Project
from fachwerk.schemas.read import read_project

EXAMPLES = Path(__file__).parent.parent / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_no_problems(name: str) -> None:
    """Nothing is wrong, nothing is doubtful, and every label is there in both languages."""
    project, problems = read_project(EXAMPLES / name)
    assert project is not None
    assert [problem.code for problem in problems] == []


@pytest.mark.parametrize("name", ["healthcare", "real_estate", "public_sector"])
def test_an_example_is_a_whole_department(name: str) -> None:
    """Eight entities, four roles, two workflows, a relation with a span of time, tables, checks, two languages."""
    project, _ = read_project(EXAMPLES / name)
    assert project is not None
    entities = [entity for entity in project.entities.values() if entity.relation is None]
    relations = [entity.relation for entity in project.entities.values() if entity.relation]
    assert len(entities) >= 8
    assert len(project.roles) >= 4
    assert len(project.workflows) >= 2
    assert any(relation.valid for relation in relations)
    assert project.decisions
    across = [c for e in project.entities.values() for c in e.checks if any(len(path) > 1 for path in c.that.checked.reads)]
    assert across
    assert set(project.languages) == {"de", "en"}


@pytest.mark.parametrize("name", NAMES)
def test_demo_data_goes_in(name: str, database_url: str) -> None:
    """Every entity gets records and every workflow moves, through the service like everything else."""
    project, _ = read_project(EXAMPLES / name)
    assert project is not None
    now = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
    count, users = asyncio.run(make_demo(project, database_url, 120, now=now))
    assert {entity for entity in project.entities if not count.made[entity]} == set(), dict(count.refused)
    assert sum(count.made.values()) >= 100
    assert count.steps > 10
    assert len(users) == len(project.demo.users if project.demo else project.roles)


@pytest.mark.parametrize("name", ["healthcare", "real_estate", "public_sector"])
def test_demo_data_shows_a_department_at_work(name: str, database_url: str) -> None:
    """Limits rest and are extended, of several some have spoken, and one of the staff is away with a deputy."""
    project, _ = read_project(EXAMPLES / name)
    assert project is not None

    async def seen() -> None:
        now = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
        _, users = await make_demo(project, database_url, 300, now=now)
        running = await build(project, database_url, clock=lambda: now)
        try:
            await _is_at_work(project, running)
            (away,) = (user for user in users if "; abwesend bis 13.11.2026, Vertretung: " in user.roles)
            (deputy,) = (user for user in users if f"; vertritt {away.full}, siehe Eingang" in user.roles)
            assert deputy.full in away.roles
            accounts = Accounts(running.database, running.app.tables.metadata, project.roles)
            found = await accounts.find(deputy.name)
            assert found is not None
            waiting, _ = await Inbox(running.service).of(Person(found.id, found.name, "", found.roles, "de"))
            assert {one.for_whom.name for one in waiting if one.for_whom} == {away.full}
        finally:
            await running.database.close()

    asyncio.run(seen())


async def _is_at_work(project: Project, running: Running) -> None:
    rows = await running.database.fetch("SELECT DISTINCT action FROM fw_history WHERE kind = 'deadline'")
    done = {str(row[0]) for row in rows}
    for workflow in project.workflows.values():
        for one in workflow.deadlines.values():
            assert not one.pause or f"{one.name}.pause" in done
            assert one.extend is None or f"{one.name}.extend" in done
        for state in workflow.states.values():
            if any(part.needs != 1 for part in state.parallel):
                sql = f'SELECT count(*) FROM "{workflow.of}" WHERE "{workflow.field}" = \'{state.name}\''
                assert (await running.database.fetch(sql))[0][0], f"nothing stands in {state.name}"


def test_demo_data_goes_into_an_empty_database_only(database_url: str) -> None:
    """A database with anything in it is refused in a sentence and left as it is."""
    project, _ = read_project(EXAMPLES / "building_permits")
    assert project is not None
    asyncio.run(make_demo(project, database_url, 5))
    with pytest.raises(Refused) as refused:
        asyncio.run(make_demo(project, database_url, 5))
    assert refused.value.code == "not_empty"
    assert "empty database" in refused.value.message["en"]
    assert "leere Datenbank" in refused.value.message["de"]


@pytest.mark.parametrize("name", NAMES)
def test_demo_data_is_the_same_each_time(name: str, tmp_path: Path) -> None:
    """Two databases made at the same moment hold the same values, but for ids."""
    project, _ = read_project(EXAMPLES / name)
    assert project is not None
    now = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
    made = []
    for run in ("first", "second"):
        count, _ = asyncio.run(make_demo(project, f"sqlite:///{tmp_path / run}.db", 80, now=now))
        made.append((count.made, count.refused, count.steps, _numbers(project, tmp_path / f"{run}.db")))
    assert made[0] == made[1]


def _numbers(project: Project, file: Path) -> list[object]:
    """What the tables hold in columns that are no ids."""
    with closing(sqlite3.connect(file)) as connection:
        return [
            connection.execute(f'select {", ".join(columns)} from "{name}" order by created, {", ".join(columns)}').fetchall()
            for name, entity in project.entities.items()
            if (columns := [f'"{one.name}"' for one in entity.fields.values() if _told(one)])
        ]


def _told(one: Field) -> bool:
    return one.kind in ("text", "long_text", "choice", "date", "sequence") and (one.computed is None or one.stored)
