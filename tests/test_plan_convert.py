"""Rules over values that are there: applied to every value, once, counted before, and checked against what is in force.

``UPDATE_CASES=1 pytest tests/test_plan_convert.py`` writes the expected texts anew, to be read before they are committed.
"""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from pathlib import Path

import pytest
from changing import ACCESS, begin, deployed, job, opened, values
from click.testing import CliRunner
from fachwerk.cli import main
from fachwerk.engine.changes import problems_against
from fachwerk.engine.deploy import deploy, rollback
from fachwerk.engine.plan.asking import WrongRules, check_pending
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.planning import make_plan
from fachwerk.schemas.report import as_text
from office import read_text

CASES = Path(__file__).parent / "cases" / "against"


FIRST = job("hours: integer", "kind: {type: choice, options: [a, b]}")
MINUTES = "hours: {type: integer, convert: hours * 60}"
HOURS: tuple[object, ...] = (0, 2, None, 5)


@pytest.mark.parametrize(
    ("field", "wanted", "changes"),
    [
        (MINUTES, [0, 120, None, 300], 2),
        ("hours: {type: decimal, places: 1, convert: hours * 60}", [0, 120, None, 300], 2),
        ("hours: {type: text, convert: 'string(hours) + \" h\"'}", ["0 h", "2 h", None, "5 h"], 3),
        ("hours: {type: integer, convert: 'if hours > 4 then 4 else null'}", [0, 2, None, 4], 1),
        ("hours: {type: integer, convert: hours * 60, fill: '7'}", [0, 120, 7, 300], 2),
        ("hours: {type: integer, convert: hours}", [0, 2, None, 5], 0),
    ],
)
def test_a_rule_is_applied_to_every_value_and_the_plan_says_how_many_it_changes(
    database_url: str, field: str, wanted: list[object], changes: int
) -> None:
    async def work() -> None:
        await begin(database_url, FIRST)
        text = job(field, "kind: {type: choice, options: [a, b]}")
        running = await opened(database_url, text)
        plan = await make_plan(running.database, running.app.project)
        said = [impact for impact in plan.impacts if impact.kind == "by_rule"]
        assert [(one.count, one.of) for one in said] == [(changes, 3)]
        assert said[0].text["en"] == f"`convert` changes {changes} of 3 values"
        await deploy(running.app, running.database)
        await running.database.close()
        assert await values(database_url, text) == [Decimal(v) if isinstance(v, int) else v for v in wanted]

    asyncio.run(work())


def test_a_rule_is_applied_once(database_url: str) -> None:
    """Not again with other changes, nor after going back and forth; but again where it was taken out in between."""

    async def work() -> None:
        await begin(database_url, FIRST)
        later = job(MINUTES, "kind: {type: choice, options: [a, b]}", "more: text")
        minutes = job(MINUTES, "kind: {type: choice, options: [a, b]}")
        await deployed(database_url, minutes)
        running = await opened(database_url, later)
        plan = await make_plan(running.database, running.app.project)
        assert [impact.kind for impact in plan.impacts] == ["no_value"]
        await deploy(running.app, running.database)
        assert await values(database_url, later) == [0, 120, None, 300]
        await rollback(running.database, 2)
        await deployed(database_url, later)
        assert await values(database_url, later) == [0, 120, None, 300]
        await rollback(running.database, 1)
        assert await values(database_url, FIRST) == [0, 2, None, 5]
        await deployed(database_url, minutes)
        assert await values(database_url, minutes) == [0, 120, None, 300]
        tidied = job("hours: integer", "kind: {type: choice, options: [a, b]}")
        await deployed(database_url, tidied)
        await deployed(database_url, minutes)
        assert await values(database_url, minutes) == [0, 7200, None, 18000]
        await running.database.close()

    asyncio.run(work())


def test_options_are_mapped_before_and_may_be_converted(database_url: str) -> None:
    async def work() -> None:
        await begin(database_url, FIRST, field="kind", values=("a", "b", None))
        rule = "if hours = null and kind = \"a\" then \"d\" else null"
        text = job("hours: integer", f"kind: {{type: choice, options: {{c: {{was: [a, b]}}, d: D}}, convert: '{rule}'}}")
        await deployed(database_url, text)
        assert await values(database_url, text, "kind") == ["d", "c", None]

    asyncio.run(work())


def test_a_value_that_the_rule_gives_and_that_does_not_fit_is_refused(database_url: str) -> None:
    async def work() -> None:
        await begin(database_url, FIRST, field="kind", values=("a",))
        text = job("hours: integer", "kind: {type: choice, options: [a, b], convert: '\"a\" + kind'}")
        running = await opened(database_url, text)
        plan = await make_plan(running.database, running.app.project)
        assert [impact.kind for impact in plan.blocked] == ["converts"]
        await running.database.close()

    asyncio.run(work())


WRONG = {
    "names": "hours: {type: integer, convert: ours * 60}",
    "type": "hours: {type: integer, convert: 'string(hours)'}",
    "fill": "name_too: {type: text, fill: surname}",
    "fill_type": "on: {type: date, fill: hours + 1}",
    "several": "place: {type: link, to: job, convert: place}",
}
OLD = FIRST.replace("fields:\n", "fields:\n  place: {type: link, to: [job, other]}\n") + (
    f"---\nentity: other\ntitle: name\nfields: {{name: text!}}\n{ACCESS}"
)


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_rules_are_said_with_their_place(name: str) -> None:
    field = WRONG[name]
    kept = "kind: {type: choice, options: [a, b]}"
    fields = (field, kept) if field.startswith("hours") else (field, "hours: integer", kept)
    new = job(*fields) + f"---\nentity: other\ntitle: name\nfields: {{name: text!}}\n{ACCESS}"
    problems = check_pending(Pairing(read_text(OLD), read_text(new)))
    assert problems.errors
    for language in ("en", "de"):
        path, said = CASES / f"{name}.{language}.txt", as_text(problems, language=language, files=1)
        if os.environ.get("UPDATE_CASES"):
            path.write_text(said, encoding="utf-8")
        assert said == path.read_text(encoding="utf-8")


def test_wrong_rules_stop_plan_and_deploy_and_validate(database_url: str, tmp_path: Path) -> None:
    text = job("hours: {type: integer, convert: ours * 60}")

    async def work() -> None:
        await begin(database_url, FIRST)
        running = await opened(database_url, text)
        with pytest.raises(WrongRules):
            await make_plan(running.database, running.app.project)
        with pytest.raises(WrongRules):
            await deploy(running.app, running.database, allowed=frozenset(("job.kind",)))
        assert len((await problems_against(running.app.project, database_url)).errors) == 1
        await running.database.close()

    asyncio.run(work())
    (tmp_path / "app.yaml").write_text(text)
    runner = CliRunner()
    assert runner.invoke(main, ["--language", "en", "validate", str(tmp_path)]).exit_code == 0
    said = runner.invoke(main, ["--language", "en", "validate", str(tmp_path), "--against", database_url])
    assert said.exit_code == 1
    assert "ours" in said.output
    planned = runner.invoke(main, ["--language", "en", "plan", str(tmp_path), "--to", database_url])
    assert planned.exit_code == 1
    assert "`hours`" in planned.output
    assert "Nothing was changed" in planned.output


def test_a_rule_without_effect_is_said(database_url: str) -> None:
    async def work() -> None:
        await begin(database_url, FIRST)
        text = job("hours: integer", "kind: {type: choice, options: [a, b]}", "new: {type: text, convert: name}")
        running = await opened(database_url, text)
        plan = await make_plan(running.database, running.app.project)
        assert "no_effect" in [impact.kind for impact in plan.impacts]
        await running.database.close()

    asyncio.run(work())
