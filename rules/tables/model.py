"""A decision table as it is written: frozen data, cells still text with their places.

Every way of writing a table (grid, rows, sheet, DMN file) ends here; the checker goes on from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fachwerk.problems import Fragment, Span
from fachwerk.rules.types import Typed

Policy = Literal["unique", "any", "first", "priority", "rule order", "output order", "collect"]
POLICIES: tuple[Policy, ...] = ("unique", "any", "first", "priority", "rule order", "output order", "collect")

Aggregation = Literal["sum", "min", "max", "count"]
AGGREGATIONS: tuple[Aggregation, ...] = ("sum", "min", "max", "count")


@dataclass(frozen=True, slots=True)
class Hit:
    """The hit policy (DMN 1.5, clause 8.2.8): which of the rows that match give the result."""

    policy: Policy = "unique"
    aggregation: Aggregation | None = None

    def __str__(self) -> str:
        return f"{self.policy} {self.aggregation}" if self.aggregation else self.policy


@dataclass(frozen=True, slots=True)
class Input:
    """A column that is tested: an expression, its type where one is stated, and the values it may have.

    *whole* says that a number is always an integer, so that nothing is missing between ``<= 5`` and ``>= 6``.
    """

    expression: Fragment
    typed: Typed | None = None
    allowed: Fragment | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results. *allowed* are the values it may have, most important first; *default* is for no match."""

    name: str
    span: Span
    typed: Typed | None = None
    allowed: Fragment | None = None
    default: Fragment | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: one test per input, one expression per output."""

    tests: tuple[Fragment, ...]
    results: tuple[Fragment, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A whole table. With a *single* output the result is its value, otherwise a context of the outputs by name."""

    name: str
    hit: Hit
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]
    span: Span

    @property
    def single(self) -> bool:
        """Whether the result is one value."""
        return len(self.outputs) == 1
