"""The model check of four eyes over parts that ask everybody: whether anybody is left for the step after them."""

from __future__ import annotations

from itertools import product

import pytest
from brute_flows import brute_force
from fachwerk.schemas.report import as_text
from flows import HEAD, Flow, verdict_of

CASE = """\
entity: case
fields: {words: text}
access: {one: {create: true, read: true}, two: {read: true}}
---
workflow: flow
of: case
states:
  s0: {initial: true}
  s1: {parallel: {p: {by: ASKED, needs: NEEDS}, q: {by: two, outcomes: [seen]}}WHOLE}
  s2: {}
  s3: {final: true}
transitions:
  begin: {from: s0, to: s1, by: one}
  go: {from: s1, to: s2, WAY}
  again: {from: s2, to: BACK, by: two}
  act: {from: s2, to: s3, by: ACTING, not_by: p}
"""
WAYS = ("when: complete", "by: two, when: complete", "by: two")
DRAWS = list(product(("one", "boss"), ("all", "majority", "2"), ("", ", needs: 1"), WAYS, ("one", "boss", "two"), ("s0", "s2")))


def flow(*words: str) -> Flow:
    text = CASE
    for name, word in zip(("ASKED", "NEEDS", "WHOLE", "WAY", "ACTING", "BACK"), words, strict=True):
        text = text.replace(name, word)
    return Flow(HEAD + text, {}, frozenset())


@pytest.mark.parametrize("words", DRAWS[::3], ids=lambda words: " ".join(word for word in words if word))
def test_agrees_with_a_brute_force(words: tuple[str, ...]) -> None:
    drawn = flow(*words)
    read = verdict_of(drawn)
    assert read is not None
    project, verdict, problems = read
    assert brute_force(drawn, project).differs(verdict, problems) == [], drawn.text


@pytest.mark.parametrize(("words", "left"), [
    (("one", "all", "", "when: complete", "one", "s2"), False),
    (("one", "all", "", "when: complete", "boss", "s0"), False),
    (("one", "all", "", "when: complete", "two", "s2"), True),
    (("boss", "all", "", "when: complete", "one", "s2"), True),
    (("one", "majority", "", "when: complete", "one", "s2"), True),
    (("one", "all", ", needs: 1", "when: complete", "one", "s2"), True),
    (("one", "all", "", "by: two", "one", "s2"), True),
    (("one", "all", "", "by: two, when: complete", "one", "s2"), False),
])  # fmt: skip
def test_nobody_is_left(words: tuple[str, ...], left: bool) -> None:
    read = verdict_of(flow(*words))
    assert read is not None
    _, verdict, problems = read
    assert verdict.emptied == (frozenset() if left else frozenset({"act"}))
    assert ("nobody is left for `act`: `p` asks all of `one`" in as_text(problems)) is not left
    assert ("für `act` bleibt niemand: `p` fragt alle von `one`" in as_text(problems, language="de")) is not left


def test_those_whom_the_part_itself_bars_are_left() -> None:
    text = flow("one", "all", "", "when: complete", "one", "s2").text.replace("needs: all", "needs: all, not_by: begin")
    read = verdict_of(Flow(text, {}, frozenset()))
    assert read is not None
    assert not read[1].emptied
