"""From tokens to the tree: a Pratt parser for FEEL (DMN 1.5, clause 10.3.1) with the words ``my``, ``me`` and ``under``.

It reads on after a mistake, so that a rule can have several problems, and says one problem for one cause. Names of
several words are read as the longest name that is known where the rule stands.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from fachwerk.problems import Fragment, Problems
from fachwerk.rules.codes_syntax import (
    BAD_ESCAPE,
    BAD_LITERAL,
    DUPLICATE_ENTRY,
    EMPTY,
    MIXED_ARGUMENTS,
    OTHER_LANGUAGE,
    TOO_DEEP,
    TOO_LONG,
    UNCLOSED_COMMENT,
    UNCLOSED_TEXT,
    both,
)
from fachwerk.rules.habits import CONDITIONS, CONSTANTS, JOINERS
from fachwerk.rules.lexer import KEYWORDS, Token, unquote
from fachwerk.rules.names import normal
from fachwerk.rules.parser_habits import Habits
from fachwerk.rules.parser_stream import MAX_DEPTH, MAX_LENGTH, VALUE, TooDeep
from fachwerk.rules.scope import Scope
from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.tree import (
    And,
    Arithmetic,
    Between,
    Broken,
    Call,
    Compare,
    ContextOf,
    Filter,
    In,
    InstanceOf,
    Interval,
    ListOf,
    Literal,
    My,
    Name,
    Negate,
    Node,
    Or,
    Path,
    Test,
    Under,
    UnaryTests,
)
from fachwerk.rules.values.lexical import read_at
from fachwerk.rules.walk import depth

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
_AFTER_BRACKET = frozenset("number string word true false null ( [ { @ - if for some every".split())


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


class Parser(Habits):
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
        read = _PREFIX.get(self.token.kind)
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
        if self.token.kind == "word" and self.token.text in _INFIX_WORDS:
            return _INFIX_WORDS[self.token.text]
        if self.token.kind not in _FOREIGN and not self.foreign_operator():
            return 0
        return _INFIX.get(self.token.kind) or _FOREIGN.get(self.token.kind, 0)

    def no_value(self) -> Node:
        """Say that a value should stand here."""
        start = self.token.start
        if (node := self.foreign_value()) is not None:
            return node
        if self.token.kind in KEYWORDS and (name := self.spaced_name()):
            self.go(name[1])
            return Name(name[0], start=start, end=self.before)
        if self.token.kind == "open comment":
            self.blame(UNCLOSED_COMMENT)
        else:
            self.unexpected(VALUE)
        if self.token.kind in ("*", "/", "**", "and", "or", "in", "between", ".."):
            return Broken(start=start, end=start)
        return self.broken(start)

    # literals

    def number(self) -> Node:
        token = self.advance()
        return Literal(Decimal(token.text), start=token.start, end=token.end)

    def string(self) -> Node:
        token = self.advance()
        value = unquote(token.text)
        if value is None:
            self.report(BAD_ESCAPE, token.start, token.end)
            return Broken(start=token.start, end=token.end)
        return Literal(value, start=token.start, end=token.end)

    def open_string(self) -> Node:
        self.blame(UNCLOSED_TEXT)
        token = self.advance()
        return Broken(start=token.start, end=token.end)

    def constant(self) -> Node:
        token = self.advance()
        value = {"true": True, "false": False}.get(token.kind)
        return Literal(value, start=token.start, end=token.end)

    def at_sign(self) -> Node:
        start = self.advance().start
        if self.token.kind != "string":
            self.unexpected(both(('a text such as `"2026-11-21"`', 'ein Text wie `"2026-11-21"`')))
            return self.broken(start)
        token = self.advance()
        value = read_at(unquote(token.text) or "")
        if value is None:
            self.report(BAD_LITERAL, start, token.end, found=token.text[1:-1])
            return Broken(start=start, end=token.end)
        return Literal(value, start=start, end=token.end)

    # names

    def name(self) -> Node:
        """Read a name, a function literal or ``my x``."""
        token = self.token
        if token.text == "function" and self.next().kind == "(":
            return self.function()
        if match := self.spaced_name():
            self.go(match[1])
            return Name(match[0], start=token.start, end=self.before)
        if token.text == "my" and self.next().kind == "word" and "my" not in self.scope.names:
            return self.my()
        if self.is_not_word():
            return self.negation(token.text)
        if not self.knows(token.text):
            if token.text in CONDITIONS and self.next().kind == "(":
                return self.condition_function()
            if token.text in CONSTANTS and self.next().kind != "(":
                return self.foreign_constant()
            return self.unknown_name()
        self.advance()
        return Name(token.text, start=token.start, end=token.end)

    def knows(self, name: str) -> bool:
        """Return whether the scope or the rule itself has this name."""
        scope = self.scope
        return name in scope.names or name in self.known or name in SIGNATURES or name in scope.decisions

    def unknown_name(self) -> Node:
        """Read a name that nobody knows: words side by side can only be one name."""
        first = self.advance()
        if first.text not in ("item", "me", "current", "valid_on", "?"):
            while self.token.kind == "word" and self.token.text not in JOINERS and self.token.end > self.before:
                self.advance()
        return Name(normal(self.text[first.start : self.before]), start=first.start, end=self.before)

    def my(self) -> Node:
        """Read ``my person``."""
        start = self.advance().start
        match = self.scope.spaced.match(self.tokens, self.at)
        if match:
            self.go(match[1])
            return My(match[0], start=start, end=self.before)
        token = self.advance()
        return My(token.text, start=start, end=token.end)

    # brackets

    def parenthesis(self) -> Node:
        """Read ``(a)`` or the range ``(a..b)``."""
        opening = self.advance()
        node = self.inside(commas=False)
        if self.token.kind == "..":
            return self.interval(opening, node, closed=False)
        if self.token.kind == ",":
            self.unexpected(both(("`)`", "`)`")), both(("a list stands in `[ ]`", "eine Liste steht in `[ ]`")))
            self.skip((")",))
            while self.take(","):
                self.skip()
        self.close(")", opening)
        return node

    def inside(self, *, commas: bool = True) -> Node:
        """Read an expression inside brackets, where ``[`` behind a value is a filter again."""
        outside, self.in_high, self.commas = (self.in_high, self.commas), False, commas
        node = self.expression()
        self.in_high, self.commas = outside
        return node

    def square(self) -> Node:
        """Read a list ``[a, b]`` or a range ``[a..b]``."""
        opening = self.advance()
        if self.take("]"):
            return ListOf((), start=opening.start, end=self.before)
        first = self.inside()
        if self.token.kind == "..":
            return self.interval(opening, first, closed=True)
        items = [first]
        while self.separator():
            items.append(self.inside())
        self.close("]", opening)
        return ListOf(tuple(items), start=opening.start, end=self.before)

    def open_square(self) -> Node:
        """Read the range ``]a..b[``."""
        if self.next().kind not in _AFTER_BRACKET:
            return self.no_value()
        opening = self.advance()
        low = self.inside()
        if self.token.kind != "..":
            self.unexpected(both(("`..` and the end of the range", "`..` und das Ende des Bereichs")))
            return self.broken(opening.start)
        return self.interval(opening, low, closed=False)

    def interval(self, opening: Token, low: Node, *, closed: bool) -> Node:
        """Read ``..b]`` behind the lower end of a range."""
        self.advance()
        outside, self.in_high = self.in_high, True
        high = self.expression()
        self.in_high = outside
        high_closed = self.token.kind == "]"
        if self.token.kind in (")", "]", "["):
            self.advance()
        else:
            self.close("]" if closed else ")", opening)
        return Interval(low, high, closed, high_closed, start=opening.start, end=self.before)

    def closes_interval(self) -> bool:
        """Return whether ``[`` is the open end of a range rather than a filter."""
        return self.in_high and self.next().kind not in _AFTER_BRACKET

    def curly(self) -> Node:
        """Read a context ``{a: 1, "b c": 2}``."""
        opening = self.advance()
        entries: dict[str, Node] = {}
        while self.token.kind not in ("}", "end"):
            self.entry(entries)
            if not self.separator():
                break
        self.close("}", opening)
        return ContextOf(tuple(entries.items()), start=opening.start, end=self.before)

    def entry(self, entries: dict[str, Node]) -> None:
        """Read ``key: value`` into *entries*."""
        token = self.token
        if token.kind == "string" and self.next().kind == ":":
            self.advance()
            key: str | None = unquote(token.text)
        else:
            named = self.name_until(lambda token: token.kind in (":", "end", ",", "}"))
            key = named[0] if named else None
        end = self.before
        if key is None or not self.take(":"):
            self.unexpected(both(("an entry such as `name: value`", "ein Eintrag wie `name: Wert`")))
            self.skip()
            return
        if key in entries:
            self.report(DUPLICATE_ENTRY, token.start, end, name=key)
        value = self.inside()
        self.learn(key)
        entries[key] = value

    # operators

    def minus(self) -> Node:
        start = self.advance().start
        if self.token.kind == "number":
            token = self.advance()
            return Literal(-Decimal(token.text), start=start, end=token.end)
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
        return UnaryTests(tuple(tests), start=start, end=self.before)

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

    # behind a value

    def path(self, left: Node, power: int) -> Node:
        """Read ``.name``."""
        self.advance()
        token = self.token
        if token.kind != "word" and token.kind not in KEYWORDS:
            self.unexpected(both(("the name of a field", "der Name eines Feldes")))
            return self.broken(left.start)
        if match := self.spaced_member():
            self.go(match[1])
            return Path(left, match[0], start=left.start, end=self.before)
        self.advance()
        if not self.scope.strict:
            while self.token.kind == "word" and self.token.text not in JOINERS:
                self.advance()
        return Path(left, normal(self.text[token.start : self.before]), start=left.start, end=self.before)

    def filter(self, left: Node, power: int) -> Node:
        """Read ``[condition]``."""
        opening = self.advance()
        condition = self.inside(commas=False)
        self.close("]", opening)
        return Filter(left, condition, start=left.start, end=self.before)

    def call(self, left: Node, power: int) -> Node:
        """Read ``(a, b)`` or ``(name: a)`` behind a function."""
        opening = self.advance()
        arguments: list[Node] = []
        names: list[str | None] = []
        while self.token.kind not in (")", "end"):
            names.append(self.argument_name())
            arguments.append(self.inside())
            if not self.separator():
                break
        self.close(")", opening)
        named = self.argument_names(names, arguments)
        return Call(left, tuple(arguments), named, start=left.start, end=self.before)

    def argument_name(self) -> str | None:
        """Read ``name:`` if it stands here."""
        second = self.next().kind
        if self.token.kind not in ("word", *KEYWORDS) or second in (",", ")", "(", "[", "=", "{"):
            return None
        at = self.at
        name = self.name_until(lambda token: token.kind in (":", "end", ",", ")"))
        if name and self.token.kind == ":" and "?" not in name[0].split(" "):
            self.advance()
            return name[0]
        self.go(at)
        return None

    def argument_names(self, names: list[str | None], arguments: list[Node]) -> tuple[str, ...] | None:
        """Return the names if there are any; say where one is missing."""
        given = [name for name in names if name is not None]
        if given and len(given) < len(names):
            odd = arguments[names.index(None)]
            self.report(MIXED_ARGUMENTS, odd.start, odd.end, others=both(("named", "benannt")))
            return None
        return tuple(given) if given else None

    def separator(self) -> bool:
        """Take a comma; a semicolon is said to be wrong and understood."""
        if self.token.kind == ";":
            self.blame(OTHER_LANGUAGE, found=";", instead=",")
            self.advance()
            return True
        return self.take(",")


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
