"""Effects on computed values and decisions: how many rows get another value, and what the difference adds up to.

Where both rules have SQL the database compares the values (``differing``), else they are compared record by record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fachwerk.engine.plan.batches import batches
from fachwerk.engine.plan.counting import Counting, both, number
from fachwerk.engine.plan.differing import Difference, compared_by_sql
from fachwerk.problems import say
from fachwerk.schemas.model import Entity, Field


async def count_computed(counting: Counting) -> None:
    """Note the computed fields whose values differ on live rows."""
    for old, new in counting.pairing.entities():
        found = list(_differences(counting, new))
        if found and counting.rows[old.name]:
            left = [one for one in found if not await compared_by_sql(counting, old, new, one)]
            if left:
                await compare_rows(counting, old, new, left)
            for one in found:
                await _say(counting, old, new, one)


def _differences(counting: Counting, new: Entity) -> Iterator[Difference]:
    for name, was in counting.pairing.fields(new.name).items():
        made = new.fields[name]
        if made.computed is not None and was.computed is not None and (new.name, name) in counting.same.touched:
            yield Difference(made, was)


async def compare_rows(counting: Counting, old: Entity, new: Entity, found: list[Difference]) -> None:
    """Compare the values of all records, one by one, and note what differs."""
    ahead = counting.ahead
    before: Mapping[str, Any] = {one.old.name: {} for one in found}
    after: Mapping[str, Any] = {one.new.name: {} for one in found}
    async for ids in batches(counting.connection, ahead.old.tables.of(old.name), ahead.old.dialect):
        was = await ahead.old.loader.by_ids(counting.connection, old.name, before, ids, ahead.old_context)
        now = await ahead.app.loader.by_ids(counting.connection, new.name, after, ids, ahead.context)
        for key in ids:
            for one in found:
                one.compare(key, was[key].get(one.old.name), now[key].get(one.new.name))


async def _say(counting: Counting, old: Entity, new: Entity, one: Difference) -> None:
    if not one.count:
        return
    total = counting.rows[old.name]
    examples = await counting.examples(old.name, one.examples)
    why = counting.same.touched[new.name, one.new.name]
    english, german = _words(counting, new, one)
    counting.add(counting.because(why), "differs", one.count, total, en=english, de=german, examples=examples)


def _words(counting: Counting, new: Entity, one: Difference) -> tuple[str, str]:
    label = f"{say(new.plural, 'en')[:1].lower()}{say(new.plural, 'en')[1:]}", say(new.plural, "de")
    name = f"`{one.new.name}`"
    if not (one.more or one.less):
        english, german = both(one.other)
        return f"{english} {label[0]} get another {name}", f"{german} {label[1]} bekommen ein anderes {name}"
    (more_en, more_de), (less_en, less_de) = both(one.more), both(one.less)
    unit = f" {one.new.currency or counting.pairing.new.currency}" if _is_money(one.new) else ""
    rest_en = f", {number(one.other, 'en')} other" if one.other else ""
    rest_de = f", {number(one.other, 'de')} andere" if one.other else ""
    sum_en, sum_de = (f"{'+' if one.sum >= 0 else ''}{number(one.sum, lang)}{unit}" for lang in ("en", "de"))
    return (
        f"{more_en} {label[0]} get a higher {name}, {less_en} a lower one{rest_en} (sum {sum_en})",
        f"{more_de} {label[1]} bekommen ein höheres {name}, {less_de} ein niedrigeres{rest_de} (Summe {sum_de})",
    )


def _is_money(made: Field) -> bool:
    return "money" in (made.kind, made.result)
