"""The built-in functions that draw one value out of many (DMN 1.5, clause 10.3.4.4)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.values.comparison import compare
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.limits import charge
from fachwerk.rules.values.numbers import CONTEXT, ONE, ZERO, feel_numbers

Numbers = list[Decimal]


def _numbers(values: list[Decimal], *, least: int = 1) -> Numbers:
    if len(values) < least:
        raise Mistake("there are too few elements", "es sind zu wenige Elemente")
    charge(len(values))
    if any(kind_of(value) != "number" for value in values):
        raise Mistake("an element is not a number", "ein Element ist keine Zahl")
    return values


def total(values: Numbers) -> object:
    """``sum(list)``: null for no elements."""
    numbers = _numbers(values)
    with feel_numbers():
        return sum(numbers[1:], numbers[0])


def mean(values: Numbers) -> object:
    """``mean(list)``."""
    numbers = _numbers(values)
    with feel_numbers():
        return sum(numbers[1:], numbers[0]) / len(numbers)


def product(values: Numbers) -> object:
    """``product(list)``."""
    found = ONE
    for number in _numbers(values):
        found = CONTEXT.multiply(found, number)
    return found


def median(values: Numbers) -> object:
    """``median(list)``: of an even number of elements, the mean of the middle two."""
    numbers = sorted(_numbers(values))
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return CONTEXT.divide(CONTEXT.add(numbers[middle - 1], numbers[middle]), Decimal(2))


def stddev(values: Numbers) -> object:
    """``stddev(list)`` of a sample of at least two."""
    numbers = _numbers(values, least=2)
    with feel_numbers():
        middle = sum(numbers, ZERO) / len(numbers)
        squares = sum(((number - middle) ** 2 for number in numbers), ZERO)
        return (squares / (len(numbers) - 1)).sqrt()


def mode(values: Numbers) -> object:
    """``mode(list)``: the most frequent elements, ascending; none for none."""
    counts: dict[Decimal, int] = {}
    for number in _numbers(values, least=0):
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, count in counts.items() if count == most)


def _extreme(values: list[object], wanted: int) -> object:
    if not values:
        raise Mistake("there are no elements", "es sind keine Elemente da")
    charge(len(values))
    best = values[0]
    for value in values:
        order = compare(value, best)
        if order is None:
            raise Mistake("the elements have no order", "die Elemente haben keine Reihenfolge")
        if order == wanted:
            best = value
    return best


def least(values: list[object]) -> object:
    """``min(list)``."""
    return _extreme(values, -1)


def greatest(values: list[object]) -> object:
    """``max(list)``."""
    return _extreme(values, 1)


def every(values: list[object]) -> object:
    """``all(list)``: Kleene's conjunction; true for none."""
    return _kleene(values, stop=False)


def some(values: list[object]) -> object:
    """``any(list)``: Kleene's disjunction; false for none."""
    return _kleene(values, stop=True)


def _kleene(values: list[object], *, stop: bool) -> object:
    charge(len(values))
    if any(value is stop for value in values):
        return stop
    if any(value is not None and not isinstance(value, bool) for value in values):
        raise Mistake("an element is neither true nor false", "ein Element ist weder wahr noch falsch")
    return None if None in values else not stop


def gathered(function: Callable[[list[object]], object]) -> Callable[..., object]:
    """Make the form of a function that takes its elements as arguments of their own."""
    return lambda *values: function(list(values))
