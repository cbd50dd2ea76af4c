"""Constants as people write them: numbers, dates, times and durations in English and German."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from fachwerk.rules.check import Checked
from fachwerk.rules.tree import Node
from fachwerk.rules.values.days import Months
from fachwerk.rules.values.text import write

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
_GERMAN = str.maketrans(",.", ".,")
_UNITS = {
    "en": "year/years month/months day/days hour/hours minute/minutes second/seconds",
    "de": "Jahr/Jahre Monat/Monate Tag/Tage Stunde/Stunden Minute/Minuten Sekunde/Sekunden",
}


def told_value(value: object, language: str) -> str:
    """Return a constant in the words of *language* (``de``, else English)."""
    language = "de" if language == "de" else "en"
    if value is None:
        return {"en": "nothing", "de": "nichts"}[language]
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "de": ("nein", "ja")}[language][value]
    if isinstance(value, Decimal):
        return told_number(value, language)
    if isinstance(value, str):
        return f"“{value}”" if language == "en" else f"„{value}“"
    if isinstance(value, datetime):
        return f"{_day(value.date(), language)}, {_clock(value.time(), language)}{_zone(value)}"
    if isinstance(value, date):
        return _day(value, language)
    if isinstance(value, time):
        return _clock(value, language) + _zone(value)
    if isinstance(value, timedelta):
        return _span(value, language)
    if isinstance(value, Months):
        return _months(value, language)
    return write(value) or "…"


def told_number(value: Decimal, language: str) -> str:
    """Return a number without exponent where it is short, with a decimal comma in German."""
    if not -15 < value.adjusted() < 25:
        text = str(value)
    else:
        text = f"{value:,f}" if abs(value) >= 10_000 else f"{value:f}"
    return text.translate(_GERMAN) if language == "de" else text


def _day(day: date, language: str) -> str:
    month = _MONTHS[language].split()[day.month - 1]
    return f"{day.day}{'.' if language == 'de' else ''} {month} {day.year}"


def _clock(clock: time, language: str) -> str:
    text = f"{clock:%H:%M:%S}" if clock.second else f"{clock:%H:%M}"
    return f"{text} Uhr" if language == "de" else text


def _zone(moment: datetime | time) -> str:
    zone = write(moment) or ""
    if moment.tzinfo is None:
        return ""
    if "@" in zone:
        return f" ({zone.partition('@')[2]})"
    return " (UTC)" if zone.endswith("Z") else f" ({zone[-6:]})"


def _months(months: Months, language: str) -> str:
    total = months.months
    years, rest = divmod(abs(total), 12)
    return _sign(total) + _units([(0, years), (1, rest)], 1, language)


def _span(span: timedelta, language: str) -> str:
    size = abs(span)
    minutes, seconds = divmod(size.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(2, size.days), (3, hours), (4, minutes), (5, seconds)]
    return _sign(span.total_seconds()) + _units(parts, 2, language)


def _units(parts: list[tuple[int, int]], smallest: int, language: str) -> str:
    names = [pair.split("/") for pair in _UNITS[language].split()]
    told = [f"{count} {names[unit][count != 1]}" for unit, count in parts if count]
    if not told:
        return f"0 {names[smallest][1]}"
    return joined(told, {"en": "and", "de": "und"}[language])


def _sign(value: float) -> str:
    return "−" if value < 0 else ""


def joined(parts: list[str], word: str) -> str:
    """Return ``a, b and c``."""
    return f" {word} ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


_LONGEST = 20_000
"""Characters of a phrase that somebody might still read."""


def bounded(text: str, node: Node, checked: Checked) -> str:
    """Return *text*, or the rule's own where it got too long: a subject told twice on every level would explode."""
    if len(text) <= _LONGEST:
        return text
    written = checked.fragment.text[node.start : node.end]
    return written if 0 < len(written) <= _LONGEST else "…"
