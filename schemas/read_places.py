"""Reads a line of a document: words, bold and italic, and what stands in braces: rules, conditions, repetitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from fachwerk.problems import Fragment, Problems
from fachwerk.rules.scope import Scope
from fachwerk.rules.tree import Call, Filter, Name, Node, Path
from fachwerk.rules.types import BOOLEAN, STRING, ListType, RecordType, Typed
from fachwerk.schemas import codes_entity, codes_letter
from fachwerk.schemas.letter import Each, Loop, Part, Place, When, Words
from fachwerk.schemas.model import Rule
from fachwerk.schemas.read_template import closing
from fachwerk.schemas.read_world import World

BREAK, END = "page break", "{end}"
_FOR = re.compile(r"for\s+([a-z][a-z0-9_]*)\s+in\s+(?=\S)")
_IF = re.compile(r"if\s+(?=\S)")
_THEN, _RETURN = re.compile(r"\bthen\b"), re.compile(r"\breturn\b")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_KEPT = ("sort", "reverse", "distinct values", "sublist")
"""Functions whose result holds records of the list that they are given first."""


@dataclass(frozen=True, slots=True)
class Order:
    """What stands in braces: ``value``, ``if``, ``for``, ``else``, ``end`` or ``page break``, with its rule."""

    word: str
    rule: Fragment
    name: str = ""


def order_of(text: Fragment) -> Order:
    """Return what *text*, with its braces, orders; anything but a whole pair of braces is a value."""
    said = text.text
    if not said.startswith("{") or said.startswith("{{") or closing(said, 0) != len(said) - 1:
        return Order("value", text)
    return inner_order(text.part(1, len(said) - 1))


def inner_order(text: Fragment) -> Order:
    """Return what stands between two braces; ``if ... then`` and ``for ... return`` are rules."""
    start, end = len(text.text) - len(text.text.lstrip()), len(text.text.rstrip())
    inner = text.part(start, max(start, end))
    said, bare = inner.text, _QUOTED.sub('""', inner.text)
    if said in ("else", "end", BREAK):
        return Order(said, inner)
    if (found := _IF.match(said)) and not _THEN.search(bare):
        return Order("if", inner.part(found.end(), len(said)))
    if (found := _FOR.match(said)) and not _RETURN.search(bare):
        return Order("for", inner.part(found.end(), len(said)), found[1])
    return Order("value", inner)


@dataclass(slots=True)
class Places:
    """Reads rules of one document; knows the variables of the loops around."""

    world: World
    scope: Scope
    entity: str
    paged: bool = False
    """Whether ``{page}`` and ``{pages}`` are numbers of pages."""
    names: tuple[Loop, ...] = ()
    rules: list[tuple[Rule, tuple[Loop, ...]]] = field(default_factory=list)
    """All rules read, with the loops around each."""

    @property
    def problems(self) -> Problems:
        """Where mistakes are noted."""
        return self.world.problems

    def rule(self, text: Fragment, expect: Typed | None = None) -> Rule:
        """Read a rule."""
        made = self.world.fragment_rule(text, self.scope, expect)
        self.rules.append((made, self.names))
        return made

    def condition(self, text: Fragment) -> Rule:
        """Read a condition."""
        return self.rule(text, Typed(BOOLEAN))

    @contextmanager
    def loop(self, order: Order) -> Iterator[tuple[Loop, Rule]]:
        """Read the list of a ``for``; within the block its variable is a name."""
        source = self.rule(order.rule)
        type_ = source.checked.typed.type
        record = type_.element.type if isinstance(type_, ListType) else None
        path = path_of(source.checked.node)
        if (not isinstance(record, RecordType) or path is None) and source.checked.ok:
            self.problems.add(codes_letter.NO_LIST.at(order.rule.span(), path=order.rule.text))
        typed = Typed(record, nullable=False) if isinstance(record, RecordType) else Typed(STRING)
        made = Loop(order.name, self._absolute(path or ()), record.name if isinstance(record, RecordType) else "")
        before = self.scope, self.names
        strict = self.scope.strict and isinstance(record, RecordType)
        self.scope = replace(self.scope, names={**self.scope.names, order.name: typed}, strict=strict)
        self.names = (*self.names, made)
        try:
            yield made, source
        finally:
            self.scope, self.names = before

    def _absolute(self, path: tuple[str, ...]) -> tuple[str, ...]:
        return absolute(path, self.names)

    # pieces of a line -------------------------------------------------------------------------------------------------

    def pieces(self, text: Fragment) -> tuple[Part, ...]:
        """Return the words, values and conditions of a line or paragraph."""
        line = _Line(self, text)
        found = line.until(())
        for mark, at in line.open.items():
            self.problems.add(codes_letter.NOT_CLOSED.at(text.span(at, at + len(mark)), what=mark, closing=mark))
        return tuple(found)


class _Line:
    """A paragraph being read from left to right."""

    def __init__(self, places: Places, text: Fragment) -> None:
        self._places, self._text, self._source, self._at = places, text, text.text, 0
        self.open: dict[str, int] = {}
        """``**`` and ``*`` that are not closed yet, and where they stand."""
        self._ended = ""
        """The order that ended what was read last."""

    def until(self, ends: tuple[str, ...]) -> list[Part]:
        """Return what stands up to one of the orders *ends*, or the end of the text."""
        found: list[Part] = []
        words = ""
        while self._at < len(self._source):
            sign, two = self._source[self._at], self._source[self._at : self._at + 2]
            plain = self._plain(sign, two)
            if plain is not None:
                words += plain
                continue
            found += [self._words(words)] if words else []
            words = ""
            if sign == "{":
                order = self._order()
                if order is None:
                    continue
                if order.word in ends:
                    self._ended = order.word
                    return found
                found += self._placed(order)
            elif sign == "\\":
                found.append(Words("", part="break"))
                self._at += 2
            else:
                self._toggle("**" if two == "**" else "*")
        self._ended = ""
        return [*found, self._words(words)] if words else found

    def _plain(self, sign: str, two: str) -> str | None:
        """Return what stands here if it is literal, and step over it."""
        if two in ("{{", "}}"):
            self._at += 2
            return two[0]
        if sign == "\\" and two[1:] and two[1] in "\\*|#-{}":
            self._at += 2
            return two[1]
        if sign == "{" or two == "\\\n" or (sign == "*" and self._is_mark(two)):
            return None
        self._at += 1
        return " " if sign == "\n" else sign

    def _is_mark(self, two: str) -> bool:
        """Whether a star begins or ends something: one with blanks on both sides is a star."""
        mark = "**" if two == "**" else "*"
        before = self._source[self._at - 1 : self._at] if self._at else " "
        after = self._source[self._at + len(mark) : self._at + len(mark) + 1] or " "
        return not before.isspace() if mark in self.open else not after.isspace()

    def _toggle(self, mark: str) -> None:
        if self.open.pop(mark, None) is None:
            self.open[mark] = self._at
        self._at += len(mark)

    def _words(self, text: str) -> Words:
        return Words(text, "**" in self.open, "*" in self.open)

    def _order(self) -> Order | None:
        start, end = self._at, closing(self._source, self._at)
        problems = self._places.problems
        if end is None:
            problems.add(codes_entity.OPEN_BRACE.at(self._text.span(start, start + 1)))
            self._at = len(self._source)
            return None
        self._at = end + 1
        order = inner_order(self._text.part(start + 1, end))
        if not order.rule.text:
            problems.add(codes_entity.EMPTY_PLACE.at(self._text.span(start, end + 1)))
            return None
        return order

    def _placed(self, order: Order) -> list[Part]:
        places, bold, italic = self._places, "**" in self.open, "*" in self.open
        if order.word in ("else", "end", BREAK):
            at = order.rule.span()
            places.problems.add(codes_letter.CLOSED_ALONE.at(at, what=f"{{{order.word}}}"))
            return []
        if order.word == "if":
            return [self._when(order)]
        if order.word == "for":
            names = places.names
            with places.loop(order) as (loop, source):
                inner = self._body(order, ("end",))
            return [Each(loop, source, inner, names)]
        if places.paged and order.rule.text in ("page", "pages"):
            return [Words("", bold, italic, "page" if order.rule.text == "page" else "pages")]
        return [Place(places.rule(order.rule), bold, italic, places.names)]

    def _when(self, order: Order) -> Part:
        condition, names = self._places.condition(order.rule), self._places.names
        then = self._body(order, ("else", "end"))
        other: tuple[Part, ...] = ()
        if self._ended == "else":
            other = self._body(order, ("end",))
        return When(condition, then, other, names)

    def _body(self, order: Order, ends: tuple[str, ...]) -> tuple[Part, ...]:
        found = tuple(self.until(ends))
        if not self._ended:
            said = f"{{{order.word} ...}}"
            self._places.problems.add(codes_letter.NOT_CLOSED.at(order.rule.span(), what=said, closing=END))
        return found


def path_of(node: Node) -> tuple[str, ...] | None:
    """Return the path of names that a list comes from: filters, and functions that only arrange, keep it."""
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Path):
        before = path_of(node.of)
        return (*before, node.name) if before is not None else None
    if isinstance(node, Filter):
        return path_of(node.of)
    if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in _KEPT:
        return path_of(node.arguments[0]) if node.arguments else None
    return None


def absolute(path: tuple[str, ...], names: tuple[Loop, ...]) -> tuple[str, ...]:
    """Return *path* from the record on: the variable of a loop is replaced by the path of its list."""
    for loop in reversed(names):
        if path and path[0] == loop.name:
            return (*loop.path, *path[1:])
    return path
