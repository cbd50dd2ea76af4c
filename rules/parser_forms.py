"""The forms that begin with a word: ``if``, ``for``, ``some``, ``every``, ``function``; and the names of types."""

from __future__ import annotations

from typing import Literal

from fachwerk.rules.codes_syntax import OTHER_LANGUAGE, both
from fachwerk.rules.habits import ELSE_IF
from fachwerk.rules.lexer import KEYWORDS, Token
from fachwerk.rules.names import Names, normal
from fachwerk.rules.parser_stream import Stream
from fachwerk.rules.tree import (
    Broken,
    Each,
    For,
    If,
    Lambda,
    Node,
    Quantified,
    TypeName,
)

_TYPES = Names.of(("date and time", "years and months duration", "days and time duration"))

_IF = "if ... then ... else ..."
_FOR = "for x in list return ..."


class Forms(Stream):
    """Reads the forms; :class:`fachwerk.rules.parser.Parser` reads the expressions inside them."""

    def expression(self, power: int = 0) -> Node:
        """Read an expression whose operators bind at least as strongly as *power*."""
        raise NotImplementedError

    def is_condition_function(self) -> bool:
        """Return whether ``if (a, b, c)`` stands here, as in a spreadsheet."""
        raise NotImplementedError

    def condition_function(self) -> Node:
        """Read ``if(a, b, c)``."""
        raise NotImplementedError

    # if

    def conditional(self) -> Node:
        """Read ``if condition then a else b``."""
        if self.next().kind == "(" and self.is_condition_function():
            return self.condition_function()
        start = self.advance().start
        condition = self.expression()
        then = self.branch("then")
        return self.otherwise(start, condition, then)

    def otherwise(self, start: int, condition: Node, then: Node) -> Node:
        """Read the ``else`` part; words for "else if" of other languages are said once and understood."""
        if self.token.kind == "word" and self.token.text in ELSE_IF:
            self.blame(OTHER_LANGUAGE, found=self.token.text, instead="else if")
            other = self.conditional()
        else:
            other = self.branch("else")
        return If(condition, then, other, start=start, end=other.end)

    def branch(self, word: str) -> Node:
        """Read ``then a`` or ``else a``, or note that it is missing."""
        if self.token.kind == "{" and self.next(2).kind != ":":
            return self.braces(word)
        if self.need(word, "if", _IF):
            return self.braces(word) if self.token.kind == "{" and self.next(2).kind != ":" else self.expression()
        if word == "then" and self.token.kind not in ("else", "end", ")", ",", "]", "}"):
            return self.expression()
        return Broken(start=self.before, end=self.before)

    def braces(self, word: str) -> Node:
        """Read ``{ a }`` where other languages want braces around a branch."""
        if self.next().kind == "}":
            return self.expression()
        self.blame(OTHER_LANGUAGE, found="{ ... }", instead=_IF)
        opening = self.advance()
        node = self.expression()
        self.close("}", opening)
        return node

    # for, some, every

    def loop(self) -> Node:
        """Read ``for a in x, b in y return body``."""
        start = self.advance().start
        each = self.iterators("for", _FOR)
        self.learn("partial")
        if not self.need("return", "for", _FOR):
            return self.broken(start)
        body = self.expression()
        return For(each, body, start=start, end=body.end)

    def quantified(self) -> Node:
        """Read ``some a in x satisfies condition`` or ``every ...``."""
        word = self.advance()
        kind: Literal["some", "every"] = "some" if word.kind == "some" else "every"
        shape = f"{kind} x in list satisfies ..."
        each = self.iterators(kind, shape)
        if not self.need("satisfies", kind, shape):
            return self.broken(word.start)
        condition = self.expression()
        return Quantified(kind, each, condition, start=word.start, end=condition.end)

    def iterators(self, form: str, shape: str) -> tuple[Each, ...]:
        """Read ``a in x, b in 1..n``."""
        each = [self.iterator(form, shape)]
        while self.take(","):
            each.append(self.iterator(form, shape))
        return tuple(each)

    def iterator(self, form: str, shape: str) -> Each:
        """Read ``a in x`` or ``a in 1..n``."""
        start = self.token.start
        name = self.name_until(lambda token: token.kind == "in")
        if name is None:
            self.unexpected(both(("a new name and `in`", "ein neuer Name und `in`")))
            self.skip(("in",))
            if self.token.kind != "in":
                return Each("", self.broken(start), start=start, end=max(self.before, start))
        word = name[0] if name else ""
        self.learn(word)
        if not self.need("in", form, shape):
            return Each(word, self.broken(start), start=start, end=max(self.before, start))
        source = self.expression()
        until = self.expression() if self.take("..") else None
        return Each(word, source, until, start=start, end=self.before)

    # function

    def function(self) -> Node:
        """Read ``function(a: number, b) body``, the body perhaps ``external {...}``."""
        start = self.advance().start
        opening = self.advance()
        parameters: list[tuple[str, TypeName | None]] = []
        while self.token.kind not in (")", "end"):
            parameters.append(self.parameter())
            if not self.take(","):
                break
        self.close(")", opening)
        external = self.is_word("external") and self.next().kind == "{"
        if external:
            self.advance()
        body = self.expression()
        return Lambda(tuple(parameters), body, external, start=start, end=body.end)

    def parameter(self) -> tuple[str, TypeName | None]:
        """Read ``a`` or ``a: type``."""
        name = self.name_until(_ends_parameter)
        if name is None:
            self.unexpected(both(("a parameter name", "ein Parametername")))
            self.skip()
            return "", None
        self.learn(name[0])
        return name[0], self.type_name() if self.take(":") else None

    # type names

    def type_name(self) -> TypeName:
        """Read a type: ``number``, ``list<string>``, ``context<a: date>``, ``function<number> -> string``."""
        self.deeper()
        start = self.token.start
        name = self.plain_type_name()
        if name is None:
            self.unexpected(both(("a type", "ein Typ")))
            self.nesting -= 1
            return TypeName("Any", start=start, end=start)
        arguments = self.type_arguments(name)
        result = None
        if name == "function" and self.take("->"):
            result = self.type_name()
        self.nesting -= 1
        return TypeName(name, arguments, result, start=start, end=self.before)

    def plain_type_name(self) -> str | None:
        """Read the name of a type, dotted or of several words."""
        for index in (self.scope.spaced_types, _TYPES):
            if match := index.match(self.tokens, self.at):
                self.go(match[1])
                return match[0]
        if self.token.kind != "word" and self.token.kind != "null":
            return None
        first = self.advance()
        end = first.end
        while self.token.kind == "." and self.next().kind == "word":
            self.advance()
            end = self.advance().end
        return normal(self.text[first.start : end])

    def type_arguments(self, name: str) -> tuple[tuple[str, TypeName], ...]:
        """Read ``<...>`` behind *name*, if it is there."""
        if self.take("<>") or name not in ("list", "range", "context", "function") or self.token.kind != "<":
            return ()
        opening = self.advance()
        arguments: list[tuple[str, TypeName]] = []
        while self.token.kind not in (">", ">=", "end"):
            arguments.append(self.type_argument(name))
            if not self.take(","):
                break
        self.close_type(opening)
        return tuple(arguments)

    def type_argument(self, name: str) -> tuple[str, TypeName]:
        """Read ``number`` or, inside ``context``, ``a: number``."""
        if name != "context":
            return "", self.type_name()
        entry = self.name_until(lambda token: token.kind in (":", "end"))
        if entry is None or not self.take(":"):
            self.unexpected(both(("an entry such as `a: number`", "ein Eintrag wie `a: number`")))
            self.skip((">",))
            return "", TypeName("Any", start=self.before, end=self.before)
        return entry[0], self.type_name()

    def close_type(self, opening: Token) -> None:
        """Take ``>``; of ``>=`` only the first half."""
        if self.token.kind == ">=":
            token = self.token
            self.tokens[self.at] = self.token = Token("=", token.start + 1, token.end, "=")
        else:
            self.close(">", opening)


def _ends_parameter(token: Token) -> bool:
    return token.kind in (":", ",", ")", "end") or (token.kind in KEYWORDS and token.kind == "return")
