"""Guards: what would be lost is counted in the transaction of the deploy itself, and refused unless it is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.inspect import Found
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.batches import literal
from fachwerk.engine.plan.counting import number
from fachwerk.engine.plan.delta import Delta
from fachwerk.engine.plan.kept import Back
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.slots import own_table
from fachwerk.problems import Refused, Text
from fachwerk.schemas.model import Entity, Field
from fachwerk.schemas.tables import CONFIG


@dataclass(frozen=True, slots=True)
class Lost:
    """Values or options in use that would be lost: the name that allows it, how many, in words."""

    name: str
    count: int
    text: Text
    allowed: bool
    state: bool = False
    """Whether these are cases in a state."""


async def losses(connection: Connection, delta: Delta) -> list[Lost]:
    """Count the values that the operations set aside for good."""
    found = []
    for loss in delta.losses:
        where = f" WHERE {n.quote(loss.column)} IS NOT NULL" if loss.column else ""
        rows = await connection.fetch(f"SELECT count(*) FROM {n.quote(loss.table)}{where}")
        if rows[0][0]:
            found.append(Lost(loss.name, int(rows[0][0]), _loss_text(loss.name, int(rows[0][0])), loss.allowed))
    return found


async def left_behind(connection: Connection, delta: Delta, back: Back) -> list[Lost]:
    """Count what undoing a version sets aside: fields it brought, and values entered since that fit no more."""
    found = await losses(connection, delta)
    for table, _, column in delta.stays:
        where = f"{n.quote(column)} IS NOT NULL AND changed > {back.since}"
        rows = await connection.fetch(f"SELECT count(*) FROM {n.quote(table)} WHERE {where}")
        if rows[0][0]:
            name, count = f"{table}.{column}", int(rows[0][0])
            found.append(Lost(name, count, _loss_text(name, count), allowed=True))
    return found


async def options_gone(connection: Connection, old: App, pairing: Pairing) -> list[Lost]:
    """Count the options and states that records have and that are gone without anything in their place."""
    found = []
    for before, after in pairing.entities():
        for name, was in pairing.fields(after.name).items():
            for option in _gone(pairing, after, name, was):
                count = await _using(connection, old, before, was, option)
                if count:
                    system = after.fields[name].system
                    text = _state_text(option, count) if system else _option_text(option, count)
                    found.append(Lost(f"{after.name}.{name}.{option}", count, text, allowed=False, state=system))
    return found


def _gone(pairing: Pairing, after: Entity, name: str, was: Field) -> Iterator[str]:
    field = after.fields[name]
    if was.kind != field.kind or was.kind not in ("choice", "choices") or was.computed is not None:
        return
    mapped = pairing.options(after.name, name)
    there = {option.name for option in field.options}
    for option in was.options:
        if option.name not in there and mapped.get(option.name) not in there:
            yield option.name


async def _using(connection: Connection, old: App, entity: Entity, field: Field, option: str) -> int:
    table, column = n.quote(own_table(entity)), n.quote(field.name)
    if field.kind == "choice":
        where = f"{column} = {literal(option)}"
    elif old.dialect == "postgresql":
        where = f"{column} ? {literal(option)}"
    else:
        where = f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value = {literal(option)})"
    rows = await connection.fetch(f"SELECT count(*) FROM {table} WHERE {where}")
    return int(rows[0][0])


def refuse(lost: list[Lost], allowed: frozenset[str]) -> None:
    """Raise what is lost and neither said in the files nor allowed."""
    left = {one.name: one.text for one in lost if not one.allowed and one.name not in allowed}
    if left:
        raise Refused("loss", _LOSS, status=409, fields=left)


def check_drift(old: App, there: Found) -> None:
    """Raise where the database is not as the version in force left it."""
    missing = {}
    for table in old.tables.metadata.tables.values():
        columns = there.columns.get(table.name, {})
        for column in table.c:
            if str(column.name) not in columns and not table.name.startswith("fw_") and column.name != CONFIG:
                place = f"{table.name}.{column.name}"
                missing[place] = {"en": f"{place} is not in the database.", "de": f"{place} fehlt in der Datenbank."}
    if missing:
        raise Refused("drifted", _DRIFTED, status=409, fields=missing)


_LOSS: Text = {
    "en": "This would lose what people have entered. Nothing was changed.",
    "de": "Damit ginge verloren, was eingegeben wurde. Nichts wurde geändert.",
}
_DRIFTED: Text = {
    "en": "The database is not as the last deploy left it; see `fachwerk drift`.",
    "de": "Die Datenbank ist nicht so, wie sie zuletzt eingespielt wurde; siehe `fachwerk drift`.",
}


def _loss_text(name: str, count: int) -> Text:
    return {
        "en": f"DESTROYS {count:,} values; needs `drop: true` or --allow-loss {name}",
        "de": f"VERNICHTET {number(count, 'de')} Werte; braucht `drop: true` oder --allow-loss {name}",
    }


def _option_text(option: str, count: int) -> Text:
    return {
        "en": f"option `{option}` is gone: {count:,} records have it; write `was: {option}` at the option they get",
        "de": f"Option `{option}` ist weg: {number(count, 'de')} Datensätze haben sie; `was: {option}` bei der, "
        "die sie bekommen",
    }


def _state_text(state: str, count: int) -> Text:
    return {
        "en": f"state `{state}` is gone: {count:,} cases stand in it; say where they go: `was: {{{state}: ...}}`",
        "de": f"Zustand `{state}` gibt es nicht mehr: {number(count, 'de')} Vorgänge stehen darin; "
        f"wohin? `was: {{{state}: ...}}`",
    }
