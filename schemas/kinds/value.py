"""What every field kind offers: a handler that reads, accepts, writes and shows the values of one field.

A handler is made once per field, at load (:func:`fachwerk.schemas.kinds.handlers.handler`), so that a request calls
plain functions and decides nothing about kinds. ``parse_*`` turn outside text into the kind's value; ``accept``
normalises and judges such a value and is called for every value that is written, wherever it comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from fachwerk.problems import Text, say


class Invalid(Exception):
    """A value that a field cannot take; *text* says in the languages of the product what is expected."""

    def __init__(self, text: Text, stands: object = None) -> None:
        super().__init__(say(text))
        self.text = text
        self.stands = stands
        """What was sent, where it may stay if the record has it: an option that there was once."""


@dataclass(frozen=True, slots=True)
class Place:
    """What showing and reading depends on beside the field: the zone of the app (instants are UTC inside)."""

    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    currency: str = "EUR"
    country: str = "DE"


@dataclass(frozen=True, slots=True)
class Handler:
    """The functions of one field. ``None`` (null) never reaches them; an empty text is read as ``None``."""

    parse_json: Callable[[object], object]
    """From what JSON holds (str, int, Decimal, bool, list, dict) to a value; raises :class:`Invalid`."""
    parse_text: Callable[[str, str], object]
    """From a submitted or imported text in a language to a value or ``None``; raises :class:`Invalid`."""
    accept: Callable[[object], object]
    """From a value to the normalised value; raises :class:`Invalid` for what the field cannot hold."""
    to_json: Callable[[object], object]
    """From a value to what JSON can hold (Decimal stays Decimal: the writer keeps its digits)."""
    show: Callable[[object, str], str]
    """From a value to the text that people read, in a language."""
    input_text: Callable[[object, str], str]
    """From a value to the text that a form control of the kind holds, in a language."""


def expected(en: str, de: str) -> Invalid:
    """Return the refusal that says what was expected."""
    return Invalid({"en": en, "de": de})


def same(value: object) -> object:
    """Return *value*."""
    return value


def text_of(value: object) -> str:
    """Return a JSON string as it is; refuse anything else, NUL and lone surrogates."""
    if not isinstance(value, str):
        raise expected("A text is expected.", "Hier wird ein Text erwartet.")
    return storable(value)


def storable(text: str) -> str:
    """Return *text* unless it holds what no database keeps (NUL, lone surrogates)."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise expected(
            "The text contains a character that cannot be stored.",
            "Der Text enthält ein Zeichen, das nicht gespeichert werden kann.",
        )
    return text
