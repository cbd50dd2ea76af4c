"""The store of one entity: the statements that fetch a whole record for a change, and that write it.

Values here are those of the kinds; columns and driver values stay inside. Rows and many links are part of the record:
they are read and written with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App, CompiledEntity
from fachwerk.engine.database import Connection, Row
from fachwerk.engine.keyed import render_each
from fachwerk.engine.statements import IN_FORCE, Statement, given, render
from fachwerk.schemas.tables import SYSTEM, link_columns, links_table

Values = dict[str, Any]
Entry = Mapping[str, object]
NOTED = "noted_"
"""What the parameters of an entry of the history begin with, beside those of the record."""


class Store:
    """Reads and writes the records of one entity (or the rows of a field)."""

    def __init__(self, app: App, entity: CompiledEntity) -> None:
        self.app = app
        self.entity = entity
        self.table = app.tables.of(entity.name)
        self.rows = {name: Store(app, inner) for name, inner in entity.rows.items()}
        self._columns = list(self.table.c)
        self._at = {str(column.name): index for index, column in enumerate(self._columns)}
        self._links = {
            name: tuple(link_columns(field).items())
            for name, field in entity.model.fields.items()
            if field.kind in ("link", "tree", "user") and name in entity.forms and name not in SYSTEM
        }
        self._members = {
            name: _Members(app, links_table(entity.model, field))
            for name, field in entity.model.fields.items()
            if field.kind == "links"
        }
        insert = sa.insert(self.table).values({c.name: given(str(c.name), c) for c in self._columns})
        self._insert = self._render(insert)
        self._insert_noted = self._render(self._noted(insert, IN_FORCE))
        self._updates: dict[tuple[str, ...], tuple[Statement, Statement]] = {}
        self._seen: dict[tuple[str, ...], Statement] = {}
        self._by_id = render_each(sa.select(*self._columns), app.dialect, _id=self.table.c.id)
        self._locked = self._render(sa.select(*self._columns).where(self._is("id")).with_for_update(key_share=True))
        self._delete = self._render(sa.delete(self.table).where(self._is("id")))
        if entity.model.parent is not None:
            children = sa.select(*self._columns).order_by(self.table.c.position, self.table.c.id)
            self._of_parent = render_each(children, app.dialect, _parent=self.table.c.parent)

    def _is(self, name: str) -> Any:
        return self.table.c[name] == given(f"_{name}", self.table.c[name])

    def _noted(self, write: Any, judged: str = "") -> Any:
        """Return *write* with an entry of the history in the same statement, where the database can (PostgreSQL)."""
        if self.app.dialect == "sqlite":
            return write
        if judged:
            write = write.returning(sa.literal_column(judged))
        history = self.app.tables.metadata.tables["fw_history"]
        entry = sa.insert(history).values({c.name: given(NOTED + str(c.name), c) for c in history.c})
        return write.add_cte(entry.cte("noted"))

    def _render(self, statement: Any) -> Statement:
        return render(statement, self.app.dialect)

    # reading ----------------------------------------------------------------------------------------------------------

    async def read(
        self, connection: Connection, key: str, *, lock: bool = False, lists: Iterable[str] | None = None
    ) -> Values | None:
        """Return the values of a record with its *lists* (all, if not said); *lock* keeps others from changing it."""
        statement = self._locked if lock else self._by_id
        rows = await statement.fetch(connection, {"_id": key})
        if not rows:
            return None
        values = self.values_of(rows[0])
        for name in self.entity.lists if lists is None else lists:
            values[name] = await self.read_list(connection, name, key)
        return values

    async def read_list(self, connection: Connection, name: str, key: str) -> Any:
        """Return the rows or links of a record."""
        if name in self.rows:
            return await self.rows[name].children(connection, key)
        return await self._members[name].read(connection, key)

    async def children(self, connection: Connection, parent: str) -> list[Values]:
        """Return the rows of *parent* in their order."""
        rows = [self.values_of(row) for row in await self._of_parent.fetch(connection, {"_parent": parent})]
        return [{name: row[name] for name in row if name not in ("parent", "position")} for row in rows]

    def values_of(self, row: Row) -> Values:
        """Return a row of the table as values of the kinds, system fields included."""
        values: Values = {}
        for name, read in self.entity.readers.items():
            if name in self._links:
                values[name] = self._linked(name, row)
            else:
                value = row[self._at[name]]
                values[name] = None if value is None else read(value)
        if "_path" in self._at:
            values["_path"] = row[self._at["_path"]]
        return values

    def _linked(self, name: str, row: Row) -> Any:
        columns = self._links[name]
        if len(columns) == 1:
            return row[self._at[columns[0][1]]]
        return next(((target, row[self._at[c]]) for target, c in columns if row[self._at[c]] is not None), None)

    # writing ----------------------------------------------------------------------------------------------------------

    def columns_of(self, values: Mapping[str, Any]) -> dict[str, object]:
        """Return values of the kinds as driver values by column."""
        columns: dict[str, object] = {}
        for name, value in values.items():
            if name in self._links:
                columns.update(self._link_columns(name, value))
            elif name in self.entity.writers:
                columns[name] = None if value is None else self.entity.writers[name](value)
            elif name == "_path" and name in self._at:
                columns[name] = value
        return columns

    def _link_columns(self, name: str, value: Any) -> dict[str, object]:
        columns = self._links[name]
        if len(columns) == 1:
            return {columns[0][1]: value}
        return {column: value[1] if value is not None and value[0] == target else None for target, column in columns}

    async def insert(self, connection: Connection, values: Mapping[str, Any], entry: Entry | None = None) -> None:
        """Write a new record with its links and the *entry* of the history; rows by :meth:`write_rows`."""
        columns = dict.fromkeys(self._at, None) | self.columns_of(values)
        await self._write(connection, (self._insert, self._insert_noted), columns, entry)
        for name, members in self._members.items():
            await members.write(connection, str(values["id"]), (), values.get(name) or ())

    async def update(
        self, connection: Connection, key: str, values: Mapping[str, Any], entry: Entry | None = None
    ) -> None:
        """Write the fields in *values* of a record that is locked or known to be ours, with an *entry* of history."""
        columns = self.columns_of(values)
        if columns:
            await self._write(connection, self._update(tuple(sorted(columns))), {**columns, "_id": key}, entry)

    async def _write(
        self, connection: Connection, statements: tuple[Statement, Statement], columns: Entry, entry: Entry | None
    ) -> None:
        if entry is None:
            await statements[0].fetch(connection, columns)
        else:
            await statements[1].fetch(connection, {**columns, **{NOTED + name: entry[name] for name in entry}})

    async def update_seen(
        self, connection: Connection, key: str, values: Mapping[str, Any], entry: Entry, seen: int
    ) -> bool:
        """Write fields and an *entry* in one statement of its own (PostgreSQL), if the version is still *seen*."""
        columns = self.columns_of(values)
        names = tuple(sorted(columns))
        statement = self._seen.get(names)
        if statement is None:
            statement = self._seen[names] = self._render(self._seen_update(names))
        noted = {NOTED + name: entry[name] for name in entry}
        return bool(await statement.fetch(connection, {**columns, "_id": key, "_version": seen, **noted}))

    def _seen_update(self, names: tuple[str, ...]) -> Any:
        values = {name: given(name, self.table.c[name]) for name in names}
        update = sa.update(self.table).where(self._is("id"), self._is("version")).values(values)
        written = update.returning(self.table.c.id).cte("written")
        history = self.app.tables.metadata.tables["fw_history"]
        entry = sa.select(*(given(NOTED + str(c.name), c) for c in history.c)).select_from(written)
        noted = sa.insert(history).from_select([c.name for c in history.c], entry).cte("noted")
        return sa.select(written.c.id, sa.literal_column(IN_FORCE)).add_cte(noted)

    async def update_links(self, connection: Connection, key: str, name: str, before: Any, after: Any) -> None:
        """Write a field of many links."""
        await self._members[name].write(connection, key, before or (), after or ())

    def _update(self, names: tuple[str, ...]) -> tuple[Statement, Statement]:
        found = self._updates.get(names)
        if found is None:
            values = {name: given(name, self.table.c[name]) for name in names}
            update = sa.update(self.table).where(self._is("id")).values(values)
            found = self._updates[names] = self._render(update), self._render(self._noted(update))
        return found

    async def delete(self, connection: Connection, key: str) -> None:
        """Delete a record; its rows and links go with it."""
        await self._delete.fetch(connection, {"_id": key})

    async def write_rows(
        self, connection: Connection, name: str, parent: str, before: Sequence[Values], after: Sequence[Values]
    ) -> None:
        """Write the rows of a field; each of *after* has its id."""
        store = self.rows[name]
        known = {row["id"]: {**row, "position": position} for position, row in enumerate(before)}
        kept = {row["id"] for row in after}
        for key in known.keys() - kept:
            await store.delete(connection, key)
        for position, row in enumerate(after):
            was = known.get(row["id"])
            full = {**row, "parent": parent, "position": position}
            if was is None:
                await store.insert(connection, full)
            else:
                changed = {k: v for k, v in full.items() if k not in ("id", "parent") and was.get(k) != v}
                await store.update(connection, row["id"], changed)


class _Members:
    """A table of many links."""

    def __init__(self, app: App, name: str) -> None:
        self._dialect = app.dialect
        table = app.tables.metadata.tables[name]
        source = table.c.source == given("source", table.c.source)
        targets = sa.select(table.c.target).order_by(table.c.position)
        self._read = render_each(targets, app.dialect, source=table.c.source)
        self._clear = render(sa.delete(table).where(source), app.dialect)
        values = {c.name: given(str(c.name), c) for c in table.c}
        self._insert = render(sa.insert(table).values(values), app.dialect)

    async def read(self, connection: Connection, source: str) -> tuple[str, ...]:
        return tuple(row[0] for row in await self._read.fetch(connection, {"source": source}))

    async def write(self, connection: Connection, source: str, before: Sequence[str], after: Sequence[str]) -> None:
        if tuple(before) == tuple(after):
            return
        if before:
            await self._clear.fetch(connection, {"source": source})
        for position, target in enumerate(after):
            await self._insert.fetch(connection, {"source": source, "target": target, "position": position})
