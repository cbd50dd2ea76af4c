"""What the parts of the parser share: tokens, names of several words, problems, and how reading goes on after one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NoReturn

from fachwerk.problems import Code, Fragment, Problem, Problems, Text
from fachwerk.rules.codes_syntax import (
    ENDS_EARLY,
    MISSING_WORD,
    TOO_DEEP,
    UNCLOSED,
    UNCLOSED_COMMENT,
    UNCLOSED_TEXT,
    UNEXPECTED,
    both,
)
from fachwerk.rules.lexer import KEYWORDS, Token, lex
from fachwerk.rules.names import Names, normal
from fachwerk.rules.scope import Scope
from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.tree import Broken, Node

MAX_LENGTH = 50_000
"""The longest rule that is read, in characters."""

MAX_NESTING = 70
"""How deep brackets and forms may stand inside each other."""

MAX_DEPTH = 150
"""How deep the tree of a rule may be (chains of operators count too): walking it by recursion is safe."""

MAX_LOOPS = 12
"""How many loops and filters may stand inside of each other; Python itself nests no more than 20."""

_BUILTIN = Names.of(SIGNATURES)
_MOST_PROBLEMS = 100
_PROPERTIES = Names.of(("time offset", "start included", "end included"))
_CLOSERS = frozenset({")", "]", "}", ",", "end", "then", "else", "return", "satisfies", "..", ";"})
_NAME_SIGNS = frozenset({".", "/", "-", "+", "*", "**", "quote", "number"})

VALUE: Text = both(("a value", "ein Wert"))


class TooDeep(Exception):
    """Reading stops: the problem has been noted."""


class Stream:
    """The tokens of one rule and the place reached."""

    def __init__(self, fragment: Fragment, scope: Scope, problems: Problems) -> None:
        self.fragment = fragment
        self.scope = scope
        self.text = fragment.text
        self.tokens = lex(fragment.text)
        self.at = 0
        self.token = self.tokens[0]
        self.found: list[Problem] = []
        self.problems = problems
        self.blamed = -1
        self.nesting = 0
        self.own = Names({})
        self.known: set[str] = set()

    def advance(self) -> Token:
        """Go on by one token and return the one left behind."""
        token = self.token
        if self.at < len(self.tokens) - 1:
            self.at += 1
            self.token = self.tokens[self.at]
        return token

    def go(self, at: int) -> None:
        """Set the place to the token at index *at*."""
        self.at = at
        self.token = self.tokens[at]

    def take(self, kind: str) -> bool:
        """Go on if the token is of *kind*; return whether it was."""
        if self.token.kind == kind:
            self.advance()
            return True
        return False

    def next(self, by: int = 1) -> Token:
        """Return a token further on (the last one beyond the end)."""
        return self.tokens[min(self.at + by, len(self.tokens) - 1)]

    @property
    def before(self) -> int:
        """The offset just behind the token left last."""
        return self.tokens[self.at - 1].end if self.at else 0

    def is_word(self, text: str) -> bool:
        """Return whether the token is the word *text* (which is no keyword everywhere)."""
        return self.token.kind == "word" and self.token.text == text

    # problems

    def report(self, code: Code, start: int, end: int, remedy: Text | None = None, **values: object) -> None:
        """Note a problem of ``text[start:end]``."""
        if len(self.found) < _MOST_PROBLEMS:
            self.found.append(Problem(code, self.fragment.span(start, end), values, remedy))

    def blame(self, code: Code, remedy: Text | None = None, **values: object) -> None:
        """Note a problem of the token reached, unless one was noted there already."""
        if self.blamed != self.at:
            self.blamed = self.at
            self.report(code, self.token.start, self.token.end, remedy, **values)

    def unexpected(self, expected: Text, hint: Text | None = None) -> None:
        """Note that the token reached does not belong where it stands."""
        early = {"end": ENDS_EARLY, "open comment": UNCLOSED_COMMENT, "open string": UNCLOSED_TEXT}
        if (code := early.get(self.token.kind)) is not None:
            self.blame(code, expected=expected)
            return
        nothing = both(("", ""))
        self.blame(UNEXPECTED, found=self.shown(), expected=expected, hint=hint or nothing)

    def shown(self) -> Text:
        """Return the token reached as a message names it."""
        return both((f"`{self.token.text}`",) * 2)

    def broken(self, start: int) -> Broken:
        """Return what stands for an unreadable part from *start* on, and skip to where reading can go on."""
        self.skip()
        return Broken(start=start, end=max(self.before, start))

    def skip(self, more: Iterable[str] = ()) -> None:
        """Skip to the end of the part: a closing bracket, a comma or a word that begins the next part."""
        depth = 0
        stops = _CLOSERS.union(more)
        while self.token.kind != "end":
            kind = self.token.kind
            if depth == 0 and kind in stops:
                return
            if kind in ("(", "[", "{"):
                depth += 1
            elif kind in (")", "]", "}"):
                depth = max(depth - 1, 0)
            self.advance()

    def deeper(self) -> None:
        """Note that a part begins inside another; stops reading beyond the limit."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            self.too_deep(MAX_NESTING)

    def too_deep(self, limit: int) -> NoReturn:
        """Note that the rule is nested too deeply and stop."""
        self.report(TOO_DEEP, self.token.start, self.token.end, limit=limit)
        raise TooDeep

    # what must be there

    def close(self, kind: str, opening: Token) -> bool:
        """Take the closing bracket *kind* of *opening*, or say what is wrong."""
        if self.take(kind):
            return True
        if self.blamed == self.at:
            self.skip()
            return self.take(kind)
        if self.token.kind in _CLOSERS:
            shown = both((f"`{opening.text}`",) * 2)
            self.report(UNCLOSED, opening.start, opening.end, found=shown, closing=kind)
            self.blamed = self.at
            return False
        self.unexpected(both((f"`{kind}`",) * 2))
        self.skip()
        return self.take(kind)

    def need(self, word: str, form: str, shape: str) -> bool:
        """Take the keyword *word* that belongs to *form*, or say that it is missing."""
        if self.take(word):
            return True
        if self.blamed != self.at:
            self.blamed = self.at
            end = self.token.end if self.token.kind != "end" else self.token.start
            start = self.token.start if self.token.kind != "end" else max(self.before - 1, 0)
            self.report(MISSING_WORD, start, max(end, start), word=word, form=form, shape=shape)
        return False

    # names

    def learn(self, *names: str) -> None:
        """Note names that the rule itself brings in (iterators, parameters, entries)."""
        self.known.update(names)
        for name in names:
            self.own.add(name)

    def spaced_name(self) -> tuple[str, int] | None:
        """Return the longest known name of several words at the token reached, and the index behind it."""
        # entries of contexts are names too: in filters, and where a context stands around
        indexes = (self.scope.spaced, self.own, self.scope.spaced_members, _PROPERTIES)
        found = [index.match(self.tokens, self.at) for index in indexes]
        builtin = _BUILTIN.match(self.tokens, self.at)
        if builtin and (" and " not in builtin[0] or self.tokens[builtin[1]].kind == "("):
            found.append(builtin)
        return max(filter(None, found), key=lambda match: match[1], default=None)

    def spaced_member(self) -> tuple[str, int] | None:
        """Return the longest known entry name of several words at the token reached, and the index behind it."""
        indexes = (self.own, self.scope.spaced_members, _PROPERTIES)
        found = (index.match(self.tokens, self.at) for index in indexes)
        return max(filter(None, found), key=lambda match: match[1], default=None)

    def name_until(self, stops: Callable[[Token], bool]) -> tuple[str, int, int] | None:
        """Read a new name up to a token that *stops* it; ``None`` (and no step) if no name stands here."""
        at = self.at
        if self.token.kind != "word" and self.token.kind not in KEYWORDS:
            return None
        while not stops(self.tokens[at]):
            kind = self.tokens[at].kind
            if kind != "word" and kind not in KEYWORDS and kind not in _NAME_SIGNS:
                return None
            at += 1
        start, end = self.token.start, self.tokens[at - 1].end
        if at == self.at:
            return None
        self.go(at)
        return normal(self.text[start:end]), start, end

    # results

    def finish(self, node: Node) -> Node:
        """Hand the problems over and return *node*."""
        self.problems.extend(self.found)
        return node
