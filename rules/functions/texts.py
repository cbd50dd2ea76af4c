"""The built-in functions on strings (DMN 1.5, clause 10.3.4.3)."""

from __future__ import annotations

from decimal import Decimal

from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.functions.patterns import pattern_of, replacement_of
from fachwerk.rules.values.limits import LONGEST, Exhausted, bounded_list, bounded_text, charge

_SHARE = 64
"""Characters of a text that count as one step where a pattern is matched."""


def substring(text: str, start: Decimal, length: Decimal | None = None) -> object:
    """``substring(string, start position, length)``: counted from 1, or from the end with negative
    positions.
    """
    first = int(start)
    if first == 0 or first < -len(text) or (length is not None and length < 1):
        raise Mistake(
            "positions are counted from 1, or from -1 at the end, and a length is at least 1",
            "Stellen zählen ab 1, oder vom Ende her ab -1, und eine Länge ist mindestens 1",
        )
    begin = first - 1 if first > 0 else len(text) + first
    return text[begin:] if length is None else text[begin : begin + int(length)]


def string_length(text: str) -> object:
    """``string length(string)``, in characters."""
    return Decimal(len(text))


def upper_case(text: str) -> object:
    """``upper case(string)``."""
    return text.upper()


def lower_case(text: str) -> object:
    """``lower case(string)``."""
    return text.lower()


def substring_before(text: str, match: str) -> object:
    """``substring before(string, match)``: empty where *match* does not occur."""
    before, found, _ = text.partition(match) if match else ("", "", "")
    return before if found else ""


def substring_after(text: str, match: str) -> object:
    """``substring after(string, match)``: empty where *match* does not occur."""
    if not match:
        return text
    return text.partition(match)[2]


def contains(text: str, match: str) -> object:
    """``contains(string, match)``."""
    return match in text


def starts_with(text: str, match: str) -> object:
    """``starts with(string, match)``."""
    return text.startswith(match)


def ends_with(text: str, match: str) -> object:
    """``ends with(string, match)``."""
    return text.endswith(match)


def matches(text: str, pattern: str, flags: str | None = None) -> object:
    """``matches(input, pattern, flags)``: whether the pattern of XPath 3.1 matches anywhere."""
    charge(len(text) // _SHARE)
    return pattern_of(pattern, flags or "").matches(text)


def replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> object:
    """``replace(input, pattern, replacement, flags)``."""
    charge(len(text) // _SHARE)
    compiled = pattern_of(pattern, flags or "")
    if compiled.matches(""):
        raise Mistake(f'"{pattern}" matches nothing at all', f'"{pattern}" passt auch auf nichts')
    out, behind, length = [], 0, 0
    for spans in compiled.find_all(text):
        start, end = spans[0]
        filled = replacement_of(replacement, spans, text, literal=compiled.literal)
        out += [text[behind:start], filled]
        behind, length = end, length + len(filled)
        if length > LONGEST:
            raise Exhausted
    if not out:
        replacement_of(replacement, ((0, 0),) * (compiled.groups + 1), "", literal=compiled.literal)
    return bounded_text("".join([*out, text[behind:]]))


def split(text: str, delimiter: str) -> object:
    """``split(string, delimiter)``: the delimiter is a pattern."""
    charge(len(text) // _SHARE)
    compiled = pattern_of(delimiter)
    if compiled.matches(""):
        raise Mistake(f'"{delimiter}" matches nothing at all', f'"{delimiter}" passt auch auf nichts')
    parts: list[object] = []
    behind = 0
    for spans in compiled.find_all(text):
        parts.append(text[behind : spans[0][0]])
        behind = spans[0][1]
    return bounded_list([*parts, text[behind:]])


def string_join(strings: list[str | None], delimiter: str | None = None) -> object:
    """``string join(list, delimiter)``: nulls are left out."""
    found = [text for text in strings if text is not None]
    length = sum(map(len, found)) + len(delimiter or "") * len(found)
    if length > LONGEST:
        raise Exhausted
    return bounded_text((delimiter or "").join(found))
