"""Sums, products and powers of values of any kind (DMN 1.5, tables 55 to 58).

``None`` is FEEL's null: the operation is not defined for these kinds, or has no result. Callers calculate under
``numbers.CONTEXT``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from decimal import ROUND_HALF_EVEN, Decimal, DecimalException
from typing import cast

from fachwerk.rules.values.days import (
    Clock,
    Day,
    Moment,
    Months,
    Span,
    add_months,
    date_at,
    day_of,
    make_duration,
    make_moment,
    make_time,
    moment_at,
)
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.limits import bounded_text, charge
from fachwerk.rules.values.numbers import CONTEXT, WIDE
from fachwerk.rules.values.wide import DAY, instant_of, length_of, nanoseconds_of, time_line

Operation = Callable[..., object]
NUMBER, STRING, DATE, TIME = "number", "string", "date", "time"
MOMENT, SPAN, MONTHS = "date and time", "days and time duration", "years and months duration"
MOST_MONTHS = 12 * 1_000_000_000


def add(a: object, b: object) -> object:
    """Return *a* + *b*."""
    return _apply(_ADD, a, b)


def subtract(a: object, b: object) -> object:
    """Return *a* - *b*."""
    return _apply(_SUBTRACT, a, b)


def multiply(a: object, b: object) -> object:
    """Return *a* * *b*."""
    return _apply(_MULTIPLY, a, b)


def divide(a: object, b: object) -> object:
    """Return *a* / *b*; null for a divisor of zero."""
    return _apply(_DIVIDE, a, b)


def power(a: object, b: object) -> object:
    """Return *a* ** *b*."""
    return _apply({(NUMBER, NUMBER): _power}, a, b)


def negate(a: object) -> object:
    """Return -*a*."""
    kind = kind_of(a)
    if kind == NUMBER:
        return CONTEXT.minus(cast(Decimal, a))
    if kind == SPAN:
        return make_duration(-length_of(cast(Span, a)))
    if kind == MONTHS:
        return Months(-cast(Months, a).months)
    return None


def _apply(table: Mapping[tuple[str, str], Operation], a: object, b: object) -> object:
    operation = table.get((kind_of(a), kind_of(b)))
    if operation is None:
        return None
    try:
        return operation(a, b)
    except DecimalException:
        return None


def _months(count: int) -> Months | None:
    return Months(count) if abs(count) <= MOST_MONTHS else None


def _later(moment: Moment, span: Span) -> Moment | None:
    """Move along the time line: a day with a change of the clocks may have 23 or 25 hours."""
    return moment_at(instant_of(moment)[1] + length_of(span), moment.tzinfo)


def _months_later(moment: Moment, months: Months) -> Moment | None:
    day = add_months(day_of(moment), months.months)
    return None if day is None else make_moment(day, nanoseconds_of(moment), moment.tzinfo)


def _days_later(day: Day, span: Span) -> Day | None:
    return date_at((day.toordinal() * DAY + length_of(span)) // DAY)


def _clock_later(clock: Clock, span: Span) -> Clock:
    return make_time(nanoseconds_of(clock) + length_of(span), clock.tzinfo)


def _at_midnight(day: object) -> object:
    """A date counts as its midnight in UTC where a date and time is needed."""
    return make_moment(cast(Day, day), 0, UTC)


def _between(later: Moment, earlier: Moment) -> Span | None:
    one, other = instant_of(later), instant_of(earlier)
    return make_duration(one[1] - other[1]) if one[0] is other[0] else None


def _between_clocks(later: Clock, earlier: Clock) -> Span | None:
    one, other = time_line(later), time_line(earlier)
    return make_duration(one[1] - other[1]) if one[0] is other[0] else None


def _times(span: Span, factor: Decimal) -> Span:
    return make_duration(_rounded(WIDE.multiply(Decimal(length_of(span)), factor)))


def _parts(span: Span, divisor: Decimal) -> Span:
    return make_duration(_rounded(CONTEXT.divide(Decimal(length_of(span)), divisor)))


def _rounded(number: Decimal) -> int:
    if number.adjusted() > 40:
        raise DecimalException
    return int(number.to_integral_value(ROUND_HALF_EVEN, WIDE))


def _toward_zero(number: Decimal) -> Months | None:
    if number.adjusted() > 20:
        return None
    return _months(int(number))


def _ratio(a: int, b: int) -> Decimal | None:
    return CONTEXT.divide(Decimal(a), Decimal(b)) if b else None


def _power(a: Decimal, b: Decimal) -> Decimal:
    charge(10)  # a fractional exponent takes many times as long as a product
    return CONTEXT.power(a, b)


def _swapped(operation: Operation) -> Operation:
    return lambda a, b: operation(b, a)


_ADD: Mapping[tuple[str, str], Operation] = {
    (NUMBER, NUMBER): lambda a, b: CONTEXT.add(a, b),
    (STRING, STRING): lambda a, b: bounded_text(a + b),
    (DATE, SPAN): _days_later,
    (SPAN, DATE): _swapped(_days_later),
    (DATE, MONTHS): lambda a, b: add_months(a, b.months),
    (MONTHS, DATE): lambda a, b: add_months(b, a.months),
    (MOMENT, SPAN): _later,
    (SPAN, MOMENT): _swapped(_later),
    (MOMENT, MONTHS): _months_later,
    (MONTHS, MOMENT): _swapped(_months_later),
    (TIME, SPAN): _clock_later,
    (SPAN, TIME): _swapped(_clock_later),
    (SPAN, SPAN): lambda a, b: make_duration(length_of(a) + length_of(b)),
    (MONTHS, MONTHS): lambda a, b: _months(a.months + b.months),
}
_SUBTRACT: Mapping[tuple[str, str], Operation] = {
    (NUMBER, NUMBER): lambda a, b: CONTEXT.subtract(a, b),
    (DATE, SPAN): lambda a, b: _days_later(a, make_duration(-length_of(b))),
    (DATE, MONTHS): lambda a, b: add_months(a, -b.months),
    (MOMENT, SPAN): lambda a, b: _later(a, make_duration(-length_of(b))),
    (MOMENT, MONTHS): lambda a, b: _months_later(a, Months(-b.months)),
    (TIME, SPAN): lambda a, b: _clock_later(a, make_duration(-length_of(b))),
    (DATE, DATE): lambda a, b: make_duration((a.toordinal() - b.toordinal()) * DAY),
    (MOMENT, MOMENT): _between,
    (MOMENT, DATE): lambda a, b: _between(a, cast(Moment, _at_midnight(b))),
    (DATE, MOMENT): lambda a, b: _between(cast(Moment, _at_midnight(a)), b),
    (TIME, TIME): _between_clocks,
    (SPAN, SPAN): lambda a, b: make_duration(length_of(a) - length_of(b)),
    (MONTHS, MONTHS): lambda a, b: _months(a.months - b.months),
}
_MULTIPLY: Mapping[tuple[str, str], Operation] = {
    (NUMBER, NUMBER): lambda a, b: CONTEXT.multiply(a, b),
    (SPAN, NUMBER): _times,
    (NUMBER, SPAN): _swapped(_times),
    (MONTHS, NUMBER): lambda a, b: _toward_zero(WIDE.multiply(Decimal(a.months), b)),
    (NUMBER, MONTHS): lambda a, b: _toward_zero(WIDE.multiply(a, Decimal(b.months))),
}
_DIVIDE: Mapping[tuple[str, str], Operation] = {
    (NUMBER, NUMBER): lambda a, b: CONTEXT.divide(a, b) if b else None,
    (SPAN, NUMBER): lambda a, b: _parts(a, b) if b else None,
    (MONTHS, NUMBER): lambda a, b: _toward_zero(CONTEXT.divide(Decimal(a.months), b)) if b else None,
    (SPAN, SPAN): lambda a, b: _ratio(length_of(a), length_of(b)),
    (MONTHS, MONTHS): lambda a, b: _ratio(a.months, b.months),
}
