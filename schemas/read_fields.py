"""Third step: fields with all their keys and rules read."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from fachwerk.problems import Text
from fachwerk.rules.types import ListType, RecordType, Typed
from fachwerk.schemas import codes_entity as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.codes_project import UNKNOWN_CURRENCY
from fachwerk.schemas.document import ListNode, Node, Scalar
from fachwerk.schemas.kinds.known import currencies, currency_places, pattern_mistake
from fachwerk.schemas.measures import size_of
from fachwerk.schemas.model import Entity, Field, Kind, Option, Rule
from fachwerk.schemas.read_types import record_of
from fachwerk.schemas.read_world import TRUTH, Draft, FieldDraft, World, constant

PLAIN_KEYS = ("pattern", "unit")
COUNTS = ("min_length", "max_length", "max_count", "min_count", "places")


def make_field(world: World, draft: Draft, made: FieldDraft, rows: Entity | None) -> Field:
    """Return the field that a draft stands for."""
    owner = f"{draft.name}.{made.name}"
    label = made.fixed.get("label")
    if label is None:
        label = world.label(made.key("label") or made.fixed.get("label_node"), made.name, owner)
    kind: Kind = made.kind or "json"
    computed = _computed(world, draft, made)
    _check_pattern(world, made)
    given = {
        "system": bool(made.fixed.get("system")),
        "hint": world.text(made.key("hint"), f"{owner}.hint"),
        "pattern_hint": world.text(made.key("pattern_hint"), f"{owner}.pattern_hint"),
        "to": made.to,
        "inverse": made.inverse,
        "rows": rows,
        "computed": computed,
        "result": kind if computed else None,
        **_plain(made),
        **_rules(world, draft, made, computed is not None),
        **_by_kind(world, draft, made, kind),
    }
    return Field(made.name, "computed" if computed else kind, label, made.span, made.typed, **given)


def _computed(world: World, draft: Draft, made: FieldDraft) -> Rule | None:
    if made.computed is None:
        return None
    expect = Typed(made.typed.type) if made.key("type") is not None else None
    return world.rule(made.computed, world.scope_of(draft), expect)


def _check_pattern(world: World, made: FieldDraft) -> None:
    at = nodes.scalar(made.key("pattern"))
    reason = pattern_mistake(at.text) if at else None
    if at and reason:
        world.problems.add(codes.BAD_PATTERN.at(at.span, reason=reason))


def _plain(made: FieldDraft) -> dict[str, Any]:
    """The keys that are words and numbers."""
    return {
        "unique": bool(nodes.truth(made.key("unique"))),
        "personal": bool(nodes.truth(made.key("personal"))),
        "stored": bool(nodes.truth(made.key("stored"))),
        **{key: nodes.text(made.key(key)) for key in PLAIN_KEYS},
        **{key: nodes.whole(made.key(key)) for key in COUNTS},
    }


def _rules(world: World, draft: Draft, made: FieldDraft, computed: bool) -> dict[str, Rule | None]:
    scope = world.scope_of(draft)
    must = made.must or (made.span if made.fixed.get("must") else None)
    required = constant(True, must) if must else _required(world, made, scope)
    limit = Typed(made.typed.type)
    return {
        "required": required,
        "visible": _visible(world, made, scope),
        "read_only": world.condition(made.key("read_only"), scope),
        "default": _default(world, draft, made),
        "min": world.rule(made.key("min"), scope, limit),
        "max": world.rule(made.key("max"), scope, limit) or _most_stars(made),
    }


def _required(world: World, made: FieldDraft, scope: Any) -> Rule | None:
    """A field of which there must be some is required, unless it says itself when."""
    least = made.key("min_count")
    if least is not None and nodes.whole(least) and made.key("required") is None:
        return constant(True, least.span)
    return world.condition(made.key("required"), scope)


def _visible(world: World, made: FieldDraft, scope: Any) -> Rule | None:
    """``visible: false`` stays a rule that is never true; ``true`` is the same as nothing."""
    node = made.key("visible")
    if nodes.truth(node):
        return None
    return world.rule(node, scope, TRUTH)


def _most_stars(made: FieldDraft) -> Rule | None:
    return constant(Decimal(5), made.span) if made.kind == "rating" else None


def _default(world: World, draft: Draft, made: FieldDraft) -> Rule | None:
    """A rule, or for choices the bare option."""
    node = made.key("default")
    options = made.options or _options_of(made.typed)
    if isinstance(node, Scalar) and node.text in options:
        return constant(node.text, node.span) if made.kind == "choice" else constant((node.text,), node.span)
    if made.kind == "choices" and isinstance(node, ListNode):
        chosen = tuple(item.text for item in node.items if isinstance(item, Scalar))
        if chosen and set(chosen) <= set(options):
            return constant(chosen, node.span)
    return world.rule(node, world.scope_of(draft), Typed(made.typed.type))


def _options_of(typed: Typed) -> tuple[str, ...]:
    element = typed.type.element.type if isinstance(typed.type, ListType) else typed.type
    return tuple(getattr(element, "options", ()))


# keys of some kinds


def _by_kind(world: World, draft: Draft, made: FieldDraft, kind: Kind) -> dict[str, Any]:
    if kind in ("choice", "choices"):
        return {"options": _options(world, draft, made)}
    if kind in ("decimal", "percent", "money"):
        return _money(world, made, kind)
    if kind == "sequence":
        return _sequence(world, made)
    if kind in ("file", "files", "image", "images"):
        return _files(world, made, kind)
    if kind in ("link", "links", "tree") and made.to:
        return _link(world, draft, made)
    return {}


def _options(world: World, draft: Draft, made: FieldDraft) -> tuple[Option, ...]:
    fixed = made.fixed.get("options")
    if fixed is not None:
        return tuple(fixed)
    owner = f"{draft.name}.{made.name}"
    node = made.key("options")
    if node is None:
        return tuple(Option(name, world.derived(name.replace("_", " ").capitalize(), "")) for name in made.options)
    listed: list[tuple[Scalar, Node | None]] = [(word, None) for word in nodes.words(node)]
    listed += nodes.pairs(node)
    found = [_option(world, draft, owner, key, value) for key, value in listed]
    return tuple({option.name: option for option in reversed(found)}.values())[::-1]


def _option(world: World, draft: Draft, owner: str, key: Scalar, value: Node | None) -> Option:
    full = nodes.get(value, "label") or nodes.get(value, "color") or nodes.get(value, "when") or nodes.get(value, "was")
    label: Text = world.label(nodes.get(value, "label") if full else value, key.text, f"{owner}.{key.text}")
    when = world.condition(nodes.get(value, "when"), world.scope_of(draft)) if full else None
    return Option(key.text, label, nodes.text(nodes.get(value, "color")) if full else None, when)


def _money(world: World, made: FieldDraft, kind: Kind) -> dict[str, Any]:
    if kind != "money":
        return {"places": 2} if nodes.whole(made.key("places")) is None else {}
    at = nodes.scalar(made.key("currency"))
    currency = at.text if at else world.app.currency
    if currency not in currencies():
        if at:
            world.problems.add(UNKNOWN_CURRENCY.at(at.span, name=currency, nearest=world.app.currency))
        currency = world.app.currency
    places = nodes.whole(made.key("places"))
    return {"currency": currency, "places": currency_places(currency) if places is None else places}


def _sequence(world: World, made: FieldDraft) -> dict[str, Any]:
    at = nodes.scalar(made.key("format"))
    if at is None:
        format_ = "{0}"
    else:
        format_ = at.text
        _check_format(world, at)
    yearly = "{year}" in format_ or "{yy}" in format_
    default = "monthly" if "{month}" in format_ and yearly else "yearly" if yearly else "never"
    first = nodes.whole(made.key("first"))
    return {
        "format": format_,
        "reset": nodes.text(made.key("reset")) or default,
        "first": 1 if first is None else first,
    }


def _check_format(world: World, at: Scalar) -> None:
    places = re.findall(r"\{([^{}]*)\}", at.text)
    wrong = [one for one in places if one not in ("year", "yy", "month") and not re.fullmatch("0+", one)]
    if wrong:
        world.problems.add(codes.SEQUENCE_FORMAT.at(at.span, place=wrong[0]))
    elif sum(set(one) == {"0"} for one in places) != 1:
        world.problems.add(codes.SEQUENCE_NUMBER.at(at.span))


def _files(world: World, made: FieldDraft, kind: Kind) -> dict[str, Any]:
    size = nodes.text(made.key("max_size"))
    accept = tuple(word.text.lower().lstrip(".") for word in nodes.words(made.key("accept")))
    if not accept and kind in ("image", "images"):
        accept = ("jpg", "jpeg", "png", "webp", "gif")
    return {"accept": accept, "max_size": size_of(size) if size else 50_000_000}


def _link(world: World, draft: Draft, made: FieldDraft) -> dict[str, Any]:
    target = record_of(world, made.to)
    where = None
    if made.key("where") is not None and isinstance(target, RecordType):
        around = world.scope({**target.fields, "this": Typed(draft.record, nullable=False)})
        where = world.condition(made.key("where"), around)
    on_delete = nodes.text(made.key("on_delete")) or made.fixed.get("on_delete") or "refuse"
    return {"where": where, "on_delete": on_delete}
