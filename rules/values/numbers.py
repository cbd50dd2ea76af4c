"""Numbers: decimals of 34 digits, rounded half to even (DMN 1.5, clause 10.3.2.3.1).

All arithmetic of the rule language happens under :data:`CONTEXT`. A compiled rule looks at the decimal
context of the running thread when it is called: is it :data:`CONTEXT` itself, nothing needs to be done; is it
another, the rule runs under :data:`CONTEXT` and puts the old one back. So a rule gives 34 digits whatever its
surroundings do, and a process that calls :func:`use_everywhere` once per thread (asyncio tasks inherit it)
saves the switch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    getcontext,
    setcontext,
)

DIGITS = 34
LEAST_SCALE, MOST_SCALE = -6111, 6176
"""The scales that rounding takes; outside of them the result is null."""

CONTEXT = Context(
    prec=DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
WIDE = Context(prec=13_000, rounding=ROUND_HALF_EVEN, Emin=-20_000, Emax=20_000, traps=[InvalidOperation])
"""For work that must not round on the way: parsing, scaling, formatting."""

ZERO = Decimal(0)
ONE = Decimal(1)


def use_everywhere() -> None:
    """Make :data:`CONTEXT` the decimal context of this thread, or of this asyncio task and those it starts."""
    setcontext(CONTEXT)


@contextmanager
def feel_numbers() -> Iterator[None]:
    """Calculate with 34 digits inside the ``with`` block."""
    before = getcontext()
    if before is CONTEXT:
        yield
        return
    setcontext(CONTEXT)
    try:
        yield
    finally:
        setcontext(before)


def read_number(text: str) -> Decimal | None:
    """Return the number that *text* writes (``12``, ``-.5``, ``1.2e-3``), rounded to 34 digits; ``None`` if
    it is none.
    """
    if len(text) > 12_000 or not _looks_like_number(text):
        return None
    try:
        return CONTEXT.create_decimal(text)
    except (InvalidOperation, Overflow):
        return None


def _looks_like_number(text: str) -> bool:
    mantissa, _, exponent = text.replace("E", "e").partition("e")
    if "e" in text.lower() and not _digits(exponent[1:] if exponent[:1] in ("+", "-") else exponent):
        return False
    whole, dot, fraction = mantissa.removeprefix("-").partition(".")
    if dot and not _digits(fraction):
        return False
    return _digits(whole) or (not whole and bool(dot))


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def whole(number: Decimal) -> int:
    """Return *number* without its fraction."""
    return int(number)


def integral(number: Decimal) -> bool:
    """Whether *number* has no fraction."""
    return number == number.to_integral_value(context=WIDE)


def write_number(number: Decimal) -> str:
    """Return *number* in plain digits: no exponent, no trailing zeros, no minus before zero."""
    if number == 0:
        return "0"
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def scaled(number: Decimal, scale: int, rounding: str) -> Decimal | None:
    """Return *number* rounded to *scale* digits behind the point; ``None`` for a scale out of bounds."""
    if not LEAST_SCALE <= scale <= MOST_SCALE:
        return None
    if -number.as_tuple().exponent <= scale:  # type: ignore[operator]
        return number
    rounded = number.quantize(Decimal((0, (1,), -scale)), rounding=rounding, context=WIDE)
    return CONTEXT.plus(rounded)
