"""Decisions asked by name: in a project, in a DMN file, and from the command line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from fachwerk.cli import main
from fachwerk.engine.decisions import decide_project
from fachwerk.problems import Refused
from fachwerk.schemas.read import read_project

PROJECT = """
app: shop
---
decision: fee
inputs: {kind: text, amount: number}
output: number
hit: first
table: |
  | kind   | amount | => fee       |
  | "new"  | < 100  | 5            |
  | "new"  | -      | amount / 10  |
  | -      | -      | 0            |
"""
MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">
<inputData id="net" name="Net"><variable name="Net" typeRef="number"/></inputData>
<decision id="gross" name="Gross price"><variable name="Gross price" typeRef="number"/>
  <informationRequirement><requiredInput href="#net"/></informationRequirement>
  <literalExpression><text>Net * 1.19</text></literalExpression></decision></definitions>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(PROJECT)
    (tmp_path / "vat.dmn").write_text(MODEL)
    return tmp_path


def test_a_decision_is_asked_by_name(folder: Path) -> None:
    project, problems = read_project(folder)
    assert project is not None, [p.message() for p in problems]
    assert decide_project(project, "fee", {"kind": "new", "amount": 250}).text == "25"
    assert decide_project(project, "fee", {}).text == "0"
    assert decide_project(project, "Gross price", {"Net": Decimal(100)}).value == 119


def test_an_unknown_name_is_refused_with_the_nearest(folder: Path) -> None:
    project, _ = read_project(folder)
    assert project is not None
    with pytest.raises(Refused, match="did you mean `fee`"):
        decide_project(project, "fees", {})
    with pytest.raises(Refused, match="did you mean `amount`"):
        decide_project(project, "fee", {"amonut": 1})


@pytest.mark.parametrize(
    ("arguments", "printed", "code"),
    [
        (["decide", "fee", ".", "--in", '{kind: "new", amount: 250}'], "25\n", 0),
        (["decide", "Gross price", "vat.dmn", "--in", "{Net: 100}"], "119\n", 0),
        (["decide", "Gross price", ".", "--in", "{Net: 100}"], "119\n", 0),
        (["decide", "fees", "."], "", 1),
        (["feel", "1 + 2"], "3\n", 0),
        (["feel", "a * 2", "--in", "{a: 4}"], "8\n", 0),
        (["feel", "[1, 2"], "", 1),
    ],
)
def test_the_command_line_prints_the_value(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], printed: str, code: int
) -> None:
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, ["--language", "en", *arguments])
    assert (result.stdout, result.exit_code) == (printed, code), result.output
