"""Values as text: ``string()`` and what people see in messages (DMN 1.5, clause 10.3.4.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from fachwerk.rules.values.days import Clock, Day, Moment, Months, Span, day_of
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.limits import LONGEST, Exhausted, charge
from fachwerk.rules.values.numbers import write_number
from fachwerk.rules.values.ranges import Function, Range
from fachwerk.rules.values.wide import length_of, nanoseconds_of
from fachwerk.rules.values.zones import SECOND, write_zone

_DEEPEST = 200


def write(value: object) -> str | None:
    """Return what ``string(value)`` gives: a string as it is, everything else as a literal; ``None`` for
    null.
    """
    if value is None or isinstance(value, str):
        return value
    return literal(value)


def literal(value: object, *, inside: bool = False) -> str:
    """Return *value* as the rule language writes it; *inside* a list or context, strings stand in quotes."""
    return _literal(value, inside, 0, {})


def _literal(value: object, inside: bool, depth: int, written: dict[int, str]) -> str:
    """Write a value; what stands in it many times (*written*, by its id) is written once and copied."""
    kind = kind_of(value)
    if kind == "string":
        return quoted(cast(str, value)) if inside else cast(str, value)
    if kind not in _COMPOUND:
        return _simple(value, kind)
    if id(value) not in written:
        written[id(value)] = _compound(value, kind, depth, written)
    return written[id(value)]


_COMPOUND = frozenset({"list", "context", "range"})


def quoted(text: str) -> str:
    """Return *text* as a string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _simple(value: object, kind: str) -> str:
    if kind == "number":
        return write_number(value if isinstance(value, Decimal) else Decimal(cast(int, value)))
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "date":
        return write_date(cast(Day, value))
    if kind == "time":
        return write_time(cast(Clock, value))
    if kind == "date and time":
        return write_moment(cast(Moment, value))
    if kind == "days and time duration":
        return write_span(cast(Span, value))
    if kind == "years and months duration":
        return write_months(cast(Months, value))
    if kind == "function":
        return f"function({', '.join(cast(Function, value).names or ())})"
    return "null" if value is None else str(value)


def _compound(value: object, kind: str, depth: int, written: dict[int, str]) -> str:
    if depth > _DEEPEST:
        raise Exhausted
    if kind == "list":
        return "[" + _joined([(None, item) for item in cast("list[object]", value)], depth, written) + "]"
    if kind == "context":
        return "{" + _joined(list(cast("dict[str, object]", value).items()), depth, written) + "}"
    return write_range(cast(Range, value))


def _joined(items: list[tuple[str | None, object]], depth: int, written: dict[int, str]) -> str:
    charge(len(items))
    parts, length = [], 0
    for key, item in items:
        part = _literal(item, True, depth + 1, written)
        parts.append(part if key is None else f"{_key(key)}: {part}")
        length += len(parts[-1])
        if length > LONGEST:
            raise Exhausted
    return ", ".join(parts)


def _key(key: str) -> str:
    return key if key and all(part.isidentifier() for part in key.split(" ")) else quoted(key)


def write_range(bounds: Range) -> str:
    """Return a range as its literal."""
    low, high = literal(bounds.start, inside=True), literal(bounds.end, inside=True)
    if bounds.outside:
        return f"!={low}"
    if bounds.unary and bounds.start is None:
        return f"{'<=' if bounds.end_included else '<'}{high}"
    if bounds.unary and bounds.end is None:
        return f"{'>=' if bounds.start_included else '>'}{low}"
    if bounds.unary:
        return f"={low}"
    return f"{'[' if bounds.start_included else '('}{low}..{high}{']' if bounds.end_included else ')'}"


def write_date(day: Day) -> str:
    """Return ``2024-02-29``; years have at least four digits."""
    return f"{'-' if day.year < 0 else ''}{abs(day.year):04}-{day.month:02}-{day.day:02}"


def write_time(clock: Clock | Moment) -> str:
    """Return ``12:30:00.5+02:00``; the fraction without trailing zeros."""
    seconds, rest = divmod(nanoseconds_of(clock), SECOND)
    fraction = f".{rest:09}".rstrip("0") if rest else ""
    whole = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{whole}{fraction}{write_zone(clock.tzinfo)}"


def write_moment(moment: Moment) -> str:
    """Return ``2024-02-29T12:30:00Z``."""
    return f"{write_date(day_of(moment))}T{write_time(moment)}"


def write_months(months: Months) -> str:
    """Return ``P1Y2M``; no months at all are ``P0M``."""
    years, rest = divmod(abs(months.months), 12)
    text = (f"{years}Y" if years else "") + (f"{rest}M" if rest else "")
    return f"{'-' if months.months < 0 else ''}P{text or '0M'}"


def write_span(span: Span) -> str:
    """Return ``P1DT2H3M4.5S``; no time at all is ``PT0S``."""
    nanoseconds = length_of(span)
    seconds, rest = divmod(abs(nanoseconds), SECOND)
    days, seconds = divmod(seconds, 86_400)
    fraction = f".{rest:09}".rstrip("0") if rest else ""
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or rest:
        clock += f"{seconds}{fraction}S"
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if nanoseconds < 0 else ''}P{text or 'T0S'}"
