"""Checks a table cell by cell: types, options, allowed values. Gaps and overlaps: ``cover``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fachwerk.problems import Fragment, Problems
from fachwerk.rules import tree
from fachwerk.rules.check import Checked, check
from fachwerk.rules.names import normal
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.tables.cells import Cell, check_result, check_test, describe, nullable, read_tests, readable
from fachwerk.rules.tables.codes import HIT_OUTPUTS, NO_PRIORITY, NO_RESULT, NOT_ALLOWED
from fachwerk.rules.tables.cover import report_cover
from fachwerk.rules.tables.model import Input, Output, Row, Table
from fachwerk.rules.tables.regions import Point, Region, constant, holds, region_of
from fachwerk.rules.types import OptionType, Typed
from fachwerk.rules.values.text import literal


@dataclass(frozen=True, slots=True, eq=False)
class CheckedInput:
    """A tested column: the checked expression, the type of its values and which of them are allowed.

    *dash* are the tests that ``-`` stands for in a DMN file that lists input values (clause 10.3.2.10).
    """

    label: str
    expression: Checked
    typed: Typed
    allowed: Region | None
    whole: bool
    dash: tree.Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CheckedRow:
    """A rule: its tests and results, and the row as it was written."""

    cells: tuple[Cell, ...]
    results: tuple[Checked, ...]
    row: Row


@dataclass(frozen=True, slots=True, eq=False)
class CheckedTable:
    """A table that may be compiled if *ok*. *priorities*: per output its values, most important first."""

    table: Table
    scope: Scope
    inputs: tuple[CheckedInput, ...]
    rows: tuple[CheckedRow, ...]
    defaults: tuple[Checked | None, ...]
    priorities: tuple[tuple[object, ...], ...]
    ok: bool

    @property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """Every path of names that the table needs, from the scope's names on."""
        parts = [column.expression for column in self.inputs]
        parts += [result for row in self.rows for result in row.results]
        parts += [default for default in self.defaults if default]
        found = {path for part in parts for path in part.reads}
        return frozenset(found | {path for row in self.rows for cell in row.cells for path in self._test_reads(cell)})

    def _test_reads(self, cell: Cell) -> frozenset[tuple[str, ...]]:
        if cell.region is not None:
            return frozenset()
        reads = check(cell.tests, cell.fragment, self.scope, Problems()).reads
        return frozenset(path for path in reads if path[0] != "?")


def check_table(table: Table, scope: Scope, problems: Problems, *, cover: bool = True) -> CheckedTable:
    """Check *table*, whose expressions see *scope*; everything wrong goes to *problems*.

    With *cover* overlaps, gaps and rows that can never decide are looked for as well.
    """
    found = Problems()
    inputs = tuple(_check_input(column, scope, found) for column in table.inputs)
    scopes = [replace(scope, names={**scope.names, "?": nullable(column.typed)}) for column in inputs]
    columns = tuple(zip(inputs, scopes, strict=True))
    rows = tuple(_check_row(row, table, columns, scope, found) for row in table.rows)
    defaults = tuple(
        check_result(output.default, output.typed, scope, found) if output.default is not None else None
        for output in table.outputs
    )
    priorities = tuple(_priorities(output, scope, found) for output in table.outputs)
    _check_hit(table, priorities, found)
    checked = CheckedTable(table, scope, inputs, rows, defaults, priorities, not found.errors)
    if cover and checked.ok:
        report_cover(checked, found)
        checked = replace(checked, ok=not found.errors)
    problems.extend(found)
    return checked


def _check_input(column: Input, scope: Scope, problems: Problems) -> CheckedInput:
    node = parse(column.expression, scope, problems)
    checked = check(node, column.expression, scope, problems)
    typed = column.typed or checked.typed
    allowed = None
    dash = None
    if column.allowed is not None:
        inner = replace(scope, names={**scope.names, "?": nullable(typed)})
        tests = read_tests(column.allowed, typed, inner, problems)
        allowed = region_of(tests)
        dash = tests if readable(tests) and not scope.strict else None
    elif isinstance(typed.type, OptionType):
        allowed = Region(tuple(Point(option) for option in typed.type.options))
    return CheckedInput(normal(column.expression.text), checked, typed, allowed, column.whole, dash)


def _check_row(
    row: Row,
    table: Table,
    columns: tuple[tuple[CheckedInput, Scope], ...],
    scope: Scope,
    problems: Problems,
) -> CheckedRow:
    cells = tuple(
        Cell(text, column.dash, column.allowed)
        if column.dash is not None and text.text.strip() in ("", "-")
        else check_test(text, column.typed, column.allowed, inner, problems, label=column.label)
        for text, (column, inner) in zip(row.tests, columns, strict=True)
    )
    results = tuple(
        _check_output(text, output, scope, problems) for text, output in zip(row.results, table.outputs, strict=True)
    )
    return CheckedRow(cells, results, row)


def _check_output(text: Fragment, output: Output, scope: Scope, problems: Problems) -> Checked:
    if scope.strict and text.text.strip() in ("", "-"):
        problems.add(NO_RESULT.at(text.span(), name=output.name))
    checked = check_result(text, output.typed, scope, problems)
    known = constant(checked.node)
    if output.allowed is not None and known is not None and known[0] is not None:
        allowed = region_of(parse(output.allowed, scope, Problems(), as_tests=True))
        if allowed is not None and holds(allowed, known[0]) is False:
            value = literal(known[0], inside=True)
            problems.add(NOT_ALLOWED.at(text.span(), value=value, allowed=describe(allowed)))
    return checked


def _priorities(output: Output, scope: Scope, problems: Problems) -> tuple[object, ...]:
    if output.allowed is not None:
        tests = read_tests(output.allowed, output.typed, scope, problems)
        region = region_of(tests) if readable(tests) else None
        return tuple(region.constants()) if region is not None else ()
    if output.typed is not None and isinstance(output.typed.type, OptionType):
        return output.typed.type.options
    return ()


def _check_hit(table: Table, priorities: tuple[tuple[object, ...], ...], problems: Problems) -> None:
    if table.hit.policy in ("priority", "output order") and not any(priorities):
        problems.add(NO_PRIORITY.at(table.span, hit=str(table.hit)))
    if table.hit.aggregation not in (None, "count") and not table.single:
        problems.add(HIT_OUTPUTS.at(table.span, name=table.hit.aggregation))
