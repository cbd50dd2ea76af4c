"""Word files filled: the places in the text of a template replaced by what stands there; the rest stays as it is.

A value takes on the look of the sign that its place begins with. Repeated paragraphs and rows are copies. Whatever a
value holds, it is text: markup is made of elements only.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping, Sequence
from typing import Any

from fachwerk.engine.letters.archive import packed
from fachwerk.schemas.letter import Mark
from fachwerk.schemas.word_file import W, characters, open_word_file, paragraphs, ruled
from lxml import etree

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_HERE = "fachwerk-paragraph"
_opened = functools.lru_cache(maxsize=4)(open_word_file)
"""Opening means looking through all parts; an office uses few files."""


def filled(template: bytes, marks: Sequence[Mark], content: Mapping[str, Any]) -> bytes:
    """Return the Word file *template* with the answers of *content* at its places."""
    file = _opened(template)
    trees = file.trees()
    for number, paragraph in enumerate(paragraphs(file, trees)):
        paragraph.set(_HERE, str(number))
    filling = _Filling(marks)
    for name in file.texts:
        filling.fill(trees[name], 0, len(marks), content["answers"])
        for paragraph in trees[name].iter(f"{W}p"):
            paragraph.attrib.pop(_HERE, "")
    parts = dict(file.parts)
    for name, tree in trees.items():
        parts[name] = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
    return packed(parts)


class _Filling:
    def __init__(self, marks: Sequence[Mark]) -> None:
        self._marks = marks
        self._by_paragraph: dict[int, list[int]] = {}
        for number, mark in enumerate(marks):
            self._by_paragraph.setdefault(mark.paragraph, []).append(number)

    def fill(self, root: etree._Element, start: int, end: int, answers: Mapping[str, Any]) -> None:
        """Fill the marks from *start* to before *end* below *root*."""
        at = start
        while at < end:
            mark = self._marks[at]
            if mark.alone and mark.what in ("if", "for"):
                last = self._end(at)
                self._ruled(root, at, last, answers)
                at = last + 1
            else:
                following = next((n for n in range(at, end) if self._marks[n].paragraph != mark.paragraph), end)
                paragraph = _paragraph(root, mark.paragraph)
                if paragraph is not None:
                    self._line(paragraph, range(at, following), answers)
                at = following

    def _end(self, start: int) -> int:
        depth = 0
        for at in range(start, len(self._marks)):
            depth += {"if": 1, "for": 1, "end": -1}.get(self._marks[at].what, 0)
            if depth == 0:
                return at
        return len(self._marks) - 1

    # paragraphs and rows ----------------------------------------------------------------------------------------------

    def _ruled(self, root: etree._Element, start: int, end: int, answers: Mapping[str, Any]) -> None:
        opening = _paragraph(root, self._marks[start].paragraph)
        ending = _paragraph(root, self._marks[end].paragraph)
        found = ruled(opening, ending) if opening is not None and ending is not None else None
        if found is None or opening is None:
            return
        elements, _ = found
        if self._marks[start].what == "for":
            self._repeat(elements, start, end, answers[str(start)])
            return
        otherwise = self._else(start, end)
        middle = _paragraph(root, self._marks[otherwise].paragraph) if otherwise < end else None
        last = len(elements) - 1
        cut = next((n for n, one in enumerate(elements) if middle is not None and _holds(one, middle)), last)
        first, second = elements[1:cut], elements[cut + 1 : -1]
        holds = answers[str(start)] is True
        for one in {id(one): one for one in (elements[0], elements[cut], elements[-1])}.values():
            _remove(one)
        for one in second if holds else first:
            _remove(one)
        self.fill(root, *((start + 1, otherwise) if holds else (otherwise + 1, end)), answers)

    def _else(self, start: int, end: int) -> int:
        depth = 0
        for at in range(start, end):
            what = self._marks[at].what
            if what == "else" and depth == 1:
                return at
            depth += {"if": 1, "for": 1, "end": -1}.get(what, 0)
        return end

    def _repeat(self, elements: list[etree._Element], start: int, end: int, items: Sequence[Mapping[str, Any]]) -> None:
        inner, last = elements[1:-1], elements[-1]
        for answers in items:
            box = etree.Element("box")
            box.extend(copy.deepcopy(one) for one in inner)
            self.fill(box, start + 1, end, answers)
            for one in list(box):
                last.addprevious(one)
        for one in elements:
            _remove(one)

    # the text of a paragraph ------------------------------------------------------------------------------------------

    def _line(self, paragraph: etree._Element, numbers: range, answers: Mapping[str, Any]) -> None:
        signs = characters(paragraph)
        text = "".join(sign for sign, _ in signs)
        found: dict[etree._Element, list[str]] = {part: [] for _, part in signs if part is not None}
        at = 0
        for start, end, value in self._pieces(numbers, answers, text):
            for sign, part in signs[at:start]:
                if part is not None:
                    found[part].append(sign)
            place = next((part for _, part in signs[start:end] if part is not None), None)
            if place is not None:
                found[place].append(value)
            at = end
        for sign, part in signs[at:]:
            if part is not None:
                found[part].append(sign)
        for part, texts in found.items():
            _write(part, "".join(texts))

    def _pieces(self, numbers: range, answers: Mapping[str, Any], text: str) -> list[tuple[int, int, str]]:
        """Return what is replaced in a paragraph, from left to right: (from, to, by what)."""
        found: list[tuple[int, int, str]] = []
        at = numbers.start
        while at < numbers.stop:
            mark = self._marks[at]
            if mark.what == "value":
                found.append((mark.start, mark.end, str(answers[str(at)])))
            elif mark.what == "for":
                end = self._end(at)
                found.append((mark.start, self._marks[end].end, self._repeated(at, end, answers[str(at)], text)))
                at = end
            elif mark.what == "if":
                found += self._decided(at, answers, text)
                at = self._end(at)
            at += 1
        return found

    def _decided(self, start: int, answers: Mapping[str, Any], text: str) -> list[tuple[int, int, str]]:
        """Return what is replaced where a condition stands: what does not hold goes."""
        marks, end = self._marks, self._end(start)
        otherwise = self._else(start, end)
        if answers[str(start)] is True:
            inner = self._pieces(range(start + 1, otherwise), answers, text)
            return [(marks[start].start, marks[start].end, ""), *inner, (marks[otherwise].start, marks[end].end, "")]
        if otherwise == end:
            return [(marks[start].start, marks[end].end, "")]
        inner = self._pieces(range(otherwise + 1, end), answers, text)
        return [
            (marks[start].start, marks[otherwise].end, ""), *inner, (marks[end].start, marks[end].end, "")
        ]  # fmt: skip

    def _repeated(self, start: int, end: int, items: Sequence[Mapping[str, Any]], text: str) -> str:
        """Return a part of a line as often as there are *items*."""
        first, last = self._marks[start].end, self._marks[end].start
        found: list[str] = []
        for answers in items:
            at = first
            for begin, stop, value in self._pieces(range(start + 1, end), answers, text):
                found += [text[at:begin], value]
                at = stop
            found.append(text[at:last])
        return "".join(found)


def _paragraph(root: etree._Element, number: int) -> etree._Element | None:
    return next((one for one in root.iter(f"{W}p") if one.get(_HERE) == str(number)), None)


def _holds(element: etree._Element, paragraph: etree._Element) -> bool:
    return element is paragraph or any(one is paragraph for one in element.iter(f"{W}p"))


def _remove(element: etree._Element) -> None:
    """Take an element out; a cell keeps a paragraph, and a table without rows goes, too."""
    parent = element.getparent()
    if parent is None:
        return
    parent.remove(element)
    if parent.tag == f"{W}tc" and parent.find(f"{W}p") is None:
        etree.SubElement(parent, f"{W}p")
    if parent.tag == f"{W}tbl" and parent.find(f"{W}tr") is None:
        _remove(parent)


def _write(part: etree._Element, text: str) -> None:
    """Put *text* into a text element; the ends of its lines become breaks behind it."""
    first, *more = text.split("\n")
    part.text = first
    part.set(_SPACE, "preserve")
    at = part
    for line in more:
        for tag, inner in (("br", None), ("t", line)):
            following = etree.Element(f"{W}{tag}")
            following.text = inner
            if inner is not None:
                following.set(_SPACE, "preserve")
            at.addnext(following)
            at = following
