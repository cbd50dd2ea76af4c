"""Hit policies (DMN 1.5, clause 8.2.8): from the rows that match to the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any

from fachwerk.problems import Span, Text
from fachwerk.rules.tables.model import Hit
from fachwerk.rules.values.arithmetic import add
from fachwerk.rules.values.comparison import compare, equal
from fachwerk.rules.values.limits import Failure, current_run
from fachwerk.rules.values.numbers import feel_numbers

Arguments = tuple[Any, ...]
Result = Callable[[int, Arguments], object]
"""Gives the result of a row."""

Finish = Callable[[int, Arguments], object]
"""Gives the result of a set of rows, which is not empty."""


def note(message: Text, span: Span) -> None:
    """Record why the result is null, if the evaluation wants to know."""
    run = current_run()
    if run is not None and run.failures is not None:
        run.failures.append(Failure(message, span))


def rows_of(mask: int) -> list[int]:
    """Return the numbers of the rows in *mask*, lowest first."""
    rows = []
    while mask:
        rows.append((mask & -mask).bit_length() - 1)
        mask &= mask - 1
    return rows


def finisher(hit: Hit, result: Result, rank: Callable[[object], tuple[int, ...]], span: Span) -> Finish:
    """Return what makes one result of the matching rows; *rank* orders results, the most important is the smallest."""

    def unique(mask: int, arguments: Arguments) -> object:
        if mask & (mask - 1):
            return _several(mask, span)
        return result(mask.bit_length() - 1, arguments)

    def first(mask: int, arguments: Arguments) -> object:
        return result((mask & -mask).bit_length() - 1, arguments)

    def every(mask: int, arguments: Arguments) -> list[object]:
        return [result(row, arguments) for row in rows_of(mask)]

    def any_(mask: int, arguments: Arguments) -> object:
        found = every(mask, arguments)
        return found[0] if all(equal(found[0], other) for other in found[1:]) else _several(mask, span)

    def ordered(mask: int, arguments: Arguments) -> list[object]:
        return sorted(every(mask, arguments), key=rank)

    match hit.policy:
        case "unique":
            return unique
        case "any":
            return any_
        case "first":
            return first
        case "priority":
            return lambda mask, arguments: ordered(mask, arguments)[0]
        case "output order":
            return ordered
    aggregate = _AGGREGATES.get(hit.aggregation or "")
    return every if aggregate is None else lambda mask, arguments: aggregate(every(mask, arguments))


def _several(mask: int, span: Span) -> object:
    rows = ", ".join(str(row + 1) for row in rows_of(mask))
    note({"en": f"rows {rows} match at once", "de": f"die Zeilen {rows} treffen zugleich zu"}, span)
    return None


def _sum(values: Sequence[object]) -> object:
    with feel_numbers():
        return reduce(lambda one, other: None if one is None or other is None else add(one, other), values)


def _extreme(values: Sequence[object], sign: int) -> object:
    best = values[0]
    for value in values[1:]:
        order = compare(value, best)
        if order is None:
            return None
        best = value if order == sign else best
    return best


def _count(values: Sequence[object]) -> object:
    return Decimal(len(values))


_AGGREGATES: dict[str, Callable[[Sequence[object]], object]] = {
    "sum": _sum,
    "min": lambda values: _extreme(values, -1),
    "max": lambda values: _extreme(values, 1),
    "count": _count,
}
