"""Values made ahead of a deploy: what comes out is what a deploy alone would do, whatever is written meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fachwerk.engine.database_open import open_database
from plan_ahead import prepared_and_plain


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
