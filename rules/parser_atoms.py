"""What expressions are made of: literals, names, brackets, and paths, filters and calls behind a value."""

from __future__ import annotations

from fachwerk.rules.codes_syntax import (
    BAD_ESCAPE,
    BAD_LITERAL,
    DUPLICATE_ENTRY,
    MIXED_ARGUMENTS,
    OTHER_LANGUAGE,
    UNCLOSED_TEXT,
    both,
)
from fachwerk.rules.habits import CONDITIONS, CONSTANTS, JOINERS
from fachwerk.rules.lexer import KEYWORDS, Token, unquote
from fachwerk.rules.names import normal
from fachwerk.rules.parser_habits import Habits
from fachwerk.rules.parser_stream import VALUE
from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.tree import Broken, Call, ContextOf, Filter, Interval, ListOf, Literal, My, Name, Node, Path
from fachwerk.rules.values.lexical import read_at
from fachwerk.rules.values.numbers import read_number

_AFTER_BRACKET = frozenset(("number", "string", "word", "true", "false", "null", "(", "[", "{", "@", "-"))
_AFTER_BRACKET |= {"if", "for", "some", "every"}


class Atoms(Habits):
    """Reads what is no operator."""

    def no_value(self) -> Node:
        """Say that a value should stand here."""
        start = self.token.start
        if (node := self.foreign_value()) is not None:
            return node
        self.unexpected(VALUE)
        if self.token.kind in ("*", "/", "**", "and", "or", "in", "between", ".."):
            return Broken(start=start, end=start)
        return self.broken(start)

    # literals

    def number(self) -> Node:
        token = self.advance()
        return Literal(read_number(token.text), start=token.start, end=token.end)

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
            if self.scope.strict:
                return Broken(start=start, end=token.end)
        return Literal(value, start=start, end=token.end)  # DMN takes a text that names nothing for null

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

    def bracketed(self) -> Node:
        """Read an expression inside brackets; a range without brackets of its own is said to need them."""
        node = self.inside()
        if self.token.kind != "..":
            return node
        self.advance()
        end = self.inside().end
        found = self.text[node.start : end]
        self.habit(found, f"[{found}]", node.start, end)
        return Broken(start=node.start, end=end)

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
            items.append(self.bracketed())
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
        doubled = False
        while self.token.kind not in ("}", "end"):
            doubled = self.entry(entries) or doubled
            if not self.separator():
                break
        self.close("}", opening)
        if doubled and not self.scope.strict:
            return Literal(None, start=opening.start, end=self.before)  # as DMN has it
        return ContextOf(tuple(entries.items()), start=opening.start, end=self.before)

    def entry(self, entries: dict[str, Node]) -> bool:
        """Read ``key: value`` into *entries* and return whether the key is there already."""
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
            return False
        doubled = key in entries
        if doubled:
            self.report(DUPLICATE_ENTRY, token.start, end, name=key)
        value = self.bracketed()
        self.learn(key)
        entries[key] = value
        return doubled

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
            arguments.append(self.bracketed())
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
