"""Making: values for fields whose old values are of another kind, or that a rule gives, row by row of the old rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App, Asked, CompiledEntity
from fachwerk.engine.context import Context
from fachwerk.engine.convert import empty, from_rule
from fachwerk.engine.database import Connection
from fachwerk.engine.keyed import among, keys_parameter
from fachwerk.engine.plan.asking import asked_over
from fachwerk.engine.plan.batches import batches, insert_text
from fachwerk.engine.plan.converting import Convert, converter, is_same
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.shapes import Shape, merged
from fachwerk.engine.statements import render
from fachwerk.problems import Text
from fachwerk.schemas.kinds import Invalid
from fachwerk.schemas.model import Entity, Field
from fachwerk.schemas.tables import has_column

MOST_EXAMPLES = 10
NO_RULE_VALUE: Text = {"en": "The rule gives no value.", "de": "Die Regel ergibt keinen Wert."}


@dataclass(slots=True)
class Refusals:
    """What did not fit: how many rows, the first of them with the reason; and how many got a value by a rule."""

    count: int = 0
    examples: list[tuple[str, Text]] = field(default_factory=list)
    filled: int = 0
    converted: int = 0

    def note(self, key: str, reason: Text) -> None:
        """Note a row."""
        self.count += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append((key, reason))


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the value of one field is made: by *convert*, else from the old value; where there is none, by *fill*."""

    new: Field
    old: Field | None
    change: Convert | None
    """``None``: the old value as it stands (or there is no old one)."""
    mapped: Mapping[str, str]
    convert: Asked | None
    fill: Asked | None


class Making:
    """Makes the values of some fields of one entity."""

    def __init__(self, old: App, new: App, entity: str, before: CompiledEntity, recipes: Sequence[Recipe]) -> None:
        self._old, self._new, self.entity, self.before = old, new, entity, before
        self._recipes = {recipe.new.name: recipe for recipe in recipes}
        self.fields = tuple(self._recipes)
        self.table = ""
        self.context: Context | None = None
        needed = [asked.needs.record for r in recipes for asked in (r.convert, r.fill) if asked is not None]
        self._shape: Shape = merged(*needed)
        table, dialect = self.source, old.dialect
        self._kept = [r.old.name for r in recipes if r.old is not None and r.old.name in table.c]
        select = sa.select(table.c.id, *(table.c[n] for n in self._kept)).where(among(table.c.id, "keys", dialect))
        self._select = render(select, dialect)

    def column(self, name: str) -> sa.Column[Any]:
        """Return the column that a made value goes to."""
        return self._new.tables.of(self.entity).c[name]

    async def fill(self, connection: Connection) -> dict[tuple[str, str], Refusals]:
        """Make all values; return what did not fit by (entity, field)."""
        found, dialect = self.nothing_refused(), self._old.dialect
        async for ids in batches(connection, self.source, dialect):
            made = await self.rows(connection, ids, found)
            full = [row for row in made if any(value is not None for value in row[1:])]
            if full:
                text, values = insert_text(self.table, ["id", *self.fields], full, dialect)
                await connection.fetch(text, values)
        return {(self.entity, name): refusals for name, refusals in found.items()}

    def nothing_refused(self) -> dict[str, Refusals]:
        """Return where refusals are noted, by field."""
        return {name: Refusals() for name in self.fields}

    @property
    def source(self) -> sa.Table:
        """The table of the old records."""
        return self._old.tables.of(self.before.name)

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """How each value is made."""
        return tuple(self._recipes.values())

    async def rows(
        self, connection: Connection, ids: Sequence[str], found: Mapping[str, Refusals]
    ) -> list[list[Any]]:  # fmt: skip
        """Return id and values (driver values, in the order of *fields*) of the records with these ids."""
        rows = await self._select.fetch(connection, {"keys": keys_parameter(ids, self._old.dialect)})
        records = await self._records(connection, ids)
        kept = self._kept
        return [
            self._row(str(row[0]), dict(zip(kept, row[1:], strict=True)), records.get(str(row[0]), {}), found)
            for row in rows
        ]

    async def _records(self, connection: Connection, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        if not self._shape:
            return {}
        return await self._old.loader.by_ids(connection, self.before.name, self._shape, ids, self.context)

    def _row(
        self, key: str, values: Mapping[str, Any], record: Mapping[str, Any], found: Mapping[str, Refusals]
    ) -> list[Any]:  # fmt: skip
        row: list[Any] = [key]
        for name, recipe in self._recipes.items():
            raw = values.get(recipe.old.name) if recipe.old is not None else None
            value = self._value(key, recipe, raw, {"id": key, **record}, found[name])
            write = self._new.compiled(self.entity).writers[name]
            row.append(None if value is None else write(value))
        return row

    def _value(self, key: str, recipe: Recipe, raw: Any, record: Mapping[str, Any], found: Refusals) -> Any:
        value = None
        if raw is not None and recipe.old is not None:
            before = mapped(self.before.readers[recipe.old.name](raw), recipe.mapped)
            value = None if empty(before) else self._changed(key, recipe, before, record, found)
        if empty(value) and recipe.fill is not None:
            value = self._asked(key, recipe, recipe.fill, record, found)
            found.filled += value is not None
        return value

    def _changed(self, key: str, recipe: Recipe, before: Any, record: Mapping[str, Any], found: Refusals) -> Any:
        """Return what becomes of a value: what ``convert`` gives; where that is nothing, what it is by itself."""
        refused: Text | None = None
        by_itself = None
        try:
            by_itself = before if recipe.change is None else recipe.change(before)
        except Invalid as bad:
            refused = bad.text
        count = found.count
        value = self._asked(key, recipe, recipe.convert, record, found) if recipe.convert is not None else None
        if value is not None:
            found.converted += value != by_itself
            return value
        if refused is not None and found.count == count:
            found.note(key, refused if recipe.convert is None else NO_RULE_VALUE)
        return by_itself

    def _asked(
        self, key: str, recipe: Recipe, asked: Asked, record: Mapping[str, Any], found: Refusals
    ) -> Any:  # fmt: skip
        """Return what a rule gives as a value of the field; a value that does not fit is noted."""
        given = asked(record, self.context)
        if given is None:
            return None
        form = self._new.compiled(self.entity).forms[recipe.new.name]
        try:
            plain = from_rule(given, form)
            return self._new.compiled(self.entity).handlers[recipe.new.name].accept(given if plain is None else plain)
        except Invalid as bad:
            found.note(key, bad.text)
            return None


def mapped(value: Any, options: Mapping[str, str]) -> Any:
    """Return a value with its options under their new names."""
    if not options:
        return value
    if isinstance(value, tuple):
        return tuple(dict.fromkeys(options.get(one, one) for one in value))
    return options.get(value, value)


def making_of(
    old: App, new: App, pairing: Pairing, entity: str, number: int, context: Context
) -> Making | None:  # fmt: skip
    """Return what makes the values of an entity's fields; ``None`` where all of them stay as they stand."""
    before = pairing.entity(entity)
    if before is None:
        return None
    recipes = tuple(_recipes(old, new, pairing, pairing.after[entity], before))
    if not recipes:
        return None
    made = Making(old, new, entity, old.compiled(before.name), recipes)
    made.table = f"fw_made_{number}"
    made.context = context
    return made


def _recipes(old: App, new: App, pairing: Pairing, entity: Entity, before: Entity) -> Iterator[Recipe]:
    for name, after in entity.fields.items():
        if after.computed is not None or not has_column(after) or after.system or len(after.to) > 1:
            continue
        was = pairing.fields(entity.name).get(name)
        was = was if was is not None and has_column(was) else None
        rules = [pairing.convert(entity.name, name), pairing.fill(entity.name, name)]
        options = pairing.options(entity.name, name)
        changed = was is not None and not is_same(was, after)
        if changed or any(rules) or (options and after.kind == "choices"):
            convert, fill = (asked_over(rule, before, old, pairing.new) for rule in rules)
            change = converter(was, after, old.place) if was is not None and changed else None
            yield Recipe(after, was, change, options, convert, fill)

