"""Judging: what is wrong with a candidate, all of it at once, by the rules of its entity.

The order is that of ``docs/architecture.md``: values of the kinds, defaults, computed, visible (what is hidden is
dropped), required, limits, options, links, checks. Three-valued throughout: only *true* shows, needs or closes a
field; only *false* breaks a check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from fachwerk.engine.candidate import EMPTY_LIST, Candidate
from fachwerk.engine.compile import Asked, CompiledCheck, CompiledEntity
from fachwerk.engine.convert import empty, from_rule, to_rule
from fachwerk.engine.shapes import Shape, merged
from fachwerk.problems import Text, say
from fachwerk.schemas.kinds import Invalid
from fachwerk.schemas.kinds.choices import staying, too_few
from fachwerk.schemas.model import Field

Errors = dict[str, Text]
REQUIRED: Text = {"en": "Please fill in.", "de": "Bitte ausfüllen."}
NOT_AN_OPTION: Text = {"en": "This option is not available here.", "de": "Diese Möglichkeit gibt es hier nicht."}


def accepted(
    entity: CompiledEntity, values: Mapping[str, object], errors: Errors, prefix: str = "",
    before: Mapping[str, Any] | None = None,
) -> dict[str, object]:  # fmt: skip
    """Return *values* as the kinds keep them; what they cannot keep goes to *errors*.

    What the record had *before* may stay, though it is no option any more.
    """
    known = before or {}
    found: dict[str, object] = {}
    for name, value in values.items():
        if name not in entity.handlers:
            continue
        try:
            if value is None or value == "":
                found[name] = none_of(entity.model.fields[name])
            elif name in entity.rows:
                found[name] = _accepted_rows(entity, name, value, errors, prefix, known.get(name))
            else:
                found[name] = _accepted_one(entity, name, value, known.get(name))
        except Invalid as bad:
            errors[prefix + name] = bad.text
    return found


def _accepted_one(entity: CompiledEntity, name: str, value: object, before: Any) -> object:
    field, handler = entity.model.fields[name], entity.handlers[name]
    if field.kind not in ("choice", "choices") or before is None:
        return handler.accept(value)
    gone = staying(value, before, field)
    if not gone:
        return handler.accept(value)
    if field.kind == "choice":
        return value
    rest = [one for one in value if one not in gone]  # type: ignore[attr-defined]
    return (*(handler.accept(rest) if rest else ()), *gone)  # type: ignore[misc]


def none_of(field: Field) -> object:
    """Return what stands for nothing in *field*."""
    return () if field.kind in EMPTY_LIST else None


def _accepted_rows(
    entity: CompiledEntity, name: str, value: object, errors: Errors, prefix: str, before: Any = None
) -> list[object]:  # fmt: skip
    rows = entity.handlers[name].accept(value)
    assert isinstance(rows, list)
    inner = entity.rows[name]
    writable = set(inner.writable)
    known = {row.get("id"): row for row in before or () if isinstance(row, Mapping)}
    made: list[object] = []
    for number, row in enumerate(rows):
        given = {k: v for k, v in row.items() if k in writable}
        clean = accepted(inner, given, errors, f"{prefix}{name}.{number}.", known.get(row.get("id")))
        key = row.get("id")
        made.append({**clean, "id": key} if isinstance(key, str) and key else clean)
    return made


async def fill_defaults(candidate: Candidate, given: Iterable[str]) -> None:
    """Give fields without a value their default, in the order of the declaration; rows, too."""
    known = set(given)
    for name, asked in candidate.entity.defaults.items():
        if name not in known and empty(candidate.values.get(name)):
            field = candidate.entity.model.fields[name]
            value = default_value(candidate, field, asked)
            if value is not None:
                await candidate.put(name, value)
                candidate.compute()
    for rows in candidate.rows.values():
        for row in rows:
            if not row.exists:
                await fill_defaults(row, row.values)


def default_value(candidate: Candidate, field: Field, asked: Asked) -> object:
    """Return the value of a default rule as the kind keeps it; ``None`` where it has none that fits."""
    value = asked(candidate.record, candidate.context)
    if value is None:
        return None
    if field.kind in ("link", "tree", "user"):
        key = value.get("id") if isinstance(value, Mapping) else value
        several = len(field.to) > 1 and isinstance(value, Mapping)
        return (value["_entity"], key) if several and "_entity" in value else key
    form = candidate.entity.forms.get(field.name)
    try:
        return candidate.entity.handlers[field.name].accept(from_rule(value, form) if form else value)
    except Invalid:
        return None


async def hide(candidate: Candidate, dropped: dict[str, object], prefix: str = "") -> None:
    """Empty the fields that are not visible until nothing changes; note in *dropped* what stood there."""
    for name, rows in candidate.rows.items():
        for number, row in enumerate(rows):
            await hide(row, dropped, f"{prefix}{name}.{number}.")
    for _ in range(len(candidate.entity.visible) + 1):
        candidate.compute()
        hidden = hidden_fields(candidate)
        candidate.hidden = frozenset(hidden)
        full = [name for name in hidden if not empty(candidate.values.get(name)) and is_kept(candidate, name)]
        if not full:
            return
        for name in full:
            dropped.setdefault(prefix + name, candidate.values[name])
            await candidate.put(name, none_of(candidate.entity.model.fields[name]))


def is_kept(candidate: Candidate, name: str) -> bool:
    """Return whether a field holds a value of its own that could be dropped."""
    return name in candidate.entity.writable


def hidden_fields(candidate: Candidate) -> list[str]:
    """Return the fields whose ``visible`` does not hold."""
    return [
        name
        for name, rules in candidate.entity.visible.items()
        if not all(rule(candidate.record, candidate.context) is True for rule in rules)
    ]


def required_fields(candidate: Candidate, also: Iterable[str] = ()) -> list[str]:
    """Return the fields that are needed now: by their rule or by *also* (of the state), if they are visible."""
    needed = [
        name
        for name, asked in candidate.entity.required.items()
        if asked is None or asked(candidate.record, candidate.context) is True
    ]
    return [name for name in dict.fromkeys((*needed, *also)) if name not in candidate.hidden]


def judge(
    candidate: Candidate, errors: Errors, *, changed: frozenset[str], required_by_state: Iterable[str] = (),
    may_write: frozenset[str] | None = None, prefix: str = "",
) -> None:  # fmt: skip
    """Put into *errors* what is wrong by required, limits and options; *changed* are the fields with new values."""
    for name in required_fields(candidate, required_by_state):
        possible = may_write is None or name in may_write
        if possible and is_kept(candidate, name) and empty(candidate.values.get(name)):
            field = candidate.entity.model.fields[name]
            errors.setdefault(prefix + name, too_few(field) if field.min_count else REQUIRED)
    _limits(candidate, errors, changed, prefix)
    _options(candidate, errors, changed, prefix)
    for name, rows in candidate.rows.items():
        for number, row in enumerate(rows):
            judge(row, errors, changed=frozenset(row.values), prefix=f"{prefix}{name}.{number}.")
            run_checks(row, errors, prefix=f"{prefix}{name}.{number}.")


def _limits(candidate: Candidate, errors: Errors, changed: frozenset[str], prefix: str) -> None:
    for name, word, asked in candidate.entity.limits:
        value = candidate.values.get(name)
        if value is None or name not in changed or prefix + name in errors:
            continue
        limit = asked(candidate.record, candidate.context)
        if limit is None:
            continue
        try:
            outside = to_rule(value) < limit if word == "min" else to_rule(value) > limit
        except TypeError:
            continue
        if outside:
            errors[prefix + name] = _limit_text(candidate, name, word, limit)


def _limit_text(candidate: Candidate, name: str, word: str, limit: Any) -> Text:
    words = {"min": ("At least", "Mindestens"), "max": ("At most", "Höchstens")}[word]
    show = candidate.entity.handlers[name].show
    form = candidate.entity.forms.get(name)
    shown = from_rule(limit, form) if form is not None else limit
    shown = limit if shown is None else shown
    return {"en": f"{words[0]} {show(shown, 'en')}.", "de": f"{words[1]} {show(shown, 'de')}."}


def _options(candidate: Candidate, errors: Errors, changed: frozenset[str], prefix: str) -> None:
    for name, options in candidate.entity.options.items():
        if not options or name not in changed or prefix + name in errors:
            continue
        value = candidate.values.get(name)
        chosen = value if isinstance(value, tuple) else (value,)
        for option in chosen:
            asked = options.get(str(option))
            if asked is not None and asked(candidate.record, candidate.context) is not True:
                errors[prefix + name] = NOT_AN_OPTION


def offered(candidate: Candidate, name: str) -> tuple[str, ...] | None:
    """Return the options that a field offers now; ``None`` where all of them are always offered."""
    options = candidate.entity.options.get(name)
    if not options:
        return None
    return tuple(
        option.name
        for option in candidate.entity.model.fields[name].options
        if option.name not in options or options[option.name](candidate.record, candidate.context) is True
    )


def run_checks(candidate: Candidate, errors: Errors, *, prefix: str = "") -> None:
    """Put the messages of broken checks into *errors*, but for those across records."""
    for check in candidate.entity.checks:
        if not check.across and is_broken(check, candidate.record, candidate.context):
            name = prefix + check.check.on if check.check.on else prefix.rstrip(".")
            put(errors, name, message_over(check, candidate.record, candidate.context))


def is_broken(check: CompiledCheck, record: Mapping[str, Any], context: object) -> bool:
    """Return whether a check fails: it is false, or it cannot be evaluated though all that it reads is there."""
    holds = check.asked(record, context)
    if holds is True or holds is False:
        return not holds
    return is_filled(record, check.asked.needs.record) and all(sums(record, context) != [] for sums in check.sums)


def is_filled(record: Mapping[str, Any], shape: Shape) -> bool:
    """Return whether nothing of *shape* is empty in a record."""
    for name, inner in shape.items():
        value = record.get(name)
        if empty(value):
            return False
        parts = value if isinstance(value, list) else [value]
        if inner and not all(is_filled(part, inner) for part in parts if isinstance(part, Mapping)):
            return False
    return True


def put(errors: Errors, name: str, message: Text) -> None:
    """Add a message for a field, or for the record as a whole (the empty name), behind what is said already."""
    known = errors.get(name)
    if known is None or not name:
        errors[name] = message if known is None else {k: f"{known.get(k, '')} {v}".strip() for k, v in message.items()}


def message_over(check: CompiledCheck, record: Mapping[str, Any], context: object) -> Text:
    """Return the message of a broken check with its places filled in."""
    return {
        language: "".join(p if isinstance(p, str) else plain(p(record, context), language) for p in parts)
        for language, parts in check.message.items()
    }


def shape_of_asked(asked: Iterable[Asked]) -> Shape:
    """Return what several rules need of the record."""
    return merged(*(one.needs.record for one in asked))


def plain(value: object, language: str) -> str:
    """Return what a rule gave as people read it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return say({"en": "yes", "de": "ja"} if value else {"en": "no", "de": "nein"}, language)
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.replace(".", ",") if language == "de" else text
    return str(value)
