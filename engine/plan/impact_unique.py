"""Effects of what must be unique: rows that share a value where a new or changed rule allows one only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.plan.counting import Counting, both
from fachwerk.engine.plan.making import MOST_EXAMPLES
from fachwerk.problems import Text
from fachwerk.schemas.changes import Change
from fachwerk.schemas.model import Entity

SHARED: Text = {"en": "has the same value as another", "de": "hat denselben Wert wie ein anderer Eintrag"}


async def count_unique(counting: Counting) -> None:
    """Note rows that could not stand beside each other."""
    for old, new in counting.pairing.entities():
        table = counting.ahead.app.tables.of(new.name)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if index.unique:
                names = [str(column.name) for column in index.columns]
                if _is_new(counting, old, new, names):
                    await _shared(counting, old, new, names)


def _is_new(counting: Counting, old: Entity, new: Entity, names: list[str]) -> bool:
    fields = [_field_of(new, name) for name in names]
    if any((new.name, name) in counting.same.touched for name in fields):
        return True
    before = {str(c.name): str(c.name) for c in counting.ahead.old.tables.of(old.name).c}
    was = counting.pairing.fields(new.name)
    paired = [was[n].name if n in was else before.get(n, n) for n in fields]
    known = [
        {_field_of(old, str(c.name)) for c in index.columns}
        for index in counting.ahead.old.tables.of(old.name).indexes
        if index.unique
    ]
    return set(paired) not in known


def _field_of(entity: Entity, column: str) -> str:
    """Return the field that a column belongs to (a link to one of several has many columns)."""
    if column in entity.fields:
        return column
    return next((name for name in entity.fields if column.startswith(f"{name}__")), column)


async def _shared(counting: Counting, old: Entity, new: Entity, names: list[str]) -> None:
    table = counting.ahead.app.tables.of(new.name)
    columns = [table.c[name] for name in names]
    full = sa.and_(*(column.is_not(None) for column in columns))
    groups = (
        sa.select(*columns, sa.func.count().label("many")).where(full).group_by(*columns).having(sa.func.count() > 1)
    )
    counted = groups.subquery()
    row = await counting.one(
        sa.select(sa.func.coalesce(sa.func.sum(counted.c.many), 0), sa.func.count()).select_from(counted)
    )
    count = int(row[0])
    if not count:
        return
    joined = sa.and_(*(column == counted.c[name] for column, name in zip(columns, names, strict=True)))
    first: Any = (
        sa.select(table.c.id)
        .select_from(table.join(counted, joined))
        .order_by(*columns, table.c.id)
        .limit(MOST_EXAMPLES)
    )
    found = [(str(one[0]), SHARED) for one in await counting.all(first)]
    (english, german), (many_en, many_de) = both(count), both(int(row[1]))
    counting.add(
        _change(counting, new, names), "unique", count, counting.rows[old.name],
        en=f"{english} rows share {many_en} value{'s' * (row[1] != 1)} that must be unique",
        de=f"{german} Datensätze teilen sich {many_de} Wert{'e' * (row[1] != 1)}, die es nur einmal geben darf",
        examples=await counting.examples(old.name, found), blocking=True,
        remedy={"en": "correct these rows first", "de": "zuerst diese Datensätze berichtigen"},
    )  # fmt: skip


def _change(counting: Counting, new: Entity, names: list[str]) -> Change:
    own = [name for name in dict.fromkeys(_field_of(new, name) for name in names) if name != "parent"]
    return next(_candidates(counting, new, own))


def _candidates(counting: Counting, new: Entity, own: list[str]) -> Iterator[Change]:
    if len(own) == 1:
        yield counting.change("field", f"{new.name}.{own[0]}")
    yield counting.change("unique", f"{new.name}.{'+'.join(own)}")
