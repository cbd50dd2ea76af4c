"""``in`` and ``between`` in both forms: ranges, single tests, lists and lists of tests."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from fachwerk.rules.to_sql.comparing import equal, equal_value, nullable, ordered
from fachwerk.rules.to_sql.lists import contains, is_list
from fachwerk.rules.to_sql.pieces import holds
from fachwerk.rules.to_sql.terms import MISSING, Condition, Frame, Many, Null, Scalar, Term, refuse
from fachwerk.rules.to_sql.work import Work
from fachwerk.rules.tree import Between, In, Interval, ListOf, Node, Test
from fachwerk.rules.types import RangeType


def _no_value(work: Work) -> Condition:
    return sa.cast(sa.null(), sa.Boolean()) if work.dialect == "postgresql" else sa.null()


class Tested:
    """One value that is tested, with what it is tested against."""

    def __init__(self, work: Work, of: Term, frame: Frame) -> None:
        self.work = work
        self.of = of
        self.frame = frame

    def parts(self, node: Node, *, inside: bool = False) -> Iterator[Node]:
        """Yield the single tests of the right side of ``in``; a list written out is any of its items."""
        if isinstance(node, ListOf) and not inside and not isinstance(self.of, Many):
            for item in node.items:
                yield from self.parts(item, inside=True)
        else:
            yield node

    # -------------------------------------------------------------- values

    def value(self, test: Node) -> Scalar:
        """Return one test as a value."""
        work = self.work
        if isinstance(test, Interval):
            return self._range_value(test)
        if isinstance(test, Test):
            found = equal_value(self.of, work.value(test.of, self.frame), work.dialect, test)
            return work.boolean(found if test.op == "=" else sa.not_(found), nullable=False)
        other = self._other(test)
        if is_list(other) and not is_list(self.of):
            return work.boolean(contains(work, other, self.of, test), nullable=nullable(other))  # type: ignore[arg-type]
        return work.boolean(equal_value(self.of, other, work.dialect, test), nullable=False)

    def _other(self, test: Node) -> Term:
        typed = self.frame.checked.types.get(test)
        if typed is not None and isinstance(typed.type, RangeType):
            raise refuse(test, "only ranges written in place have SQL", "nur an Ort und Stelle geschriebene Bereiche haben SQL")
        other = self.work.value(test, self.frame)
        if isinstance(other, Scalar) and other.kind == "boolean":
            if not isinstance(self.of, Scalar) or self.of.kind != "boolean" or other.literal is MISSING:
                raise refuse(test, "a condition inside of `in` has no SQL", "eine Bedingung in `in` hat kein SQL")
        return other

    def _range_value(self, test: Interval) -> Scalar:
        work = self.work
        ends = self._ends(test)
        if any(isinstance(end, Null) for _, end in ends) or isinstance(self.of, Null):
            return work.boolean(_no_value(work), nullable=True)
        parts = [ordered(op, self.of, end, True, work.dialect, test) for op, end in ends]
        both = sa.and_(*parts)
        unsure = [end for _, end in ends if nullable(end)]
        if len(parts) == 2 and unsure:
            empty = sa.or_(*(end.sql.is_(None) for end in unsure if isinstance(end, Scalar)))
            return work.boolean(sa.case((empty, sa.null()), else_=both), nullable=True)
        return work.boolean(both, nullable=nullable(self.of) or bool(unsure))

    def _ends(self, test: Interval) -> list[tuple[str, Term]]:
        ends: list[tuple[str, Term]] = []
        if test.low is not None:
            ends.append((">=" if test.low_closed else ">", self.work.value(test.low, self.frame)))
        if test.high is not None:
            ends.append(("<=" if test.high_closed else "<", self.work.value(test.high, self.frame)))
        return ends

    # -------------------------------------------------------------- filters

    def truth(self, test: Node, want: bool) -> Condition:
        """Return one test in the filter form."""
        work = self.work
        if isinstance(test, Interval):
            return self._range_truth(test, want)
        if isinstance(test, Test):
            return equal(self.of, work.value(test.of, self.frame), want is (test.op == "="), work.dialect, test)
        other = self._other(test)
        if is_list(other) and not is_list(self.of):
            return contains(work, other, self.of, test, want)  # type: ignore[arg-type]
        return equal(self.of, other, want, work.dialect, test)

    def _range_truth(self, test: Interval, want: bool) -> Condition:
        work = self.work
        ends = self._ends(test)
        if any(isinstance(end, Null) for _, end in ends) or isinstance(self.of, Null):
            return sa.false()
        parts = [ordered(op, self.of, end, want, work.dialect, test) for op, end in ends]
        if want:
            return sa.and_(*parts)
        there = [end.sql.is_not(None) for _, end in ends if isinstance(end, Scalar) and end.nullable]
        return sa.and_(sa.or_(*parts), *(there if len(parts) == 2 else []))


def in_value(work: Work, node: In, frame: Frame) -> Scalar:
    """Return ``of in tests`` as a value."""
    of = work.value(node.of, frame)
    tested = Tested(work, of, frame.bind({"?": of}))
    found = [tested.value(part) for test in node.tests.tests for part in tested.parts(test)]
    if not node.tests.tests:
        return work.boolean(sa.true(), nullable=False)
    sql = sa.or_(sa.false(), *(part.sql for part in found))  # type: ignore[arg-type]
    return work.boolean(sa.not_(sql) if node.tests.negated else sql, nullable=any(part.nullable for part in found))


def in_truth(work: Work, node: In, frame: Frame, want: bool) -> Condition:
    """Return ``of in tests`` in the filter form; constants become one ``IN (...)``."""
    of = work.value(node.of, frame)
    tested = Tested(work, of, frame.bind({"?": of}))
    want = want is not node.tests.negated
    if not node.tests.tests:
        return sa.true() if want is not node.tests.negated else sa.false()
    tests = [part for test in node.tests.tests for part in tested.parts(test)]
    if not want:
        return sa.and_(sa.true(), *(tested.truth(test, False) for test in tests))
    return _any_of(work, of, tested, tests)


def _any_of(work: Work, of: Term, tested: Tested, tests: list[Node]) -> Condition:
    """Join plain constants into one ``IN``, which an index serves better than many ``OR``."""
    found: list[Condition] = []
    constants = []
    for test in tests:
        other = None if isinstance(test, Interval | Test) else tested._other(test)
        plain = isinstance(of, Scalar) and of.kind == "string" and isinstance(other, Scalar)
        if plain and isinstance(other, Scalar) and other.kind == "string" and isinstance(other.literal, str):
            constants.append(other.literal)
        else:
            found.append(tested.truth(test, True))
    if constants and isinstance(of, Scalar):
        found.insert(0, of.sql.in_([sa.literal(text, sa.Text()) for text in dict.fromkeys(constants)]))
    return sa.or_(sa.false(), *found)


def between_value(work: Work, node: Between, frame: Frame) -> Scalar:
    """Return ``of between low and high`` as a value."""
    tested = Tested(work, work.value(node.of, frame), frame)
    return tested.value(as_interval(node))


def between_truth(work: Work, node: Between, frame: Frame, want: bool) -> Condition:
    """Return ``of between low and high`` in the filter form."""
    tested = Tested(work, work.value(node.of, frame), frame)
    return tested.truth(as_interval(node), want)


def as_interval(node: Between) -> Interval:
    """Return the range of a ``between``."""
    return Interval(node.low, node.high, True, True, start=node.start, end=node.end)


def certain(condition: Condition) -> Condition:
    """Return a condition that is false instead of null."""
    return holds(condition)
