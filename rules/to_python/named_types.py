"""Types as written in a rule: ``number``, ``list<string>``, ``context<a: date>``, ``function<number> ->
string``, ``tLoan``.
"""

from __future__ import annotations

from collections.abc import Mapping

from fachwerk.rules.tree import TypeName
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    AnyType,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Typed,
)

_SIMPLE: Mapping[str, AnyType] = {
    type_.name: type_
    for type_ in (ANY, NULL, NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_TIME, YEARS_MONTHS, DAYS_TIME)
} | {"dateTime": DATE_TIME, "dayTimeDuration": DAYS_TIME, "yearMonthDuration": YEARS_MONTHS}


def named_type(written: TypeName, types: Mapping[str, AnyType]) -> AnyType | None:
    """Return the type that is meant, *types* being those with names of their own; ``None`` for an unknown
    one.
    """
    if written.name in types:
        return types[written.name]
    if written.name in _SIMPLE:
        return _SIMPLE[written.name]
    arguments = [(name, named_type(argument, types)) for name, argument in written.arguments]
    known = tuple((name, Typed(type_)) for name, type_ in arguments if type_ is not None)
    if len(known) != len(arguments):
        return None
    first = known[0][1] if known else Typed(ANY)
    if written.name == "list":
        return ListType(first)
    if written.name == "range":
        return RangeType(first.type)
    if written.name == "context":
        return ContextType(known, open=True)
    if written.name == "function":
        result = ANY if written.result is None else named_type(written.result, types)
        return None if result is None else FunctionType(known, Typed(result))
    return None
