"""Steps for which a database has too few accounts: said when accounts change and after a deploy, not of a new database."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from fachwerk.cli import main
from fachwerk.engine.shortages import shortages
from office import read_text

APP = """
app: desk
languages: [en, de]
---
roles: {clerk: {}, member: {}, chair: {includes: [member]}, head: {}}
---
entity: permit
title: name
fields: {name: text!, owner: user}
access: {clerk: {create: true, read: true}, member: {read: true}, head: {read: true}}
---
workflow: review
of: permit
states:
  draft: {initial: true}
  board: {parallel: {votes: {label: {en: Votes, de: Abstimmung}, by: member, needs: 2}, own: {by: [owner, head], needs: 2}}}
  done: {final: true}
transitions:
  check: {label: {en: Check, de: Prüfen}, from: draft, to: board, by: [clerk, head]}
  sign: {label: {en: Sign, de: Zeichnen}, from: board, to: done, by: [head, clerk], not_by: [check, creator], when: complete}
"""

MEMBER, CHAIR, HEAD, CLERK = (frozenset({name}) for name in ("member", "chair", "head", "clerk"))


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ((), set()),
        ((MEMBER, CHAIR, HEAD, CLERK), set()),
        ((CHAIR, HEAD, CLERK), {"Review: “Votes” needs 2 different people, and only 1 may answer."}),
        ((HEAD, CLERK), {"Review: nobody has an account who may decide “Votes”."}),
        ((MEMBER, CHAIR, HEAD), {"Review: “Sign” takes somebody else than “Check”, and one account alone may do either."}),
        ((MEMBER | HEAD, CHAIR | HEAD), set()),
    ],
)
def test_what_there_are_too_few_for(held: tuple[frozenset[str], ...], said: set[str]) -> None:
    assert {text["en"] for text in shortages(read_text(APP), held)} == said


def test_it_is_said_in_german() -> None:
    texts = {text["de"] for text in shortages(read_text(APP), [HEAD])}
    assert texts == {
        "Review: niemand hat ein Konto, der über „Abstimmung“ entscheiden darf.",
        "Review: „Zeichnen“ braucht jemand anderen als „Prüfen“, und nur ein einziges Konto darf beides.",
    }


def test_the_command_line_says_it_when_it_matters(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(APP, encoding="utf-8")

    def said(*words: str) -> str:
        result = CliRunner().invoke(main, ["--language", "en", *words])
        assert result.exit_code == 0, result.output
        return result.output

    def user(*words: str) -> str:
        return said("user", *words, "--database", database_url)

    def add(name: str, role: str) -> None:
        user("add", name, "--role", role, "--password", "a good long password")

    deploy = ("deploy", str(tmp_path), "--to", database_url)
    assert "Too few people" not in said(*deploy)  # nobody has an account yet
    (tmp_path / "app.yaml").write_text(APP.replace("by: member, needs: 2", "by: member, needs: 3"), encoding="utf-8")
    assert "different people" not in said("plan", str(tmp_path), "--to", database_url)
    for name, role in (("mia", "member"), ("dan", "chair"), ("hanna", "head"), ("carl", "clerk")):
        add(name, role)
    assert "Too few people" not in user("list")
    assert "`votes` needs 3 different people, and only 2 may answer" in said("plan", str(tmp_path), "--to", database_url)
    few = "Too few people: Review: “Votes” needs 2 different people, and only 1 may answer."
    assert few in user("close", "mia")
    assert few in user("list")
    (tmp_path / "app.yaml").write_text(APP.replace("title: name", "title: name + name"), encoding="utf-8")
    assert few in said(*deploy)
    assert few in said("rollback", "--to", database_url, "--yes")
    assert "Too few" not in user("roles", "hanna", "--role", "head", "--role", "member")
    assert "“Sign” takes somebody else" in user("roles", "carl", "--role", "member")
    assert "Too few people" not in user("reopen", "mia")
