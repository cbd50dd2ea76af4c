"""Why a decision table gave what it gave: row by row, which tests held. For people who ask; not on the fast path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fachwerk.problems import Span
from fachwerk.rules.tables.compile import CompiledTable


@dataclass(frozen=True, slots=True)
class Tested:
    """One test: the column, the text of the cell, the value it was asked about, and whether it held."""

    label: str
    text: str
    value: object
    held: bool


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """One row: its number from 1, where it stands, whether all its tests held, and each of them."""

    number: int
    span: Span
    matched: bool
    tests: tuple[Tested, ...]

    @property
    def failed(self) -> tuple[Tested, ...]:
        """The tests that did not hold."""
        return tuple(test for test in self.tests if not test.held)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The result of a table and what every row had to say about the input."""

    hit: str
    result: object
    rows: tuple[RowAnswer, ...]

    @property
    def matched(self) -> tuple[int, ...]:
        """The numbers of the rows that matched."""
        return tuple(row.number for row in self.rows if row.matched)


def explain_table(table: CompiledTable, values: Sequence[object]) -> Explanation:
    """Return how *table* comes to its result for *values* (by position), every row tested by itself."""
    columns = [column(*values) for column in table.columns]
    rows = []
    for number, row in enumerate(table.checked.rows):
        tests = tuple(
            Tested(column.label, cell.fragment.text.strip() or "-", value, table.test(number, at, value, values))
            for at, (column, cell, value) in enumerate(zip(table.checked.inputs, row.cells, columns, strict=True))
        )
        rows.append(RowAnswer(number + 1, row.row.span, all(test.held for test in tests), tests))
    return Explanation(str(table.checked.table.hit), table(*values), tuple(rows))
