"""Delta: the operations that lead from the tables of one configuration to those of another, in the order they are done.

Old columns stay under their old names until all values are made, since values are made out of the old records. What is
no longer needed is not destroyed but set aside under another name, and indexes and keys are taken from it.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.inspect import Found
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.converting import is_same
from fachwerk.engine.plan.keeping import mended, stamps
from fachwerk.engine.plan.kept import Back
from fachwerk.engine.plan.model import Operation
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.returning import value_text
from fachwerk.engine.plan.slots import Filling, Loss, Slot, many_tables, moved, own_table, slots_of
from fachwerk.engine.plan.steps import Aside, Delta, columns_of, in_order, indexes_of, renames
from fachwerk.engine.statements import ddl, table_texts
from fachwerk.schemas.model import Entity
from fachwerk.schemas.tables import all_entities, flow_column, link_columns


def delta_of(old: App, new: App, pairing: Pairing, *, version: int, there: Found, back: Back | None = None) -> Delta:
    """Return what leads from the tables of *old*, as they are *there*, to those of *new*, deployed as *version*.

    *back* says what undoing a version brings back.
    """
    return _Maker(old, new, pairing, version=version, there=there, back=back or Back({}, "")).make()


class _Maker:
    def __init__(self, old: App, new: App, pairing: Pairing, *, version: int, there: Found, back: Back) -> None:
        self.old, self.new, self.pairing, self.version = old, new, pairing, version
        self.dialect = new.dialect
        self.there, self.kept, self.since = there, back.places, back.since
        self.found = Delta()
        self.aside: list[Operation] = []
        self.tables: list[tuple[str, str]] = []
        self.columns: list[tuple[str, str, str]] = []
        self.keys: list[Operation] = []
        self.added: list[Operation] = []
        self.brought: dict[str, list[Operation]] = {}
        """By table that is made anew: what brings back its records."""
        self.values: list[Operation] = []
        self.changed: set[tuple[str, str]] = set()
        """(new table, new column) whose index cannot stay."""
        self.rebuilt: set[str] = set()
        self.fresh: list[str] = []

    def make(self) -> Delta:
        for old, new in self.pairing.entities():
            self._entity(old, new)
        self._unpaired()
        found = self.found
        drops, creates = self._indexes()
        found.after += drops + self.aside
        found.after += list(renames(self.tables, self.columns))
        if self.fresh:
            texts = tuple(table_texts(self.new.tables.metadata, self.dialect, self.fresh))
            found.after += [Operation("create_table", name, texts=()) for name in self.fresh[1:]]
            found.after.append(Operation("create_table", self.fresh[0], texts=texts))
        # links lead to records: those come first
        brought = [one for table in in_order(self.new.tables.metadata, self.brought) for one in self.brought[table]]
        found.after += self.added + brought + self.keys + self.values
        found.after += [self._rebuild(name) for name in sorted(self.rebuilt)]
        found.last += creates
        return found

    # entities ---------------------------------------------------------------------------------------------------------

    def _entity(self, old: Entity, new: Entity) -> None:
        was, now = own_table(old), own_table(new)
        if was != now:
            self.tables.append((was, now))
            self.found.renamed[was] = now
        before = {moved(slot, new, self.pairing): slot for slot in slots_of(self.old, old)}
        after = {slot.key: slot for slot in slots_of(self.new, new)}
        for key, slot in after.items():
            there = before.pop(key, None)
            if there is None:
                self._new_column(old, new, slot)
            else:
                self._column(old, new, there, slot)
        for slot in before.values():
            self._gone(old, new, slot, lost=True)
        for flow, version, where in stamps(self.pairing, new.name):
            column = flow_column(flow)
            text = f"UPDATE {n.quote(now)} SET {n.quote(column)} = {version.number} WHERE {where}"
            self.values.append(Operation("fill", now, column, texts=(text,)))
        for flow in (self.new.project.workflows[name] for name in new.workflows if self.since):
            if flow.kept:
                text = f"UPDATE {n.quote(now)} SET {mended(flow)}"
                self.values.append(Operation("fill", now, flow_column(flow), texts=(text,)))
        self._many(old, new)

    def _new_column(self, old: Entity, new: Entity, slot: Slot) -> None:
        now = own_table(new)
        place = f"{now}.{slot.column}"
        self.changed.add((now, slot.column))
        if place in self.kept:
            self._bring_back(now, slot.column)
            if slot.key == ("path",):  # links were changed since, and who is new has none
                self._first_values(new, slot)
        elif slot.field is not None and (how := self._rule(new, slot.field.name)) and slot.key[0] != "entry":
            self._fill(old, new, slot, None, how)
        else:
            column = self.new.tables.metadata.tables[now].c[slot.column]
            texts = (n.add_column(now, column, self.dialect),)
            self.added.append(Operation("add_column", now, slot.column, texts=texts))
            self._key(now, slot.column)
            self._first_values(new, slot)

    def _rule(self, new: Entity, name: str) -> str | None:
        was = self.pairing.fields(new.name).get(name)
        if self.pairing.convert(new.name, name) is not None:
            return "convert"
        return "fill" if was is None and (new.name, name) in self.new.project.past.fill else None

    def _first_values(self, new: Entity, slot: Slot) -> None:
        """Records that are there begin their workflow, and stand at the root of a new tree."""
        table, column = n.quote(own_table(new)), n.quote(slot.column)
        text = None
        if slot.key == ("path",):
            text = n.root_paths(table, column, self.dialect)
            tree = next(field for field in new.fields.values() if field.kind == "tree")
            below = n.paths_below(table, column, n.quote(link_columns(tree)[new.name]), self.dialect)
            self.values.append(Operation("fill", own_table(new), slot.column, texts=(text, below)))
            return
        elif slot.key[0] == "entry":
            text = f"UPDATE {table} SET {column} = 0 WHERE {column} IS NULL"
        else:
            flow = next((w for w in new.workflows if self.new.project.workflows[w].field == slot.column), None)
            if flow and slot.field is not None and slot.field.system:
                first = self.new.project.workflows[flow].initial.name.replace("'", "''")
                text = f"UPDATE {table} SET {column} = '{first}' WHERE {column} IS NULL"
        if text:
            self.values.append(Operation("fill", own_table(new), slot.column, texts=(text,)))

    def _column(self, old: Entity, new: Entity, was: Slot, slot: Slot) -> None:
        now = own_table(new)
        if slot.field is None or was.field is None:
            self._keep(old, new, was, slot)
        elif f"{now}.{slot.column}" in self.kept:
            self._gone(old, new, was, lost=False)
            self._bring_back(now, slot.column)
            self._bring_along(now, new, was, slot)
        elif slot.field.computed is not None or was.field.computed is not None:
            self._computed(old, new, was, slot)
        elif self._mapping(new, slot):
            self._fill(old, new, slot, was, "options")
        elif self._converts(old, new, was, slot):
            self._fill(old, new, slot, was, "convert")
        elif self.pairing.fill(new.name, slot.field.name) is not None:
            self._fill(old, new, slot, was, "fill")
        else:
            self._keep(old, new, was, slot)

    def _converts(self, old: Entity, new: Entity, was: Slot, slot: Slot) -> bool:
        """Whether values become others: by the kind, by their form, or by a rule."""
        assert slot.field is not None
        assert was.field is not None
        by_rule = self.pairing.convert(new.name, slot.field.name) is not None
        return by_rule or not is_same(was.field, slot.field) or self._differs(old, new, was, slot)

    def _differs(self, old: Entity, new: Entity, was: Slot, slot: Slot) -> bool:
        if was.key[0] == "link":
            return False
        before, after = self.old.tables.forms[old.name], self.new.tables.forms[new.name]
        return before[was.column] != after[slot.column]

    def _computed(self, old: Entity, new: Entity, was: Slot, slot: Slot) -> None:
        """Stored values that are calculated are calculated again where the column cannot stay."""
        assert was.field is not None
        assert slot.field is not None
        both = was.field.computed is not None and slot.field.computed is not None
        if (both or slot.field.computed is None) and not self._differs(old, new, was, slot):
            self._keep(old, new, was, slot)
            return
        self._gone(old, new, was, lost=was.field.computed is None)
        now = own_table(new)
        column = self.new.tables.metadata.tables[now].c[slot.column]
        self.added.append(Operation("add_column", now, slot.column, texts=(n.add_column(now, column, self.dialect),)))
        self._key(now, slot.column)

    def _mapping(self, new: Entity, slot: Slot) -> Mapping[str, str]:
        name = slot.field.name if slot.field is not None else ""
        return self.pairing.options(new.name, name) if slot.key[0] == "field" else {}

    def _keep(self, old: Entity, new: Entity, was: Slot, slot: Slot) -> None:
        now = own_table(new)
        if was.column != slot.column:
            self.columns.append((now, was.column, slot.column))
            self.changed.add((now, slot.column))
            if self.dialect == "postgresql":
                self._rename_keys(old, new, was, slot)

    def _rename_keys(self, old: Entity, new: Entity, was: Slot, slot: Slot) -> None:
        before = n.keys_of(self.old.tables.metadata.tables[own_table(old)], was.column)
        if before:
            texts = tuple(n.drop_key(own_table(old), key) for key in before)
            self.aside.append(Operation("drop_key", own_table(old), was.column, texts=texts))
            self._key(own_table(new), slot.column)

    def _fill(self, old: Entity, new: Entity, slot: Slot, was: Slot | None, how: str) -> None:
        assert slot.field is not None
        table, now = own_table(old), own_table(new)
        temporary = f"_new_{len(self.found.fillings)}_{slot.column}"[: n.LONGEST]
        column = self.new.tables.metadata.tables[now].c[slot.column]
        bare: sa.Column[object] = sa.Column(temporary, column.type)
        text = n.add_column(table, bare, self.dialect)
        self.found.before.append(Operation("add_column", table, temporary, texts=(text,)))
        before = was.field if was is not None else self.pairing.fields(new.name).get(slot.field.name)
        mapping = self._mapping(new, slot) if how == "options" else None
        self.found.fillings.append(
            Filling(old.name, new.name, table, temporary, how, slot.field, before, mapping)  # type: ignore[arg-type]
        )
        if was is not None:
            self._gone(old, new, was, lost=False)
        self.columns.append((now, temporary, slot.column))
        self.changed.add((now, slot.column))
        self._key(now, slot.column)

    def _key(self, table: str, column: str) -> None:
        keys = n.keys_of(self.new.tables.metadata.tables[table], column)
        if keys and self.dialect == "postgresql":
            self.keys.append(Operation("add_key", table, column, texts=tuple(n.add_key(table, key) for key in keys)))
        elif keys and any(c == column and t == table for t, _, c in self.columns):
            self.rebuilt.add(table)

    # what is no longer needed -----------------------------------------------------------------------------------------

    def _gone(self, old: Entity, new: Entity, slot: Slot, *, lost: bool) -> None:
        table, now = own_table(old), own_table(new)
        name = n.aside_name(self.version, slot.column)
        texts = []
        keys = n.keys_of(self.old.tables.metadata.tables[table], slot.column)
        if keys and self.dialect == "postgresql":
            texts += [n.drop_key(table, key) for key in keys]
        elif keys or (
            self.dialect == "sqlite" and self.old.tables.forms[old.name][self._form(slot)].shape == "boolean"
        ):
            self.rebuilt.add(now)  # else a key or check would keep the column from ever being dropped
        column = self.old.tables.metadata.tables[table].c[slot.column]
        texts.append(n.rename_column(table, slot.column, name))
        if not column.nullable:
            if self.dialect == "postgresql":
                texts.append(f"ALTER TABLE {n.quote(table)} ALTER COLUMN {n.quote(name)} DROP NOT NULL")
            else:
                self.rebuilt.add(now)
        self.aside.append(Operation("set_aside", table, slot.column, name, tuple(texts)))
        self.found.asides.append(Aside(f"{table}.{slot.column}", now, name))
        if lost and slot.field is not None and slot.field.computed is None:
            self._lose(old, new, slot.field.name, table, slot.column)

    def _form(self, slot: Slot) -> str:
        """Return the name under which the form of a column is known."""
        if slot.key == ("path",):
            return "id"
        return slot.field.name if slot.field is not None else slot.column

    def _lose(self, old: Entity, new: Entity | None, name: str, table: str, column: str | None) -> None:
        drops = self.new.project.past.drops
        dotted = f"{old.name}.{name}"
        now = f"{new.name}.{name}" if new is not None else dotted
        self.found.losses.append(Loss(dotted, table, column, dotted in drops or now in drops))

    def _gone_table(self, table: str) -> None:
        name = n.aside_name(self.version, table)
        if self.dialect == "postgresql":
            keys = self.old.tables.metadata.tables[table].foreign_key_constraints
            texts = (*(n.drop_key(table, key) for key in keys), n.rename_table(table, name))
        else:
            texts = (
                f"CREATE TABLE {n.quote(name)} AS SELECT * FROM {n.quote(table)}",
                f"DROP TABLE {n.quote(table)}",
            )
        self.aside.append(Operation("set_aside", table, None, name, texts))
        self.found.asides.append(Aside(table, name, name))

    def _bring_back(self, table: str, column: str) -> None:
        self.columns.append((table, self.kept[f"{table}.{column}"], column))
        self.found.brought.append(f"{table}.{column}")
        self._key(table, column)
        self.changed.add((table, column))

    def _bring_along(self, table: str, new: Entity, was: Slot, slot: Slot) -> None:
        """What was entered since the version that is undone comes along where it can."""
        if not self.since or "changed" not in self.new.tables.metadata.tables[table].c:
            return
        assert was.field is not None
        assert slot.field is not None
        aside = n.aside_name(self.version, was.column)
        mapping = self._mapping(new, slot)
        value = value_text(was.field, slot.field, aside, mapping=mapping, dialect=self.dialect)
        if value is not None:
            text = f"UPDATE {n.quote(table)} SET {n.quote(slot.column)} = {value} WHERE changed > {self.since}"
            self.values.append(Operation("fill", table, slot.column, texts=(text,)))
        else:
            self.found.stays.append((self.pairing_name(table), table, was.column))

    def pairing_name(self, table: str) -> str:
        """Return the table that *table* is made of."""
        return next((old for old, now in self.found.renamed.items() if now == table), table)

    def _bring_table(self, table: str) -> None:
        """A table that was set aside is made anew and filled, so that its keys and checks are as they should be."""
        name = self.kept[table]
        columns = [str(c.name) for c in self.new.tables.metadata.tables[table].c]
        # what earlier versions kept aside within it is kept on
        aside = {c: kind for c, kind in self.there.columns.get(name, {}).items() if c not in columns}
        more = [f"ALTER TABLE {n.quote(table)} ADD COLUMN {n.quote(c)} {kind}" for c, kind in aside.items()]
        listed = ", ".join(n.quote(column) for column in (*columns, *aside))
        fill = f"INSERT INTO {n.quote(table)} ({listed}) SELECT {listed} FROM {n.quote(name)}"
        self.fresh.append(table)
        texts = (*more, fill, f"DROP TABLE {n.quote(name)}")
        self.brought[table] = [Operation("bring_back", table, None, name, texts)]
        self.found.brought.append(table)

    # many links, rows, whole entities ---------------------------------------------------------------------------------

    def _many(self, old: Entity, new: Entity) -> None:
        before, after = many_tables(old), many_tables(new)
        fields = self.pairing.fields(new.name)
        for name, table in after.items():
            was = fields.get(name)
            same = was is not None and was.kind == "links" and self._same_target(was.to, new.fields[name].to)
            if was is not None and same:
                source = before.pop(was.name)
                if source != table:
                    self.tables.append((source, table))
                    self.found.renamed[source] = table
            else:
                self._new_many(old, new, name, table)
        for name, table in before.items():
            self._gone_table(table)
            self._lose(old, new, name, table, None)

    def _same_target(self, old: tuple[str, ...], new: tuple[str, ...]) -> bool:
        return tuple(self.pairing.renamed(name) for name in old) == new

    def _new_many(self, old: Entity, new: Entity, name: str, table: str) -> None:
        if table in self.kept:
            self._bring_table(table)
            return
        self.fresh.append(table)
        was = self.pairing.fields(new.name).get(name)
        if was is None or was.kind != "link" or not self._same_target(was.to, new.fields[name].to):
            return
        kept = n.quote(n.aside_name(self.version, was.name))
        text = (
            f"INSERT INTO {n.quote(table)} (source, target, position) "
            f"SELECT id, {kept}, 0 FROM {n.quote(own_table(new))} WHERE {kept} IS NOT NULL"
        )
        self.values.append(Operation("move_links", table, texts=(text,)))
        dotted = f"{old.name}.{was.name}"
        self.found.losses[:] = [loss for loss in self.found.losses if loss.name != dotted]

    def _unpaired(self) -> None:
        for entity in all_entities(self.new.project):
            if self.pairing.entity(entity.name) is None:
                for table in (own_table(entity), *many_tables(entity).values()):
                    if table in self.kept:
                        self._bring_table(table)
                    else:
                        self.fresh.append(table)
        paired = {old.name for old, _ in self.pairing.entities()}
        gone = {entity.name for entity in self.pairing.gone_entities()}
        for entity in all_entities(self.old.project):
            if entity.name in paired:
                continue
            for table in (own_table(entity), *many_tables(entity).values()):
                self._gone_table(table)
            if entity.parent is None:
                allowed = entity.name in self.new.project.past.drops
                self.found.losses.append(Loss(entity.name, own_table(entity), None, allowed))
            elif entity.parent[0] not in gone:
                owner, name = entity.parent
                parent = next(e for e in all_entities(self.old.project) if e.name == owner)
                renamed = self.pairing.renamed(owner)
                self._lose(parent, self.pairing.after.get(renamed or ""), name, own_table(entity), None)

    # indexes ----------------------------------------------------------------------------------------------------------

    def _indexes(self) -> tuple[list[Operation], list[Operation]]:
        before = dict(indexes_of(self.old))
        after = dict(indexes_of(self.new))
        stay = {
            name
            for name, (table, index, text) in after.items()
            if name in before
            and before[name][2] == text
            and table not in self.found.renamed.values()
            and table not in self.fresh
            and table not in self.rebuilt
            and not any((table, str(column)) in self.changed for column in columns_of(index))
        }
        drops = [
            Operation("drop_index", table, None, name, (f"DROP INDEX IF EXISTS {n.quote(name)}",))
            for name, (table, _, _) in before.items()
            if name not in stay
        ]
        creates = [
            Operation("create_index", table, None, name, (text,))
            for name, (table, _, text) in after.items()
            if name not in stay and table not in self.fresh
        ]
        return drops, creates

    # SQLite: what ALTER TABLE cannot do -------------------------------------------------------------------------------

    def _rebuild(self, table: str) -> Operation:
        model = self.new.tables.metadata.tables[table]
        source = next((old for old, new in self.found.renamed.items() if new == table), table)
        known = {str(c.name) for c in self.old.tables.metadata.tables[source].c}
        used = {self.kept[place] for place in self.found.brought if place in self.kept}
        more = {c: t for c, t in self.there.columns.get(source, {}).items() if c not in known and c not in used}
        for aside in self.found.asides:
            column = aside.place.rpartition(".")[2]
            if aside.table == table and "." in aside.place:
                more[aside.name] = self.there.columns[source].get(column, "TEXT")
        build = f"_build_{table}"
        text = ddl(sa.schema.CreateTable(model), self.dialect)
        _, _, body = text.partition("(")
        extra = "".join(f"\n\t{n.quote(name)} {kind}, " for name, kind in more.items())
        columns = ", ".join(n.quote(name) for name in (*more, *(str(c.name) for c in model.c)))
        return Operation("rebuild", table, texts=(
            f"CREATE TABLE {n.quote(build)} ({extra}{body}",
            f"INSERT INTO {n.quote(build)} ({columns}) SELECT {columns} FROM {n.quote(table)}",
            f"DROP TABLE {n.quote(table)}",
            n.rename_table(build, table),
        ))  # fmt: skip


__all__ = ["Aside", "Delta", "delta_of"]
