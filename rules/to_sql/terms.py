"""What parts of a rule become in SQL: scalars with what is known of them, records, and collections of either.

Terms are immutable; the SQL in them is SQLAlchemy's. Numbers carry bounds (*whole* digits before the point, *places*
behind it), so that exactness is decided when the rule is translated and not when it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from fachwerk.rules.storage import StoredRecord
from fachwerk.rules.tree import Node
from fachwerk.rules.types import AnyType, OptionType, RecordType, Type

if TYPE_CHECKING:
    from fachwerk.rules.check import Checked

Dialect = Literal["sqlite", "postgresql"]
Kind = Literal["number", "string", "boolean", "date", "time", "moment", "months", "span"]
Form = Literal["integer", "numeric", "text"]
"""How a number stands in SQL: an integer times 10**places, PostgreSQL's numeric, or SQLite's exact decimal text."""

Sql = sa.ColumnElement[Any]  # SQLAlchemy's elements are invariant in the type of their values
Condition = sa.ColumnElement[bool]

MISSING = object()
"""Stands for "no literal", because null is one."""

KINDS: Mapping[str, Kind] = {
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "moment",
    "years and months duration": "months",
    "days and time duration": "span",
}
"""Kinds of scalars by the name of their type."""


class NotTranslatable(Exception):
    """A part of a rule has no faithful SQL: the *node*, and the *reason* by language."""

    def __init__(self, node: Node | None, reason: Mapping[str, str]) -> None:
        super().__init__(reason["en"])
        self.node = node
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A value in SQL; *fixed* where it is the same for all rows, *wide* for dates outside of the years 1..9999.

    *zoned*: a date and time whose clock may be another than UTC, so that only its place in time is known.
    """

    sql: Sql
    kind: Kind
    nullable: bool = True
    fixed: bool = False
    literal: object = MISSING
    form: Form = "integer"
    whole: int = 0
    places: int = 0
    wide: bool = False
    zoned: bool = False

    @property
    def digits(self) -> int:
        """How many digits a number can have at most."""
        return self.whole + self.places


@dataclass(frozen=True, slots=True)
class Null:
    """The null literal."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record that is a row of a table in the statement; never null."""

    stored: StoredRecord
    record: RecordType
    table: sa.FromClause


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A record known by its id: one column for every record type that it may be of, at most one of them not null."""

    ids: Mapping[str, Sql]
    record: RecordType
    nullable: bool = True
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """A list that a sub-query gives; null where *missing* holds, otherwise the *element* of every row of *tables*."""

    tables: tuple[sa.FromClause, ...]
    where: tuple[Condition, ...]
    element: Term
    missing: Condition | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A list written out."""

    items: tuple[Term, ...]


Term = Scalar | Null | Row | Link | Many | Listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where names lead: variables first, then the fields of *record*, then whatever is *outer*.

    *joined* holds rows that stand for links of the record in question, by the path that leads there.
    """

    checked: Checked
    record: Row | Link | None = None
    names: Mapping[str, Term] | None = None
    outer: Frame | None = None
    joined: Mapping[tuple[str, ...], Row] | None = None

    def bind(self, names: Mapping[str, Term], record: Row | Link | None = None) -> Frame:
        """Return the inside of a quantifier or filter."""
        return Frame(checked=self.checked, names=names, record=record, outer=self)


def kind_of(type_: AnyType) -> Kind | None:
    """Return the kind of scalars of a type, None for lists, records and the like."""
    if isinstance(type_, OptionType):
        return "string"
    return KINDS.get(type_.name) if isinstance(type_, Type) else None


def refuse(node: Node | None, en: str, de: str) -> NotTranslatable:
    """Return the refusal of *node*."""
    return NotTranslatable(node, {"en": en, "de": de})
