"""Scenarios that pass, what they reach, and which changes of the configuration they notice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from fachwerk.cli import main
from fachwerk.engine.database_open import open_database
from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import compile_project
from fachwerk.engine.plan.compare import compare
from fachwerk.engine.trial.coverage import coverage
from fachwerk.engine.trial.mutating import Wanted, mutants, mutate
from fachwerk.engine.trial.running import run_scenario
from fachwerk.engine.trial.stage import open_stage
from fachwerk.engine.trial.trying import Tried, chosen, try_scenarios
from fachwerk.engine.trial.variants import text_variants
from fachwerk.problems import Fragment, say
from fachwerk.rules.scope import Scope
from fachwerk.rules.types import NUMBER, Typed
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from fachwerk.schemas.report import as_text
from fachwerk.schemas.starter import new_project

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
BASE = (HERE / "cases" / "scenarios" / "base.txt").read_bytes()
GIVEN = """\
given:
  anna:  {user: [applicant], person: {name: Anna, email: anna@home.example}}
  carl:  {user: [clerk]}
  eva:   {user: [engineer]}
  hanna: {user: [head]}
  house: {permit: {applicant: anna, kind: new, area: "140,5", storeys: 2, plans: [plan.pdf], note: careful}}
"""
STEPS = """\
  - as: anna
    sees: {house: [fee]}
    hides: {house: [note]}
    finds: {permit: [house], person: [anna]}
    inbox: [house]
    can: [file house, update house, create permit]
    cannot: [delete house, begin house]
  - {as: anna, do: file house, expect: {house: {state: filed, fee: 140.5, filed_on: 2026-03-02, due: 2026-04-13}}}
  - {as: carl, do: begin house, made: {check: task}, sent: [{webhook: register, says: P-001}]}
  - {expect: {check: {what: Check P-001, permit: house}}}
  - {as: eva, do: approve house}
  - {as: eva, do: statics.approve house, refused: wrong_state}
  - {everyone: approve house, expect: {house: {state: decided, due: }}}
  - {as: carl, do: grant house, refused: not_allowed}
  - {as: hanna, do: grant house, sent: [{to: anna, message: granted, says: dear anna}, {to: anna@home.example}]}
"""
WHOLE = f"scenario: from draft to grant\n{GIVEN}steps:\n{STEPS}"


def project_of(text: str, **files: str) -> Project:
    found: Mapping[str, bytes] = {"base.yaml": BASE, "tried.yaml": text.encode()}
    project, problems = read_project({**found, **{name: one.encode() for name, one in files.items()}})
    assert project is not None, as_text(problems)
    return project


def tried(text: str) -> Tried:
    project = project_of(text)
    return try_scenarios(project, chosen(project, None))


def said(of: Tried) -> list[str]:
    return [problem.message() for result in of.results for problem in result.problems]


def passes(steps: str, today: str = "") -> None:
    """Say that steps go as they say, after what is given everywhere here."""
    assert said(tried(f"scenario: it\n{today}{GIVEN}steps:\n{steps}")) == []


def test_from_the_first_step_to_the_last() -> None:
    assert said(tried(WHOLE)) == []


def test_the_order_of_what_is_given_does_not_matter() -> None:
    steps = "  - {expect: {house: {applicant: anna}}}\n"
    turned = "\n".join(["given:", *reversed(GIVEN.splitlines()[1:])]) + "\n"
    assert said(tried(f"scenario: it\n{turned}steps:\n{steps}")) == []


@pytest.mark.parametrize("reason", ["true", "invalid", "at most 3", "höchstens 3", "{storeys: Höchstens 3}"])
def test_a_refusal_by_code_and_by_words_of_either_language(reason: str) -> None:
    passes(f"  - {{as: anna, update: {{house: {{storeys: 4}}}}, refused: {reason}}}\n")


def test_after_a_refusal_nothing_has_changed() -> None:
    passes(
        "  - {as: anna, update: {house: {storeys: 4}}, refused: invalid, expect: {house: {storeys: 2}}}\n"
        "  - {as: hanna, do: file house, refused: not_allowed, expect: {house: {state: draft}}}\n"
    )


def test_records_are_made_changed_and_removed() -> None:
    passes(
        "  - {as: carl, create: {task: {what: Look, permit: house}}, name: look}\n"
        "  - {as: carl, update: {look: {what: Look again, permit: }}, expect: {look: {what: Look again, permit: }}}\n"
        "  - {as: carl, remove: look, refused: not_allowed}\n"
        "  - {as: anna, update: {look: {what: no}}, refused: not_found}\n"
    )


def test_time_passes_and_what_is_due_happens_at_its_moment() -> None:
    passes(
        "  - {as: anna, do: file house, expect: {house: {due: 2026-04-13}}}\n"
        "  - {later: 5 weeks, sent: [{to: hanna, says: 13 Apr 2026}]}\n"
        "  - {later: 6 days, sent: []}\n"
        "  - {later: 2 days, sent: [{to: hanna, message: late}]}\n"
    )
    passes("  - {later: 29 days, sent: []}\n  - {later: 2 days, sent: [{to: carl, message: late}]}\n")


def test_the_day_is_the_one_that_is_said() -> None:
    passes("  - {as: anna, do: file house, expect: {house: {filed_on: 2031-12-24}}}\n", "today: 2031-12-24 23:30\n")


def test_whoever_is_absent_is_stood_in_for() -> None:
    passes(
        "  - {as: anna, do: file house}\n"
        "  - {absent: {carl: {deputy: eva, until: 2026-03-10}}}\n"
        "  - {as: eva, for: carl, do: begin house, expect: {house: {state: review}}}\n"
        "  - {as: hanna, for: carl, do: law.approve house, refused: not_deputy}\n"
        "  - {later: 2 weeks}\n"
        "  - {as: eva, for: carl, do: law.approve house, refused: not_deputy}\n"
    )


def test_nothing_of_a_scenario_is_left_for_the_next() -> None:
    project = project_of(WHOLE)
    (scenario,) = project.scenarios.values()

    async def twice() -> list[bool]:
        stage = await open_stage(project)
        return [(await run_scenario(stage, scenario)).passed for _ in range(3)]

    assert asyncio.run(twice()) == [True, True, True]


def test_an_effect_that_fails_fails_the_scenario() -> None:
    steps = "  - {as: anna, do: file house}\n  - {as: carl, do: begin house}\n"
    broken = BASE.replace(b"what: '\"Check \" + number'", b"what: note")
    text = f"scenario: it\n{GIVEN.replace(', note: careful', '')}steps:\n{steps}"
    project, problems = read_project({"base.yaml": broken, "tried.yaml": text.encode()})
    assert project is not None, as_text(problems)
    (failure,) = said(try_scenarios(project, chosen(project, None)))
    assert failure.startswith("what follows from this step failed")


def test_what_was_reached_and_what_not() -> None:
    found = {one.group: one for one in tried(WHOLE).reached}
    assert (found["taken"].count, found["taken"].total) == (4, 5)
    assert [item.name for item in found["taken"].missing] == ["refuse"]
    assert [item.name for item in found["given"].missing] == ["statics.object", "law.object"]
    assert (found["check"].count, found["row"].count, found["hidden"].count, found["message"].count) == (0, 1, 1, 1)
    assert {item.name for item in found["right"].missing} >= {"clerk cannot delete person", "engineer cannot read task"}
    assert "applicant can read permit" not in {item.name for item in found["right"].missing}
    project = project_of(WHOLE)
    assert all(one.count == 0 for one in coverage(project, frozenset()))


CARDS = """\
app: cards
---
roles: {citizen: {}, clerk: {}, head: {includes: [clerk]}, guest: {}}
---
entity: card
title: name
fields: {name: text!, user: user, old: boolean}
access:
  citizen: {read: user = me, update: user =  me, delete: user = me and old}
  clerk:   {read: true, update: old != true}
  head:    {delete: true}
  guest:   {create: true}
---
scenario: cards
given:
  anna: {user: [citizen], card: {name: Anna}}
  ben:  {user: [citizen], card: {name: Ben}}
steps:
"""


def rights_not_tried(steps: str) -> set[str]:
    project, problems = read_project({"cards.yaml": (CARDS + steps).encode()})
    assert project is not None, as_text(problems)
    of = try_scenarios(project, chosen(project, None))
    assert said(of) == []
    return {item.name for one in of.reached if one.group == "right" for item in one.missing}


def test_rights_that_nobody_can_meet_are_not_counted() -> None:
    """Not: what may be read may be changed; nothing may be read; the right comes by another role."""
    missing = rights_not_tried("  - {expect: {anna: {name: Anna}}}\n")
    assert {name for name in missing if "cannot" in name} == {
        "citizen cannot create card", "citizen cannot read card", "citizen cannot delete card",
        "clerk cannot create card", "clerk cannot update card", "clerk cannot delete card",
        "head cannot create card", "guest cannot read card",
    }  # fmt: skip


@pytest.mark.parametrize("step", ["remove: ben, refused: not_found", "cannot: delete ben"])
def test_what_may_not_even_be_read_was_tried_to_be_changed(step: str) -> None:
    assert "citizen cannot delete card" not in rights_not_tried(f"  - {{as: anna, {step}}}\n")


# changes of the configuration


@pytest.mark.parametrize(
    ("rule", "variants"),
    [
        ("a < b", ["a <= b"]),
        ("a = 3", ["a != 3", "a = 4"]),
        ("a > 1 and (b <= 2 or a = b)", ["a > 1 or (b <= 2 or a = b)", "a >= 1 and (b <= 2 or a = b)"]),
        ("not(a = b)", ["(a = b)", "not(a != b)"]),
        ("some x in [a, b] satisfies x > 0", ["every x in [a, b] satisfies x > 0"]),
        ('duration("P14D") > duration("P1D")', ['duration("P15D") > duration("P1D")']),
    ],
)
def test_variants_of_a_rule(rule: str, variants: list[str]) -> None:
    scope = Scope({"a": Typed(NUMBER), "b": Typed(NUMBER)})
    found = [one.fragment.text for one in text_variants(Fragment.of(rule), scope)]
    assert set(variants) <= set(found)
    assert rule not in found
    assert len(set(found)) == len(found)


def test_variants_of_a_cell() -> None:
    scope = Scope({"?": Typed(NUMBER)})
    for cell, wanted in (("< 100", {"<= 100", "< 101"}), ("[1..5]", {"(1..5]", "[1..5)", "[2..5]", "[1..6]"})):
        assert {one.fragment.text for one in text_variants(Fragment.of(cell), scope, tests=True)} == wanted


def test_every_mutant_says_where_and_what_and_can_be_compiled() -> None:
    project = project_of(WHOLE)
    found = mutants(project)
    words = [f"{one.owner}: {say(one.what)}" for one in found]
    for wanted in (
        "grant: `not_by: begin` left out", "file: `require: plans` left out", "refuse: `comment: required` left out",
        "begin: `create: task` left out", "permit: `check: storeys <= 3` left out", "permit: `storeys < 3` instead of "
        "`storeys <= 3`", "permit: `hide: note` left out", "price: `<= 100` instead of `< 100`",
        "decide: `within: 7 weeks` instead of `within: 6 weeks`", "file: `set: filed_on` left out",
        "price: the results of rows 1 and 2 swapped", "task: applicant may read task",
    ):  # fmt: skip
        assert wanted in words
    assert len(set(words)) > 0.9 * len(words)
    for mutant in found:
        assert mutant.project.files is project.files
    for mutant in found[::7]:
        compile_project(mutant.project, "sqlite")


SMALL = """\
app: desk
languages: [en]
---
roles: {clerk: {}, head: {}}
---
entity: request
fields: {subject: text!}
access: {clerk: {create: true, read: true}, head: {read: true}}
---
workflow: desk
of: request
states: {open: {initial: true}, checked: {}, done: {final: true}}
transitions:
  check: {from: open, to: checked, by: [clerk, head]}
  sign: {from: checked, to: done, by: head, not_by: check}
---
scenario: it goes its way
given: {carl: {user: [clerk]}, hanna: {user: [head]}, one: {request: {subject: Paper}}}
steps:
  - {as: carl, do: check one}
  - {as: hanna, do: sign one}
"""
EYES = """\
---
scenario: four eyes
given: {hanna: {user: [head]}, one: {request: {subject: Paper}}}
steps:
  - {as: hanna, do: check one}
  - {as: hanna, do: sign one, refused: four_eyes}
"""


def test_scenarios_notice_what_they_try() -> None:
    """Four eyes are noticed only by the scenario that tries to use one pair."""
    without, with_ = survivors(SMALL), survivors(SMALL + EYES)
    assert without - with_ == {"sign: `not_by: check` left out"}
    assert with_ == {
        "request.subject: `required: true` left out", "sign: anybody may, not only head",
        "request: clerk may delete request", "request: clerk may update request", "request: head may create request",
        "request: head may delete request", "request: head may update request",
    }  # fmt: skip


PARTS = SMALL.replace("checked: {}", "checked: {parallel: {first: {by: [clerk, head]}, second: {by: [clerk, head], after: first, not_by: [first, check]}}}").replace(
    "by: head, not_by: check}", "by: head, when: complete}"
).replace("do: sign one}", "do: first.approve one}\n  - {everyone: approve one}\n  - {as: hanna, do: sign one}")
PART_EYES = """\
---
scenario: four eyes of parts
given: {carl: {user: [clerk]}, eve: {user: [clerk]}, hanna: {user: [head]}, one: {request: {subject: Paper}}}
steps:
  - {as: hanna, do: check one}
  - {as: carl, do: first.approve one}
  - {as: carl, do: second.approve one, refused: four_eyes}
  - {as: hanna, do: second.approve one, refused: "you did “check”"}
  - {as: eve, do: second.approve one}
"""


def test_scenarios_notice_four_eyes_of_parts() -> None:
    left = {"second: `not_by: first` left out", "second: `not_by: check` left out"}
    without, with_ = survivors(PARTS), survivors(PARTS + PART_EYES)
    assert without >= left
    assert not with_ & left



def test_a_right_on_all_that_may_be_read_cannot_be_wider() -> None:
    wider = "citizen may update any card, not only where `user = me`"

    def equal(text: str) -> bool:
        project, problems = read_project({"cards.yaml": text.encode()})
        assert project is not None, as_text(problems)
        (found,) = [one for one in mutants(project) if say(one.what) == wider]
        return found.equal is not None

    everything = CARDS.partition("\n---\nscenario")[0].replace("update: old != true", "update: true")
    assert equal(everything)
    assert not equal(everything.replace("update: true", "update: old = true"))  # a clerk reads what they cannot change
    assert not equal(everything.replace("update: user =  me", "update: user = me").replace("{read: user", "{read: old or user"))


def survivors(text: str) -> set[str]:
    project, problems = read_project({"small.yaml": text.encode()})
    assert project is not None, as_text(problems)
    score = mutate(project, Wanted(jobs=1))
    assert score.tried == score.noticed + len(score.survivors)
    return {f"{one.owner}: {say(one.what)}" for one in score.survivors}


def test_a_change_of_scenarios_alone_changes_nothing_else(tmp_path: Path) -> None:
    one, other = project_of(WHOLE), project_of(WHOLE.replace("from draft to grant", "all the way"))
    assert compare(one, other) == ()

    async def deployed() -> tuple[str, ...]:
        database = await open_database(f"sqlite:///{tmp_path / 'kept.db'}")
        await deploy(compile_project(one, "sqlite"), database)
        second = await deploy(compile_project(other, "sqlite"), database)
        await database.close()
        return second.made

    assert asyncio.run(deployed()) == ()


# the examples


@pytest.mark.parametrize("name", sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()))
def test_the_scenarios_of_an_example_pass(name: str) -> None:
    project, problems = read_project(EXAMPLES / name)
    assert project is not None, as_text(problems)
    of = try_scenarios(project, chosen(project, None))
    assert said(of) == []
    if name == "building_permits":
        assert {"nobody decides on a review that they started", "a plot limits the storeys"} <= set(project.scenarios)


def test_a_new_project_has_a_scenario_that_passes(tmp_path: Path) -> None:
    new_project(tmp_path / "office")
    project, _ = read_project(tmp_path / "office")
    assert project is not None
    of = try_scenarios(project, chosen(project, None))
    assert (len(of.results), said(of)) == (1, [])


# the command


def run(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["--language", "en", "test", str(folder), *options])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_bytes(BASE)
    (tmp_path / "tried.yaml").write_text(WHOLE, encoding="utf-8")
    return tmp_path


def test_the_command(folder: Path) -> None:
    result = run(folder, "--coverage")
    assert result.exit_code == 0
    assert result.output.startswith("✓ from draft to grant ")
    assert "1 scenario passed.\nReached: 4 of 5 transitions, " in result.output
    assert "Never tried: refuse, and " in result.output
    assert "\n  refuse " in result.output
    german = CliRunner().invoke(main, ["--language", "de", "test", str(folder)]).output
    assert "1 Szenario bestanden.\nErreicht: 4 von 5 Übergängen" in german


def test_a_failure_has_exit_code_1(folder: Path) -> None:
    (folder / "other.yaml").write_text(f"scenario: it\n{GIVEN}steps:\n  - {{expect: {{house: {{kind: old}}}}}}\n")
    result = run(folder, "--junit", str(folder / "junit.xml"))
    assert result.exit_code == 1
    assert "✗ it " in result.output
    assert "1 scenario passed, 1 failed." in result.output
    suite = ElementTree.parse(folder / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failure = suite.find(".//failure")
    assert failure is not None
    assert failure.get("message") == "`kind` of `house` is new, not old"
    assert run(folder, "--only", "draft").exit_code == 0
    none = run(folder, "--only", "nothing")
    assert (none.exit_code, "No scenario has “nothing”" in none.output) == (1, True)


def test_as_json(folder: Path) -> None:
    data = json.loads(run(folder, "--json").output)
    assert (data["passed"], data["failed"]) == (1, 0)
    assert data["scenarios"][0]["name"] == "from draft to grant"
    assert data["coverage"]["taken"] == {
        "reached": 4, "total": 5, "missing": [{"name": "refuse", "file": "base.yaml", "line": 77}],
    }  # fmt: skip


def test_with_errors_nothing_is_tried(folder: Path) -> None:
    (folder / "other.yaml").write_text("scenario: it\nsteps: [{as: nobody, do: file house}]\n")
    result = run(folder)
    assert result.exit_code == 1
    assert "unknown-given" in result.output


def test_changes_that_nobody_notices(folder: Path) -> None:
    result = run(folder, "--mutate", "--jobs", "1", "--most", "12", "--seed", "3", "--json")
    mutants_ = json.loads(result.output)["mutants"]
    assert mutants_["tried"] == 12
    assert mutants_["noticed"] == 12 - len(mutants_["survivors"])
    assert result.exit_code == 0
    again = run(folder, "--mutate", "--jobs", "2", "--most", "12", "--seed", "3", "--least", "100")
    assert again.exit_code == (0 if mutants_["noticed"] == 12 else 1)
    assert f"12 changes tried, {mutants_['noticed']} noticed" in again.output
