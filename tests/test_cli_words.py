"""What somebody is told who types something wrong: in their language, with the way out, and nothing is left behind."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fachwerk.cli import main
from fachwerk.cli_common import DAY
from fachwerk.engine.database_open import open_database
from fachwerk.engine.server.serving import open_deployed

PROJECT = """app: small
label: Small
languages: [en]
---
roles: {clerk: {}}
---
entity: thing
label: Thing
title: name
fields: {name: text!}
access: {clerk: {create: true, read: true}}
---
workflow: going
of: thing
states: {open: {initial: true}, closed: {final: true}}
transitions:
  close: {from: open, to: closed, by: clerk}
"""

WRONG = [
    ("plann", "Den Befehl 'plann' gibt es nicht. Meinten Sie"),
    ("xyzzy", "Den Befehl 'xyzzy' gibt es nicht."),
    ("--lang de", "Die Option '--lang' gibt es nicht. Meinten Sie '--language'?"),
    ("plan --xyzzy", "Die Option '--xyzzy' gibt es nicht."),
    ("plan nix", "PATH passt nicht: Den Pfad 'nix' gibt es nicht."),
    ("versions a b", "Zu viel angegeben: a b."),
    ("user absent", "Es fehlt: 'NAME'."),
    ("user absent a --until 1.1.2026", "Es fehlt die Option '--deputy'."),
    ("user absent a --deputy", "Nach der Option '--deputy' fehlt die Angabe."),
    ("user absent a --deputy b --until 31.2.2026", "'31.2.2026' ist kein Tag des Kalenders. Schreiben Sie 1.12.2026"),
    ("validate --strict=1", "Die Option '--strict' steht ohne Angabe."),
    ("jobs list --most 0", "0 liegt nicht zwischen 1 und 10000."),
    ("jobs list --most x", "'x' ist keine ganze Zahl."),
    ("test --most 0", "0 ist zu wenig; mindestens 1."),
    ("rollback x", "VERSION passt nicht: 'x' ist keine ganze Zahl."),
    ("events --format x", "'x' gibt es hier nicht. Möglich sind: 'xes', 'ocel', 'ocel-sqlite', 'csv'."),
    ("deploy --plan .", "'.' ist ein Ordner, keine Datei."),
    ("diff 1 nix --to sqlite:///no.db", "Den Ordner nix gibt es nicht."),
    ("demo nix", "Es gibt kein Beispiel nix. Es gibt: building_permits,"),
    ("versions --to no.db", "Für eine Datei von SQLite schreiben Sie: --to sqlite:///no.db"),
]  # fmt: skip
ENGLISH = re.compile(r"\b(is|not|the|valid|value|argument|such|missing|does|error|usage|try)\b", re.IGNORECASE)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with a project in it and without a database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FACHWERK_DATABASE", raising=False)
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "app.yaml").write_text(PROJECT)
    return tmp_path


def typed(line: str, language: str = "de", entered: str | None = None) -> Result:
    return CliRunner().invoke(main, line.split(), input=entered, env={"FACHWERK_LANGUAGE": language})


@pytest.mark.parametrize(("line", "expected"), WRONG, ids=[line for line, _ in WRONG])
def test_mistakes_in_typing_are_told_in_german(line: str, expected: str) -> None:
    told = typed(line)
    assert expected in told.output, told.output
    assert told.exit_code in (1, 2)
    own = told.output.partition("Fehler:")[2]
    assert not ENGLISH.search(re.sub(r"'[^']*'|\S*--\S+", "", own)), own


@pytest.mark.parametrize(("line", "expected"), WRONG, ids=[line for line, _ in WRONG])
def test_the_same_in_english(line: str, expected: str) -> None:
    told = typed(line, "en")
    assert told.exit_code in (1, 2)
    assert not re.search("[äöüß]|gibt es|Fehler", told.output), told.output


@pytest.mark.parametrize("text", ["2026-12-01", "1.12.2026", "01.12.2026", "01/12/2026"])
def test_a_day_is_written_as_people_write_it(text: str) -> None:
    assert DAY.convert(text, None, None) == dt.date(2026, 12, 1)


def test_an_environment_that_is_not_there_says_what_to_write(here: Path) -> None:
    told = typed("plan project --to production").output
    assert f"in {Path('project') / 'fachwerk.toml'} stehen keine Umgebungen" in told
    assert '[environments.production]\n  database = "postgresql://BENUTZER@HOST/NAME"' in told
    (here / "project" / "fachwerk.toml").write_text('[environments.test]\ndatabase = "sqlite:///test.db"\n')
    assert "There are: test." in typed("plan project --to production", "en").output


READING = [
    "versions", "show", "diff", "drift", "pull out", "rollback", "events", "tidy project", "user absences",
    "user add anna --role clerk --password secret-secret-1", "user can anna close thing 1", "jobs list", "serve",
    "worker", "document paper 1", "document paper 1 --with project", "validate project --against sqlite:///no.db",
    "explain thing project --to sqlite:///no.db",
]  # fmt: skip


@pytest.mark.parametrize("line", READING)
def test_what_only_reads_leaves_no_file_behind(line: str, here: Path) -> None:
    before = sorted(here.rglob("*"))
    told = typed(line if "no.db" in line else f"{line} --to sqlite:///no.db" if _has_to(line) else f"{line} --database sqlite:///no.db")
    assert told.exit_code == 1, told.output
    assert "Es gibt keine Datenbank no.db: dorthin wurde noch nie etwas eingespielt." in told.output
    assert sorted(here.rglob("*")) == before


def _has_to(line: str) -> bool:
    return line.split()[0] not in ("user", "jobs", "serve", "worker")


def test_a_plan_of_a_file_that_is_not_there_is_that_of_an_empty_one(here: Path) -> None:
    told = typed("plan project --to sqlite:///no.db")
    assert told.exit_code == 0, told.output
    assert "noch nichts eingespielt: alles wird neu angelegt" in told.output
    assert not list(here.glob("no.db*"))
    assert typed("deploy project --to sqlite:///no.db --dry-run").exit_code == 0
    assert not list(here.glob("no.db*"))
    assert typed("deploy project --to sqlite:///no.db").exit_code == 0
    assert "noch nichts" not in typed("plan project --to sqlite:///no.db").output


def test_a_plan_of_an_empty_server_says_so(postgres_url: str) -> None:
    assert "Nothing was deployed to this database yet" in typed(f"plan project --to {postgres_url}", "en").output


async def _things(url: str, *names: str) -> None:
    async with open_deployed(url) as running:
        for name in names:
            await running.service.create(running.service.system, "thing", {"name": name})


def test_who_can_is_asked_by_words_or_id_and_refused_in_sentences(here: Path) -> None:
    url = "sqlite:///there.db"
    assert typed(f"deploy project --to {url}").exit_code == 0
    assert typed(f"user add anna --role clerk --password secret-secret-1 --database {url}").exit_code == 0
    asyncio.run(_things(url, "Red bucket", "Blue bucket"))
    can = f"user can anna close thing {{}} --database {url}"
    assert typed(can.format("Red")).output == "Ja\n"
    assert "„bucket“ findet mehr als einen Eintrag. Bitte genauer, oder mit der Kennung." in typed(can.format("bucket")).output
    assert "„green“ findet keinen Eintrag." in typed(can.format("green")).output
    none = "01930000-0000-7000-8000-000000000000"
    assert f"There is no Thing with the id {none}." in typed(can.format(none), "en").output
    assert "Es gibt keine Entität thin. Meinten Sie thing?" in typed(can.format("Red").replace(" thing", " thin")).output


def test_a_password_is_asked_for_in_german_until_it_is_the_same_twice() -> None:
    url = "sqlite:///there.db"
    typed(f"deploy project --to {url}")
    told = typed(f"user add anna --role clerk --database {url}", entered="secret-secret-1\nother\n" + "secret-secret-1\n" * 2)
    assert told.exit_code == 0, told.output
    assert "Passwort" in told.output
    assert "Das waren zwei verschiedene Passwörter." in told.output


@pytest.mark.parametrize(("answer", "number"), [("j\n", 3), ("ja\n", 3), ("\n", 2), ("n\n", 2)])
def test_going_back_is_agreed_to_in_german(answer: str, number: int, here: Path) -> None:
    url = "sqlite:///there.db"
    typed(f"deploy project --to {url}")
    (here / "project" / "app.yaml").write_text(PROJECT.replace("text!", "text"))
    typed(f"deploy project --to {url}")
    told = typed(f"rollback --to {url}", entered=answer)
    assert "Zurück zu Version 1? [j/N]" in told.output
    assert len(typed(f"versions --to {url}").output.splitlines()) == number


def test_the_first_version_is_not_said_to_be_undone() -> None:
    assert "rollback" not in typed("deploy project --to sqlite:///there.db").output


def test_what_is_noticed_is_not_asked_while_scenarios_fail(here: Path) -> None:
    (here / "project" / "one.yaml").write_text(
        "scenario: closed from the start\ngiven: {anna: {user: [clerk]}, it: {thing: {name: Red}}}\n"
        "steps: [{as: anna, do: close it, expect: {it: {state: open}}}]\n"
    )
    told = typed("test project --mutate")
    assert told.exit_code == 1, told.output
    assert "Zur Probe verändert (--mutate) wurde nichts" in told.output


def test_opening_makes_a_file_only_where_that_is_wanted(here: Path) -> None:
    async def opened_new() -> None:
        await (await open_database("sqlite:///new.db")).close()

    asyncio.run(opened_new())
    assert (here / "new.db").exists()
