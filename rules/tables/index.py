"""The index of a column: for a value, the rows whose test it satisfies, as bits of an integer.

A column of equal tests is a dictionary; one of stretches is a sorted list of boundaries that is searched by halving.
Both cost the same for twenty rows and (nearly) the same for a thousand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fachwerk.rules.tables.pieces import Pieces, cut
from fachwerk.rules.tables.regions import Region, holds


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """How to search one column.

    *way* ``get``: *masks* by value in *table*, else *rest*. ``left``, ``right``: *masks* by place among *cuts*.
    ``both``: *masks* by place, and one for every cut itself. *kind* is the class of values that it works for; all
    else goes through *slow*.
    """

    way: Literal["get", "left", "right", "both"]
    kind: type
    slow: Callable[[object], int]
    cuts: tuple[Any, ...] = ()
    masks: tuple[int, ...] = ()
    table: Mapping[object, int] | None = None
    rest: int = 0


def place(cuts: Sequence[Any], value: Any) -> int:
    """Return the number of the piece that *value* lies in: odd for a cut itself."""
    at = bisect_left(cuts, value)
    return 2 * at + 1 if at < len(cuts) and cuts[at] == value else 2 * at


def make_index(regions: Sequence[Region | None], kind: type) -> Index:
    """Return the index of a column whose constants are all of the class *kind*; rows without a region match always."""
    pieces = cut(regions, kind)
    slow = _slow(regions, pieces)
    masks = pieces.masks
    between, at_cuts = masks[0::2], masks[1::2]
    if kind is bool or len(set(between)) == 1:
        table = dict(zip(pieces.cuts, at_cuts, strict=True))
        return Index("get", kind, slow, table=table, rest=between[0])
    if at_cuts == between[1:]:
        return Index("right", kind, slow, pieces.cuts, between)
    if at_cuts == between[:-1]:
        return Index("left", kind, slow, pieces.cuts, between)
    return Index("both", kind, slow, pieces.cuts, masks)


def _slow(regions: Sequence[Region | None], pieces: Pieces) -> Callable[[object], int]:
    null = pieces.null

    def slow(value: object) -> int:
        if value is None:
            return null
        found = 0
        for row, region in enumerate(regions):
            if region is None or holds(region, value):
                found |= 1 << row
        return found

    return slow
