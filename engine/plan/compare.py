"""Comparing: two configurations in the words of the language; order and formatting of the files make no difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any

from fachwerk.engine.plan.called import Called, as_called
from fachwerk.engine.plan.letters import files_changed, part_text
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.problems import Fragment, Span
from fachwerk.rules.check import Checked
from fachwerk.schemas.changes import Change, What
from fachwerk.schemas.model import Effect, Entity, Field, Period, Project, Rule, Section, Template, Workflow

_NOT_SAID = frozenset(("name", "span", "typed", "record", "fields", "options", "rows", "access", "checks", "states",
                       "transitions", "deadlines", "parent", "marks", "hashes", "relation_span", "system", "inverse",
                       "number", "origin",
                       "kept"))  # fmt: skip
"""Members that are compared as things of their own, or follow from others."""


def compare(old: Project, new: Project) -> tuple[Change, ...]:
    """Return what is new, gone, renamed or different, in the order of the new files."""
    pairing = Pairing(old, new)
    found: list[Change] = []
    aspects = {
        name: (_text(getattr(old, name)), _text(getattr(new, name)))
        for name in ("label", "languages", "timezone", "currency", "calendar", "hours", "closed", "hue")
        if _text(getattr(old, name)) != _text(getattr(new, name))
    }
    if aspects:
        found.append(Change("change", "project", new.name, aspects=aspects))
    for name, entity in new.entities.items():
        found += _entity(pairing, name, entity)
    found += [
        Change("remove", "entity", one.name, before=one.span) for one in pairing.gone_entities()
    ]
    found += _named("role", old.roles, new.roles, lambda name: pairing.role(name))
    for name, workflow in new.workflows.items():
        found += workflow_changes(pairing.workflow(name), workflow, pairing.called(name))
    found += [Change("remove", "workflow", one.name, before=one.span) for one in pairing.gone_workflows()]
    found += _named("decision", old.decisions, new.decisions, None)
    found += _named("message", old.messages, new.messages, None)
    found += _named("automation", old.automations, new.automations, None)
    found += _named("document", old.letters, new.letters, None)
    for name in sorted(old.letters.keys() & new.letters.keys()):
        found += files_changed(name, old.letters[name], new.letters[name])
    return tuple(found)


def _entity(pairing: Pairing, name: str, entity: Entity) -> Iterator[Change]:
    old = pairing.entity(name)
    if old is None:
        yield Change("add", "entity", name, after=entity.span)
        return
    yield from _pair("entity", old, entity, name, old.name, _laid_out(pairing, old, entity))
    known = pairing.fields(name)
    for field in entity.fields.values():
        if not field.system:
            yield from _field(pairing, entity, field, known.get(field.name))
    for gone in pairing.gone_fields(name):
        if not gone.system:
            yield Change("remove", "field", f"{old.name}.{gone.name}", before=gone.span)
    yield from _checks(old, entity)
    yield from _named("access", old.access, entity.access, pairing.role, prefix=f"{name}.")


def _field(pairing: Pairing, entity: Entity, field: Field, old: Field | None) -> Iterator[Change]:
    name = f"{entity.name}.{field.name}"
    if old is None:
        yield Change("add", "field", name, aspects={"type": ("", field.kind)}, after=field.span)
        return
    before = pairing.entity(entity.name)
    was = f"{before.name if before else entity.name}.{old.name}"
    yield from _pair("field", old, field, name, was if old.name != field.name else name)
    yield from _options(pairing, entity, field, old)
    if field.rows is not None and old.rows is not None:
        yield from _entity(pairing, field.rows.name, field.rows)


def _options(pairing: Pairing, entity: Entity, field: Field, old: Field) -> Iterator[Change]:
    before = {option.name: option for option in old.options}
    mapped = pairing.options(entity.name, field.name)
    for option in field.options:
        was = before.pop(option.name, None)
        name = f"{entity.name}.{field.name}.{option.name}"
        if was is None:
            yield Change("add", "option", name, after=field.span)
        else:
            yield from _pair("option", was, option, name, name)
    for gone in before:
        name = f"{entity.name}.{field.name}.{gone}"
        if gone in mapped:
            yield Change("rename", "option", f"{entity.name}.{field.name}.{mapped[gone]}", was=name, after=field.span)
        else:
            yield Change("remove", "option", name, before=old.span)


def _checks(old: Entity, new: Entity) -> Iterator[Change]:
    """Checks have no names: the same rule is the same check."""
    before = {check.that.text.text: check for check in old.checks}
    for place, check in enumerate(new.checks):
        name = f"{new.name}.{check.on or place + 1}"
        was = before.pop(check.that.text.text, None)
        if was is None:
            yield Change("add", "check", name, aspects={"that": ("", check.that.text.text)}, after=check.span)
        else:
            yield from _pair("check", was, check, name, name)
    for gone in before.values():
        name = f"{old.name}.{gone.on or '?'}"
        yield Change("remove", "check", name, aspects={"that": (gone.that.text.text, "")}, before=gone.span)


def workflow_changes(old: Workflow | None, new: Workflow, called: Called | None = None) -> Iterator[Change]:
    """Give in what a workflow differs from what it was; *called* says which names of before are others today."""
    if old is None:
        yield Change("add", "workflow", new.name, after=new.span)
        return
    called = called or Called(new.name)
    yield from _pair("workflow", old, new, new.name, old.name)
    yield from _parts(old, new, called)
    old = as_called(old, called)
    parts: tuple[tuple[What, Mapping[str, Any], Mapping[str, Any]], ...] = (
        ("state", old.states, new.states),
        ("transition", old.transitions, new.transitions),
        ("deadline", old.deadlines, new.deadlines),
    )
    former: dict[What, Mapping[str, str]] = {kind: {now: was for was, now in names.items()} for kind, names in called}
    for what, before, after in parts:
        yield from _named(what, before, after, None, prefix=f"{new.name}.", former=former.get(what, {}))


def _parts(old: Workflow, new: Workflow, called: Called) -> Iterator[Change]:
    """Give the parts that have another name; what else differs in them differs in their state."""
    former = {now: was for was, now in called.parts.items()}
    states = {part.name: state.name for state in old.states.values() for part in state.parallel}
    for state in new.states.values():
        for part in state.parallel:
            if (was := former.get(part.name)) is not None:
                names = f"{new.name}.{state.name}.{part.name}", f"{old.name}.{states[was]}.{was}"
                yield Change("rename", "part", *names, after=part.span)


def _named(
    of: What, old: Mapping[str, Any], new: Mapping[str, Any], was_of: Any, *, prefix: str = "",
    former: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Change]:  # fmt: skip
    """Compare things by their names; those of *old* whose name is in *former* were called so and are in it as today."""
    left = dict(old)
    for name, thing in new.items():
        was = (was_of(name) if was_of else name) or name
        before = left.pop(was, None)
        if before is None:
            yield Change("add", of, prefix + name, after=thing.span)
        else:
            yield from _pair(of, before, thing, prefix + name, prefix + former.get(name, was))
    for name, thing in left.items():
        yield Change("remove", of, prefix + name, before=thing.span)


def _laid_out(pairing: Pairing, old: Entity, new: Entity) -> Iterable[str]:
    """Give the layouts that differ by no more than the fields that came, went or were renamed; likewise workflows."""
    flows = [was.name if (was := pairing.workflow(name)) is not None else name for name in new.workflows]
    if flows == list(old.workflows):
        yield "workflows"
    renamed = {was.name: name for name, was in pairing.fields(new.name).items()}
    there = {was.name for was in old.fields.values()}
    come = {name for name in new.fields if name not in pairing.fields(new.name)}
    for layout in ("form", "list"):
        before = _without(getattr(old, layout), lambda name: renamed.get(name, "") if name in there else name)
        after = _without(getattr(new, layout), lambda name: "" if name in come else name)
        if before == after:
            yield layout


def _without(layout: Any, told: Callable[[str], str]) -> Any:
    """Return a layout as plain data with the names of fields as *told*; what is told as nothing is left out."""
    if isinstance(layout, str):
        return told(layout)
    if isinstance(layout, tuple):
        if len(layout) == 2 and isinstance(layout[1], bool):  # the order of a list: field, descending
            return (told(layout[0]), layout[1]) if told(layout[0]) else ""
        parts = [_without(part, told) for part in layout]
        return tuple(part for part in parts if part not in ("", ()))
    if isinstance(layout, Section):
        rows = _without(layout.rows, told)
        return (_text(layout.label), rows, _text(layout.visible), _text(layout.hint)) if rows else ""
    if is_dataclass(layout) and not isinstance(layout, type):
        return {one.name: _without(getattr(layout, one.name), told) for one in fields(layout)}
    return layout


def _pair(of: What, old: Any, new: Any, name: str, was: str, unsaid: Iterable[str] = ()) -> Iterator[Change]:
    left_out = set(unsaid)
    aspects = {name: pair for name, pair in _aspects(old, new) if name not in left_out}
    before, after = getattr(old, "span", None), getattr(new, "span", None)
    if name != was:
        yield Change("rename", of, name, was, aspects, before, after)
    elif aspects:
        yield Change("change", of, name, None, aspects, before, after)


def _aspects(old: Any, new: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    for one in fields(new):
        if one.name not in _NOT_SAID:
            before, after = _text(getattr(old, one.name)), _text(getattr(new, one.name))
            if before != after:
                yield "type" if one.name == "kind" else one.name, (before, after)


def _piece(piece: str | Rule) -> str:
    return piece if isinstance(piece, str) else f"{{{piece.text.text}}}"


def _text(value: Any) -> str:
    """Return a value as an author would write it, more or less; the same text means the same."""
    if value is None or value == () or value == {}:
        return ""
    if isinstance(value, Rule):
        return value.text.text
    if isinstance(value, Checked):
        return value.fragment.text
    if isinstance(value, Fragment):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Span):
        return ""
    part = part_text(value)
    if part is not None:
        return part
    if isinstance(value, Period):
        return value.written
    if isinstance(value, Template):
        return _text({language: "".join(map(_piece, pieces)) for language, pieces in value.parts.items()})
    if isinstance(value, Mapping):
        shown = {str(key): _text(inner) for key, inner in value.items()}
        return "{" + ", ".join(f"{key}: {text}" for key, text in shown.items()) + "}"
    if isinstance(value, (frozenset, set)):
        return _listed(sorted(str(one) for one in value))
    if isinstance(value, (tuple, list)):
        return _listed(_text(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        # the names of effects only count them
        unsaid = ("span", "typed", "name") if isinstance(value, Effect) else ("span", "typed")
        told = {one.name: _text(getattr(value, one.name)) for one in fields(value) if one.name not in unsaid}
        return "{" + ", ".join(f"{name}: {text}" for name, text in told.items() if text) + "}"
    return str(value) if isinstance(value, (str, int)) else repr(type(value))


def _listed(texts: Iterable[str]) -> str:
    return "[" + ", ".join(texts) + "]"
