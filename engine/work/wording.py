"""Texts over a record as people read them: dates, amounts, options and links the way their fields are shown.

A :class:`Wording` is compiled once from a template; it says what must be loaded, and fills the places in any language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from fachwerk.engine.compile import App, Asked
from fachwerk.engine.judging import plain
from fachwerk.engine.shapes import Shape, all_needs, merged, shape_of
from fachwerk.problems import Text, say
from fachwerk.rules.tree import Arithmetic, Call, Filter, If, Literal, Name, Negate, Node, Path
from fachwerk.rules.types import OptionType, RecordType
from fachwerk.schemas.kinds import handler
from fachwerk.schemas.kinds.texts import plain_of_rich
from fachwerk.schemas.kinds.times import instant_shower, show_date, show_duration
from fachwerk.schemas.model import Entity, Field, Rule, Template

NOTHING = "–"
Show = Callable[[Any, str, object], str]
"""From the value of a place, the language and the context to the text that people read."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value on its way into a text: the rule, how people read what it gives, what it needs of the record."""

    asked: Asked
    show: Show
    shape: Shape


@dataclass(frozen=True, slots=True)
class Wording:
    """A template ready to be filled; *shape* is what it needs of the record."""

    parts: Mapping[str, tuple[str | Shown, ...]]
    shape: Shape
    mine: Mapping[str, Shape]
    """What it needs of the own records of whoever acted."""

    def fill(self, record: Mapping[str, Any], context: object, language: str) -> str:
        """Return the text in *language* (in the first one there is, if there is none in that)."""
        parts = self.parts.get(language) or next(iter(self.parts.values()))
        return "".join(part if isinstance(part, str) else _filled(part, record, context, language) for part in parts)


def _filled(place: Shown, record: Mapping[str, Any], context: object, language: str) -> str:
    value = place.asked(record, context)
    return NOTHING if value is None or value == [] else place.show(value, language, context)


def wording(app: App, entity: str | None, template: Template) -> Wording:
    """Compile a template over records of *entity*."""
    maker = Maker(app)
    parts = {
        language: tuple(part if isinstance(part, str) else maker.place(entity, part) for part in pieces)
        for language, pieces in template.parts.items()
    }
    places = [part for pieces in parts.values() for part in pieces if isinstance(part, Shown)]
    return Wording(parts, merged(*(one.shape for one in places)), all_needs(one.asked.needs for one in places).mine)


class Maker:
    """Makes places of rules over the records of an entity; *names* are variables that stand for other records."""

    def __init__(self, app: App, names: Mapping[str, str] | None = None) -> None:
        self._app, self._names = app, names or {}
        self._zone = ZoneInfo(app.project.timezone)

    def place(self, entity: str | None, rule: Rule) -> Shown:
        """Return how the value of *rule* is read."""
        asked = self._app.ask(rule)
        node = rule.checked.node
        field = self._field(entity, node)
        if field is None or field.kind in ("link", "user", "tree", "links", "back_links", "rows"):
            return self._other(asked, node, rule)
        shower = handler(field, self._app.place).show
        if field.kind in ("file", "image", "files", "images"):
            return Shown(asked, lambda value, language, context: _names(value), asked.needs.record)
        if shown_kind(field) == "rich_text":
            return Shown(asked, lambda value, language, context: plain_of_rich(str(value)), asked.needs.record)
        show: Show = lambda value, language, context: self._field_text(shower, value, language)  # noqa: E731
        return Shown(asked, show, asked.needs.record)

    def _other(self, asked: Asked, node: Node, rule: Rule) -> Shown:
        """Return a place whose value is no plain field: a record by its title, or whatever a rule gives."""
        type_ = rule.checked.typed.type
        if isinstance(type_, OptionType):
            labels = self._labels(type_.of)
            return Shown(asked, lambda value, language, context: _said(labels, value, language), asked.needs.record)
        title, path = self._title(type_), _path(node)
        if title is None or path is None:
            return Shown(asked, lambda value, language, context: self._text(value, language), asked.needs.record)
        function, inner = title
        shape = merged(asked.needs.record, _below(path, inner))
        return Shown(asked, lambda value, language, context: function(value, context), shape)

    def _labels(self, name: str) -> Mapping[str, Text]:
        """Return what the parts and outcomes of an entity's opinions are called."""
        of, _, what = name.rpartition(".opinions.")
        found: dict[str, Text] = {}
        flows = [one for one in self._app.project.workflows.values() if one.of == of]
        for part in (part for flow in flows for state in flow.states.values() for part in state.parallel):
            if what == "part":
                found.setdefault(part.name, part.label)
            elif what == "outcome":
                found |= {one.name: one.label for one in part.outcomes if one.name not in found}
        return found

    def _title(self, type_: object) -> tuple[Callable[[Any, object], str], Shape] | None:
        if not isinstance(type_, RecordType):
            return None
        if type_.name == "user":
            return (lambda value, context: str(value.get("name") or NOTHING)), {"name": {}}
        entity = self._app.entities.get(type_.name)
        if entity is None or entity.title is None:
            return None
        asked = entity.title
        return (lambda value, context: str(asked(value, context) or NOTHING)), asked.needs.record

    def _field(self, entity: str | None, node: Node) -> Field | None:
        """Return the field that a path of names ends in; of a sum and the like, that of its amounts."""
        if not isinstance(node, Name | Path):
            return amount_of(node, lambda inner: self._field(entity, inner))
        if isinstance(node, Name) and node.name in self._names:
            return None
        owner = self._owner(entity, node.of) if isinstance(node, Path) else None
        if isinstance(node, Path):
            return owner.fields.get(node.name) if owner is not None else None
        known = self._entity(entity)
        return known.fields.get(node.name) if isinstance(node, Name) and known is not None else None

    def _owner(self, entity: str | None, node: Node) -> Entity | None:
        if isinstance(node, Filter):
            return self._owner(entity, node.of)
        if isinstance(node, Name) and node.name in self._names:
            return self._entity(self._names[node.name])
        if isinstance(node, Name) and node.name == "parent":
            known = self._entity(entity)
            return self._entity(known.parent[0]) if known is not None and known.parent is not None else None
        field = self._field(entity, node)
        targets = targets_of(field) if field is not None else ()
        return self._entity(targets[0]) if len(targets) == 1 else None

    def _entity(self, name: str | None) -> Entity | None:
        """Return an entity or, for ``entity.field``, its rows."""
        owner, _, rows = (name or "").partition(".")
        found = self._app.project.entities.get(owner)
        if not rows or found is None:
            return found
        return found.fields[rows].rows if rows in found.fields else None

    def _field_text(self, show: Callable[[object, str], str], value: Any, language: str) -> str:
        if isinstance(value, list):
            return ", ".join(self._field_text(show, one, language) for one in value if one is not None) or NOTHING
        return show(value, language)

    def _text(self, value: Any, language: str) -> str:
        if isinstance(value, dt.datetime):
            return instant_shower(self._zone)(value, language)
        if isinstance(value, dt.date):
            return show_date(value, language)
        if isinstance(value, dt.timedelta):
            return show_duration(value, language)
        if isinstance(value, list | tuple):
            return ", ".join(self._text(one, language) for one in value if one is not None) or NOTHING
        if isinstance(value, Mapping):
            return str(value.get("title") or value.get("name") or NOTHING)
        return plain(value.normalize() if isinstance(value, Decimal) and value else value, language)


_AMOUNTS = frozenset(("sum", "min", "max", "mean", "median", "abs", "decimal", "round half up", "round half down",
                      "round up", "round down", "floor", "ceiling", "get or else"))  # fmt: skip
"""Functions that give an amount where they are given amounts."""


def amount_of(node: Node, field_of: Callable[[Node], Field | None]) -> Field | None:
    """Return the money field whose amounts a rule adds up, compares or multiplies; ``None`` where it gives none."""
    if isinstance(node, Name | Path):
        field = field_of(node)
        return field if field is not None and shown_kind(field) == "money" else None
    if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in _AMOUNTS:
        return amount_of(node.arguments[0], field_of) if node.arguments else None
    if isinstance(node, If):
        return amount_of(node.then, field_of) or amount_of(node.otherwise, field_of)
    if isinstance(node, Negate):
        return amount_of(node.of, field_of)
    if isinstance(node, Arithmetic):
        left, right = amount_of(node.left, field_of), amount_of(node.right, field_of)
        if node.op in ("+", "-"):
            return left if right is not None or _zero(node.right) else None
        return (left or right) if node.op in ("*", "/") and (left is None) != (right is None) and not (
            node.op == "/" and right is not None) else None  # fmt: skip
    return None


def shown_kind(field: Field) -> str:
    """Return the kind that a field shows."""
    return field.result or field.kind


def targets_of(field: Field) -> tuple[str, ...]:
    """Return the entities or rows that a field leads to."""
    if field.rows is not None:
        return (field.rows.name,)
    return (field.inverse[0],) if field.inverse is not None else field.to


def _said(labels: Mapping[str, Text], value: Any, language: str) -> str:
    return say(labels[value], language) if value in labels else str(value)


def _zero(node: Node) -> bool:
    return isinstance(node, Literal) and node.value == 0


def _names(value: Any) -> str:
    files = value if isinstance(value, list) else [value]
    return ", ".join(str(one["name"]) for one in files if isinstance(one, Mapping)) or NOTHING


def _path(node: Node) -> tuple[str, ...] | None:
    if isinstance(node, Name):
        return (node.name,)
    before = _path(node.of) if isinstance(node, Path) else None
    return (*before, node.name) if before is not None and isinstance(node, Path) else None


def _below(path: tuple[str, ...], inner: Shape) -> Shape:
    found = inner
    for name in reversed(path):
        found = {name: found}
    return found if inner else shape_of([path])
