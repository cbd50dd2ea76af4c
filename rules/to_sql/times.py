"""Dates, times and durations in SQL.

Days and time durations are microseconds, years and months durations months, both as integers. PostgreSQL calculates
with its own types, in UTC and within its calendar; SQLite by functions over texts (``rules.to_sql.sqlite``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from fachwerk.rules.to_sql.pieces import Infix, integer, temporal
from fachwerk.rules.to_sql.terms import MISSING, Dialect, Kind, Scalar, Sql, refuse
from fachwerk.rules.values.days import Months

DAY = 86_400_000_000
"""Microseconds of a day."""
_MICROSECOND = timedelta(microseconds=1)
_SAFE_SPAN, _SAFE_MONTHS = 17, 4
"""Digits of durations that PostgreSQL's calendar bears when they are added to a year within 1..9999."""


def literal(value: object, dialect: Dialect) -> Scalar | None:
    """Return a date, time, date and time or duration of the rule's text; None where SQL cannot hold it."""
    if isinstance(value, Months):
        return _whole("months", value.months, value)
    if isinstance(value, timedelta):
        return _whole("span", value // _MICROSECOND, value)
    kind: Kind
    if isinstance(value, datetime):
        kind = "moment"
        if value.tzinfo is None:
            return None
    elif isinstance(value, date):
        kind = "date"
    elif isinstance(value, time) and value.tzinfo is None:
        kind = "time"
    else:
        return None
    zoned = isinstance(value, datetime) and bool(value.utcoffset())
    return Scalar(sql=temporal(value, dialect), kind=kind, nullable=False, fixed=True, literal=value, zoned=zoned)


def _whole(kind: Kind, count: int, value: object) -> Scalar | None:
    digits = len(str(abs(count)))
    if digits > 18:
        return None
    return Scalar(sql=integer(count), kind=kind, nullable=False, fixed=True, literal=value, whole=digits)


# ------------------------------------------------------------------ sums


def added(a: Scalar, b: Scalar, dialect: Dialect, sign: str) -> Scalar | None:
    """Return a + b or a - b for these kinds; None where there is no such sum."""
    if a.kind == b.kind and a.kind in ("span", "months"):
        return _durations(a, b, sign)
    if sign == "-" and a.kind in ("date", "moment", "time") and b.kind in ("date", "moment", "time"):
        return _difference(a, b, dialect)
    if a.kind in ("span", "months") and sign == "+":
        a, b = b, a
    if a.kind in ("date", "moment", "time") and b.kind in ("span", "months"):
        return _shifted(a, b, dialect, sign) if (a.kind, b.kind) != ("time", "months") else None
    return None


def _durations(a: Scalar, b: Scalar, sign: str) -> Scalar:
    whole = max(a.whole, b.whole) + 1
    _bounded(whole)
    sql = a.sql + b.sql if sign == "+" else a.sql - b.sql
    return _joined(sql, a.kind, a, b, whole)


def _joined(sql: Sql, kind: Kind, a: Scalar, b: Scalar, whole: int = 0, *, wide: bool = False) -> Scalar:
    nullable, fixed, zoned = a.nullable or b.nullable, a.fixed and b.fixed, a.zoned and kind == "moment"
    return Scalar(sql=sql, kind=kind, nullable=nullable, fixed=fixed, whole=whole, wide=wide, zoned=zoned)


def _bounded(whole: int) -> None:
    if whole > 18:
        en, de = "these durations may become too long for 64 bits", "diese Dauern können für 64 Bit zu lang werden"
        raise refuse(None, en, de)


def _difference(a: Scalar, b: Scalar, dialect: Dialect) -> Scalar | None:
    if "time" in (a.kind, b.kind) and a.kind != b.kind:
        return None
    return _joined(_microseconds(a, dialect) - _microseconds(b, dialect), "span", a, b, 18)


def _microseconds(moment: Scalar, dialect: Dialect) -> Sql:
    """Return microseconds since some moment, the same for all dates and dates with times (which have UTC)."""
    if moment.wide:
        en = "the difference may be too long for 64 bits"
        raise refuse(None, en, "der Unterschied kann für 64 Bit zu lang sein")
    if dialect == "sqlite":
        function: Callable[..., Sql] = getattr(sa.func, f"feel_{moment.kind}_microseconds")
        return function(moment.sql, type_=sa.Integer())
    seconds = sa.extract("epoch", moment.sql)
    return sa.cast(sa.cast(seconds, sa.Numeric()) * sa.literal_column("1000000"), sa.BigInteger())


def _shifted(moment: Scalar, by: Scalar, dialect: Dialect, sign: str) -> Scalar:
    if by.kind == "months":
        _in_utc_only(moment)
    amount = by.sql if sign == "+" else -by.sql
    wide = moment.kind != "time"
    if dialect == "sqlite":
        function = getattr(sa.func, f"feel_{moment.kind}_{by.kind}")
        return replace(_joined(function(moment.sql, amount, type_=sa.Text()), moment.kind, moment, by), wide=wide)
    most = _SAFE_SPAN if by.kind == "span" else _SAFE_MONTHS
    if wide and (moment.wide or by.whole > most):
        en = "the result may lie outside of PostgreSQL's calendar"
        raise refuse(None, en, "das Ergebnis kann außerhalb des Kalenders von PostgreSQL liegen")
    sql = _shift_months(moment, amount) if by.kind == "months" else _shift_span(moment, amount)
    return _joined(sql, moment.kind, moment, by, wide=wide)


def _in_utc_only(moment: Scalar) -> None:
    if moment.zoned:
        en = "what the clock shows is known in UTC only"
        raise refuse(None, en, "was die Uhr zeigt, ist nur in UTC bekannt")


def _shift_months(moment: Scalar, months: Sql) -> Sql:
    interval = sa.func.make_interval(0, sa.cast(months, sa.Integer()), type_=sa.Interval())
    if moment.kind == "date":
        return sa.cast(moment.sql + interval, sa.Date())
    return _in_utc(_utc(moment.sql) + interval)


def _utc(moment: Sql) -> Sql:
    return sa.func.timezone(sa.literal_column("'UTC'"), moment, type_=sa.DateTime())


def _in_utc(local: Sql) -> Sql:
    return sa.func.timezone(sa.literal_column("'UTC'"), local, type_=sa.DateTime(timezone=True))


def _shift_span(moment: Scalar, span: Sql) -> Sql:
    day = sa.literal_column(str(DAY), sa.BigInteger())
    rest: Sql = sa.func.mod(sa.func.mod(span, day, type_=sa.BigInteger()) + day, day, type_=sa.BigInteger())
    days = sa.cast(Infix(span - rest, "/", day, sa.BigInteger()), sa.Integer())
    if moment.kind == "date":
        return Infix(moment.sql, "+", days, sa.Date())
    clock = Infix(rest, "*", sa.literal_column("interval '1 microsecond'", sa.Interval()), sa.Interval())
    if moment.kind == "time":
        return Infix(moment.sql, "+", clock, sa.Time())
    whole = sa.func.make_interval(0, 0, 0, days, type_=sa.Interval())
    return _in_utc(Infix(Infix(_utc(moment.sql), "+", whole, sa.DateTime()), "+", clock, sa.DateTime()))


def times(a: Scalar, b: Scalar) -> Scalar | None:
    """Return a duration times a whole number (or the other way round)."""
    if a.kind == "number":
        a, b = b, a
    if a.kind not in ("span", "months") or b.kind != "number":
        return None
    if b.places or b.form != "integer":
        en = "a duration times a number that is not whole has no exact SQL"
        raise refuse(None, en, "eine Dauer mal einer nicht ganzen Zahl hat kein genaues SQL")
    _bounded(a.whole + b.whole)
    return _joined(a.sql * b.sql, a.kind, a, b, a.whole + b.whole)


def negated(a: Scalar) -> Scalar:
    """Return a negative duration."""
    _bounded(a.whole)
    return replace(a, sql=-a.sql, literal=MISSING)


def months_between(first: Scalar, last: Scalar, dialect: Dialect) -> Scalar:
    """Return the whole months from one date to another, negative when they go back."""
    _in_utc_only(first)
    _in_utc_only(last)
    parts = [{name: _date_part(moment, name, dialect) for name in _DATE_PARTS} for moment in (first, last)]
    counted = [part["year"] * 12 + part["month"] for part in parts]
    months = counted[1] - counted[0]
    begun, ended = parts[0]["day"], parts[1]["day"]
    sql = sa.case(
        (sa.and_(months > 0, ended < begun), months - 1), (sa.and_(months < 0, ended > begun), months + 1), else_=months
    )
    return _joined(sql, "months", first, last, 11)


# ------------------------------------------------------------------ parts

_SPAN_PARTS: Mapping[str, tuple[int, int]] = {
    "days": (DAY, 0),
    "hours": (3_600_000_000, 24),
    "minutes": (60_000_000, 60),
    "seconds": (1_000_000, 60),
}
_DATE_PARTS: Mapping[str, tuple[int, int]] = {"year": (1, 4), "month": (6, 2), "day": (9, 2)}
_CLOCK_PARTS: Mapping[str, int] = {"hour": 1, "minute": 4, "second": 7}
_NAMES: Mapping[str, str] = {"weekday": "isodow", "day of year": "doy", "week of year": "week"}


def part(of: Scalar, name: str, dialect: Dialect) -> Scalar | None:
    """Return a property such as ``.year`` as a whole number; None if there is none of that name for SQL."""
    _in_utc_only(of)
    sql = _part(of, name, dialect)
    if sql is None:
        return None
    return Scalar(sql=sql, kind="number", nullable=of.nullable, fixed=of.fixed, whole=13 if of.kind == "span" else 10)


def _part(of: Scalar, name: str, dialect: Dialect) -> Sql | None:
    if of.kind == "span" and name in _SPAN_PARTS:
        return _truncated(of.sql, *_SPAN_PARTS[name])
    if of.kind == "months" and name in ("years", "months"):
        return _truncated(of.sql, *((12, 0) if name == "years" else (1, 12)))
    if of.kind in ("date", "moment") and (name in _DATE_PARTS or name in _NAMES):
        return _date_part(of, name, dialect)
    if of.kind in ("time", "moment") and name in _CLOCK_PARTS:
        return _clock_part(of, name, dialect)
    return None


def _truncated(sql: Sql, unit: int, wrap: int) -> Sql:
    whole = Infix(sql, "/", sa.literal_column(str(unit)), sa.BigInteger()) if unit > 1 else sql
    return Infix(whole, "%", sa.literal_column(str(wrap)), sa.BigInteger()) if wrap else whole


def _date_part(of: Scalar, name: str, dialect: Dialect) -> Sql:
    if dialect == "sqlite":
        if of.wide or name in _NAMES:
            return sa.func.feel_date_part(of.sql, name, type_=sa.Integer())
        start, length = _DATE_PARTS[name]
        return sa.cast(sa.func.substr(of.sql, start, length), sa.Integer())
    moment = _utc(of.sql) if of.kind == "moment" else of.sql
    found = sa.cast(sa.extract(_NAMES.get(name, name), moment), sa.BigInteger())
    if name == "year" and of.wide:
        return found + sa.case((found < 0, 1), else_=0)  # PostgreSQL has no year 0
    return found


def _clock_part(of: Scalar, name: str, dialect: Dialect) -> Sql | None:
    if dialect == "sqlite":
        if of.wide:
            return sa.func.feel_clock_part(of.sql, name, type_=sa.Integer())
        start = _CLOCK_PARTS[name] + (11 if of.kind == "moment" else 0)
        return sa.cast(sa.func.substr(of.sql, start, 2), sa.Integer())
    moment = _utc(of.sql) if of.kind == "moment" else of.sql
    return sa.cast(sa.func.floor(sa.extract(name, moment)), sa.BigInteger())


def date_of(moment: Scalar, dialect: Dialect) -> Scalar:
    """Return ``date(moment)``, in UTC."""
    _in_utc_only(moment)
    if moment.kind == "date":
        return moment
    if dialect == "sqlite":
        if moment.wide:
            return replace(moment, sql=sa.func.feel_date_of(moment.sql, type_=sa.Text()), kind="date", literal=MISSING)
        return replace(moment, sql=sa.func.substr(moment.sql, 1, 10, type_=sa.Text()), kind="date", literal=MISSING)
    return replace(moment, sql=sa.cast(_utc(moment.sql), sa.Date()), kind="date", literal=MISSING)
