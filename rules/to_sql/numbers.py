"""Numbers in SQL, exact to FEEL's 34 digits.

PostgreSQL calculates in ``numeric``, which is exact but for division; whatever may exceed 34 digits is rounded half to
even by an expression. SQLite calculates in integers scaled by a power of ten as long as 18 digits cannot be exceeded,
beyond that in decimal texts through the functions of ``rules.to_sql.sqlite``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

import sqlalchemy as sa
from fachwerk.rules.to_sql.pieces import INT64, Let, Q, integer, numeric, text
from fachwerk.rules.to_sql.terms import MISSING, Condition, Dialect, Scalar, Sql, refuse
from fachwerk.rules.values.numbers import CONTEXT, WIDE

SAFE = 18
"""So many digits fit into 64 bits whatever they are."""
DIGITS = 34
_LONGEST = 400
"""More digits than this, as far as the bounds tell, and PostgreSQL is not asked."""


def literal(value: Decimal, dialect: Dialect) -> Scalar:
    """Return a number of the rule's text."""
    exponent = int(CONTEXT.normalize(value).as_tuple().exponent) if value else 0
    places = max(-exponent, 0)
    whole = max(value.adjusted() + 1, 1) if value else 1
    known = {"kind": "number", "nullable": False, "fixed": True, "literal": value, "whole": whole, "places": places}
    if dialect == "postgresql":
        if not places and whole <= SAFE:
            return Scalar(sql=integer(int(value)), form="integer", **known)  # type: ignore[arg-type]
        return Scalar(sql=numeric(value), form="numeric", **known)  # type: ignore[arg-type]
    if whole + places <= SAFE:
        return Scalar(sql=integer(_scaled(value, places)), form="integer", **known)  # type: ignore[arg-type]
    return Scalar(sql=text(canonical(value)), form="text", **known)  # type: ignore[arg-type]


def canonical(value: Decimal) -> str:
    """Return the one text of a number, as the functions on SQLite give and take it."""
    return str(CONTEXT.normalize(value)) if value else "0"


def _scaled(value: Decimal, places: int) -> int:
    return int(WIDE.scaleb(value, places))


def whole_number(sql: Sql, whole: int, dialect: Dialect, *, nullable: bool) -> Scalar:
    """Return an integer expression of at most *whole* digits."""
    return Scalar(sql=sql, kind="number", nullable=nullable, form="integer", whole=whole, places=0)


# ------------------------------------------------------------------ from one form to another


def as_numeric(number: Scalar) -> Sql:
    """Return the number as PostgreSQL's numeric."""
    if number.literal is not MISSING:
        return numeric(number.literal)  # type: ignore[arg-type]
    return sa.cast(number.sql, sa.Numeric()) if number.form == "integer" else number.sql


def as_text(number: Scalar) -> Sql:
    """Return the number as SQLite's exact decimal text."""
    if number.form == "text":
        return number.sql
    if number.literal is not MISSING:
        return text(canonical(number.literal))  # type: ignore[arg-type]
    return sa.func.feel_number(number.sql, sa.literal_column(str(number.places)), type_=sa.Text())


def rescaled(number: Scalar, places: int) -> Sql:
    """Return an integer number (SQLite) with more *places*."""
    if number.literal is not MISSING:
        return integer(_scaled(number.literal, places))  # type: ignore[arg-type]
    step = places - number.places
    return number.sql * sa.literal_column(str(10**step)) if step else number.sql


def together(a: Scalar, b: Scalar) -> tuple[Sql, Sql, int] | None:
    """Return both as integers of the same places (SQLite); None where they do not fit."""
    places = max(a.places, b.places)
    fit = all(n.form == "integer" and (n.whole + places <= SAFE or n.places == places) for n in (a, b))
    return (rescaled(a, places), rescaled(b, places), places) if fit else None


# ------------------------------------------------------------------ comparing


def compared(op: str, a: Scalar, b: Scalar, dialect: Dialect) -> tuple[str, Sql, Sql]:
    """Return the operator and the two sides to compare, so that a column stands alone where it can.

    ``"never"`` in the place of the operator: they are never equal, the numbers of the column being what they are.
    """
    if a.literal is not MISSING and b.literal is MISSING:
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
        return compared(turned, b, a, dialect)
    if b.literal is not MISSING and a.form == "integer":
        return _with_literal(op, a, b.literal)  # type: ignore[arg-type]
    if dialect == "postgresql":
        return op, a.sql, b.sql
    same = together(a, b)
    if same:
        return op, same[0], same[1]
    if op in ("=", "!="):
        return op, as_text(a), as_text(b)
    return op, sa.func.feel_compare(as_text(a), as_text(b), type_=sa.Integer()), sa.literal_column("0")


def _with_literal(op: str, column: Scalar, value: Decimal) -> tuple[str, Sql, Sql]:
    scaled = WIDE.scaleb(value, column.places)
    floor = int(scaled.to_integral_value(ROUND_FLOOR, WIDE)) if scaled.adjusted() < 40 else int(Decimal(10).scaleb(40))
    floor = floor if value >= 0 or scaled.adjusted() < 40 else -floor
    if scaled.adjusted() < 40 and scaled == floor and abs(floor) <= INT64:
        return op, column.sql, integer(floor)
    if op in ("=", "!="):
        return "never", column.sql, column.sql
    clamped = max(min(floor, INT64), -INT64 - 1)
    # Between two integers, x < 1.5 is x <= 1, and x > 1.5 is x > 1; beyond all integers the same holds of the ends.
    if floor > INT64:
        return ("<=" if op in ("<", "<=") else ">"), column.sql, integer(INT64)
    if floor < -INT64 - 1:
        return ("<" if op in ("<", "<=") else ">="), column.sql, integer(-INT64 - 1)
    return ("<=" if op in ("<", "<=") else ">"), column.sql, integer(clamped)


# ------------------------------------------------------------------ calculating


def _result(sql: Sql, a: Scalar, b: Scalar, whole: int, places: int) -> Scalar:
    return Scalar(
        sql=sql, kind="number", nullable=a.nullable or b.nullable, fixed=a.fixed and b.fixed, whole=whole, places=places
    )


def added(a: Scalar, b: Scalar, dialect: Dialect, sign: str) -> Scalar:
    """Return a + b or a - b."""
    whole, places = max(a.whole, b.whole) + 1, max(a.places, b.places)
    if dialect == "postgresql":
        x, y = as_numeric(a), as_numeric(b)
        return rounded_to_34(replace(_result(x + y if sign == "+" else x - y, a, b, whole, places), form="numeric"))
    same = together(a, b) if whole + places <= SAFE else None
    if same:
        return _result(same[0] + same[1] if sign == "+" else same[0] - same[1], a, b, whole, places)
    name = "feel_add" if sign == "+" else "feel_subtract"
    return _by_text(name, a, b, whole, places)


def _by_text(name: str, a: Scalar, b: Scalar, whole: int, places: int) -> Scalar:
    sql = getattr(sa.func, name)(as_text(a), as_text(b), type_=sa.Text())
    return replace(_result(sql, a, b, whole, places), form="text")


def multiplied(a: Scalar, b: Scalar, dialect: Dialect) -> Scalar:
    """Return a * b."""
    whole, places = a.whole + b.whole, a.places + b.places
    if dialect == "postgresql":
        return rounded_to_34(replace(_result(as_numeric(a) * as_numeric(b), a, b, whole, places), form="numeric"))
    if a.form == b.form == "integer" and whole + places <= SAFE:
        return _result(a.sql * b.sql, a, b, whole, places)
    return _by_text("feel_multiply", a, b, whole, places)


def divided(a: Scalar, b: Scalar, dialect: Dialect) -> Scalar:
    """Return a / b to 34 digits; null for a divisor of zero."""
    inverse = _inverse(b.literal)
    if inverse is not None:
        return multiplied(a, literal(inverse, dialect), dialect)
    whole, places = a.whole + b.places + 1, DIGITS + a.places + b.whole + 1
    if dialect == "sqlite":
        return replace(_by_text("feel_divide", a, b, whole, places), nullable=True)
    scale = places + b.digits + 3
    if scale > _LONGEST:
        raise refuse(None, "the numbers are too long to divide", "die Zahlen sind zu lang zum Teilen")
    quotient = sa.func.round(as_numeric(a), scale, type_=sa.Numeric()) / sa.func.nullif(as_numeric(b), 0)
    found = replace(_result(quotient, a, b, whole, places), form="numeric", nullable=True)
    return rounded_to_34(found, always=True)


def _inverse(divisor: object) -> Decimal | None:
    """Return 1 / divisor where it is finite and short, so that the division is an exact product."""
    if not isinstance(divisor, Decimal) or not divisor or divisor.adjusted() > 15:
        return None
    inverse = CONTEXT.divide(1, divisor)
    return inverse if WIDE.multiply(inverse, divisor) == 1 and len(inverse.as_tuple().digits) < 17 else None


def negated(a: Scalar, dialect: Dialect) -> Scalar:
    """Return -a."""
    if a.literal is not MISSING:
        return literal(CONTEXT.minus(a.literal), dialect)  # type: ignore[arg-type]
    if dialect == "postgresql":
        return replace(a, sql=-as_numeric(a), form="numeric")
    if a.form == "integer" and a.digits <= SAFE:
        return replace(a, sql=-a.sql)
    return replace(a, sql=sa.func.feel_negate(as_text(a), type_=sa.Text()), form="text")


def rounded_to_34(number: Scalar, *, always: bool = False) -> Scalar:
    """Return a numeric (PostgreSQL) rounded half to even where it may have more than 34 digits."""
    if number.digits > _LONGEST:
        raise refuse(None, "the numbers may become too long", "die Zahlen können zu lang werden")
    if number.digits <= DIGITS and not always:
        return number
    fraction = sa.func.split_part(sa.cast(sa.func.abs(Q), sa.Text()), ".", 2, type_=sa.Text())
    below = DIGITS + sa.func.length(fraction) - sa.func.length(sa.func.ltrim(fraction, "0"))
    above = DIGITS - sa.func.length(sa.cast(sa.func.trunc(sa.func.abs(Q)), sa.Text()))
    scale = sa.case((sa.func.abs(Q) >= 1, above), else_=below)
    body = sa.case((Q == 0, sa.cast(Q, sa.Numeric())), else_=half_even(Q, scale))
    return replace(number, sql=Let(number.sql, body))


def half_even(value: Sql, scale: Sql) -> Sql:
    """Return a numeric (PostgreSQL) rounded half to even at *scale*; the value is used several times."""
    near: Callable[..., Sql] = sa.func.round
    away, cut = near(value, scale, type_=sa.Numeric()), sa.func.trunc(value, scale, type_=sa.Numeric())
    half = cut * sa.literal_column("0.5", sa.Numeric())
    tie: Condition = value - cut == away - value
    even: Condition = sa.func.trunc(half, scale, type_=sa.Numeric()) == half
    return sa.case((sa.and_(tie, even), cut), else_=away)


# ------------------------------------------------------------------ rounding and the like

ROUNDINGS = ("decimal", "floor", "ceiling", "round up", "round down", "round half up", "round half down")


def rounded(name: str, number: Scalar, scale: int, dialect: Dialect) -> Scalar:
    """Return one of :data:`ROUNDINGS` at a known scale."""
    if number.form == "integer" and scale >= number.places and number.literal is MISSING:
        return number
    whole, places = max(number.whole, -scale) + 1, max(scale, 0)
    if dialect == "sqlite":
        sql = sa.func.feel_round(as_text(number), sa.literal_column(str(scale)), text(name), type_=sa.Text())
        return replace(number, sql=sql, form="text", whole=whole, places=places, literal=MISSING)
    if abs(scale) > _LONGEST:
        raise refuse(None, "this scale is too large for SQL", "diese Stellenzahl ist für SQL zu groß")
    let = Let(as_numeric(number), _rounding(name, scale))
    found = replace(number, sql=let, form="numeric", whole=whole, places=places, literal=MISSING)
    return rounded_to_34(found)


def _rounding(name: str, scale: int) -> Sql:
    at: Sql = sa.literal_column(str(scale))
    if name == "decimal":
        return half_even(Q, at)
    if name == "round half up":
        return sa.func.round(Q, at, type_=sa.Numeric())
    if name == "round down":
        return sa.func.trunc(Q, at, type_=sa.Numeric())
    up, down = _power(scale), _power(-scale)
    if name in ("floor", "ceiling"):
        cut: Callable[..., Sql] = sa.func.floor if name == "floor" else sa.func.ceil
        return cut(Q * up, type_=sa.Numeric()) * down
    size = sa.func.abs(Q, type_=sa.Numeric()) * up
    if name == "round half down":
        size = size - sa.literal_column("0.5", sa.Numeric())
    return sa.func.sign(Q, type_=sa.Numeric()) * sa.func.ceil(size, type_=sa.Numeric()) * down


def _power(scale: int) -> Sql:
    return sa.literal_column(format(Decimal(1).scaleb(scale), "f"), sa.Numeric())


def absolute(number: Scalar, dialect: Dialect) -> Scalar:
    """Return abs(number)."""
    if dialect == "postgresql":
        return replace(number, sql=sa.func.abs(as_numeric(number)), form="numeric", literal=MISSING)
    if number.form == "integer" and number.digits <= SAFE:
        return replace(number, sql=sa.func.abs(number.sql, type_=sa.Integer()), literal=MISSING)
    return replace(number, sql=sa.func.feel_abs(as_text(number), type_=sa.Text()), form="text", literal=MISSING)


def modulo(a: Scalar, b: Scalar, dialect: Dialect) -> Scalar:
    """Return the rest with the sign of the divisor; null for a divisor of zero."""
    if dialect == "sqlite":
        return replace(_by_text("feel_modulo", a, b, b.whole, max(a.places, b.places)), nullable=True)
    if a.digits > DIGITS - 2 or b.digits > DIGITS - 2:
        raise refuse(None, "the numbers are too long for modulo", "die Zahlen sind zu lang für modulo")
    divisor = sa.func.nullif(as_numeric(b), 0, type_=sa.Numeric())
    rest = sa.func.mod(sa.func.mod(as_numeric(a), divisor, type_=sa.Numeric()) + divisor, divisor, type_=sa.Numeric())
    found = _result(rest, a, b, b.whole, max(a.places, b.places))
    return replace(found, form="numeric", nullable=True)


def powered(a: Scalar, b: Scalar, dialect: Dialect) -> Scalar:
    """Return a ** b; on PostgreSQL for small whole exponents that stand in the rule."""
    if dialect == "sqlite":
        return replace(_by_text("feel_power", a, b, a.whole, a.places), nullable=True)
    exponent = b.literal
    if not isinstance(exponent, Decimal) or exponent not in range(1, 11):
        de = "PostgreSQL rechnet ** nur mit kleinen ganzen Zahlen als Exponent genau"
        raise refuse(None, "PostgreSQL calculates ** exactly with small whole exponents only", de)
    product, count = Q, int(exponent)
    for _ in range(count - 1):
        product = product * Q
    found = _result(Let(as_numeric(a), sa.cast(product, sa.Numeric())), a, b, a.whole * count, a.places * count)
    return rounded_to_34(replace(found, form="numeric"))
