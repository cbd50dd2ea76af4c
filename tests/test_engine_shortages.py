"""Steps for which a database has too few accounts: said when accounts change and after a deploy, not of a new database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner
from fachwerk.cli import main
from fachwerk.engine.plan.impact import count_impacts
from fachwerk.engine.shortages import shortages
from office import Office, office, read_text

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
        ((HEAD, CLERK), {"Review: nobody has an account that may do “Votes”."}),
        ((MEMBER, CHAIR, HEAD), {"Review: “Sign” takes somebody else than “Check”, and one account alone may do either."}),
        ((MEMBER | HEAD, CHAIR | HEAD), set()),
        ((MEMBER, CHAIR), {f"Review: nobody has an account that may do “{step}”." for step in ("Check", "Sign")}),
    ],
)
def test_what_there_are_too_few_for(held: tuple[frozenset[str], ...], said: set[str]) -> None:
    assert {one.told["en"] for one in shortages(read_text(APP), held)} == said


def test_whoever_may_sign_up_can_still_come() -> None:
    project = read_text(APP.replace("chair: {includes: [member]}", "chair: {includes: [member], signs_up: true}"))
    assert shortages(project, [HEAD, CLERK]) == ()


def test_it_is_said_in_german() -> None:
    texts = {one.told["de"] for one in shortages(read_text(APP), [HEAD])}
    assert texts == {
        "Review: niemand hat ein Konto, das „Abstimmung“ ausführen darf.",
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


def test_a_plan_says_what_there_would_be_too_few_for(database_url: str) -> None:
    async def plan(office: Office, *changes: tuple[str, str]) -> set[str]:
        text = APP
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        made = await count_impacts(office.running.app, read_text(text), office.running.database, now=office.service.kit.clock())
        return {one.text["en"] for one in made.impacts if one.kind in ("quorum", "too_few")}

    async def work() -> None:
        async with office(database_url, APP) as made:
            assert await plan(made, ("title: name", "title: name + name")) == set()
            by = ("own: {by: [owner, head], needs: 2}", "own: {by: press}")
            role = ("head: {}}", "head: {}, press: {}}")
            read = ("head: {read: true}}", "head: {read: true}, press: {read: true}}")
            assert await plan(made, by, role, read) == {"nobody has an account that may do “Own”"}
            assert await plan(made, ("to: board, by: [clerk, head]", "to: board, by: head"), ("to: done, by: [head, clerk]", "to: done, by: head")) == {
                "“Sign” takes somebody else than “Check”, and one account alone may do either"
            }

    asyncio.run(work())
