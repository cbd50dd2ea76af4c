"""What the parts of the generator share: its modes, the names around a node, null, and truth.

The generator has two modes. The *quick* one trusts the types that the checker has found and writes operators
inline; what goes wrong there raises, whatever it is. The *careful* one asks every value what it is, never
raises, and notes failures; a rule is evaluated again that way when its quick form has raised, or when
somebody wants to know the failures.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from fachwerk.rules.check import Checked
from fachwerk.rules.to_python.emitter import Code, Emitter
from fachwerk.rules.to_python.environment import Environment
from fachwerk.rules.to_python.runtime import Site, truth
from fachwerk.rules.tree import And, Call, Name, Node, Or, Quantified
from fachwerk.rules.types import ANY, BOOLEAN, STRING, AnyType, OptionType

MOST_STACKED = 8
"""Loops within loops in one Python function."""


@dataclass(frozen=True, slots=True)
class Local:
    """A name that the rule brings in, or a parameter: the Python variable that holds it."""

    variable: str
    type: AnyType = ANY
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """Names of one level; the entries of a filtered element (*item*) are names too."""

    names: Mapping[str, Local]
    item: Local | None = None


@dataclass(slots=True)
class Needs:
    """What the finished function needs around it."""

    numbers: bool = False
    run: bool = False
    failing: bool = False


class Base(Emitter):
    """The state of generating one function."""

    def __init__(self, checked: Checked, environment: Environment, *, quick: bool, record: bool) -> None:
        super().__init__(checked.fragment)
        self.checked = checked
        self.scope = checked.scope
        self.environment = environment
        self.quick = quick
        self.record = record
        self.exact = checked.scope.strict
        self.frames: list[Frame] = []
        self.loops = 0
        self.stacked = 0
        self.needs = Needs()

    def value(self, node: Node) -> Code:
        """Return the code of *node*."""
        raise NotImplementedError

    def quantified(self, node: Quantified, wanted: str) -> Code:
        """Return the code of ``some`` or ``every``: its value, or only whether it is true, or false."""
        raise NotImplementedError

    # types and places

    def type_of(self, node: Node) -> AnyType:
        """Return the type that the checker has found; nothing is known in the careful mode."""
        if not self.quick:
            return ANY
        typed = self.checked.types.get(node)
        return ANY if typed is None else typed.type

    def site(self, node: Node) -> ast.expr:
        """Return the place of *node*, for a helper that may fail."""
        self.needs.failing = True
        return self.constant(Site(self.fragment, node.start, node.end))

    @contextmanager
    def frame(self, names: Mapping[str, Local], item: Local | None = None) -> Iterator[None]:
        """Generate what stands inside with *names* around it."""
        self.frames.append(Frame(names, item))
        yield
        self.frames.pop()

    @contextmanager
    def looping(self) -> Iterator[None]:
        """Generate what is evaluated many times."""
        self.loops += 1
        self.stacked += 1
        yield
        self.loops -= 1
        self.stacked -= 1

    def apart(self, make: Callable[[], Code]) -> Code:
        """Return what *make* makes; deep inside other loops as a function of its own (Python nests 20 loops)."""
        if self.stacked < MOST_STACKED:
            return make()
        name = self.fresh("f")
        before, self.stacked = self.stacked, 0
        with self.inside() as body:
            code = make()
            self.give(code.expr)
        self.stacked = before
        self.block.append(self.function(name, [], body))
        return Code(self.call_of(self.name(name), []), code.type, code.nullable)

    def counting(self) -> None:
        """Note that a helper counts steps: many times over, it needs an allowance to take them from."""
        self.needs.run = self.needs.run or self.loops > 0

    def shadowed(self, name: str) -> bool:
        """Whether *name* means something else than the decision or built-in function of that name."""
        field = name in self.scope.names and name not in self.scope.decisions
        return field or any(name in frame.names for frame in self.frames)

    # null

    def guarded(self, codes: list[Code], make: Callable[[list[ast.expr]], ast.expr], type_: AnyType) -> Code:
        """Return what *make* builds of non-null operands; null where one of them is null."""
        operands: list[ast.expr] = []
        uses: list[ast.expr] = []
        for code in codes:
            first, later = self.kept(code.expr) if code.nullable else (code.expr, code.expr)
            if code.nullable:
                operands.append(first)
            uses.append(later)
        body = make(uses)
        if not operands:
            return Code(body, type_, nullable=False)
        nones = self.any_of(*map(self.is_none, operands))
        return Code(self.choice(nones, self.constant(None), body), type_, guard=(operands, body))

    # truth

    def true(self, code: Code) -> ast.expr:
        """Return an expression that Python takes for true exactly if the value is true."""
        if code.guard is not None and code.type is BOOLEAN:
            return self.all_of(*map(self.is_not_none, code.guard[0]), code.guard[1])
        if code.type is BOOLEAN:
            return code.expr
        return self.compare(code.expr, ast.Is(), self.constant(True))

    def false(self, code: Code) -> ast.expr:
        """Return an expression that Python takes for true exactly if the value is false."""
        if code.guard is not None and code.type is BOOLEAN:
            return self.all_of(*map(self.is_not_none, code.guard[0]), self.inverse(code.guard[1]))
        if code.type is BOOLEAN and not code.nullable:
            return self.inverse(code.expr)
        return self.compare(code.expr, ast.Is(), self.constant(False))

    def is_true(self, node: Node) -> ast.expr:
        """Return an expression that Python takes for true exactly if *node* is true."""
        with self.at(node):
            if isinstance(node, And):
                return self.chain(ast.And(), [self._later(self.is_true, term) for term in node.terms])
            if isinstance(node, Or):
                return self.chain(ast.Or(), [self._later(self.is_true, term) for term in node.terms])
            if isinstance(node, Quantified):
                return self.true(self.quantified(node, "true"))
            negated = self.negated(node)
            return self.is_false(negated) if negated is not None else self.true(self.value(node))

    def is_false(self, node: Node) -> ast.expr:
        """Return an expression that Python takes for true exactly if *node* is false."""
        with self.at(node):
            if isinstance(node, And):
                return self.chain(ast.Or(), [self._later(self.is_false, term) for term in node.terms])
            if isinstance(node, Or):
                return self.chain(ast.And(), [self._later(self.is_false, term) for term in node.terms])
            if isinstance(node, Quantified):
                return self.true(self.quantified(node, "false"))
            negated = self.negated(node)
            return self.is_true(negated) if negated is not None else self.false(self.value(node))

    def _later(self, make: Callable[[Node], ast.expr], node: Node) -> Callable[[], ast.expr]:
        return lambda: make(node)

    def negated(self, node: Node) -> Node | None:
        """Return what ``not(...)`` of one condition negates, if *node* is that."""
        if not isinstance(node, Call) or not isinstance(node.function, Name) or node.function.name != "not":
            return None
        if node.names is not None or len(node.arguments) != 1 or self.shadowed("not"):
            return None
        return node.arguments[0] if self.type_of(node.arguments[0]) is BOOLEAN else None

    def chain(self, operator: ast.And | ast.Or, makers: list[Callable[[], ast.expr]]) -> ast.expr:
        """Return Python's ``and`` or ``or``; a part that needs statements runs them only when it is its
        turn.
        """
        parts: list[ast.expr] = []
        for make in makers:
            with self.inside() as block:
                part = make()
            if not block or not parts:
                self.block.extend(block)
                parts.append(part)
                continue
            name = self.fresh()
            self.assign(name, self.both(operator, parts))
            going_on = self.name(name) if isinstance(operator, ast.And) else self.inverse(self.name(name))
            with self.inside() as turn:
                self.block.extend(block)
                self.assign(name, part)
            self.when(going_on, turn)
            parts = [self.name(name)]
        return self.both(operator, parts)

    def connected(self, node: And | Or) -> Code:
        """Return Kleene's ``and`` or ``or`` as a value."""
        stop = isinstance(node, Or)
        unknown: list[str] = []
        last: list[bool] = []

        def term(part: Node) -> Callable[[], ast.expr]:
            def make() -> ast.expr:
                code = self.condition(part)
                if not code.nullable:
                    return code.expr
                if part is node.terms[-1] and not unknown:
                    last.append(True)
                    return code.expr
                unknown.append(self.fresh())
                kept = self.named(unknown[-1], code.expr)
                return kept if stop else self.compare(kept, ast.IsNot(), self.constant(False))

            return make

        def rest() -> ast.expr:
            if len(unknown) == 1:
                return self.name(unknown[0])
            nones = self.any_of(*(self.is_none(self.name(name)) for name in unknown))
            return self.choice(nones, self.constant(None), self.constant(not stop))

        expr = self.chain(ast.Or() if stop else ast.And(), [term(part) for part in node.terms])
        if unknown:
            expr = self.chain(ast.Or() if stop else ast.And(), [lambda: expr, rest])
        return Code(expr, BOOLEAN, nullable=bool(unknown or last))

    def condition(self, node: Node) -> Code:
        """Return the code of an operand of ``and`` and ``or``: true, false or null."""
        with self.at(node):
            code = self.value(node)
            if code.type is BOOLEAN:
                return code
            return Code(self.call(truth, code.expr, self.site(node)), BOOLEAN)

    # constants

    def known(self, code: Code) -> tuple[bool, object]:
        """Return whether the value is known already, and the value."""
        if isinstance(code.expr, ast.Constant):
            return True, code.expr.value
        if isinstance(code.expr, ast.Name) and code.expr.id in self.constants:
            return True, self.constants[code.expr.id]
        return False, None

    def typed_as(self, code: Code, type_: AnyType) -> Code:
        """Return *code* seen as a value of *type_*."""
        return replace(code, type=type_)


def plain(type_: AnyType) -> AnyType:
    """Return *type_* with options seen as the strings they are."""
    return STRING if isinstance(type_, OptionType) else type_
