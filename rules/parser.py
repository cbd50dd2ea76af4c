"""From tokens to the tree: a Pratt parser for FEEL (DMN 1.5, clause 10.3.1) with ``my``, ``me`` and ``under``.

It reads on after a mistake, so that a rule can have several problems, and says one problem for one cause. Names of
several words are read as the longest name that is known where the rule stands.
"""

from __future__ import annotations

from collections.abc import Callable

from fachwerk.problems import Fragment, Problems
from fachwerk.rules.codes_syntax import EMPTY, TOO_DEEP, TOO_LONG, both
from fachwerk.rules.lexer import KEYWORDS
from fachwerk.rules.parser_atoms import Atoms
from fachwerk.rules.parser_stream import MAX_DEPTH, MAX_LENGTH, MAX_LOOPS, TooDeep
from fachwerk.rules.scope import Scope
from fachwerk.rules.tree import (
    And,
    Arithmetic,
    Between,
    Broken,
    Compare,
    In,
    InstanceOf,
    Interval,
    Literal,
    Name,
    Negate,
    Node,
    Or,
    Test,
    UnaryTests,
    Under,
)
from fachwerk.rules.values.numbers import read_number
from fachwerk.rules.walk import depth, loops

OR, AND, COMPARE, ADD, MULTIPLY, POWER, MINUS, INSTANCE, POSTFIX = range(1, 10)
"""How strongly operators bind."""

_INFIX = {
    "or": OR,
    "and": AND,
    "=": COMPARE,
    "!=": COMPARE,
    "<": COMPARE,
    "<=": COMPARE,
    ">": COMPARE,
    ">=": COMPARE,
    "in": COMPARE,
    "between": COMPARE,
    "+": ADD,
    "-": ADD,
    "*": MULTIPLY,
    "/": MULTIPLY,
    "**": POWER,
    ".": POSTFIX,
    "[": POSTFIX,
    "(": POSTFIX,
}
_FOREIGN = {"foreign": COMPARE, "ternary": OR}
_INFIX_WORDS = {"instance": INSTANCE, "under": COMPARE}


def parse(fragment: Fragment, scope: Scope, problems: Problems, *, as_tests: bool = False) -> Node:
    """Read a rule, or with *as_tests* unary tests (a cell of a decision table); problems are collected.

    What cannot be read is a :class:`fachwerk.rules.tree.Broken` somewhere in the result; then there is a problem.
    """
    if len(fragment.text) > MAX_LENGTH:
        problems.add(TOO_LONG.at(fragment.span(0, 1), length=len(fragment.text), limit=MAX_LENGTH))
        return Broken(end=len(fragment.text))
    parser = Parser(fragment, scope, problems)
    try:
        return parser.finish(parser.all_tests() if as_tests else parser.all())
    except TooDeep:
        return parser.finish(Broken(end=len(fragment.text)))


class Parser(Atoms):
    """Reads one rule."""

    def all(self) -> Node:
        """Read the whole text as one expression."""
        if self.token.kind == "end":
            self.blame(EMPTY)
            return Broken(end=len(self.text))
        return self.bounded(self.to_the_end(self.expression()))

    def all_tests(self) -> Node:
        """Read the whole text as unary tests."""
        start = self.token.start
        self.commas = True
        if self.token.kind == "end":
            self.blame(EMPTY)
            return Broken(end=len(self.text))
        if self.token.kind == "-" and self.next().kind == "end":
            self.advance()
            return UnaryTests((), start=start, end=self.before)
        node = self.negated_tests() or self.tests()
        return self.bounded(self.to_the_end(node))

    def to_the_end(self, node: Node) -> Node:
        """Say what does not belong behind *node*, and read on behind it for further problems."""
        while self.token.kind != "end":
            self.leftover()
            self.skip(("and", "or"))
            if self.token.kind in ("and", "or"):
                node = self.infix(node, OR)
            elif self.token.kind != "end":
                self.blamed = self.at  # one cause: the rest fell out of the same mistake
                self.advance()
            node = Broken(start=node.start, end=self.before)
        return node

    def bounded(self, node: Node) -> Node:
        """Return *node* unless its tree is too deep to be walked."""
        if len(self.tokens) > MAX_DEPTH and depth(node) > MAX_DEPTH:
            self.report(TOO_DEEP, node.start, node.end, limit=MAX_DEPTH)
            return Broken(start=node.start, end=node.end)
        if len(self.tokens) > MAX_LOOPS and loops(node) > MAX_LOOPS:
            self.report(TOO_DEEP, node.start, node.end, limit=MAX_LOOPS)
            return Broken(start=node.start, end=node.end)
        return node

    # expressions

    def expression(self, power: int = 0) -> Node:
        """Read an expression whose operators bind at least as strongly as *power*."""
        self.deeper()
        node = self.infix(self.prefix(), power)
        self.nesting -= 1
        return node

    def prefix(self) -> Node:
        """Read what an expression begins with."""
        token = self.token
        if token.kind in KEYWORDS and token.text in self.scope.spaced.by_word and (match := self.spaced_name()):
            self.go(match[1])
            return Name(match[0], start=token.start, end=self.before)
        read = _PREFIX.get(token.kind)
        return read(self) if read else self.no_value()

    def infix(self, left: Node, power: int) -> Node:
        """Read operators behind *left* as long as they bind at least as strongly as *power*."""
        while True:
            kind = self.token.kind
            binding = _INFIX.get(kind)
            if binding is None:
                binding = self.odd_infix()
                if not binding:
                    return left
                kind = self.token.kind if self.token.kind in _INFIX_READERS else self.token.text
            if binding < power or (kind == "[" and self.closes_interval()):
                return left
            left = _INFIX_READERS[kind](self, left, binding)

    def odd_infix(self) -> int:
        """Return how strongly an operator binds that is a mere word, or one of another language; 0 for none."""
        while True:
            token = self.token
            binding = _INFIX.get(token.kind) or _FOREIGN.get(token.kind, 0)
            if not binding and token.kind == "word":
                binding = _INFIX_WORDS.get(token.text, 0)
            if binding or not self.foreign_operator():
                return binding

    # operators

    def minus(self) -> Node:
        start = self.advance().start
        if self.token.kind == "number":
            token = self.advance()
            return Literal(read_number("-" + token.text), start=start, end=token.end)
        node = self.expression(MINUS)
        return Negate(node, start=start, end=node.end)

    def comparator(self) -> Node:
        """Read ``< x`` and its kind, which are ranges, and ``= x``."""
        token = self.advance()
        node = self.expression(ADD)
        if token.kind in ("=", "!="):
            return Test("=" if token.kind == "=" else "!=", node, start=token.start, end=node.end)
        low, high = (None, node) if token.kind[0] == "<" else (node, None)
        closed = token.kind.endswith("=")
        return Interval(
            low, high, closed and high is None, closed and low is None, unary=True, start=token.start, end=node.end
        )

    def junction(self, left: Node, power: int) -> Node:
        """Read ``and b and c`` or ``or b or c`` behind *left*."""
        kind = self.token.kind
        terms = [left]
        while self.take(kind):
            terms.append(self.expression(power + 1))
        make = And if kind == "and" else Or
        return make(tuple(terms), start=left.start, end=terms[-1].end)

    def arithmetic(self, left: Node, power: int) -> Node:
        op = self.advance().kind
        right = self.expression(power + 1)
        return Arithmetic(op, left, right, start=left.start, end=right.end)  # type: ignore[arg-type]

    def comparison(self, left: Node, power: int) -> Node:
        op = self.advance().kind
        right = self.expression(power + 1)
        return Compare(op, left, right, start=left.start, end=right.end)  # type: ignore[arg-type]

    def between(self, left: Node, power: int) -> Node:
        self.advance()
        low = self.expression(power + 1)
        if not self.need("and", "between", "a between 1 and 10"):
            return self.broken(left.start)
        high = self.expression(power + 1)
        return Between(left, low, high, start=left.start, end=high.end)

    def instance(self, left: Node, power: int) -> Node:
        self.advance()
        if self.is_word("of"):
            self.advance()
        else:
            self.unexpected(both(("`of` and a type", "`of` und ein Typ")))
        name = self.type_name()
        return InstanceOf(left, name, start=left.start, end=name.end)

    def under(self, left: Node, power: int) -> Node:
        self.advance()
        root = self.expression(power + 1)
        return Under(left, root, start=left.start, end=root.end)

    def membership(self, left: Node, power: int) -> Node:
        """Read ``in tests``."""
        self.advance()
        if self.token.kind == "(":
            tests = self.test_group()
        else:
            test = self.expression(power + 1)
            tests = UnaryTests((test,), start=test.start, end=test.end)
        return In(left, tests, start=left.start, end=tests.end)

    def test_group(self) -> UnaryTests:
        """Read ``(a, b)`` behind ``in``; ``(a) + b`` and ``(a..b)`` are plain tests."""
        opening = self.advance()
        tests = [self.inside()]
        if self.token.kind == "..":
            tests = [self.interval(opening, tests[0], closed=False)]
        else:
            while self.separator():
                tests.append(self.inside())
            self.close(")", opening)
        if len(tests) == 1:
            tests = [self.infix(tests[0], ADD)]
        return UnaryTests(tuple(tests), start=opening.start, end=self.before)

    # unary tests

    def tests(self) -> Node:
        start = self.token.start
        tests = [self.expression()]
        while self.separator():
            tests.append(self.expression())
        return UnaryTests(tuple(tests), start=start, end=max(self.before, start))

    def negated_tests(self) -> Node | None:
        """Read ``not(tests)`` if that is all there is."""
        if not (self.is_word("not") and self.next().kind == "("):
            return None
        at, found, blamed, tokens = self.at, len(self.found), self.blamed, list(self.tokens)
        start = self.advance().start
        opening = self.advance()
        if isinstance(inner := self.tests(), UnaryTests):
            self.close(")", opening)
            if self.token.kind == "end":
                return UnaryTests(inner.tests, negated=True, start=start, end=self.before)
        self.tokens = tokens
        self.go(at)
        del self.found[found:]
        self.blamed = blamed
        return None


_PREFIX: dict[str, Callable[[Parser], Node]] = {
    "number": Parser.number,
    "string": Parser.string,
    "open string": Parser.open_string,
    "true": Parser.constant,
    "false": Parser.constant,
    "null": Parser.constant,
    "@": Parser.at_sign,
    "word": Parser.name,
    "(": Parser.parenthesis,
    "[": Parser.square,
    "]": Parser.open_square,
    "{": Parser.curly,
    "-": Parser.minus,
    **dict.fromkeys(("<", "<=", ">", ">=", "=", "!="), Parser.comparator),
    "if": Parser.conditional,
    "for": Parser.loop,
    "some": Parser.quantified,
    "every": Parser.quantified,
}
_INFIX_READERS: dict[str, Callable[[Parser, Node, int], Node]] = {
    "or": Parser.junction,
    "and": Parser.junction,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), Parser.comparison),
    "in": Parser.membership,
    "between": Parser.between,
    "instance": Parser.instance,
    "under": Parser.under,
    **dict.fromkeys(("+", "-", "*", "/", "**"), Parser.arithmetic),
    ".": Parser.path,
    "[": Parser.filter,
    "(": Parser.call,
    "foreign": Parser.foreign,
    "ternary": Parser.ternary,
}
