"""Kinds made of time: date (a day, no zone), time, datetime (an instant, UTC inside) and duration."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from fachwerk.schemas.kinds.value import Handler, Place, expected
from fachwerk.schemas.model import Field

_ISO_DURATION = re.compile(r"(-)?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,6})?)S)?)?")
_WORDS = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(wochen?|weeks?|w|tagen?|days?|d|t|stunden?|hours?|h|std\.?|minuten?|minutes?|min\.?|m|sekunden?|seconds?|s)",
    re.IGNORECASE,
)
_SECONDS = {"w": 604_800, "d": 86_400, "t": 86_400, "h": 3_600, "m": 60, "s": 1}
LONGEST = dt.timedelta(days=366 * 200)


def time_handler(field: Field, place: Place) -> Handler:
    """Return the handler of a field of one of this module's kinds."""
    return _MAKERS[field.kind](place)


def parse_date(text: str) -> dt.date:
    """Read a day as ``2026-03-01``, ``1.3.2026`` or ``01/03/2026`` (day first)."""
    bare = text.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", bare):
            return dt.date.fromisoformat(bare)
        match = re.fullmatch(r"(\d{1,2})([./])\s?(\d{1,2})\2\s?(\d{4})", bare)
        if match:
            return dt.date(int(match[4]), int(match[3]), int(match[1]))
    except ValueError as bad:
        raise _no_date() from bad
    raise _no_date()


def _no_date() -> Exception:
    return expected(
        "A day of the calendar is expected, such as 2026-03-31.",
        "Hier wird ein Tag des Kalenders erwartet, zum Beispiel 31.03.2026.",
    )


def _date(_place: Place) -> Handler:
    def from_json(value: object) -> object:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise _no_date()
        return parse_date(value)

    def accept(value: object) -> object:
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise _no_date()
        return value

    return Handler(
        parse_json=from_json,
        parse_text=lambda text, _language: parse_date(text) if text.strip() else None,
        accept=accept,
        to_json=lambda value: value.isoformat(),  # type: ignore[attr-defined]
        show=show_date,
        input_text=lambda value, _language: value.isoformat(),  # type: ignore[attr-defined]
    )


def show_date(value: object, language: str) -> str:
    """Show a day: ``31.03.2026`` in German, ``31 Mar 2026`` in English."""
    if not isinstance(value, dt.date):
        return str(value)
    if language == "de":
        return f"{value.day:02}.{value.month:02}.{value.year}"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _time(_place: Place) -> Handler:
    bad = ("A time is expected, such as 14:30.", "Hier wird eine Uhrzeit erwartet, zum Beispiel 14:30.")

    def parse(text: object) -> dt.time:
        match = (
            re.fullmatch(r"(\d{1,2})[:.](\d{2})(?::(\d{2}))?(?:\s*(?:Uhr|h))?", text.strip())
            if isinstance(text, str)
            else None
        )
        try:
            if match:
                return dt.time(int(match[1]), int(match[2]), int(match[3] or 0))
        except ValueError as wrong:
            raise expected(*bad) from wrong
        raise expected(*bad)

    def accept(value: object) -> object:
        if not isinstance(value, dt.time) or value.tzinfo is not None:
            raise expected(*bad)
        return value.replace(microsecond=0)

    def shown(value: object, _language: str) -> str:
        if not isinstance(value, dt.time):
            return str(value)
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")

    return Handler(
        parse_json=parse,
        parse_text=lambda text, _language: parse(text) if text.strip() else None,
        accept=accept,
        to_json=lambda value: value.isoformat(),  # type: ignore[attr-defined]
        show=shown,
        input_text=shown,
    )


def _datetime(place: Place) -> Handler:
    bad = (
        "A date and time is expected, such as 2026-03-31 14:30.",
        "Hier werden Datum und Uhrzeit erwartet, zum Beispiel 31.03.2026 14:30.",
    )

    def accept(value: object) -> object:
        if not isinstance(value, dt.datetime) or value.tzinfo is None:
            raise expected(*bad)
        return value.astimezone(dt.UTC)

    return Handler(
        parse_json=lambda value: _instant(value, place.timezone, bad),
        parse_text=lambda text, _language: _instant(text, place.timezone, bad) if text.strip() else None,
        accept=accept,
        to_json=lambda value: value.isoformat().replace("+00:00", "Z"),  # type: ignore[attr-defined]
        show=instant_shower(place.timezone),
        input_text=lambda value, _language: value.astimezone(place.timezone).strftime("%Y-%m-%dT%H:%M"),  # type: ignore[attr-defined]
    )


def instant_shower(zone: ZoneInfo) -> Callable[[object, str], str]:
    """Return the function that shows an instant in *zone*: ``31.03.2026, 14:30``."""

    def show(value: object, language: str) -> str:
        if not isinstance(value, dt.datetime):
            return str(value)
        local = value.astimezone(zone)
        return f"{show_date(local.date(), language)}, {local.hour:02}:{local.minute:02}"

    return show


def _instant(value: object, zone: ZoneInfo, bad: tuple[str, str]) -> dt.datetime:
    if not isinstance(value, str):
        raise expected(*bad)
    text = value.strip()
    german = re.fullmatch(r"(\d{1,2}\.\d{1,2}\.\d{4}),?\s+(\d{1,2}:\d{2}(?::\d{2})?)(?:\s*Uhr)?", text)
    try:
        if german:
            moment = dt.datetime.combine(parse_date(german[1]), dt.time.fromisoformat(german[2].zfill(5)))
        else:
            moment = dt.datetime.fromisoformat(text)
        local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return local.astimezone(dt.UTC)
    except (ValueError, OverflowError) as wrong:
        raise expected(*bad) from wrong


def _duration(_place: Place) -> Handler:
    bad = (
        "A duration is expected, such as 3 days or 1 h 30 min.",
        "Hier wird eine Dauer erwartet, zum Beispiel 3 Tage oder 1 Std. 30 Min.",
    )

    def parse(value: object) -> dt.timedelta:
        found = parse_duration(value) if isinstance(value, str) else None
        if found is None:
            raise expected(*bad)
        return found

    def accept(value: object) -> object:
        if not isinstance(value, dt.timedelta) or abs(value) > LONGEST:
            raise expected(*bad)
        return value

    return Handler(
        parse_json=parse,
        parse_text=lambda text, _language: parse(text) if text.strip() else None,
        accept=accept,
        to_json=write_duration,
        show=show_duration,
        input_text=show_duration,
    )


def parse_duration(text: str) -> dt.timedelta | None:
    """Read ``P3DT4H`` or ``3 days 4 h`` / ``3 Tage 4 Std.``; ``None`` if it is neither."""
    bare = text.strip()
    match = _ISO_DURATION.fullmatch(bare.upper())
    if match and len(bare) > 1 and not bare.upper().endswith("T") and len(bare) < 40 and any(match.groups()[1:]):
        weeks, days, hours, minutes = (int(match[n] or 0) for n in (2, 3, 4, 5))
        if max(weeks, days, hours, minutes) > 10_000_000:
            return None
        length = dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=float(match[6] or 0))
        return -length if match[1] else length
    pieces = _WORDS.findall(bare)
    if not pieces or len(bare) > 80 or _WORDS.sub("", bare).strip(" ,+") not in ("", "und", "and"):
        return None
    if any(len(count) > 12 for count, _ in pieces):
        return None
    return dt.timedelta(
        seconds=sum(
            float(count.replace(",", ".")) * _SECONDS[unit[0].lower() if unit[:3].lower() != "std" else "h"]
            for count, unit in pieces
        )
    )


def write_duration(value: object) -> str:
    """Write a duration as FEEL and ISO 8601 do: ``P3DT4H``."""
    assert isinstance(value, dt.timedelta)
    rest = abs(value)
    hours, seconds = divmod(rest.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    fraction = f".{rest.microseconds:06}".rstrip("0") if rest.microseconds else ""
    clock = (
        (f"{hours}H" if hours else "")
        + (f"{minutes}M" if minutes else "")
        + (f"{seconds}{fraction}S" if seconds or fraction else "")
    )
    body = (f"{rest.days}D" if rest.days else "") + ("T" + clock if clock else "")
    return ("-" if value < dt.timedelta(0) else "") + "P" + (body or "T0S")


def show_duration(value: object, language: str) -> str:
    """Show a duration in words: ``3 Tage 4 Std.``, ``3 days 4 h``."""
    if not isinstance(value, dt.timedelta):
        return str(value)
    rest = abs(value)
    hours, seconds = divmod(rest.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    words = ("Tag", "Tage", "Std.", "Min.", "Sek.") if language == "de" else ("day", "days", "h", "min", "s")
    parts = [f"{rest.days} {words[0] if rest.days == 1 else words[1]}"] if rest.days else []
    parts += [f"{count} {word}" for count, word in zip((hours, minutes, seconds), words[2:], strict=True) if count]
    return ("−" if value < dt.timedelta(0) else "") + (" ".join(parts) or f"0 {words[3]}")


_MAKERS: dict[str, Callable[[Place], Handler]] = {
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "duration": _duration,
}
