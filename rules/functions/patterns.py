"""Matching the regular expressions of XPath 3.1 in bounded time.

Patterns go to RE2, which needs time in proportion to the text whatever the pattern. What RE2 lacks
(back-references, and ``^`` with the flag ``m`` at the very end of a text) goes to a matcher of our own that
tries alternatives one by one and gives up after a fixed number of steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, cast

import re2
from fachwerk.rules.functions.backtracking import Program, compile_program
from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.functions.pattern_syntax import (
    Anchor,
    Choice,
    Group,
    OneOf,
    Piece,
    Reader,
    Repeat,
    Same,
    Sequence,
    no_pattern,
)

Spans = tuple[tuple[int, int], ...]
"""Where the match and its groups stand; (-1, -1) for a group that took no part."""

_LONGEST_PATTERN = 10_000


class Match(Protocol):
    """What RE2 has found."""

    def span(self, group: int) -> tuple[int, int]:
        """Return where a group stands."""


class Fast(Protocol):
    """A pattern of RE2."""

    def finditer(self, text: str) -> Iterator[Match]:
        """Yield the matches."""

    def search(self, text: str) -> Match | None:
        """Return the first match."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: for RE2 (*fast*), and for our own matcher where RE2 does not do."""

    groups: int
    fast: Fast | None
    program: Program | None
    literal: bool

    def find_all(self, text: str) -> Iterator[Spans]:
        """Yield the matches from left to right, not overlapping."""
        found = self._found(text)
        if found is not None:
            yield from found
        elif self.fast is not None:
            for match in self.fast.finditer(text):
                yield tuple(match.span(number) for number in range(self.groups + 1))

    def matches(self, text: str) -> bool:
        """Whether the pattern matches anywhere in *text*."""
        found = self._found(text)
        if found is not None:
            return next(found, None) is not None
        return self.fast is not None and self.fast.search(text) is not None

    def _found(self, text: str) -> Iterator[Spans] | None:
        """Return what our own matcher finds, where it is needed."""
        if self.program is None or (self.fast is not None and not text.endswith("\n")):
            return None
        return self.program.find_all(text)


@lru_cache(maxsize=128)
def pattern_of(pattern: str, flags: str = "") -> Pattern:
    """Compile *pattern* under *flags* (of ``s m i x q``); raises :class:`Mistake` if it is none."""
    if set(flags) - set("smixq"):
        raise Mistake(f'unknown flag in "{flags}"', f'unbekannter Schalter in "{flags}"')
    if len(pattern) > _LONGEST_PATTERN:
        raise no_pattern(pattern[:40] + "…")
    found = frozenset(flags)
    if "q" in found:
        reader = Reader("", found & {"i"})
        tree: Piece = Sequence(tuple(OneOf(reader._letter(char)) for char in pattern))
    else:
        reader = Reader(pattern, found)
        tree = reader.read()
    return _compiled(pattern, tree, reader.groups, literal="q" in found)


def _compiled(pattern: str, tree: Piece, groups: int, *, literal: bool) -> Pattern:
    ours, careful = _needs_ours(tree)
    fast = None if ours else _fast(pattern, tree)
    program = compile_program(tree, groups, pattern) if ours or careful else None
    return Pattern(groups, fast, program, literal)


def _fast(pattern: str, tree: Piece) -> Fast:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 4 << 20
    try:
        return cast(Fast, re2.compile(_translated(tree), options=options))
    except re2.error:
        raise no_pattern(pattern) from None


def _needs_ours(piece: Piece) -> tuple[bool, bool]:
    """Return whether there is a back-reference, and whether there is a ``^`` that holds at every line."""
    if isinstance(piece, Same):
        return True, False
    if isinstance(piece, Anchor):
        return False, piece.lines and piece.at == "start"
    inner: tuple[Piece, ...] = ()
    if isinstance(piece, Group | Repeat):
        inner = (piece.body,)
    elif isinstance(piece, Sequence):
        inner = piece.parts
    elif isinstance(piece, Choice):
        inner = piece.branches
    found = [_needs_ours(part) for part in inner]
    return any(ours for ours, _ in found), any(careful for _, careful in found)


def _translated(piece: Piece) -> str:
    if isinstance(piece, OneOf):
        ranges = "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in piece.ranges)
        return f"[{ranges}]" if ranges else r"[^\x{0}-\x{10ffff}]"
    if isinstance(piece, Anchor):
        return {
            (False, "start"): r"\A",
            (False, "end"): r"\z",
            (True, "start"): "(?m:^)",
            (True, "end"): "(?m:$)",
        }[piece.lines, piece.at]
    if isinstance(piece, Group):
        return f"({'' if piece.number else '?:'}{_translated(piece.body)})"
    if isinstance(piece, Repeat):
        most = "" if piece.most is None else str(piece.most)
        return f"(?:{_translated(piece.body)}){{{piece.least},{most}}}{'' if piece.greedy else '?'}"
    if isinstance(piece, Sequence):
        return "".join(
            f"(?:{_translated(part)})" if isinstance(part, Choice) else _translated(part)
            for part in piece.parts
        )
    if isinstance(piece, Choice):
        return "|".join(_translated(branch) for branch in piece.branches)
    raise AssertionError(piece)


def replacement_of(template: str, spans: Spans, text: str, *, literal: bool) -> str:
    """Return *template* with ``$0``, ``$1`` ... filled from a match; raises :class:`Mistake` for a wrong
    template.
    """
    if literal:
        return template
    out, index = [], 0
    while index < len(template):
        char = template[index]
        follows = template[index + 1 : index + 2]
        if char == "\\" and follows and follows in "\\$":
            out.append(follows)
            index += 2
        elif char == "$" and follows and follows in "0123456789":
            number, index = _group_number(template, index + 1, len(spans) - 1)
            start, end = spans[number] if number < len(spans) else (-1, -1)
            out.append(text[start:end] if start >= 0 else "")
        elif char in "\\$":
            raise Mistake(f'"{template}" is not a replacement', f'"{template}" ist kein Ersatztext')
        else:
            out.append(char)
            index += 1
    return "".join(out)


def _group_number(template: str, index: int, most: int) -> tuple[int, int]:
    number = int(template[index])
    index += 1
    while (
        index < len(template)
        and template[index] in "0123456789"
        and number * 10 + int(template[index]) <= most
    ):
        number = number * 10 + int(template[index])
        index += 1
    return number, index
