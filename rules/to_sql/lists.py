"""Lists in SQL: quantifiers, filters, membership and aggregates over sub-queries and over lists written out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import sqlalchemy as sa
from fachwerk.rules.to_sql import numbers
from fachwerk.rules.to_sql.choices import extreme, scalars
from fachwerk.rules.to_sql.comparing import equal, equal_value, nullable
from fachwerk.rules.to_sql.pieces import Infix, Not, code_points, fails
from fachwerk.rules.to_sql.terms import MISSING, Condition, Listed, Many, Null, Scalar, Sql, Term, refuse
from fachwerk.rules.to_sql.work import Work
from fachwerk.rules.tree import Node

_PART = 10**9
_ROWS = 7
"""Digits of the number of elements that a list may have (``values.limits``)."""


def ask(many: Many, what: Sql, *more: Condition) -> Sql:
    """Return a scalar sub-query over the rows of a list."""
    chosen: sa.Select[Any] = sa.select(what).select_from(*many.tables).where(*many.where, *more)
    return chosen.correlate_except(*many.tables).scalar_subquery()


def plain(work: Work, many: Many, element: Scalar) -> tuple[Many, Scalar]:
    """Return the list with its element as a column, so that an aggregate cannot be taken for one of the outer query."""
    if isinstance(element.sql, sa.Column) and element.sql.table in many.tables:
        return many, element
    inner: sa.Select[Any] = sa.select(element.sql.label("v")).select_from(*many.tables).where(*many.where)
    table = inner.correlate_except(*many.tables).subquery(work.name())
    column = replace(element, sql=table.c.v, literal=MISSING, fixed=False)
    return replace(many, tables=(table,), where=(), element=column), column


def exists(many: Many, *more: Condition) -> Condition:
    """Return whether a list has an element for which *more* holds."""
    chosen: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(*many.tables).where(*many.where, *more)
    return chosen.correlate_except(*many.tables).exists()


def _unless_missing(many: Many, sql: Sql) -> Sql:
    return sql if many.missing is None else sa.case((many.missing, sa.null()), else_=sql)


# ------------------------------------------------------------------ some and every


Judge = Callable[[Term, bool], Condition]
"""Of an element: the condition true exactly where the judgement is that."""


def quantified(many: Many, some: bool, judge: Judge, want: bool) -> Condition:
    """Return the filter form of ``some`` or ``every`` over a sub-query."""
    there = [] if many.missing is None else [Not(many.missing)]
    if some is want:  # one that is true makes ``some`` true, one that is false makes ``every`` false
        return sa.and_(*there, exists(many, judge(many.element, want)))
    return sa.and_(*there, Not(exists(many, fails(judge(many.element, want)))))


def quantified_value(many: Many, some: bool, judge: Judge, unclear: Condition | None) -> Condition:
    """Return the value form; *unclear* holds where the judgement of an element is null, if it can be."""
    cases: list[tuple[Condition, Sql]] = [] if many.missing is None else [(many.missing, sa.null())]
    cases.append((exists(many, judge(many.element, some)), sa.true() if some else sa.false()))
    if unclear is not None:
        cases.append((exists(many, unclear), sa.null()))
    return sa.case(*cases, else_=sa.false() if some else sa.true())


# ------------------------------------------------------------------ membership


def contains(work: Work, items: Many | Listed, sought: Term, node: Node, want: bool | None = None) -> Condition:
    """Return ``list contains(items, sought)``: as a value, or in the filter form for *want*."""
    if isinstance(items, Listed):
        found = sa.or_(sa.false(), *(equal_value(item, sought, work.dialect, node) for item in items.items))
        return found if want is not False else Not(found)
    hit = exists(items, equal(items.element, sought, True, work.dialect, node))
    if want is None:
        return _unless_missing(items, hit)
    there = [] if items.missing is None else [Not(items.missing)]
    return sa.and_(*there, hit if want else Not(hit))


# ------------------------------------------------------------------ aggregates


def aggregate(work: Work, name: str, items: Many | Listed, node: Node) -> Term:
    """Return ``count``, ``sum``, ``mean``, ``min`` or ``max`` of a list."""
    if isinstance(items, Listed):
        return _of_listed(work, name, items.items, node)
    if name == "count":
        return _count(work, items, sa.func.count(type_=sa.BigInteger()))
    element = items.element
    if not isinstance(element, Scalar) or element.kind == "boolean":
        raise refuse(node, f"SQL has no {name} of such values", f"SQL kennt {name} für solche Werte nicht")
    if name not in ("min", "max") and element.kind != "number":
        raise refuse(node, f"SQL has no {name} of such values", f"SQL kennt {name} für solche Werte nicht")
    items, element = plain(work, items, element)
    if name in ("min", "max"):
        return _extreme(work, name, items, element)
    if element.digits + _ROWS > numbers.DIGITS:
        en = "so long numbers are rounded with every addition, in an order that SQL does not know"
        de = "so lange Zahlen werden bei jeder Addition gerundet, in einer Reihenfolge, die SQL nicht kennt"
        raise refuse(node, en, de)
    total = _sum(work, items, element)
    if name == "sum":
        return total
    return numbers.divided(total, _count(work, items, sa.func.count(type_=sa.BigInteger())), work.dialect)


def _count(work: Work, many: Many, counted: Sql) -> Scalar:
    sql = _unless_missing(many, ask(many, counted))
    return numbers.whole_number(sql, _ROWS, work.dialect, nullable=many.missing is not None)


def count_distinct(work: Work, many: Many, node: Node) -> Scalar:
    """Return ``count(distinct values(...))``; null counts as one value."""
    element = many.element
    if not isinstance(element, Scalar):
        raise refuse(node, "SQL counts distinct simple values only", "SQL zählt nur verschiedene einfache Werte")
    many, element = plain(work, many, element)
    counted: Sql = sa.func.count(sa.distinct(element.sql), type_=sa.BigInteger())
    if element.nullable:
        nulls = sa.func.count(sa.literal_column("1")) - sa.func.count(element.sql)
        counted = counted + sa.case((nulls > 0, 1), else_=0)
    return _count(work, many, counted)


def _complete(element: Scalar, found: Sql) -> Sql:
    """An aggregate with a null in it is null."""
    if not element.nullable:
        return found
    full = sa.func.count(sa.literal_column("1")) == sa.func.count(element.sql)
    return sa.case((full, found), else_=sa.null())


def _extreme(work: Work, name: str, many: Many, element: Scalar) -> Scalar:
    sql = code_points(element.sql, work.dialect) if element.kind == "string" else element.sql
    function = f"feel_{name}" if element.kind == "number" and element.form == "text" else name
    found = getattr(sa.func, function)(sql, type_=element.sql.type)
    answer = _unless_missing(many, ask(many, _complete(element, found)))
    return replace(element, sql=answer, nullable=True, fixed=False, literal=MISSING)


def _sum(work: Work, many: Many, element: Scalar) -> Scalar:
    known = replace(element, nullable=True, fixed=False, literal=MISSING, whole=element.whole + _ROWS)
    total: Sql
    if work.dialect == "postgresql":
        total = sa.func.sum(numbers.as_numeric(element), type_=sa.Numeric())
        answer = _unless_missing(many, ask(many, _complete(element, total)))
        return replace(known, sql=answer, form="numeric")
    if element.form == "text":
        total = sa.func.feel_sum(element.sql, type_=sa.Text())
    else:  # two sums that cannot leave 64 bits, joined exactly
        part: Sql = sa.literal_column(str(_PART))
        high = sa.func.sum(Infix(element.sql, "/", part, sa.Integer()))
        low = sa.func.sum(Infix(element.sql, "%", part, sa.Integer()))
        total = sa.func.feel_total(high, low, sa.literal_column(str(element.places)), type_=sa.Text())
    return replace(known, sql=_unless_missing(many, ask(many, _complete(element, total))), form="text")


def _of_listed(work: Work, name: str, items: Sequence[Term], node: Node) -> Term:
    if name == "count":
        return numbers.whole_number(sa.literal_column(str(len(items))), 9, work.dialect, nullable=False)
    found = scalars(work, items, node) if items else None
    if found is None:
        return Null()
    if name in ("min", "max"):
        if found[0].kind == "boolean":
            raise refuse(node, "booleans have no order in SQL", "Wahrheitswerte haben in SQL keine Ordnung")
        return extreme(work, name, found)
    if found[0].kind != "number":
        raise refuse(node, f"SQL has no {name} of such values", f"SQL kennt {name} für solche Werte nicht")
    total = reduce(lambda a, b: numbers.added(a, b, work.dialect, "+"), found)
    if name == "sum":
        return total
    count = numbers.whole_number(sa.literal_column(str(len(items))), 9, work.dialect, nullable=False)
    return numbers.divided(total, count, work.dialect)


def is_list(term: Term) -> bool:
    """Return whether *term* is a list."""
    return isinstance(term, Many | Listed)


def or_null(term: Term) -> bool:
    """Return whether *term* can be null."""
    return nullable(term)
