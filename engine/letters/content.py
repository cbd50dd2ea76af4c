"""What a document says: the declaration compiled once, and filled with a record as plain data.

The data is JSON: it is kept with the effect from the moment of the transition, and files are made of it later; a value
in it is always text and never markup. ``{"text": ..., "bold": true}`` are words, ``{"part": "break"}`` (``page``,
``pages``) is no text; blocks have a ``kind``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fachwerk.engine.compile import App, Asked
from fachwerk.engine.shapes import Needs, Shape, merged, needs_of, paths_of, shape_of
from fachwerk.engine.work.wording import NOTHING, Maker, Shown, Wording, wording
from fachwerk.problems import say
from fachwerk.schemas.check_letters import rules_of
from fachwerk.schemas.letter import (
    Each,
    Heading,
    Items,
    Letter,
    Lines,
    Loop,
    NewPage,
    Paragraph,
    Part,
    Place,
    Row,
    Table,
    When,
    Words,
)
from fachwerk.schemas.model import Rule
from fachwerk.schemas.read_places import absolute

MOST_PARTS = 20_000
MOST_SIGNS = 1_000_000
"""How many pieces and how much text one document may have."""

Content = dict[str, Any]
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


class TooBig(Exception):
    """A document that would be longer than is allowed."""


@dataclass(frozen=True, slots=True)
class CompiledLetter:
    """A document ready to be filled; *shape* and *mine* are what it needs of the record and of whoever acts."""

    letter: Letter
    app: App
    shape: Shape
    mine: Mapping[str, Shape]
    shown: Mapping[int, Shown]
    """By the id of a rule: how its value is read."""
    asked: Mapping[int, Asked]
    title: Wording | None
    name: Asked | None
    """The title of records of its entity."""

    def language(self, record: Mapping[str, Any], context: object) -> str | None:
        """Return the language that the record asks for; ``None`` where that is the reader's."""
        rule = self.letter.language
        if rule is None:
            return None
        languages = self.app.project.languages
        found = self.asked[id(rule)](record, context)
        return str(found) if found in languages else languages[0]

    def fill(self, record: Mapping[str, Any], context: object, language: str) -> Content:
        """Return what the document says about *record*; raises :class:`TooBig`."""
        filling, letter = _Filling(self, context, language), self.letter
        content: Content = {
            "document": letter.name, "language": language, "title": self._title(record, context, language),
            "author": say(self.app.project.label, language), "hashes": dict(letter.hashes),
        }  # fmt: skip
        if letter.file is not None:
            return {**content, "file": letter.file, "answers": filling.answers(record)}
        lines = {
            name: filling.lines(getattr(letter, name), record)
            for name in ("sender", "to", "date", "header", "footer")
        }
        page = {"page": letter.page, "landscape": letter.landscape, "logo": letter.logo}
        return {**content, **page, **lines, "blocks": filling.blocks(letter.text, record)}

    def _title(self, record: Mapping[str, Any], context: object, language: str) -> str:
        if self.title is not None:
            text = self.title.fill(record, context, language)
        else:
            name = self.name(record, context) if self.name is not None else None
            text = " ".join(str(one) for one in (say(self.letter.label, language), name) if one)
        return printable(text).replace("\n", " ").strip()[:120] or self.letter.name


def compile_letter(app: App, letter: Letter) -> CompiledLetter:
    """Return *letter* ready to be filled."""
    shown: dict[int, Shown] = {}
    asked: dict[int, Asked] = {}
    shapes: list[Shape] = []
    mine: list[Needs] = []
    for rule, names in rules_of(letter):
        place = Maker(app, {loop.name: loop.entity for loop in names}).place(letter.of, rule)
        shown[id(rule)], asked[id(rule)] = place, place.asked
        needs = needs_of(rule.checked.reads)
        mine.append(needs)
        shapes.append(_absolute(merged(needs.record, place.shape), names))
    title = wording(app, letter.of, letter.title) if letter.title.parts else None
    name = app.entities[letter.of].title
    shapes += [title.shape] if title else [name.needs.record] if name else []
    own = {entity: merged(*(one.mine.get(entity, {}) for one in mine)) for one in mine for entity in one.mine}
    shape = {key: inner for key, inner in merged(*shapes, {"version": {}}).items() if key != "comment"}
    return CompiledLetter(letter, app, shape, {**own, **(title.mine if title else {})}, shown, asked, title, name)


def _absolute(shape: Shape, names: tuple[Loop, ...]) -> Shape:
    return shape_of(absolute(path, names) for path in paths_of(shape))


@dataclass(slots=True)
class _Filling:
    """One document being filled."""

    made: CompiledLetter
    context: object
    language: str
    left: int = MOST_PARTS
    signs: int = MOST_SIGNS
    found: list[Any] = field(default_factory=list)

    def lines(self, lines: Lines, record: Mapping[str, Any]) -> list[list[Content]]:
        """Return lines of text: those with nothing in them are left out."""
        found: list[list[Content]] = []
        for block in self.blocks(lines, record):
            line: list[Content] = []
            for piece in block.get("text", ()):
                if piece.get("part") == "break":
                    found.append(line)
                    line = []
                else:
                    line.append(piece)
            found.append(line)
        return [line for line in found if any(one.get("part") or one["text"].strip() for one in line)]

    def blocks(self, lines: Lines, record: Mapping[str, Any]) -> list[Content]:
        """Return the blocks of a text in the language."""
        parts = lines.get(self.language) or next(iter(lines.values()), ())
        return [block for part in parts for block in self._block(part, record)]

    def _block(self, part: Part, record: Mapping[str, Any]) -> Iterator[Content]:
        for one, inner in self._ruled(part, record):
            self._count()
            if isinstance(one, NewPage):
                yield {"kind": "break"}
            elif isinstance(one, Heading):
                yield {"kind": "heading", "level": one.level, "text": self._pieces(one.text, inner)}
            elif isinstance(one, Paragraph):
                pieces = self._pieces(one.text, inner)
                if any(piece.get("part") or piece["text"].strip() for piece in pieces):
                    yield {"kind": "paragraph", "text": pieces}
            elif isinstance(one, Items):
                items = [self._pieces(item.text, at) for item, at in self._all(one.items, inner, Paragraph)]
                if items:
                    yield {"kind": "numbers" if one.numbered else "bullets", "items": items}
            elif isinstance(one, Table):
                yield self._table(one, inner)

    def _table(self, table: Table, record: Mapping[str, Any]) -> Content:
        rows = [[self._pieces(cell, at) for cell in row.cells] for row, at in self._all(table.rows, record, Row)]
        head = [self._pieces(cell, record) for cell in table.head.cells]
        return {"kind": "table", "widths": list(table.widths), "sides": list(table.sides), "head": head, "rows": rows}

    def _all(
        self, parts: tuple[Part, ...], record: Mapping[str, Any], kind: type[Any]
    ) -> Iterator[tuple[Any, Mapping[str, Any]]]:
        for part in parts:
            for one, inner in self._ruled(part, record):
                if isinstance(one, kind):
                    self._count()
                    yield one, inner

    def _ruled(self, part: Part, record: Mapping[str, Any]) -> Iterator[tuple[Part, Mapping[str, Any]]]:
        """Give what stands there: conditions decided, repetitions carried out, each part with its record."""
        if isinstance(part, When):
            holds = self.made.asked[id(part.condition)](record, self.context) is True
            for one in part.then if holds else part.otherwise:
                yield from self._ruled(one, record)
        elif isinstance(part, Each):
            for item in self._items(part.source, record):
                for one in part.body:
                    yield from self._ruled(one, {**record, part.loop.name: item})
        else:
            yield part, record

    def _items(self, source: Rule, record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        value = self.made.asked[id(source)](record, self.context)
        for item in value if isinstance(value, list | tuple) else ():
            if isinstance(item, Mapping):
                self._count()
                yield item

    def _pieces(self, parts: tuple[Part, ...], record: Mapping[str, Any]) -> list[Content]:
        found: list[Content] = []
        for part in parts:
            for one, inner in self._ruled(part, record):
                if isinstance(one, Words) and one.part != "text":
                    found.append({"part": one.part, **_style(one)})
                elif isinstance(one, Words):
                    found.append({"text": one.text, **_style(one)})
                elif isinstance(one, Place):
                    found += _broken(self.value(one.rule, inner), _style(one))
        self._count(len(found))
        return found

    def value(self, rule: Rule, record: Mapping[str, Any]) -> str:
        """Return the value of a place as people read it; nothing where there is none."""
        place = self.made.shown[id(rule)]
        value = place.asked(record, self.context)
        text = "" if value is None or value == [] else place.show(value, self.language, self.context)
        text = printable("" if text == NOTHING else text)
        self.signs -= len(text)
        if self.signs < 0:
            raise TooBig
        return text

    def _count(self, many: int = 1) -> None:
        self.left -= many
        if self.left < 0:
            raise TooBig

    # Word files -------------------------------------------------------------------------------------------------------

    def answers(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return what stands at each place of a Word file, by its number: a text, yes or no, or answers for each."""
        marks = self.made.letter.marks
        return self._answers(0, len(marks), record)

    def _answers(self, start: int, end: int, record: Mapping[str, Any]) -> dict[str, Any]:
        marks, found, at = self.made.letter.marks, dict[str, Any](), start
        while at < end:
            mark = marks[at]
            self._count()
            if mark.what == "value" and mark.rule is not None:
                found[str(at)] = self.value(mark.rule, record)
            elif mark.what == "if" and mark.rule is not None:
                found[str(at)] = self.made.asked[id(mark.rule)](record, self.context) is True
            elif mark.what == "for" and mark.rule is not None and mark.loop is not None:
                last = end_of(self.made.letter, at)
                items = self._items(mark.rule, record)
                found[str(at)] = [self._answers(at + 1, last, {**record, mark.loop.name: one}) for one in items]
                at = last
            at += 1
        return found


def end_of(letter: Letter, start: int) -> int:
    """Return the number of the mark that ends what mark *start* begins."""
    depth = 0
    for at in range(start, len(letter.marks)):
        depth += {"if": 1, "for": 1, "end": -1}.get(letter.marks[at].what, 0)
        if depth == 0:
            return at
    return len(letter.marks) - 1


def printable(text: str) -> str:
    """Return *text* without what is no text: control characters, turns of the writing direction."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))


def _style(part: Words | Place) -> Content:
    return {**({"bold": True} if part.bold else {}), **({"italic": True} if part.italic else {})}


def _broken(text: str, style: Content) -> Iterator[Content]:
    """Give the lines of a value with breaks between them."""
    for number, line in enumerate(text.split("\n")):
        if number:
            yield {"part": "break"}
        yield {"text": line, **style}
