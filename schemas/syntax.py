"""Explains in words why a text is no YAML: from what the reader said and what stands there, what the author did."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fachwerk.problems import Problem, Source, Span
from fachwerk.schemas import codes_yaml as codes


@dataclass(frozen=True, slots=True)
class Facts:
    """What the YAML reader said: its words, where it stopped, where the thing began that it was reading."""

    problem: str
    context: str
    at: int
    begun: int


def explain(source: Source, start: int, facts: Facts) -> Problem:
    """Return the problem that says what the author did, as far as that can be told; *start*: of the document."""
    place = _Place(source, start, facts)
    if "scanning a tag" in facts.context:
        return place.tag()
    if "expected ':'" in facts.problem:
        return codes.NO_COLON.at(place.whole_line(facts.begun))
    if "quoted scalar" in facts.context:
        return place.quoted()
    if "flow" in facts.context:
        return place.braces()
    if "cannot start any token" in facts.problem:
        return place.sign()
    if "block scalar" in facts.context or "alias" in facts.context or "anchor" in facts.context:
        return place.first_sign(facts.begun)
    if facts.problem.startswith("mapping values"):
        return place.second_colon()
    if "not allowed in this context" in facts.problem or "node content" in facts.problem:
        return place.first_sign(facts.at)
    return place.level()


class _Place:
    """Where reading stopped, and the line around it."""

    def __init__(self, source: Source, start: int, facts: Facts) -> None:
        self.source, self.start, self.facts = source, start, facts
        self.text = source.text
        self.at = min(facts.at, len(self.text))
        self.line_start = self.text.rfind("\n", 0, self.at) + 1
        self.line = re.compile(r"[^\r\n]*").match(self.text, self.line_start).group()  # type: ignore[union-attr]

    def span(self, start: int | None = None, length: int = 1) -> Span:
        """A span in the file; of one character at the place where reading stopped unless told otherwise."""
        first = self.at if start is None else start
        return Span(self.source, first, first + length)

    def whole_line(self, start: int | None = None) -> Span:
        """The line of *start* (or of the place) without its indentation and line end."""
        at = self.line_start if start is None else self.text.rfind("\n", 0, start) + 1
        line = re.compile(r"[ \t]*([^\r\n]*)").match(self.text, at)
        assert line is not None
        return self.span(line.start(1), max(len(line.group(1).rstrip()), 1))

    def plain(self) -> Problem:
        return codes.SYNTAX.at(self.span(), detail=self.facts.problem)

    def tag(self) -> Problem:
        found = re.compile(r"[^\s,}\]]*").match(self.text, self.facts.begun)
        tag = found.group() if found else "!"
        return codes.TAG.at(self.span(self.facts.begun, max(len(tag), 1)), tag=tag)

    # in quotes

    def quoted(self) -> Problem:
        if "escape" in self.facts.problem or "escape" in self.facts.context or "hexdecimal" in self.facts.problem:
            first = self.text.rfind("\\", 0, self.at + 1)
            return codes.ESCAPE.at(self.span(first, 2), sign=self.text[first : first + 2])
        return codes.QUOTE_OPEN.at(self.span(self.facts.begun))

    # in braces

    def braces(self) -> Problem:
        sign = self.text[self.at : self.at + 1]
        before = self.text[self.facts.begun : self.at].rstrip()[-1:]
        begun = min(self.facts.begun, len(self.text) - 1)
        while begun > self.start and self.text[begun] not in "[{":
            begun -= 1
        opened = self.text[begun]
        later = "\n" in self.text[begun : self.at]
        fresh = later and (sign == ":" or self._begins_line())
        if not sign or fresh or "document" in self.facts.problem:
            return codes.FLOW_OPEN.at(self.span(begun), sign=opened, close="}" if opened == "{" else "]")
        if sign in "[{(\"'":
            return codes.FLOW_QUOTE.at(self.span(), sign=f"`{sign}`")
        if before in ("]", '"', "'", "}"):
            return codes.FLOW_QUOTE.at(self.span(), sign=f"`{before}`")
        if sign == ":":
            return codes.FLOW_QUOTE.at(self.span(), sign="`: `")
        if sign in "]}":
            return codes.FLOW_OPEN.at(self.span(begun), sign=opened, close="}" if opened == "{" else "]")
        return codes.SIGN.at(self.span(), sign=sign) if sign in "@`%>|&*?!" else self.plain()

    def _begins_line(self) -> bool:
        return not self.text[self.line_start : self.at].strip()

    # signs

    def sign(self) -> Problem:
        sign = self.text[self.at : self.at + 1]
        if sign == "\t" or "\t" in self.line[: self.at - self.line_start]:
            width = len(self.line) - len(self.line.lstrip())
            return codes.TAB.at(self.span(self.line_start, max(width, 1)))
        return codes.SIGN.at(self.span(), sign=sign)

    def first_sign(self, at: int) -> Problem:
        sign = self.text[at : at + 1]
        if sign == "-" and self.text[at + 1 : at + 2] == " ":
            return codes.LIST_MIXED.at(self.span(at))
        return codes.SIGN.at(self.span(at), sign=sign) if sign.strip() else self.plain()

    # keys and levels

    def second_colon(self) -> Problem:
        """``mapping values are not allowed``: two keys on a line, a key without its colon, or a strange indentation."""
        before = self.text[self.line_start : self.at]
        if "\t" in before[: len(before) - len(before.lstrip())]:
            return codes.TAB.at(self.span(self.line_start, len(before) - len(before.lstrip())))
        colon = max(before.rfind(": "), before.rfind(":\t"))
        if colon >= 0:
            first = self.line_start + colon + 1
            first += len(self.text[first : self.at]) - len(self.text[first : self.at].lstrip(" \t"))
            return codes.COLON.at(self.span(first, max(len(self.line) - (first - self.line_start), 1)))
        previous = self.text[self.start : self.line_start].rstrip().rsplit("\n", 1)[-1]
        if (
            previous.strip()
            and ": " not in previous
            and not previous.endswith(":")
            and not previous.lstrip().startswith(("-", "#"))
        ):
            at = self.text.rfind(previous, 0, self.line_start)
            return codes.NO_COLON.at(self.whole_line(at))
        return codes.INDENT.at(self.whole_line())

    def level(self) -> Problem:
        """``did not find expected key``: after a quote, a mixture of list and keys, or a strange indentation."""
        before = self.text[self.line_start : self.at].rstrip()
        if before[-1:] in ("'", '"', "]", "}"):
            return codes.QUOTE_THEN.at(self.span(), sign=before[-1])
        sign = self.text[self.at : self.at + 2]
        if sign in ("- ", "-\n") or "'-' indicator" in self.facts.problem:
            return codes.LIST_MIXED.at(self.whole_line())
        if "\t" in self.line[: len(self.line) - len(self.line.lstrip())]:
            return self.sign()
        if not before:
            return codes.INDENT.at(self.whole_line())
        return self.plain()


_SEEMS = re.compile(
    r"^(app|roles|entity|relation|workflow|decision|message|automation|demo):[ \t]*([A-Za-z_]\w*)?", re.MULTILINE
)


def seems(text: str) -> frozenset[tuple[str, str]]:
    """Return the words and names that a text declares, judging by its lines that look like it."""
    return frozenset((found.group(1), found.group(2) or "") for found in _SEEMS.finditer(text))
