"""The rule language is a library of its own: it evaluates with nothing but the standard library and ``re2`` loaded."""

from __future__ import annotations

import json
import subprocess
import sys

from fachwerk.rules.shell import feel

PROGRAM = """
import json, sys
BARRED = {"sqlalchemy", "yaml", "starlette", "jinja2", "jsonschema", "click", "asyncpg", "uvicorn", "babel", "orjson"}

class Barrier:
    def find_spec(self, name, path=None, target=None):
        room = name.partition(".")[2].partition(".")[0] if name.startswith("fachwerk.") else None
        if name.partition(".")[0] in BARRED or room not in (None, "rules", "problems"):
            raise ImportError(f"{name} is not there")

sys.meta_path.insert(0, Barrier())

from decimal import Decimal
from fachwerk.rules.dmn.models import load_models
from fachwerk.rules.language import NUMBER, Environment, Scope, Typed, compile_rule, read, tell
from fachwerk.rules.shell import feel

checked, problems = read('if matches(string(area), "[0-9]+") then area * 1.1 else 0', Scope({"area": Typed(NUMBER)}))
rule = compile_rule(checked, ["area"], environment=Environment())
dmn = b'''<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="m" namespace="urn:m">
<decision name="d" id="d"><variable name="d"/><literalExpression><text>1 + 1</text></literalExpression></decision>
</definitions>'''
models, found = load_models({"m.dmn": dmn})
print(json.dumps({
    "rule": str(rule(Decimal(100))), "problems": len(problems), "told": tell(checked, "de"), "feel": feel("2 ** 10").text,
    "decision": str(models.decide("d", {}).value), "loaded": sorted({name.partition(".")[0] for name in sys.modules} & BARRED),
    "rooms": sorted({name.split(".")[1] for name in sys.modules if name.startswith("fachwerk.")}),
}))
"""


def test_it_works_where_nothing_else_is_installed() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert said == {
        "rule": "110.0",
        "problems": 0,
        "told": said["told"],
        "feel": "1024",
        "decision": "2",
        "loaded": [],
        "rooms": ["problems", "rules"],
    }
    assert "Area" in said["told"]


def test_a_value_that_holds_others_many_times_is_shown_in_part() -> None:
    text = "1"
    for _ in range(60):
        text = f"{{a: {text}, b: a}}"
    answer = feel(text)
    assert answer.text is not None
    assert len(answer.text) < 3_000_000
    assert "…" in answer.text
    assert feel('[{"a b": @"2024-01-01"}, "x", null, [1..2]]').text == '[{a b: @"2024-01-01"}, "x", null, [1..2]]'
