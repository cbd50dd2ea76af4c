"""A checked table -> a plain function of the values in scope, through an index of bit sets.

The function ANDs one set of rows per column and hands what is left to the hit policy. It is put together from a few
fixed pieces of program text; nothing of the author's text gets into it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from fachwerk.problems import Fragment, Problems
from fachwerk.rules import tree
from fachwerk.rules.check import Checked, check
from fachwerk.rules.tables.cells import Cell, nullable, whole_test
from fachwerk.rules.tables.check import CheckedTable
from fachwerk.rules.tables.hits import Finish, finisher
from fachwerk.rules.tables.index import Index, make_index, place
from fachwerk.rules.tables.pieces import kind_of_column
from fachwerk.rules.tables.regions import EVERYTHING, constant
from fachwerk.rules.to_python import Environment, compile_rule

Rule = Callable[..., Any]
Convert = Callable[[object], object]


@dataclass(frozen=True, slots=True, eq=False)
class CompiledTable:
    """*decide* takes the values of *parameters* by position. *columns* and *test* serve ``explain``.

    *matcher* makes what *trial* asks: a function of the same values that gives the rows that match as the bits of a
    number, the first row as the lowest bit (behind the first that matches nothing counts where the first one wins).
    """

    checked: CheckedTable
    parameters: tuple[str, ...]
    decide: Rule
    columns: tuple[Rule, ...]
    test: Callable[[int, int, object, Sequence[object]], bool]
    matcher: Callable[[], Callable[..., int]]

    def __call__(self, *values: object) -> object:
        """Return the result for *values*, in the order of the parameters."""
        return self.decide(*values)


def compile_table(
    checked: CheckedTable,
    parameters: Sequence[str],
    environment: Environment,
    *,
    convert_inputs: Sequence[Convert | None] = (),
    convert_outputs: Sequence[Convert | None] = (),
) -> CompiledTable:
    """Return *checked* as a function of *parameters* (names of its scope).

    *convert_inputs* and *convert_outputs* take the values of a column to its type, where a value of any type may come.
    """
    return _Compiler(checked, tuple(parameters), environment, convert_inputs, convert_outputs).table()


class _Compiler:
    """Puts one table together."""

    def __init__(
        self,
        checked: CheckedTable,
        parameters: tuple[str, ...],
        environment: Environment,
        convert_inputs: Sequence[Convert | None],
        convert_outputs: Sequence[Convert | None],
    ) -> None:
        self.checked = checked
        self.parameters = parameters
        self.environment = environment
        self.converts = [*convert_inputs, *[None] * (len(checked.inputs) - len(convert_inputs))]
        self.output_converts = [*convert_outputs, *[None] * (len(checked.table.outputs) - len(convert_outputs))]
        self.made: dict[tuple[int, int], Rule] = {}

    def table(self) -> CompiledTable:
        columns = tuple(self._column(at) for at in range(len(self.checked.inputs)))
        decide = self._assembled(columns)
        matcher = partial(self._assembled, columns, matching=True)
        return CompiledTable(self.checked, self.parameters, decide, columns, self._holds, matcher)

    def _rule(self, checked: Checked) -> Rule:
        return compile_rule(checked, self.parameters, environment=self.environment)

    def _direct(self, at: int) -> int | None:
        """Return which parameter column *at* is, if it is nothing but that."""
        node = self.checked.inputs[at].expression.node
        if self.converts[at] is None and isinstance(node, tree.Name) and node.name in self.parameters:
            return self.parameters.index(node.name)
        return None

    def _column(self, at: int) -> Rule:
        rule = self._rule(self.checked.inputs[at].expression)
        convert = self.converts[at]
        return rule if convert is None else lambda *values: convert(rule(*values))

    def _holds(self, row: int, at: int, value: object, values: Sequence[object]) -> bool:
        """Return whether *value* satisfies the test of *row* in column *at*, evaluated by itself."""
        cell = self.checked.rows[row].cells[at]
        if cell.region is EVERYTHING:
            return True
        if (row, at) not in self.made:
            self.made[row, at] = self._test(at, cell)
        return self.made[row, at](value, *values) is True

    def _test(self, at: int, cell: Cell) -> Rule:
        typed = nullable(self.checked.inputs[at].typed)
        scope = self.checked.scope
        inner = replace(scope, names={**scope.names, "?": typed})
        checked = check(whole_test(cell.tests), cell.fragment, inner, Problems())
        return compile_rule(checked, ("?", *self.parameters), environment=self.environment)

    def _assembled(self, columns: tuple[Rule, ...], matching: bool = False) -> Rule:
        """Return the function: an index per column that has one, then the tests without, then the hit policy.

        Where *matching* is asked for, the rows that match are the result.
        """
        indexes = [self._index(at) for at in range(len(columns))]
        pending = self._pending(indexes)
        used = {at for ats in pending.values() for at in ats}
        names = [f"a{number}" for number in range(len(self.parameters))]
        all_names = ", ".join(names) + ("," if names else "")
        space: dict[str, Any] = {"left": bisect_left, "right": bisect_right, "place": place, "nothing": self._nothing()}
        lines = [f"def decide({', '.join(names)}):", f"    m = {(1 << len(self.checked.rows)) - 1}"]
        for at, index in enumerate(indexes):
            if index is not None or at in used:
                lines += self._searched(at, index, names, space)
        if pending:
            space["settle"] = self._settler(pending)
            space["pending"] = sum(1 << row for row in pending)
            given = ", ".join(f"v{at}" if at in used else "None" for at in range(len(columns)))
            lines.append(f"    if m & pending: m = settle(m, ({given}{',' if given else ''}), ({all_names}))")
        if matching:
            lines.append("    return m")
        else:
            lines += [f"    if not m: return nothing({', '.join(names)})", self._ending(space, all_names)]
        exec(compile("\n".join(lines), "<decision table>", "exec"), space)  # fixed pieces, no author's text
        decide: Rule = space["decide"]
        return decide

    def _pending(self, indexes: Sequence[Index | None]) -> dict[int, list[int]]:
        """Return by row the columns whose test no index answers."""
        pending: dict[int, list[int]] = {}
        for at, index in enumerate(indexes):
            for number, row in enumerate(self.checked.rows):
                region = row.cells[at].region
                if region is None or (index is None and region != EVERYTHING):
                    pending.setdefault(number, []).append(at)
        return pending

    def _searched(self, at: int, index: Index | None, names: Sequence[str], space: dict[str, Any]) -> list[str]:
        """Return the program text that gets the value of column *at* and looks it up."""
        direct = self._direct(at)
        if direct is None:
            space[f"x{at}"] = self._column(at)
        lines = [f"    v{at} = " + (f"x{at}({', '.join(names)})" if direct is None else names[direct])]
        if index is not None:
            lines.append(f"    m &= {_lookup(at, f'v{at}', index, space)}")
        return lines

    def _index(self, at: int) -> Index | None:
        regions = [row.cells[at].region for row in self.checked.rows]
        kind = kind_of_column(regions)
        return None if kind is None else make_index(regions, kind)

    def _settler(self, pending: dict[int, list[int]]) -> Callable[[int, Sequence[object], Sequence[object]], int]:
        """Return what takes the rows out of a set whose own tests do not hold."""
        only_first = self.checked.table.hit.policy == "first"
        holds = self._holds

        def settle(mask: int, columns: Sequence[object], values: Sequence[object]) -> int:
            left = mask
            while left:
                bit = left & -left
                left ^= bit
                row = bit.bit_length() - 1
                if all(holds(row, at, columns[at], values) for at in pending.get(row, ())):
                    if only_first:
                        return bit
                else:
                    mask ^= bit
            return mask

        return settle

    def _ending(self, space: dict[str, Any], all_names: str) -> str:
        results, constants = self._results()
        lowest = "(m & -m).bit_length() - 1"
        policy = self.checked.table.hit.policy
        if policy in ("first", "unique") and constants is not None:
            space["constants"] = constants
            space["finish"] = self._finish(results)
            if policy == "first":
                return f"    return constants[{lowest}]"
            return f"    return finish(m, ({all_names})) if m & (m - 1) else constants[m.bit_length() - 1]"
        space["finish"] = self._finish(results)
        return f"    return finish(m, ({all_names}))"

    def _finish(self, results: list[Rule]) -> Finish:
        ranks = [{_key(v): n for n, v in enumerate(values)} for values in self.checked.priorities]
        names = [output.name for output in self.checked.table.outputs]
        single = self.checked.table.single

        def rank(result: object) -> tuple[int, ...]:
            values = [result] if single else [result.get(name) for name in names]  # type: ignore[attr-defined]
            return tuple(r.get(_key(v), len(r)) for r, v in zip(ranks, values, strict=True) if r)

        def result(row: int, values: tuple[object, ...]) -> object:
            return results[row](*values)

        return finisher(self.checked.table.hit, result, rank, self.checked.table.span)

    def _results(self) -> tuple[list[Rule], list[object] | None]:
        """Return a function per row, and all results where they are constants of one output."""
        constants: list[object] | None = [] if self.checked.table.single else None
        results = []
        for row in self.checked.rows:
            parts = [self._part(one, self.output_converts[at]) for at, one in enumerate(row.results)]
            results.append(self._combined([part for part, _ in parts]))
            known = parts[0][1]
            if constants is not None:
                constants = [*constants, known[0]] if known is not None else None
        return results, constants

    def _part(self, checked: Checked, convert: Convert | None) -> tuple[Rule, tuple[object] | None]:
        known = constant(checked.node)
        if known is not None:
            value = known[0] if convert is None else convert(known[0])
            return (lambda *values: value), (value,)
        rule = self._rule(checked)
        return (rule if convert is None else lambda *values: convert(rule(*values))), None

    def _combined(self, parts: list[Rule]) -> Rule:
        if self.checked.table.single:
            return parts[0]
        named = list(zip([output.name for output in self.checked.table.outputs], parts, strict=True))
        return lambda *values: {name: part(*values) for name, part in named}

    def _nothing(self) -> Rule:
        """Return what gives the result where no row matches: the defaults, else null."""
        if all(default is None for default in self.checked.defaults):
            return lambda *values: None
        empty = check(tree.Literal(None), Fragment.of("null"), self.checked.scope, Problems())
        parts = [
            self._part(default or empty, self.output_converts[at])[0]
            for at, default in enumerate(self.checked.defaults)
        ]
        combined = self._combined(parts)
        many = (
            self.checked.table.hit.policy in ("rule order", "output order") or str(self.checked.table.hit) == "collect"
        )
        if many and self.checked.scope.strict:
            return lambda *values: [combined(*values)]
        return combined  # of a DMN file just the default (clause 10.3.2.10)


def _key(value: object) -> object:
    return value if not isinstance(value, list | dict) else id(value)


def _lookup(at: int, value: str, index: Index, space: dict[str, Any]) -> str:
    """Return the program text that looks *value* up in the index of column *at*."""
    space |= {f"k{at}": index.kind, f"s{at}": index.slow, f"c{at}": index.cuts, f"t{at}": index.masks}
    if index.way == "get":
        assert index.table is not None
        space[f"g{at}"] = dict(index.table).get
        space[f"r{at}"] = index.rest
        quick = f"g{at}({value}, r{at})"
    elif index.way == "both":
        quick = f"t{at}[place(c{at}, {value})]"
    else:
        quick = f"t{at}[{index.way}(c{at}, {value})]"
    return f"({quick} if {value}.__class__ is k{at} else s{at}({value}))"
