"""The rule language once more, as plainly as possible: a walk over the tree that says what a rule means.

It is the measure for the generated Python and SQL and is used by tests only. It shares the values and the
built-in functions with the product; how operators, paths, filters, loops and tests work is written here anew.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from fachwerk.rules import tree
from fachwerk.rules.functions import BUILTINS
from fachwerk.rules.functions.calling import invoke
from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.to_python.named_types import named_type
from fachwerk.rules.types import AnyType
from fachwerk.rules.values import (
    Function,
    Range,
    add,
    compare,
    divide,
    equal,
    evaluation,
    feel_numbers,
    instance_of,
    kind_of,
    multiply,
    negate,
    power,
    property_of,
    subtract,
    within,
)
from fachwerk.rules.values.days import date_at
from fachwerk.rules.walk import walk

ARITHMETIC: Mapping[str, Callable[[object, object], object]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}
Env = Mapping[str, object]


@dataclass
class Oracle:
    """Evaluates trees. *exact*: times and records compare as in rules over records. *mine*: records for ``my
    x``.
    """

    exact: bool = False
    types: Mapping[str, AnyType] = field(default_factory=dict)
    mine: Mapping[str, object] = field(default_factory=dict)

    def evaluate(self, node: tree.Node, env: Env, *, now: datetime.datetime | None = None) -> object:
        with feel_numbers(), evaluation(now=now):
            return self.value(node, env)

    def value(self, node: tree.Node, env: Env) -> object:
        method = getattr(self, "on_" + type(node).__name__.lower())
        try:
            return method(node, env)
        except Mistake:
            return None

    def equal(self, a: object, b: object) -> bool | None:
        return equal(a, b, exact=self.exact)

    # leaves

    def on_literal(self, node: tree.Literal, env: Env) -> object:
        return node.value

    def on_broken(self, node: tree.Broken, env: Env) -> object:
        return None

    def on_name(self, node: tree.Name, env: Env) -> object:
        if node.name in env:
            return env[node.name]
        return builtin(node.name) if node.name in BUILTINS else None

    def on_my(self, node: tree.My, env: Env) -> object:
        return self.mine.get(node.entity)

    # operators

    def on_negate(self, node: tree.Negate, env: Env) -> object:
        return negate(self.value(node.of, env))

    def on_arithmetic(self, node: tree.Arithmetic, env: Env) -> object:
        return ARITHMETIC[node.op](self.value(node.left, env), self.value(node.right, env))

    def on_compare(self, node: tree.Compare, env: Env) -> object:
        return self.compared(node.op, self.value(node.left, env), self.value(node.right, env))

    def compared(self, op: str, a: object, b: object) -> bool | None:
        if op in ("=", "!="):
            same = self.equal(a, b)
            return same if op == "=" or same is None else not same
        order = compare(a, b)
        if order is None:
            return None
        return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[op]

    def on_and(self, node: tree.And, env: Env) -> object:
        return kleene([self.value(term, env) for term in node.terms], stop=False)

    def on_or(self, node: tree.Or, env: Env) -> object:
        return kleene([self.value(term, env) for term in node.terms], stop=True)

    def on_between(self, node: tree.Between, env: Env) -> object:
        value, low, high = (self.value(part, env) for part in (node.of, node.low, node.high))
        return kleene([self.compared(">=", value, low), self.compared("<=", value, high)], stop=False)

    def on_under(self, node: tree.Under, env: Env) -> object:
        record, root = self.value(node.of, env), self.value(node.root, env)
        if not isinstance(record, dict) or not isinstance(root, dict):
            return None
        return f"/{root['id']}/" in str(record["_path"])

    def on_instanceof(self, node: tree.InstanceOf, env: Env) -> object:
        type_ = named_type(node.type, self.types)
        return None if type_ is None else instance_of(self.value(node.of, env), type_)

    # tests and ranges

    def on_interval(self, node: tree.Interval, env: Env) -> object:
        low = None if node.low is None else self.value(node.low, env)
        high = None if node.high is None else self.value(node.high, env)
        if node.unary:
            ends = {kind_of(end) for end in (low, high) if end is not None}
            fits = (node.low is None or low is not None) and (node.high is None or high is not None)
            return Range(low, high, node.low_closed, node.high_closed, True) if ends and fits else None
        if (low is None and (high is None or node.low_closed)) or (high is None and node.high_closed):
            return None
        if low is not None and high is not None and compare(low, high) not in (-1, 0):
            return None
        return Range(low, high, node.low_closed, node.high_closed)

    def on_test(self, node: tree.Test, env: Env) -> object:
        value = self.value(node.of, env)
        return Range(value, value, True, True, True, node.op == "!=")

    def on_unarytests(self, node: tree.UnaryTests, env: Env) -> object:
        return self.tested(node, env["?"], env)

    def on_in(self, node: tree.In, env: Env) -> object:
        return self.tested(node.tests, self.value(node.of, env), env)

    def tested(self, tests: tree.UnaryTests, value: object, env: Env) -> object:
        if not tests.tests:
            return True
        inner = {**env, "?": value}
        found = kleene([self.test(test, value, inner) for test in tests.tests], stop=True)
        return found if not tests.negated or found is None else not found

    def test(self, test: tree.Node, value: object, env: Env) -> bool | None:
        if isinstance(test, tree.Test):
            return self.compared(test.op, value, self.value(test.of, env))
        if isinstance(test, tree.Interval) and test.unary:
            end = test.high if test.low is None else test.low
            op = (
                ("<=" if test.high_closed else "<")
                if test.low is None
                else (">=" if test.low_closed else ">")
            )
            return self.compared(op, value, self.value(end, env))  # type: ignore[arg-type]
        if isinstance(test, tree.Interval):
            low, high = (None if end is None else self.value(end, env) for end in (test.low, test.high))
            return within(value, Range(low, high, test.low_closed, test.high_closed))
        found = self.value(test, env)
        if isinstance(found, bool) and asks(test):
            return found
        if asks(test):
            return None
        return self.holds(value, found)

    def holds(self, value: object, found: object) -> bool | None:
        if isinstance(found, Range):
            return within(value, found)
        if not isinstance(found, list):
            return self.equal(value, found)
        if isinstance(value, list) and self.equal(value, found) is True:
            return True
        return any(self.holds(value, item) is True for item in found)

    # paths, filters, calls

    def on_path(self, node: tree.Path, env: Env) -> object:
        return self.path(self.value(node.of, env), node.name)

    def path(self, value: object, name: str) -> object:
        if isinstance(value, dict):
            return value.get(name)
        if isinstance(value, list):
            return [self.path(item, name) for item in value]
        return property_of(value, name)

    def on_filter(self, node: tree.Filter, env: Env) -> object:
        source = self.value(node.of, env)
        if source is None:
            return None
        items = source if isinstance(source, list) else [source]
        first = self.value(node.condition, inside(items[0], env) if items else env)
        if kind_of(first) == "number":
            return at(items, first)
        return [item for item in items if self.value(node.condition, inside(item, env)) is True]

    def on_call(self, node: tree.Call, env: Env) -> object:
        arguments = [self.value(argument, env) for argument in node.arguments]
        return invoke(self.value(node.function, env), arguments, node.names)

    # forms

    def on_if(self, node: tree.If, env: Env) -> object:
        return self.value(node.then if self.value(node.condition, env) is True else node.otherwise, env)

    def on_listof(self, node: tree.ListOf, env: Env) -> object:
        return [self.value(item, env) for item in node.items]

    def on_contextof(self, node: tree.ContextOf, env: Env) -> object:
        found: dict[str, object] = {}
        for name, entry in node.entries:
            if name in found:
                return None
            found[name] = self.value(entry, {**env, **found})
        return found

    def on_lambda(self, node: tree.Lambda, env: Env) -> object:
        if node.external:
            return None
        names = tuple(name for name, _ in node.parameters)
        types = tuple(
            None if type_ is None else named_type(type_, self.types) for _, type_ in node.parameters
        )
        return Function(
            lambda *values: self.value(node.body, {**env, **dict(zip(names, values, strict=True))}),
            names,
            types,
        )

    def on_for(self, node: tree.For, env: Env) -> object:
        results: list[object] = []
        if not self.loop(
            node.each, {**env, "partial": results}, lambda inner: self.result(node.body, inner, results)
        ):
            return None
        return results

    def result(self, body: tree.Node, env: Env, results: list[object]) -> None:
        results.append(self.value(body, {**env, "partial": list(results)}))

    def on_quantified(self, node: tree.Quantified, env: Env) -> object:
        answers: list[object] = []
        if not self.loop(node.each, env, lambda inner: answers.append(self.value(node.condition, inner))):
            return None
        return kleene(answers, stop=node.kind == "some")

    def loop(self, each: tuple[tree.Each, ...], env: Env, body: Callable[[Env], None]) -> bool:
        if not each:
            body(env)
            return True
        items = self.items(each[0], env)
        if items is None:
            return False
        done = [self.loop(each[1:], {**env, each[0].name: item}, body) for item in items]
        return all(done)

    def items(self, each: tree.Each, env: Env) -> list[object] | None:
        source = self.value(each.source, env)
        if each.until is not None:
            return counted(source, self.value(each.until, env))
        if isinstance(source, Range):
            return range_items(source)
        if source is None:
            return None
        return source if isinstance(source, list) else [source]


def kleene(values: list[object], *, stop: bool) -> bool | None:
    """Kleene's disjunction (*stop* true) or conjunction; whatever is no boolean is unknown."""
    if any(value is stop for value in values):
        return stop
    return (not stop) if all(value is (not stop) for value in values) else None


def asks(node: tree.Node) -> bool:
    """Whether the tested value is named in *node*."""
    return any(isinstance(part, tree.Name) and part.name == "?" for part in walk(node))


def inside(item: object, env: Env) -> Env:
    return {**env, "item": item, **item} if isinstance(item, dict) else {**env, "item": item}


def at(items: list[object], position: object) -> object:
    index = int(position)  # type: ignore[call-overload]
    if index != position or index == 0 or abs(index) > len(items):
        return None
    return items[index - 1 if index > 0 else index]


def counted(start: object, end: object) -> list[object] | None:
    """What lies from *start* to *end*, either way: whole numbers or dates."""
    if kind_of(start) == kind_of(end) == "date":
        first, last = start.toordinal(), end.toordinal()  # type: ignore[attr-defined]
        return [date_at(ordinal) for ordinal in steps(first, last)]
    if kind_of(start) == kind_of(end) == "number" and int(start) == start and int(end) == end:  # type: ignore[call-overload]
        return [Decimal(number) for number in steps(int(start), int(end))]  # type: ignore[call-overload]
    return None


def steps(first: int, last: int) -> Iterator[int]:
    return iter(range(first, last + 1) if first <= last else range(first, last - 1, -1))


def range_items(bounds: Range) -> list[object] | None:
    items = None if bounds.start is None or bounds.end is None else counted(bounds.start, bounds.end)
    if items is None:
        return None
    return [item for item in items if within(item, bounds)]


def builtin(name: str) -> Function:
    return Function(lambda arguments, names: BUILTINS[name](arguments, names), None, name=name)
