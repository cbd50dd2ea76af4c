"""Checks of the fields of one entity, its list and its form."""

from __future__ import annotations

from decimal import Decimal

from fachwerk.problems import Problems
from fachwerk.rules.tree import Compare, Literal
from fachwerk.schemas import codes_entity as codes
from fachwerk.schemas.model import Entity, Field, Rule
from fachwerk.schemas.read_layout import shown_kind
from fachwerk.schemas.wording import both

NEVER_UNIQUE = frozenset(
    {"long_text", "rich_text", "boolean", "choices", "links", "back_links", "rows", "file", "files", "image", "images",
     "json", "secret", "address", "geo_point", "rating"}
)  # fmt: skip


def check_fields(entity: Entity, problems: Problems) -> None:
    """Note what cannot be right with the fields of *entity*."""
    for field in entity.fields.values():
        _unique(field, problems)
        _stored(field, problems)
        _cleared(field, problems)
        _limits(field, problems)
        _reachable(field, problems)
    _form(entity, problems)


def _unique(field: Field, problems: Problems) -> None:
    kind = shown_kind(field)
    if field.unique and (kind in NEVER_UNIQUE or (field.computed and not field.stored)):
        problems.add(codes.NOT_UNIQUE.at(field.span, field=field.name, kind="computed" if field.computed else kind))


def _stored(field: Field, problems: Problems) -> None:
    if field.stored and field.computed is None:
        problems.add(codes.STORED_NOT_COMPUTED.at(field.span, field=field.name))


def _cleared(field: Field, problems: Problems) -> None:
    if field.on_delete == "clear" and always(field.required):
        problems.add(codes.CLEARED_BUT_REQUIRED.at(field.span, field=field.name))


def _limits(field: Field, problems: Problems) -> None:
    pairs = (
        (_number(field.min), _number(field.max)),
        (field.min_length, field.max_length),
        (field.min_count, field.max_count),
    )
    for low, high in pairs:
        if low is not None and high is not None and low > high:
            at = field.min.text.span() if field.min and (low, high) == pairs[0] else field.span
            problems.add(codes.LIMITS_CROSSED.at(at, low=low, high=high))


def _number(rule: Rule | None) -> Decimal | None:
    value = rule.constant if rule else None
    return value if isinstance(value, Decimal) else None


def always(rule: Rule | None) -> bool:
    """Whether a condition holds in every case."""
    return rule is not None and rule.constant is True


def filled_by_people(field: Field) -> bool:
    """Whether a required field gets its value from people alone."""
    made = field.computed or field.default or field.system or field.kind == "sequence"
    return always(field.required) and not made


def _reachable(field: Field, problems: Problems) -> None:
    if filled_by_people(field):
        if field.visible is not None and field.visible.constant is False:
            reason = both("it is never visible", "es ist nie zu sehen")
        elif always(field.read_only):
            reason = both("it can never be changed", "es kann nie geändert werden")
        else:
            return
    elif _apart(field.required, field.visible):
        reason = both("it is hidden whenever it is required", "es ist immer verborgen, wenn es Pflicht ist")
    else:
        return
    problems.add(codes.REQUIRED_HIDDEN.at(field.span, field=field.name, reason=reason))


def _apart(one: Rule | None, other: Rule | None) -> bool:
    """Whether two conditions ask for different values of the same thing, so that they never hold together."""
    first, second = _asked(one), _asked(other)
    return bool(first and second and first[0] == second[0] and first[1] != second[1])


def _asked(rule: Rule | None) -> tuple[str, object] | None:
    """Return what a rule of the form ``kind = "new"`` asks for."""
    node = rule.checked.node if rule else None
    if rule is None or not isinstance(node, Compare) or node.op != "=" or not isinstance(node.right, Literal):
        return None
    return rule.text.text[node.left.start : node.left.end], node.right.value


def _form(entity: Entity, problems: Problems) -> None:
    if not entity.form:
        return
    shown = {name for section in entity.form for row in section.rows for name in row}
    for field in entity.fields.values():
        if filled_by_people(field) and field.name not in shown:
            problems.add(codes.NOT_ON_FORM.at(field.span, field=field.name))
