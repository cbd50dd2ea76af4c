"""Differences of one computed field between two configurations: noted row by row, or found by one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.convert import from_rule, to_rule
from fachwerk.engine.plan.counting import Counting
from fachwerk.engine.plan.making import MOST_EXAMPLES
from fachwerk.engine.translation import Translation
from fachwerk.problems import Text
from fachwerk.rules.storage import Column, Storage
from fachwerk.rules.to_sql import NotTranslatable, parameters, to_scaled, to_value
from fachwerk.schemas.model import Entity, Field
from fachwerk.schemas.tables_columns import form_of
from sqlalchemy.sql.elements import Grouping

_PLAIN = ("text", "boolean", "date", "datetime", "time", "duration")
"""Shapes whose value in SQL is what a column of them holds."""
_HALF = 10**9
"""Sums on SQLite are those of two halves of the number: one of them alone could become too long."""


@dataclass(slots=True)
class Difference:
    """What differs in one computed field."""

    new: Field
    old: Field
    more: int = 0
    less: int = 0
    other: int = 0
    sum: Decimal = Decimal(0)
    examples: list[tuple[str, Text]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many rows differ."""
        return self.more + self.less + self.other

    def compare(self, key: str, before: Any, after: Any) -> None:
        """Note the difference of one row."""
        before, after = plain_value(before, self.old), plain_value(after, self.new)
        if before == after:
            return
        if isinstance(before, Decimal) and isinstance(after, Decimal):
            self.more += after > before
            self.less += after < before
        else:
            self.other += 1
        if isinstance(before, Decimal | None) and isinstance(after, Decimal | None):
            self.sum += (after or 0) - (before or 0)
        if len(self.examples) < MOST_EXAMPLES:
            was, now = shown(before), shown(after)
            self.examples.append((key, {"en": f"{was} → {now}", "de": f"{was} → {now}"}))


def plain_value(value: Any, made: Field) -> Any:
    """Return a value as it is shown: numbers with the places of the field, links as ids."""
    form = form_of(made)
    if isinstance(value, Decimal) and form.shape == "number":
        return to_rule(from_rule(value, form))
    if isinstance(value, Mapping) and "id" in value:
        return value["id"]
    if isinstance(value, list):
        return [one["id"] if isinstance(one, Mapping) and "id" in one else one for one in value]
    return value


def shown(value: Any) -> str:
    """Return a value for an example."""
    return "–" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


async def compared_by_sql(counting: Counting, old: Entity, new: Entity, one: Difference) -> bool:
    """Let the database compare all values of a field; ``False`` where it cannot, and nothing was noted."""
    ahead, shapes = counting.ahead, {form_of(one.old).shape, form_of(one.new).shape}
    if len(shapes) > 1 or not shapes & {"number", *_PLAIN}:
        return False
    same_places = (form_of(one.old).places or 0) == (form_of(one.new).places or 0)
    if ahead.old.dialect == "sqlite" and "number" in shapes and not same_places:
        return False  # one integer would stand for two numbers
    pairs = await _pairs(counting, old, new, one)
    if pairs is None:
        return False
    values = Translation(ahead.app).parameters(ahead.context)
    if "number" in shapes:
        await _count_numbers(counting, one, pairs, values)
    else:
        differs = sa.func.count(sa.case((pairs.c.before.is_distinct_from(pairs.c.after), 1)))
        one.other = int((await counting.one(sa.select(differs), values))[0])
    if one.count:
        await _examples(counting, (old, new), one, pairs, values)
    return True


async def _pairs(counting: Counting, old: Entity, new: Entity, one: Difference) -> sa.CTE | None:
    """Return id, value before and value after of all rows; ``None`` where SQL cannot say them."""
    ahead = counting.ahead
    tables = ahead.old.tables.of(old.name), ahead.app.tables.of(new.name)
    try:
        before = _value(ahead.old, old, one.old, await _storage(counting, ahead.old, old))
        after = _value(ahead.app, new, one.new, await _storage(counting, ahead.app, new))
    except NotTranslatable:
        return None
    if (parameters(before) | parameters(after)) - {"now", "today"}:
        return None
    pairs = sa.select(tables[1].c.id, before.label("before"), after.label("after"))
    found = pairs.select_from(tables[1].join(tables[0], tables[1].c.id == tables[0].c.id))
    return found.cte("pairs").prefix_with("MATERIALIZED")


def _value(app: App, entity: Entity, made: Field, storage: Storage) -> sa.ColumnElement[Any]:
    """Return the value of a computed field as its column would hold it."""
    table, form = app.tables.of(entity.name), form_of(made)
    if made.stored:
        return table.c[made.name]
    assert made.computed is not None
    where = (made.computed.checked, storage, app.tables.metadata, app.dialect)
    if form.shape == "number":
        return to_scaled(*where, record=entity.name, table=table, places=form.places)
    return to_value(*where, record=entity.name, table=table)


async def _storage(counting: Counting, app: App, entity: Entity) -> Storage:
    """Return where the fields are, numbers with as many digits as they have: so SQLite can calculate in integers."""
    stored = app.tables.storage[entity.name]
    numbers = {
        name: column
        for name, column in stored.fields.items()
        if isinstance(column, Column) and name in entity.fields and form_of(entity.fields[name]).shape == "number"
    }
    if app.dialect == "postgresql" or not numbers:
        return app.tables.storage
    table = app.tables.of(entity.name)
    most = [sa.func.max(sa.func.abs(table.c[column.name])) for column in numbers.values()]
    found = await counting.one(sa.select(*most))
    known = {
        name: replace(column, digits=max(len(str(most or 0)), (column.places or 0) + 1))
        for (name, column), most in zip(numbers.items(), found, strict=True)
    }
    return {**app.tables.storage, entity.name: replace(stored, fields={**stored.fields, **known})}


async def _count_numbers(counting: Counting, one: Difference, pairs: sa.CTE, values: Mapping[str, object]) -> None:
    before, after = pairs.c.before, pairs.c.after
    change = sa.func.coalesce(after, 0) - sa.func.coalesce(before, 0)
    sums, shift = [sa.func.sum(change)], Decimal(1)
    if counting.ahead.old.dialect == "sqlite":  # the sum of 64 bits may need more of them
        half: Any = sa.literal_column(str(_HALF), sa.BigInteger())
        whole = Grouping(change)
        sums = [sa.func.sum(whole.op("/")(half)), sa.func.sum(whole.op("%")(half))]
        shift = Decimal(1).scaleb(-(form_of(one.new).places or 0))
    conditions = after > before, after < before, after.is_(None) != before.is_(None)
    counts: list[Any] = [*(sa.func.count(sa.case((c, 1))) for c in conditions), *sums]
    found = await counting.one(sa.select(*counts), values)
    one.more, one.less, one.other = (int(number) for number in found[:3])
    total = Decimal(found[3] or 0)
    one.sum = _shown(one, (total * _HALF + Decimal(found[4] or 0)) * shift if len(sums) > 1 else total)


def _shown(one: Difference, total: Decimal) -> Decimal:
    places = max(form_of(one.old).places or 0, form_of(one.new).places or 0)
    return total.quantize(Decimal(1).scaleb(-places))


async def _examples(
    counting: Counting, entities: tuple[Entity, Entity], one: Difference, pairs: sa.CTE, values: Mapping[str, object]
) -> None:
    """Note the first rows that differ."""
    ahead, (old, new) = counting.ahead, entities
    differs = pairs.c.before.is_distinct_from(pairs.c.after)
    rows = await counting.all(sa.select(pairs.c.id).where(differs).order_by(pairs.c.id).limit(MOST_EXAMPLES), values)
    ids, shown_ = [str(row[0]) for row in rows], Difference(one.new, one.old)
    was = await ahead.old.loader.by_ids(counting.connection, old.name, {one.old.name: {}}, ids, ahead.old_context)
    now = await ahead.app.loader.by_ids(counting.connection, new.name, {one.new.name: {}}, ids, ahead.context)
    for key in ids:
        shown_.compare(key, was[key].get(one.old.name), now[key].get(one.new.name))
    one.examples = shown_.examples
