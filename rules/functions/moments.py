"""The built-in functions on dates and times, and ``is`` (DMN 1.5, clauses 10.3.4.6 and 10.3.4.7).

``now`` and ``today`` come from the evaluation that is going on, so that all rules of one evaluation see the
same moment.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import cast

from fachwerk.rules.values.comparison import identical
from fachwerk.rules.values.days import Day, Moment, day_of
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.limits import current_run

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_CYCLE = 146_097


def today() -> object:
    """``today()``."""
    run = current_run()
    if run is None:
        return datetime.date.today()
    if run.today is None:
        run.today = datetime.date.today() if run.now is None else run.now.date()
    return run.today


def now() -> object:
    """``now()``, with an offset."""
    run = current_run()
    return datetime.datetime.now(datetime.UTC) if run is None else run.clock()


def same_thing(a: object, b: object) -> object:
    """``is(value1, value2)``."""
    return identical(a, b)


def _day(value: object) -> datetime.date:
    """Return the day, moved by whole cycles of 400 years into those that Python knows."""
    day = day_of(cast(Moment, value)) if kind_of(value) == "date and time" else cast(Day, value)
    ordinal = day.toordinal()
    if 366 < ordinal < 3_600_000:
        return datetime.date.fromordinal(ordinal)
    return datetime.date.fromordinal((ordinal - 1) % _CYCLE + 1 + 4 * _CYCLE)


def day_of_year(value: object) -> object:
    """``day of year(date)``."""
    return Decimal(_day(value).timetuple().tm_yday)


def day_of_week(value: object) -> object:
    """``day of week(date)``, in English."""
    return _WEEKDAYS[_day(value).isoweekday() - 1]


def month_of_year(value: object) -> object:
    """``month of year(date)``, in English."""
    return _MONTHS[_day(value).month - 1]


def week_of_year(value: object) -> object:
    """``week of year(date)``, as ISO 8601 counts."""
    return Decimal(_day(value).isocalendar().week)
