"""Every example in ``docs/rules.md`` is run; its tables are written anew with ``FACHWERK_UPDATE=1``."""

from __future__ import annotations

import doctest
import os
import re
from pathlib import Path

import fachwerk.rules.language
import pytest
from fachwerk.rules.check_types import named
from fachwerk.rules.codes import CODES
from fachwerk.rules.language import ANY, NUMBER, Environment, Scope, Typed, compile_rule, read, tell
from fachwerk.rules.parser import MAX_DEPTH, MAX_LENGTH
from fachwerk.rules.shell import show
from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.words_functions import PHRASES
from permits import PERMIT_SCOPE

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
TEXT = PAGE.read_text(encoding="utf-8")


def lines(kind: str) -> list[str]:
    """Return the lines of all blocks of a kind."""
    found = re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return [line for block in found for line in block.splitlines() if line.strip()]


def pairs(kind: str) -> list[tuple[str, str]]:
    """Return what stands before and behind the arrow of each line."""
    return [(line.partition(" → ")[0], line.partition(" → ")[2]) for line in lines(kind)]


def evaluate(text: str) -> object:
    checked, problems = read(text, Scope({}, strict=False))
    assert not problems.errors
    return compile_rule(checked, (), environment=Environment())()


@pytest.mark.parametrize(("rule", "value"), pairs("feel"))
def test_expressions_have_the_value_that_is_shown(rule: str, value: str) -> None:
    assert show(evaluate(rule)) == value


@pytest.mark.parametrize("rule", lines("rule"))
def test_rules_are_right(rule: str) -> None:
    assert [problem.message() for problem in read(rule, PERMIT_SCOPE)[1]] == []


@pytest.mark.parametrize("cell", lines("tests"))
def test_cells_are_right(cell: str) -> None:
    assert [problem.message() for problem in read(cell, Scope({"?": Typed(NUMBER)}), as_tests=True)[1]] == []


@pytest.mark.parametrize(("rule", "remedy"), pairs("wrong"))
def test_mistakes_are_met_with_the_remedy_that_is_shown(rule: str, remedy: str) -> None:
    assert [problem.remedy("en") for problem in read(rule, PERMIT_SCOPE)[1]] == [remedy]


def test_rules_are_told_as_shown() -> None:
    rule, told = lines("words")
    assert f"en: {tell(read(rule, PERMIT_SCOPE)[0])}" == told


def test_python_examples_run() -> None:
    runner = doctest.DocTestRunner()
    examples = "\n".join(re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))
    runner.run(doctest.DocTestParser().get_doctest(examples, {}, "rules.md", str(PAGE), 0))
    assert runner.summarize().failed == 0
    assert runner.tries > 8


def test_the_example_of_the_language_runs() -> None:
    assert doctest.testmod(fachwerk.rules.language).failed == 0


def test_limits_are_those_of_the_parser() -> None:
    assert f"{MAX_LENGTH:,} characters" in TEXT
    assert f"{MAX_DEPTH} levels" in TEXT


def functions() -> str:
    rows = ["| function | gives | as in |", "|---|---|---|"]
    for name, forms in SIGNATURES.items():
        written = "<br>".join(f"`{form}`" for form in forms)
        gives = {named(form.result)["en"] for form in forms if form.result is not ANY and form.rule == "fixed"}
        gives = {"a duration of either kind"} if name == "duration" else gives
        gives |= {"as its arguments" for form in forms if form.rule not in ("fixed", "modes")}
        phrase = PHRASES[name][0].replace("{*}", "...")
        for at, letter in enumerate("abc"):
            phrase = phrase.replace(f"{{{at}}}", f"*{letter}*")
        rows.append(f"| {written} | {', '.join(sorted(gives)) or 'any value'} | {phrase} |")
    return "\n".join(rows)


def codes() -> str:
    rows = ["| code | what is found | wrong | right |", "|---|---|---|---|"]
    for code in sorted(CODES, key=lambda code: code.code):
        wrong, right = (text.replace("|", "\\|") for text in (code.wrong, code.right))
        rows.append(f"| `{code.code}` | {code.what['en']} | {f'`{wrong}`' if wrong else ''} | `{right}` |")
    return "\n".join(rows)


@pytest.mark.parametrize(("name", "table"), [("functions", functions()), ("codes", codes())])
def test_tables_are_complete(name: str, table: str) -> None:
    pattern = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)
    text = PAGE.read_text(encoding="utf-8")
    wanted = pattern.sub(lambda match: f"{match[1]}{table}\n{match[2]}", text)
    if os.environ.get("FACHWERK_UPDATE"):
        PAGE.write_text(wanted, encoding="utf-8")
    assert wanted == PAGE.read_text(encoding="utf-8")
