"""Slots: the columns and tables of a configuration by what they mean, so that those of two can be laid side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from fachwerk.engine.compile import App
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.schemas.model import Entity, Field
from fachwerk.schemas.tables import SYSTEM, entry_column, flow_column, has_column, link_columns, links_table, table_name

Key = tuple[str, ...]
"""What a column means: ("system", name) · ("field", name) · ("link", name, target) · ("entry", field) ·
("flow", field) · ("path",)."""
_LINKS = ("link", "tree", "user")


@dataclass(frozen=True, slots=True)
class Slot:
    """A column of an entity's table and the field it belongs to."""

    key: Key
    column: str
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Filling:
    """Values of *new* that are made out of the old record, into the column *temporary* of the old table."""

    entity: str
    """The old entity or rows."""
    target: str
    """The new one."""
    table: str
    temporary: str
    how: Literal["convert", "fill", "options"]
    new: Field
    old: Field | None = None
    mapping: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """Values that would no longer be there: *name* is dotted, as the old configuration has it."""

    name: str
    table: str
    column: str | None
    allowed: bool
    """Whether the files say ``drop``."""


def slots_of(app: App, entity: Entity) -> Iterator[Slot]:
    """Give the columns of an entity's table by what they mean."""
    table = app.tables.of(entity.name)
    parent = ("id", "parent", "position")
    for name in parent if entity.parent else SYSTEM:
        yield Slot(("system", name), name)
    for field in entity.fields.values():
        if field.name in SYSTEM or not has_column(field) or (entity.parent and field.name in parent):
            continue
        if field.kind in _LINKS:
            for target, column in link_columns(field).items():
                yield Slot(("link", field.name, target), column, field)
        else:
            yield Slot(("field", field.name), field.name, field)
    for name in entity.workflows:
        model = app.project.workflows[name]
        yield Slot(("entry", model.field), entry_column(model))
        if model.cases == "keep":
            yield Slot(("flow", model.field), flow_column(model))
    if "_path" in table.c:
        yield Slot(("path",), "_path")


def moved(slot: Slot, entity: Entity, pairing: Pairing) -> Key:
    """Return the key that an old slot has in the new *entity*, as far as names decide."""
    old_names = {old.name: new for new, old in pairing.fields(entity.name).items()}
    if slot.key[0] in ("field", "entry", "flow"):
        return (slot.key[0], old_names.get(slot.key[1], slot.key[1]))
    if slot.key[0] == "link":
        target = slot.key[2]
        target = target if target == "user" else pairing.renamed(target) or target
        return ("link", old_names.get(slot.key[1], slot.key[1]), target)
    return slot.key


def many_tables(entity: Entity) -> dict[str, str]:
    """Return the tables of the fields of many links, by field."""
    return {field.name: links_table(entity, field) for field in entity.fields.values() if field.kind == "links"}


def own_table(entity: Entity) -> str:
    """Return the entity's own table."""
    return table_name(entity)
