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
from openpyxl import Workbook

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


EVERY_WAY = """
app: shop
---
decision: total
inputs: {amount: number, day: date}
output: number
rule: amount + by_csv(amount) + by_sheet(amount) + by_rows(amount)
---
decision: by_csv
inputs: {a: number}
output: number
hit: unique
file: fees.csv
---
decision: by_sheet
inputs: {a: number}
output: number
hit: collect max
file: fees.xlsx
---
decision: by_rows
inputs: {a: number}
output: number
hit: collect sum
rows:
  - {a: "> 10", by_rows: 1000}
  - {by_rows: a * 100}
"""
MODELS = {
    "base.dmn": """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="base" namespace="urn:base">
<itemDefinition name="tPrice"><typeRef>number</typeRef></itemDefinition>
<businessKnowledgeModel id="b" name="with tax"><variable name="with tax"/><encapsulatedLogic>
<formalParameter name="net" typeRef="tPrice"/><literalExpression><text>net * 1.19</text></literalExpression>
</encapsulatedLogic></businessKnowledgeModel></definitions>""",
    "shop.dmn": """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="shop" namespace="urn:shop">
<import name="base" namespace="urn:base" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>
<inputData id="net" name="Net"><variable name="Net" typeRef="base.tPrice"/></inputData>
<decision id="gross" name="Gross"><variable name="Gross" typeRef="number"/>
<informationRequirement><requiredInput href="#net"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="urn:base#b"/></knowledgeRequirement>
<literalExpression><text>base.with tax(Net)</text></literalExpression></decision></definitions>""",
}


def test_decisions_in_every_form_call_each_other(tmp_path: Path) -> None:
    """A rule, a CSV file, a sheet, rows and models that import each other, in one folder."""
    (tmp_path / "shop.yaml").write_text(EVERY_WAY)
    (tmp_path / "fees.csv").write_text("a;=> by_csv\n< 10;1\n>= 10;2\n")
    book = Workbook()
    for row in (["a", "=> by_sheet"], ["< 100", "10"], ["-", "20"]):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "fees.xlsx")
    for name, text in MODELS.items():
        (tmp_path / name).write_text(text)

    def decide(name: str, inputs: str) -> str:
        result = CliRunner().invoke(main, ["--language", "en", "decide", name, str(tmp_path), "--in", inputs])
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    assert decide("total", "{amount: 5}") == str(5 + 1 + 20 + 500)
    assert decide("total", "{amount: 11}") == str(11 + 2 + 20 + 1000 + 1100)
    assert decide("Gross", "{Net: 100}") == "119"


def test_functions_in_java_are_refused_by_name_and_the_rest_of_the_model_works(tmp_path: Path) -> None:
    java = """<decision id="j" name="Cosine"><variable name="Cosine"/><literalExpression>
<text>function(x) external {java: {class: "java.lang.Math", method signature: "cos(double)"}}</text></literalExpression></decision>"""
    (tmp_path / "vat.dmn").write_text(MODEL.replace("<decision", java + "<decision", 1))
    runner = CliRunner()
    refused = runner.invoke(main, ["--language", "en", "decide", "Cosine", str(tmp_path / "vat.dmn")])
    assert refused.exit_code == 1
    assert "Java" in refused.output
    worked = runner.invoke(main, ["decide", "Gross price", str(tmp_path / "vat.dmn"), "--in", "{Net: 100}"])
    assert worked.stdout == "119\n"
