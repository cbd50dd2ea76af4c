"""Reads the calendar of an app: office hours and closed days."""

from __future__ import annotations

import re
from datetime import date

from fachwerk.problems import Problems
from fachwerk.schemas import codes_deadline as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Node

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_STRETCH = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*(?:([01]?\d|2[0-3]):([0-5]\d)|24:00)")
_DAY = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})")


def read_office_hours(node: Node | None, problems: Problems) -> dict[str, tuple[str, ...]]:
    """Return the office hours by day of the week."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in nodes.pairs(node):
        days = _days(key.text)
        if not days:
            problems.add(codes.OFFICE_DAY.at(key.span, name=key.text))
        stretches: list[str] = []
        for word in nodes.words(value):
            stretch = _stretch(word.text)
            if stretch is None or (stretches and stretch.split("-")[0] < stretches[-1].split("-")[1]):
                problems.add(codes.OFFICE_HOURS.at(word.span, name=word.text))
            else:
                stretches.append(stretch)
        for day in days:
            if day in found:
                problems.add(codes.OFFICE_DAY_TWICE.at(key.span, name=day))
            found[day] = tuple(stretches)
    return {day: found[day] for day in _WEEK if day in found}


def _days(text: str) -> tuple[str, ...]:
    """Return the days that ``mon`` or ``mon-thu`` means."""
    first, _, last = (part.strip() for part in text.lower().partition("-"))
    last = last or first
    if first not in _WEEK or last not in _WEEK or _WEEK.index(first) > _WEEK.index(last):
        return ()
    return _WEEK[_WEEK.index(first) : _WEEK.index(last) + 1]


def _stretch(text: str) -> str | None:
    """Return ``08:00-16:00`` in its one form; ``None`` for what is no stretch of a day."""
    if not _STRETCH.fullmatch(text.strip()):
        return None
    begin, end = (part.strip().zfill(5) for part in text.split("-"))
    return f"{begin}-{end}" if begin < end else None


def read_closed(node: Node | None, problems: Problems) -> tuple[str, ...]:
    """Return the days that are closed, as written."""
    found = []
    for word in nodes.words(node):
        parts = _DAY.fullmatch(word.text.strip())
        try:
            # 2000 was a leap year: 02-29 of every year is a day
            date(int(parts[1] or 2000), int(parts[2]), int(parts[3])) if parts else date.fromisoformat("")
        except ValueError:
            problems.add(codes.CLOSED_DAY.at(word.span, name=word.text))
            continue
        found.append(word.text.strip())
    return tuple(found)
