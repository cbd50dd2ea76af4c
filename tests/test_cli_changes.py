"""The commands about versions, from the first deploy to tidying up, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fachwerk.cli import main

FILES = """app: small
label: Small
languages: [en]
---
roles: {clerk: {}}
---
entity: thing
title: name
fields:
  name: text!
  fax: text
  kind_text: text
  storeys: {type: integer, min: 1}
access: {clerk: {create: true, read: true, update: true}}
"""
LATER = """app: small
label: Small
languages: [en]
---
roles: {clerk: {}}
---
entity: thing
title: name
fields:
  name: text!
  fax: {drop: true}
  use: {type: text, was: kind_text}
  storeys: {type: integer, min: 0}
  floors:
    type: integer
    fill: storeys + 1
access: {clerk: {create: true, read: true, update: true}}
"""
TIDY = LATER.replace("  fax: {drop: true}\n", "").replace(", was: kind_text", "").replace("    fill: storeys + 1\n", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the first configuration."""
    made = tmp_path / "project"
    made.mkdir()
    (made / "app.yaml").write_text(FILES)
    return made


def typed(*words: object, code: int = 0) -> Result:
    """Run a command; fail with what it said where it ends otherwise than expected."""
    result = CliRunner().invoke(main, ["--language", "en", *(str(word) for word in words)])
    assert result.exit_code == code, result.output
    return result


def rows(url: str, *statements: str) -> None:
    """Put rows into a database by hand."""
    import asyncio

    from fachwerk.engine.database_open import open_database

    async def work() -> None:
        database = await open_database(url)
        await database.script(statements)
        await database.close()

    asyncio.run(work())


def thing(number: int, url: str) -> str:
    moment = "'2026-01-01T00:00:00.000000+00:00'" if url.startswith("sqlite") else "now()"
    return (
        "INSERT INTO thing (id, version, created, changed, name, fax, kind_text, storeys) VALUES "
        f"('018f0000-0000-7000-8000-00000000000{number}', 1, {moment}, {moment}, 'n', 'f', 'k', {number})"
    )


def test_a_change_from_plan_to_tidy(folder: Path, database_url: str) -> None:
    to = ("--to", database_url)
    assert "version 0 -> 1" in typed("plan", folder, *to).output
    assert "CREATE TABLE" in typed("deploy", folder, *to, "--dry-run").output
    typed("versions", *to, code=1)
    assert "Deployed version 1" in typed("deploy", folder, *to, "--why", "begin").output
    rows(database_url, *(thing(number, database_url) for number in (1, 2, 3)))
    (folder / "app.yaml").write_text(FILES.replace("  fax: text\n", ""))
    blocked = typed("plan", folder, *to, code=3).output
    assert "thing.fax" in blocked
    assert "--allow-loss" in blocked
    typed("deploy", folder, *to, code=1)
    (folder / "app.yaml").write_text(LATER)
    planned = typed("plan", folder, *to).output
    assert "> thing.use" in planned
    assert "renamed from thing.kind_text" in planned
    kept = folder.parent / "plan.json"
    kept.write_text(typed("plan", folder, *to, "--format", "json").output)
    assert json.loads(kept.read_text())["can_deploy"] is True
    rows(database_url, thing(4, database_url))
    assert "no longer those" in typed("deploy", folder, *to, "--plan", kept, code=1).output
    kept.write_text(typed("plan", folder, *to, "--format", "json").output)
    done = typed("deploy", folder, *to, "--plan", kept)
    assert "Deployed version 2" in done.output
    assert ("Copied before" in done.output) is database_url.startswith("sqlite")
    assert typed("plan", folder, *to).output.splitlines()[0] == "Small: version 2"
    assert "begin" in typed("versions", *to).output
    assert [one["number"] for one in json.loads(typed("versions", *to, "--format", "json").output)] == [1, 2]
    assert "kind_text: text" in typed("show", *to, 1).output
    assert "> thing.use" in typed("diff", *to, 1, 2).output
    typed("pull", *to, folder.parent / "pulled", 1)
    assert (folder.parent / "pulled" / "app.yaml").read_text() == FILES
    assert typed("drift", *to).output == "No drift.\n"
    said = typed("tidy", folder, *to, "--check").output
    assert [line.split(": ", 1)[1] for line in said.splitlines()] == [
        "entity.fields.fax: drop", "entity.fields.use: was", "entity.fields.floors: fill",
    ]  # fmt: skip
    typed("tidy", folder, *to)
    assert (folder / "app.yaml").read_text() == TIDY
    typed("deploy", folder, *to)
    assert "version 1 is in force again" in typed("rollback", *to, 1, "--yes").output.lower()
    assert typed("drift", *to).output == "No drift.\n"


def test_drift_goes_both_ways(folder: Path, database_url: str) -> None:
    to = ("--to", database_url)
    typed("deploy", folder, *to)
    rows(
        database_url,
        "ALTER TABLE thing ADD COLUMN by_hand TEXT",
        "CREATE INDEX by_hand_too ON thing (fax)",
        "CREATE TABLE mine (id INTEGER)",
        "ALTER TABLE thing DROP COLUMN storeys",
    )
    said = typed("drift", *to, code=1).output
    for piece in (
        'ALTER TABLE "thing" DROP COLUMN "by_hand"', 'DROP INDEX "by_hand_too"', 'DROP TABLE "mine"',
        'ALTER TABLE "thing" ADD COLUMN "storeys"', "column thing.storeys is not in the database",
    ):  # fmt: skip
        assert piece in said
    found = json.loads(typed("drift", *to, "--format", "json", code=1).output)
    assert {(one["kind"], one["place"]) for one in found} == {
        ("foreign", "thing.by_hand"), ("foreign", "by_hand_too"), ("foreign", "mine"), ("missing", "thing.storeys"),
    }  # fmt: skip
    (folder / "app.yaml").write_text(LATER)
    assert "drift" in typed("deploy", folder, *to, code=1).output


def test_environments_have_names(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACHWERK_DATABASE", raising=False)
    monkeypatch.setenv("PRODUCTION", f"sqlite:///{tmp_path}/production.db")
    (folder / "fachwerk.toml").write_text(
        f'[environments.test]\ndatabase = "sqlite:///{tmp_path}/test.db"\n'
        '[environments.production]\nvariable = "PRODUCTION"\n'
        '[environments.bad]\ndatabase = "postgresql://me:secret@host/db"\n'
    )
    for name in ("test", "production"):
        typed("deploy", folder, "--to", name)
        assert (tmp_path / f"{name}.db").exists()
    assert "Did you mean test" in typed("deploy", folder, "--to", "tset", code=1).output
    assert "password" in typed("deploy", folder, "--to", "bad", code=1).output
    monkeypatch.delenv("PRODUCTION")
    assert "PRODUCTION" in typed("plan", folder, "--to", "production", code=1).output


def test_a_plan_as_a_page_for_pipelines(folder: Path, sqlite_url: str, tmp_path: Path) -> None:
    typed("deploy", folder, "--to", sqlite_url)
    (folder / "app.yaml").write_text(LATER)
    file = tmp_path / "plan.html"
    told = typed("plan", folder, "--to", sqlite_url, "--json", "--html", file, "--site", "https://things.example.org")
    assert json.loads(told.output)["can_deploy"] is True
    page = file.read_text()
    assert page.lstrip().startswith("<!doctype html>")
    assert "thing.use" in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
