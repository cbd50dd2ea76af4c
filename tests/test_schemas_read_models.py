"""DMN files in a project: their decisions are known to all rules by name."""

from __future__ import annotations

from decimal import Decimal

from fachwerk.engine.decisions import callables
from fachwerk.schemas.read import read_project

MODEL = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">
<inputData id="net" name="Net"><variable name="Net" typeRef="number"/></inputData>
<decision id="rate" name="vat rate"><variable name="vat rate" typeRef="number"/>
  <literalExpression><text>0.19</text></literalExpression></decision>
<decision id="gross" name="Gross"><variable name="Gross" typeRef="number"/>
  <informationRequirement><requiredInput href="#net"/></informationRequirement>
  <informationRequirement><requiredDecision href="#rate"/></informationRequirement>
  <literalExpression><text>Net * (1 + vat rate)</text></literalExpression></decision></definitions>"""

PROJECT = b"""
app: shop
---
entity: order
fields:
  net:   {type: decimal, places: 2, required: true}
  gross: {type: decimal, places: 4, computed: Gross(net)}
  share: {type: decimal, places: 4, computed: vat rate * 100}
---
decision: twice
inputs: {amount: number}
output: number
rule: Gross(amount) * 2
"""


def test_a_decision_of_a_dmn_file_is_a_decision_like_any_other() -> None:
    project, problems = read_project({"shop.yaml": PROJECT, "vat.dmn": MODEL})
    assert project is not None, [p.message() for p in problems]
    assert [(name, str(typed)) for name, typed in project.decisions["Gross"].parameters] == [("Net", "number")]
    functions = callables(project)
    assert functions["Gross"](Decimal(100)) == 119
    assert functions["twice"](Decimal(100)) == 238


def test_one_name_in_a_dmn_file_and_in_yaml_is_a_problem_that_shows_both() -> None:
    both = PROJECT.replace(b"decision: twice", b"decision: Gross").replace(b"rule: Gross(amount) * 2", b"rule: amount")
    _, problems = read_project({"shop.yaml": both, "vat.dmn": MODEL})
    (problem,) = [p for p in problems if p.code == "dmn-same-name"]
    assert problem.span.source.name == "vat.dmn"
    assert [span.source.name for span, _ in problem.related] == ["shop.yaml"]


def test_problems_of_a_dmn_file_are_those_of_the_project() -> None:
    broken = MODEL.replace(b"<text>0.19</text>", b"<text>0.19 +</text>")
    project, problems = read_project({"shop.yaml": PROJECT, "vat.dmn": broken})
    assert project is None
    assert ("vat.dmn", 4) in {(p.span.source.name, p.span.line) for p in problems.errors}
