"""The functions that translated rules call on SQLite: exact decimals, calendar, letters and patterns.

All are deterministic and give null for null. Decimals are texts (see ``numbers.canonical``). Dates that rules
calculate may leave the years 1..9999: their texts then begin with ``:`` (later) or ``-`` (earlier) and a number of nine
digits, so that texts still sort like dates; :func:`read_date` and :func:`read_moment` read them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, DecimalException

from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.functions.moments import day_of_year, week_of_year
from fachwerk.rules.functions.numeric import (
    ceiling,
    decimal,
    floor,
    modulo,
    round_down,
    round_half_down,
    round_half_up,
    round_up,
)
from fachwerk.rules.functions.texts import matches
from fachwerk.rules.to_sql.numbers import canonical
from fachwerk.rules.values.arithmetic import add as add_values
from fachwerk.rules.values.days import (
    Clock,
    Day,
    Moment,
    Months,
    day_of,
    make_date,
    make_duration,
    make_moment,
)
from fachwerk.rules.values.limits import Exhausted
from fachwerk.rules.values.numbers import CONTEXT, WIDE, write_number
from fachwerk.rules.values.wide import instant_of, nanoseconds_of

_YEARS = 999_999_999
_MICROSECOND = 1000
_DAY = 86_400_000_000
Value = str | int | float | bytes | None


# ------------------------------------------------------------------ decimals


def _of_two(operation: Callable[[Decimal, Decimal], object]) -> Callable[[Value, Value], Value]:
    def call(a: Value, b: Value) -> Value:
        if a is None or b is None:
            return None
        try:
            found = operation(Decimal(str(a)), Decimal(str(b)))
        except (DecimalException, Mistake):
            return None
        return canonical(found) if isinstance(found, Decimal) else None

    return call


def _of_one(operation: Callable[[Decimal], Decimal]) -> Callable[[Value], Value]:
    return lambda a: None if a is None else canonical(operation(Decimal(str(a))))


def _divide(a: Decimal, b: Decimal) -> Decimal | None:
    return CONTEXT.divide(a, b) if b else None


def _number(scaled: Value, places: Value) -> Value:
    if scaled is None:
        return None
    return canonical(WIDE.scaleb(Decimal(int(scaled)), -int(places or 0)))


def _compare(a: Value, b: Value) -> Value:
    if a is None or b is None:
        return None
    x, y = Decimal(str(a)), Decimal(str(b))
    return (x > y) - (x < y)


_ROUNDINGS: Mapping[str, Callable[[Decimal, Decimal], object]] = {
    "decimal": decimal,
    "floor": floor,
    "ceiling": ceiling,
    "round up": round_up,
    "round down": round_down,
    "round half up": round_half_up,
    "round half down": round_half_down,
}


def _round(number: Value, scale: Value, name: Value) -> Value:
    return _of_two(_ROUNDINGS[str(name)])(number, scale)


def _total(high: Value, low: Value, places: Value) -> Value:
    """Join the two sums of ``lists``: those of the parts above and below 10**9."""
    if high is None or low is None:
        return None
    exact = WIDE.scaleb(Decimal(int(high) * 10**9 + int(low)), -int(places or 0))
    return canonical(CONTEXT.plus(exact))


def _extreme_of(wanted: int) -> Callable[..., Value]:
    def call(*values: Value) -> Value:
        if any(value is None for value in values):
            return None
        numbers = [Decimal(str(value)) for value in values]
        return canonical(max(numbers) if wanted > 0 else min(numbers))

    return call


class _Sum:
    """``feel_sum``: the sum of decimals, null for none."""

    def __init__(self) -> None:
        self.total: Decimal | None = None

    def step(self, value: Value) -> None:
        """Take one more."""
        if value is not None:
            number = Decimal(str(value))
            self.total = number if self.total is None else CONTEXT.add(self.total, number)

    def finalize(self) -> Value:
        """Return the sum."""
        return None if self.total is None else canonical(self.total)


class _Least:
    """``feel_min``: the least of decimals, null for none."""

    sign = -1

    def __init__(self) -> None:
        self.best: Decimal | None = None

    def step(self, value: Value) -> None:
        """Take one more."""
        if value is not None:
            number = Decimal(str(value))
            if self.best is None or (number > self.best if self.sign > 0 else number < self.best):
                self.best = number

    def finalize(self) -> Value:
        """Return the least (or greatest)."""
        return None if self.best is None else canonical(self.best)


class _Greatest(_Least):
    """``feel_max``: the greatest of decimals, null for none."""

    sign = 1


# ------------------------------------------------------------------ dates


def read_date(text: str) -> Day | None:
    """Return the date of a text as the calculations leave it."""
    if text[:1] not in (":", "-"):
        return date.fromisoformat(text)
    year = int(text[1:10])
    return make_date(year if text[0] == ":" else year - _YEARS, int(text[11:13]), int(text[14:16]))


def write_date(day: Day | None) -> str | None:
    """Return the text of a date; sorts like the date whatever the year."""
    if day is None:
        return None
    if 1 <= day.year <= 9999:
        return f"{day.year:04}-{day.month:02}-{day.day:02}"
    sign, year = (":", day.year) if day.year > 0 else ("-", day.year + _YEARS)
    return f"{sign}{year:09}-{day.month:02}-{day.day:02}"


def read_moment(text: str) -> Moment | None:
    """Return the date and time of a text as the calculations leave it, in UTC."""
    if text[:1] not in (":", "-"):
        return datetime.fromisoformat(text)
    day, _, clock = text.partition("T")
    found = read_date(day)
    return None if found is None else make_moment(found, nanoseconds_of(time.fromisoformat(clock[:15])), UTC)


def write_moment(moment: Moment | None) -> str | None:
    """Return the text of a date and time in UTC."""
    if moment is None:
        return None
    return f"{write_date(day_of(moment))}T{_clock(nanoseconds_of(moment))}+00:00"


def _clock(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds // _MICROSECOND, 1_000_000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:06}"


def _span_later(read: Callable[[str], object], write: Callable[..., Value]) -> Callable[[Value, Value], Value]:
    def call(moment: Value, microseconds: Value) -> Value:
        if moment is None or microseconds is None:
            return None
        start = read(str(moment))
        return write(add_values(start, make_duration(int(microseconds) * _MICROSECOND)))

    return call


def _months_later(read: Callable[[str], object], write: Callable[..., Value]) -> Callable[[Value, Value], Value]:
    def call(moment: Value, months: Value) -> Value:
        if moment is None or months is None:
            return None
        return write(add_values(read(str(moment)), Months(int(months))))

    return call


def _write_clock(clock: Clock | None) -> str | None:
    return None if clock is None else _clock(nanoseconds_of(clock))


def _date_microseconds(text: Value) -> Value:
    day = None if text is None else read_date(str(text))
    return None if day is None else day.toordinal() * _DAY


def _moment_microseconds(text: Value) -> Value:
    moment = None if text is None else read_moment(str(text))
    return None if moment is None else instant_of(moment)[1] // _MICROSECOND


def _time_microseconds(text: Value) -> Value:
    return None if text is None else nanoseconds_of(time.fromisoformat(str(text))) // _MICROSECOND


def _date_part(text: Value, name: Value) -> Value:
    day = None if text is None else read_date(str(text).partition("T")[0])
    if day is None:
        return None
    if name == "weekday":
        return day.isoweekday()
    if name in ("day of year", "week of year"):
        return int(str((day_of_year if name == "day of year" else week_of_year)(day)))
    return int(getattr(day, str(name)))


def _clock_part(text: Value, name: Value) -> Value:
    if text is None:
        return None
    clock = time.fromisoformat(str(text).rpartition("T")[2][:15])
    return int(getattr(clock, str(name)))


def _date_of(text: Value) -> Value:
    return None if text is None else str(text).partition("T")[0]


def _matches(text: Value, pattern: Value, flags: Value = "") -> Value:
    if text is None or pattern is None:
        return None
    try:
        return int(bool(matches(str(text), str(pattern), str(flags or ""))))
    except (Mistake, Exhausted):
        return None


def _string(number: Value) -> Value:
    return None if number is None else write_number(Decimal(str(number)))


def _on_text(operation: Callable[[str], str]) -> Callable[[Value], Value]:
    return lambda text: None if text is None else operation(str(text))


_FUNCTIONS: Mapping[str, tuple[int, Callable[..., Value]]] = {
    "feel_number": (2, _number),
    "feel_add": (2, _of_two(CONTEXT.add)),
    "feel_subtract": (2, _of_two(CONTEXT.subtract)),
    "feel_multiply": (2, _of_two(CONTEXT.multiply)),
    "feel_divide": (2, _of_two(_divide)),
    "feel_modulo": (2, _of_two(modulo)),
    "feel_power": (2, _of_two(CONTEXT.power)),
    "feel_negate": (1, _of_one(CONTEXT.minus)),
    "feel_abs": (1, _of_one(CONTEXT.abs)),
    "feel_compare": (2, _compare),
    "feel_round": (3, _round),
    "feel_total": (3, _total),
    "feel_min_of": (-1, _extreme_of(-1)),
    "feel_max_of": (-1, _extreme_of(1)),
    "feel_string": (1, _string),
    "feel_upper": (1, _on_text(str.upper)),
    "feel_lower": (1, _on_text(str.lower)),
    "feel_matches": (-1, _matches),
    "feel_date_span": (2, _span_later(read_date, write_date)),
    "feel_date_months": (2, _months_later(read_date, write_date)),
    "feel_moment_span": (2, _span_later(read_moment, write_moment)),
    "feel_moment_months": (2, _months_later(read_moment, write_moment)),
    "feel_time_span": (2, _span_later(time.fromisoformat, _write_clock)),
    "feel_date_microseconds": (1, _date_microseconds),
    "feel_moment_microseconds": (1, _moment_microseconds),
    "feel_time_microseconds": (1, _time_microseconds),
    "feel_date_part": (2, _date_part),
    "feel_clock_part": (2, _clock_part),
    "feel_date_of": (1, _date_of),
}
"""By name: the number of arguments (-1 for any) and the function."""


def readable(text: str) -> bool:
    """Return whether SQLite can read an expression that deep, with some room for the statement around it."""
    connection = sqlite3.connect(":memory:")
    register_functions(connection)
    try:
        connection.execute(f"explain select {'(' * 12}{text}{')' * 12}")
    except sqlite3.ProgrammingError:  # the values of its parameters are missing: it was read
        return True
    except sqlite3.OperationalError as error:  # so are its tables
        return "overflow" not in str(error) and "too large" not in str(error)
    finally:
        connection.close()
    return True


def register_functions(connection: sqlite3.Connection) -> None:
    """Give *connection* the functions that translated rules call; needed once per connection."""
    for name, (count, function) in _FUNCTIONS.items():
        connection.create_function(name, count, function, deterministic=True)
    for name, aggregate in (("feel_sum", _Sum), ("feel_min", _Least), ("feel_max", _Greatest)):
        connection.create_aggregate(name, 1, aggregate)  # type: ignore[arg-type]
