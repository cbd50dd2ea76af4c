"""The bounds of an evaluation, and the record of what failed in it.

No rule runs for ever or eats memory: every turn of a loop, every call of a function and every element that a
built-in function looks at or makes is a step, and an evaluation has :data:`STEPS` of them; texts have at most
:data:`LONGEST` characters, lists :data:`MOST_ELEMENTS` elements, and calls nest :data:`DEEPEST` deep. A rule
that goes beyond is null, with a record. :class:`Run` is the state of one evaluation; it is ambient (a context
variable), so that decisions which call decisions share one allowance.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from datetime import UTC, date, datetime

from fachwerk.problems import Span, Text, say

STEPS = 1_000_000
LONGEST = 1_000_000
MOST_ELEMENTS = 1_000_000
DEEPEST = 150
"""Calls of functions of rules within each other; each takes a few frames of Python's own stack."""


class Exhausted(Exception):
    """An evaluation has used up its allowance (or the stack); the whole rule is null."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a part of a rule is null: what happened, and where in the author's text (``None``: not known)."""

    message: Text
    span: Span | None = None

    def said(self, language: str = "en") -> str:
        """Return the sentence in *language*."""
        return say(self.message, language)


@dataclass(slots=True)
class Run:
    """One evaluation: its clock, its allowance, and where failures go (``None``: nowhere)."""

    now: datetime | None = None
    today: date | None = None
    failures: list[Failure] | None = None
    steps: int = STEPS
    depth: int = 0
    busy: bool = False

    def clock(self) -> datetime:
        """Return the moment of the evaluation, the same whenever asked."""
        if self.now is None:
            self.now = datetime.now(UTC)
        return self.now


_current: ContextVar[Run | None] = ContextVar("fachwerk_rules_run", default=None)


def current_run() -> Run | None:
    """Return the evaluation that is going on, if one was begun."""
    return _current.get()


def begin(run: Run) -> Token[Run | None]:
    """Make *run* the evaluation that is going on, until :func:`end` is called with the result."""
    return _current.set(run)


def end(token: Token[Run | None]) -> None:
    """End what :func:`begin` began."""
    _current.reset(token)


@contextmanager
def evaluation(
    *,
    now: datetime | None = None,
    today: date | None = None,
    failures: list[Failure] | None = None,
    steps: int = STEPS,
) -> Iterator[Run]:
    """Begin an evaluation: rules called inside take their clock and allowance from it and note failures in
    *failures*.
    """
    run = Run(now=now, today=today, failures=failures, steps=steps)
    token = begin(run)
    try:
        yield run
    finally:
        end(token)


def charge(steps: int) -> None:
    """Take *steps* from the allowance of the evaluation that is going on, if any."""
    run = _current.get()
    if run is not None:
        run.steps -= steps
        if run.steps < 0:
            raise Exhausted


def bounded_text(text: str) -> str:
    """Return *text*, unless it is too long for a rule; 256 characters count as a step."""
    if len(text) > LONGEST:
        raise Exhausted
    charge(len(text) >> 8)
    return text


def bounded_list(elements: list[object]) -> list[object]:
    """Return *elements*, unless they are too many for a rule; counts them as steps."""
    if len(elements) > MOST_ELEMENTS:
        raise Exhausted
    charge(len(elements))
    return elements
