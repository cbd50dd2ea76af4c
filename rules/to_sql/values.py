"""The value form of every kind of node: faithful, null included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import sqlalchemy as sa
from fachwerk.rules.functions import BUILTINS
from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.to_sql import comparing, membership, numbers, times, trees
from fachwerk.rules.to_sql.calls import FUNCTIONS, Arguments
from fachwerk.rules.to_sql.choices import chosen
from fachwerk.rules.to_sql.links import chain_of
from fachwerk.rules.to_sql.loops import condition_of, filtered, gone_over, quantified_over
from fachwerk.rules.to_sql.pieces import Infix, Not, text
from fachwerk.rules.to_sql.records import field
from fachwerk.rules.to_sql.terms import (
    MISSING,
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
from fachwerk.rules.values.limits import Exhausted, evaluation
from fachwerk.rules.values.numbers import feel_numbers


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
    """Return what a name stands for: a variable, a field of the record around, or the acting user."""
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
        sql = join(*(condition_of(term) for term in terms))
        return work.boolean(sql, nullable=any(t.nullable for t in terms), fixed=all(t.fixed for t in terms))

    return translate


def _if(work: Work, node: If, frame: Frame) -> Term:
    branches = work.value(node.then, frame), work.value(node.otherwise, frame)
    return chosen(work, work.truth(node.condition, frame, True), branches, node)


def _list_of(work: Work, node: ListOf, frame: Frame) -> Term:
    return Listed(tuple(work.value(item, frame) for item in node.items))


def _quantified(work: Work, node: Quantified, frame: Frame) -> Term:
    return quantified_over(work, node, node.each, frame)


def call(work: Work, node: Call, frame: Frame) -> Term:
    """Return the value of a call of a built-in function."""
    called = node.function.name if isinstance(node.function, Name) else None
    if called == "not" and len(node.arguments) == 1:
        term = work.scalar(node.arguments[0], frame, "boolean")
        return work.boolean(Not(condition_of(term)), nullable=term.nullable, fixed=term.fixed)
    own = called in frame.checked.scope.decisions
    if called in BUILTINS and not own and node.arguments and all(isinstance(part, Literal) for part in node.arguments):
        return _constant(work, node, called or "", frame)
    handler = FUNCTIONS.get(called or "")
    if handler is None or own:
        raise refuse(node, f"{called or 'this function'} has no SQL", f"{called or 'diese Funktion'} hat kein SQL")
    try:
        return handler(Arguments(work, frame, node, _positions(node, called or "")))
    except NotTranslatable as error:
        raise _at(error, node) from error


def _constant(work: Work, node: Call, called: str, frame: Frame) -> Term:
    """Return what a function makes of literals: ``duration("P1Y")``, ``date(2024, 1, 31)``."""
    values = [argument.value for argument in node.arguments if isinstance(argument, Literal)]
    try:
        with feel_numbers(), evaluation():
            found = BUILTINS[called](values, node.names)
    except (Mistake, Exhausted):
        found = None
    if found is None or isinstance(found, bool | Decimal | str | date | time | timedelta | Months):
        return _literal(work, Literal(found, start=node.start, end=node.end), frame)
    raise refuse(node, "SQL cannot hold this value", "SQL kann diesen Wert nicht fassen")


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
    Filter: filtered,
    For: gone_over,
    Quantified: _quantified,
    Call: call,
    InstanceOf: _instance_of,
    Under: _under,
    In: _in,
    Between: _between,
}
