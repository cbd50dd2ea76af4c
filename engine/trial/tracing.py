"""What a trial reaches: which rules were asked and what they said, which rows of decisions matched, who did what.

An app compiled by :func:`compile_traced` notes it while it runs; it behaves as any other, only somewhat slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from fachwerk.engine.compile import App, RuleFunction, compile_app
from fachwerk.engine.decisions import callables
from fachwerk.rules.check import Checked
from fachwerk.rules.tables.check import CheckedTable
from fachwerk.rules.tables.compile import compile_table
from fachwerk.rules.tables.decisions import Body, compile_body
from fachwerk.rules.to_python import Environment, compile_record_rule
from fachwerk.schemas.model import Project

Key = tuple[object, ...]
"""Something that was reached: ``("rule", id, True)``, ``("row", id, 2)``, ``("taken", "review", "grant")``, ..."""

NOTHING: frozenset[Key] = frozenset()


class Trace:
    """Collects what is reached, from :meth:`begin` to :meth:`end`."""

    def __init__(self) -> None:
        self._rules: dict[int, set[object]] = {}
        self._rows: dict[int, set[int]] = {}
        self._notes: set[Key] = set()

    def begin(self) -> None:
        """Forget what was reached so far."""
        for said in self._rules.values():
            said.clear()
        for rows in self._rows.values():
            rows.clear()
        self._notes.clear()

    def end(self) -> frozenset[Key]:
        """Return what was reached since :meth:`begin`."""
        rules = {("rule", rule, value) for rule, values in self._rules.items() for value in values}
        rows = {("row", table, row) for table, found in self._rows.items() for row in found}
        return frozenset(self._notes | rules | rows)

    def note(self, *key: object) -> None:
        """Note something that was reached."""
        self._notes.add(key)

    def rule(self, checked: Checked, function: RuleFunction) -> RuleFunction:
        """Return *function* so that what it says is noted: true, false or neither."""
        add = self._rules.setdefault(id(checked), set()).add

        def traced(record: Any, context: Any) -> Any:
            value = function(record, context)
            add(value if value is True or value is False else None)
            return value

        return traced

    def body(self, body: Body, names: Iterable[str], environment: Environment) -> Callable[..., object]:
        """Return a decision as a function; the rows of a table that match are noted."""
        if not isinstance(body, CheckedTable):
            return compile_body(body, names, environment)
        table = compile_table(body, tuple(names), environment)
        hit, matching = self._rows.setdefault(id(body), set()), table.matcher()
        first, decided = table.checked.table.hit.policy == "first", ("decided", id(body))

        def traced(*values: object) -> object:
            self._notes.add(decided)
            rows = matching(*values)
            hit.update(_rows(rows & -rows if first else rows))
            return table.decide(*values)

        return traced


def _rows(bits: int) -> Iterator[int]:
    """Give the numbers of the rows that are bits of a number."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def compile_traced(project: Project, trace: Trace) -> App:
    """Compile *project* for SQLite so that *trace* learns what is reached."""
    environment = Environment(callables(project, trace.body))

    def compile_rule(checked: Checked) -> RuleFunction:
        return trace.rule(checked, cast(RuleFunction, compile_record_rule(checked, environment)))

    return compile_app(project, "sqlite", compile_rule)
