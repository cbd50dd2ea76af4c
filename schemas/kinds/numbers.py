"""Kinds made of a number: integer, decimal, percent, money and rating. All values are exact (int or Decimal)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_symbol
from fachwerk.schemas.kinds.value import Handler, Place, expected, same
from fachwerk.schemas.model import Field

LARGEST = 10**15
"""Numbers stay below this, so that a scaled integer of the database always holds them (2**63 with three places)."""

_PLAIN = re.compile(r"[+-]?(\d+([.,]\d+)?|[.,]\d+)")


def places_of(field: Field) -> int:
    """Return how many decimal places the field keeps: integers 0, others as declared, else 2."""
    if field.kind in ("integer", "rating"):
        return 0
    return 2 if field.places is None else field.places


def number_handler(field: Field, place: Place) -> Handler:
    """Return the handler of a field of one of this module's kinds."""
    places = places_of(field)
    accept = _acceptor(places, LARGEST if places <= 3 else 10 ** (18 - places))
    show = number_shower(field, place)

    def parse_json(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | Decimal | float | str):
            raise _not_a_number()
        return _decimal(str(value))

    return Handler(
        parse_json=parse_json,
        parse_text=parse_number,
        accept=accept,
        to_json=int if places == 0 else same,  # type: ignore[arg-type]
        show=show,
        input_text=lambda value, language: _typed(value, language, bare=field.kind == "percent"),
    )


def number_shower(field: Field, place: Place) -> Callable[[object, str], str]:
    """Return the function that shows a number of *field* with separators, places, unit or currency."""
    places = places_of(field)
    picture = f",.{places}f"
    before, after = "", ""
    if field.kind == "percent":
        picture, after = ",f", " %"
    elif field.kind == "money":
        after = "\u00a0" + get_currency_symbol(field.currency or place.currency, locale="de")
    elif field.unit:
        after = "\u00a0" + field.unit
    plain = field.kind == "integer" and not field.unit  # a year is no quantity
    if field.kind == "rating":
        return lambda value, _language: "★" * int(value) if isinstance(value, int | Decimal) else str(value)
    english_money = get_currency_symbol(field.currency or place.currency, locale="en") if field.kind == "money" else ""
    shortened, numbers = picture == ",f", (int, Decimal)

    def show(value: object, language: str) -> str:
        number: int | Decimal = value if isinstance(value, numbers) else Decimal(str(value))
        if shortened:
            number = Decimal(number).normalize() if number else Decimal(0)
        text = str(number) if plain and -10_000 < int(number) < 10_000 else format(number, picture)
        if language == "de":
            return before + text.translate(_GERMAN) + after
        if english_money:
            return text.replace("-", "-" + english_money) if text.startswith("-") else english_money + text
        return before + text + after

    return show


_GERMAN = str.maketrans(",.", ".,")


def parse_number(text: str, language: str) -> object:
    """Read a number as typed in *language* (``1.234,5`` in German, ``1,234.5`` in English); blank is ``None``."""
    bare = re.sub(r"[\s\u00a0\u202f'’]|%|€|EUR", "", text)
    if not bare:
        return None
    thousands, point = (".", ",") if language == "de" else (",", ".")
    if re.fullmatch(rf"[+-]?\d{{1,3}}(\{thousands}\d{{3}})+(\{point}\d+)?", bare):
        bare = bare.replace(thousands, "")
    if not _PLAIN.fullmatch(bare) and not re.fullmatch(r"[+-]?\d+(\.\d+)?[eE][+-]?\d{1,2}", bare):
        raise _not_a_number()
    if language != "de" and "," in bare:
        raise _not_a_number()
    return _decimal(bare.replace(",", "."))


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text) if len(text) <= 60 else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise _not_a_number()
    return number


def _not_a_number() -> Exception:
    return expected("A number is expected, such as 1234.5.", "Hier wird eine Zahl erwartet, zum Beispiel 1234,5.")


def _acceptor(places: int, largest: int) -> Callable[[object], object]:
    def accept(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise _not_a_number()
        number = Decimal(value)
        if not number.is_finite() or abs(number) >= largest:
            raise expected("The number is too large.", "Die Zahl ist zu groß.")
        if number.as_tuple().exponent < -places and number != round(number, places):  # type: ignore[operator]
            if places == 0:
                raise expected("A whole number is expected.", "Hier wird eine ganze Zahl erwartet.")
            raise expected(f"At most {places} decimal places.", f"Höchstens {places} Nachkommastellen.")
        return int(number) if places == 0 else number.quantize(Decimal(1).scaleb(-places))

    return accept


def _typed(value: object, language: str, *, bare: bool) -> str:
    if bare and isinstance(value, Decimal):  # percentages are kept with four places and shown with as many as there are
        value = value.normalize()
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return text.replace(".", ",") if language == "de" else text
