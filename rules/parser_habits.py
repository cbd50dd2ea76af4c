"""Understanding the habits of other languages: each is said once, with what to write, and then read as it was meant."""

from __future__ import annotations

from decimal import Decimal

from fachwerk.problems import Fragment, Problems
from fachwerk.rules.codes_syntax import DECIMAL_COMMA, NO_ASSIGNMENT, OTHER_LANGUAGE, PERCENT, both
from fachwerk.rules.habits import ASSIGNMENTS, CONSTANTS, INFIX_CALLS, SIGNS, WORDS
from fachwerk.rules.lexer import QUOTES, Token, lex
from fachwerk.rules.parser_forms import Forms
from fachwerk.rules.scope import Scope
from fachwerk.rules.tree import Broken, Call, If, Literal, Name, Node

_NOT_POWER = 3
"""What ``not x`` reaches: comparisons, but not ``and``."""
_STARTS = frozenset(("number", "string", "word", "true", "false", "null", "(", "[", "{", "@", "quote"))
_STARTS |= {"if", "for", "some", "every"}
_MOST_RESTARTS = 20
_OPERATOR = both(("an operator such as `and`, or the end", "ein Operator wie `and` oder das Ende"))


class Habits(Forms):
    """Reads what other languages would write."""

    def __init__(self, fragment: Fragment, scope: Scope, problems: Problems) -> None:
        super().__init__(fragment, scope, problems)
        self.in_high = False
        self.commas = False
        self.restarts = 0

    def infix(self, left: Node, power: int) -> Node:
        """Read operators behind *left*."""
        raise NotImplementedError

    def habit(self, found: str, instead: str, start: int, end: int) -> None:
        """Say that *found* is written *instead*."""
        self.report(OTHER_LANGUAGE, start, end, found=found, instead=instead)

    def swap(self, kind: str) -> bool:
        """Read the token reached as one of *kind*."""
        self.tokens[self.at] = self.token = self.token._replace(kind=kind)
        return True

    # between two values

    def foreign_operator(self) -> bool:
        """Understand an operator of another language at the token reached; return whether there was one."""
        token = self.token
        if token.kind in SIGNS:
            self.habit(token.text, SIGNS[token.kind], token.start, token.end)
            return self.swap(SIGNS[token.kind])
        if token.kind in ASSIGNMENTS:
            self.report(NO_ASSIGNMENT, token.start, token.end, found=token.text)
            return self.swap(token.kind[0])
        if token.kind == "%":
            return self.percent()
        if token.kind == ",":
            return self.decimal_comma()
        return token.kind == "word" and self.foreign_word(token)

    def foreign_word(self, token: Token) -> bool:
        """Understand a word between two values."""
        word, following = token.text, self.next()
        if word in WORDS:
            self.habit(word, WORDS[word], token.start, token.end)
            return self.swap(WORDS[word])
        if word in ("is", "IS", "isnt"):
            return self.is_something()
        if word in ("not", "NOT") and following.kind in ("in", "null"):
            return self.not_something(following)
        if word in ("starts", "ends") and following.text == "with":
            self.habit(f"a {word} with b", f"{word} with(a, b)", token.start, following.end)
            self.advance()
            return self.swap("foreign")
        if word == "?" or word == "??" or word in INFIX_CALLS:
            return self.operator_word(word)
        return False

    def operator_word(self, word: str) -> bool:
        """Say how a word between two values is written as a function or form."""
        start, end = self.token.start, self.token.end
        if word == "?":
            self.habit("a ? b : c", "if a then b else c", start, end)
            return self.swap("ternary")
        default = "if a != null then a else b"
        instead = INFIX_CALLS.get(word, default).format(left="a", right="b")
        self.habit(f"a {word} b", instead, start, end)
        return self.swap("foreign")

    def is_something(self) -> bool:
        """Understand ``is``, ``is not``, ``is null``, ``is in``."""
        start = self.token.start
        negated = self.token.text == "isnt"
        self.advance()
        if self.token.text in ("not", "NOT") and self.next().kind != "(":
            negated = True
            self.advance()
        op = "!=" if negated else "="
        end = self.before
        found = self.text[start:end]
        if self.token.kind in ("null", "true", "false") or self.token.text in CONSTANTS:
            value = CONSTANTS.get(self.token.text, self.token.text)
            self.habit(f"{found} {self.token.text}", f"{op} {value}", start, self.token.end)
            self.swap(value)  # said together with ``is``
            self.at -= 1
        elif self.token.kind == "in":
            self.habit(f"{found} in", "not(a in b)" if negated else "in", start, self.token.end)
            return True
        else:
            self.habit(found, op, start, end)
            self.at -= 1
        self.token = self.tokens[self.at]
        return self.swap(op)

    def not_something(self, following: Token) -> bool:
        """Understand ``not in`` and ``not null``."""
        if following.kind == "in":
            self.habit("not in", "not(a in b)", self.token.start, following.end)
            self.advance()
            return True
        self.habit("not null", "!= null", self.token.start, following.end)
        return self.swap("!=")

    def percent(self) -> bool:
        """Understand ``a % b`` and ``5%``."""
        token, before = self.token, self.tokens[self.at - 1]
        if self.next().kind in _STARTS:
            self.habit("a % b", "modulo(a, b)", token.start, token.end)
            return self.swap("foreign")
        number = before.text if before.kind == "number" else ""
        instead = f"{(Decimal(number) / 100).normalize():f}" if number and len(number) < 30 else "a / 100"
        self.report(PERCENT, before.start if number else token.start, token.end, instead=instead)
        self.advance()
        return True

    def decimal_comma(self) -> bool:
        """Understand ``2,5`` where no comma can stand."""
        before, after = self.tokens[self.at - 1], self.next()
        close = before.end == self.token.start and after.start == self.token.end
        digits = before.kind == after.kind == "number" and before.text.isdigit() and after.text.isdigit()
        if self.commas or not (close and digits):
            return False
        self.report(DECIMAL_COMMA, before.start, after.end, instead=f"{before.text}.{after.text}")
        self.advance()
        self.advance()
        return True

    def foreign(self, left: Node, power: int) -> Node:
        """Read past an operator that has no counterpart."""
        self.advance()
        right = self.expression(power + 1)
        return Broken(start=left.start, end=right.end)

    def ternary(self, left: Node, power: int) -> Node:
        """Read ``? a : b`` as ``if``."""
        self.advance()
        then = self.expression()
        if not self.take(":"):
            return Broken(start=left.start, end=then.end)
        other = self.expression()
        return If(left, then, other, start=left.start, end=other.end)

    # where a value stands

    def foreign_value(self) -> Node | None:
        """Understand what a value begins with elsewhere."""
        if self.token.kind == "quote":
            return self.odd_text()
        if self.token.kind == "!":
            return self.negation("!")
        return None

    def odd_text(self) -> Node | None:
        """Read a text in quotation marks of another kind."""
        start, opening = self.token.start, self.token.text
        line_end = self.text.find("\n", start)
        limit = line_end if line_end >= 0 else len(self.text)
        found = (self.text.find(mark, start + 1, limit) for mark in QUOTES[opening])
        closing = min((at for at in found if at >= 0), default=-1)
        if closing < 0:
            return None
        inner = self.text[start + 1 : closing]
        self.habit(self.text[start : closing + 1], f'"{inner}"', start, closing + 1)
        self.restart(closing + 1)
        return Literal(inner, start=start, end=closing + 1)

    def restart(self, offset: int) -> None:
        """Go to the token at *offset*; tokens that lie across it are read anew, but not without end."""
        at = self.at
        while self.tokens[at].start < offset and self.tokens[at].kind != "end":
            at += 1
        if self.tokens[at - 1].end <= offset or self.restarts >= _MOST_RESTARTS:
            self.go(at)
            return
        self.restarts += 1
        rest = [Token(t.kind, t.start + offset, t.end + offset, t.text) for t in lex(self.text[offset:])]
        self.tokens[self.at + 1 :] = rest
        self.tokens[self.at] = Token("string", self.token.start, offset, "")
        self.advance()

    def negation(self, found: str) -> Node:
        """Read ``not x`` and ``!x``."""
        start = self.token.start
        self.habit("!x" if found == "!" else f"{found} x", "not(x)", start, self.token.end)
        self.advance()
        node = self.expression(_NOT_POWER if found != "!" else 7)
        name = Name("not", start=start, end=start + len(found))
        return Call(name, (node,), start=start, end=node.end)

    def is_not_word(self) -> bool:
        """Return whether ``not`` stands before a value without parentheses."""
        return self.token.text in ("not", "NOT", "Not", "nicht", "NICHT") and self.next().kind in _STARTS - {"("}

    def foreign_constant(self) -> Node:
        """Read ``None``, ``TRUE`` and their kind."""
        token = self.advance()
        instead = CONSTANTS[token.text]
        self.habit(token.text, instead, token.start, token.end)
        return Literal({"true": True, "false": False}.get(instead), start=token.start, end=token.end)

    def is_condition_function(self) -> bool:
        """Return whether ``if (a, b, c)`` stands here, as in a spreadsheet."""
        at, depth, commas = self.at + 1, 0, False
        while self.tokens[at].kind != "end":
            kind = self.tokens[at].kind
            depth += (kind in ("(", "[", "{")) - (kind in (")", "]", "}"))
            commas = commas or (depth == 1 and kind in (",", ";"))
            if depth == 0:
                break
            at += 1
        return commas and self.tokens[at + 1 if depth == 0 else at].kind != "then"

    def condition_function(self) -> Node:
        """Read ``IF(a; b; c)`` of spreadsheets."""
        token = self.advance()
        self.habit(f"{token.text}(a, b, c)", "if a then b else c", token.start, token.end)
        opening = self.advance()
        outside, self.commas = self.commas, True
        parts = [self.expression()]
        while self.take(";") or self.take(","):
            parts.append(self.expression())
        self.commas = outside
        self.close(")", opening)
        if len(parts) != 3:
            return Broken(start=token.start, end=self.before)
        return If(parts[0], parts[1], parts[2], start=token.start, end=self.before)

    # behind the rule

    def leftover(self) -> None:
        """Say what does not belong behind a complete rule."""
        hint = None
        if self.token.kind in (")", "]", "}"):
            hint = both(("there is no opening bracket for it", "dazu gibt es keine öffnende Klammer"))
        self.unexpected(_OPERATOR, hint)
