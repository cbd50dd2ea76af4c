"""The runner of the official kit counts right: by value, by null, and never a failure as a pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

RUNNER = Path(__file__).parent / "conformance" / "dmn_tck.py"

MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">
<inputData id="x" name="x"><variable name="x" typeRef="number"/></inputData>
<decision id="twice" name="twice"><variable name="twice" typeRef="number"/>
  <informationRequirement><requiredInput href="#x"/></informationRequirement>
  <literalExpression><text>x * 2 + 0.000000001</text></literalExpression></decision>
<decision id="day" name="day"><literalExpression><text>@"2024-02-29"</text></literalExpression></decision>
<decision id="broken" name="broken"><literalExpression><text>1 +</text></literalExpression></decision>
<decision id="nothing" name="nothing"><literalExpression><text>1 / 0</text></literalExpression></decision>
<decision id="both" name="both"><literalExpression><text>{a: [1, "x"], b: null}</text></literalExpression></decision>
<decisionService id="s" name="s"><outputDecision href="#twice"/><inputData href="#x"/></decisionService>
</definitions>"""

TESTS = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
<modelName>m.dmn</modelName>
<testCase id="1"><inputNode name="x"><value xsi:type="xsd:decimal">2</value></inputNode>
  <resultNode name="twice"><expected><value xsi:type="xsd:decimal">4</value></expected></resultNode>
  <resultNode name="day"><expected><value xsi:type="xsd:date">2024-02-29</value></expected></resultNode></testCase>
<testCase id="2"><resultNode name="nothing"><expected><value xsi:nil="true"/></expected></resultNode></testCase>
<testCase id="3"><resultNode name="broken"><expected><value xsi:nil="true"/></expected></resultNode></testCase>
<testCase id="4"><resultNode name="unknown"><expected><value xsi:nil="true"/></expected></resultNode></testCase>
<testCase id="5" type="decisionService" invocableName="s">
  <inputNode name="x"><value xsi:type="xsd:decimal">1</value></inputNode>
  <resultNode name="twice"><expected><value xsi:type="xsd:decimal">3</value></expected></resultNode></testCase>
<testCase id="6"><resultNode name="both"><expected>
  <component name="a"><list><item><value xsi:type="xsd:decimal">1</value></item>
    <item><value xsi:type="xsd:string">x</value></item></list></component>
  <component name="b"><value xsi:nil="true"/></component></expected></resultNode></testCase>
</testCases>"""


def run(folder: Path, *options: str) -> dict[str, object]:
    """Run the kit in *folder* and return the last line."""
    place = folder / "compliance-level-3" / "0001-made-up"
    place.mkdir(parents=True, exist_ok=True)
    (place / "m.dmn").write_text(MODEL)
    (place / "m-test-01.xml").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, str(RUNNER), str(folder), "--json", *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_failure_to_evaluate_is_never_a_pass(tmp_path: Path) -> None:
    found = run(tmp_path)
    assert (found["total"], found["passed"], found["passed_value"], found["passed_null"]) == (7, 4, 3, 1)
    assert found["failed"] == [f"0001-made-up/m-test-01#{name}" for name in ("3/broken", "4/unknown", "5/twice")]
    assert (found["cases"], found["cases_passed"]) == (6, 3)


def test_numbers_may_be_compared_exactly(tmp_path: Path) -> None:
    found = run(tmp_path, "--exact")
    assert found["passed_value"] == 2
    assert "0001-made-up/m-test-01#1/twice" in str(found["failed"])
