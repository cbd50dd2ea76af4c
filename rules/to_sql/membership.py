"""``in`` and ``between`` in both forms: ranges, single tests, lists and lists of tests."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from fachwerk.rules.to_sql.comparing import equal, equal_value, is_null, nullable, ordered
from fachwerk.rules.to_sql.lists import contains, is_list
from fachwerk.rules.to_sql.pieces import Not, holds
from fachwerk.rules.to_sql.terms import MISSING, Condition, Frame, Listed, Many, Null, Scalar, Term, refuse
from fachwerk.rules.to_sql.work import Work
from fachwerk.rules.tree import Between, In, Interval, ListOf, Literal, Name, Node, Test
from fachwerk.rules.types import RangeType
from fachwerk.rules.walk import walk

Single = Callable[[Work, Term, Node, Frame, bool], Condition]
"""What translates one test in the filter form."""


def in_value(work: Work, node: In, frame: Frame) -> Scalar:
    """Return ``of in tests`` as a value."""
    of = work.value(node.of, frame)
    if not node.tests.tests:
        return work.boolean(sa.true(), nullable=False)
    found = [_value(work, of, test, frame) for test in node.tests.tests]
    sql: Condition = sa.or_(*(part.sql for part in found))
    return work.boolean(Not(sql) if node.tests.negated else sql, nullable=any(part.nullable for part in found))


def in_truth(work: Work, node: In, frame: Frame, want: bool) -> Condition:
    """Return ``of in tests`` in the filter form; constants become one ``IN (...)``."""
    of = work.value(node.of, frame)
    if not node.tests.tests:
        return sa.true() if want else sa.false()
    want = want is not node.tests.negated
    if not want:
        return sa.and_(*(_truth(work, of, test, frame, False) for test in node.tests.tests))
    return _any_of(work, of, node.tests.tests, frame, _truth)


# ------------------------------------------------------------------ single tests


def _value(work: Work, of: Term, test: Node, frame: Frame) -> Scalar:
    if isinstance(test, Interval):
        return _range_value(work, of, test, frame)
    if isinstance(test, Test):
        found = equal_value(of, work.value(test.of, frame), work.dialect, test)
        return work.boolean(found if test.op == "=" else Not(found), nullable=False)
    if isinstance(test, ListOf):
        return work.boolean(_in_list(work, of, test, frame), nullable=False)
    other = _other(work, of, test, frame)
    if isinstance(other, Many | Listed):
        return work.boolean(_in_many(work, of, other, test), nullable=False)
    return work.boolean(equal_value(of, other, work.dialect, test), nullable=False)


def _truth(work: Work, of: Term, test: Node, frame: Frame, want: bool) -> Condition:
    if isinstance(test, Interval):
        return _range_truth(work, of, test, frame, want)
    if isinstance(test, Test):
        return equal(of, work.value(test.of, frame), want is (test.op == "="), work.dialect, test)
    if isinstance(test, ListOf):
        if want:
            return _any_of(work, of, test.items, frame, _item)
        return Not(_in_list(work, of, test, frame))
    other = _other(work, of, test, frame)
    if isinstance(other, Many | Listed):
        found = _in_many(work, of, other, test)
        return found if want else Not(found)
    return equal(of, other, want, work.dialect, test)


def _other(work: Work, of: Term, test: Node, frame: Frame) -> Term:
    """Return the right side of a test that is a plain value or a list."""
    typed = frame.checked.types.get(test)
    if typed is not None and isinstance(typed.type, RangeType):
        en = "only ranges written in place have SQL"
        raise refuse(test, en, "nur an Ort und Stelle geschriebene Bereiche haben SQL")
    other = work.value(test, frame.bind({"?": of}))
    condition = isinstance(other, Scalar) and other.kind == "boolean"
    if condition and (nullable(of) or _asks(test)):
        raise refuse(test, "a condition inside of `in` has no SQL", "eine Bedingung in `in` hat kein SQL")
    if is_list(of):
        raise refuse(test, "a list in a list has no SQL", "eine Liste in einer Liste hat kein SQL")
    return other


def _asks(node: Node) -> bool:
    return any(isinstance(part, Name) and part.name == "?" for part in walk(node))


def _in_many(work: Work, of: Term, other: Many | Listed, test: Node) -> Condition:
    """Return whether *of* is in a list; in a list that is null is null alone."""
    hit = contains(work, other, of, test)
    if isinstance(other, Many) and other.missing is not None:
        return sa.case((other.missing, is_null(of)), else_=hit)
    return hit


def _in_list(work: Work, of: Term, test: ListOf, frame: Frame) -> Condition:
    """Return whether *of* is one of the items or in one of the ranges of a list written out: never null."""
    return sa.or_(sa.false(), *(holds(_item(work, of, item, frame, True)) for item in test.items))


def _item(work: Work, of: Term, item: Node, frame: Frame, want: bool) -> Condition:
    if isinstance(item, Interval):
        _settled(work, item, frame)
    return _truth(work, of, item, frame, want)


def _settled(work: Work, test: Interval, frame: Frame) -> None:
    """A range in a list is a value of its own, which is null where its ends are turned round or null."""
    ends = [end for _, end in _ends(work, test, frame)]
    known = [end.literal for end in ends if isinstance(end, Scalar) and end.literal is not MISSING]
    if len(known) < len(ends) or (len(known) == 2 and not known[0] <= known[1]):  # type: ignore[operator]
        raise refuse(test, "this range in a list has no SQL", "dieser Bereich in einer Liste hat kein SQL")


def _any_of(work: Work, of: Term, tests: tuple[Node, ...], frame: Frame, single: Single) -> Condition:
    """Join plain texts into one ``IN``, which an index serves better than many ``OR``."""
    found: list[Condition] = []
    constants: list[str] = []
    for test in tests:
        text = _constant(work, of, test, frame)
        if text is None:
            found.append(single(work, of, test, frame, True))
        else:
            constants.append(text)
    if constants and isinstance(of, Scalar):
        found.insert(0, of.sql.in_([sa.literal(text, sa.Text()) for text in dict.fromkeys(constants)]))
    return sa.or_(sa.false(), *found)


def _constant(work: Work, of: Term, test: Node, frame: Frame) -> str | None:
    if not isinstance(test, Literal) or not isinstance(of, Scalar) or of.kind != "string":
        return None
    other = work.value(test, frame)  # which refuses what databases do not hold
    return other.literal if isinstance(other, Scalar) and isinstance(other.literal, str) else None


# ------------------------------------------------------------------ ranges


def _ends(work: Work, test: Interval, frame: Frame) -> list[tuple[str, Term]]:
    ends: list[tuple[str, Term]] = []
    if test.low is not None:
        ends.append((">=" if test.low_closed else ">", work.value(test.low, frame)))
    if test.high is not None:
        ends.append(("<=" if test.high_closed else "<", work.value(test.high, frame)))
    return ends


def _range_value(work: Work, of: Term, test: Interval, frame: Frame) -> Scalar:
    ends = _ends(work, test, frame)
    if any(isinstance(end, Null) for _, end in ends) or isinstance(of, Null):
        return work.null("boolean")
    parts = [ordered(op, of, end, True, work.dialect, test) for op, end in ends]
    both = sa.and_(*parts)
    unsure = [end for _, end in ends if nullable(end)]
    if len(parts) == 2 and unsure:
        empty = sa.or_(*(is_null(end) for end in unsure))
        return work.boolean(sa.case((empty, sa.null()), else_=both), nullable=True)
    return work.boolean(both, nullable=nullable(of) or bool(unsure))


def _range_truth(work: Work, of: Term, test: Interval, frame: Frame, want: bool) -> Condition:
    ends = _ends(work, test, frame)
    if any(isinstance(end, Null) for _, end in ends) or isinstance(of, Null):
        return sa.false()
    parts = [ordered(op, of, end, want, work.dialect, test) for op, end in ends]
    if want:
        return sa.and_(*parts)
    there = [Not(is_null(end)) for _, end in ends if nullable(end)]
    return sa.and_(sa.or_(*parts), *(there if len(parts) == 2 else []))


def _sides(work: Work, node: Between, frame: Frame) -> tuple[Term, list[tuple[str, Term]]]:
    return work.value(node.of, frame), [(">=", work.value(node.low, frame)), ("<=", work.value(node.high, frame))]


def between_value(work: Work, node: Between, frame: Frame) -> Scalar:
    """Return ``of between low and high`` as a value: the conjunction of two comparisons."""
    of, ends = _sides(work, node, frame)
    both = sa.and_(*(ordered(op, of, end, True, work.dialect, node) for op, end in ends))
    return work.boolean(both, nullable=nullable(of) or any(nullable(end) for _, end in ends))


def between_truth(work: Work, node: Between, frame: Frame, want: bool) -> Condition:
    """Return ``of between low and high`` in the filter form."""
    of, ends = _sides(work, node, frame)
    parts = [ordered(op, of, end, want, work.dialect, node) for op, end in ends]
    return sa.and_(*parts) if want else sa.or_(*parts)
