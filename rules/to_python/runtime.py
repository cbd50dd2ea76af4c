"""What generated code calls where types are not known, or when a first, quick attempt did not go through.

Every helper takes the :class:`Site` of the expression it works for, so that a failure can be put down to a
place in the author's text; the site is looked at only then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from fachwerk.problems import Fragment, Text
from fachwerk.rules.functions.calling import Builtin, invoke
from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.types import AnyType
from fachwerk.rules.values import arithmetic
from fachwerk.rules.values.comparison import compare, equal, same_record, within
from fachwerk.rules.values.days import Day, date_at
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.limits import DEEPEST, MOST_ELEMENTS, Exhausted, Failure, charge, current_run
from fachwerk.rules.values.numbers import integral
from fachwerk.rules.values.properties import has_property, property_of
from fachwerk.rules.values.ranges import Function, Range
from fachwerk.rules.values.typing import instance_of


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """The place of an expression in the author's text."""

    fragment: Fragment
    start: int
    end: int

    def fail(self, english: str, german: str) -> None:
        """Note that the expression has no value, if anybody wants to know."""
        self.note({"en": english, "de": german})

    def note(self, message: Text) -> None:
        """Note *message* for this place, if anybody wants to know."""
        run = current_run()
        if run is not None and run.failures is not None and len(run.failures) < 1000:
            run.failures.append(Failure(message, self.fragment.span(self.start, self.end)))


_SIGNS = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided", "**": "raised"}
_GERMAN = {
    "+": "addieren",
    "-": "subtrahieren",
    "*": "multiplizieren",
    "/": "dividieren",
    "**": "potenzieren",
}


def _operation(
    sign: str, operation: Callable[[object, object], object]
) -> Callable[[object, object, Site], object]:
    def run(a: object, b: object, site: Site) -> object:
        found = operation(a, b)
        if found is None and a is not None and b is not None:
            _no_result(sign, a, b, site)
        return found

    return run


def _no_result(sign: str, a: object, b: object, site: Site) -> None:
    if sign == "/" and not isinstance(b, bool) and b == 0:
        site.fail("division by zero", "Division durch null")
        return
    left, right = kind_of(a), kind_of(b)
    site.fail(
        f"a {left} and a {right} cannot be {_SIGNS[sign]} here",
        f"{left} und {right} lassen sich hier nicht {_GERMAN[sign]}",
    )


add = _operation("+", arithmetic.add)
subtract = _operation("-", arithmetic.subtract)
multiply = _operation("*", arithmetic.multiply)
divide = _operation("/", arithmetic.divide)
power = _operation("**", arithmetic.power)
OPERATIONS: Mapping[str, Callable[[object, object, Site], object]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def negate(a: object, site: Site) -> object:
    """``-a``."""
    found = arithmetic.negate(a)
    if found is None and a is not None:
        site.fail(f"a {kind_of(a)} has no negative", f"{kind_of(a)} lässt sich nicht negieren")
    return found


def _differ(a: object, b: object, site: Site) -> None:
    left, right = kind_of(a), kind_of(b)
    site.fail(f"a {left} does not compare with a {right}", f"{left} lässt sich nicht mit {right} vergleichen")


def is_equal(a: object, b: object, site: Site) -> bool | None:
    """``a = b``, times to the second."""
    found = equal(a, b)
    if found is None:
        _differ(a, b, site)
    return found


def is_exactly(a: object, b: object, site: Site) -> bool | None:
    """``a = b``, times exactly and records by id."""
    found = equal(a, b, exact=True)
    if found is None:
        _differ(a, b, site)
    return found


def exactly(a: object, b: object) -> bool | None:
    """How the built-in functions of rules over records compare."""
    return equal(a, b, exact=True)


def is_same_record(a: Mapping[str, object] | None, b: Mapping[str, object] | None) -> bool:
    """``a = b`` of two links."""
    if a is None or b is None:
        return a is b
    return same_record(a, b)


def inverse(found: bool | None) -> bool | None:
    """What ``!=`` makes of ``=``."""
    return None if found is None else not found


def _ordering(holds: Callable[[int], bool]) -> Callable[[object, object, Site], bool | None]:
    def run(a: object, b: object, site: Site) -> bool | None:
        order = compare(a, b)
        if order is None:
            if a is not None and b is not None:
                _differ(a, b, site)
            return None
        return holds(order)

    return run


ORDERINGS: Mapping[str, Callable[[object, object, Site], bool | None]] = {
    "<": _ordering(lambda order: order < 0),
    "<=": _ordering(lambda order: order <= 0),
    ">": _ordering(lambda order: order > 0),
    ">=": _ordering(lambda order: order >= 0),
}


def truth(value: object, site: Site) -> bool | None:
    """Return an operand of ``and`` or ``or``: what is no boolean is unknown."""
    if value is True or value is False:
        return value
    if value is not None:
        site.fail(
            f"a {kind_of(value)} is neither true nor false", f"{kind_of(value)} ist weder wahr noch falsch"
        )
    return None


def make_range(low: object, high: object, low_closed: bool, high_closed: bool, site: Site) -> Range | None:
    """``[low..high]``."""
    wrong = (low is None and (high is None or low_closed)) or (high is None and high_closed)
    if wrong or (low is not None and high is not None and compare(low, high) not in (-1, 0)):
        site.fail("these ends make no range", "diese Enden ergeben keinen Bereich")
        return None
    return Range(low, high, low_closed, high_closed)


def make_half(low: object, high: object, low_closed: bool, high_closed: bool, site: Site) -> Range | None:
    """``< high``, ``>= low`` and so on as values."""
    if low is None and high is None:
        site.fail("a range needs an end", "ein Bereich braucht ein Ende")
        return None
    return Range(low, high, low_closed, high_closed, True)


def make_point(value: object, outside: bool) -> Range:
    """``= x`` and ``!= x`` as values."""
    return Range(value, value, True, True, True, outside)


def inside(value: object, low: object, high: object, low_closed: bool, high_closed: bool) -> bool | None:
    """``value in [low..high]``."""
    return within(value, Range(low, high, low_closed, high_closed))


def holds(value: object, found: object, exact: bool) -> bool | None:
    """Return what a test that gives *found* says of *value*: equal to it, within it, or one of it."""
    if isinstance(found, Range):
        return within(value, found)
    if not isinstance(found, list):
        return equal(value, found, exact=exact)
    charge(len(found))
    if isinstance(value, list) and equal(value, found, exact=exact) is True:
        return True
    return any(holds(value, item, exact) is True for item in found)


def path(value: object, name: str, site: Site) -> object:
    """``value.name``."""
    if isinstance(value, dict):
        if name not in value:
            site.fail(f"there is no entry {name}", f"es gibt keinen Eintrag {name}")
        return value.get(name)
    if isinstance(value, list):
        charge(len(value))
        return [path(item, name, site) for item in value]
    if value is not None and not has_property(value, name):
        site.fail(f"a {kind_of(value)} has no {name}", f"{kind_of(value)} hat kein {name}")
    return property_of(value, name)


def scoped(item: object, name: str, outer: object) -> object:
    """Return a name in a filter: of the element if it has it, else of the surroundings."""
    return item[name] if isinstance(item, dict) and name in item else outer


def filtered(source: object, condition: Callable[[object], object], site: Site) -> object:
    """``source[condition]`` where it shows only now whether the condition is a position."""
    if source is None:
        return None
    items = source if isinstance(source, list) else [source]
    charge(len(items))
    first = condition(items[0] if items else None)
    if kind_of(first) == "number":
        return element(items, first, site)
    if not items:
        return []
    found = [items[0]] if first is True else []
    found += [item for item in items[1:] if condition(item) is True]
    return found


def element(source: object, position: object, site: Site) -> object:
    """``source[position]``, counted from 1, or from the end."""
    if source is None or kind_of(position) != "number":
        return None
    items = source if isinstance(source, list) else [source]
    number = cast(Decimal, position)
    if not integral(number) or number == 0 or abs(number) > len(items):
        return None
    index = int(number)
    return items[index - 1 if index > 0 else index]


def iterated(source: object, site: Site) -> Iterable[object] | None:
    """Return what a loop goes over: lists, ranges of whole numbers or days, a single value as a list of one."""
    if isinstance(source, Range):
        items = (
            None if source.start is None or source.end is None else counted(source.start, source.end, site)
        )
        return None if items is None else [item for item in items if within(item, source)]
    if source is None:
        site.fail("null cannot be gone through", "null lässt sich nicht durchlaufen")
        return None
    found = source if isinstance(source, list) else [source]
    charge(len(found))
    return found


def spent(source: list[object]) -> list[object]:
    """Return *source*, having counted its elements as steps."""
    charge(len(source))
    return source


def counted(first: object, last: object, site: Site) -> Iterable[object] | None:
    """Return what lies from *first* to *last*, either way: whole numbers or days."""
    kind = kind_of(first)
    if kind == kind_of(last) == "date":
        start, end = cast(Day, first).toordinal(), cast(Day, last).toordinal()
        return map(date_at, _steps(start, end))
    if kind == kind_of(last) == "number":
        low, high = cast(Decimal, first), cast(Decimal, last)
        if integral(low) and integral(high) and max(low.adjusted(), high.adjusted()) < 34:
            return map(Decimal, _steps(int(low), int(high)))
    site.fail(
        "only whole numbers and dates can be counted through",
        "nur ganze Zahlen und Daten lassen sich abzählen",
    )
    return None


def _steps(first: int, last: int) -> range:
    if abs(last - first) >= MOST_ELEMENTS:
        raise Exhausted
    charge(abs(last - first) + 1)
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def is_under(record: object, root: object, site: Site) -> bool | None:
    """``record under root``."""
    if not isinstance(record, dict) or not isinstance(root, dict):
        return None
    if "_path" not in record or "id" not in root:
        site.fail("this record stands in no tree", "dieser Datensatz steht in keinem Baum")
        return None
    return f"/{root['id']}/" in str(record["_path"])


def typed_instance(value: object, type_: AnyType) -> bool:
    """``value instance of type``."""
    return instance_of(value, type_)


def call_builtin(
    builtin: Builtin, arguments: Sequence[object], names: Sequence[str] | None, exact: bool, site: Site
) -> object:
    """Call a built-in function; null with a record where it finds no result."""
    try:
        return builtin(arguments, names, same=exactly) if exact else builtin(arguments, names)
    except Mistake as mistake:
        site.note(mistake.text)
        return None


def charged(*arguments: object, function: Callable[..., object], **options: object) -> object:
    """Call a built-in function many times over: it takes a step, and one for every 256 characters."""
    charge(1 + sum(len(value) >> 8 for value in arguments if type(value) is str))
    return function(*arguments, **options)


def call_value(
    function: object, arguments: Sequence[object], names: Sequence[str] | None, site: Site
) -> object:
    """Call a function that is a value; null with a record where that cannot be done."""
    try:
        return invoke(function, arguments, names)
    except Mistake as mistake:
        site.note(mistake.text)
        return None


def call_decision(decision: Callable[..., object], *arguments: object) -> object:
    """Call a decision, which may be one that calls itself."""
    run = current_run()
    if run is None:
        return decision(*arguments)
    charge(1)
    run.depth += 1
    if run.depth > DEEPEST:
        raise Exhausted
    try:
        return decision(*arguments)
    finally:
        run.depth -= 1


def builtin_value(builtin: Builtin) -> Function:
    """Return a built-in function as a value."""
    return Function(lambda arguments, names: builtin(arguments, names), None, name=builtin.name)


def unknown(name: str, site: Site) -> None:
    """Note that a name stands for nothing."""
    site.fail(f"there is nothing of the name {name}", f"es gibt nichts mit dem Namen {name}")


def refused(english: str, german: str, site: Site) -> None:
    """Note that a part of the rule is not evaluated."""
    site.fail(english, german)


def missing(record: Mapping[str, object], name: str, site: Site) -> object:
    """Return a field of the record; null with a record of the failure where it was not loaded."""
    if name not in record:
        site.fail(f"the field {name} was not loaded", f"das Feld {name} wurde nicht geladen")
    return record.get(name)
