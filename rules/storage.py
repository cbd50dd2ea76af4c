"""Where the fields of records are stored: what the SQL target needs to know of the tables, as names only.

The schema makes one :class:`StoredRecord` per record type (entity, relation, rows, user); ``rules.to_sql`` turns paths
over them into columns, joins and sub-queries of the SQLAlchemy tables of the same names. Every table has its key in
the column ``id``.

Forms of values in columns, the same everywhere:

========================= ============================== ==================================================
type                      PostgreSQL                     SQLite
========================= ============================== ==================================================
string, option            TEXT                           TEXT
number, ``places`` None   BIGINT                         INTEGER
number with ``places`` n  NUMERIC(precision, n)          INTEGER, the value times 10**n (``scaled``)
boolean                   BOOLEAN                        INTEGER 0/1
date                      DATE                           TEXT ``YYYY-MM-DD``
time                      TIME                           TEXT ``HH:MM:SS.ffffff``
date and time             TIMESTAMP WITH TIME ZONE       TEXT ``YYYY-MM-DDTHH:MM:SS.ffffff+00:00`` (always UTC)
days and time duration    BIGINT microseconds            INTEGER microseconds
record (link)             UUID                           TEXT, 36 characters
list or context           JSONB                          TEXT, JSON
========================= ============================== ==================================================

Strings are compared by code points, which PostgreSQL does with the collation ``"C"`` only: an index serves ``<``,
``>`` and ``starts with`` when the column itself is declared with it (``sa.Text(collation="C")``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fachwerk.rules.check import Checked


@dataclass(frozen=True, slots=True)
class Column:
    """A value in a column of the record's own table; *places* as in the table above; *json* for lists and contexts.

    *digits*: how many digits the schema lets into the column at most, those behind the point included. Calculations
    that cannot leave 18 digits stay integers on SQLite, which is much quicker; 19, the whole column, when not known.
    Durations need 17 digits or less (3,000 years) to be added to dates on PostgreSQL.
    """

    name: str
    places: int | None = None
    json: bool = False
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A link to one record: for every record type it may lead to, the column that holds the id."""

    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Children:
    """The records of type *record* whose *column* holds our id: back links, rows, the ends of relations."""

    record: str
    column: str


@dataclass(frozen=True, slots=True)
class Members:
    """The records of type *record* linked through *table* (many to many): our id in *ours*, theirs in *theirs*."""

    record: str
    table: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A computed field that is not stored: the checked rule, whose names are the fields of the same record."""

    rule: Checked


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record type: its table, its fields, and the column of its path in the tree, if it is one.

    *path* holds ``/`` + the ids from the root down to the record itself, each followed by ``/``.
    """

    name: str
    table: str
    fields: Mapping[str, Column | Reference | Children | Members | Derived]
    path: str | None = None


Storage = Mapping[str, StoredRecord]
"""The stored records by the name of their record type."""
