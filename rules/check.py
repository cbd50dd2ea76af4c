"""The checker: gives every node of a rule its type, expands what is short for something, and finds what cannot be
right.

Types are precise and true: a node that is not nullable never is null at run time, given that earlier terms of an
``and`` are evaluated first and that a branch of an ``if`` is evaluated only when it is taken. Where there is a
problem the type is ``Any``, so that a rule with problems can still be evaluated faithfully (to null, mostly) unless
it has ``Broken`` parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fachwerk.problems import Fragment, Problems, Text
from fachwerk.rules.check_base import NOTHING, Frame, Local, write
from fachwerk.rules.check_calls import Calls
from fachwerk.rules.check_types import BY_NAME, MAYBE_ANY, TRUTH, bounded, common, fits, join, named, plain
from fachwerk.rules.codes_meaning import NOT_A_LIST, WRONG_RESULT
from fachwerk.rules.scope import Scope
from fachwerk.rules.tree import (
    And,
    Arithmetic,
    Between,
    Broken,
    Call,
    Compare,
    ContextOf,
    Each,
    Filter,
    For,
    If,
    In,
    InstanceOf,
    Interval,
    Lambda,
    ListOf,
    Literal,
    My,
    Name,
    Negate,
    Node,
    Or,
    Path,
    Quantified,
    Test,
    TypeName,
    UnaryTests,
    Under,
)
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    NULL,
    NUMBER,
    STRING,
    AnyType,
    ContextType,
    ListType,
    OptionType,
    RangeType,
    Typed,
)
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.walk import replaced, walk


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule that was read and checked.

    *node* is the tree after expansion (``current`` and ``valid_on`` are comparisons); *types* has the type of every
    node. *reads* are the paths the rule needs, from names of the scope on: ``("plot", "max_storeys")``, ``("permits",
    "fee")``, ``("me", "id")``, ``("my person", "id")``; a record used as a whole needs its ``id``. *calls* says of
    every call whether it means a ``builtin`` function, a ``decision`` or a ``value`` that is a function; of an
    unknown function it has nothing. *short* has, for each expanded part, the node as written. *ok* is false if
    anything is wrong with the rule, be it only a doubtful type.
    """

    node: Node
    fragment: Fragment
    typed: Typed
    types: Mapping[Node, Typed]
    scope: Scope
    reads: frozenset[tuple[str, ...]]
    ok: bool
    calls: Mapping[Node, str]
    short: Mapping[Node, Node] = field(default_factory=dict)


def check(node: Node, fragment: Fragment, scope: Scope, problems: Problems, *, expect: Typed | None = None) -> Checked:
    """Check the tree of a rule against its scope; with *expect*, its value must fit this type.

    Problems are collected; the result is complete in every case.
    """
    checker = Checker(fragment, scope)
    typed = checker.infer(node)
    if expect is not None:
        checker.expect(node, expect.type)
    problems.extend(checker.found)
    types: dict[Node, Typed] = checker.types
    calls: dict[Node, str] = checker.calls
    reads = checker.all_reads()
    if checker.expansions:
        node = _expanded(node, checker)
    broken = _has_errors(fragment, problems) or _has_broken(node)
    short = {expansion: written for written, expansion in checker.expansions.items()}
    return Checked(node, fragment, typed, types, scope, reads, not broken, calls, short)


def _expanded(node: Node, checker: Checker) -> Node:
    made: dict[Node, Node] = {}
    result = replaced(node, checker.expansions, made)
    for old, new in made.items():
        checker.types[new] = checker.types.get(old, MAYBE_ANY)
        if old in checker.calls:
            checker.calls[new] = checker.calls[old]
    return result


def _has_errors(fragment: Fragment, problems: Problems) -> bool:
    """Return whether the parser or the checker found an error in this rule."""
    if not len(problems):
        return False
    rule = fragment.span()
    spans = (problem.span for problem in problems.errors)
    return any(span.source is rule.source and rule.start <= span.start <= rule.end for span in spans)


def _has_broken(node: Node) -> bool:
    return any(type(part) is Broken for part in walk(node))


class Checker(Calls):
    """Checks one rule."""

    def infer(self, node: Node) -> Typed:
        """Return the type of *node*, having checked and noted all below it."""
        typed = _CHECKS[type(node)](self, node)
        self.types[node] = typed
        return typed

    # literals

    def literal_value(self, node: Literal) -> Typed:
        value = node.value
        if value is None:
            return Typed(NULL, True)
        if isinstance(value, bool):
            return Typed(BOOLEAN, False)
        if isinstance(value, Decimal):
            return Typed(NUMBER, False)
        if isinstance(value, str):
            return Typed(STRING, False)
        return Typed(BY_NAME.get(kind_of(value), ANY), False)

    def list_of(self, node: ListOf) -> Typed:
        found = [self.infer(item) for item in node.items]
        self.place(node, self.places_of(*node.items))
        return Typed(ListType(common(found)), False)

    def context_of(self, node: ContextOf) -> Typed:
        entries: dict[str, Local] = {}
        with self.names(entries):
            for name, value in node.entries:
                typed = self.infer(value)
                entries[name] = Local(typed, self.places_of(value))
        self.place(node, self.places_of(*(value for _, value in node.entries)))
        return Typed(ContextType(tuple((name, bounded(local.typed)) for name, local in entries.items())), False)

    def broken(self, node: Node) -> Typed:
        return MAYBE_ANY

    # forms

    def conditional(self, node: If) -> Typed:
        condition = self.condition(node.condition)
        outside = self.sure
        self.sure = outside | self.made_sure(node.condition, holds=True)
        then = self.infer(node.then)
        self.sure = outside if condition.nullable else outside | self.made_sure(node.condition, holds=False)
        otherwise = self.infer(node.otherwise)
        self.sure = outside
        self.place(node, self.places_of(node.then, node.otherwise))
        return join(then, otherwise)

    def instance_of(self, node: InstanceOf) -> Typed:
        self.infer(node.of)
        self.type_of(node.type)
        return TRUTH

    def loop(self, node: For) -> Typed:
        with self.names({}):
            nullable = self.iterate(node.each)
            with self.names({"partial": Local(Typed(ListType(), False))}):
                body = self.infer(node.body)
            for _ in node.each:
                self.frames.pop()
        self.place(node, self.places_of(node.body))
        return Typed(ListType(body), nullable)

    def quantified(self, node: Quantified) -> Typed:
        with self.names({}):
            nullable = self.iterate(node.each)
            condition = self.condition(node.condition)
            for _ in node.each:
                self.frames.pop()
        return Typed(BOOLEAN, nullable or condition.nullable)

    def iterate(self, each: tuple[Each, ...]) -> bool:
        """Bring in the names of the iterators, one level each; return whether one of the sources can be null."""
        nullable = False
        for one in each:
            source = self.infer(one.source)
            until = self.infer(one.until) if one.until is not None else None
            element = self.element(one, source, until)
            steps = isinstance(source.type, ListType) or plain(source.type) in (NUMBER, DATE)
            steps = steps or (isinstance(source.type, RangeType) and source.type.element in (NUMBER, DATE))
            nullable = nullable or source.nullable or bool(until and until.nullable) or not steps
            self.types[one] = element
            places = self.places_of(one.source)
            self.sure = frozenset(key for key in self.sure if key.partition(".")[0] != one.name)
            self.frames.append(Frame({one.name: Local(element, places)}))
        return nullable

    def element(self, each: Each, source: Typed, until: Typed | None) -> Typed:
        """Return the type of what an iterator goes through."""
        if until is not None:
            self.compare_types(each, "<=", (each.source, source), (each.until or each, until))
            source = Typed(RangeType(source.type))
        if isinstance(source.type, ListType):
            return source.type.element
        if isinstance(source.type, RangeType) and source.type.element in (NUMBER, DATE, ANY):
            return Typed(source.type.element, source.type.element is ANY)
        if source.type not in (ANY, NULL):
            self.report(
                NOT_A_LIST, each.source, found=named(source.type), hint=self._list_hint(each.source, source.type)
            )
            return source if not self.strict else MAYBE_ANY
        return MAYBE_ANY

    def _list_hint(self, node: Node, type_: AnyType) -> Text:
        return write(f"1..{self.words(node)}") if type_ is NUMBER else NOTHING

    # the result

    def expect(self, node: Node, wanted: AnyType) -> None:
        """Check that the value of *node* fits the place where the rule stands."""
        if isinstance(node, If):
            self.expect(node.then, wanted)
            self.expect(node.otherwise, wanted)
            return
        found = self.types[node].type
        if isinstance(wanted, OptionType):
            self.check_options(node, wanted)
        elif isinstance(wanted, ListType) and isinstance(wanted.element.type, OptionType):
            self.check_options(node, wanted.element.type)
        if not fits(found, wanted):
            hint = self.result_hint(node, found, wanted)
            self.report(WRONG_RESULT, node, wanted=named(wanted), found=named(found), hint=hint)

    def result_hint(self, node: Node, found: AnyType, wanted: AnyType) -> Text:
        """Return how to make the value fit."""
        text = self.words(node)
        if wanted is BOOLEAN:
            return self._condition_hint(node, found)
        if wanted is DATE and found is DATE_TIME:
            return write("today()") if text == "now()" else write(f"date({text})")
        if wanted is DATE_TIME and found is DATE:
            return write("now()") if text == "today()" else write(f"date and time({text})")
        if isinstance(wanted, ListType) and fits(found, wanted.element.type):
            return write(f"[{text}]")
        return self.argument_hint(node, found, (wanted,))


_CHECKS: Mapping[type[Node], Callable[[Checker, Any], Typed]] = {
    Literal: Checker.literal_value,
    Name: Checker.name,
    Path: Checker.path,
    Filter: Checker.filter,
    Call: Checker.call,
    Negate: Checker.negate,
    Arithmetic: Checker.arithmetic,
    Compare: Checker.compare,
    And: Checker.conjunction,
    Or: Checker.disjunction,
    Between: Checker.between,
    Interval: Checker.interval,
    Test: Checker.test,
    UnaryTests: Checker.unary_tests,
    In: Checker.membership,
    TypeName: Checker.type_of,
    InstanceOf: Checker.instance_of,
    If: Checker.conditional,
    Each: Checker.broken,
    For: Checker.loop,
    Quantified: Checker.quantified,
    ListOf: Checker.list_of,
    ContextOf: Checker.context_of,
    Lambda: Checker.function,
    My: Checker.my,
    Under: Checker.under,
    Broken: Checker.broken,
}
