"""Effects on live rows: what a plan counts is what a plain replay of every row finds, on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fachwerk.engine.database_open import open_database
from plan_proofs import differing


@pytest.fixture
def two_urls(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> tuple[str, str]:
    """Two empty databases of one kind."""
    if database_url.startswith("sqlite"):
        return database_url, f"sqlite:///{tmp_path / 'replay.db'}"
    other = str(request.getfixturevalue("module_postgres_url"))
    asyncio.run(emptied(other))
    return database_url, other


async def emptied(url: str) -> None:
    """Take everything out of a PostgreSQL database."""
    database = await open_database(url)
    await database.script(["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"])
    await database.close()


@pytest.mark.parametrize("seed", range(8))
def test_the_plan_counts_what_a_replay_finds_and_deploying_does_it_and_can_be_undone(
    two_urls: tuple[str, str], seed: int
) -> None:
    assert asyncio.run(differing(two_urls, seed)) == {}
