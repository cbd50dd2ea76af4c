"""Rules a little otherwise: an operator flipped, a constant moved, a negation left out. For every rule its variants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from fachwerk.problems import Fragment, Problems
from fachwerk.rules.check import check
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Interval,
    Literal,
    Name,
    Node,
    Or,
    Quantified,
    Test,
)
from fachwerk.rules.walk import walk
from fachwerk.schemas.model import Rule

_FLIPPED = MappingProxyType(
    {
        "<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "!=", "!=": "=", "and": "or", "or": "and", "+": "-", "-": "+",
        "*": "/", "/": "*",
    }
)  # fmt: skip
_OPERATOR = re.compile(r"<=|>=|!=|<|>|=")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a rule's text and what stands there instead."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A text that differs a little, and the part in which it does: as it was and as it is."""

    fragment: Fragment
    was: str
    now: str


def rule_variants(rule: Rule) -> Iterator[tuple[Rule, Variant]]:
    """Give the variants of a rule that are rules, too."""
    scope = rule.checked.scope
    for variant in text_variants(rule.text, scope):
        problems = Problems()
        node = parse(variant.fragment, scope, problems)
        checked = check(node, variant.fragment, scope, problems)
        if not problems.errors and checked.ok:
            yield Rule(variant.fragment, checked), variant


def text_variants(fragment: Fragment, scope: Scope, *, tests: bool = False) -> Iterator[Variant]:
    """Give the variants of a text; *tests*: it is a cell of a decision table."""
    problems = Problems()
    node = parse(fragment, scope, problems, as_tests=tests)
    if problems.errors:
        return
    for part, edits in _edits(node, fragment.text):
        start, end = max(part.start, 0), min(part.end, len(fragment.text))
        start, end = min(start, *(one.start for one in edits)), max(end, *(one.end for one in edits))
        made = _edited(fragment, edits)
        grown = len(made.text) - len(fragment.text)
        yield Variant(made, fragment.text[start:end], made.text[start : end + grown])


def _edits(root: Node, text: str) -> Iterator[tuple[Node, tuple[Edit, ...]]]:
    for node in walk(root):
        for edits in _of(node, text):
            if edits:
                yield node, edits


def _of(node: Node, text: str) -> Iterator[tuple[Edit, ...]]:
    if isinstance(node, Compare):
        yield _between(node.left, node.right, text, _OPERATOR)
    elif isinstance(node, Arithmetic) and node.op in _FLIPPED:
        yield _between(node.left, node.right, text, re.compile(re.escape(node.op)))
    elif isinstance(node, And | Or):
        word = re.compile(r"\band\b" if isinstance(node, And) else r"\bor\b")
        pairs = zip(node.terms, node.terms[1:], strict=False)
        yield tuple(edit for left, right in pairs for edit in _between(left, right, text, word))
    elif isinstance(node, Quantified):
        yield (Edit(node.start, node.start + len(node.kind), {"some": "every", "every": "some"}[node.kind]),)
    elif isinstance(node, Literal):
        yield from _constant(node, text)
    elif isinstance(node, Call):
        yield from _call(node, text)
    elif isinstance(node, Interval | Test):
        yield from _test(node, text)


def _between(left: Node, right: Node, text: str, pattern: re.Pattern[str]) -> tuple[Edit, ...]:
    """Return the edit that flips the operator between two nodes."""
    found = pattern.search(text, left.end, right.start)
    return (Edit(found.start(), found.end(), _FLIPPED[found.group()]),) if found else ()


def _constant(node: Literal, text: str) -> Iterator[tuple[Edit, ...]]:
    written = text[node.start : node.end]
    if isinstance(node.value, bool):
        yield (Edit(node.start, node.end, "false" if node.value else "true"),)
    elif isinstance(node.value, Decimal) and re.fullmatch(r"\d+(\.\d+)?", written):
        yield (Edit(node.start, node.end, str(node.value + 1)),)


def _call(node: Call, text: str) -> Iterator[tuple[Edit, ...]]:
    if not isinstance(node.function, Name) or len(node.arguments) != 1:
        return
    only = node.arguments[0]
    if node.function.name == "not":
        yield Edit(node.start, only.start, "("), Edit(only.end, node.end, ")")
    elif node.function.name == "duration" and isinstance(only, Literal) and isinstance(only.value, str):
        found = _NUMBER.search(text, only.start, only.end)
        if found:
            yield (Edit(found.start(), found.end(), str(int(found.group()) + 1)),)


def _test(node: Interval | Test, text: str) -> Iterator[tuple[Edit, ...]]:
    """Flip the operator of ``< 100``, or open and close the ends of ``[1..5]``."""
    written = text[node.start : node.end]
    found = _OPERATOR.match(text, node.start)
    if found:
        yield (Edit(found.start(), found.end(), _FLIPPED[found.group()]),)
    elif isinstance(node, Interval) and written[:1] in "[(]" and written[-1:] in "])[":
        yield (Edit(node.start, node.start + 1, "(" if written[0] == "[" else "["),)
        yield (Edit(node.end - 1, node.end, ")" if written[-1] == "]" else "]"),)


def _edited(fragment: Fragment, edits: Iterable[Edit]) -> Fragment:
    """Return a fragment with other text in places, which still knows where the rest of it stands."""
    text, offsets, at = "", [], 0
    for edit in sorted(edits, key=lambda one: one.start):
        text += fragment.text[at : edit.start] + edit.text
        offsets += [fragment.offset(index) for index in range(at, edit.start)]
        offsets += [fragment.offset(edit.start)] * len(edit.text)
        at = edit.end
    text += fragment.text[at:]
    offsets += [fragment.offset(index) for index in range(at, len(fragment.text) + 1)]
    return Fragment(text, fragment.source, fragment.base, tuple(offsets))
