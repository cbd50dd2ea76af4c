"""Equality, order and identity (DMN 1.5, tables 53 and 54, and ``is``).

``None`` as a result is FEEL's null: the values do not compare. ``equal(x, null)`` is false, not null. Times
and dates with times are equal when they agree to the second, as the conformance tests have it
(``exact=False``); the rules over records compare exactly, as the databases do, and compare records by their
ids (``exact=True``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

from fachwerk.rules.values.days import Clock, Moment, Months, Span
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.limits import STEPS, Exhausted, charge
from fachwerk.rules.values.ranges import Range
from fachwerk.rules.values.wide import instant_of, length_of, nanoseconds_of, ordinal_of, time_line
from fachwerk.rules.values.zones import SECOND

_DEEPEST = 200


def equal(a: object, b: object, *, exact: bool = False) -> bool | None:
    """Return whether *a* = *b*; ``None`` where their kinds differ (and neither is null)."""
    kind = kind_of(a)
    if kind != kind_of(b):
        return False if a is None or b is None else None
    return _Equality(exact).within(a, b, kind, 0) if kind in _HOLDERS else _same(a, b, kind, exact)


_HOLDERS = frozenset({"list", "context"})


def _same(a: object, b: object, kind: str, exact: bool) -> bool | None:
    if kind == "range":
        return _same_ranges(cast(Range, a), cast(Range, b), exact)
    if kind in ("date and time", "time"):
        return _same_moments(a, b, exact)
    if kind == "function":
        return a is b
    return None if kind == "unknown" else a == b


class _Pairs:
    """Pairs of lists or contexts that were compared already: a value may hold another one many times, on every
    level, and would be as large as two to the power of its levels if each were looked at anew.
    """

    __slots__ = ("known", "left")

    def __init__(self) -> None:
        self.known: dict[tuple[int, int], bool | None] = {}
        self.left = STEPS

    def count(self, elements: int) -> None:
        """Take what is compared from the allowance, within an evaluation or not."""
        charge(elements)
        self.left -= elements
        if self.left < 0:
            raise Exhausted


class _Equality(_Pairs):
    """One comparison by ``=`` of values that hold others."""

    __slots__ = ("exact",)

    def __init__(self, exact: bool) -> None:
        super().__init__()
        self.exact = exact

    def within(self, a: object, b: object, kind: str, depth: int) -> bool | None:
        """Compare two values of one kind."""
        if kind not in _HOLDERS:
            return _same(a, b, kind, self.exact)
        if a is b:
            return True
        if depth > _DEEPEST:
            raise Exhausted
        pair = id(a), id(b)
        if pair not in self.known:
            self.known[pair] = (
                self.lists(cast("list[object]", a), cast("list[object]", b), depth)
                if kind == "list"
                else self.contexts(cast("dict[str, object]", a), cast("dict[str, object]", b), depth)
            )
        return self.known[pair]

    def nested(self, a: object, b: object, depth: int) -> bool | None:
        """Compare two elements or entries."""
        kind = kind_of(a)
        if kind != kind_of(b):
            return False if a is None or b is None else None
        return self.within(a, b, kind, depth + 1)

    def lists(self, a: list[object], b: list[object], depth: int) -> bool | None:
        """Compare two lists."""
        if len(a) != len(b):
            return False
        self.count(len(a))
        return _conjoined(self.nested(x, y, depth) for x, y in zip(a, b, strict=True))

    def contexts(self, a: dict[str, object], b: dict[str, object], depth: int) -> bool | None:
        """Compare two contexts or, exactly, two records."""
        if self.exact and "id" in a and "id" in b:
            return same_record(a, b)
        if a.keys() != b.keys():
            return False
        self.count(len(a))
        return _conjoined(self.nested(a[key], b[key], depth) for key in a)


def same_record(a: Mapping[str, object], b: Mapping[str, object]) -> bool:
    """Return whether two records are the same one: by id and, where links may lead to several entities, by
    entity.
    """
    return a["id"] == b["id"] and a.get("_entity", "") in ("", b.get("_entity") or a.get("_entity", ""))


def _conjoined(answers: object) -> bool | None:
    unknown = False
    for answer in answers:  # type: ignore[attr-defined]
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def _same_ranges(a: Range, b: Range, exact: bool) -> bool | None:
    if (a.start_included, a.end_included, a.outside) != (b.start_included, b.end_included, b.outside):
        return False
    if a.unary is not b.unary and None in (a.start, a.end, b.start, b.end):
        return False
    return _conjoined((equal(a.start, b.start, exact=exact), equal(a.end, b.end, exact=exact)))


def _same_moments(a: object, b: object, exact: bool) -> bool:
    if isinstance(a, time) or not hasattr(a, "toordinal"):
        one, other = time_line(cast(Clock, a)), time_line(cast(Clock, b))
    else:
        one, other = instant_of(cast(Moment, a)), instant_of(cast(Moment, b))
    if exact:
        return one == other
    return one[0] is other[0] and one[1] // SECOND == other[1] // SECOND


def compare(a: object, b: object) -> int | None:
    """Return -1, 0 or 1 as *a* stands before, at or behind *b*; ``None`` where they have no order."""
    kind = kind_of(a)
    if kind != kind_of(b):
        return None
    if kind in ("number", "string", "years and months duration"):
        return _sign(a, b)
    if kind == "days and time duration":
        return _sign(length_of(cast(Span, a)), length_of(cast(Span, b)))
    if kind == "date":
        return _sign(a.toordinal(), b.toordinal())  # type: ignore[attr-defined]
    if kind == "date and time":
        return _zoned(instant_of(cast(Moment, a)), instant_of(cast(Moment, b)))
    if kind == "time":
        return _zoned(time_line(cast(Clock, a)), time_line(cast(Clock, b)))
    return None


def _zoned(a: tuple[bool, int], b: tuple[bool, int]) -> int | None:
    return _sign(a[1], b[1]) if a[0] is b[0] else None


def _sign(a: object, b: object) -> int:
    return -1 if a < b else (1 if a > b else 0)  # type: ignore[operator]


def within(value: object, bounds: Range) -> bool | None:
    """Return whether *value* lies in *bounds*; ``None`` where it does not compare with an end."""
    if bounds.outside:
        same = equal(value, bounds.start)
        return None if same is None else not same
    if value is None or (bounds.start is None and bounds.end is None):
        return None
    if not bounds.unary and (bounds.start is None or bounds.end is None):
        return None
    if bounds.unary and bounds.start is not None and bounds.end is not None:
        return equal(value, bounds.start)
    below = None if bounds.start is None else compare(value, bounds.start)
    above = None if bounds.end is None else compare(value, bounds.end)
    if (bounds.start is not None and below is None) or (bounds.end is not None and above is None):
        return None
    low = below is None or below > 0 or (below == 0 and bounds.start_included)
    high = above is None or above < 0 or (above == 0 and bounds.end_included)
    return low and high


def identical(a: object, b: object) -> bool:
    """Return whether *a* and *b* are the same element of the same domain (``is``): zones count, ``P0Y`` is
    not ``P0D``.
    """
    return _identical(a, b, _Pairs())


def _identical(a: object, b: object, pairs: _Pairs) -> bool:
    kind = kind_of(a)
    if kind != kind_of(b):
        return False
    if kind in ("date and time", "time"):
        return _identical_moments(a, b)
    if kind in _HOLDERS:
        pair = id(a), id(b)
        if pair not in pairs.known:
            pairs.known[pair] = _identical_holders(a, b, kind, pairs)
        return pairs.known[pair] is True
    if kind == "range":
        return equal(a, b, exact=True) is True
    return a is b or (kind != "unknown" and a == b)


def _identical_holders(a: object, b: object, kind: str, pairs: _Pairs) -> bool:
    if kind == "list":
        one, other = cast("list[object]", a), cast("list[object]", b)
        pairs.count(len(one))
        return len(one) == len(other) and all(_identical(x, y, pairs) for x, y in zip(one, other, strict=True))
    left, right = cast("dict[str, object]", a), cast("dict[str, object]", b)
    pairs.count(len(left))
    return left.keys() == right.keys() and all(_identical(left[key], right[key], pairs) for key in left)


def _identical_moments(a: object, b: object) -> bool:
    one, other = cast(Moment, a), cast(Moment, b)
    if _zone_key(one.tzinfo) != _zone_key(other.tzinfo) or nanoseconds_of(one) != nanoseconds_of(other):
        return False
    if isinstance(a, datetime) or hasattr(a, "toordinal"):
        return ordinal_of(one) == ordinal_of(other)  # type: ignore[arg-type]
    return True


def _zone_key(zone: object) -> object:
    return zone.key if isinstance(zone, ZoneInfo) else zone


def key_of(value: object) -> object:
    """Return something hashable that is the same for equal scalars; ``None`` where there is no such thing."""
    if isinstance(value, Decimal | str | bool | Months):
        return kind_of(value), value
    return None
