"""The examples that come with the product: they read without a problem, and demo data goes into both databases."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest
from fachwerk.engine.demo.running import make_demo
from fachwerk.schemas.read import read_project

EXAMPLES = Path(__file__).parent.parent / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_no_problems(name: str) -> None:
    """Nothing is wrong, and nothing is doubtful but labels that the north star leaves to their names."""
    project, problems = read_project(EXAMPLES / name)
    assert project is not None
    assert {problem.code for problem in problems} <= ({"translation"} if name == "building_permits" else set())


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
