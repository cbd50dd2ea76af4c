"""Which inputs meet no row, which meet two, and which rows can never decide; each shown by an example.

The search is exact over the pieces of the columns. A row with a test that is no region is taken both ways: a gap is
certain only if it stays one with the row matching everywhere. The search has a budget; beyond it the answer is
"cannot tell".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fachwerk.problems import Problems, Text
from fachwerk.rules.tables.codes import CANNOT_TELL, DIFFER, GAP, OVERLAP, UNREACHABLE
from fachwerk.rules.tables.pieces import Pieces, cut, kind_of_column
from fachwerk.rules.tables.regions import EVERYTHING, constant, holds
from fachwerk.rules.types import BOOLEAN
from fachwerk.rules.values.text import literal

if TYPE_CHECKING:
    from fachwerk.rules.tables.check import CheckedInput, CheckedRow, CheckedTable

BUDGET = 200_000
MOST_REPORTED = 20

Choice = tuple[int, object]
"""A set of rows, and a value of the column that meets exactly them."""


class OutOfBudgetError(Exception):
    """The search has taken too many steps."""


@dataclass(frozen=True, slots=True)
class Example:
    """An input in values by label; an input that may be anything is left out."""

    values: tuple[tuple[str, object], ...]

    def __str__(self) -> str:
        return ", ".join(
            f"{label}: {literal(value, inside=not isinstance(value, str))}" for label, value in self.values
        )

    def text(self) -> Text:
        """Return the example in words."""
        said = str(self)
        return {"en": said or "any input", "de": said or "jede Eingabe"}


@dataclass
class Cover:
    """The columns of a table as choices, and the rows of which something is not known (*doubtful*)."""

    labels: tuple[str, ...]
    columns: list[list[Choice]]
    every: int
    doubtful: int
    doubts: tuple[int, ...]
    budget: int = BUDGET
    seen: set[tuple[int, int]] = field(default_factory=set)

    def gap(self, wanted: int) -> Example | None:
        """Return an input that meets none of the rows *wanted*; ``None`` if there is none."""
        self.seen = set()
        return self._search(0, wanted, (), self.columns)

    def shadowed(self, row: int, others: int) -> bool:
        """Return whether *others* together meet every input that *row* meets."""
        self.seen = set()
        bit = 1 << row
        narrowed = [[choice for choice in column if choice[0] & bit] for column in self.columns]
        return all(narrowed) and self._search(0, others, (), narrowed) is None

    def possible(self, row: int) -> bool:
        """Return whether any input meets *row*."""
        return all(any(mask >> row & 1 for mask, _ in column) for column in self.columns)

    def _search(self, at: int, mask: int, path: tuple[object, ...], columns: list[list[Choice]]) -> Example | None:
        if not mask:
            named = zip(self.labels, path, strict=False)
            return Example(tuple((label, value) for label, value in named if value is not ANY_VALUE))
        if at == len(columns) or (at, mask) in self.seen:
            return None
        self.budget -= len(columns[at]) + 1
        if self.budget < 0:
            raise OutOfBudgetError
        tried: set[int] = set()
        for choice, value in columns[at]:
            if mask & choice in tried:
                continue
            tried.add(mask & choice)
            shown = ANY_VALUE if len(columns[at]) == 1 else value
            found = self._search(at + 1, mask & choice, (*path, shown), columns)
            if found:
                return found
        self.seen.add((at, mask))
        return None

    def overlaps(self) -> list[tuple[int, int, Example]]:
        """Return pairs of rows that meet the same input, with such an input; doubtful rows are left out."""
        found: list[tuple[int, int, Example]] = []
        unions = [self._partners(column) for column in self.columns]
        for row in range(self.every.bit_length()):
            partners = self.every & ~self.doubtful & ~((2 << row) - 1)
            if self.doubtful >> row & 1:
                continue
            for union in unions:
                partners &= union[row]
            while partners and len(found) < MOST_REPORTED:
                other = (partners & -partners).bit_length() - 1
                partners &= partners - 1
                found.append((row, other, self._meeting(row, other)))
        return found

    def _partners(self, column: list[Choice]) -> list[int]:
        """Return for each row the rows that share a piece of *column* with it."""
        partners = [0] * self.every.bit_length()
        for mask in {mask for mask, _ in column}:
            rest = mask
            while rest:
                partners[(rest & -rest).bit_length() - 1] |= mask
                rest &= rest - 1
        return partners

    def _meeting(self, one: int, other: int) -> Example:
        both = 1 << one | 1 << other
        values = []
        for label, column in zip(self.labels, self.columns, strict=True):
            found = next((value for mask, value in column if mask & both == both), ANY_VALUE)
            if len(column) > 1 and found is not ANY_VALUE:
                values.append((label, found))
        return Example(tuple(values))


class AnyValue:
    """Stands for a value that does not matter."""


ANY_VALUE = AnyValue()


def cover_of(checked: CheckedTable, *, nulls: bool = False) -> Cover:
    """Return the columns of *checked* as choices between sets of rows.

    Null is a choice only if *nulls* says so: a row may be there for it, but to hand it on as null is no gap.
    """
    every = (1 << len(checked.rows)) - 1
    doubts = [0] * len(checked.inputs)
    columns = []
    for at, column in enumerate(checked.inputs):
        choices, doubts[at] = _choices(column, checked.rows, at)
        columns.append([*choices, *_null(column, checked.rows, at)] if nulls else choices)
    doubtful = 0
    for mask in doubts:
        doubtful |= mask
    labels = tuple(column.label for column in checked.inputs)
    return Cover(labels, columns, every, doubtful, tuple(doubts))


def _choices(column: CheckedInput, rows: Sequence[CheckedRow], at: int) -> tuple[list[Choice], int]:
    regions = [row.cells[at].region for row in rows]
    doubt = sum(1 << row for row, region in enumerate(regions) if region is None)
    allowed = () if column.allowed is None else (column.allowed,)
    if column.typed.type == BOOLEAN:
        values = [True, False]
        masks = [sum(1 << n for n, r in enumerate(regions) if r is None or holds(r, value)) for value in values]
        return list(zip(masks, values, strict=True)), doubt
    kind = kind_of_column([*regions, *allowed], moments=True)
    if kind is None:
        return _unsearchable(regions, doubt, len(rows))
    pieces = cut(regions, kind, *allowed)
    return _distinct(pieces, column), doubt


def _null(column: CheckedInput, rows: Sequence[CheckedRow], at: int) -> list[Choice]:
    """Return the rows that match an input without a value, as a choice, where the column may have none."""
    if not column.typed.nullable:
        return []
    regions = [row.cells[at].region for row in rows]
    return [(sum(1 << n for n, r in enumerate(regions) if r is None or holds(r, None) is True), None)]


def _unsearchable(regions: Sequence[object], doubt: int, rows: int) -> tuple[list[Choice], int]:
    """Return one choice for a column of ``-`` only, and doubt about every other row of other columns."""
    rest = sum(1 << row for row, region in enumerate(regions) if region is not None and region != EVERYTHING)
    return [((1 << rows) - 1, ANY_VALUE)], doubt | rest


def _distinct(pieces: Pieces, column: CheckedInput) -> list[Choice]:
    """Return the pieces in which a value is possible, one for each set of rows, plain examples first."""
    found: dict[int, object] = {}
    order = [*range(1, len(pieces.masks), 2), *range(0, len(pieces.masks), 2)]
    order = (
        sorted(order, key=lambda at: (at not in (0, len(pieces.masks) - 1), at % 2 == 0)) if column.allowed else order
    )
    for at in order:
        value = pieces.sample(at, whole=column.whole)
        if value is None or pieces.masks[at] in found:
            continue
        if column.allowed is not None and holds(column.allowed, value) is not True:
            continue
        found[pieces.masks[at]] = value
    return list(found.items())


def report_cover(checked: CheckedTable, problems: Problems) -> None:
    """Look for overlaps, gaps and rows without effect in *checked*."""
    cover = cover_of(checked)
    try:
        _report_overlaps(checked, cover, problems)
        _report_unreachable(checked, cover_of(checked, nulls=True), problems)
        _report_gap(checked, cover, problems)
    except OutOfBudgetError:
        if not _has_default(checked):
            reason = {"en": "too many combinations", "de": "zu viele Kombinationen"}
            problems.add(CANNOT_TELL.at(checked.table.span, reason=reason))


def _has_default(checked: CheckedTable) -> bool:
    return any(default is not None for default in checked.defaults)


def _report_overlaps(checked: CheckedTable, cover: Cover, problems: Problems) -> None:
    policy = checked.table.hit.policy
    if policy not in ("unique", "any"):
        return
    for one, other, example in cover.overlaps():
        if policy == "any" and not _differ(checked.rows[one], checked.rows[other]):
            continue
        first, second = checked.rows[one].row, checked.rows[other].row
        related = [(first.span, {"en": f"row {one + 1}", "de": f"Zeile {one + 1}"})]
        words = example.text()
        code = OVERLAP if policy == "unique" else DIFFER
        problems.add(code.at(second.span, related=related, one=one + 1, other=other + 1, example=words))


def _differ(one: CheckedRow, other: CheckedRow) -> bool:
    """Whether two rows certainly give different results."""
    for mine, theirs in zip(one.results, other.results, strict=True):
        known, known_too = constant(mine.node), constant(theirs.node)
        if known is not None and known_too is not None and known != known_too:
            return True
    return False


def _report_unreachable(checked: CheckedTable, cover: Cover, problems: Problems) -> None:
    for row, rule in enumerate(checked.rows):
        reason: Text | None = None
        if not cover.possible(row):
            reason = {"en": "no value satisfies all its tests", "de": "kein Wert erfüllt alle ihre Tests"}
        elif checked.table.hit.policy == "first" and row:
            earlier = ((1 << row) - 1) & ~cover.doubtful
            if earlier and cover.shadowed(row, earlier):
                reason = {"en": "earlier rows match first", "de": "frühere Zeilen treffen zuerst zu"}
        if reason:
            problems.add(UNREACHABLE.at(rule.row.span, row=row + 1, reason=reason))


def _report_gap(checked: CheckedTable, cover: Cover, problems: Problems) -> None:
    if _has_default(checked):
        return
    example = cover.gap(cover.every)
    if example:
        problems.add(GAP.at(checked.table.span, example=example.text()))
        return
    doubt = cover.gap(cover.every & ~cover.doubtful) if cover.doubtful else None
    if doubt:
        words = doubt.text()
        reason = {
            "en": f"rows {_numbers(cover.doubtful)} hold expressions ({words['en']}?)",
            "de": f"die Zeilen {_numbers(cover.doubtful)} enthalten Ausdrücke ({words['de']}?)",
        }
        problems.add(CANNOT_TELL.at(checked.table.span, reason=reason))


def _numbers(mask: int) -> str:
    rows = [str(row + 1) for row in range(mask.bit_length()) if mask >> row & 1]
    return ", ".join(rows[:5]) + (", …" if len(rows) > 5 else "")
