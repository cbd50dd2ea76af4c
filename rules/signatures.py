"""The built-in functions (DMN 1.5, clause 10.3.4): names, parameters and results, as one table.

The checker, the words and the documentation read it; the functions themselves live in ``rules.functions`` under the
same names. A function with several forms has several signatures, tried in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
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

Result = Literal["fixed", "first", "element", "list", "joined", "modes", "flat"]
"""How the type of the result follows from the arguments.

``fixed``: always the same. ``first``: as the first argument. ``element``: as the elements of the first argument, or
as the arguments. ``list``: a list of the elements of the first argument and of later items. ``joined``: a list of all
elements of all arguments. ``modes``: a list of the elements. ``flat``: a list of the innermost elements.
"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: any of *types* fits; *takes_null* where null is an argument like any other."""

    name: str
    types: tuple[AnyType, ...]
    optional: bool = False
    takes_null: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """One form of a built-in function.

    *repeats*: the last parameter takes any number of arguments. *total*: the result is null only because of a null
    argument; otherwise it may be null in other cases too (``number("x")``).
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: AnyType
    rule: Result = "fixed"
    repeats: bool = False
    total: bool = False

    @property
    def least(self) -> int:
        """How many arguments it needs."""
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def most(self) -> int | None:
        """How many arguments it takes; ``None`` means any number."""
        return None if self.repeats else len(self.parameters)

    def __str__(self) -> str:
        names = [f"[{p.name}]" if p.optional else p.name for p in self.parameters]
        return f"{self.name}({', '.join(names)}{', ...' if self.repeats else ''})"


_ANY_LIST = ListType()
_TYPES: Mapping[str, tuple[AnyType, ...]] = {
    "any": (ANY,),
    "number": (NUMBER,),
    "string": (STRING,),
    "boolean": (BOOLEAN,),
    "date": (DATE,),
    "time": (TIME,),
    "moment": (DATE_TIME,),
    "months": (YEARS_MONTHS,),
    "seconds": (DAYS_TIME,),
    "list": (_ANY_LIST,),
    "numbers": (ListType(Typed(NUMBER)),),
    "strings": (ListType(Typed(STRING)),),
    "booleans": (ListType(Typed(BOOLEAN)),),
    "contexts": (ListType(Typed(ContextType(open=True))),),
    "context": (ContextType(open=True),),
    "range": (RangeType(),),
    "point": (NUMBER, STRING, DATE, TIME, DATE_TIME, YEARS_MONTHS, DAYS_TIME),
    "day": (DATE, DATE_TIME),
    "amount": (NUMBER, YEARS_MONTHS, DAYS_TIME),
    "temporal": (STRING, DATE, DATE_TIME),
    "clock": (STRING, TIME, DATE_TIME, DATE),
    "span": (STRING, YEARS_MONTHS, DAYS_TIME),
    "order": (FunctionType((("a", Typed(ANY)), ("b", Typed(ANY))), Typed(BOOLEAN)),),
}


def _parameter(text: str) -> Parameter:
    """Read ``name: kind`` with ``?`` behind the kind for optional and ``~`` where null is welcome."""
    name, kind = text.strip().split(": ")
    return Parameter(name, _TYPES[kind.rstrip("?~")], optional="?" in kind, takes_null="~" in kind)


def _form(name: str, parameters: str, result: AnyType, **more: object) -> Signature:
    read = tuple(_parameter(text) for text in parameters.split(",")) if parameters else ()
    return Signature(name, read, result, **more)  # type: ignore[arg-type]


_CONVERSIONS = (
    _form("date", "from: temporal", DATE),
    _form("date", "year: number, month: number, day: number", DATE),
    _form("date and time", "from: temporal", DATE_TIME),
    _form("date and time", "date: day, time: time", DATE_TIME, total=True),
    _form(
        "date and time",
        "year: number, month: number, day: number, hour: number, minute: number, second: number, offset: seconds?~",
        DATE_TIME,
    ),
    _form(
        "date and time",
        "year: number, month: number, day: number, hour: number, minute: number, second: number, hour offset: number",
        DATE_TIME,
    ),
    _form(
        "date and time",
        "year: number, month: number, day: number, hour: number, minute: number, second: number, timezone: string",
        DATE_TIME,
    ),
    _form("time", "from: clock", TIME),
    _form("time", "hour: number, minute: number, second: number, offset: seconds?~", TIME),
    _form("number", "from: string, grouping separator: string?~, decimal separator: string?~", NUMBER),
    _form("string", "from: any", STRING, total=True),
    _form("duration", "from: span", DAYS_TIME),
    _form("years and months duration", "from: day, to: day", YEARS_MONTHS, total=True),
    _form("range", "from: string", RangeType()),
    _form("context", "entries: contexts", ContextType(open=True)),
)

_TEXTS = (
    _form("substring", "string: string, start position: number, length: number?", STRING),
    _form("string length", "string: string", NUMBER, total=True),
    _form("upper case", "string: string", STRING, total=True),
    _form("lower case", "string: string", STRING, total=True),
    _form("substring before", "string: string, match: string", STRING, total=True),
    _form("substring after", "string: string, match: string", STRING, total=True),
    _form("contains", "string: string, match: string", BOOLEAN, total=True),
    _form("starts with", "string: string, match: string", BOOLEAN, total=True),
    _form("ends with", "string: string, match: string", BOOLEAN, total=True),
    _form("matches", "input: string, pattern: string, flags: string?~", BOOLEAN),
    _form("replace", "input: string, pattern: string, replacement: string, flags: string?~", STRING),
    _form("split", "string: string, delimiter: string", ListType(Typed(STRING, False))),
    _form("string join", "list: strings, delimiter: string?~", STRING, total=True),
)

_LISTS = (
    _form("list contains", "list: list, element: any~", BOOLEAN, total=True),
    _form("count", "list: list", NUMBER, total=True),
    _form("min", "list: list", ANY, rule="element"),
    _form("min", "c: any", ANY, rule="element", repeats=True),
    _form("max", "list: list", ANY, rule="element"),
    _form("max", "c: any", ANY, rule="element", repeats=True),
    _form("sum", "list: numbers", NUMBER),
    _form("sum", "n: number", NUMBER, repeats=True),
    _form("mean", "list: numbers", NUMBER),
    _form("mean", "n: number", NUMBER, repeats=True),
    _form("median", "list: numbers", NUMBER),
    _form("median", "n: number", NUMBER, repeats=True),
    _form("product", "list: numbers", NUMBER),
    _form("product", "n: number", NUMBER, repeats=True),
    _form("stddev", "list: numbers", NUMBER),
    _form("stddev", "n: number", NUMBER, repeats=True),
    _form("mode", "list: numbers", ListType(Typed(NUMBER, False)), rule="modes"),
    _form("mode", "n: number", ListType(Typed(NUMBER, False)), rule="modes", repeats=True),
    _form("all", "list: booleans", BOOLEAN),
    _form("all", "b: boolean~", BOOLEAN, repeats=True),
    _form("any", "list: booleans", BOOLEAN),
    _form("any", "b: boolean~", BOOLEAN, repeats=True),
    _form("sublist", "list: list, start position: number, length: number?", _ANY_LIST, rule="list"),
    _form("append", "list: list, item: any~", _ANY_LIST, rule="list", repeats=True, total=True),
    _form("concatenate", "list: list", _ANY_LIST, rule="joined", repeats=True, total=True),
    _form("insert before", "list: list, position: number, newItem: any~", _ANY_LIST, rule="list"),
    _form("remove", "list: list, position: number", _ANY_LIST, rule="list"),
    _form("list replace", "list: list, position: number, newItem: any~", _ANY_LIST, rule="list"),
    _form("list replace", "list: list, match: order, newItem: any~", _ANY_LIST, rule="list"),
    _form("reverse", "list: list", _ANY_LIST, rule="list", total=True),
    _form("index of", "list: list, match: any~", ListType(Typed(NUMBER, False)), total=True),
    _form("union", "list: list", _ANY_LIST, rule="joined", repeats=True, total=True),
    _form("distinct values", "list: list", _ANY_LIST, rule="list", total=True),
    _form("flatten", "list: list", _ANY_LIST, rule="flat", total=True),
    _form("sort", "list: list, precedes: order?", _ANY_LIST, rule="list"),
)

_NUMBERS = (
    _form("not", "negand: boolean", BOOLEAN, total=True),
    _form("decimal", "n: number, scale: number", NUMBER),
    _form("floor", "n: number, scale: number?", NUMBER),
    _form("ceiling", "n: number, scale: number?", NUMBER),
    _form("round up", "n: number, scale: number", NUMBER),
    _form("round down", "n: number, scale: number", NUMBER),
    _form("round half up", "n: number, scale: number", NUMBER),
    _form("round half down", "n: number, scale: number", NUMBER),
    _form("abs", "n: amount", NUMBER, rule="first", total=True),
    _form("modulo", "dividend: number, divisor: number", NUMBER),
    _form("sqrt", "number: number", NUMBER),
    _form("log", "number: number", NUMBER),
    _form("exp", "number: number", NUMBER),
    _form("odd", "number: number", BOOLEAN),
    _form("even", "number: number", BOOLEAN),
)

_MOMENTS = (
    _form("today", "", DATE, total=True),
    _form("now", "", DATE_TIME, total=True),
    _form("is", "value1: any~, value2: any~", BOOLEAN, total=True),
    _form("day of year", "date: day", NUMBER, total=True),
    _form("day of week", "date: day", STRING, total=True),
    _form("month of year", "date: day", STRING, total=True),
    _form("week of year", "date: day", NUMBER, total=True),
)

_CONTEXTS = (
    _form("get value", "m: context, key: string", ANY),
    _form(
        "get entries",
        "m: context",
        ListType(Typed(ContextType((("key", Typed(STRING, False)), ("value", Typed(ANY)))))),
    ),
    _form("context put", "context: context, key: string, value: any~", ContextType(open=True)),
    _form("context put", "context: context, keys: strings, value: any~", ContextType(open=True)),
    _form("context merge", "contexts: contexts", ContextType(open=True)),
)

_POINTS, _POINT_RANGE = "point1: point, point2: point", "point: point, range: range"
_RANGE_POINT, _RANGES = "range: range, point: point", "range1: range, range2: range"
_RELATIONS: Mapping[str, tuple[str, ...]] = {
    "before": (_POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES),
    "after": (_POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES),
    "meets": (_RANGES,),
    "met by": (_RANGES,),
    "overlaps": (_RANGES,),
    "overlaps before": (_RANGES,),
    "overlaps after": (_RANGES,),
    "finishes": (_POINT_RANGE, _RANGES),
    "finished by": (_RANGE_POINT, _RANGES),
    "includes": (_RANGE_POINT, _RANGES),
    "during": (_POINT_RANGE, _RANGES),
    "starts": (_POINT_RANGE, _RANGES),
    "started by": (_RANGE_POINT, _RANGES),
    "coincides": (_POINTS, _RANGES),
}
_RANGE_FORMS = tuple(_form(name, form, BOOLEAN) for name, forms in _RELATIONS.items() for form in forms)


def _by_name(signatures: tuple[Signature, ...]) -> Mapping[str, tuple[Signature, ...]]:
    found: dict[str, tuple[Signature, ...]] = {}
    for signature in signatures:
        found[signature.name] = (*found.get(signature.name, ()), signature)
    return found


SIGNATURES: Mapping[str, tuple[Signature, ...]] = _by_name(
    _CONVERSIONS + _TEXTS + _LISTS + _NUMBERS + _MOMENTS + _CONTEXTS + _RANGE_FORMS
)
"""All built-in functions by name, each with its forms."""
