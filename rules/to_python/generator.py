"""The generator of Python code: which part makes the code of which kind of node."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from fachwerk.rules import tree
from fachwerk.rules.to_python.calls import Calls
from fachwerk.rules.to_python.emitter import Code
from fachwerk.rules.types import ANY


class Generator(Calls):
    """Generates the code of one rule, in the quick or in the careful mode."""

    def value(self, node: tree.Node) -> Code:
        """Return the code of *node*."""
        with self.at(node):
            if isinstance(node, tree.Quantified):
                return self.quantified(node, "value")
            make = cast("Callable[[Generator, tree.Node], Code] | None", _MAKERS.get(type(node)))
            if make is None:
                return Code(self.constant(None), ANY)
            return make(self, node)


_MAKERS: dict[type[tree.Node], object] = {
    tree.Literal: Generator.literal,
    tree.Name: Generator.name_of,
    tree.My: Generator.my,
    tree.Path: Generator.path,
    tree.Filter: Generator.filter,
    tree.Call: Generator.called,
    tree.Negate: Generator.negate,
    tree.Arithmetic: Generator.arithmetic,
    tree.Compare: Generator.comparison,
    tree.And: Generator.connected,
    tree.Or: Generator.connected,
    tree.Between: Generator.between,
    tree.Interval: Generator.interval,
    tree.Test: Generator.test_value,
    tree.UnaryTests: Generator.unary_tests,
    tree.In: Generator.contained,
    tree.InstanceOf: Generator.instance,
    tree.If: Generator.conditional,
    tree.For: Generator.repetition,
    tree.ListOf: Generator.list_value,
    tree.ContextOf: Generator.context_value,
    tree.Lambda: Generator.function_value,
    tree.Under: Generator.under,
}
