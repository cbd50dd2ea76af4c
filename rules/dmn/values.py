"""Values as XML writes them (test files, ``decide`` from the shell) -> values of the rule language."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from fachwerk.rules.values.lexical import read_date, read_duration, read_moment, read_time


def from_xsd(kind: str, text: str) -> object:
    """Return the value that *text* means as the XML Schema type *kind*, such as ``decimal`` or ``dateTime``.

    A text that is not of that type raises ``ValueError``: tests and callers must not take it for null.
    """
    if kind == "string":
        return text
    text = text.strip()
    if kind == "boolean":
        if text not in ("true", "false", "1", "0"):
            raise ValueError(text)
        return text in ("true", "1")
    if kind == "decimal":
        return _number(text)
    reader = {"date": read_date, "time": read_time, "dateTime": read_moment, "duration": read_duration}.get(kind)
    value = reader(text) if reader else None
    if value is None:
        raise ValueError(f"{kind} {text}")
    return value


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite():
        raise ValueError(text)
    return number
