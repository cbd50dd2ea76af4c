"""What a new configuration does to live rows, found the plain way: every row is replayed in a database of the new one.

No views, no filters in SQL, nothing left out because it looks the same: each record is carried over by itself, computed
again, and asked every rule. What the plan counts must be what this finds.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as member
from typing import Any

from fachwerk.engine.access import Access
from fachwerk.engine.compile import App, CompiledEntity
from fachwerk.engine.context import Mine, context_of
from fachwerk.engine.convert import empty, from_rule, to_rule
from fachwerk.engine.database import Connection, Database
from fachwerk.engine.judging import is_broken
from fachwerk.engine.plan.asking import asked_over
from fachwerk.engine.plan.converting import converter, is_same
from fachwerk.engine.plan.making import mapped
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.shapes import all_needs, merged
from fachwerk.engine.store import Store
from fachwerk.engine.values import Person
from fachwerk.schemas.kinds import Invalid, handler
from fachwerk.schemas.model import Field
from plan_random import path_below, recalculate

Key = tuple[str, str]
"""Kind of effect and dotted name."""


@dataclass(slots=True)
class Replay:
    """One replay: the old rows in *old_database*, the new configuration in *new_database*, which is empty."""

    old: App
    new: App
    old_database: Database
    new_database: Database
    now: dt.datetime
    found: Counter[Key]
    paths: dict[str, str] = member(default_factory=dict)

    @property
    def pairing(self) -> Pairing:
        """What everything was."""
        return Pairing(self.old.project, self.new.project)

    async def run(self) -> Counter[Key]:
        """Carry all rows over and count what differs."""
        async with self.new_database.transaction() as connection:
            await self._people(connection)
            for name in self._order():
                await self._carry(connection, name)
            context = context_of(self.new, None, self.now)
            await recalculate(self.new, connection, context)
            for compiled in self._all(self.new):
                if self.pairing.entity(compiled.name) is not None:
                    await self._judge(connection, compiled)
                    await self._unique(connection, compiled)
                    await self._computed(connection, compiled)
                    await self._sight(connection, compiled)
        return self.found

    def _order(self) -> list[str]:
        return sorted(self.new.entities, key=lambda name: name in ("case", "matter"))

    def _all(self, app: App) -> Iterator[CompiledEntity]:
        for entity in app.entities.values():
            yield entity
            yield from entity.rows.values()

    async def _people(self, connection: Connection) -> None:
        for table in ("fw_user", "fw_role"):
            for row in await self.old_database.fetch(f"SELECT * FROM {table}"):
                places = ", ".join("?" if self.old.dialect == "sqlite" else f"${i + 1}" for i in range(len(row)))
                await connection.fetch(f"INSERT INTO {table} VALUES ({places})", list(row))

    # carrying over ----------------------------------------------------------------------------------------------------

    async def _carry(self, connection: Connection, name: str) -> None:
        before = self.pairing.entity(name)
        if before is None:
            return
        source, target = Store(self.old, self.old.entities[before.name]), Store(self.new, self.new.entities[name])
        for row in await self.old_database.fetch(f'SELECT id FROM "{before.name}" ORDER BY id'):
            values = await source.read(self.old_database, str(row[0]))
            assert values is not None
            made = await self._made(self.new.entities[name], values)
            lines = made.pop("lines", None)
            if "_path" in target.table.c:
                made["_path"] = path_below(self.paths.get(str(made["within"])), made["id"])
                self.paths[str(made["id"])] = made["_path"]
            await target.insert(connection, made)
            if lines is not None:
                await target.write_rows(connection, "lines", made["id"], (), lines)

    async def _made(self, after: CompiledEntity, values: Mapping[str, Any]) -> dict[str, Any]:
        system = ("id", "version", "created", "changed")
        made: dict[str, Any] = {name: values[name] for name in system if name in values}
        for name, field in after.model.fields.items():
            if name in system or field.kind == "back_links" or field.computed is not None:
                continue
            was = self.pairing.fields(after.name).get(name)
            if was is not None and name in after.rows:
                made[name] = [
                    {**(await self._made(after.rows[name], row)), "id": row["id"]} for row in values[was.name]
                ]
            else:
                made[name] = await self._value(after, field, was, values)
        for workflow in after.workflows:
            made[f"{workflow.model.field}__entry"] = 1
        return made

    async def _value(self, after: CompiledEntity, field: Field, was: Field | None, values: Mapping[str, Any]) -> Any:
        name = f"{after.name}.{field.name}"
        value = values.get(was.name) if was is not None else None
        convert, fill = self.pairing.convert(after.name, field.name), self.pairing.fill(after.name, field.name)
        value = mapped(value, self.pairing.options(after.name, field.name)) if was is not None else None
        if was is not None and not empty(value):
            self._gone(name, field, was, value)
            if {was.kind, field.kind} == {"link", "links"}:
                return self._links(name, field, value)
            if {was.kind, field.kind} == {"link", "tree"}:
                return value
            value = await self._converted(after, field, was, (value, convert), values)
        elif was is not None and not is_same(was, field):
            value = None
        if empty(value) and fill is not None:
            try:
                value = await self._by_rule(after, field, fill, values)
                self.found["filled", name] += value is not None
            except Invalid:
                self.found["converts", name] += 1
        if was is None and value is None and not field.system:
            self.found["no_value", name] += 1
        return value

    async def _converted(
        self, after: CompiledEntity, field: Field, was: Field, given: tuple[Any, Any], values: Mapping[str, Any]
    ) -> Any:
        name, (value, convert) = f"{after.name}.{field.name}", given
        fits, bad = True, False
        if not is_same(was, field):
            try:
                value = converter(was, field, self.new.place)(value)
            except Invalid:
                value, fits = None, False
        try:
            ruled = await self._by_rule(after, field, convert, values)
        except Invalid:
            ruled, bad = None, True
        self.found["by_rule", name] += ruled is not None and ruled != value
        self.found["converts", name] += bad or (ruled is None and not fits)
        return value if ruled is None else ruled

    def _gone(self, name: str, field: Field, was: Field, value: Any) -> None:
        there, known = ({option.name for option in one.options} for one in (field, was))
        if field.system and field.kind == "choice":
            if value not in there:
                self.found["state_gone", f"flow.{value}"] += 1
        elif was.kind == field.kind and field.options:
            for one in value if isinstance(value, tuple) else (value,):
                self.found["option_gone", f"{name}.{one}"] += one not in there and one in known

    def _links(self, name: str, field: Field, value: Any) -> Any:
        if field.kind == "links":
            return (value,)
        self.found["converts", name] += len(value) > 1
        return None

    async def _by_rule(self, after: CompiledEntity, field: Field, text: Any, values: Mapping[str, Any]) -> Any:
        before = self.pairing.entity(after.name)
        if text is None or before is None:
            return None
        asked = asked_over(text, before, self.old, self.new.project)
        assert asked is not None
        context = context_of(self.old, None, self.now)
        key = str(values["id"])
        records = await self.old.loader.by_ids(self.old_database, before.name, asked.needs.record, [key], context)
        given = asked({"id": key, **records[key]}, context)
        plain = from_rule(given, after.forms[field.name]) if given is not None else None
        return None if given is None else after.handlers[field.name].accept(given if plain is None else plain)

    # asking every rule ------------------------------------------------------------------------------------------------

    async def _ids(self, connection: Connection, app: App, name: str) -> list[str]:
        return [
            str(row[0]) for row in await connection.fetch(f'SELECT id FROM "{app.tables.of(name).name}" ORDER BY id')
        ]

    async def _judge(self, connection: Connection, compiled: CompiledEntity) -> None:
        context = context_of(self.new, None, self.now)
        asked = [*(check.asked for check in compiled.checks), *(one for _, _, one in compiled.limits)]
        asked += [one for many in compiled.visible.values() for one in many]
        asked += [one for one in compiled.required.values() if one is not None]
        asked += [one for many in compiled.options.values() for one in many.values()]
        shape = merged(*(one.needs.record for one in asked), *(one.needs.this for one in compiled.where.values()),
                       {name: {} for name in compiled.writable},
                       {name: one.needs.record for name, one in compiled.where.items()})  # fmt: skip
        ids = await self._ids(connection, self.new, compiled.name)
        records = await self.new.loader.by_ids(connection, compiled.name, shape, ids, context)
        for key in ids:
            self._ask(compiled, records[key], context)

    def _ask(self, compiled: CompiledEntity, record: Mapping[str, Any], context: Any) -> None:
        name = compiled.name
        for place, check in enumerate(compiled.checks):
            self.found["breaks_check", f"{name}.{check.check.on or place + 1}"] += is_broken(check, record, context)
        for field, needed in compiled.required.items():
            shown = all(rule(record, context) is True for rule in compiled.visible.get(field, ()))
            must = needed is None or needed(record, context) is True
            self.found["breaks_required", f"{name}.{field}"] += shown and must and empty(record.get(field))
        for field, rules in compiled.visible.items():
            hidden = not all(rule(record, context) is True for rule in rules) and not empty(record.get(field))
            known = field in self.pairing.fields(name) and not compiled.model.fields[field].computed
            self.found["breaks_visible", f"{name}.{field}"] += hidden and known
        for field, word, limit in compiled.limits:
            value, end = to_rule(record.get(field)), limit(record, context)
            if value is not None and end is not None:
                self.found["breaks_limit", f"{name}.{field}"] += value < end if word == "min" else value > end
        for field, options in compiled.options.items():
            value = record.get(field)
            chosen = value if isinstance(value, list) else [value]
            bad = any(str(one) in options and options[str(one)](record, context) is not True for one in chosen)
            self.found["breaks_option", f"{name}.{field}"] += bad
        for field, where in compiled.where.items():
            linked = record.get(field)
            many = linked if isinstance(linked, list) else [linked] if linked else []
            bad = any(where({**one, "this": record}, context) is not True for one in many)
            self.found["breaks_link", f"{name}.{field}"] += bad
        for made in compiled.model.fields.values():
            if made.min_count is not None or made.max_count is not None:
                count = len(record.get(made.name) or ())
                few = count and made.min_count is not None and count < made.min_count
                many = made.max_count is not None and count > made.max_count
                self.found["breaks_form", f"{name}.{made.name}"] += bool(few or many)
            elif made.min_length or made.max_length or made.pattern:
                self.found["breaks_form", f"{name}.{made.name}"] += not self._fits(made, record.get(made.name))

    def _fits(self, made: Field, value: Any) -> bool:
        try:
            return empty(value) or handler(replace(made, options=()), self.new.place).accept(value) is not None
        except Invalid:
            return False

    async def _unique(self, connection: Connection, compiled: CompiledEntity) -> None:
        sets = [(name,) for name, field in compiled.model.fields.items() if field.unique]
        for names in (*sets, *compiled.model.unique):
            rows = [tuple(row) for row in await connection.fetch(self._columns(compiled, names))]
            same = Counter(row for row in rows if None not in row)
            many = sum(count for count in same.values() if count > 1)
            self.found["unique", f"{compiled.name}.{'+'.join(names)}"] += many

    def _columns(self, compiled: CompiledEntity, names: tuple[str, ...]) -> str:
        listed = ", ".join(f'"{name}"' for name in names)
        return f'SELECT {listed} FROM "{self.new.tables.of(compiled.name).name}"'

    async def _computed(self, connection: Connection, compiled: CompiledEntity) -> None:
        before = self.pairing.entity(compiled.name)
        assert before is not None
        pairs = [
            (computed, self.pairing.fields(compiled.name).get(computed.field.name)) for computed in compiled.computed
        ]
        ids = await self._ids(connection, self.new, compiled.name)
        for computed, was in pairs:
            if was is None or was.computed is None:
                continue
            name, form = computed.field.name, computed.form
            old_context, context = context_of(self.old, None, self.now), context_of(self.new, None, self.now)
            old = await self.old.loader.by_ids(self.old_database, before.name, {was.name: {}}, ids, old_context)
            new = await self.new.loader.by_ids(connection, compiled.name, {name: {}}, ids, context)
            for key in ids:
                values = [
                    to_rule(from_rule(record.get(field), form))
                    for record, field in ((old[key], was.name), (new[key], name))
                ]
                self.found["differs", f"{before.name}.{name}"] += values[0] != values[1]

    # who sees what ----------------------------------------------------------------------------------------------------

    async def _sight(self, connection: Connection, compiled: CompiledEntity) -> None:
        before = self.pairing.entity(compiled.name)
        if compiled.model.parent is not None or before is None:
            return
        for role in self.new.project.roles:
            people: list[Person | None] = [None]
            needs = [
                Access(app).rights(self._closed(app, role), entity).needs("read")
                for app, entity in ((self.old, before.name), (self.new, compiled.name))
            ]
            texts = [way.asked.rule.text.text for app, entity in ((self.old, before.name), (self.new, compiled.name))
                     for way in Access(app).rights(self._closed(app, role), entity).ways["read"] if way.asked]  # fmt: skip
            if any(one.mine for one in needs) or any("me" in text.split() for text in texts):
                people = await self._holders(role)
            for person in people:
                was = await self._seen(self.old_database, self.old, (before.name, role), person)
                now = await self._seen(connection, self.new, (compiled.name, role), person)
                self.found["access", f"{compiled.name}.{role}"] += len(was ^ now)

    def _closed(self, app: App, role: str) -> frozenset[str]:
        return frozenset({role, *app.project.roles[role].includes})

    async def _holders(self, role: str) -> list[Person | None]:
        mark = "?" if self.old.dialect == "sqlite" else "$1"
        rows = await self.old_database.fetch(f'SELECT "user" FROM fw_role WHERE role = {mark}', [role])
        return [Person(str(row[0]), "", "", frozenset({role}), "en") for row in rows]

    async def _seen(self, connection: Connection, app: App, what: tuple[str, str], person: Person | None) -> set[str]:
        entity, role = what
        rights = Access(app).rights(self._closed(app, role), entity)
        context = context_of(app, person, self.now)
        needs = all_needs([rights.needs("read")])
        await Mine(app).load(connection, context, person, needs.mine)
        ids = await self._ids(connection, app, entity)
        records = await app.loader.by_ids(connection, entity, needs.record, ids, context)
        return {key for key in ids if rights.holding("read", records[key], context)}
