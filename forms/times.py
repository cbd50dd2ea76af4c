"""Words and columns of the page of times: lengths as people say them, days put together to weeks or months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from fachwerk.forms.model_frame import Link
from fachwerk.forms.model_times import Column
from fachwerk.forms.texts import Words
from fachwerk.schemas.kinds.times import show_date

MOST_WEEKS = 60
"""What is longer than this is shown by months."""
PERIODS = ("weeks", "quarter", "year", "all")
DAYS = {"weeks": 28, "quarter": 91, "year": 365}
Count = tuple[dt.date, int, int, int]
"""A day: cases begun, cases ended, steps taken."""


def length_text(length: dt.timedelta | None, language: str) -> str:
    """Return a length of time as people say it: ``40 min``, ``7 h``, ``3,4 Tage`` in German."""
    if length is None:
        return ""
    seconds = length.total_seconds()
    if seconds < 60:
        return "< 1\u00a0min"
    if seconds < 3600:
        return f"{seconds / 60:.0f}\u00a0min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f}\u00a0h"
    days = seconds / 86400
    text = f"{days:.1f}" if days < 10 else f"{days:.0f}"
    return f"{text.replace('.', ',')}\u00a0Tage" if language == "de" else f"{text}\u00a0days"


def range_text(low: dt.timedelta, high: dt.timedelta, words: Words) -> str:
    """Return the middle half of lengths; the unit stands once where it is the same."""
    ends = [length_text(one, words.language).split("\u00a0") for one in (low, high)]
    if ends[0][-1] == ends[1][-1] and "<" not in ends[0][0]:
        return f"{ends[0][0]}\u2013{length_text(high, words.language)}"
    return words.say("times_range", low=length_text(low, words.language), high=length_text(high, words.language))


def share_text(part: int, whole: int, language: str) -> str:
    """Return a share in per cent; nothing of nothing."""
    if not whole:
        return ""
    return f"{100 * part / whole:.0f}" + ("\u00a0%" if language == "de" else "%")


def period_links(path: str, chosen: str, words: Words) -> tuple[tuple[Link, bool], ...]:
    """Return the usual periods, and which one is shown."""
    labels = (words.times_weeks, words.times_quarter, words.times_year, words.times_all)
    return tuple(
        (Link(label, f"{path}?period={name}"), name == chosen) for name, label in zip(PERIODS, labels, strict=True)
    )


def columns_of(
    counts: Sequence[Count], begin: dt.date, end: dt.date, today: dt.date, words: Words
) -> tuple[tuple[Column, ...], bool]:  # fmt: skip
    """Return the counts of days by weeks, or by months where that would be too many; those without anything, too."""
    if not counts:
        return (), False
    first, last = max(begin, counts[0][0]), min(end, max(today, counts[-1][0]))
    first = begin if (last - begin).days <= 400 else first
    by_month = (last - first).days > MOST_WEEKS * 7
    starts = list(_months(first, last) if by_month else _weeks(first, last))
    found = {start: [0, 0, 0] for start in starts}
    for day, *numbers in counts:
        start = max((one for one in starts if one <= day), default=starts[0])
        found[start] = [a + b for a, b in zip(found[start], numbers, strict=True)]
    label = _month if by_month else show_date
    return tuple(Column(label(start, words.language), *numbers) for start, numbers in found.items()), by_month


def flow_words(columns: Iterable[Column], words: Words) -> str:
    """Return the columns in words."""
    all_of = list(columns)
    begun, ended, steps = (sum(getattr(one, name) for one in all_of) for name in ("begun", "ended", "steps"))
    most = max((max(one.begun, one.ended) for one in all_of), default=0)
    numbers = {"begun": begun, "done": ended, "steps": steps, "most": most}
    return words.say("times_flow_words", **{name: words.count(number) for name, number in numbers.items()})


def _weeks(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    day = first - dt.timedelta(days=first.weekday())
    while day <= last:
        yield day
        day += dt.timedelta(days=7)


def _months(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    day = first.replace(day=1)
    while day <= last:
        yield day
        day = (day + dt.timedelta(days=32)).replace(day=1)


def _month(day: dt.date, language: str) -> str:
    return f"{day:%m.%Y}" if language == "de" else f"{day:%Y-%m}"
