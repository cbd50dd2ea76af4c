"""Every page and list of every example, as every role: an answer or a refusal, never a failure."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.passwords import Passwords
from town import PASSWORD, SETTINGS, Browser, open_app

EXAMPLES = sorted(path.parent for path in (Path(__file__).parent.parent / "examples").glob("*/app.yaml"))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_every_page_of_every_role(folder: Path, language: str, sqlite_url: str) -> None:
    with asyncio.Runner() as runner:
        opened = runner.run(open_app(sqlite_url, folder=folder))
        project = opened.app.project
        server = build_server(opened, SETTINGS)
        accounts = Accounts(opened.database, opened.app.tables.metadata, project.roles)
        hashed = runner.run(Passwords(SETTINGS).hash(PASSWORD))
        for role in list(project.roles)[: 2 if language == "de" else None]:
            runner.run(accounts.create(role, role, roles=[role], password=hashed, language=language))
            browser = Browser(runner.run, server, {"accept-language": language}).sign_in(role, PASSWORD)
            assert browser.get("/").status_code == 200
            for entity in project.entities:
                for path in (f"/e/{entity}", f"/e/{entity}?q=a", f"/e/{entity}/new", f"/api/v1/{entity}?limit=5"):
                    answer = browser.get(path)
                    assert answer.status_code in (200, 403) or (path.endswith("q=a") and answer.status_code == 400), (
                        role,
                        path,
                        answer.text[-800:],
                    )
        runner.run(opened.database.close())
