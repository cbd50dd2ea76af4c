"""Comparisons in both forms: equality is two-valued with null in it, order is null with null in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt, ne

import sqlalchemy as sa
from fachwerk.rules.to_sql import numbers
from fachwerk.rules.to_sql.pieces import Not, code_points
from fachwerk.rules.to_sql.terms import Condition, Dialect, Link, Listed, Many, Null, Row, Scalar, Sql, Term, refuse
from fachwerk.rules.tree import Node

_OPERATORS: Mapping[str, Callable[[Sql, Sql], Condition]] = {
    "=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def is_null(term: Term) -> Condition:
    """Return whether a value is null."""
    if isinstance(term, Null):
        return sa.true()
    if isinstance(term, Scalar):
        return term.sql.is_(None) if term.nullable else sa.false()
    if isinstance(term, Link):
        return sa.and_(*(sql.is_(None) for sql in term.ids.values())) if term.nullable else sa.false()
    return term.missing if isinstance(term, Many) and term.missing is not None else sa.false()


def ids_of(term: Row | Link) -> Mapping[str, Sql]:
    """Return the ids of a record by the types that it may be of."""
    return {term.stored.name: term.table.c.id} if isinstance(term, Row) else term.ids


def nullable(term: Term) -> bool:
    """Return whether a value can be null."""
    if isinstance(term, Many):
        return term.missing is not None
    return isinstance(term, Null) or (isinstance(term, Scalar | Link) and term.nullable)


def _fixed(term: Term) -> bool:
    return isinstance(term, Null) or (isinstance(term, Scalar | Link) and term.fixed)


def equal(a: Term, b: Term, want: bool, dialect: Dialect, node: Node | None) -> Condition:
    """Return what is true exactly where a = b is *want* (a = b is never null); plain ``=`` wherever possible."""
    if isinstance(a, Null) or isinstance(b, Null):
        other = a if isinstance(b, Null) else b
        found = is_null(other)
        return found if want else Not(found)
    if isinstance(a, Row | Link) and isinstance(b, Row | Link):
        return _same_record(a, b, want)
    if isinstance(a, Scalar) and isinstance(b, Scalar) and a.kind == b.kind:
        x, y, possible = _sides(a, b, dialect)
        if not possible:
            return _never(a, b) if want else Not(_never(a, b))
        return _equal(x, y, a.nullable, b.nullable, want)
    raise refuse(node, "these values cannot be compared in SQL", "diese Werte lassen sich in SQL nicht vergleichen")


def _never(a: Scalar, b: Scalar) -> Condition:
    """A column and a number that it cannot hold: equal only if both were null, which a literal is not."""
    return sa.false()


def _sides(a: Scalar, b: Scalar, dialect: Dialect) -> tuple[Sql, Sql, bool]:
    if a.kind != "number":
        return a.sql, b.sql, True
    op, x, y = numbers.compared("=", a, b, dialect)
    return x, y, op != "never"


def _equal(x: Sql, y: Sql, x_nullable: bool, y_nullable: bool, want: bool) -> Condition:
    if not want:
        return x.is_distinct_from(y) if x_nullable or y_nullable else x != y
    if x_nullable and y_nullable:
        return sa.or_(x == y, sa.and_(x.is_(None), y.is_(None)))
    return x == y


def _same_record(a: Row | Link, b: Row | Link, want: bool) -> Condition:
    ours, theirs = ids_of(a), ids_of(b)
    a_null, b_null = nullable(a), nullable(b)
    if len(ours) == len(theirs) == 1 and ours.keys() == theirs.keys():
        (x,), (y,) = ours.values(), theirs.values()
        return _equal(x, y, a_null, b_null, want)
    same: Condition = sa.or_(sa.false(), *(ours[name] == theirs[name] for name in ours if name in theirs))
    if a_null and b_null:
        same = sa.or_(same, sa.and_(is_null(a), is_null(b)))
    return same if want else Not(sa.func.coalesce(same, sa.false()))


def equal_value(a: Term, b: Term, dialect: Dialect, node: Node | None) -> Condition:
    """Return a = b as a value: true or false, never null."""
    if isinstance(a, Scalar) and isinstance(b, Scalar) and a.kind == b.kind and (a.nullable or b.nullable):
        x, y, possible = _sides(a, b, dialect)
        return x.is_not_distinct_from(y) if possible else sa.false()
    found = equal(a, b, True, dialect, node)
    return sa.func.coalesce(found, sa.false(), type_=sa.Boolean()) if nullable(a) or nullable(b) else found


def ordered(op: str, a: Term, b: Term, want: bool, dialect: Dialect, node: Node | None) -> Condition:
    """Return a < b (or the like) where *want*, else its opposite; null where one of them is null."""
    if isinstance(a, Null) or isinstance(b, Null):
        return sa.cast(sa.null(), sa.Boolean())
    if not (isinstance(a, Scalar) and isinstance(b, Scalar) and a.kind == b.kind and a.kind != "boolean"):
        raise refuse(node, "these values have no order in SQL", "diese Werte haben in SQL keine Ordnung")
    op = op if want else _OPPOSITE[op]
    x, y = a.sql, b.sql
    if a.kind == "number":
        op, x, y = numbers.compared(op, a, b, dialect)
    elif a.kind == "string":
        x, y = (code_points(x, dialect), y) if not a.fixed or b.fixed else (x, code_points(y, dialect))
    return _OPERATORS[op](x, y)


def kind_matters(*terms: Term) -> bool:
    """Return whether all of *terms* are the same for all rows."""
    return all(_fixed(term) for term in terms)


def listed(term: Term) -> bool:
    """Return whether a value is a list."""
    return isinstance(term, Many | Listed)
