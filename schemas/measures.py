"""Spans of time and sizes of files as people write them: ``10 working days``, ``20 MB``."""

from __future__ import annotations

import re
from decimal import Decimal

from fachwerk.schemas.model import Period

PERIOD_PATTERN = r"(\d{1,5})\s*(minute|hour|working day|day|week|month|year)s?"
SIZE_PATTERN = r"(\d{1,9}(?:\.\d{1,3})?)\s*(B|kB|KB|MB|GB)?"
_PERIOD = re.compile(PERIOD_PATTERN)
_SIZE = re.compile(SIZE_PATTERN)
_BYTES = {None: 1, "B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def period_of(text: str) -> Period | None:
    """Return what ``10 working days`` means; ``None`` if it is no span of time."""
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        return None
    return Period(int(found.group(1)), found.group(2).replace(" ", "_") + "s")  # type: ignore[arg-type]


def size_of(text: str) -> int | None:
    """Return the bytes that ``20 MB`` means; ``None`` if it is no size."""
    found = _SIZE.fullmatch(text.strip())
    return int(Decimal(found.group(1)) * _BYTES[found.group(2)]) if found else None
