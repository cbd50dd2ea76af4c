"""Effects on values: what is lost, kept under another name, converted or not, without value, or no longer an option."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.plan.converting import is_same
from fachwerk.engine.plan.counting import Counting, both, number, rows_of
from fachwerk.problems import Text
from fachwerk.schemas.model import Entity, Field
from fachwerk.schemas.tables import has_column, link_columns, links_table

LINKS = ("link", "tree", "user")


async def count_values(counting: Counting) -> None:
    """Note the effects of a change on stored values."""
    for entity in counting.pairing.gone_entities():
        await _lost_entity(counting, entity)
    for old, new in counting.pairing.entities():
        for field in counting.pairing.gone_fields(new.name):
            await _lost(counting, old, field)
        for field in new.fields.values():
            if not field.system or field.kind == "choice":
                await _field(counting, old, new, field)


async def _field(counting: Counting, old: Entity, new: Entity, field: Field) -> None:
    was = counting.pairing.fields(new.name).get(field.name)
    if was is None:
        await _new_field(counting, old, new, field)
        return
    if field.name != was.name and not field.system:
        await _renamed(counting, old, new, field, was)
    if (new.name, field.name) in counting.ahead.refusals:
        await _converted(counting, old, new, field, was)
    elif was.computed is None and field.computed is None and not is_same(was, field):
        await _dropped(counting, old, new, field, was)
    if not field.system:
        await _options_gone(counting, old, new, field, was)
        await _links_gone(counting, old, new, field, was)


# ------------------------------------------------------------------ losses


async def _lost_entity(counting: Counting, entity: Entity) -> None:
    count = counting.rows[entity.name]
    if not count:
        return
    dropped = entity.name in counting.pairing.new.past.drops
    english, german = rows_of(entity, count)
    counting.add(
        counting.change("entity", entity.name), "loss", count, count,
        en=f"DESTROYS {english}", de=f"VERNICHTET {german}",
        remedy=None if dropped else _how_to_drop(entity.name), blocking=not dropped, allow=entity.name,
    )  # fmt: skip


async def _lost(counting: Counting, entity: Entity, field: Field) -> None:
    if field.computed is not None or field.kind == "back_links" or (field.system and field.kind != "choice"):
        return
    count = await filled(counting, entity, field)
    name = f"{entity.name}.{field.name}"
    if not count:
        return
    dropped = bool(
        {name, f"{counting.pairing.renamed(entity.name)}.{field.name}"} & set(counting.pairing.new.past.drops)
    )
    english, german = both(count)
    counting.add(
        counting.change("field", name), "loss", count, counting.rows[entity.name],
        en=f"DESTROYS {english} value{'s' * (count != 1)}", de=f"VERNICHTET {german} Wert{'e' * (count != 1)}",
        remedy=None if dropped else _how_to_drop(name), blocking=not dropped, allow=name,
    )  # fmt: skip


def _how_to_drop(name: str) -> Text:
    return {
        "en": f"needs `drop: true` or --allow-loss {name}",
        "de": f"braucht `drop: true` oder --allow-loss {name}",
    }


async def filled(counting: Counting, entity: Entity, field: Field) -> int:
    """Return how many rows of an old entity have a value in *field*."""
    app = counting.ahead.old
    if field.kind == "links":
        members = app.tables.metadata.tables[links_table(entity, field)]
        return int((await counting.one(sa.select(sa.func.count(sa.distinct(members.c.source)))))[0])
    if field.rows is not None:
        rows = app.tables.of(field.rows.name)
        return int((await counting.one(sa.select(sa.func.count(sa.distinct(rows.c.parent)))))[0])
    if not has_column(field):
        return 0
    table = app.tables.of(entity.name)
    return int((await counting.one(sa.select(sa.func.count()).select_from(table).where(has_value(table, field))))[0])


def has_value(table: Any, field: Field) -> Any:
    """Return the condition that a field with columns of its own is not empty."""
    if field.kind in LINKS:
        return sa.or_(*(table.c[name].is_not(None) for name in link_columns(field).values()))
    column = table.c[field.name]
    if field.kind in ("files", "images", "file", "image", "choices"):
        return sa.and_(column.is_not(None), sa.cast(column, sa.Text()) != "[]")
    return column.is_not(None)


# ------------------------------------------------------------------ new, renamed, converted


async def _new_field(counting: Counting, old: Entity, new: Entity, field: Field) -> None:
    total = counting.rows[old.name]
    if field.computed is not None or field.kind == "back_links" or not total or field.system:
        return
    change = counting.change("field", f"{new.name}.{field.name}")
    if (new.name, field.name) in counting.pairing.new.past.convert:
        counting.add(
            change, "no_effect", 0, total,
            en="`convert` has no effect: there was no such field; `fill` makes values of others",
            de="`convert` wirkt nicht: das Feld gab es nicht; `fill` macht Werte aus anderen",
        )  # fmt: skip
    refusals = counting.ahead.refusals.get((new.name, field.name))
    filled_in = refusals.filled if refusals is not None else 0
    if filled_in:
        english, german = rows_of(new, filled_in)
        counting.add(
            change,
            "filled",
            filled_in,
            total,
            en=f"{english} get a value by `fill`",
            de=f"{german} bekommen einen Wert durch `fill`",
        )
    left = total - filled_in
    if not left:
        return
    english, german = both(left)
    counting.add(
        change, "no_value", left, total,
        en=f"{english} row{'s get' if left != 1 else ' gets'} no value",
        de=f"{german} {'Datensätze bekommen' if left != 1 else 'Datensatz bekommt'} keinen Wert",
    )  # fmt: skip
    if refusals is not None and refusals.count:
        english, german = both(refusals.count)
        counting.add(
            change, "converts", refusals.count, total,
            en=f"{english} values of `fill` do not fit", de=f"{german} Werte von `fill` passen nicht",
            examples=await counting.examples(old.name, refusals.examples),
            remedy=_say_convert(f"{new.name}.{field.name}"), blocking=True, allow=f"{new.name}.{field.name}",
        )  # fmt: skip


async def _renamed(counting: Counting, old: Entity, new: Entity, field: Field, was: Field) -> None:
    if field.computed is not None or field.kind == "back_links":
        return
    count = await filled(counting, old, was)
    counting.add(
        counting.change("field", f"{new.name}.{field.name}"),
        "kept",
        count,
        counting.rows[old.name],
        en="values kept",
        de="Werte bleiben",
    )


async def _converted(counting: Counting, old: Entity, new: Entity, field: Field, was: Field) -> None:
    refusals = counting.ahead.refusals[new.name, field.name]
    change = counting.change("field", f"{new.name}.{field.name}")
    total = await filled(counting, old, was)
    if counting.pairing.convert(new.name, field.name) is not None and total:
        english, german = both(refusals.converted)
        counting.add(
            change,
            "by_rule",
            refusals.converted,
            total,
            en=f"`convert` changes {english} of {number(total, 'en')} values",
            de=f"`convert` ändert {german} von {number(total, 'de')} Werten",
        )
    if refusals.filled:
        english, german = rows_of(new, refusals.filled)
        counting.add(
            change,
            "filled",
            refusals.filled,
            counting.rows[old.name],
            en=f"{english} get a value by `fill`",
            de=f"{german} bekommen einen Wert durch `fill`",
        )
    if refusals.count:
        english, german = both(refusals.count)
        counting.add(
            change, "converts", refusals.count, total,
            en=f"{english} of {number(total, 'en')} values do not convert",
            de=f"{german} von {number(total, 'de')} Werten lassen sich nicht umwandeln",
            examples=await counting.examples(old.name, refusals.examples),
            remedy=_say_convert(f"{new.name}.{field.name}"), blocking=True, allow=f"{new.name}.{field.name}",
        )  # fmt: skip
    elif total and not refusals.converted and not is_same(was, field):
        counting.add(change, "kept", total, total, en="all values convert", de="alle Werte lassen sich umwandeln")


def _say_convert(name: str) -> Text:
    return {
        "en": f"say what becomes of them: `convert:` at the field, or --allow-loss {name}",
        "de": f"sagen, was daraus wird: `convert:` am Feld, oder --allow-loss {name}",
    }


async def _dropped(counting: Counting, old: Entity, new: Entity, field: Field, was: Field) -> None:
    """Note values of a kind that leads nowhere: files, rows and links that become something else."""
    if field.kind in (*LINKS, "links") and was.kind in (*LINKS, "links"):
        count = await _more_than_one(counting, old, was) if was.kind == "links" else 0
    else:
        count = await filled(counting, old, was)
    if not count:
        return
    english, german = both(count)
    name = f"{new.name}.{field.name}"
    counting.add(
        counting.change("field", name), "converts", count, counting.rows[old.name],
        en=f"{english} values do not convert", de=f"{german} Werte lassen sich nicht umwandeln",
        remedy=_how_to_drop(name), blocking=True, allow=name,
    )  # fmt: skip


async def _more_than_one(counting: Counting, old: Entity, was: Field) -> int:
    members = counting.ahead.old.tables.metadata.tables[links_table(old, was)]
    many = sa.select(members.c.source).group_by(members.c.source).having(sa.func.count() > 1).subquery()
    return int((await counting.one(sa.select(sa.func.count()).select_from(many)))[0])


# ------------------------------------------------------------------ options and links


async def _options_gone(counting: Counting, old: Entity, new: Entity, field: Field, was: Field) -> None:
    if was.kind not in ("choice", "choices") or field.kind != was.kind:
        return
    there = {option.name for option in field.options} | set(counting.pairing.options(new.name, field.name))
    gone = [option.name for option in was.options if option.name not in there]
    for option, count in [(name, await _used(counting, old, was, name)) for name in gone]:
        if not count:
            continue
        english, german = rows_of(new, count)
        name = f"{new.name}.{field.name}.{option}"
        counting.add(
            counting.change("option", name), "option_gone", count, counting.rows[old.name],
            en=f"option `{option}` is gone: {english} {'use' if count != 1 else 'uses'} it",
            de=f"Option `{option}` ist weg: {german} {'nutzen' if count != 1 else 'nutzt'} sie",
            remedy={"en": f"say what takes its place: `was: {option}` at an option, or --allow-loss {name}",
                    "de": f"sagen, was an ihre Stelle tritt: `was: {option}`, oder --allow-loss {name}"},
            blocking=True, allow=name, where=(old.name, was.name, option),
        )  # fmt: skip


async def _used(counting: Counting, old: Entity, was: Field, option: str) -> int:
    table = counting.ahead.old.tables.of(old.name)
    column = table.c[was.name]
    if was.kind == "choice":
        where: Any = column == option
    elif counting.ahead.old.dialect == "postgresql":
        where = sa.func.jsonb_exists(column, option)
    else:
        values = sa.func.json_each(column).table_valued("value")
        where = sa.exists(sa.select(sa.literal(1)).select_from(values).where(values.c.value == option))
    return int((await counting.one(sa.select(sa.func.count()).select_from(table).where(where)))[0])


async def _links_gone(counting: Counting, old: Entity, new: Entity, field: Field, was: Field) -> None:
    """Note links to entities that are gone, or that the field no longer leads to."""
    if was.kind not in ("link", "tree") or field.kind not in ("link", "tree"):
        return
    table = counting.ahead.old.tables.of(old.name)
    for target, column in _ends_gone(counting, field, was):
        count = int(
            (await counting.one(sa.select(sa.func.count()).select_from(table).where(table.c[column].is_not(None))))[0]
        )
        if not count:
            continue
        english, german = both(count)
        name = f"{new.name}.{field.name}"
        counting.add(
            counting.change("field", name), "dangles", count, counting.rows[old.name],
            en=f"{english} link{'s' * (count != 1)} to `{target}` would lead nowhere",
            de=f"{german} Verknüpfung{'en führten' if count != 1 else ' führte'} ins Leere: `{target}`",
            remedy=_how_to_drop(name), blocking=True, allow=name,
        )  # fmt: skip


def _ends_gone(counting: Counting, field: Field, was: Field) -> Iterator[tuple[str, str]]:
    for target, column in link_columns(was).items():
        if target != "user" and counting.pairing.renamed(target) not in field.to:
            yield target, column
