"""Codes that the world has agreed on: currencies, languages, countries (from the CLDR)."""

from __future__ import annotations

from functools import cache

from babel import Locale
from babel.numbers import get_currency_precision


@cache
def currencies() -> frozenset[str]:
    """ISO 4217 codes."""
    return frozenset(Locale("en").currencies)


@cache
def languages() -> frozenset[str]:
    """ISO 639 codes, with script or country where CLDR has them as a language (``de_AT``)."""
    return frozenset(Locale("en").languages)


@cache
def countries() -> frozenset[str]:
    """ISO 3166 codes of two letters."""
    return frozenset(code for code in Locale("en").territories if len(code) == 2 and code.isalpha())


@cache
def currency_places(currency: str) -> int:
    """How many digits behind the point a currency has."""
    return get_currency_precision(currency)
