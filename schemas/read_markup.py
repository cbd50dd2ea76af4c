"""Reads the text of a document: blocks by lines, pieces within them, rules in braces; every mistake with its place.

Markup is small on purpose: ``#`` headings, paragraphs, ``-`` and ``1.`` lists, ``| a | b |`` tables, ``**bold**``,
``*italic*``, a backslash at the end of a line to end it there. Orders that stand in a line of their own (``{if ...}``,
``{for ... in ...}``, ``{else}``, ``{end}``, ``{page break}``) rule over the lines that follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fachwerk.problems import Code, Fragment, Problem
from fachwerk.schemas import codes_letter as codes
from fachwerk.schemas.letter import Each, Heading, Items, NewPage, Paragraph, Part, Row, Side, Table, When
from fachwerk.schemas.read_places import BREAK, END, Places, order_of
from fachwerk.schemas.read_template import closing
from fachwerk.schemas.wording import both

_HEADING = re.compile(r"(#{1,3})\s+(?=\S)")
_BULLET = re.compile(r"[-*]\s+(?=\S)")
_NUMBER = re.compile(r"\d{1,3}[.)]\s+(?=\S)")
_DIVIDER = re.compile(r"\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?")


@dataclass(frozen=True, slots=True)
class _Line:
    text: Fragment
    kind: str
    """``blank``, ``order``, ``heading``, ``bullet``, ``number``, ``row`` or ``text``."""
    start: int
    end: int
    """Where it stands in the whole text."""


class Markup:
    """Reads one text; *places* reads the rules in it. *plain*: every line stands for itself, orders aside."""

    def __init__(self, places: Places, text: Fragment, *, plain: bool = False) -> None:
        self._places, self._text, self._plain = places, text, plain
        self._lines = [_line(text, start, end, plain) for start, end in _split(text.text)]
        self._at = 0

    def read(self) -> tuple[Part, ...]:
        """Return the blocks of the whole text."""
        found: list[Part] = []
        while self._at < len(self._lines):
            found += self._blocks()
            if self._at < len(self._lines):
                self._say_alone()
        return tuple(found)

    # lines ------------------------------------------------------------------------------------------------------------

    def _now(self) -> _Line | None:
        return self._lines[self._at] if self._at < len(self._lines) else None

    def _order(self) -> str | None:
        line = self._now()
        return order_of(line.text).word if line is not None and line.kind == "order" else None

    def _blocks(self) -> list[Part]:
        """Return blocks up to the end of the text, or an ``{end}`` or ``{else}``."""
        found: list[Part] = []
        while (line := self._now()) is not None and self._order() not in ("end", "else"):
            found += self._block(line)
        return found

    def _block(self, line: _Line) -> list[Part]:
        if line.kind == "blank":
            self._at += 1
            return []
        if line.kind == "order":
            return [self._ruled(self._blocks)]
        if line.kind == "heading":
            self._at += 1
            marks = _HEADING.match(line.text.text)
            assert marks is not None
            rest = line.text.part(marks.end(), len(line.text.text))
            return [Heading(len(marks[1]), self._places.pieces(rest))]
        if line.kind in ("bullet", "number"):
            return [Items(line.kind == "number", tuple(self._alike(line.kind, self._item)))]
        return [self._table()] if line.kind == "row" else [Paragraph(self._places.pieces(self._joined()))]

    def _joined(self) -> Fragment:
        """Return the lines of text that belong together."""
        first = last = self._lines[self._at]
        self._at += 1
        while not self._plain and (line := self._now()) is not None and line.kind == "text":
            last = line
            self._at += 1
        return self._text.part(first.start, last.end)

    # orders -----------------------------------------------------------------------------------------------------------

    def _ruled(self, body: Callable[[], list[Part]]) -> Part:
        """Read an order with what it rules over, as *body* reads it."""
        line = self._lines[self._at]
        self._at += 1
        order = order_of(line.text)
        if order.word == BREAK:
            return NewPage()
        if order.word == "for":
            return self._repeated(line, body)
        condition = self._places.condition(order.rule)
        names = self._places.names
        then = tuple(body())
        otherwise: tuple[Part, ...] = ()
        if self._order() == "else":
            self._at += 1
            otherwise = tuple(body())
        self._close(line)
        return When(condition, then, otherwise, names)

    def _repeated(self, line: _Line, body: Callable[[], list[Part]]) -> Part:
        names = self._places.names
        with self._places.loop(order_of(line.text)) as (loop, source):
            inner = tuple(body())
        self._close(line)
        return Each(loop, source, inner, names)

    def _close(self, opened: _Line) -> None:
        if self._order() == "end":
            self._at += 1
        else:
            self._say(codes.NOT_CLOSED, opened, what=opened.text.text[:40], closing=END)

    def _say_alone(self) -> None:
        line = self._lines[self._at]
        self._say(codes.CLOSED_ALONE, line, what=line.text.text)
        self._at += 1

    # lists and tables -------------------------------------------------------------------------------------------------

    def _alike(self, kind: str, one: Callable[[], Part]) -> Iterator[Part]:
        """Give items or rows that follow each other, and orders among them."""
        while (line := self._now()) is not None and (line.kind == kind or self._rules_over(kind)):
            yield one() if line.kind == kind else self._ruled(lambda: self._inner(kind, one))

    def _inner(self, kind: str, one: Callable[[], Part]) -> list[Part]:
        found = list(self._alike(kind, one))
        line = self._now()
        if line is not None and self._order() not in ("end", "else"):
            words = both("rows of a table", "den Zeilen einer Tabelle") if kind == "row" else both(
                "items of a list", "den Punkten einer Liste")  # fmt: skip
            self._say(codes.NO_ROW, line, kind=words["en"], kind_de=words["de"])
            while self._now() is not None and self._order() not in ("end", "else"):
                self._at += 1
        return found

    def _rules_over(self, kind: str) -> bool:
        """Whether an order stands here that is about rows (items) and not about what follows the table (list)."""
        if self._order() not in ("if", "for"):
            return False
        at = self._at
        while at < len(self._lines) and self._lines[at].kind == "order":
            at += 1
        return at < len(self._lines) and self._lines[at].kind == kind

    def _item(self) -> Part:
        line = self._lines[self._at]
        sign = (_BULLET if line.kind == "bullet" else _NUMBER).match(line.text.text)
        assert sign is not None
        text = self._joined()
        return Paragraph(self._places.pieces(text.part(sign.end(), len(text.text))))

    def _table(self) -> Part:
        head_line = self._lines[self._at]
        head = self._row()
        line = self._now()
        marks: list[str] = []
        if line is not None and line.kind == "row" and _DIVIDER.fullmatch(line.text.text):
            marks = [part.strip() for part in line.text.text.strip("|").split("|")]
            self._at += 1
        if len(marks) != len(head.cells):
            self._say(codes.BAD_TABLE, line or head_line, count=len(marks), wanted=len(head.cells))
            marks = ["---"] * len(head.cells)
        rows = tuple(self._alike("row", lambda: self._row(len(head.cells))))
        return Table(tuple(mark.count("-") for mark in marks), tuple(map(_side, marks)), head, rows)

    def _row(self, wanted: int | None = None) -> Row:
        line = self._lines[self._at]
        self._at += 1
        cells = tuple(self._places.pieces(cell) for cell in _cells(line.text))
        if wanted is not None and len(cells) != wanted:
            self._say(codes.BAD_TABLE, line, count=len(cells), wanted=wanted)
        return Row(cells)

    def _say(self, code: Code, line: _Line, **values: str | int) -> None:
        self._places.problems.add(Problem(code, line.text.span(), values))


def _split(source: str) -> Iterator[tuple[int, int]]:
    """Give where lines begin and end without the blanks around them; a place in braces keeps its lines together."""
    start = 0
    while start <= len(source):
        end = _line_end(source, start)
        line = source[start:end]
        left = start + len(line) - len(line.lstrip())
        yield left, max(left, start + len(line.rstrip()))
        start = end + 1


def _line_end(source: str, start: int) -> int:
    at = start
    while at < len(source) and source[at] != "\n":
        end = closing(source, at) if source[at] == "{" and source[at : at + 2] != "{{" else None
        at = at + 2 if source[at : at + 2] == "{{" else end + 1 if end is not None else at + 1
    return at


def _line(whole: Fragment, start: int, end: int, plain: bool) -> _Line:
    text = whole.part(start, end)
    return _Line(text, _kind(text, plain), start, end)


def _kind(text: Fragment, plain: bool) -> str:
    if not text.text:
        return "blank"
    if order_of(text).word != "value":
        return "order"
    if plain:
        return "text"
    for kind, sign in (("heading", _HEADING), ("bullet", _BULLET), ("number", _NUMBER)):
        if sign.match(text.text):
            return kind
    return "row" if text.text.startswith("|") and len(text.text) > 1 else "text"


def _cells(line: Fragment) -> Iterator[Fragment]:
    """Give the cells of a row; a bar within braces, or behind a backslash, is part of its cell."""
    said, start, at = line.text, 1, 1
    while at < len(said):
        end = closing(said, at) if said[at] == "{" and said[at : at + 2] != "{{" else None
        if said[at] == "|":
            yield _trimmed(line, start, at)
            start = at + 1
        at = end + 1 if end is not None else at + (2 if said[at] == "\\" else 1)
    if said[start:].strip():
        yield _trimmed(line, start, len(said))


def _trimmed(line: Fragment, start: int, end: int) -> Fragment:
    inner = line.text[start:end]
    left = len(inner) - len(inner.lstrip())
    return line.part(start + left, max(start + left, start + len(inner.rstrip())))


def _side(mark: str) -> Side:
    if mark.endswith(":"):
        return "center" if mark.startswith(":") else "right"
    return "left"
