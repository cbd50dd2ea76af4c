"""Effects on computed values and decisions: how many rows get another value, and what the difference adds up to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fachwerk.engine.convert import from_rule, to_rule
from fachwerk.engine.plan.batches import batches
from fachwerk.engine.plan.counting import Counting, both, number
from fachwerk.engine.plan.making import MOST_EXAMPLES
from fachwerk.problems import Text, say
from fachwerk.schemas.model import Entity, Field
from fachwerk.schemas.tables_columns import form_of


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


async def count_computed(counting: Counting) -> None:
    """Note the computed fields whose values differ on live rows."""
    for old, new in counting.pairing.entities():
        found = list(_differences(counting, new))
        if found and counting.rows[old.name]:
            await _compare(counting, old, new, found)
            for one in found:
                await _say(counting, old, new, one)


def _differences(counting: Counting, new: Entity) -> Iterator[Difference]:
    for name, was in counting.pairing.fields(new.name).items():
        made = new.fields[name]
        if made.computed is not None and was.computed is not None and (new.name, name) in counting.same.touched:
            yield Difference(made, was)


async def _compare(counting: Counting, old: Entity, new: Entity, found: list[Difference]) -> None:
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
