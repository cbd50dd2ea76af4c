"""Finding: the statements behind lists, with filters, search, order and keyset paging in both directions.

A page is found by the place behind (or before) a record, never by counting off rows: the last page costs what the first
costs. Empty values stand last in both directions. One statement is compiled per shape of a question and kept; values
and cursors are parameters. Nobody learns by filter or order what they may not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.convert import Convert
from fachwerk.engine.cursors import pack, unpack
from fachwerk.engine.database import Connection, Row
from fachwerk.engine.filters import Conditions
from fachwerk.engine.query import Filter, Query, can_sort
from fachwerk.engine.reading import Reader
from fachwerk.engine.statements import Statement, given, render
from fachwerk.schemas.model import Field
from fachwerk.schemas.tables_columns import Dialect, Form

CAP = 1000
"""Records are counted up to here."""
MOST_WORDS = 6
MOST_STATEMENTS = 300
"""Shapes of questions kept per entity and set of roles."""

Sort = tuple[tuple[tuple[str, ...], bool], ...]


@dataclass(frozen=True, slots=True)
class Key:
    """One sort value: its expression, direction, whether it can be empty, and its form in a cursor."""

    sql: Any
    descending: bool
    nullable: bool
    form: Form


class Asked:
    """The statements of one shape of question, each rendered when it is first needed.

    Those of :meth:`behind` and :meth:`before` are run one after the other until a page is full.
    """

    def __init__(
        self, base: sa.Select[Any], counted: Any, keys: tuple[Key, ...], key_at: tuple[int, ...],
        values: tuple[Convert, ...], dialect: Dialect,
    ) -> None:  # fmt: skip
        self.keys = keys
        self.key_at = key_at
        self.values = values
        self._base = base
        self._counted = counted
        self._dialect = dialect
        self._kept: dict[object, tuple[Statement, ...]] = {}

    def first(self) -> Statement:
        """Return the statement of the first page."""
        return self._pages("first", [()], backward=False)[0]

    def behind(self, *, in_nulls: bool) -> tuple[Statement, ...]:
        """Return the statements of the page behind a record, whose first sort value is empty or not."""
        where = _behind_nulls if in_nulls else _behind
        return self._pages(("behind", in_nulls), where(self.keys, False), backward=False)

    def before(self, *, in_nulls: bool) -> tuple[Statement, ...]:
        """Return the statements of the page before a record, in reverse order."""
        where = _behind_nulls if in_nulls else _behind
        return self._pages(("before", in_nulls), where(self.keys, True), backward=True)

    def count(self) -> Statement:
        """Return the statement that counts up to the cap."""
        found = self._kept.get("count")
        if found is None:
            counted = sa.select(sa.func.count()).select_from(self._counted)
            found = self._kept["count"] = (render(counted, self._dialect),)
        return found[0]

    def _pages(self, name: object, places: Sequence[Sequence[Any]], *, backward: bool) -> tuple[Statement, ...]:
        found = self._kept.get(name)
        if found is None:
            found = self._kept[name] = tuple(self._page(where, backward) for where in places)
        return found

    def _page(self, where: Sequence[Any], backward: bool) -> Statement:
        statement = self._base.where(*where).order_by(*(_order(key, backward) for key in self.keys))
        return render(statement.limit(given("limit", sa.BigInteger())), self._dialect)


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one page, and the cursors of the pages behind and before it."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None
    count: int | None
    capped: bool


def _words(query: Query) -> list[str]:
    """Return the words searched for; all of them must be found, each in any field."""
    return query.search.split()[:MOST_WORDS]


class Finder:
    """Finds the rows of lists for one reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._dialect = reader.app.dialect
        self._conditions = Conditions(reader)
        self._kept: dict[object, Asked] = {}

    async def find(self, connection: Connection, query: Query, parameters: dict[str, object]) -> Found:
        """Return the page that *query* asks for; *parameters* are those of the rights."""
        asked = self._asked(query)
        values = dict(parameters)
        for index, (write, condition) in enumerate(zip(asked.values, query.filters, strict=True)):
            values[f"f{index}"] = write(condition.value)
        for index, word in enumerate(_words(query)):
            values[f"q{index}"] = self._conditions.pattern(word)
        values["limit"] = query.limit + 1
        if query.before:
            return await self._before(connection, asked, query, values)
        rows = await self._after(connection, asked, query, values)
        more = len(rows) > query.limit
        rows = rows[: query.limit]
        count, capped = await self._count(connection, asked, query, values, None if more else len(rows))
        return Found(
            rows,
            self._cursor(asked, rows[-1]) if more else None,
            self._cursor(asked, rows[0]) if query.after and rows else None,
            count,
            capped,
        )

    async def _after(
        self, connection: Connection, asked: Asked, query: Query, values: dict[str, object]
    ) -> Sequence[Row]:
        if not query.after:
            return await asked.first().fetch(connection, values)
        in_nulls = self._place(asked, query.after, values)
        return await _run_until(connection, asked.behind(in_nulls=in_nulls), values, query.limit + 1)

    async def _before(self, connection: Connection, asked: Asked, query: Query, values: dict[str, object]) -> Found:
        in_nulls = self._place(asked, query.before or "", values)
        rows = await _run_until(connection, asked.before(in_nulls=in_nulls), values, query.limit + 1)
        more = len(rows) > query.limit
        rows = list(reversed(rows[: query.limit]))
        count, capped = await self._count(connection, asked, query, values, None)
        return Found(
            rows,
            self._cursor(asked, rows[-1]) if rows else None,
            self._cursor(asked, rows[0]) if more else None,
            count,
            capped,
        )

    async def _count(
        self, connection: Connection, asked: Asked, query: Query, values: dict[str, object], known: int | None
    ) -> tuple[int | None, bool]:
        if not query.count:
            return None, False
        if known is not None and not query.after:
            return known, False
        ((count,),) = await asked.count().fetch(connection, values)
        return min(count, CAP), count > CAP

    def _place(self, asked: Asked, cursor: str, values: dict[str, object]) -> bool:
        """Put the values of *cursor* among the parameters; return whether its first sort value is empty."""
        found = unpack(cursor, [key.form for key in asked.keys], self._dialect)
        for index, value in enumerate(found):
            values[f"k{index}"] = value
        return found[0] is None

    def _cursor(self, asked: Asked, row: Row) -> str:
        return pack([row[at] for at in asked.key_at])

    # compiling --------------------------------------------------------------------------------------------------------

    def _asked(self, query: Query) -> Asked:
        sort = query.sort or self.default_sort()
        key = (tuple((f.path, f.operator, f.value is None) for f in query.filters), len(_words(query)), sort)
        asked = self._kept.get(key)
        if asked is None:
            if len(self._kept) >= MOST_STATEMENTS:
                self._kept.pop(next(iter(self._kept)))
            asked = self._kept[key] = self._compile(query.filters, len(_words(query)), sort)
        return asked

    def default_sort(self) -> Sort:
        """Return the order that the layout says, as far as it may be seen; else the newest first."""
        layout = self.reader.entity.model.list
        names = layout.sort if layout is not None else ()
        fields = self.reader.entity.model.fields
        sees = self.reader.rights.sees
        seen = [(n, down) for n, down in names if n == "id" or (n in fields and sees(n) and can_sort(fields[n]))]
        keys = [((name,), down) for name, down in seen]
        return tuple(keys) or ((("id",), True),)

    def _compile(self, filters: tuple[Filter, ...], words: int, sort: Sort) -> Asked:
        reader = self.reader
        keys = self._keys(sort)
        columns = list(reader.parts.columns)
        key_at = []
        for key in keys:
            place = next((i for i, known in enumerate(columns) if known is key.sql), None)
            if place is None:
                columns.append(key.sql)
                place = len(columns) - 1
            key_at.append(place)
        conditions, writers = self._conditions.all(filters)
        if words:
            conditions.append(self._conditions.search(words))
        if reader.condition is not None:
            conditions.append(reader.condition)
        base = sa.select(*columns).select_from(reader.parts.source).where(*conditions)
        counted = sa.select(sa.literal(1)).select_from(reader.table).where(*conditions).limit(CAP + 1).subquery()
        return Asked(base, counted, keys, tuple(key_at), tuple(writers), self._dialect)

    def _keys(self, sort: Sort) -> tuple[Key, ...]:
        keys = [key for path, descending in sort for key in self._expand(path, descending)]
        if not any(key.sql is self.reader.table.c.id for key in keys):
            down = keys[-1].descending if keys else True
            keys.append(Key(self.reader.table.c.id, down, False, Form("id")))
        return tuple(keys)

    def _expand(self, path: tuple[str, ...], descending: bool) -> list[Key]:
        """Return the sort values of a path; a link is sorted by the plain fields of its title."""
        last = self._conditions.last(path)
        if last is not None and last.kind in ("link", "tree", "user"):
            return [key for name in self._title_fields(last) for key in self._expand((*path, name), descending)]
        sql, form, nullable = self._conditions.value(path)
        return [Key(sql, descending, nullable, form)]

    def _title_fields(self, field: Field) -> list[str]:
        if field.kind == "user":
            return ["name"]
        entity = self.reader.app.entities[field.to[0]]
        read = entity.title.needs.record if entity.title is not None else {}
        names = [name for name in entity.model.fields if name in read and can_sort(entity.model.fields[name])]
        sees = self.reader.access.rights(self.reader.roles, entity.name).sees
        plain = [n for n in names if sees(n) and entity.model.fields[n].kind not in ("link", "tree", "user")]
        return plain if len(field.to) == 1 and plain else ["id"]


async def _run_until(
    connection: Connection, statements: Sequence[Statement], values: dict[str, object], wanted: int
) -> list[Row]:
    rows: list[Row] = []
    for statement in statements:
        rows += await statement.fetch(connection, {**values, "limit": wanted - len(rows)})
        if len(rows) >= wanted:
            break
    return rows


# ------------------------------------------------------------------ the place in the order


def _order(key: Key, backward: bool) -> Any:
    ordered = key.sql.desc() if key.descending != backward else key.sql.asc()
    if not key.nullable:
        return ordered
    return ordered.nulls_first() if backward else ordered.nulls_last()


def _behind(keys: tuple[Key, ...], backward: bool) -> list[list[Any]]:
    """Return the conditions of the statements that follow a record whose first sort value is there.

    Forward, the empty ones come in a statement of their own behind the rest, so that each walks an index.
    """
    first = keys[0]
    there = [first.sql.is_not(None)] if first.nullable else []
    bound = _compare(first, 0, backward, strict=False)
    segments = [[*there, bound, _past(keys, 0, backward)]]
    if first.nullable and not backward:
        segments.append([first.sql.is_(None)])
    return segments


def _behind_nulls(keys: tuple[Key, ...], backward: bool) -> list[list[Any]]:
    """Return the conditions of the statements that follow a record whose first sort value is empty."""
    first = keys[0]
    if not first.nullable:
        return [[sa.false()]]
    segments = [[first.sql.is_(None), _past(keys, 1, backward)]]
    if backward:
        segments.append([first.sql.is_not(None)])
    return segments


def _past(keys: tuple[Key, ...], start: int, backward: bool) -> Any:
    """Return the condition "stands behind the cursor" by the keys from *start* on."""
    key = keys[start]
    beyond = _compare(key, start, backward, strict=True)
    if start + 1 == len(keys):
        return beyond
    value = given(f"k{start}", key.sql.type)
    if start == 0 or not key.nullable:
        return sa.or_(beyond, sa.and_(key.sql == value, _past(keys, start + 1, backward)))
    empty = value.is_(None)
    equal = sa.or_(key.sql == value, sa.and_(key.sql.is_(None), empty))
    if backward:
        beyond = sa.or_(beyond, sa.and_(empty, key.sql.is_not(None)))
    else:
        beyond = sa.or_(beyond, sa.and_(key.sql.is_(None), value.is_not(None)))
    return sa.or_(beyond, sa.and_(equal, _past(keys, start + 1, backward)))


def _compare(key: Key, number: int, backward: bool, *, strict: bool) -> Any:
    value = given(f"k{number}", key.sql.type)
    if key.descending != backward:
        return key.sql < value if strict else key.sql <= value
    return key.sql > value if strict else key.sql >= value
