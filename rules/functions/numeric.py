"""The built-in functions on numbers, and ``not`` (DMN 1.5, clauses 10.3.4.2 and 10.3.4.5).

All of them calculate under ``values.numbers.CONTEXT`` whatever the decimal context of the thread is.
"""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    DecimalException,
)
from typing import cast

from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.values.arithmetic import negate as negative
from fachwerk.rules.values.days import Months, Span
from fachwerk.rules.values.limits import charge
from fachwerk.rules.values.numbers import CONTEXT, WIDE, ZERO, integral, scaled
from fachwerk.rules.values.wide import length_of

_SLOW = 10
"""Steps for a function that takes many times as long as an addition."""


def negation(value: bool) -> object:
    """``not(negand)``."""
    return not value


def _rounded(number: Decimal, scale: Decimal, rounding: str) -> Decimal:
    found = None if abs(scale) > 99_999 else scaled(number, int(scale), rounding)
    if found is None:
        raise Mistake("a scale lies between -6111 and 6176", "eine Stellenzahl liegt zwischen -6111 und 6176")
    return found


def decimal(number: Decimal, scale: Decimal) -> object:
    """``decimal(n, scale)``: half to even."""
    return _rounded(number, scale, ROUND_HALF_EVEN)


def floor(number: Decimal, scale: Decimal = ZERO) -> object:
    """``floor(n, scale)``."""
    return _rounded(number, scale, ROUND_FLOOR)


def ceiling(number: Decimal, scale: Decimal = ZERO) -> object:
    """``ceiling(n, scale)``."""
    return _rounded(number, scale, ROUND_CEILING)


def round_up(number: Decimal, scale: Decimal) -> object:
    """``round up(n, scale)``: away from zero."""
    return _rounded(number, scale, ROUND_UP)


def round_down(number: Decimal, scale: Decimal) -> object:
    """``round down(n, scale)``: towards zero."""
    return _rounded(number, scale, ROUND_DOWN)


def round_half_up(number: Decimal, scale: Decimal) -> object:
    """``round half up(n, scale)``: halves away from zero."""
    return _rounded(number, scale, ROUND_HALF_UP)


def round_half_down(number: Decimal, scale: Decimal) -> object:
    """``round half down(n, scale)``: halves towards zero."""
    return _rounded(number, scale, ROUND_HALF_DOWN)


def absolute(value: object) -> object:
    """``abs(n)`` of a number or a duration."""
    if isinstance(value, Decimal):
        return CONTEXT.abs(value)
    if isinstance(value, Months):
        return Months(abs(value.months))
    return negative(value) if length_of(cast(Span, value)) < 0 else value


def modulo(dividend: Decimal, divisor: Decimal) -> object:
    """``modulo(dividend, divisor)``: has the sign of the divisor."""
    if not divisor:
        raise Mistake("division by zero", "Division durch null")
    if max(dividend.adjusted(), 0) - min(divisor.adjusted(), 0) > 12_000:
        raise Mistake("the numbers are too far apart", "die Zahlen liegen zu weit auseinander")
    charge(_SLOW)
    rest = WIDE.remainder(dividend, divisor)
    if rest and (rest < 0) is not (divisor < 0):
        rest = WIDE.add(rest, divisor)
    return CONTEXT.plus(rest)


def sqrt(number: Decimal) -> object:
    """``sqrt(number)``."""
    if number < 0:
        raise Mistake("a negative number has no square root", "eine negative Zahl hat keine Wurzel")
    charge(_SLOW)
    return CONTEXT.sqrt(number)


def log(number: Decimal) -> object:
    """``log(number)``, to the base e."""
    if number <= 0:
        raise Mistake("only positive numbers have a logarithm", "nur positive Zahlen haben einen Logarithmus")
    charge(_SLOW)
    return CONTEXT.ln(number)


def exp(number: Decimal) -> object:
    """``exp(number)``."""
    charge(_SLOW)
    try:
        return CONTEXT.exp(number)
    except DecimalException:
        raise Mistake("the result is too large", "das Ergebnis ist zu groß") from None


def odd(number: Decimal) -> object:
    """``odd(number)``."""
    return _half(number) != 0


def even(number: Decimal) -> object:
    """``even(number)``."""
    return _half(number) == 0


def _half(number: Decimal) -> Decimal:
    if not integral(number):
        raise Mistake("only whole numbers are odd or even", "nur ganze Zahlen sind gerade oder ungerade")
    return WIDE.remainder(number, Decimal(2))
