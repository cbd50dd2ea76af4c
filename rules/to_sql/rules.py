"""What callers use of the SQL target: whole rules to expressions, and the values of these back to Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from fachwerk.problems import Code, Problem
from fachwerk.rules.storage import Storage
from fachwerk.rules.to_sql.comparing import ids_of
from fachwerk.rules.to_sql.numbers import SAFE, as_numeric, rounded
from fachwerk.rules.to_sql.pieces import Infix, type_of
from fachwerk.rules.to_sql.render import render
from fachwerk.rules.to_sql.sizes import DEEP, Sizes
from fachwerk.rules.to_sql.sqlite import read_date, read_moment, readable
from fachwerk.rules.to_sql.terms import (
    MISSING,
    Condition,
    Dialect,
    Frame,
    Link,
    NotTranslatable,
    Null,
    Row,
    Scalar,
    Sql,
    Term,
    refuse,
)
from fachwerk.rules.to_sql.translator import Translator
from fachwerk.rules.types import RecordType
from fachwerk.rules.values.days import Months
from fachwerk.rules.values.numbers import WIDE
from sqlalchemy.sql.visitors import iterate

if TYPE_CHECKING:
    from fachwerk.rules.check import Checked

NOT_IN_SQL = Code(
    "rule-not-in-sql",
    {"en": "This rule must run in the database, and there it cannot: {reason}.",
     "de": "Diese Regel muss in der Datenbank laufen, und dort geht es nicht: {reason}."},
    label={"en": "has no SQL", "de": "hat kein SQL"},
    remedy={"en": "Write it with comparisons of fields, links, lists of records and simple functions.",
            "de": "Mit Vergleichen von Feldern, Verknüpfungen, Listen und einfachen Funktionen schreiben."},
    what={"en": "A right or the filter of a list uses something that has no faithful translation to SQL.",
          "de": "Ein Recht oder der Filter einer Liste verwendet etwas, das kein getreues SQL hat."},
    why={"en": "Rights and filters choose among all records; only the database can do that quickly and correctly.",
         "de": "Rechte und Filter wählen aus allen Datensätzen; schnell und richtig kann das nur die Datenbank."},
    wrong='sort(permits.fee)[1] > 5',
    right='min(permits.fee) > 5',
)  # fmt: skip
"""A rule that must have SQL has none."""


def to_filter(
    checked: Checked,
    storage: Storage,
    metadata: sa.MetaData,
    dialect: Dialect,
    *,
    record: str,
    table: sa.FromClause | None = None,
) -> Condition:
    """Return the filter form of a rule over records of type *record*: true exactly where the rule is true.

    Elsewhere it is false or null, which WHERE does not tell apart. *table* is the table or alias in the statement; the
    table of the record type by default. Raises :class:`NotTranslatable`.
    """
    work, frame = _begin(checked, storage, metadata, dialect, record, table)
    return _readable(work.truth(checked.node, frame, True), checked, dialect)


def to_value(
    checked: Checked,
    storage: Storage,
    metadata: sa.MetaData,
    dialect: Dialect,
    *,
    record: str,
    table: sa.FromClause | None = None,
) -> Sql:
    """Return the value form of a rule over records of type *record*, null included.

    The driver's values are read by :func:`decoder`. Records are their ids. Raises :class:`NotTranslatable`.
    """
    work, frame = _begin(checked, storage, metadata, dialect, record, table)
    return _readable(_outcome(work.value(checked.node, frame), dialect, checked), checked, dialect)


def to_scaled(
    checked: Checked,
    storage: Storage,
    metadata: sa.MetaData,
    dialect: Dialect,
    *,
    record: str,
    places: int | None,
    table: sa.FromClause | None = None,
) -> Sql:
    """Return the number that a rule gives as a column of so many *places* keeps it (``None``: whole numbers).

    Rounded half to even, as a numeric on PostgreSQL and as an integer times 10**places on SQLite. Raises
    :class:`NotTranslatable` also for what is no number, not surely whole where that is asked for, or on SQLite not
    surely within 18 digits.
    """
    work, frame = _begin(checked, storage, metadata, dialect, record, table)
    term = work.value(checked.node, frame)
    if not isinstance(term, Scalar) or term.kind != "number":
        raise refuse(checked.node, "this is no number", "das ist keine Zahl")
    found = term if places is None else rounded("decimal", term, places, dialect)
    shift = (places or 0) - found.places
    short = found.form == "integer" and found.literal is MISSING and found.whole + (places or 0) <= SAFE
    if (places is None and found.places) or (dialect == "sqlite" and not short):
        raise refuse(checked.node, "this is no plain number", "das ist keine einfache Zahl")
    if dialect == "postgresql":
        return _readable(sa.cast(as_numeric(found), sa.Numeric()), checked, dialect)
    sql = found.sql * sa.literal_column(str(10**shift), sa.BigInteger()) if shift else found.sql
    return _readable(sql, checked, dialect)


def _readable(sql: Sql, checked: Checked, dialect: Dialect) -> Sql:
    """SQLite reads only so many parts inside of each other."""
    if dialect == "sqlite" and Sizes().depth(sql) > DEEP and not readable(render(sql, dialect).text):
        en = "written out in SQL this is nested too deeply for SQLite"
        raise refuse(checked.node, en, "in SQL ausgeschrieben ist das für SQLite zu tief verschachtelt")
    return sql


def _begin(
    checked: Checked,
    storage: Storage,
    metadata: sa.MetaData,
    dialect: Dialect,
    record: str,
    table: sa.FromClause | None,
) -> tuple[Translator, Frame]:
    work = Translator(dialect, storage, metadata)
    stored = work.stored(record, checked.node)
    source = metadata.tables[stored.table] if table is None else table
    row = Row(stored, RecordType(record, checked.scope.names), source)
    return work, Frame(checked=checked, record=row)


class Outcome(sa.types.TypeDecorator[Any]):
    """The type of a value form: reads the driver's values back into values of the rule language."""

    impl = sa.types.NullType
    cache_ok = True

    def __init__(self, kind: str = "null", places: int | None = None) -> None:
        super().__init__()
        self.kind = kind
        self.places = places

    def read(self, value: object) -> object:
        """Return the value of the rule language for a value of the driver."""
        if value is None:
            return None
        if self.kind == "number":
            return _read_number(value, self.places)
        read = _READ.get(self.kind)
        return value if read is None else read(value)


def _read_number(value: object, places: int | None) -> Decimal:
    if isinstance(value, Decimal):
        return value
    return Decimal(str(value)) if places is None else WIDE.scaleb(Decimal(int(str(value))), -places)


_READ: dict[str, Callable[..., object]] = {
    "boolean": bool,
    "date": lambda value: read_date(value) if isinstance(value, str) else value,
    "moment": lambda value: read_moment(value) if isinstance(value, str) else value,
    "time": lambda value: time.fromisoformat(value) if isinstance(value, str) else value,
    "span": lambda value: timedelta(microseconds=int(value)),
    "months": lambda value: Months(int(value)),
    "id": str,
}


def _outcome(term: Term, dialect: Dialect, checked: Checked) -> Sql:
    if isinstance(term, Null):
        return sa.type_coerce(sa.null(), Outcome("null"))
    if isinstance(term, Row | Link):
        ids = [sa.cast(sql, sa.Text()) if dialect == "postgresql" else sql for sql in ids_of(term).values()]
        return sa.type_coerce(sa.func.coalesce(*ids) if len(ids) > 1 else ids[0], Outcome("id"))
    if not isinstance(term, Scalar):
        raise refuse(checked.node, "a list is no column", "eine Liste ist keine Spalte")
    if term.kind == "number" and dialect == "postgresql":
        return sa.type_coerce(sa.cast(as_numeric(term), sa.Numeric()), Outcome("number"))
    if term.wide and dialect == "postgresql":
        return sa.type_coerce(_far(term), Outcome(term.kind))
    places = term.places if term.kind == "number" and term.form == "integer" else None
    return sa.type_coerce(_typed(term, dialect), Outcome(term.kind, places))


def _typed(term: Scalar, dialect: Dialect) -> Sql:
    """PostgreSQL must be told the type of a value that stands alone."""
    if dialect == "postgresql" and isinstance(term.sql, sa.BindParameter):
        return sa.cast(term.sql, type_of(term.kind, dialect))
    return term.sql


def _far(term: Scalar) -> Sql:
    """A date that may lie outside of what drivers read becomes a text as SQLite has it."""
    moment = term.sql if term.kind == "date" else sa.func.timezone("UTC", term.sql)
    year = sa.cast(sa.extract("year", moment), sa.BigInteger())
    astronomical = sa.case((year < 0, year + 1), else_=year)
    digits: Sql = sa.literal_column("'FM000000000'")
    start = sa.case(
        (year.between(1, 9999), sa.func.to_char(year, "FM0000")),
        (year > 0, Infix(sa.literal(":", sa.Text()), "||", sa.func.to_char(year, digits), sa.Text())),
        else_=Infix(sa.literal("-", sa.Text()), "||", sa.func.to_char(astronomical + 999_999_999, digits), sa.Text()),
    )
    rest = "-MM-DD" if term.kind == "date" else '-MM-DD"T"HH24:MI:SS.US"+00:00"'
    return Infix(start, "||", sa.func.to_char(moment, rest), sa.Text())


def decoder(value: Sql) -> Callable[[object], object]:
    """Return the function from the driver's values of a value form to values of the rule language."""
    type_ = value.type
    return type_.read if isinstance(type_, Outcome) else _unread


def _unread(value: object) -> object:
    return value


def parameters(expression: sa.ClauseElement) -> frozenset[str]:
    """Return the parameters that *expression* needs: ``me``, ``my_<entity>``, ``today``, ``now``."""
    return frozenset(part.key for part in iterate(expression) if isinstance(part, sa.BindParameter) and part.required)


def translatable(
    checked: Checked, storage: Storage, metadata: sa.MetaData, dialect: Dialect, *, record: str
) -> tuple[NotTranslatable, ...]:
    """Return why a rule has no filter form in *dialect*; empty where it has one."""
    try:
        to_filter(checked, storage, metadata, dialect, record=record)
    except NotTranslatable as reason:
        return (reason,)
    return ()


def problem_of(reason: NotTranslatable, checked: Checked) -> Problem:
    """Return the problem of a rule that must run in the database and cannot, at the part in question."""
    node = reason.node or checked.node
    return NOT_IN_SQL.at(checked.fragment.span(node.start, node.end or None), reason=reason.reason)
