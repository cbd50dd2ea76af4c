"""Item definitions (DMN 1.5, clause 7.3.3): what the checker knows of a type, and whether a value conforms to it.

A value that meets a typed boundary (a variable, parameter, binding or result) is converted as clause 10.3.2.9.4 says:
a list of one to its element, an element to a list of one, a date to a date and time at midnight UTC; what still does
not conform becomes null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from fachwerk.problems import Fragment, Problems, Span, nearest
from fachwerk.rules.dmn import model as dmn
from fachwerk.rules.dmn.codes import CIRCLE, TOO_LARGE, UNKNOWN_TYPE
from fachwerk.rules.names import normal
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
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.typing import passed

Fits = Callable[[object], bool]

MOST_NESTED = 50
"""How many item definitions may lead from one to the next."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A type: for the checker as *type*; *fits* tells whether a value (never null) conforms."""

    type: AnyType
    fits: Fits
    element: Shape | None = None
    function: FunctionType | None = None
    result: Shape | None = None

    def convert(self, value: object) -> object:
        """Return *value* as one of this type, or :data:`MISFIT`."""
        return passed(value, self.fits, is_list=self.element is not None, is_moment=self.type == DATE_TIME)


def _kind(name: str) -> Fits:
    return lambda value: kind_of(value) == name


def _anything(value: object) -> bool:
    return True


def _duration(value: object) -> bool:
    return kind_of(value) in ("days and time duration", "years and months duration")


ANYTHING: Final = Shape(ANY, _anything)

SIMPLE: Mapping[str, Shape] = {
    "Any": ANYTHING,
    "number": Shape(NUMBER, _kind("number")),
    "string": Shape(STRING, _kind("string")),
    "boolean": Shape(BOOLEAN, _kind("boolean")),
    "date": Shape(DATE, _kind("date")),
    "time": Shape(TIME, _kind("time")),
    "date and time": Shape(DATE_TIME, _kind("date and time")),
    "dateTime": Shape(DATE_TIME, _kind("date and time")),
    "days and time duration": Shape(DAYS_TIME, _kind("days and time duration")),
    "dayTimeDuration": Shape(DAYS_TIME, _kind("days and time duration")),
    "years and months duration": Shape(YEARS_MONTHS, _kind("years and months duration")),
    "yearMonthDuration": Shape(YEARS_MONTHS, _kind("years and months duration")),
    "duration": Shape(ANY, _duration),
    "context": Shape(ContextType(open=True), _kind("context")),
    "list": Shape(ListType(), _kind("list"), ANYTHING),
    "range": Shape(RangeType(), _kind("range")),
    "function": Shape(ANY, _kind("function")),
    "Null": Shape(NULL, lambda value: False),
    # names that modelers write for types of their own
    "integer": Shape(NUMBER, _kind("number")),
    "long": Shape(NUMBER, _kind("number")),
    "double": Shape(NUMBER, _kind("number")),
}

Allows = Callable[[Fragment, AnyType], Fits | None]
"""Makes the test of unary tests over values of a type; ``None`` where they are unreadable."""


class Shapes:
    """The types of one model, made from its item definitions when first asked for."""

    def __init__(
        self, items: tuple[dmn.Item, ...], imported: Mapping[str, Shapes], allows: Allows, problems: Problems
    ) -> None:
        self._items = {item.name: item for item in items}
        self._imported = imported
        self._allows = allows
        self._problems = problems
        self._made: dict[str, Shape] = {}
        self._making: list[str] = []

    def names(self) -> tuple[str, ...]:
        """Return the names of all item definitions of this model."""
        return tuple(self._items)

    def all(self) -> dict[str, AnyType]:
        """Return the types that FEEL texts of the model may name, imported ones by ``import.name``."""
        types = {f"{prefix}.{name}" if prefix else name: shapes.get(name).type
                 for prefix, shapes in self._imported.items() for name in shapes.names()}  # fmt: skip
        return types | {name: self.get(name).type for name in self._items}

    def get(self, name: str | None, span: Span | None = None) -> Shape:
        """Return the type called *name*; an unknown one lets everything through and is a problem at *span*."""
        if name is None:
            return ANYTHING
        found = self._find(normal(name))
        if found is None and span is not None:
            near = nearest(name, [*self._items, *SIMPLE])
            remedy = None if near else {"en": "define it in the model", "de": "im Modell definieren"}
            self._problems.add(UNKNOWN_TYPE.at(span, remedy=remedy, name=name, nearest=near or ""))
        return found or ANYTHING

    def allowed(self, name: str | None) -> Fragment | None:
        """Return the allowed values of the item definition *name* of this model, most important first."""
        item = self._items.get(normal(name)) if name is not None else None
        return item.allowed if item is not None else None

    def _find(self, name: str) -> Shape | None:
        if name in self._items:
            return self._item(name)
        if name in SIMPLE:
            return SIMPLE[name]
        for prefix, shapes in self._imported.items():
            if not prefix and (found := shapes.local(name)):
                return found
            if prefix and name.startswith(prefix + ".") and (found := shapes.local(name[len(prefix) + 1 :])):
                return found
        return self._find(name.partition(":")[2].strip()) if ":" in name else None

    def local(self, name: str) -> Shape | None:
        """Return the item definition *name* of this very model."""
        return self._item(name) if name in self._items else None

    def _item(self, name: str) -> Shape:
        if name in self._made:
            return self._made[name]
        if name in self._making:
            path = " → ".join([*self._making[self._making.index(name) :], name])
            self._problems.add(CIRCLE.at(self._items[name].span, path=path))
            return ANYTHING
        if len(self._making) > MOST_NESTED:
            self._problems.add(TOO_LARGE.at(self._items[name].span, name=name))
            return ANYTHING
        self._making.append(name)
        self._made[name] = self._shape(self._items[name])
        self._making.pop()
        return self._made[name]

    def _shape(self, item: dmn.Item) -> Shape:
        if item.function is not None:
            shape = self._function(item)
        elif item.components:
            shape = _context({part.name: self._shape(part) for part in item.components})
        else:
            shape = self.get(item.type, item.span)
        if item.allowed is not None:
            shape = self._limited(shape, item.allowed, each=shape.element is not None)
        if item.collection:
            shape = _list(shape)
        return self._limited(shape, item.constraint, each=False) if item.constraint is not None else shape

    def _function(self, item: dmn.Item) -> Shape:
        assert item.function is not None
        parameters, output = item.function
        shapes = [(p.name, Typed(self.get(p.type, p.span).type)) for p in parameters]
        result = self.get(output, item.span)
        type_ = FunctionType(tuple(shapes), Typed(result.type))
        return Shape(type_, _kind("function"), function=type_, result=result)

    def _limited(self, shape: Shape, tests: Fragment, *, each: bool) -> Shape:
        """Return *shape* with the values that *tests* allow, of a list *each* element or the list as a whole."""
        type_ = shape.type.element.type if each and isinstance(shape.type, ListType) else shape.type
        allowed = self._allows(tests, type_)
        if allowed is None:
            return shape
        test: Fits = allowed
        if each:
            return Shape(shape.type, lambda v: shape.fits(v) and _all(cast("list[object]", v), test), shape.element)
        return Shape(shape.type, lambda v: shape.fits(v) and test(v), shape.element, shape.function, shape.result)


def _all(values: list[object], test: Fits) -> bool:
    return all(value is None or test(value) for value in values)


def _list(element: Shape) -> Shape:
    def fits(value: object) -> bool:
        return isinstance(value, list) and all(item is None or element.fits(item) for item in value)

    return Shape(ListType(Typed(element.type)), fits, element)


def _context(entries: Mapping[str, Shape]) -> Shape:
    def fits(value: object) -> bool:
        if not isinstance(value, dict) or not entries.keys() <= value.keys():
            return False
        return all(value[name] is None or shape.fits(value[name]) for name, shape in entries.items())

    types = tuple((name, Typed(shape.type)) for name, shape in entries.items())
    return Shape(ContextType(types, open=True), fits)
