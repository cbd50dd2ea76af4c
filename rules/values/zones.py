"""Time zones: offsets from UTC and zone ids of the tz database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)(?::(\d\d))?", re.ASCII)
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*", re.ASCII)
_MOST = 18 * 3600
SECOND = 1_000_000_000
_CYCLE = 146_097
"""Days in 400 years, after which the calendar, weekdays included, begins anew."""
_SOME_DAY = datetime(2000, 1, 1)


@lru_cache(maxsize=512)
def zone(text: str) -> tzinfo | None:
    """Return the zone that ``Z``, ``+02:00``, ``-01:30:15`` or ``@Europe/Berlin`` names, ``None`` if there is
    none.
    """
    if text in ("Z", "z"):
        return UTC
    if text.startswith("@"):
        return _zone_id(text[1:])
    found = _OFFSET.fullmatch(text)
    if not found:
        return None
    sign, hours, minutes, seconds = found.groups()
    if int(minutes) > 59 or int(seconds or 0) > 59:
        return None
    total = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
    return offset_zone(-total if sign == "-" else total)


def _zone_id(name: str) -> tzinfo | None:
    if not _ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # unknown, a folder, or a name that is no file name
        return None


def offset_zone(seconds: int) -> tzinfo | None:
    """Return the zone *seconds* east of UTC; at most 18 hours either way."""
    if abs(seconds) > _MOST:
        return None
    return UTC if seconds == 0 else timezone(timedelta(seconds=seconds))


def zone_id(zone: tzinfo | None) -> str | None:
    """Return the name of a zone of the tz database, ``None`` for offsets."""
    return zone.key if isinstance(zone, ZoneInfo) else None


def offset_at(zone: tzinfo, ordinal: int, nanoseconds: int) -> int:
    """Return the seconds east of UTC at a local day (1 is 0001-01-01) and time of day."""
    if isinstance(zone, timezone):
        return _seconds(zone.utcoffset(None))
    cycles = (ordinal - 1) // _CYCLE if ordinal < 366 else max(0, (ordinal - 1) // _CYCLE - 7)
    local = datetime.fromordinal(ordinal - cycles * _CYCLE) + timedelta(microseconds=nanoseconds // 1000)
    return _seconds(zone.utcoffset(local))


def offset_of_time(zone: tzinfo) -> int:
    """Return the seconds east of UTC of a time without a day: a zone id counts as it stood on 1 January
    2000.
    """
    return _seconds(zone.utcoffset(_SOME_DAY))


def _seconds(offset: timedelta | None) -> int:
    return 0 if offset is None else offset.days * 86_400 + offset.seconds


def write_zone(zone: tzinfo | None) -> str:
    """Return *zone* as it stands behind a time: ``Z``, ``+02:00``, ``@Europe/Berlin`` or nothing."""
    if zone is None:
        return ""
    name = zone_id(zone)
    if name is not None:
        return "@" + name
    seconds = offset_of_time(zone)
    if seconds == 0:
        return "Z"
    hours, rest = divmod(abs(seconds), 3600)
    tail = f":{rest % 60:02}" if rest % 60 else ""
    return f"{'-' if seconds < 0 else '+'}{hours:02}:{rest // 60:02}{tail}"
