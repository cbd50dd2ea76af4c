"""Fields in the handbook: what kind they are of, and all that holds for them."""

from __future__ import annotations

from collections.abc import Iterator

from fachwerk.schemas.handbook_words import Teller, cell
from fachwerk.schemas.measures import shown_size
from fachwerk.schemas.model import Entity, Field

_USUAL = (("money", 2), ("percent", 2))
_DAYS = ("date", "datetime", "time")


def told_fields(entity: Entity, tell: Teller) -> Iterator[str]:
    """Give the table of an entity's fields, and those of its rows."""
    yield "| " + " | ".join(tell.word(name) for name in ("field", "kind", "rules")) + " |"
    yield "|---|---|---|"
    fields = [field for field in entity.fields.values() if not field.system]
    for field in fields:
        rules = "; ".join(_rules(field, tell))
        yield f"| {cell(tell.say(field.label))} | {cell(_kind(field, tell))} | {cell(rules)} |"
    for field in fields:
        if field.rows is not None:
            yield from ("", f"**{tell.say(field.label)}**", "", *told_fields(field.rows, tell.at(field.rows.name)))


def _kind(field: Field, tell: Teller) -> str:
    kind, entities = field.result or field.kind, tell.project.entities
    if kind == "back_links" and field.inverse is not None:
        of, link = field.inverse
        other = entities[of]
        label = other.fields[link].label if link in other.fields else {"en": link}
        return tell.kind(kind, to=tell.say(other.plural), field=tell.say(label))
    said = [tell.kind(kind, to=" / ".join(tell.say(entities[one].label) for one in field.to if one in entities))]
    if field.options:
        said[0] += ": " + ", ".join(tell.say(option.label) for option in field.options)
    if field.unit:
        said.append(tell.word("unit", unit=field.unit))
    if field.currency and field.currency != tell.project.currency:
        said.append(field.currency)
    if field.places is not None and (kind, field.places) not in _USUAL:
        said.append(tell.word("place") if field.places == 1 else tell.word("places", count=field.places))
    return ", ".join(said)


def _rules(field: Field, tell: Teller) -> Iterator[str]:
    yield from _entering(field, tell)
    yield from _limits(field, tell)
    yield from _of_kind(field, tell)
    yield from _leading(field, tell)
    if field.hint is not None:
        yield tell.say(field.hint)


def _entering(field: Field, tell: Teller) -> Iterator[str]:
    if field.required is not None and field.required.constant is not False:
        always = field.required.constant is True
        yield tell.word("required") if always else tell.word("required_when", rule=tell.rule(field.required))
    if field.visible is not None and field.visible.constant is NotImplemented:
        yield tell.word("visible", rule=tell.rule(field.visible))
    if field.read_only is not None and field.read_only.constant is not False:
        always = field.read_only.constant is True
        yield tell.word("read_only_always") if always else tell.word("read_only", rule=tell.rule(field.read_only))
    if field.computed is not None:
        yield tell.word("computed", rule=tell.rule(field.computed))
    if field.default is not None:
        options = {option.name: tell.say(option.label) for option in field.options}
        told = options.get(str(field.default.constant)) or tell.value(field.default)
        yield tell.word("default", rule=told)
    if field.unique:
        yield tell.word("unique")
    if field.personal:
        yield tell.word("personal")


def _limits(field: Field, tell: Teller) -> Iterator[str]:
    days = "_day" if (field.result or field.kind) in _DAYS else ""
    if field.min is not None:
        yield tell.word(f"min{days}", rule=tell.value(field.min))
    if field.max is not None:
        yield tell.word(f"max{days}", rule=tell.value(field.max))
    for name in ("min_length", "max_length", "min_count", "max_count"):
        if (count := getattr(field, name)) is not None:
            yield tell.word(name, count=count)
    if field.pattern_hint is not None:
        yield tell.say(field.pattern_hint)
    elif field.pattern is not None and field.hint is None:
        yield tell.word("pattern", pattern=f"`{field.pattern}`")


def _of_kind(field: Field, tell: Teller) -> Iterator[str]:
    if field.format is not None:
        yield tell.word("format", format=field.format)
    if field.reset in ("yearly", "monthly"):
        yield tell.word(field.reset)
    if field.first != 1:
        yield tell.word("first", count=field.first)
    if field.accept:
        yield tell.word("accept", endings=", ".join(field.accept))
    if field.max_size is not None:
        yield tell.word("max_size", size=shown_size(field.max_size))
    for option in field.options:
        if option.when is not None:
            yield tell.word("option_when", label=tell.say(option.label), rule=tell.rule(option.when))


def _leading(field: Field, tell: Teller) -> Iterator[str]:
    if field.where is not None:
        there = tell.at(field.to[0]) if field.to else tell
        yield tell.word("where", rule=there.rule(field.where))
    if field.kind in ("link", "links", "tree") and field.on_delete != "refuse":
        yield tell.word(f"on_{field.on_delete}")
