"""Generating ranges and unary tests: ``x in [1..10]``, ``x in ("a", "b")``, cells of decision tables."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import cast

from fachwerk.rules.to_python import runtime
from fachwerk.rules.to_python.base import Local, plain
from fachwerk.rules.to_python.emitter import Code
from fachwerk.rules.to_python.operators import ORDERED
from fachwerk.rules.to_python.places import Places
from fachwerk.rules.tree import In, Interval, Literal, Name, Node, Test, UnaryTests
from fachwerk.rules.types import BOOLEAN, NULL, STRING, ListType, RangeType
from fachwerk.rules.walk import walk


class Unary(Places):
    """Generates ranges and unary tests."""

    def interval(self, node: Interval) -> Code:
        """Return a range as a value."""
        low = self.constant(None) if node.low is None else self.value(node.low).expr
        high = self.constant(None) if node.high is None else self.value(node.high).expr
        helper = runtime.make_half if node.unary else runtime.make_range
        closed = (self.constant(node.low_closed), self.constant(node.high_closed))
        return Code(self.call(helper, low, high, *closed, self.site(node)), self.type_of(node))

    def test_value(self, node: Test) -> Code:
        """Return ``= x`` or ``!= x`` as a value."""
        made = self.call(runtime.make_point, self.value(node.of).expr, self.constant(node.op == "!="))
        return Code(made, self.type_of(node), nullable=False)

    def contained(self, node: In) -> Code:
        """Return ``of in tests``."""
        return self.tested(node.tests, self.value(node.of), node)

    def unary_tests(self, node: UnaryTests) -> Code:
        """Return the tests of a cell on ``?``."""
        return self.tested(node, self.name_of(Name("?", start=node.start, end=node.end)), node)

    def tested(self, tests: UnaryTests, value: Code, node: Node) -> Code:
        """Return whether any of *tests* holds for *value*."""
        if not tests.tests:
            return Code(self.constant(True), BOOLEAN, nullable=False)
        found = self._one_of(tests, value) or self._any_of(tests, value, node)
        if not tests.negated:
            return found
        return self.guarded([found], lambda uses: self.inverse(uses[0]), BOOLEAN)

    def _one_of(self, tests: UnaryTests, value: Code) -> Code | None:
        """Return ``value in {...}`` for strings and numbers as written."""
        if not self.quick or len(tests.tests) < 2 or not all(isinstance(test, Literal) for test in tests.tests):
            return None  # before anything is generated: what is generated twice on every level takes for ever
        codes = [self.value(test) for test in tests.tests if not isinstance(test, Test | Interval)]
        known = [self.known(code) for code in codes]
        same = all(code.type is plain(value.type) and not code.nullable for code in codes)
        if len(codes) != len(tests.tests) or not same or not all(found for found, _ in known):
            return None
        if value.type is BOOLEAN or not hasattr(known[0][1], "__hash__"):
            return None
        values = [constant for _, constant in known]
        held = frozenset(values) if plain(value.type) is STRING or len(values) > 8 else tuple(values)
        return Code(self.compare(value.expr, ast.In(), self.constant(held)), BOOLEAN, nullable=False)

    def _any_of(self, tests: UnaryTests, value: Code, node: Node) -> Code:
        if len(tests.tests) == 1 and isinstance(tests.tests[0], Interval) and not tests.tests[0].unary:
            return self._within(tests.tests[0], value)
        kept = Local(self.fresh(), value.type, value.nullable)
        self.assign(kept.variable, value.expr)
        with self.frame({"?": kept}):
            codes = [self._test(test, self.local(kept)) for test in tests.tests]
        if len(codes) == 1:
            return codes[0]
        names = [self.settled(code.expr) if code.nullable else code.expr for code in codes]
        unknown = [name for name, code in zip(names, codes, strict=True) if code.nullable]
        if not unknown:
            return Code(self.any_of(*names), BOOLEAN, nullable=False)
        nones = self.any_of(*map(self.is_none, unknown))
        rest = self.choice(nones, self.constant(None), self.constant(False))
        return Code(self.any_of(*names, rest), BOOLEAN)

    def _test(self, test: Node, value: Code) -> Code:
        """Return one test on *value*, which is a variable."""
        with self.at(test):
            if isinstance(test, Test):
                return self.compared(test.op, value, self.value(test.of), test)
            if isinstance(test, Interval) and test.unary:
                return self._half(test, value)
            if isinstance(test, Interval):
                return self._within(test, value)
            found = self.value(test)
            if asks(test):
                return self._as_condition(found, test)
            return self._compared_with(found, value, test)

    def _as_condition(self, found: Code, test: Node) -> Code:
        if found.type is BOOLEAN:
            return found
        return Code(self.call(runtime.truth, found.expr, self.site(test)), BOOLEAN)

    def _compared_with(self, found: Code, value: Code, test: Node) -> Code:
        """Return whether *value* equals what the test gives, lies in it, or is one of it."""
        types = plain(found.type), plain(value.type)
        simple = types[0] is types[1] or NULL in types
        if (
            self.quick
            and simple
            and not isinstance(types[0], ListType | RangeType)
            and types[0] is not BOOLEAN
        ):
            return self.compared("=", value, found, test)
        element = plain(found.type.element.type) if isinstance(found.type, ListType) else None
        if self.quick and not self.loops and element is types[1] and element in ORDERED:
            return Code(self._in_list(found, value), BOOLEAN, nullable=False)
        self.counting()
        return Code(self.call(runtime.holds, value.expr, found.expr, self.constant(self.exact)), BOOLEAN)

    def _in_list(self, found: Code, value: Code) -> ast.expr:
        """Return ``value in list``; the list may be null, and null is in a null list."""
        if not found.nullable:
            return self.compare(value.expr, ast.In(), found.expr)
        first, later = self.kept(found.expr)
        return self.choice(
            self.is_none(first), self.is_none(value.expr), self.compare(value.expr, ast.In(), later)
        )

    def _half(self, test: Interval, value: Code) -> Code:
        """Return ``< x``, ``>= x`` and so on."""
        if test.low is None:
            return self.compared(
                "<=" if test.high_closed else "<", value, self.value(cast(Node, test.high)), test
            )
        return self.compared(">=" if test.low_closed else ">", value, self.value(test.low), test)

    def _within(self, test: Interval, value: Code) -> Code:
        """Return ``value in [low..high]``."""
        none = Code(self.constant(None), NULL)
        low = none if test.low is None else self.value(test.low)
        high = none if test.high is None else self.value(test.high)
        closed = {"low_closed": test.low_closed, "high_closed": test.high_closed}
        if self.ordered(value, low, high):
            # An end that may have no value is calculated first: Python would leave it out below the start.
            if any(isinstance(part, ast.Call | ast.BinOp) for part in ast.walk(high.expr)):
                high = replace(high, expr=self.settled(high.expr))
            return self.guarded(
                [value, low, high], lambda uses: self.chained(uses[1], uses[0], uses[2], **closed), BOOLEAN
            )
        flags = (self.constant(test.low_closed), self.constant(test.high_closed))
        return Code(self.call(runtime.inside, value.expr, low.expr, high.expr, *flags), BOOLEAN)


def asks(node: Node) -> bool:
    """Whether the tested value is named in *node*."""
    return any(isinstance(part, Name) and part.name == "?" for part in walk(node))
