"""Everything the rule language does with a text, under a time limit: it must end, and never with an exception."""

from __future__ import annotations

import signal
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import rules_world as w
import sqlalchemy as sa
from fachwerk.rules.check import Checked
from fachwerk.rules.language import read
from fachwerk.rules.to_python import Environment, Evaluation, compile_record_rule
from fachwerk.rules.to_sql import NotTranslatable, problem_of, render, to_filter, to_value
from fachwerk.rules.tree import Broken
from fachwerk.rules.walk import walk
from fachwerk.rules.words import tell


class TooSlow(BaseException):
    """A text took longer than its limit."""


@dataclass
class Outcome:
    """What came of the texts."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    """The text, the step that failed, and how."""


class Mill:
    """Puts texts through the rule language."""

    def __init__(self, seconds: float = 10.0) -> None:
        self.world = w.make_world(permits=8)
        for permit in self.world.permits:
            permit |= {"total": None, "late": None}
        self.context = Evaluation(
            now=w.NOW, today=w.NOW.date(), me=self.world.records["user"][self.world.me], mine={"person": None}
        )
        self.seconds = seconds
        self.step = ""
        self.turn = 0

    def grind(self, text: str, outcome: Outcome) -> None:
        """Do everything with *text* and note what happens."""
        try:
            with limited(self.seconds), warnings.catch_warnings():
                warnings.simplefilter("error")
                outcome.counts[self._everything(text)] += 1
        except TooSlow:
            outcome.failures.append((text, self.step, f"more than {self.seconds} seconds"))
        except Exception:
            outcome.failures.append((text, self.step, traceback.format_exc(limit=-6)))

    def _everything(self, text: str) -> str:
        self.step = "read"
        checked, problems = read(text, self.world.scope)
        for problem in problems:
            self.step = f"message of {problem.code}"
            assert problem.message("en")
            assert problem.message("de")
            assert isinstance(problem.label("de") + problem.remedy("de"), str)
            assert 0 <= problem.span.start <= problem.span.end <= len(text)
        self.step = "words"
        assert isinstance(tell(checked, "en"), str)
        tell(checked, "de")
        if any(isinstance(node, Broken) for node in walk(checked.node)):
            assert problems.errors
            return "broken"
        self._evaluate(checked)
        self._translate(checked)
        return "valid" if checked.ok else "with problems"

    def _evaluate(self, checked: Checked) -> None:
        self.step = "compile"
        rule = compile_record_rule(checked, Environment())
        self.step = "evaluate"
        for permit in self.world.permits[:1]:
            rule(permit, self.context)

    def _translate(self, checked: Checked) -> None:
        """Translate for one database or the other, in turn."""
        self.turn += 1
        for dialect in sorted(self.world.tables)[self.turn % 2 :: 2]:
            self.step = dialect
            metadata = self.world.tables[dialect]
            reason = None
            try:
                value = to_value(checked, self.world.storage, metadata, dialect, record="permit")
                condition = to_filter(checked, self.world.storage, metadata, dialect, record="permit")
                render(sa.select(value).where(condition), dialect)
            except NotTranslatable as refusal:
                reason = refusal
            if reason is not None and not problem_of(reason, checked).message("de"):
                raise AssertionError(reason)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise :class:`TooSlow` inside the block after *seconds*."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
