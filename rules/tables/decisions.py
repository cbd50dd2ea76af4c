"""Decisions of the YAML language as a set: what each gives, which call which, and the functions they compile to.

``schemas`` reads the documents and asks here; a decision is a table or a single rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fachwerk.problems import Problems, Span
from fachwerk.rules import tree
from fachwerk.rules.check import Checked
from fachwerk.rules.tables.check import CheckedTable
from fachwerk.rules.tables.codes import CIRCLE
from fachwerk.rules.tables.compile import compile_table
from fachwerk.rules.tables.model import Hit, Output
from fachwerk.rules.to_python import Environment, compile_rule
from fachwerk.rules.types import ANY, NUMBER, ContextType, FunctionType, ListType, Typed
from fachwerk.rules.walk import walk


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A decision that is compiled already: one of a DMN file."""

    decide: Callable[..., Any]


Body = CheckedTable | Checked | Ready
"""A checked table, a checked rule, or a function."""


def result_type(hit: Hit, outputs: tuple[Output, ...]) -> Typed:
    """Return the type of what a table gives: its output, a context of its outputs, or a list of either."""
    if hit.aggregation == "count":
        return Typed(NUMBER)
    if len(outputs) == 1:
        one = outputs[0].typed or Typed(ANY)
    else:
        one = Typed(ContextType(tuple((output.name, output.typed or Typed(ANY)) for output in outputs)))
    many = hit.policy in ("rule order", "output order") or (hit.policy == "collect" and hit.aggregation is None)
    return Typed(ListType(one)) if many else Typed(one.type)


def signature(parameters: Iterable[tuple[str, Typed]], output: Typed) -> FunctionType:
    """Return a decision as the function that rules see."""
    return FunctionType(tuple(parameters), output)


def calls(body: Body, decisions: Iterable[str]) -> frozenset[str]:
    """Return which of *decisions* a body calls (or reads, where they have no inputs)."""
    if isinstance(body, Ready):
        return frozenset()
    known = frozenset(decisions)
    nodes = (part for root in _roots(body) for part in walk(root))
    return frozenset(node.name for node in nodes if isinstance(node, tree.Name) and node.name in known)


def _roots(body: CheckedTable | Checked) -> list[tree.Node]:
    if isinstance(body, Checked):
        return [body.node]
    roots = [column.expression.node for column in body.inputs]
    roots += [default.node for default in body.defaults if default]
    for row in body.rows:
        roots += [cell.tests for cell in row.cells]
        roots += [result.node for result in row.results]
    return roots


def order(called: Mapping[str, Iterable[str]], spans: Mapping[str, Span], problems: Problems) -> tuple[str, ...]:
    """Return the decisions so that each comes after those that it calls; a circle is a problem that shows the way.

    Decisions of a circle, and those that need one, are left out.
    """
    done: list[str] = []
    state: dict[str, str] = {}
    path: list[str] = []

    def visit(name: str) -> bool:
        if name in state:
            if state[name] == "open":
                circle = [*path[path.index(name) :], name]
                problems.add(CIRCLE.at(spans[name], path=" → ".join(circle)))
            return state[name] == "done"
        state[name] = "open"
        path.append(name)
        good = not [other for other in called.get(name, ()) if other in spans and not visit(other)]
        path.pop()
        state[name] = "done" if good else "bad"
        if good:
            done.append(name)
        return good

    for name in called:
        visit(name)
    return tuple(done)


def compile_body(body: Body, parameters: Iterable[str], environment: Environment) -> Callable[..., Any]:
    """Return a checked decision as a plain function of its parameters by position."""
    if isinstance(body, Ready):
        return body.decide
    names = tuple(parameters)
    if isinstance(body, CheckedTable):
        return compile_table(body, names, environment).decide
    return compile_rule(body, names, environment=environment)
