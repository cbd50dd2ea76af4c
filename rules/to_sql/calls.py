"""The built-in functions that have SQL, one small function each, listed in :data:`FUNCTIONS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import sqlalchemy as sa
from fachwerk.rules.to_sql import lists, numbers, times
from fachwerk.rules.to_sql.pieces import Infix, Not
from fachwerk.rules.to_sql.regex import posix
from fachwerk.rules.to_sql.terms import MISSING, Condition, Frame, Kind, Listed, Many, Null, Scalar, Sql, Term, refuse
from fachwerk.rules.to_sql.work import Work
from fachwerk.rules.tree import Call, Name, Node

Handler = Callable[["Arguments"], Term]


class Arguments:
    """The arguments of one call, in the order of the function's parameters."""

    def __init__(self, work: Work, frame: Frame, call: Call, nodes: Sequence[Node | None]) -> None:
        self.work = work
        self.frame = frame
        self.call = call
        self.nodes = nodes
        self._terms: dict[int, Term] = {}

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def dialect(self) -> str:
        """The dialect of the statement."""
        return self.work.dialect

    def node(self, index: int) -> Node:
        """Return the node of an argument."""
        found = self.nodes[index] if index < len(self.nodes) else None
        if found is None:
            raise self.refuse("an argument is missing", "ein Argument fehlt")
        return found

    def given(self, index: int) -> bool:
        """Return whether there is such an argument."""
        return index < len(self.nodes) and self.nodes[index] is not None

    def term(self, index: int) -> Term:
        """Return the value of an argument, which is translated once however often it is asked for."""
        if index not in self._terms:
            self._terms[index] = self.work.value(self.node(index), self.frame)
        return self._terms[index]

    def scalar(self, index: int, kind: Kind) -> Scalar:
        """Return the value of an argument that is of *kind*."""
        return self.work.scalar_of(self.term(index), self.node(index), kind)

    def terms(self) -> list[Term]:
        """Return all values."""
        return [self.term(index) for index in range(len(self.nodes))]

    def whole(self, index: int) -> int:
        """Return a whole number that stands in the rule."""
        found = self.term(index)
        value = found.literal if isinstance(found, Scalar) else None
        if not isinstance(value, Decimal) or value != int(value):
            en = "in SQL this number must stand in the rule"
            raise refuse(self.node(index), en, "in SQL muss diese Zahl in der Regel stehen")
        return int(value)

    def refuse(self, en: str, de: str) -> Exception:
        """Return the refusal of the call."""
        return refuse(self.call, en, de)


def _derived(of: Sequence[Scalar], sql: Sql, kind: Kind, *, nullable: bool = False) -> Scalar:
    unsure = nullable or any(term.nullable for term in of)
    return Scalar(sql=sql, kind=kind, nullable=unsure, fixed=all(term.fixed for term in of))


# ------------------------------------------------------------------ strings


def _length(a: Arguments) -> Term:
    text = a.scalar(0, "string")
    length = sa.func.length(text.sql, type_=sa.BigInteger())
    return replace(numbers.whole_number(length, 9, a.work.dialect, nullable=text.nullable), fixed=text.fixed)


def _letters(upper: bool) -> Handler:
    def handler(a: Arguments) -> Term:
        text = a.scalar(0, "string")
        name = "upper" if upper else "lower"
        if a.dialect == "sqlite":
            return _derived([text], getattr(sa.func, f"feel_{name}")(text.sql, type_=sa.Text()), "string")
        folded = getattr(sa.func, name)(sa.collate(text.sql, "und-x-icu"), type_=sa.Text())
        return _derived([text], sa.collate(folded, "C"), "string")

    return handler


def _contains(a: Arguments) -> Term:
    text, part = a.scalar(0, "string"), a.scalar(1, "string")
    function = sa.func.strpos if a.dialect == "postgresql" else sa.func.instr
    return _derived([text, part], function(text.sql, part.sql, type_=sa.Integer()) > 0, "boolean")


def _starts(a: Arguments) -> Term:
    text, part = a.scalar(0, "string"), a.scalar(1, "string")
    if a.dialect == "postgresql":
        return _derived([text, part], sa.func.starts_with(text.sql, part.sql, type_=sa.Boolean()), "boolean")
    start = sa.func.substr(text.sql, 1, sa.func.length(part.sql), type_=sa.Text())
    return _derived([text, part], start == part.sql, "boolean")


def _ends(a: Arguments) -> Term:
    text, part = a.scalar(0, "string"), a.scalar(1, "string")
    length = sa.func.length(part.sql, type_=sa.Integer())
    if a.dialect == "postgresql":
        return _derived([text, part], sa.func.right(text.sql, length, type_=sa.Text()) == part.sql, "boolean")
    # substr(x, -0) would be the whole text
    found = sa.func.substr(text.sql, -sa.func.nullif(length, 0, type_=sa.Integer()), type_=sa.Text()) == part.sql
    return _derived([text, part], sa.case((length == 0, text.sql == text.sql), else_=found), "boolean")


def _substring(a: Arguments) -> Term:
    text = a.scalar(0, "string")
    start = a.whole(1)
    length = a.whole(2) if a.given(2) else None
    if start == 0 or (length is not None and length < 1) or abs(start) >= 2**31 or (length or 0) >= 2**31:
        return Null()
    count = [] if length is None else [integer_of(length)]
    if start > 0:
        return _derived([text], sa.func.substr(text.sql, integer_of(start), *count, type_=sa.Text()), "string")
    size = sa.func.length(text.sql, type_=sa.Integer())
    begin = size + integer_of(start + 1)
    found = sa.func.substr(text.sql, begin, *count, type_=sa.Text())
    return _derived([text], sa.case((size >= integer_of(-start), found)), "string", nullable=True)


def integer_of(value: int) -> Sql:
    """Return a small whole number as it is."""
    return sa.literal_column(str(value), sa.Integer())


def _around(after: bool) -> Handler:
    def handler(a: Arguments) -> Term:
        text, part = a.scalar(0, "string"), a.scalar(1, "string")
        function = sa.func.strpos if a.dialect == "postgresql" else sa.func.instr
        at = function(text.sql, part.sql, type_=sa.Integer())
        if after:
            found = sa.func.substr(text.sql, at + sa.func.length(part.sql, type_=sa.Integer()), type_=sa.Text())
        else:
            found = sa.func.substr(text.sql, 1, at - 1, type_=sa.Text())
        return _derived([text, part], sa.case((at > 0, found), (at == 0, "")), "string")

    return handler


def _matches(a: Arguments) -> Term:
    text, pattern = a.scalar(0, "string"), a.scalar(1, "string")
    flags = a.scalar(2, "string") if a.given(2) else None
    if a.dialect == "sqlite":
        given = [] if flags is None else [flags.sql]
        sql = sa.func.feel_matches(text.sql, pattern.sql, *given, type_=sa.Boolean())
        return _derived([text, pattern], sql, "boolean", nullable=True)
    found = posix(pattern.literal) if isinstance(pattern.literal, str) and flags is None else None
    if found is None:
        en = "PostgreSQL reads simple patterns that stand in the rule only"
        raise a.refuse(en, "PostgreSQL liest nur einfache Muster, die in der Regel stehen")
    return _derived([text], Infix(text.sql, "~", sa.literal(found, sa.Text()), sa.Boolean()), "boolean")


def _string(a: Arguments) -> Term:
    term = a.term(0)
    if isinstance(term, Scalar) and term.kind == "string":
        return term
    if isinstance(term, Scalar) and term.kind == "boolean":
        return _derived([term], sa.case((term.sql, "true"), (Not(term.sql), "false")), "string")
    if isinstance(term, Scalar) and term.kind == "number":
        if a.dialect == "sqlite":
            return _derived([term], sa.func.feel_string(numbers.as_text(term), type_=sa.Text()), "string")
        return _derived([term], sa.cast(sa.func.trim_scale(numbers.as_numeric(term)), sa.Text()), "string")
    if isinstance(term, Scalar) and term.kind == "date" and not term.wide:
        sql = term.sql if a.dialect == "sqlite" else sa.func.to_char(term.sql, "YYYY-MM-DD", type_=sa.Text())
        return _derived([term], sql, "string")
    en = "SQL writes strings, numbers, booleans and dates only"
    raise a.refuse(en, "SQL schreibt nur Texte, Zahlen, ja/nein und Daten")


# ------------------------------------------------------------------ numbers


def _rounding(a: Arguments) -> Term:
    name = _name(a.call)
    return numbers.rounded(name, a.scalar(0, "number"), a.whole(1) if a.given(1) else 0, a.work.dialect)


def _abs(a: Arguments) -> Term:
    term = a.term(0)
    if isinstance(term, Scalar) and term.kind in ("span", "months"):
        if term.whole > numbers.SAFE:
            raise a.refuse("the duration may be too long", "die Dauer kann zu lang sein")
        return replace(term, sql=sa.func.abs(term.sql, type_=sa.BigInteger()), literal=MISSING)
    return numbers.absolute(a.scalar(0, "number"), a.work.dialect)


def _modulo(a: Arguments) -> Term:
    return numbers.modulo(a.scalar(0, "number"), a.scalar(1, "number"), a.work.dialect)


def _parity(odd: bool) -> Handler:
    def handler(a: Arguments) -> Term:
        number = a.scalar(0, "number")
        two = numbers.literal(Decimal(2), a.work.dialect)
        if number.places:
            raise a.refuse("SQL asks whole numbers only", "SQL fragt nur ganze Zahlen")
        rest = numbers.modulo(number, two, a.work.dialect)
        value = rest.sql == ("1" if rest.form == "text" else 1)
        return _derived([number], value if odd else Not(value), "boolean")

    return handler


# ------------------------------------------------------------------ lists


def _list(a: Arguments) -> Many | Listed:
    """Return the list that an aggregate is asked about: one argument that is a list, or the arguments themselves."""
    if len(a) == 1:
        term = a.term(0)
        if isinstance(term, Many | Listed):
            return term
        if isinstance(term, Null) or (_name(a.call) == "count" and lists.or_null(term)):
            raise a.refuse("this is no list", "das ist keine Liste")
        return Listed((term,))
    return Listed(tuple(a.terms()))


def _aggregate(a: Arguments) -> Term:
    name = _name(a.call)
    node = a.node(0)
    if name == "count" and isinstance(node, Call) and _name(node) == "distinct values" and len(node.arguments) == 1:
        inner = a.work.value(node.arguments[0], a.frame)
        if isinstance(inner, Many):
            return lists.count_distinct(a.work, inner, node)
    return lists.aggregate(a.work, name, _list(a), a.call)


def _list_contains(a: Arguments) -> Term:
    items = a.term(0)
    if not isinstance(items, Many | Listed):
        raise a.refuse("this is no list", "das ist keine Liste")
    found = lists.contains(a.work, items, a.term(1), a.call)
    return a.work.boolean(found, nullable=lists.or_null(items))


def _every(some: bool) -> Handler:
    def handler(a: Arguments) -> Term:
        items = _list(a)
        if isinstance(items, Listed):
            terms = [term for term in items.items if isinstance(term, Scalar) and term.kind == "boolean"]
            if len(terms) < len(items.items):
                raise a.refuse("these are no booleans", "das sind keine Wahrheitswerte")
            join = sa.or_(sa.false(), *(t.sql for t in terms)) if some else sa.and_(sa.true(), *(t.sql for t in terms))
            return a.work.boolean(join, nullable=any(term.nullable for term in terms))
        element = items.element
        if not isinstance(element, Scalar) or element.kind != "boolean":
            raise a.refuse("these are no booleans", "das sind keine Wahrheitswerte")
        unclear = element.sql.is_(None) if element.nullable else None
        found = lists.quantified_value(items, some, _judged, unclear)
        return a.work.boolean(found, nullable=element.nullable or items.missing is not None)

    return handler


def _judged(element: Term, want: bool) -> Condition:
    assert isinstance(element, Scalar)
    return element.sql if want else Not(element.sql)


def _joined_lists(a: Arguments) -> Term:
    terms = a.terms()
    items: list[Term] = []
    for index, term in enumerate(terms):
        if isinstance(term, Listed):
            items += term.items
        elif _name(a.call) == "append" and index:
            items.append(term)
        else:
            raise a.refuse("SQL joins lists written out only", "SQL fügt nur ausgeschriebene Listen zusammen")
    return Listed(tuple(items))


# ------------------------------------------------------------------ dates


def _today(a: Arguments) -> Term:
    return Scalar(sql=a.work.parameter("today", "date"), kind="date", nullable=False, fixed=True)


def _now(a: Arguments) -> Term:
    return Scalar(sql=a.work.parameter("now", "moment"), kind="moment", nullable=False, fixed=True)


def _date(a: Arguments) -> Term:
    term = a.term(0) if len(a) == 1 else None
    if isinstance(term, Null):
        return term
    if isinstance(term, Scalar) and term.kind in ("date", "moment"):
        return times.date_of(term, a.work.dialect)
    raise a.refuse("SQL makes dates of dates and times only", "SQL macht Daten nur aus Datum und Uhrzeit")


def _months(a: Arguments) -> Term:
    first, last = a.term(0), a.term(1)
    if isinstance(first, Null) or isinstance(last, Null):
        return Null()
    dates = ("date", "moment")
    if isinstance(first, Scalar) and isinstance(last, Scalar) and first.kind in dates and last.kind in dates:
        return times.months_between(first, last, a.work.dialect)
    raise a.refuse("SQL knows this of dates only", "SQL kennt das nur von Daten")


def _day_part(a: Arguments) -> Term:
    term = a.term(0)
    found = times.part(term, _name(a.call), a.work.dialect) if isinstance(term, Scalar) else None
    if found is None:
        raise a.refuse("SQL knows this of dates only", "SQL kennt das nur von Daten")
    return found


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _named(part: str, names: Sequence[str]) -> Handler:
    def handler(a: Arguments) -> Term:
        term = a.term(0)
        found = times.part(term, part, a.work.dialect) if isinstance(term, Scalar) else None
        if found is None:
            raise a.refuse("SQL knows this of dates only", "SQL kennt das nur von Daten")
        cases = dict(enumerate(names, 1))
        return _derived([found], sa.case(cases, value=found.sql), "string")

    return handler


def _name(call: Call) -> str:
    return call.function.name if isinstance(call.function, Name) else ""


FUNCTIONS: Mapping[str, Handler] = {
    "string length": _length,
    "upper case": _letters(True),
    "lower case": _letters(False),
    "contains": _contains,
    "starts with": _starts,
    "ends with": _ends,
    "substring": _substring,
    "substring before": _around(False),
    "substring after": _around(True),
    "matches": _matches,
    "string": _string,
    **dict.fromkeys(numbers.ROUNDINGS, _rounding),
    "abs": _abs,
    "modulo": _modulo,
    "odd": _parity(True),
    "even": _parity(False),
    **dict.fromkeys(("count", "sum", "mean", "min", "max"), _aggregate),
    "list contains": _list_contains,
    "concatenate": _joined_lists,
    "append": _joined_lists,
    "today": _today,
    "now": _now,
    "date": _date,
    "years and months duration": _months,
    "all": _every(False),
    "any": _every(True),
    "day of year": _day_part,
    "week of year": _day_part,
    "day of week": _named("weekday", _WEEKDAYS),
    "month of year": _named("month", _MONTHS),
}
"""By the name of the function: what makes its SQL."""
