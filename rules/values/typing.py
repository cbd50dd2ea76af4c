"""Whether a value is of a type, and what becomes of it at a typed boundary (DMN 1.5, clauses 10.3.2.9.2 and
10.3.2.9.4).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Final, cast

from fachwerk.rules.types import (
    AnyType,
    ContextType,
    FunctionType,
    ListType,
    OptionType,
    RangeType,
    RecordType,
    Type,
    Typed,
)
from fachwerk.rules.values.days import Day, make_moment
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.limits import Exhausted, charge
from fachwerk.rules.values.ranges import Function, Range

_DEEPEST = 100


def instance_of(value: object, type_: AnyType) -> bool:
    """Return what ``value instance of type`` says; null is an instance of the type ``Null`` alone."""
    if value is None:
        return isinstance(type_, Type) and type_.name == "Null"
    return conforms(value, type_)


def conforms(value: object, type_: AnyType, depth: int = 0) -> bool:
    """Return whether *value* may stand where *type_* is declared; null may everywhere."""
    if value is None:
        return True
    if depth > _DEEPEST:
        raise Exhausted
    if isinstance(type_, Type):
        return type_.name == "Any" or kind_of(value) == type_.name
    if isinstance(type_, OptionType):
        return isinstance(value, str) and value in type_.options
    if isinstance(type_, ListType):
        return _list_conforms(value, type_.element, depth)
    if isinstance(type_, ContextType | RecordType):
        return isinstance(value, dict) and _entries_conform(value, type_, depth)
    if isinstance(type_, RangeType):
        return isinstance(value, Range) and all(
            conforms(end, type_.element, depth + 1) for end in (value.start, value.end)
        )
    return isinstance(value, Function) and _function_conforms(value, type_)


def _list_conforms(value: object, element: Typed, depth: int) -> bool:
    if not isinstance(value, list):
        return False
    charge(len(value))
    return all(conforms(item, element.type, depth + 1) for item in value)


def _entries_conform(value: dict[str, object], type_: ContextType | RecordType, depth: int) -> bool:
    if isinstance(type_, RecordType):
        return "id" in value
    entries = type_.entries
    charge(len(entries))
    return all(name in value and conforms(value[name], typed.type, depth + 1) for name, typed in entries)


def _function_conforms(function: Function, type_: FunctionType) -> bool:
    """Parameters may take more, the result be less, than the type says; what is not declared fits."""
    if function.names is None:
        return True
    if len(function.names) != len(type_.parameters):
        return False
    declared = list(function.types) + [None] * (len(function.names) - len(function.types))
    for (_, wanted), own in zip(type_.parameters, declared, strict=True):
        if own is not None and not included(wanted.type, own):
            return False
    return function.result is None or included(function.result, type_.result.type)


def included(narrow: AnyType, wide: AnyType) -> bool:
    """Return whether every value of *narrow* is one of *wide*."""
    if narrow == wide or (isinstance(wide, Type) and wide.name == "Any"):
        return True
    if isinstance(narrow, Type):
        return narrow.name == "Null"
    if isinstance(narrow, OptionType):
        return isinstance(wide, Type) and wide.name == "string"
    if isinstance(narrow, ListType) and isinstance(wide, ListType):
        return included(narrow.element.type, wide.element.type)
    if isinstance(narrow, RangeType) and isinstance(wide, RangeType):
        return included(narrow.element, wide.element)
    if isinstance(narrow, ContextType) and isinstance(wide, ContextType):
        own = dict(narrow.entries)
        return all(name in own and included(own[name].type, typed.type) for name, typed in wide.entries)
    if isinstance(narrow, FunctionType) and isinstance(wide, FunctionType):
        same = len(narrow.parameters) == len(wide.parameters)
        return same and included(narrow.result.type, wide.result.type)
    return False


class Misfit:
    """The value that says: this does not conform."""


MISFIT: Final = Misfit()


def passed(value: object, fits: Callable[[object], bool], *, is_list: bool, is_moment: bool) -> object:
    """Return *value* as it passes a typed boundary, or :data:`MISFIT`; *fits* tells of values that are not null.

    A list of one passes as its element, an element as a list of one, a date as its midnight in UTC; one such step
    and no second: ``[[10]]`` is no number.
    """
    if value is None or fits(value):
        return value
    if not is_list and isinstance(value, list) and len(value) == 1:
        return value[0] if value[0] is None or fits(value[0]) else MISFIT
    if is_list and not isinstance(value, list) and fits([value]):
        return [value]
    if is_moment and kind_of(value) == "date":
        return make_moment(cast(Day, value), 0, UTC)
    return MISFIT


def convert(value: object, type_: AnyType) -> object:
    """Return *value* as it passes into *type_* (result, parameter, binding); ``None`` where it does not fit."""
    found = passed(
        value,
        lambda one: conforms(one, type_),
        is_list=isinstance(type_, ListType),
        is_moment=isinstance(type_, Type) and type_.name == "date and time",
    )
    return None if found is MISFIT else found
