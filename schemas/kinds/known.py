"""What the world has agreed on: currencies, languages, countries (from the CLDR), regular expressions (RE2)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import re2
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
    return frozenset(str(code) for code in Locale("en").territories if len(str(code)) == 2 and str(code).isalpha())


@cache
def spoken() -> Mapping[str, str]:
    """Codes of languages, countries and currencies by their English and German names in small letters."""
    found: dict[str, str] = {}
    for tongue in ("de", "en"):
        locale = Locale(tongue)
        for codes in (locale.currencies, locale.territories, locale.languages):
            found |= {str(name).lower(): code for code, name in codes.items() if len(code) <= 3}
    return found


_NEAR = {
    "DE": "BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH",
    "AT": "1 2 3 4 5 6 7 8 9",
    "CH": "AG AI AR BE BL BS FR GE GL GR JU LU NE NW OW SG SH SO SZ TG TI UR VD VS ZG ZH",
}
"""The parts of some countries, so that the library with all of them need not be loaded to check a calendar."""


def country_parts(country: str, part: str | None) -> tuple[str, ...] | None:
    """Return the parts whose holidays are known if *part* is none of them; ``None`` if it is, or nothing is wrong.

    An empty result means that no holidays of the whole country are known.
    """
    if country in _NEAR and (part is None or part in _NEAR[country].split()):
        return None
    # slow to load, and hardly ever needed here
    import holidays

    known = holidays.list_supported_countries()
    if country not in known:
        return ()
    return None if part is None or part in known[country] else tuple(known[country])


@cache
def currency_places(currency: str) -> int:
    """How many digits behind the point a currency has."""
    return get_currency_precision(currency)


def pattern_mistake(pattern: str) -> str | None:
    """Return what is wrong with a regular expression (RE2), or ``None``."""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as mistake:
        said = mistake.args[0] if mistake.args else ""
        return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return None
