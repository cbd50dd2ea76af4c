"""Reading the regular expressions of XPath 3.1 (those of XML Schema with anchors, groups and reluctant
quantifiers).

A pattern becomes a small tree with its character classes worked out to sets, so that class subtraction,
blocks and the flag ``i`` have no meaning left for the matcher to get wrong. Matching is done by
``patterns.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from fachwerk.rules.functions.characters import (
    DOT,
    EVERY,
    NAME,
    NAME_START,
    SPACE,
    Ranges,
    block,
    both_cases,
    category,
    complement,
    difference,
    union,
    word,
)
from fachwerk.rules.functions.mistakes import Mistake

MOST_REPEATS = 1000


@dataclass(frozen=True, slots=True)
class OneOf:
    """One character out of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Anchor:
    """``^`` or ``$``; *lines* where the flag ``m`` lets it hold at every line."""

    at: Literal["start", "end"]
    lines: bool


@dataclass(frozen=True, slots=True)
class Same:
    """A back-reference to what group *number* has matched."""

    number: int
    fold: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A group, capturing if it has a *number*."""

    body: Piece
    number: int | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """*body* again and again; *most* ``None`` means without limit."""

    body: Piece
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after another."""

    parts: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The first that fits."""

    branches: tuple[Piece, ...]


Piece = OneOf | Anchor | Same | Group | Repeat | Sequence | Choice


def no_pattern(pattern: str) -> Mistake:
    """Return the mistake that *pattern* is no regular expression."""
    return Mistake(f'"{pattern}" is not a regular expression', f'"{pattern}" ist kein regulärer Ausdruck')


def without_spaces(pattern: str) -> str:
    """Apply the flag ``x``: take white space out, except inside character classes."""
    out, depth, index = [], 0, 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\" and depth and index + 1 < len(pattern):
            out.append(pattern[index : index + 2])
            index += 2
            continue
        if char == "\\":
            rest = pattern[index + 1 :].lstrip(" \t\r\n")
            out.append(char + rest[:1])
            index = len(pattern) - len(rest) + 1 if rest else len(pattern)
            continue
        depth += {"[": 1, "]": -1}.get(char, 0)
        if depth or char not in " \t\r\n":
            out.append(char)
        index += 1
    return "".join(out)


class Reader:
    """Reads one pattern; raises :class:`Mistake` where it is none."""

    def __init__(self, pattern: str, flags: frozenset[str]) -> None:
        self.pattern = pattern
        self.text = without_spaces(pattern) if "x" in flags else pattern
        self.flags = flags
        self.at = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.depth = 0

    def read(self) -> Piece:
        """Return the whole pattern as a tree."""
        piece = self._choice()
        if self.at < len(self.text):
            raise no_pattern(self.pattern)
        return piece

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self) -> str:
        if self.at >= len(self.text):
            raise no_pattern(self.pattern)
        self.at += 1
        return self.text[self.at - 1]

    def _accept(self, text: str) -> bool:
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def _choice(self) -> Piece:
        branches = [self._sequence()]
        while self._accept("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _sequence(self) -> Piece:
        parts: list[Piece] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._quantified(self._atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _quantified(self, atom: Piece) -> Piece:
        bounds = self._bounds()
        if bounds is None:
            return atom
        if isinstance(atom, Anchor):
            raise no_pattern(self.pattern)
        return Repeat(atom, bounds[0], bounds[1], greedy=not self._accept("?"))

    def _bounds(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        sign = self._peek()
        if sign in simple and sign:
            self.at += 1
            return simple[sign]
        if not self._accept("{"):
            return None
        inside, brace, _ = self.text[self.at :].partition("}")
        low, comma, high = inside.partition(",")
        if not brace or not _digits(low) or (high and not _digits(high)):
            raise no_pattern(self.pattern)
        self.at += len(inside) + 1
        least, most = int(low), (int(high) if high else None) if comma else int(low)
        if least > MOST_REPEATS or (most is not None and not least <= most <= MOST_REPEATS):
            raise no_pattern(self.pattern)
        return least, most

    def _atom(self) -> Piece:
        char = self._take()
        if char == "(":
            return self._group()
        if char == "[":
            return OneOf(self._class())
        if char == ".":
            return OneOf(EVERY if "s" in self.flags else DOT)
        if char in "^$":
            return Anchor("start" if char == "^" else "end", "m" in self.flags)
        if char == "\\":
            return self._escape()
        if char in "*+?{}])":
            raise no_pattern(self.pattern)
        return OneOf(self._letter(char))

    def _group(self) -> Piece:
        self.depth += 1
        if self.depth > 100:
            raise no_pattern(self.pattern)
        number = None
        if not self._accept("?:"):
            self.groups += 1
            number = self.groups
        body = self._choice()
        if not self._accept(")"):
            raise no_pattern(self.pattern)
        self.depth -= 1
        if number is not None:
            self.closed.add(number)
        return Group(body, number)

    def _letter(self, char: str) -> Ranges:
        single = ((ord(char), ord(char)),)
        return both_cases(single) if "i" in self.flags else single

    def _escape(self) -> Piece:
        if self._peek() in tuple("123456789"):
            return self._reference()
        return OneOf(self._escaped())

    def _reference(self) -> Piece:
        """Take as many digits as name a group that is complete by now."""
        number = int(self._take())
        while (
            self._peek().isdigit()
            and self._peek().isascii()
            and number * 10 + int(self._peek()) <= self.groups
        ):
            number = number * 10 + int(self._take())
        if number not in self.closed:
            raise no_pattern(self.pattern)
        return Same(number, "i" in self.flags)

    def _escaped(self) -> Ranges:
        char = self._take()
        if char in "nrt":
            code = ord({"n": "\n", "r": "\r", "t": "\t"}[char])
            return ((code, code),)
        if char in "\\|.?*+(){}-[]^$":
            return ((ord(char), ord(char)),)
        if char.lower() in ("s", "d", "w", "i", "c") and char.isascii():
            ranges = _CLASSES[char.lower()]()
        elif char in "pP":
            ranges = self._property()
        else:
            raise no_pattern(self.pattern)
        return complement(ranges) if char.isupper() else ranges

    def _property(self) -> Ranges:
        name, brace, _ = self.text[self.at + 1 :].partition("}")
        found = block(name[2:]) if name.startswith("Is") else category(name)
        if self._peek() != "{" or not brace or found is None:
            raise no_pattern(self.pattern)
        self.at += len(name) + 2
        return found

    def _class(self) -> Ranges:
        self.depth += 1
        if self.depth > 100:
            raise no_pattern(self.pattern)
        negated = self._accept("^")
        parts: list[Ranges] = []
        less: Ranges = ()
        while not (parts and self._peek() == "]"):
            if parts and self._accept("-["):
                less = self._class()
                if self._peek() != "]":
                    raise no_pattern(self.pattern)
                break
            parts.append(self._class_part())
        self.at += 1
        self.depth -= 1
        ranges = union(parts)
        return difference(complement(ranges) if negated else ranges, less)

    def _class_part(self) -> Ranges:
        low, single = self._class_char()
        follows = self.text[self.at : self.at + 2]
        if not single or len(follows) < 2 or follows[0] != "-" or follows[1] in "[]":
            return low
        self.at += 1
        high, single = self._class_char(closing=True)
        if not single or high[0][0] < low[0][0]:
            raise no_pattern(self.pattern)
        ranges = ((low[0][0], high[0][0]),)
        return both_cases(ranges) if "i" in self.flags else ranges

    def _class_char(self, *, closing: bool = False) -> tuple[Ranges, bool]:
        """Return the next character of a class, and whether it is a single one (which can begin a range)."""
        char = self._take()
        if char == "\\":
            kind = self._peek()
            ranges = self._escaped()
            return ranges, kind not in tuple("sSdDwWiIcCpP")
        if char in "[]":
            raise no_pattern(self.pattern)
        single = ((ord(char), ord(char)),)
        follows = self.text[self.at : self.at + 2]
        begins = len(follows) == 2 and follows[0] == "-" and follows[1] not in "[]"
        if "i" in self.flags and not begins and not closing:
            return both_cases(single), False
        return single, True


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


_CLASSES: Mapping[str, Callable[[], Ranges]] = {
    "s": lambda: SPACE,
    "d": lambda: category("Nd") or (),
    "w": word,
    "i": lambda: NAME_START,
    "c": lambda: NAME,
}
