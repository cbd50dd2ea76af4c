"""Built-in functions that are short enough to stand inline where the types of their arguments are known.

Each entry makes the code of one call, or nothing where the call is better left to the function. Functions
that go through a list stand inline outside loops only, where the list has been paid for.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from fachwerk.rules.functions import conversion
from fachwerk.rules.to_python.base import Base, plain
from fachwerk.rules.to_python.emitter import Code
from fachwerk.rules.types import BOOLEAN, DATE, NUMBER, STRING, AnyType, ListType

Inline = Callable[[Base, list[Code], AnyType], Code | None]


def _method(name: str, type_: AnyType, *, whole: bool = False) -> Inline:
    """A method of ``str``; one that goes through the *whole* text stands outside loops only."""

    def make(base: Base, arguments: list[Code], _: AnyType) -> Code | None:
        if whole and base.loops:
            return None
        return base.guarded(arguments, lambda uses: base.method(uses[0], name, *uses[1:]), type_)

    return make


def _contains(base: Base, arguments: list[Code], _: AnyType) -> Code | None:
    if base.loops:
        return None
    return base.guarded(arguments, lambda uses: base.compare(uses[1], ast.In(), uses[0]), BOOLEAN)


def _length(base: Base, arguments: list[Code], _: AnyType) -> Code | None:
    """The length as a number, and as it is for comparisons with whole numbers."""
    code = arguments[0]
    if code.nullable:
        return base.guarded(arguments, lambda uses: base.call(Decimal, base.call(len, uses[0])), NUMBER)
    whole = base.call(len, code.expr)
    return Code(base.call(Decimal, whole), NUMBER, nullable=False, whole=whole)


def _count(base: Base, arguments: list[Code], result: AnyType) -> Code | None:
    return _length(base, arguments, result) if isinstance(arguments[0].type, ListType) else None


def _member(base: Base, arguments: list[Code], _: AnyType) -> Code | None:
    """``element in list`` for scalars of one type, which Python compares as the rule language does."""
    values, element = arguments
    if base.loops or not isinstance(values.type, ListType):
        return None
    type_ = plain(values.type.element.type)
    if type_ not in (NUMBER, STRING, DATE) or plain(element.type) is not type_:
        return None
    return base.guarded([values], lambda uses: base.compare(element.expr, ast.In(), uses[0]), BOOLEAN)


def _total(base: Base, arguments: list[Code], _: AnyType) -> Code | None:
    numbers = _numbers(base, arguments)
    if numbers is None:
        return None
    base.needs.numbers = True
    first, later = base.kept(numbers)
    return Code(base.choice(first, base.call(sum, later), base.constant(None)), NUMBER)


def _extreme(function: Callable[..., object]) -> Inline:
    def make(base: Base, arguments: list[Code], _: AnyType) -> Code | None:
        numbers = _numbers(base, arguments)
        if numbers is None:
            return None
        first, later = base.kept(numbers)
        return Code(base.choice(first, base.call(function, later), base.constant(None)), NUMBER)

    return make


def _numbers(base: Base, arguments: list[Code]) -> ast.expr | None:
    """Return the argument if it is a list of numbers without null, which itself may be null."""
    if base.loops or len(arguments) != 1 or not isinstance(arguments[0].type, ListType):
        return None
    element = arguments[0].type.element
    return arguments[0].expr if element.type is NUMBER and not element.nullable else None


def _negation(base: Base, arguments: list[Code], _: AnyType) -> Code | None:
    return base.guarded(arguments, lambda uses: base.inverse(uses[0]), BOOLEAN)


def _date(base: Base, arguments: list[Code], _: AnyType) -> Code | None:
    """The usual form of a date goes to Python's own reader, which takes some others as well."""
    code = arguments[0]
    if len(arguments) != 1 or code.type is not STRING:
        return arguments[0] if len(arguments) == 1 and code.type is DATE else None
    base.needs.failing = True

    def read(uses: list[ast.expr]) -> ast.expr:
        text, again = base.kept(uses[0])
        usual = base.all_of(
            base.compare(base.call(len, text), ast.Eq(), base.constant(10)),
            ast.Compare(
                base.item(again, 4),
                [ast.Eq(), ast.Eq()],
                [base.item(again, 7), base.constant("-")],
                **base.here,
            ),
        )
        quick = base.call(date.fromisoformat, again)
        return base.choice(usual, quick, base.call(conversion.date, again))

    made = base.guarded(arguments, read, DATE)
    return Code(made.expr, DATE, made.nullable)


INLINED: Mapping[str, Inline] = {
    "upper case": _method("upper", STRING, whole=True),
    "lower case": _method("lower", STRING, whole=True),
    "starts with": _method("startswith", BOOLEAN),
    "ends with": _method("endswith", BOOLEAN),
    "contains": _contains,
    "string length": _length,
    "count": _count,
    "list contains": _member,
    "sum": _total,
    "min": _extreme(min),
    "max": _extreme(max),
    "not": _negation,
    "date": _date,
}
"""By name of the built-in function."""
