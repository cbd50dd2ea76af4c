"""Spans of time and sizes of files as people write them: ``10 working days``, ``20 MB``."""

from __future__ import annotations

import re
from decimal import Decimal

from fachwerk.problems import say
from fachwerk.schemas.model import Period
from fachwerk.schemas.wording import both

PERIOD_PATTERN = (
    r"([1-9]\d{0,4})\s*(minute|hour|office hour|working day|day|week)s?"
    r"|([1-9]\d{0,3})\s*(month)s?|([1-9]\d{0,2})\s*(year)s?"
)
"""Never nothing at all, and never so long that the calendar comes to its end."""
SIZE_PATTERN = r"(\d{1,9}(?:\.\d{1,3})?)\s*(B|kB|KB|MB|GB)?"
_PERIOD = re.compile(PERIOD_PATTERN)
_SIZE = re.compile(SIZE_PATTERN)
_BYTES = {None: 1, "B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def period_of(text: str) -> Period | None:
    """Return what ``10 working days`` means; ``None`` if it is no span of time."""
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        return None
    count, unit = (one for one in found.groups() if one is not None)
    return Period(int(count), unit.replace(" ", "_") + "s")  # type: ignore[arg-type]


_UNITS = {
    "minutes": both("minute", "Minute"), "hours": both("hour", "Stunde"), "days": both("day", "Tag"),
    "office_hours": both("office hour", "Dienststunde"), "working_days": both("working day", "Arbeitstag"),
    "weeks": both("week", "Woche"), "months": both("month", "Monat"), "years": both("year", "Jahr"),
}  # fmt: skip
BY_THE_CLOCK = frozenset(("minutes", "hours", "office_hours"))
"""Units of a time limit that ends at a moment; all others end with a day."""


def shown_period(period: Period, language: str, *, dative: bool = False) -> str:
    """Return a span of time as people read it: ``2 weeks``, ``2 Wochen``; *dative* as after a German *binnen*."""
    unit = say(_UNITS[period.unit], language)
    if period.count == 1:
        return f"1 {unit}"
    plural = "s" if language != "de" else "n" if unit.endswith("e") else "en" if dative else "e"
    return f"{period.count} {unit}{plural}"


def shown_unit(unit: str, language: str) -> str:
    """Return the plural of a unit: ``weeks``, ``Wochen``."""
    return shown_period(Period(2, unit), language)[2:]  # type: ignore[arg-type]


def written_period(period: Period) -> str:
    """Return a span of time as the language writes it: ``10 working days``."""
    return f"{period.count} {period.unit.replace('_', ' ')}"


def shown_size(size: int) -> str:
    """Return bytes as people read them: ``20 MB``."""
    for unit in ("GB", "MB", "kB"):
        if size % _BYTES[unit] == 0:
            return f"{size // _BYTES[unit]} {unit}"
    return f"{size} B"


def size_of(text: str) -> int | None:
    """Return the bytes that ``20 MB`` means; ``None`` if it is no size."""
    found = _SIZE.fullmatch(text.strip())
    return int(Decimal(found.group(1)) * _BYTES[found.group(2)]) if found else None
