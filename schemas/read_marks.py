"""Reads the places of a Word file; a paragraph is a line of the source that problems show."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from fachwerk.problems import Fragment, Source
from fachwerk.schemas import codes_entity, codes_letter
from fachwerk.schemas.letter import Mark
from fachwerk.schemas.read_places import BREAK, END, Order, Places, inner_order
from fachwerk.schemas.read_template import closing
from fachwerk.schemas.word_file import WordFile, characters, paragraphs, ruled

_UNSEEN = str.maketrans(dict.fromkeys("\n\r\v\f\t\x1c\x1d\x1e\x85\u2028\u2029", " "))
"""What would end a line of the source."""
# Word puts typographic quotes where a rule has straight ones.
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "‘": "'", "’": "'", "\u00a0": " "})


@dataclass(slots=True)
class _Open:
    order: Order
    number: int
    """The paragraph that it stands in."""
    alone: bool
    stack: ExitStack


def read_marks(places: Places, file: WordFile, path: str) -> tuple[Mark, ...]:
    """Return the places of a Word file in its order."""
    return _Marks(places, file, path).read()


class _Marks:
    def __init__(self, places: Places, file: WordFile, path: str) -> None:
        self._places = places
        self._paragraphs = list(paragraphs(file, file.trees()))
        texts = ["".join(sign for sign, _ in characters(one)) for one in self._paragraphs]
        lines = [text.translate(_UNSEEN) for text in texts]
        source = Source(path, "\n".join(lines) + "\n")
        self._lines: list[Fragment] = []
        at = 0
        for line in lines:
            self._lines.append(Fragment(line, source, at))
            at += len(line) + 1
        self._open: list[_Open] = []
        self._found: list[Mark] = []

    def read(self) -> tuple[Mark, ...]:
        for number, line in enumerate(self._lines):
            self._paragraph(number, line)
        while self._open:
            self._say_open(self._open[-1])
        return tuple(self._found)

    def _paragraph(self, number: int, line: Fragment) -> None:
        said, at, depth = line.text, 0, len(self._open)
        while (at := said.find("{", at)) >= 0:
            end = closing(said.translate(_QUOTES), at)
            if end is None:
                self._places.problems.add(codes_entity.OPEN_BRACE.at(line.span(at, at + 1)))
                break
            inner = line.part(at + 1, end)
            straight = Fragment(inner.text.translate(_QUOTES), inner.source, inner.base, inner.offsets)
            alone = said[:at].strip() == "" and said[end + 1 :].strip() == ""
            self._mark(number, (at, end + 1), inner_order(straight), alone)
            at = end + 1
        while len(self._open) > depth and not self._open[-1].alone:
            self._say_open(self._open[-1])

    def _mark(self, number: int, where: tuple[int, int], order: Order, alone: bool) -> None:
        places = self._places
        if not order.rule.text:
            places.problems.add(codes_entity.EMPTY_PLACE.at(order.rule.span(0, 0)))
            return
        names = places.names
        if order.word in ("else", "end"):
            self._end(number, where, order, alone)
        elif order.word == "if":
            self._found.append(Mark(number, *where, "if", places.condition(order.rule), names=names, alone=alone))
            self._open.append(_Open(order, number, alone, ExitStack()))
        elif order.word == "for":
            stack = ExitStack()
            loop, source = stack.enter_context(places.loop(order))
            self._found.append(Mark(number, *where, "for", source, loop, names, alone))
            self._open.append(_Open(order, number, alone, stack))
        elif order.word == BREAK:
            places.problems.add(codes_letter.CLOSED_ALONE.at(order.rule.span(), what="{page break}"))
        else:
            self._found.append(Mark(number, *where, "value", places.rule(order.rule), names=names))

    def _end(self, number: int, where: tuple[int, int], order: Order, alone: bool) -> None:
        opened = self._open[-1] if self._open else None
        wrong = opened is None or opened.alone != alone or (order.word == "else" and opened.order.word != "if")
        if wrong:
            at = order.rule.span()
            self._places.problems.add(codes_letter.CLOSED_ALONE.at(at, what=f"{{{order.word}}}"))
            return
        if alone and opened is not None and ruled(self._paragraphs[opened.number], self._paragraphs[number]) is None:
            self._say_open(opened)
            return
        self._found.append(Mark(number, *where, "end" if order.word == "end" else "else", alone=alone))
        if order.word == "end":
            self._open.pop().stack.close()

    def _say_open(self, opened: _Open) -> None:
        said = f"{{{opened.order.word} ...}}"
        self._places.problems.add(codes_letter.NOT_CLOSED.at(opened.order.rule.span(), what=said, closing=END))
        self._open.pop().stack.close()
