"""One cell of a table: its text read and checked against the type of its column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from fachwerk.problems import Fragment, Problems, nearest
from fachwerk.rules import tree
from fachwerk.rules.check import Checked, check
from fachwerk.rules.check_types import named
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.tables.codes import NOT_ALLOWED, UNKNOWN_OPTION, WRONG_TYPE
from fachwerk.rules.tables.regions import EVERYTHING, Region, holds, region_of
from fachwerk.rules.types import (
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    AnyType,
    OptionType,
    Typed,
)
from fachwerk.rules.values.days import Months
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.text import literal
from fachwerk.rules.walk import walk

KINDS: Mapping[AnyType, type] = {
    NUMBER: Decimal,
    STRING: str,
    BOOLEAN: bool,
    DATE: date,
    TIME: time,
    DATE_TIME: datetime,
    DAYS_TIME: timedelta,
    YEARS_MONTHS: Months,
}
"""The class of the values of a simple type."""

_WORD = re.compile(
    r'\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<bare>[^\s,"()\[\]{}<>=!?|][^,"()\[\]{}<>=!?|]*?))\s*(?:,|$)'
)
_NOT = re.compile(r"\s*not\s*\((?P<inside>.*)\)\s*$", re.S)


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A test: as a tree of unary tests, and as a region where it is made of constants."""

    fragment: Fragment
    tests: tree.Node
    region: Region | None


def readable(node: tree.Node) -> bool:
    """Whether every part of *node* could be read."""
    return not any(isinstance(part, tree.Broken) for part in walk(node))


def read_tests(text: Fragment, typed: Typed | None, scope: Scope, problems: Problems) -> tree.Node:
    """Return the unary tests in *text*: options may stand without quotes, and nothing at all means ``-``."""
    if text.text.strip() in ("", "-"):
        return tree.UnaryTests((), end=len(text.text))
    if typed is not None and isinstance(typed.type, OptionType):
        bare = _bare_tests(text, typed.type, scope, problems)
        if bare is not None:
            return bare
    return parse(text, scope, problems, as_tests=True)


def read_result(text: Fragment, typed: Typed | None, scope: Scope, problems: Problems) -> tree.Node:
    """Return the expression in *text*: an option may stand without quotes."""
    if typed is not None and isinstance(typed.type, OptionType):
        words = _words(text.text, 0, len(text.text))
        if words and len(words) == 1 and _is_bare(words[0], text, typed.type, scope):
            return _option(words[0], text, typed.type, problems)
    return parse(text, scope, problems)


Word = tuple[str, int, int, bool]
"""What a word says, where it starts and ends, and whether it stands in quotes."""


def _words(text: str, start: int, end: int) -> list[Word] | None:
    """Return the words between commas, or ``None`` where there is more than words."""
    words = []
    while start < end:
        found = _WORD.match(text, start, end)
        if not found:
            return None
        name = "quoted" if found["quoted"] else "bare"
        words.append((found[name].strip('"'), found.start(name), found.end(name), name == "quoted"))
        start = found.end()
    return words


def _bare_tests(text: Fragment, type_: OptionType, scope: Scope, problems: Problems) -> tree.Node | None:
    negation = _NOT.match(text.text)
    start, end = (negation.start("inside"), negation.end("inside")) if negation else (0, len(text.text))
    words = _words(text.text, start, end)
    if not words or not all(word[3] or _is_bare(word, text, type_, scope) for word in words):
        return None
    tests = tuple(_option(word, text, type_, problems) for word in words)
    return tree.UnaryTests(tests, negation is not None, end=len(text.text))


def _is_bare(word: Word, text: Fragment, type_: OptionType, scope: Scope) -> bool:
    """Whether *word* is meant as an option rather than as the name of something in scope or as a constant."""
    name, _, _, quoted = word
    if name in type_.options:
        return True
    known = name in scope.names or name in ("null", "true", "false") or name[:1] in "@-0123456789"
    return not quoted and not known and "." not in name and not re.search(r"[+*/]", name)


def _option(word: Word, text: Fragment, type_: OptionType, problems: Problems) -> tree.Node:
    name, start, end, _ = word
    if name not in type_.options:
        near = nearest(name, type_.options)
        remedy = None if near else {"en": "write one of the options", "de": "eine der Optionen schreiben"}
        known = ", ".join(type_.options)
        problem = UNKNOWN_OPTION.at(
            text.span(start, end), remedy=remedy, name=name, of=type_.of, known=known, nearest=near or ""
        )
        problems.add(problem)
        return tree.Broken(start=start, end=end)
    return tree.Literal(name, start=start, end=end)


def check_test(
    text: Fragment, typed: Typed, allowed: Region | None, scope: Scope, problems: Problems, *, label: str = ""
) -> Cell:
    """Return the test in *text* for an input of type *typed*; *scope* has the input as ``?``."""
    node = read_tests(text, typed, scope, problems)
    if not readable(node):
        return Cell(text, node, None)
    region = region_of(node)
    if region is None:
        check(whole_test(node), text, scope, problems)
        return Cell(text, node, None)
    if not _fits(region, typed.type):
        wrong = next(value for value in region.constants() if not _of_type(value, typed.type))
        found = literal(wrong, inside=True)
        problems.add(WRONG_TYPE.at(text.span(), input=label, wanted=named(typed.type), found=found))
        return Cell(text, node, None)
    _check_allowed(region, allowed, text, problems)
    return Cell(text, node, region)


def _check_allowed(region: Region, allowed: Region | None, text: Fragment, problems: Problems) -> None:
    for value in region.constants() if allowed is not None else ():
        if allowed is not None and holds(allowed, value) is False and not _is_end(region, value):
            problems.add(NOT_ALLOWED.at(text.span(), value=literal(value, inside=True), allowed=describe(allowed)))


def _is_end(region: Region, value: object) -> bool:
    """Whether *value* is the end of a stretch, which may well lie outside of what is allowed."""
    return not any(getattr(atom, "value", None) == value for atom in region.atoms)


def describe(region: Region) -> str:
    """Return the constants of a region as people write them."""
    return ", ".join(dict.fromkeys(literal(value, inside=True) for value in region.constants()))


def whole_test(node: tree.Node) -> tree.Node:
    """Return ``? in (tests)``. A bare ``true`` is the value, not a condition that always holds."""
    tests = node if isinstance(node, tree.UnaryTests) else tree.UnaryTests((node,), start=node.start, end=node.end)
    values = tuple(_as_value(test) for test in tests.tests)
    tests = replace(tests, tests=values)
    return tree.In(tree.Name("?", start=node.start, end=node.start), tests, start=node.start, end=node.end)


def _as_value(test: tree.Node) -> tree.Node:
    if isinstance(test, tree.Literal) and isinstance(test.value, bool):
        return tree.Test("=", test, start=test.start, end=test.end)
    return test


def _fits(region: Region, type_: AnyType) -> bool:
    return region is EVERYTHING or all(_of_type(value, type_) for value in region.constants())


def _of_type(value: object, type_: AnyType) -> bool:
    if isinstance(type_, OptionType):
        return isinstance(value, str)
    kind = KINDS.get(type_) if isinstance(type_, type(NUMBER)) else None
    return kind is None or kind_of(value) == str(type_)


def check_result(text: Fragment, typed: Typed | None, scope: Scope, problems: Problems) -> Checked:
    """Return the checked expression of a result; an empty cell is null."""
    if not text.text.strip():
        return check(tree.Literal(None), text, scope, problems)
    return check(read_result(text, typed, scope, problems), text, scope, problems, expect=typed)


def nullable(typed: Typed) -> Typed:
    """Return *typed* so that it may be null."""
    return replace(typed, nullable=True)
