"""The value form of every kind of node: faithful, null included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import sqlalchemy as sa
from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.to_sql import comparing, membership, numbers, times, trees
from fachwerk.rules.to_sql.calls import FUNCTIONS, Arguments
from fachwerk.rules.to_sql.choices import chosen
from fachwerk.rules.to_sql.links import chain_of
from fachwerk.rules.to_sql.lists import Judge, is_list, quantified, quantified_value
from fachwerk.rules.to_sql.pieces import Infix, Not, text
from fachwerk.rules.to_sql.records import field
from fachwerk.rules.to_sql.terms import (
    MISSING,
    Condition,
    Frame,
    Link,
    Listed,
    Many,
    NotTranslatable,
    Null,
    Row,
    Scalar,
    Term,
    refuse,
)
from fachwerk.rules.to_sql.work import Work
from fachwerk.rules.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Each,
    Filter,
    For,
    If,
    In,
    InstanceOf,
    ListOf,
    Literal,
    My,
    Name,
    Negate,
    Node,
    Or,
    Path,
    Quantified,
    Under,
)
from fachwerk.rules.values.days import Months

_MOST_ITEMS = 100


def _literal(work: Work, node: Literal, frame: Frame) -> Term:
    value = node.value
    if value is None:
        return Null()
    if isinstance(value, bool):
        sql = sa.true() if value else sa.false()
        return Scalar(sql=sql, kind="boolean", nullable=False, fixed=True, literal=value)
    if isinstance(value, Decimal):
        return numbers.literal(value, work.dialect)
    if isinstance(value, str):
        return _text(value, node)
    found = times.literal(value, work.dialect) if isinstance(value, date | time | timedelta | Months) else None
    if found is None:
        raise refuse(node, "SQL cannot hold this value", "SQL kann diesen Wert nicht fassen")
    return found


def _text(value: str, node: Node) -> Scalar:
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise refuse(node, "databases do not hold these characters", "Datenbanken fassen diese Zeichen nicht")
    return Scalar(sql=text(value), kind="string", nullable=False, fixed=True, literal=value)


def name(work: Work, node: Name, frame: Frame) -> Term:
    row = _joined(node, frame)
    if row is not None:
        return row
    place: Frame | None = frame
    while place is not None:
        if place.names and node.name in place.names:
            return place.names[node.name]
        if place.record is not None and (node.name in place.record.record.fields or node.name == "id"):
            return field(work, place.record, node.name, node)
        place = place.outer
    if node.name == "me" and frame.checked.scope.me is not None:
        record = frame.checked.scope.me
        ids = {record.name: work.parameter("me", None)}
        return Link(ids=ids, record=record, nullable=False, fixed=True)
    raise refuse(node, f"SQL does not know {node.name}", f"SQL kennt {node.name} nicht")


def _joined(node: Name | Path, frame: Frame) -> Row | None:
    """Return the row that stands for a link, where a condition was moved to the linked table."""
    place: Frame | None = frame
    while place is not None:
        found = chain_of(node) if place.joined else None
        if place.joined and found is not None and found in place.joined:
            return place.joined[found]
        place = place.outer
    return None


def _path(work: Work, node: Path, frame: Frame) -> Term:
    row = _joined(node, frame)
    if row is not None:
        return row
    return _member(work, work.value(node.of, frame), node)


def _member(work: Work, of: Term, node: Path) -> Term:
    if isinstance(of, Null):
        return of
    if isinstance(of, Row | Link):
        return field(work, of, node.name, node)
    if isinstance(of, Scalar):
        found = times.part(of, node.name, work.dialect)
        if found is not None:
            return found
    if isinstance(of, Many):
        element = _member(work, of.element, node)
        if not isinstance(element, Many | Listed | Null):
            return replace(of, element=element)
    if isinstance(of, Listed):
        return Listed(tuple(_member(work, item, node) for item in of.items))
    raise refuse(node, f".{node.name} has no SQL here", f".{node.name} hat hier kein SQL")


def _my(work: Work, node: My, frame: Frame) -> Term:
    record = frame.checked.scope.mine.get(node.entity)
    if record is None:
        raise refuse(node, f"there is no {node.entity} of mine", f"es gibt kein eigenes {node.entity}")
    return Link(ids={record.name: work.parameter(parameter_of(node.entity), None)}, record=record, fixed=True)


def parameter_of(entity: str) -> str:
    """Return the name of the parameter that holds the id of ``my entity``: ``my_entity``."""
    return "my_" + "".join(letter if letter.isalnum() else "_" for letter in entity)


def _compare(work: Work, node: Compare, frame: Frame) -> Term:
    a, b = work.value(node.left, frame), work.value(node.right, frame)
    if node.op in ("=", "!="):
        same = comparing.equal_value(a, b, work.dialect, node)
        return work.boolean(same if node.op == "=" else Not(same), nullable=False)
    found = comparing.ordered(node.op, a, b, True, work.dialect, node)
    return work.boolean(found, nullable=comparing.nullable(a) or comparing.nullable(b))


def _arithmetic(work: Work, node: Arithmetic, frame: Frame) -> Term:
    terms = work.value(node.left, frame), work.value(node.right, frame)
    if any(isinstance(term, Null) for term in terms):
        return Null()
    a, b = terms
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        try:
            found = _calculated(work, node.op, a, b)
        except NotTranslatable as error:
            raise _at(error, node) from error
        if found is not None:
            return found
    raise refuse(node, f"SQL does not calculate {node.op} here", f"SQL rechnet {node.op} hier nicht")


def _calculated(work: Work, op: str, a: Scalar, b: Scalar) -> Scalar | None:
    dialect = work.dialect
    if a.kind == b.kind == "number":
        if op in ("+", "-"):
            return numbers.added(a, b, dialect, op)
        operation = {"*": numbers.multiplied, "/": numbers.divided, "**": numbers.powered}[op]
        return operation(a, b, dialect)
    if op == "+" and a.kind == b.kind == "string":
        joined = Infix(a.sql, "||", b.sql, sa.Text())
        return Scalar(sql=joined, kind="string", nullable=a.nullable or b.nullable, fixed=a.fixed and b.fixed)
    if op in ("+", "-"):
        return times.added(a, b, dialect, op)
    if op == "*":
        return times.times(a, b)
    if op == "/" and a.kind == b.kind and a.kind in ("span", "months"):
        x, y = (replace(duration, kind="number", literal=MISSING) for duration in (a, b))
        return numbers.divided(x, y, dialect)
    return None


def _at(error: NotTranslatable, node: Node) -> NotTranslatable:
    """A refusal that does not know its node yet gets it here."""
    if error.node is None:
        return refuse(node, error.reason["en"], error.reason["de"])
    return error


def _negate(work: Work, node: Negate, frame: Frame) -> Term:
    term = work.value(node.of, frame)
    if isinstance(term, Scalar) and term.kind == "number":
        return numbers.negated(term, work.dialect)
    if isinstance(term, Scalar) and term.kind in ("span", "months"):
        return times.negated(term)
    if isinstance(term, Null):
        return term
    raise refuse(node, "SQL cannot negate this", "SQL kann das nicht negieren")


def _logic(conjunction: bool) -> Callable[[Work, And | Or, Frame], Term]:
    def translate(work: Work, node: And | Or, frame: Frame) -> Term:
        terms = [work.scalar(term, frame, "boolean") for term in node.terms]
        join = sa.and_ if conjunction else sa.or_
        sql = join(*(_condition(term) for term in terms))
        return work.boolean(sql, nullable=any(t.nullable for t in terms), fixed=all(t.fixed for t in terms))

    return translate


def _condition(term: Scalar) -> Condition:
    """Return a boolean value as something that AND, OR and NOT take."""
    if isinstance(term.sql.type, sa.Boolean):
        return term.sql
    return sa.type_coerce(term.sql, sa.Boolean())


def _if(work: Work, node: If, frame: Frame) -> Term:
    branches = work.value(node.then, frame), work.value(node.otherwise, frame)
    return chosen(work, work.truth(node.condition, frame, True), branches, node)


def _list_of(work: Work, node: ListOf, frame: Frame) -> Term:
    return Listed(tuple(work.value(item, frame) for item in node.items))


def _filter(work: Work, node: Filter, frame: Frame) -> Term:
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


def _for(work: Work, node: For, frame: Frame) -> Term:
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


def _quantified(work: Work, node: Quantified, frame: Frame) -> Term:
    return quantified_over(work, node, node.each, frame)


def quantified_over(work: Work, node: Quantified, each: tuple[Each, ...], frame: Frame) -> Scalar:
    if not each:
        return work.scalar(node.condition, frame, "boolean")
    source, some = source_of(work, each[0], frame), node.kind == "some"

    def inner(element: Term) -> Scalar:
        return quantified_over(work, node, each[1:], frame.bind({each[0].name: element}))

    if isinstance(source, Listed):
        parts = [inner(item) for item in source.items]
        join = sa.or_(sa.false(), *map(_condition, parts)) if some else sa.and_(sa.true(), *map(_condition, parts))
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


def call(work: Work, node: Call, frame: Frame) -> Term:
    called = node.function.name if isinstance(node.function, Name) else None
    if called == "not" and len(node.arguments) == 1:
        term = work.scalar(node.arguments[0], frame, "boolean")
        return work.boolean(Not(_condition(term)), nullable=term.nullable, fixed=term.fixed)
    handler = FUNCTIONS.get(called or "")
    if handler is None or called in frame.checked.scope.decisions:
        raise refuse(node, f"{called or 'this function'} has no SQL", f"{called or 'diese Funktion'} hat kein SQL")
    try:
        return handler(Arguments(work, frame, node, _positions(node, called or "")))
    except NotTranslatable as error:
        raise _at(error, node) from error


def _positions(node: Call, name: str) -> list[Node | None]:
    if node.names is None:
        return list(node.arguments)
    given = dict(zip(node.names, node.arguments, strict=True))
    for signature in SIGNATURES.get(name, ()):
        names = [parameter.name for parameter in signature.parameters]
        if set(given) <= set(names):
            found = [given.get(parameter) for parameter in names]
            while found and found[-1] is None:
                found.pop()
            return found
    raise refuse(node, "these arguments have no SQL", "diese Argumente haben kein SQL")


def _instance_of(work: Work, node: InstanceOf, frame: Frame) -> Term:
    term = work.value(node.of, frame)
    names = {"span": "days and time duration", "months": "years and months duration", "moment": "date and time"}
    if isinstance(term, Null):
        return work.boolean(sa.false(), nullable=False)
    if not isinstance(term, Scalar) or node.type.arguments or node.type.name not in {*_SIMPLE, "Any"}:
        raise refuse(node, "SQL knows simple types only", "SQL kennt nur einfache Typen")
    if node.type.name not in (names.get(term.kind, term.kind), "Any"):
        return work.boolean(sa.false(), nullable=False)
    return work.boolean(Not(comparing.is_null(term)), nullable=False)


_SIMPLE = frozenset(
    {
        "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
        "years and months duration",
    }
)  # fmt: skip


def _under(work: Work, node: Under, frame: Frame) -> Term:
    found, nullable = trees.under(work, work.value(node.of, frame), work.value(node.root, frame), node)
    return work.boolean(found, nullable=nullable)


def _in(work: Work, node: In, frame: Frame) -> Term:
    return membership.in_value(work, node, frame)


def _between(work: Work, node: Between, frame: Frame) -> Term:
    return membership.between_value(work, node, frame)


VALUES: Mapping[type[Node], Callable[..., Term]] = {
    Literal: _literal,
    Name: name,
    Path: _path,
    My: _my,
    Compare: _compare,
    Arithmetic: _arithmetic,
    Negate: _negate,
    And: _logic(True),
    Or: _logic(False),
    If: _if,
    ListOf: _list_of,
    Filter: _filter,
    For: _for,
    Quantified: _quantified,
    Call: call,
    InstanceOf: _instance_of,
    Under: _under,
    In: _in,
    Between: _between,
}
