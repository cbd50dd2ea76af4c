"""Looking ahead: the old rows as the new configuration would see them, in temporary views within one snapshot.

For every table that would be, a view over the tables that are: columns under their new names, options mapped. What has
to be calculated (values of another kind, ``convert`` and ``fill``, stored computed fields) goes into temporary tables
first, batch by batch, so that memory stays flat. The compiled new app then works over the views as it would after the
deploy: loading, rules in SQL and rights need to know nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.context import Context, context_of
from fachwerk.engine.database import Connection
from fachwerk.engine.plan.batches import column_sql, insert_text, literal, quoted
from fachwerk.engine.plan.making import Making, Refusals, making_of
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.recalculating import calculated, compile_anew, stored_anew
from fachwerk.engine.plan.sameness import Sameness
from fachwerk.schemas.model import Entity, Field, Project, Workflow
from fachwerk.schemas.tables import CONFIG, all_entities, flow_column, has_column, link_columns, links_table

LINKS = ("link", "tree", "user")


class Ahead:
    """The new configuration over the old rows."""

    def __init__(self, old: App, new: Project, connection: Connection, *, now: Any) -> None:
        self.old = old
        self.connection = connection
        self.pairing = Pairing(old.project, new)
        self.same = Sameness(self.pairing)
        nothing: dict[str, tuple[Field, ...]] = dict.fromkeys(self.pairing.after, ())
        self.stored = nothing | stored_anew(self.pairing, self.same)
        self.kept: dict[str, str] = {}
        """By entity the table in which its made values stand already."""
        self._names: dict[str, str] = {}
        self._made: list[str] = []
        self.app = self._compiled(new, {})
        self.context: Context = context_of(self.app, None, now)
        self.old_context: Context = context_of(old, None, now)
        self.makings: dict[str, Making] = {}
        self.refusals: dict[tuple[str, str], Refusals] = {}

    def calculating(self) -> App:
        """Return the new app over the views with its stored fields calculated when they are loaded."""
        return self._compiled(self.app.project, {name: many for name, many in self.stored.items() if many})

    def _compiled(self, new: Project, stored: Mapping[str, Sequence[Field]]) -> App:
        """Compile *new* over the views; fields in *stored* are calculated when they are loaded."""
        app = compile_anew(new, self.old.dialect, stored)
        for name, table in app.tables.metadata.tables.items():
            if not name.startswith("fw_"):
                table.name = self._names.setdefault(name, f"fw_next_{len(self._names)}")
        return app

    async def build(self) -> None:
        """Make the views, and fill what has to be calculated."""
        await self.views()
        for name, making in self.makings.items():
            self.refusals |= await making.fill(self.connection)
            await self._analyze(f"fw_made_{self._number(name)}")
        await self._store()

    async def views(self) -> None:
        """Make the views."""
        for entity in all_entities(self.app.project):
            await self._view(entity)

    def forget(self) -> None:
        """Know nothing of what was made: the transaction that it was made in is over."""
        self._made.clear()
        self.makings.clear()

    async def end(self) -> None:
        """Take the views and tables away again; who ends the transaction need not."""
        for made in reversed(self._made):
            await self.connection.fetch(f"DROP {made}")
        self._made.clear()

    def _number(self, entity: str) -> int:
        return list(self.pairing.after).index(entity)

    # views ------------------------------------------------------------------------------------------------------------

    async def _view(self, entity: Entity) -> None:
        name, number = entity.name, self._number(entity.name)
        table = self.app.tables.of(name)
        old = self.pairing.entity(name)
        for field in entity.fields.values():
            if field.kind == "links":
                await self._links_view(entity, field)
        if old is None:
            await self._create(table, [self._null(column) for column in table.c], " WHERE 1 = 0")
            return
        making = making_of(self.old, self.app, self.pairing, name, number, self.old_context)
        source = f" FROM {quoted(self.old.tables.of(old.name).name)} o"
        if making is not None and name in self.kept:
            source += f" LEFT JOIN {self.kept[name]} m ON m.id = o.id"
        elif making is not None:
            self.makings[name] = making
            source += await self._made_table(f"fw_made_{number}", "m", [making.column(f) for f in making.fields])
        if self.stored[name]:
            columns = [table.c[f.name] for f in self.stored[name]]
            source += await self._made_table(f"fw_calc_{number}", "k", columns)
        made = frozenset(making.fields) if making is not None else frozenset()
        calculated = frozenset(f.name for f in self.stored[name])
        found = self._sources(entity, old, made, calculated)
        await self._create(table, [found.get(str(c.name)) or self._null(c) for c in table.c], source)

    async def _create(self, table: sa.Table, values: Iterable[str], source: str) -> None:
        listed = ", ".join(f"{value} AS {quoted(str(c.name))}" for c, value in zip(table.c, values, strict=True))
        await self.connection.fetch(f"CREATE TEMP VIEW {quoted(table.name)} AS SELECT {listed}{source}")
        self._made.append(f"VIEW {quoted(table.name)}")

    async def _made_table(self, name: str, alias: str, columns: Sequence[sa.Column[Any]]) -> str:
        dialect = self.old.dialect
        kind = "UUID" if dialect == "postgresql" else "TEXT"
        listed = ", ".join([f"id {kind} PRIMARY KEY", *(column_sql(c, dialect) for c in columns)])
        await self.connection.fetch(f"CREATE TEMP TABLE {name} ({listed})")
        self._made.append(f"TABLE {name}")
        return f" LEFT JOIN {name} {alias} ON {alias}.id = o.id"

    async def _analyze(self, table: str) -> None:
        if self.old.dialect == "postgresql":
            await self.connection.fetch(f"ANALYZE {table}")

    def _null(self, column: sa.Column[Any]) -> str:
        if self.old.dialect == "sqlite":
            return "NULL"
        kind, collate, rule = column_sql(column, "postgresql").split(" ", 1)[1].partition(" COLLATE ")
        return f"CAST(NULL AS {kind}){collate}{rule}"

    def _sources(
        self, entity: Entity, old: Entity, made: frozenset[str], calculated: frozenset[str]
    ) -> dict[str, str]:  # fmt: skip
        """Return the expression of every column that has one."""
        there = {str(column.name) for column in self.old.tables.of(old.name).c}
        found = {
            str(c.name): f"o.{quoted(str(c.name))}"
            for c in self.app.tables.of(entity.name).c
            if self._plain(entity, old, str(c.name), there)
        }
        for name, was in self.pairing.fields(entity.name).items():
            field = entity.fields[name]
            if name in made or name in calculated or not has_column(field) or not has_column(was):
                continue
            found |= self._direct(entity.name, field, was)
        found |= {name: f"m.{quoted(name)}" for name in made} | {name: f"k.{quoted(name)}" for name in calculated}
        for workflow in entity.workflows:
            before, after = self.pairing.workflow(workflow), self.app.project.workflows[workflow]
            if before is not None and f"{before.field}__entry" in there:
                found[f"{after.field}__entry"] = f"o.{quoted(before.field + '__entry')}"
            if before is not None and after.cases == "keep":
                found[flow_column(after)] = self._under(before, after, there)
        return found

    def _under(self, before: Workflow, after: Workflow, there: set[str]) -> str:
        """Return the version of its workflow that a case will be under."""
        column = f"o.{quoted(flow_column(before))}" if flow_column(before) in there else "NULL"
        if before.number not in after.kept:
            return f"CAST({column} AS INTEGER)"
        known = ", ".join(str(number) for number in sorted({*after.kept, after.number}))
        return f"CASE WHEN {column} IN ({known}) THEN {column} ELSE {before.number} END"

    def _plain(self, entity: Entity, old: Entity, name: str, there: set[str]) -> bool:
        """Whether a column is the engine's own and stands in both tables."""
        return (
            name in there
            and (name not in entity.fields or (entity.fields[name].system and name != "state"))
            and not name.endswith(("__entry", "__flow"))
            and name != CONFIG  # an older version of the software may not have made it yet
        )

    def _direct(self, entity: str, field: Field, was: Field) -> dict[str, str]:
        if field.kind in LINKS and was.kind in LINKS:
            before = link_columns(was)
            found = {}
            for target, column in link_columns(field).items():
                paired = self.pairing.entity(target)
                known = before.get("user" if target == "user" else paired.name if paired else "")
                if known is not None:
                    found[column] = f"o.{quoted(known)}"
            return found
        column = f"o.{quoted(was.name)}"
        mapped = self.pairing.options(entity, field.name)
        if mapped and field.kind == "choice":
            cases = " ".join(f"WHEN {literal(was)} THEN {literal(now)}" for was, now in mapped.items())
            column = f"CASE {column} {cases} ELSE {column} END"
        return {field.name: column}

    async def _links_view(self, entity: Entity, field: Field) -> None:
        table = self.app.tables.metadata.tables[links_table(entity, field)]
        old, was = self.pairing.entity(entity.name), self.pairing.fields(entity.name).get(field.name)
        names = ["source", "target", "position"]
        if old is None or was is None or not self._leads_same(field, was):
            await self._create(table, [self._null(column) for column in table.c], " WHERE 1 = 0")
        elif was.kind == "links":
            await self._create(table, [f"o.{n}" for n in names], f" FROM {quoted(links_table(old, was))} o")
        else:
            column = quoted(next(iter(link_columns(was).values())))
            source = f" FROM {quoted(self.old.tables.of(old.name).name)} o WHERE o.{column} IS NOT NULL"
            await self._create(table, ["o.id", f"o.{column}", "0"], source)

    def _leads_same(self, field: Field, was: Field) -> bool:
        if was.kind not in ("links", "link") or len(was.to) != 1 or len(field.to) != 1:
            return False
        return self.pairing.renamed(was.to[0]) == field.to[0]

    # stored computed fields -------------------------------------------------------------------------------------------

    async def _store(self) -> None:
        """Calculate the stored computed fields that may differ, and put them where the views find them."""
        stored = {name: many for name, many in self.stored.items() if many}
        if not stored:
            return
        app = self._compiled(self.app.project, stored)
        for name, many in stored.items():
            target = f"fw_calc_{self._number(name)}"
            async for rows in calculated(app, self.connection, name, many, self.context):
                text, values = insert_text(target, ["id", *(f.name for f in many)], rows, self.old.dialect)
                await self.connection.fetch(text, values)
            await self._analyze(target)
