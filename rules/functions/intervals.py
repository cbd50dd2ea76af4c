"""The built-in functions that relate points and ranges (DMN 1.5, clause 10.3.4.9).

A point behaves as the closed range that holds nothing else, so every function is written for ranges once. An
end that is not there counts as beyond everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.values.comparison import compare
from fachwerk.rules.values.ranges import Range

Relation = Callable[[Range, Range], bool]


def _order(a: object, b: object) -> int:
    found = compare(a, b)
    if found is None:
        raise Mistake("the values do not compare", "die Werte lassen sich nicht vergleichen")
    return found


def _starts(a: Range, b: Range) -> int:
    """Return the order of two beginnings; an open one comes a little later."""
    if a.start is None or b.start is None:
        return (b.start is None) - (a.start is None)
    return _order(a.start, b.start) or b.start_included - a.start_included


def _ends(a: Range, b: Range) -> int:
    """Return the order of two ends; an open one comes a little earlier."""
    if a.end is None or b.end is None:
        return (a.end is None) - (b.end is None)
    return _order(a.end, b.end) or a.end_included - b.end_included


def _gap(a: Range, b: Range) -> int:
    """Return the order of the end of *a* and the beginning of *b*: 0 where both hold the same value."""
    if a.end is None or b.start is None:
        return 1
    return _order(a.end, b.start) or (0 if a.end_included and b.start_included else -1)


def before(a: Range, b: Range) -> bool:
    """``before``: *a* ends before *b* begins."""
    return _gap(a, b) < 0


def meets(a: Range, b: Range) -> bool:
    """``meets``: *a* ends with the value that *b* begins with."""
    return _gap(a, b) == 0


def overlaps(a: Range, b: Range) -> bool:
    """``overlaps``: they have values in common."""
    return _gap(a, b) >= 0 and _gap(b, a) >= 0


def overlaps_before(a: Range, b: Range) -> bool:
    """``overlaps before``: *a* begins first and ends within *b* or with it."""
    return _starts(a, b) < 0 and _gap(a, b) >= 0 and _ends(a, b) <= 0


def finishes(a: Range, b: Range) -> bool:
    """``finishes``: they end together, and *b* begins no later."""
    return _ends(a, b) == 0 and _starts(b, a) <= 0


def includes(a: Range, b: Range) -> bool:
    """``includes``: all of *b* lies in *a*."""
    return _starts(a, b) <= 0 and _ends(a, b) >= 0


def starts(a: Range, b: Range) -> bool:
    """``starts``: they begin together, and *b* ends no earlier."""
    return _starts(a, b) == 0 and _ends(a, b) <= 0


def coincides(a: Range, b: Range) -> bool:
    """``coincides``: they begin and end together."""
    return _starts(a, b) == 0 and _ends(a, b) == 0


def _turned(relation: Relation) -> Relation:
    return lambda a, b: relation(b, a)


def related(relation: Relation) -> Callable[[object, object], object]:
    """Make the function of two points or ranges out of a relation of ranges."""
    return lambda a, b: relation(_as_range(a), _as_range(b))


def _as_range(value: object) -> Range:
    return value if isinstance(value, Range) else Range(value, value)


RELATIONS: Mapping[str, Relation] = {
    "before": before,
    "after": _turned(before),
    "meets": meets,
    "met by": _turned(meets),
    "overlaps": overlaps,
    "overlaps before": overlaps_before,
    "overlaps after": _turned(overlaps_before),
    "finishes": finishes,
    "finished by": _turned(finishes),
    "includes": includes,
    "during": _turned(includes),
    "starts": starts,
    "started by": _turned(starts),
    "coincides": coincides,
}
"""By name of the built-in function."""
