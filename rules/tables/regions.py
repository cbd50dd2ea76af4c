"""What the test of a cell means, where it is made of constants: points and stretches of one kind of value.

Regions are exact. A test that is none (an expression over other inputs, a call) has no region; the table then
evaluates the cell itself, and the search for gaps and overlaps says that it cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from fachwerk.rules import tree
from fachwerk.rules.values.comparison import compare, equal
from fachwerk.rules.values.days import Months

ORDERED: tuple[type, ...] = (Decimal, str, date, timedelta, Months)
"""The classes whose constants can be sorted and searched; times and date-times compare in too many ways."""


@dataclass(frozen=True, slots=True)
class Point:
    """Exactly this value (which may be null), or with *other* every value but this."""

    value: object
    other: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """The values between two ends; ``None`` is no end on that side."""

    low: object
    high: object
    low_closed: bool = True
    high_closed: bool = True


Atom = Point | Stretch


@dataclass(frozen=True, slots=True)
class Region:
    """Any of *atoms*, or with *negated* none of them. *everything* is the cell ``-``, which even null satisfies."""

    atoms: tuple[Atom, ...] = ()
    negated: bool = False
    everything: bool = False

    def constants(self) -> Iterator[object]:
        """Yield the constants of the region, without null."""
        for atom in self.atoms:
            ends = (atom.value,) if isinstance(atom, Point) else (atom.low, atom.high)
            yield from (end for end in ends if end is not None)


EVERYTHING = Region(everything=True)


def holds(region: Region, value: object) -> bool | None:
    """Return whether *value* lies in *region*: true, false, or ``None`` where the two do not compare."""
    if region.everything:
        return True
    found: bool | None = False
    for atom in region.atoms:
        answer = _within(atom, value)
        if answer:
            found = True
            break
        found = None if answer is None else found
    if not region.negated:
        return found
    return None if found is None else not found


def _within(atom: Atom, value: object) -> bool | None:
    if isinstance(atom, Point):
        same = equal(value, atom.value)
        return same if same is None or not atom.other else not same
    if value is None:
        return None
    low = 1 if atom.low is None else compare(value, atom.low)
    high = -1 if atom.high is None else compare(value, atom.high)
    if low is None or high is None:
        return None
    return (low > 0 or (low == 0 and atom.low_closed)) and (high < 0 or (high == 0 and atom.high_closed))


def region_of(node: tree.Node) -> Region | None:
    """Return the region of the unary tests *node*, or ``None`` where they are more than constants."""
    if not isinstance(node, tree.UnaryTests):
        return None
    if not node.tests:
        return EVERYTHING
    atoms: list[Atom] = []
    for test in node.tests:
        found = _atoms(test)
        if found is None:
            return None
        atoms += found
    return Region(tuple(atoms), node.negated)


def _atoms(node: tree.Node) -> list[Atom] | None:
    match node:
        case tree.Test(op=op, of=of):
            known = constant(of)
            return [Point(known[0], op == "!=")] if known else None
        case tree.Interval():
            return _stretch(node)
        case tree.ListOf(items=items):
            found = [constant(item) for item in items]
            return [Point(known[0]) for known in found if known] if all(found) else None
        case tree.Compare(left=tree.Name(name="?")):
            return _compared(node)
        case _:
            known = constant(node)
            return [Point(known[0])] if known else None


def _stretch(node: tree.Interval) -> list[Atom] | None:
    low = constant(node.low) if node.low is not None else (None,)
    high = constant(node.high) if node.high is not None else (None,)
    if low is None or high is None:
        return None
    if (node.low is not None and low[0] is None) or (node.high is not None and high[0] is None):
        return None
    return [Stretch(low[0], high[0], node.low_closed, node.high_closed)]


def _compared(node: tree.Compare) -> list[Atom] | None:
    """Return the region of ``? < constant``."""
    known = constant(node.right)
    if known is None:
        return None
    (value,) = known
    if node.op in ("=", "!="):
        return [Point(value, node.op == "!=")]
    if value is None:
        return None
    closed = node.op in ("<=", ">=")
    return [Stretch(None, value, True, closed) if node.op in ("<", "<=") else Stretch(value, None, closed, True)]


def constant(node: tree.Node) -> tuple[object] | None:
    """Return the value of a constant expression, in a tuple of one, as null is a value too."""
    match node:
        case tree.Literal(value=value):
            return (value,)
        case tree.Negate(of=tree.Literal(value=Decimal() as number)):
            return (-number,)
    return None
