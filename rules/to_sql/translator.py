"""The translation of a checked rule, and the filter form of every kind of node."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from fachwerk.rules.storage import Derived, Storage
from fachwerk.rules.to_sql import comparing, membership
from fachwerk.rules.to_sql.links import through_link
from fachwerk.rules.to_sql.loops import quantified_truth
from fachwerk.rules.to_sql.pieces import Not, fails
from fachwerk.rules.to_sql.sizes import DEEPEST, MOST, Sizes
from fachwerk.rules.to_sql.terms import (
    Condition,
    Dialect,
    Frame,
    Link,
    Null,
    Row,
    Scalar,
    Sql,
    Term,
    refuse,
)
from fachwerk.rules.to_sql.values import VALUES, call, name
from fachwerk.rules.to_sql.work import Work
from fachwerk.rules.tree import (
    And,
    Between,
    Call,
    Compare,
    If,
    In,
    Name,
    Node,
    Or,
    Quantified,
)


class Translator(Work):
    """One translation of one rule for one dialect."""

    def __init__(self, dialect: Dialect, storage: Storage, metadata: sa.MetaData) -> None:
        super().__init__(dialect, storage, metadata)
        self._sizes = Sizes()

    def value(self, node: Node, frame: Frame) -> Term:
        """Return the value form of *node*."""
        translate = VALUES.get(type(node))
        if translate is None:
            raise refuse(node, "this has no SQL", "das hat kein SQL")
        term = translate(self, node, frame)
        if isinstance(term, Scalar):
            self._bounded(term.sql, node)
        elif isinstance(term, Link):
            for id_ in term.ids.values():
                self._bounded(id_, node)
        return term

    def _bounded(self, sql: Sql, node: Node) -> None:
        if self._sizes.of(sql) > MOST:
            raise refuse(node, "written out in SQL this gets too large", "in SQL ausgeschrieben wird das zu groß")
        if self._sizes.depth(sql) > DEEPEST:
            en = "written out in SQL this is nested too deeply"
            raise refuse(node, en, "in SQL ausgeschrieben ist das zu tief verschachtelt")

    def truth(self, node: Node, frame: Frame, want: bool) -> Condition:
        """Return the filter form of *node*."""
        condition = through_link(self, node, frame, want)
        if condition is None:
            condition = self._truth(node, frame, want)
        self._bounded(condition, node)
        return condition

    def _truth(self, node: Node, frame: Frame, want: bool) -> Condition:
        translate = _TRUTHS.get(type(node))
        if translate is not None:
            return translate(self, node, frame, want)
        term = self.value(node, frame)
        if isinstance(term, Null):
            return sa.false()
        if not isinstance(term, Scalar) or term.kind != "boolean":
            raise refuse(node, "this is no condition", "das ist keine Bedingung")
        return truth_of(term, want)


def truth_of(term: Scalar, want: bool) -> Condition:
    """Return the filter form of a boolean value."""
    sql = term.sql
    if isinstance(sql, sa.Column) or isinstance(sql.type, sa.Integer):
        return sql.is_(sa.true() if want else sa.false())
    if want:
        return sql
    return Not(sql)


def _compare_truth(work: Work, node: Compare, frame: Frame, want: bool) -> Condition:
    a, b = work.value(node.left, frame), work.value(node.right, frame)
    if node.op in ("=", "!="):
        return comparing.equal(a, b, want is (node.op == "="), work.dialect, node)
    return comparing.ordered(node.op, a, b, want, work.dialect, node)


def _logic_truth(conjunction: bool) -> Callable[[Work, And | Or, Frame, bool], Condition]:
    def translate(work: Work, node: And | Or, frame: Frame, want: bool) -> Condition:
        join = sa.and_ if conjunction is want else sa.or_
        return join(*(work.truth(term, frame, want) for term in node.terms))

    return translate


def _if_truth(work: Work, node: If, frame: Frame, want: bool) -> Condition:
    condition = work.truth(node.condition, frame, True)
    then, otherwise = work.truth(node.then, frame, want), work.truth(node.otherwise, frame, want)
    return sa.or_(sa.and_(condition, then), sa.and_(fails(condition), otherwise))


def _call_truth(work: Work, node: Call, frame: Frame, want: bool) -> Condition:
    if isinstance(node.function, Name) and node.function.name == "not" and len(node.arguments) == 1:
        return work.truth(node.arguments[0], frame, not want)
    term = call(work, node, frame)
    if not isinstance(term, Scalar) or term.kind != "boolean":
        if isinstance(term, Null):
            return sa.false()
        raise refuse(node, "this is no condition", "das ist keine Bedingung")
    return truth_of(term, want)


def _quantified_truth(work: Work, node: Quantified, frame: Frame, want: bool) -> Condition:
    return quantified_truth(work, node, node.each, frame, want)


def _name_truth(work: Work, node: Name, frame: Frame, want: bool) -> Condition:
    """A computed field in a filter is its rule as a filter."""
    record = frame.record
    if isinstance(record, Row) and not (frame.names and node.name in frame.names):
        spec = record.stored.fields.get(node.name)
        if isinstance(spec, Derived):
            return work.truth(spec.rule.node, Frame(checked=spec.rule, record=record), want)
    term = name(work, node, frame)
    if not isinstance(term, Scalar) or term.kind != "boolean":
        raise refuse(node, "this is no condition", "das ist keine Bedingung")
    return truth_of(term, want)


def _in_truth(work: Work, node: In, frame: Frame, want: bool) -> Condition:
    return membership.in_truth(work, node, frame, want)


def _between_truth(work: Work, node: Between, frame: Frame, want: bool) -> Condition:
    return membership.between_truth(work, node, frame, want)


_TRUTHS: Mapping[type[Node], Callable[..., Condition]] = {
    Compare: _compare_truth,
    And: _logic_truth(True),
    Or: _logic_truth(False),
    If: _if_truth,
    Call: _call_truth,
    Quantified: _quantified_truth,
    Name: _name_truth,
    In: _in_truth,
    Between: _between_truth,
}
