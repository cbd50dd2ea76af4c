"""The built-in functions on lists (DMN 1.5, clause 10.3.4.4); lists are never changed, always made anew."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key

from fachwerk.rules.functions.calling import invoke
from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.values.comparison import compare, equal, key_of
from fachwerk.rules.values.limits import MOST_ELEMENTS, Exhausted, bounded_list, charge
from fachwerk.rules.values.ranges import Function

Values = list[object]
Same = Callable[[object, object], bool | None]


def _position(position: Decimal, count: int, *, behind: int = 0) -> int:
    """Return the index of a position counted from 1, or from the end; raises :class:`Mistake` beyond the
    list.
    """
    place = int(position)
    if place == 0 or place > count + behind or place < -count:
        raise Mistake(f"there is no position {place}", f"es gibt keine Stelle {place}")
    return place - 1 if place > 0 else count + place


def list_contains(values: Values, element: object, same: Same = equal) -> object:
    """``list contains(list, element)``."""
    charge(len(values))
    return any(same(value, element) for value in values)


def count(values: Values) -> object:
    """``count(list)``."""
    return Decimal(len(values))


def sublist(values: Values, start: Decimal, length: Decimal | None = None) -> object:
    """``sublist(list, start position, length)``."""
    first = _position(start, len(values))
    if length is None:
        return bounded_list(values[first:])
    if length < 1 or first + int(length) > len(values):
        raise Mistake("the list is too short", "die Liste ist zu kurz")
    return bounded_list(values[first : first + int(length)])


def append(values: Values, *items: object) -> object:
    """``append(list, item, ...)``."""
    return bounded_list([*values, *items])


def concatenate(*lists: Values) -> object:
    """``concatenate(list, ...)``."""
    if sum(map(len, lists)) > MOST_ELEMENTS:
        raise Exhausted
    return bounded_list([value for values in lists for value in values])


def insert_before(values: Values, position: Decimal, item: object) -> object:
    """``insert before(list, position, newItem)``."""
    index = _position(position, len(values))
    return bounded_list([*values[:index], item, *values[index:]])


def remove(values: Values, position: Decimal) -> object:
    """``remove(list, position)``."""
    index = _position(position, len(values))
    return bounded_list([*values[:index], *values[index + 1 :]])


def list_replace(values: Values, position: Decimal, item: object) -> object:
    """``list replace(list, position, newItem)``."""
    index = _position(position, len(values))
    return bounded_list([*values[:index], item, *values[index + 1 :]])


def list_replace_where(values: Values, match: Function, item: object) -> object:
    """``list replace(list, match, newItem)``: *match* says of each element, beside the new one, whether it
    goes.
    """
    out: Values = []
    for value in values:
        hit = invoke(match, (value, item))
        if not isinstance(hit, bool):
            raise Mistake("match must say true or false", "match muss wahr oder falsch sagen")
        out.append(item if hit else value)
    return bounded_list(out)


def reverse(values: Values) -> object:
    """``reverse(list)``."""
    return bounded_list(values[::-1])


def index_of(values: Values, match: object, same: Same = equal) -> object:
    """``index of(list, match)``: all positions, counted from 1."""
    charge(len(values))
    return [Decimal(place) for place, value in enumerate(values, 1) if same(value, match) is True]


def distinct_values(values: Values, same: Same = equal) -> object:
    """``distinct values(list)``: the first of each stays."""
    charge(len(values))
    found: Values = []
    seen: set[object] = set()
    others: Values = []
    for value in values:
        key = key_of(value)
        if key is None:
            charge(len(others))
            fresh = not any(same(value, other) is True for other in others)
            others += [value] if fresh else []
        else:
            fresh = key not in seen
            seen.add(key)
        found += [value] if fresh else []
    return found


def union(*lists: Values, same: Same = equal) -> object:
    """``union(list, ...)``: concatenated, without duplicates."""
    joined = concatenate(*lists)
    return distinct_values(joined, same)  # type: ignore[arg-type]


def flatten(values: Values) -> object:
    """``flatten(list)``: the elements of all lists within, however deep."""
    out: Values = []
    stack = [iter(values)]
    while stack:
        for value in stack[-1]:
            if isinstance(value, list):
                stack.append(iter(value))
                break
            out.append(value)
            if len(out) > MOST_ELEMENTS:
                raise Exhausted
        else:
            stack.pop()
        if len(stack) > 1000:
            raise Exhausted
    return bounded_list(out)


def sort(values: Values, precedes: Function | None = None) -> object:
    """``sort(list, precedes)``: *precedes* says whether its first argument comes before its second."""
    charge(len(values))

    def order(a: object, b: object) -> int:
        if precedes is None:
            found = compare(a, b)
            if found is None:
                raise Mistake("the elements have no order", "die Elemente haben keine Reihenfolge")
            return found
        return -1 if _precedes(precedes, a, b) else (1 if _precedes(precedes, b, a) else 0)

    return sorted(values, key=cmp_to_key(order))


def _precedes(precedes: Function, a: object, b: object) -> bool:
    answer = invoke(precedes, (a, b))
    if not isinstance(answer, bool):
        raise Mistake("precedes must say true or false", "precedes muss wahr oder falsch sagen")
    return answer
