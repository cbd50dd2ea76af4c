"""A small world of records for tests of the rule language: types, tables for both databases, rows, and the same as dicts.

The main record type is ``permit``; it has fields of every type, links of every kind, back links, rows and a relation.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import asyncpg
import sqlalchemy as sa
from fachwerk.problems import Fragment, Problems
from fachwerk.rules import storage as s
from fachwerk.rules import types as t
from fachwerk.rules.check import Checked, check
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.to_sql import Statement, register_functions
from fachwerk.rules.to_sql.terms import Dialect
from sqlalchemy.dialects import postgresql, sqlite

NOW = datetime(2024, 2, 29, 13, 45, 30, 250_000, tzinfo=UTC)
Fields = Mapping[str, object]


def some(type_: t.AnyType) -> t.Typed:
    """A field that may be empty."""
    return t.Typed(type_, True)


def sure(type_: t.AnyType) -> t.Typed:
    """A field that is never empty."""
    return t.Typed(type_, False)


def record_types() -> dict[str, t.RecordType]:
    """Return the record types, which lead to each other."""
    fields: dict[str, dict[str, t.Typed]] = {
        name: {"id": sure(t.STRING)} for name in ("user", "person", "unit", "plot", "permit", "document", "ownership")
    }
    valid = {"ownership": ("since", "until")}
    tree = {"unit": "parent"}
    types = {name: t.RecordType(name, fields[name], tree=tree.get(name), valid=valid.get(name)) for name in fields}
    subject = t.RecordType(
        "person|plot", {"id": sure(t.STRING), "name": some(t.STRING), "unit": some(types["unit"])}
    )
    fields["user"] |= {"name": sure(t.STRING), "email": some(t.STRING)}
    fields["person"] |= {
        "name": sure(t.STRING), "born": some(t.DATE), "height": some(t.NUMBER), "user": some(types["user"]),
        "unit": some(types["unit"]),
    }  # fmt: skip
    fields["unit"] |= {"name": sure(t.STRING), "parent": some(types["unit"])}
    fields["plot"] |= {
        "name": sure(t.STRING), "area": sure(t.NUMBER), "max_storeys": some(t.NUMBER), "heritage": some(t.BOOLEAN),
        "district": sure(t.STRING), "owner": some(types["person"]), "unit": sure(types["unit"]),
        "permits": sure(t.ListType(sure(types["permit"]))),
    }  # fmt: skip
    fields["document"] |= {
        "permit": sure(types["permit"]), "title": some(t.STRING), "pages": sure(t.NUMBER), "fee": some(t.NUMBER),
        "signed": some(t.BOOLEAN), "made": some(t.DATE), "author": some(types["person"]), "kind": sure(KIND),
    }  # fmt: skip
    fields["ownership"] |= {
        "permit": sure(types["permit"]), "person": sure(types["person"]), "share": sure(t.NUMBER),
        "since": some(t.DATE), "until": some(t.DATE),
    }  # fmt: skip
    fields["permit"] |= {
        "a": sure(t.NUMBER), "b": some(t.NUMBER), "small": some(t.NUMBER), "big": sure(t.NUMBER),
        "price": some(t.NUMBER), "rate": sure(t.NUMBER), "cost": sure(t.NUMBER),
        "s": some(t.STRING), "name": sure(t.STRING), "f": some(t.BOOLEAN), "g": sure(t.BOOLEAN),
        "kind": sure(KIND), "state": some(STATE), "d": some(t.DATE), "e": sure(t.DATE), "clock": some(t.TIME),
        "at": sure(t.DATE_TIME), "seen": some(t.DATE_TIME), "span": some(t.DAYS_TIME),
        "plot": some(types["plot"]), "applicant": sure(types["person"]), "clerk": some(types["user"]),
        "subject": some(subject), "tags": some(t.ListType(sure(t.STRING))),
        "documents": sure(t.ListType(sure(types["document"]))), "experts": sure(t.ListType(sure(types["person"]))),
        "ownership": sure(t.ListType(sure(types["ownership"]))),
        "total": some(t.NUMBER), "late": some(t.BOOLEAN),
    }  # fmt: skip
    return types


KIND = t.OptionType("permit.kind", ("new", "change", "demolition"))
STATE = t.OptionType("permit.state", ("draft", "in_review", "decided"))
DERIVED = {"total": "(price + cost) * 2", "late": "d < today()"}


def scope_of(types: Mapping[str, t.RecordType], record: str = "permit") -> Scope:
    """Return the scope of a rule over *record*."""
    return Scope(types[record].fields, me=types["user"], mine={"person": types["person"]})


def read(text: str, scope: Scope, expect: t.Typed | None = None) -> tuple[Checked, Problems]:
    """Parse and check a rule."""
    fragment, problems = Fragment.of(text), Problems()
    return check(parse(fragment, scope, problems), fragment, scope, problems, expect=expect), problems


# ------------------------------------------------------------------ tables

Shape = tuple[str, int | None, int | None]
"""Kind of column, places, digits."""

COLUMNS: Mapping[str, Mapping[str, Shape]] = {
    "user": {"name": ("string", None, None), "email": ("string", None, None)},
    "person": {
        "name": ("string", None, None), "born": ("date", None, None), "height": ("number", 1, 5),
        "user": ("link", None, None), "unit": ("link", None, None),
    },
    "unit": {"name": ("string", None, None), "parent": ("link", None, None), "_path": ("path", None, None)},
    "plot": {
        "name": ("string", None, None), "area": ("number", 2, None), "max_storeys": ("number", None, None),
        "heritage": ("boolean", None, None), "district": ("string", None, None), "owner": ("link", None, None),
        "unit": ("link", None, None),
    },
    "document": {
        "permit": ("link", None, None), "title": ("string", None, None), "pages": ("number", None, 6),
        "fee": ("number", 2, None), "signed": ("boolean", None, None), "made": ("date", None, None),
        "author": ("link", None, None), "kind": ("string", None, None),
    },
    "ownership": {
        "permit": ("link", None, None), "person": ("link", None, None), "share": ("number", 3, 9),
        "since": ("date", None, None), "until": ("date", None, None),
    },
    "permit": {
        "a": ("number", None, None), "b": ("number", None, None), "small": ("number", None, 4),
        "big": ("number", None, None), "price": ("number", 2, None), "rate": ("number", 4, None),
        "cost": ("number", 2, 9), "s": ("string", None, None), "name": ("string", None, None),
        "f": ("boolean", None, None), "g": ("boolean", None, None), "kind": ("string", None, None),
        "state": ("string", None, None), "d": ("date", None, None), "e": ("date", None, None),
        "clock": ("time", None, None), "at": ("moment", None, None), "seen": ("moment", None, None),
        "span": ("span", None, 15), "plot": ("link", None, None), "applicant": ("link", None, None),
        "clerk": ("link", None, None), "subject__person": ("link", None, None), "subject__plot": ("link", None, None),
        "tags": ("json", None, None),
    },
}  # fmt: skip


def column_type(shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[object]:
    """Return a column's type, as the table in ``rules.storage`` says."""
    kind, places, _ = shape
    if dialect == "sqlite":
        return sa.Integer() if kind in ("number", "boolean", "span") else sa.Text()
    if kind == "number":
        return sa.BigInteger() if places is None else sa.Numeric(19, places)
    return {
        "string": sa.Text(), "path": sa.Text(collation="C"), "boolean": sa.Boolean(), "date": sa.Date(),
        "time": sa.Time(), "moment": sa.DateTime(timezone=True), "span": sa.BigInteger(),
        "link": postgresql.UUID(as_uuid=False), "id": postgresql.UUID(as_uuid=False), "json": postgresql.JSONB(),
    }[kind]  # fmt: skip


def tables_of(dialect: Dialect) -> sa.MetaData:
    """Return the tables, which are called like the record types."""
    metadata = sa.MetaData()
    for record, columns in COLUMNS.items():
        made = [sa.Column(name, column_type(shape, dialect)) for name, shape in columns.items()]
        key = sa.Column("id", column_type(("id", None, None), dialect), primary_key=True)
        sa.Table(record, metadata, key, *made)
    ends = [sa.Column(name, column_type(("id", None, None), dialect)) for name in ("source", "target")]
    sa.Table("permit__experts", metadata, *ends)
    return metadata


def storage_of(types: Mapping[str, t.RecordType]) -> s.Storage:
    """Return where the fields are."""
    fields: dict[str, dict[str, object]] = {}
    for record, columns in COLUMNS.items():
        fields[record] = {}
        for name, (kind, places, digits) in columns.items():
            typed = types[record].fields.get(name)
            if kind == "link" and typed is not None and isinstance(typed.type, t.RecordType):
                fields[record][name] = s.Reference({typed.type.name: name})
            elif typed is not None:
                fields[record][name] = s.Column(name, places, kind == "json", digits)
    fields["permit"] |= {
        "subject": s.Reference({"person": "subject__person", "plot": "subject__plot"}),
        "documents": s.Children("document", "permit"),
        "ownership": s.Children("ownership", "permit"),
        "experts": s.Members("person", "permit__experts", "source", "target"),
    }
    fields["plot"]["permits"] = s.Children("permit", "plot")
    for name, text in DERIVED.items():
        fields["permit"][name] = s.Derived(read(text, scope_of(types))[0])
    return {
        record: s.StoredRecord(record, record, fields[record], "_path" if record == "unit" else None)  # type: ignore[arg-type]
        for record in fields
    }


# ------------------------------------------------------------------ rows


NUMBERS = (0, 1, -1, 2, 3, 5, 7, 10, -12, 100, 1000)
BIG = (0, 1, 2**63 - 1, -(2**63), 2**53 + 1, 10**18, 999_999_999_999_999_999)
DECIMALS = ("0", "0.01", "-0.01", "0.5", "1", "1.5", "2.5", "-2.5", "2.67", "3.3", "99.99", "1000", "1234567.89")
STRINGS = (
    "",
    "a",
    "b",
    "B",
    "ab",
    "abc",
    "Ab",
    "ä",
    "z",
    "müßig",
    "50%",
    "5000",
    "_",
    "x y",
    "\U0001f40e",
    "ÀÉ",
    "a\nb",
    "ﬁ",
)
DATES = (
    date(2024, 2, 29), date(2024, 3, 1), date(2024, 1, 31), date(2023, 12, 31), date(1999, 1, 1), date(1, 1, 1),
    date(9999, 12, 31), date(2021, 1, 31), date(2024, 2, 28), date(1582, 10, 10),
)  # fmt: skip
TIMES = (time(0, 0), time(12, 30), time(23, 59, 59, 999_999), time(7, 5, 3))
MOMENTS = (
    NOW, datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 1, 31, 23, 59, 59, 999_999, UTC), datetime(1969, 12, 31, 1, 2, 3, 4, UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
)  # fmt: skip
SPANS = (
    timedelta(0), timedelta(days=1), timedelta(days=-1, microseconds=1), timedelta(hours=36), timedelta(days=365),
    timedelta(microseconds=-1), timedelta(seconds=90061), timedelta(days=-400, hours=-5),
)  # fmt: skip


@dataclass(eq=False)
class World:
    """Types, storage, rows and the same rows as dicts."""

    types: Mapping[str, t.RecordType]
    storage: s.Storage
    rows: Mapping[str, Sequence[Fields]]
    members: Sequence[tuple[str, str]]
    records: Mapping[str, Mapping[str, dict[str, object]]]
    me: str
    mine: str
    scope: Scope
    tables: Mapping[Dialect, sa.MetaData] = field(
        default_factory=lambda: {d: tables_of(d) for d in ("sqlite", "postgresql")}
    )

    @property
    def parameters(self) -> Mapping[str, object]:
        """The values of the parameters of statements."""
        return {"me": self.me, "my_person": self.mine, "now": NOW, "today": NOW.date()}

    @property
    def permits(self) -> Sequence[dict[str, object]]:
        """The main records as dicts."""
        return list(self.records["permit"].values())


def make_world(seed: int = 1, permits: int = 40) -> World:
    """Make a world; the same one for the same seed."""
    draw = random.Random(seed)
    types = record_types()
    ids = {
        record: [str(uuid.UUID(int=draw.getrandbits(128), version=4)) for _ in range(count)]
        for record, count in (
            ("user", 3), ("unit", 6), ("person", 6), ("plot", 5), ("permit", permits), ("document", permits * 2),
            ("ownership", permits),
        )
    }  # fmt: skip
    rows = {record: [_row(draw, types, record, key, ids) for key in ids[record]] for record in ids}
    _make_tree(rows["unit"])
    members = sorted({(draw.choice(ids["permit"]), draw.choice(ids["person"])) for _ in range(permits)})
    storage = storage_of(types)
    records = _as_dicts(types, rows, members)
    return World(types, storage, rows, members, records, ids["user"][0], ids["person"][0], scope_of(types))


def _row(
    draw: random.Random, types: Mapping[str, t.RecordType], record: str, key: str, ids: Mapping[str, list[str]]
) -> dict[str, object]:
    row: dict[str, object] = {"id": key}
    for name, shape in COLUMNS[record].items():
        typed = types[record].fields.get(name)
        if shape[0] == "path" or name.startswith("subject__"):
            row[name] = None
            continue
        assert typed is not None
        empty = typed.nullable and draw.random() < 0.25
        row[name] = None if empty else _value(draw, name, shape, typed, ids)
    if record == "permit":
        which = draw.choice(("person", "plot", None))
        if which:
            row[f"subject__{which}"] = draw.choice(ids[which])
    return row


def _value(draw: random.Random, name: str, shape: Shape, typed: t.Typed, ids: Mapping[str, list[str]]) -> object:
    kind, places, digits = shape
    if isinstance(typed.type, t.OptionType):
        return draw.choice(typed.type.options)
    if kind == "link":
        assert isinstance(typed.type, t.RecordType)
        return draw.choice(ids[typed.type.name])
    if kind == "number" and places is None:
        return Decimal(draw.choice(BIG if name == "big" else NUMBERS))
    if kind == "number":
        value = Decimal(draw.choice(DECIMALS)).quantize(Decimal(1).scaleb(-(places or 0)))
        return value if digits is None or abs(value) < 10 ** (digits - (places or 0)) else Decimal(1)
    if kind == "json":
        return [draw.choice(STRINGS) for _ in range(draw.randrange(4))]
    pools: Mapping[str, Sequence[object]] = {
        "string": STRINGS, "date": DATES, "time": TIMES, "moment": MOMENTS, "span": SPANS, "boolean": (True, False),
    }  # fmt: skip
    return draw.choice(pools[kind])


def _make_tree(units: Sequence[dict[str, object]]) -> None:
    for number, unit in enumerate(units):
        parent = None if number % 3 == 0 else units[number - 1]
        unit["parent"] = None if parent is None else parent["id"]
        unit["_path"] = f"{'/' if parent is None else parent['_path']}{unit['id']}/"


def _as_dicts(
    types: Mapping[str, t.RecordType], rows: Mapping[str, Sequence[Fields]], members: Iterable[tuple[str, str]]
) -> dict[str, dict[str, dict[str, object]]]:
    """Return the records as the compiled rules see them: links are the linked records."""
    records: dict[str, dict[str, dict[str, object]]] = {
        record: {str(row["id"]): {**row, "_entity": record} for row in found} for record, found in rows.items()
    }
    for record, found in records.items():
        for made in found.values():
            for name, shape in COLUMNS[record].items():
                typed = types[record].fields.get(name)
                if shape[0] == "link" and typed is not None and isinstance(typed.type, t.RecordType):
                    made[name] = None if made[name] is None else records[typed.type.name][str(made[name])]
    for permit in records["permit"].values():
        person, plot = permit.pop("subject__person"), permit.pop("subject__plot")
        permit["subject"] = records["person"][str(person)] if person else records["plot"][str(plot)] if plot else None
        permit |= {"documents": [], "ownership": [], "experts": []}
    for plot_record in records["plot"].values():
        plot_record["permits"] = [p for p in records["permit"].values() if p["plot"] is plot_record]
    for record, name in (("document", "documents"), ("ownership", "ownership")):
        for made in records[record].values():
            made["permit"][name].append(made)  # type: ignore[index]
    for permit_id, person_id in members:
        records["permit"][permit_id]["experts"].append(records["person"][person_id])  # type: ignore[attr-defined]
    return records


# ------------------------------------------------------------------ databases


def to_driver(value: object, shape: Shape, dialect: Dialect) -> object:
    """Return a value as its column holds it."""
    kind, places, _ = shape
    if value is None:
        return None
    if kind == "json":
        return json.dumps(value)
    if kind == "span":
        assert isinstance(value, timedelta)
        return value // timedelta(microseconds=1)
    if kind == "number" and (dialect == "sqlite" or places is None):
        return int(Decimal(str(value)).scaleb(places or 0))
    if dialect == "sqlite":
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00").rjust(32, "0")
        if isinstance(value, time):
            return value.isoformat("microseconds")
        return value.isoformat() if isinstance(value, date) else int(value) if isinstance(value, bool) else value
    return value.isoformat() if isinstance(value, date) else value


def _fill(world: World, dialect: Dialect) -> Iterable[tuple[str, str, list[tuple[object, ...]]]]:
    """Yield for every table: its CREATE, its INSERT with ``?``, and the rows."""
    chosen = sqlite.dialect() if dialect == "sqlite" else postgresql.dialect()
    for table in world.tables[dialect].sorted_tables:
        create = str(sa.schema.CreateTable(table).compile(dialect=chosen))
        names = [column.name for column in table.columns]
        marks = ", ".join(_mark(dialect, number, column) for number, column in enumerate(table.columns, 1))
        insert = f'insert into "{table.name}" ({", ".join(chr(34) + n + chr(34) for n in names)}) values ({marks})'
        if table.name == "permit__experts":
            yield create, insert, list(world.members)
            continue
        shapes = {"id": ("id", None, None), **COLUMNS[table.name]}
        found = [tuple(to_driver(row[n], shapes[n], dialect) for n in names) for row in world.rows[table.name]]
        yield create, insert, found


def _mark(dialect: Dialect, number: int, column: sa.Column[object]) -> str:
    """asyncpg would make infinity of the first and the last day, so dates go as texts."""
    if dialect == "sqlite":
        return "?"
    date_type = {"DATE": "date", "DATETIME": "timestamptz"}.get(str(column.type))
    return f"cast(${number}::text as {date_type})" if date_type else f"${number}"


def fill_sqlite(world: World, path: str = ":memory:") -> sqlite3.Connection:
    """Return a connection to an SQLite database with the world in it."""
    connection = sqlite3.connect(path)
    register_functions(connection)
    for create, insert, rows in _fill(world, "sqlite"):
        connection.execute(create)
        connection.executemany(insert, rows)
    connection.commit()
    return connection


class Postgres:
    """A PostgreSQL database with the world in it, asked one statement after the other."""

    def __init__(self, world: World, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.connection = self.loop.run_until_complete(asyncpg.connect(url, statement_cache_size=0))
        self.loop.run_until_complete(self._fill(world))

    async def _fill(self, world: World) -> None:
        for create, insert, rows in _fill(world, "postgresql"):
            await self.connection.execute(create)
            await self.connection.executemany(insert, rows)

    def fetch(self, statement: Statement, parameters: Mapping[str, object]) -> list[tuple[object, ...]]:
        """Return the rows of a statement."""
        found = self.loop.run_until_complete(self.connection.fetch(statement.text, *statement.arguments(parameters)))
        return [tuple(row) for row in found]

    def run(self, text: str) -> None:
        """Run a statement."""
        self.loop.run_until_complete(self.connection.execute(text))

    def close(self) -> None:
        """Close the connection."""
        self.loop.run_until_complete(self.connection.close())
        self.loop.close()


def fetch_sqlite(
    connection: sqlite3.Connection, statement: Statement, parameters: Mapping[str, object]
) -> list[tuple[object, ...]]:
    """Return the rows of a statement."""
    return connection.execute(statement.text, statement.arguments(parameters)).fetchall()
