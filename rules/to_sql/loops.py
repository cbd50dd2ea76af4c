"""Filters, loops and quantifiers: what goes over the elements of a list."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import sqlalchemy as sa
from fachwerk.rules.to_sql import numbers
from fachwerk.rules.to_sql.lists import Judge, is_list, quantified, quantified_value
from fachwerk.rules.to_sql.terms import (
    Condition,
    Frame,
    Link,
    Listed,
    Many,
    Null,
    Row,
    Scalar,
    Term,
    refuse,
)
from fachwerk.rules.to_sql.work import Work
from fachwerk.rules.tree import (
    Each,
    Filter,
    For,
    Quantified,
)

_MOST_ITEMS = 100


def filtered(work: Work, node: Filter, frame: Frame) -> Term:
    """Return ``of[condition]`` of a list of records."""
    of = work.value(node.of, frame)
    if not isinstance(of, Many):
        raise refuse(node, "SQL filters lists of records only", "SQL filtert nur Listen von Datensätzen")
    typed = frame.checked.types.get(node.condition)
    if typed is not None and str(typed.type) == "number":
        raise refuse(node, "SQL has no order of these records", "SQL kennt keine Reihenfolge dieser Datensätze")
    element = of.element
    if isinstance(element, Link) and element.nullable:
        raise refuse(node, "some of these records may be missing", "einige dieser Datensätze können fehlen")
    record = element if isinstance(element, Row | Link) else None
    inside = frame.bind({"item": element}, record)
    return replace(of, where=(*of.where, work.truth(node.condition, inside, True)))


def gone_over(work: Work, node: For, frame: Frame) -> Term:
    """Return ``for x in list return body`` over one list."""
    source = source_of(work, node.each[0], frame)
    if len(node.each) == 1 and isinstance(source, Many):
        body = work.value(node.body, frame.bind({node.each[0].name: source.element}))
        if not is_list(body) and not isinstance(body, Null):
            return replace(source, element=body)
    if len(node.each) == 1 and isinstance(source, Listed):
        name = node.each[0].name
        return Listed(tuple(work.value(node.body, frame.bind({name: item})) for item in source.items))
    raise refuse(node, "this loop has no SQL", "diese Schleife hat kein SQL")


def source_of(work: Work, each: Each, frame: Frame) -> Many | Listed:
    """Return the list that an iterator goes over."""
    if each.until is not None:
        return _counted(work, each, frame)
    found = work.value(each.source, frame)
    if not isinstance(found, Many | Listed):
        raise refuse(each.source, "SQL goes over lists only", "SQL durchläuft nur Listen")
    return found


def _counted(work: Work, each: Each, frame: Frame) -> Listed:
    ends = [work.value(end, frame) for end in (each.source, each.until) if end is not None]
    values = [end.literal for end in ends if isinstance(end, Scalar) and isinstance(end.literal, Decimal)]
    if len(values) < 2 or any(value != int(value) for value in values) or abs(values[0] - values[1]) > _MOST_ITEMS:
        raise refuse(each.source, "SQL counts over few known numbers only", "SQL zählt nur über wenige feste Zahlen")
    first, last = int(values[0]), int(values[1])
    steps = range(first, last + 1) if first <= last else range(first, last - 1, -1)
    return Listed(tuple(numbers.literal(Decimal(step), work.dialect) for step in steps))


def quantified_over(work: Work, node: Quantified, each: tuple[Each, ...], frame: Frame) -> Scalar:
    """Return the value form of a quantifier over *each*."""
    if not each:
        return work.scalar(node.condition, frame, "boolean")
    source, some = source_of(work, each[0], frame), node.kind == "some"

    def inner(element: Term) -> Scalar:
        return quantified_over(work, node, each[1:], frame.bind({each[0].name: element}))

    if isinstance(source, Listed):
        parts = [inner(item) for item in source.items]
        join = sa.or_(sa.false(), *map(condition_of, parts)) if some else sa.and_(sa.true(), *map(condition_of, parts))
        return work.boolean(join, nullable=any(part.nullable for part in parts))
    value = inner(source.element)
    unclear = value.sql.is_(None) if value.nullable else None
    judge = judge_of(work, node, each, frame)
    return work.boolean(
        quantified_value(source, some, judge, unclear), nullable=value.nullable or source.missing is not None
    )


def judge_of(work: Work, node: Quantified, each: tuple[Each, ...], frame: Frame) -> Judge:
    """Return the filter form of the condition as a function of the first iterator's element."""

    def judge(element: Term, want: bool) -> Condition:
        inside = frame.bind({each[0].name: element})
        if len(each) == 1:
            return work.truth(node.condition, inside, want)
        return quantified_truth(work, node, each[1:], inside, want)

    return judge


def quantified_truth(work: Work, node: Quantified, each: tuple[Each, ...], frame: Frame, want: bool) -> Condition:
    """Return the filter form of a quantifier over *each*."""
    source, some = source_of(work, each[0], frame), node.kind == "some"
    judge = judge_of(work, node, each, frame)
    if isinstance(source, Many):
        return quantified(source, some, judge, want)
    parts = [judge(item, want) for item in source.items]
    return sa.or_(sa.false(), *parts) if some is want else sa.and_(sa.true(), *parts)


def condition_of(term: Scalar) -> Condition:
    """Return a boolean value as something that AND, OR and NOT take."""
    return term.sql if isinstance(term.sql.type, sa.Boolean) else sa.type_coerce(term.sql, sa.Boolean())
