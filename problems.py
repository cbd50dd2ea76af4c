"""Where a text came from, and what is wrong with it: sources, spans and problems.

This is the ground of the house: every folder reports an author's mistakes as :class:`Problem` values, collected and
never raised one by one. A refusal of something a *user* does is :class:`Refused`. A bug stays an ordinary exception.
Rendering for people and machines lives in ``fachwerk.schemas.report``; this module needs the standard library only.
"""

from __future__ import annotations

import difflib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Text = Mapping[str, str]
"""A text for people by language code, such as ``{"en": "Save", "de": "Sichern"}``. English is always there."""

Severity = Literal["error", "warning"]


def _nothing() -> Text:
    return {"en": "", "de": ""}


def say(text: Text | str, language: str = "en", **values: object) -> str:
    """Return *text* in *language* (else English, else any), its ``{name}`` places filled from *values*."""
    if isinstance(text, str):
        chosen = text
    else:
        chosen = text.get(language) or text.get("en") or next(iter(text.values()), "")
    return chosen.format_map(_Localised(values, language)) if values else chosen


class _Localised(dict[str, object]):
    """Values for a message; a value that is itself a text by language is said in the language of the message."""

    def __init__(self, values: Mapping[str, object], language: str) -> None:
        super().__init__(values)
        self.language = language

    def __getitem__(self, key: str) -> object:
        value = super().__getitem__(key)
        return say(value, self.language) if isinstance(value, Mapping) else value

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True, eq=False)
class Source:
    """A text with the name under which its author knows it (a path relative to the project, or ``<rule>``)."""

    name: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column (in characters) of *offset*."""
        line = min(bisect_right(self._starts, offset), max(len(self._starts) - 1, 1))
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of the 1-based line *number* without its line ending; empty beyond the end."""
        if not 1 <= number < len(self._starts):
            return ""
        return self.text[self._starts[number - 1] : self._starts[number]].rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open range of character offsets ``[start, end)`` in a source."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """1-based line of the first character."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """1-based column of the first character, counted in characters."""
        return self.source.position(self.start)[1]

    @property
    def end_position(self) -> tuple[int, int]:
        """1-based line and column just behind the last character."""
        return self.source.position(max(self.end, self.start))

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of text taken out of a source (a rule in a YAML scalar), which still knows where each character stood.

    *offsets* holds the source offset of every character and one more for the end. ``None`` means that the text stands
    in the source unchanged from *base* on.
    """

    text: str
    source: Source
    base: int = 0
    offsets: tuple[int, ...] | None = None

    @classmethod
    def of(cls, text: str, name: str = "<rule>") -> Fragment:
        """Make a fragment of a text that stands alone."""
        return cls(text, Source(name, text))

    def offset(self, index: int) -> int:
        """Return the offset in the source of the character at *index* of the fragment."""
        if self.offsets is None:
            return self.base + index
        return self.offsets[min(index, len(self.offsets) - 1)]

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Return where ``text[start:end]`` stands in the source."""
        last = len(self.text) if end is None else end
        first = self.offset(start)
        return Span(self.source, first, max(self.offset(last - 1) + 1 if last > start else first, first))

    def part(self, start: int, end: int) -> Fragment:
        """Return ``text[start:end]`` as a fragment of its own."""
        if self.offsets is None:
            return Fragment(self.text[start:end], self.source, self.base + start)
        return Fragment(self.text[start:end], self.source, self.base, self.offsets[start : end + 1])


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of mistake: its code, its message and the page that ``fachwerk explain CODE`` shows.

    *message*, *label* (beside the caret) and *remedy* may hold ``{name}`` places, filled from the problem's values.
    *what*, *why*, *wrong* and *right* make the reference page: what is found, why it is bad, an example, it mended.
    """

    code: str
    message: Text
    label: Text = field(default_factory=_nothing)
    remedy: Text = field(default_factory=_nothing)
    severity: Severity = "error"
    what: Text = field(default_factory=_nothing)
    why: Text = field(default_factory=_nothing)
    wrong: str = ""
    right: str = ""

    def at(
        self, span: Span, *, remedy: Text | None = None, related: Iterable[tuple[Span, Text]] = (), **values: object
    ) -> Problem:
        """Return a problem of this kind at *span*; *remedy* replaces the usual one where a better one is known."""
        return Problem(self, span, values, remedy, tuple(related))


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake of an author at one place."""

    kind: Code
    span: Span
    values: Mapping[str, object] = field(default_factory=dict)
    better_remedy: Text | None = None
    related: tuple[tuple[Span, Text], ...] = ()

    @property
    def code(self) -> str:
        """The code, such as ``unknown-option``."""
        return self.kind.code

    @property
    def severity(self) -> Severity:
        """``error`` (nothing is deployed) or ``warning``."""
        return self.kind.severity

    def message(self, language: str = "en") -> str:
        """Return the sentence that says what is wrong."""
        return say(self.kind.message, language, **self.values)

    def label(self, language: str = "en") -> str:
        """Return the few words that stand beside the caret."""
        return say(self.kind.label, language, **self.values)

    def remedy(self, language: str = "en") -> str:
        """Return what to do about it; may be empty."""
        return say(self.better_remedy or self.kind.remedy, language, **self.values)


class Problems:
    """A collector of problems; keeps one per code and place, in the order of the files."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, int, int, str], Problem] = {}

    def add(self, problem: Problem) -> None:
        """Note *problem*, unless the same was said of the same place before."""
        span = problem.span
        key = (problem.code, span.source.name, span.start, span.end, problem.message())
        self._found.setdefault(key, problem)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note all of *problems*."""
        for problem in problems:
            self.add(problem)

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._found.values(), key=lambda p: (p.span.source.name, p.span.start, p.code)))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Those that keep the configuration from being used."""
        return tuple(p for p in self if p.severity == "error")


class Refused(Exception):
    """Something a user asked for cannot be done; says what, why and what would make it possible.

    *code* is stable for programs; *status* is the HTTP status that fits; *fields* holds messages by field name (dotted
    with a row number for rows: ``neighbours.2.name``). Messages are texts by language.
    """

    def __init__(
        self, code: str, message: Text, *, status: int = 422, fields: Mapping[str, Text] | None = None
    ) -> None:
        super().__init__(say(message))
        self.code = code
        self.message = message
        self.status = status
        self.fields: Mapping[str, Text] = dict(fields or {})


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like *name* (misspelt, other case, other separator), or ``None`` if none is like it."""
    if len(name) > 100:
        # nobody misspells so much, and comparing takes the square of the length
        return None
    short = (candidate for candidate in candidates if len(candidate) <= 100)
    by_key = {candidate.lower().replace("-", "_").replace(" ", "_"): candidate for candidate in short}
    found = difflib.get_close_matches(name.lower().replace("-", "_").replace(" ", "_"), by_key, n=1, cutoff=0.6)
    return by_key[found[0]] if found else None
