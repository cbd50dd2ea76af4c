"""A column cut into pieces: between two neighbouring constants every value meets the same rows.

The index searches the pieces at run time; the search for gaps and overlaps walks over them. Rows are the bits of an
integer, row 0 the lowest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from fachwerk.rules.tables.regions import ORDERED, Point, Region, holds
from fachwerk.rules.values.days import Months


@dataclass(frozen=True, slots=True)
class Pieces:
    """*cuts* are the constants in order; *masks* are of: below the first, the first, between it and the second, ..."""

    kind: type
    cuts: tuple[object, ...]
    masks: tuple[int, ...]
    null: int

    def sample(self, at: int, *, whole: bool = False) -> object:
        """Return a value in piece *at*, or ``None`` where no value is."""
        if at % 2:
            return self.cuts[at // 2]
        low = self.cuts[at // 2 - 1] if at else None
        high = self.cuts[at // 2] if at < 2 * len(self.cuts) else None
        return _between(self.kind, low, high, whole=whole)


def kind_of_column(regions: Iterable[Region | None], *, moments: bool = False) -> type | None:
    """Return the class of all constants, if it is one and the same and can be sorted.

    With *moments* also times and dates with times; they sort as long as all of them have an offset, or none has.
    """
    constants = [value for region in regions if region is not None for value in region.constants()]
    kinds = {type(value) for value in constants}
    if len(kinds) != 1:
        return None
    (kind,) = kinds
    if moments and kind in (time, datetime):
        zoned = {value.tzinfo is not None for value in constants if isinstance(value, time | datetime)}
        return kind if len(zoned) == 1 and (kind is datetime or zoned == {False}) else None
    return kind if kind in ORDERED or kind is bool else None


def cut(regions: Sequence[Region | None], kind: type, *more: Region) -> Pieces:
    """Return the pieces of a column; a row without a region counts as matching everywhere.

    *more* regions only add cuts. All constants have to be of the class *kind*.
    """
    known = [region for region in (*regions, *more) if region is not None]
    constants: set[Any] = {value for region in known for value in region.constants()}
    cuts = tuple(sorted(constants))
    place = {value: at for at, value in enumerate(cuts)}
    last = 2 * len(cuts)
    starts, stops = [0] * (last + 2), [0] * (last + 2)
    null = 0
    for row, region in enumerate(regions):
        bit = 1 << row
        for first, final in _runs(region, place, last):
            starts[first] |= bit
            stops[final + 1] |= bit
        if region is None or holds(region, None):
            null |= bit
    masks, mask = [], 0
    for at in range(last + 1):
        mask = (mask & ~stops[at]) | starts[at]
        masks.append(mask)
    return Pieces(kind, cuts, tuple(masks), null)


def _runs(region: Region | None, place: dict[object, int], last: int) -> list[tuple[int, int]]:
    """Return the runs of pieces that *region* covers, in order and apart from each other."""
    if region is None or region.everything:
        return [(0, last)]
    runs: list[tuple[int, int]] = []
    for atom in region.atoms:
        if isinstance(atom, Point):
            if atom.value is None:
                runs += [(0, last)] if atom.other else []
                continue
            at = 2 * place[atom.value] + 1
            runs += [(0, at - 1), (at + 1, last)] if atom.other else [(at, at)]
        else:
            low = 0 if atom.low is None else 2 * place[atom.low] + (1 if atom.low_closed else 2)
            high = last if atom.high is None else 2 * place[atom.high] + (1 if atom.high_closed else 0)
            runs += [(low, high)] if low <= high else []
    merged = _merged(runs)
    return _outside(merged, last) if region.negated else merged


def _merged(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(runs):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _outside(runs: list[tuple[int, int]], last: int) -> list[tuple[int, int]]:
    found, at = [], 0
    for low, high in runs:
        if at < low:
            found.append((at, low - 1))
        at = high + 1
    return [*found, (at, last)] if at <= last else found


def _between(kind: type, low: object, high: object, *, whole: bool) -> object:
    """Return a value strictly between *low* and *high* (``None``: no end), or ``None`` where there is none."""
    if kind is bool:
        return None
    if kind is str:
        return _text_between(low, high)
    if kind is Decimal and not whole:
        return _number_between(low, high)
    if kind is timedelta:
        return _span_between(low, high)
    if kind is datetime:
        return _moment_between(low, high)
    if kind is time:
        return _time_between(low, high)
    step = {Decimal: Decimal(1), date: timedelta(1)}.get(kind)
    try:
        if kind is Months:
            return _months_between(low, high)
        found = low + step if low is not None else high - step  # type: ignore[operator]
    except OverflowError:
        return None
    return found if high is None or low is None or found < high else None


def _number_between(low: object, high: object) -> Decimal:
    if not isinstance(low, Decimal):
        return high - 1 if isinstance(high, Decimal) else Decimal(0)
    if not isinstance(high, Decimal):
        return low + 1
    return low + 1 if low + 1 < high else (low + high) / 2


def _span_between(low: object, high: object) -> timedelta | None:
    if not isinstance(low, timedelta):
        return high - timedelta(1) if isinstance(high, timedelta) else timedelta(0)
    if not isinstance(high, timedelta):
        return low + timedelta(1)
    middle = low + (high - low) / 2
    return middle if low < middle < high else None


def _moment_between(low: object, high: object) -> datetime | None:
    try:
        if not isinstance(low, datetime):
            return high - timedelta(1) if isinstance(high, datetime) else None
        if not isinstance(high, datetime):
            return low + timedelta(1)
    except OverflowError:
        return None
    middle = low + (high - low) / 2
    return middle if low < middle < high else None


def _time_between(low: object, high: object) -> time | None:
    if not isinstance(low, time):
        return time() if high != time() else None
    if not isinstance(high, time):
        return time.max if low != time.max else None
    day = date(2000, 1, 1)
    middle = _moment_between(datetime.combine(day, low), datetime.combine(day, high))
    return None if middle is None else middle.time()


def _months_between(low: object, high: object) -> Months | None:
    if not isinstance(low, Months):
        return Months(high.months - 1) if isinstance(high, Months) else Months(0)
    found = Months(low.months + 1)
    return found if not isinstance(high, Months) or found < high else None


def _text_between(low: object, high: object) -> str | None:
    """Return a text that sorts between the two; the empty text is the smallest."""
    if not isinstance(low, str):
        return "" if high != "" else None
    for found in (low + "a", low + " ", low + "\0"):
        if not isinstance(high, str) or found < high:
            return found
    return None
