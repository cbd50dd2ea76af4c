"""The databases that the fixtures give out."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest


def _ask(url: str, question: str) -> object:
    async def work() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(work())


def test_every_test_gets_an_empty_database_of_its_kind(database_url: str) -> None:
    if database_url.startswith("sqlite:///"):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as connection:
            assert connection.execute("select count(*) from sqlite_master").fetchone() == (0,)
        connection.close()
    else:
        assert _ask(database_url, "select count(*) from pg_tables where schemaname = 'public'") == 0


def test_the_role_has_no_special_rights(postgres_url: str) -> None:
    assert _ask(postgres_url, "select rolsuper from pg_roles where rolname = current_user") is False


def test_two_databases_are_two(postgres_url: str, module_postgres_url: str) -> None:
    assert postgres_url != module_postgres_url


@pytest.mark.parametrize("required", [False, True])
def test_absence_is_said_loudly(tmp_path: Path, required: bool) -> None:
    tests = Path(__file__).parent
    (tmp_path / "conftest.py").write_text(
        f"import sys; sys.path.insert(0, {str(tests / 'support')!r})\n"
        "import postgres; postgres.binaries = lambda: None\n"
        + (tests / "conftest.py").read_text().replace("from __future__ import annotations\n", "")
    )
    (tmp_path / "test_it.py").write_text("def test_it(database_url): pass\n")
    ours = ("FACHWERK_", "PYTEST_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    if required:
        environment["FACHWERK_REQUIRE_POSTGRES"] = "1"
    folder = str(tmp_path)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", folder, folder]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)
    if required:
        assert "1 passed, 1 error" in done.stdout
    else:
        assert "POSTGRESQL WAS LEFT OUT" in done.stdout
        assert "1 passed, 1 skipped" in done.stdout
