"""What DMN takes for null and what it cannot read at all.

A rule of our own language with a wrong literal or a doubled entry is refused. In DMN such an expression is an error at
run time, and its value null; here it is a warning. Text that does not parse is refused in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fachwerk.problems import Problem
from fachwerk.rules.codes_syntax import BAD_LITERAL, DUPLICATE_ENTRY, SYNTAX

_UNREADABLE = frozenset(code.code for code in SYNTAX if code not in (BAD_LITERAL, DUPLICATE_ENTRY))


def is_unreadable(problem: Problem) -> bool:
    """Whether *problem* means that a text cannot be read, rather than that something in it is null."""
    return problem.code in _UNREADABLE


def unreadable(problems: Iterable[Problem]) -> bool:
    """Whether a text with *problems* cannot be evaluated."""
    return any(is_unreadable(problem) for problem in problems)


def weighed(problem: Problem) -> Problem:
    """Return *problem* as a DMN file has it: an error if it keeps a text from being read, else a warning."""
    return problem if is_unreadable(problem) else replace(problem, kind=replace(problem.kind, severity="warning"))
