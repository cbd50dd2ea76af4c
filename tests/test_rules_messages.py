"""Wrong rules and the complete text of what is said about them, in English and German.

``tests/cases/rules/wrong.txt`` lists the rules; with ``FACHWERK_UPDATE=1`` in the environment the texts are written anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fachwerk.problems import Code, Problem
from fachwerk.rules.codes import CODES
from fachwerk.rules.language import BOOLEAN, DATE, DATE_TIME, NUMBER, STRING, Scope, Typed, read
from fachwerk.rules.types import ListType
from permits import PERMIT_SCOPE

WRONG = Path(__file__).parent / "cases" / "rules" / "wrong.txt"
_EXPECT = {
    "moment": DATE_TIME,
    "boolean": BOOLEAN,
    "date": DATE,
    "number": NUMBER,
    "string": STRING,
    "list": ListType(Typed(STRING)),
}
_NO_USER = Scope(PERMIT_SCOPE.names)


def blocks() -> list[tuple[str, str]]:
    """Return every rule of the golden file with the text below it."""
    parts = WRONG.read_text(encoding="utf-8").split("\n=== ")[1:]
    return [(part.partition("\n")[0], part.partition("\n")[2].strip("\n")) for part in parts]


def told(problem: Problem) -> str:
    span = problem.span
    lines = [f"{span.start}-{span.end} {problem.severity}[{problem.code}]"]
    for language in ("en", "de"):
        parts = (problem.message(language), problem.label(language), problem.remedy(language))
        lines.append(f"  {language}: {' | '.join(part for part in parts if part)}")
    return "\n".join(lines)


def answer(head: str) -> str:
    """Return what is said of a rule; ``tests:``, ``alone:`` and ``number:`` in front say where it stands."""
    place, colon, rule = head.partition(": ")
    if not colon or place not in {"tests", "alone", *_EXPECT}:
        place, rule = "", head
    rule = rule.replace("⏎", "\n")
    scope = _NO_USER if place == "alone" else PERMIT_SCOPE
    expect = Typed(_EXPECT[place]) if place in _EXPECT else None
    if place == "tests":
        scope = Scope({**PERMIT_SCOPE.names, "?": PERMIT_SCOPE.names["kind"]})
    _, problems = read(rule, scope, expect=expect, as_tests=place == "tests")
    return "\n".join(told(problem) for problem in problems)


def test_every_wrong_rule_is_explained_as_written() -> None:
    found = [(head, answer(head)) for head, _ in blocks()]
    if os.environ.get("FACHWERK_UPDATE"):
        intro = WRONG.read_text(encoding="utf-8").partition("\n=== ")[0]
        WRONG.write_text(intro + "".join(f"\n=== {head}\n{text}\n" for head, text in found), encoding="utf-8")
    assert found == blocks()


def test_there_are_enough_of_them_and_all_are_wrong() -> None:
    assert len(blocks()) >= 80
    assert all(text for _, text in blocks())


def test_every_code_has_a_rule_that_shows_it() -> None:
    shown = {line.partition("[")[2].partition("]")[0] for _, text in blocks() for line in text.split("\n")}
    missing = {code.code for code in CODES} - shown - {"too-long", "too-deep"}
    assert missing == set()


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.code)
def test_every_code_has_a_page_in_both_languages(code: Code) -> None:
    for text in (code.message, code.what, code.why):
        assert all(text[language] for language in ("en", "de"))
    assert not any("{" in code.what[language] for language in ("en", "de"))


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.code)
def test_the_examples_on_the_page_are_wrong_and_right(code: Code) -> None:
    expect = Typed(DATE) if code.code == "wrong-result" else None
    scope = _NO_USER if code.code == "no-user" else PERMIT_SCOPE
    if code.code not in ("too-deep", "too-long"):
        assert [problem.code for problem in read(code.wrong, scope, expect=expect)[1]] == [code.code]
    assert [problem.message() for problem in read(code.right, scope, expect=expect)[1]] == []


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("sum([1..3])", "write `for i in 1..3 return i`"),
        ("string join([1..3])", "write `for i in 1..3 return i`"),
        ('mean(@"2024-01-01")', ""),
    ],
)
def test_what_is_advised_would_fit(text: str, remedy: str) -> None:
    _, problems = read(text, Scope({}))
    assert [problem.remedy("en") for problem in problems] == [remedy]
