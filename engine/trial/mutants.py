"""Mutants: a configuration with one thing otherwise. Scenarios that are good for something notice the difference.

Every mutant is a project of its own that shares all but the changed part with the original; nothing is read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from fachwerk.engine.trial.tracing import Key
from fachwerk.engine.trial.variants import Variant, rule_variants
from fachwerk.problems import Span, Text
from fachwerk.schemas.model import Entity, Period, Project, Rule, Workflow
from fachwerk.schemas.wording import both

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A project with one thing otherwise: where and what, and which of *keys* a scenario must reach to notice it.

    Without *keys* any scenario may. *equal* says why it means the same as before, where that is certain.
    """

    span: Span
    owner: str
    what: Text
    project: Project
    keys: frozenset[Key] = frozenset()
    equal: Text | None = None
    anew: bool = False
    """Whether its tables are others."""


LEFT_OUT = both("`{part}` left out", "`{part}` weggelassen")
INSTEAD = both("`{now}` instead of `{was}`", "`{now}` statt `{was}`")


def left_out(part: str) -> Text:
    """Return the words for something that is left out."""
    return said(LEFT_OUT, part=part)


def said(text: Text, **values: str) -> Text:
    """Return *text* with its places filled, in all languages."""
    return {language: one.format_map(values) for language, one in text.items()}


def instead(variant: Variant) -> Text:
    """Return the words for a variant of a rule."""
    was, now = (" ".join(text.split()) for text in (variant.was, variant.now))
    return said(INSTEAD, was=was, now=now)


def short(rule: Rule) -> str:
    """Return the text of a rule on one line."""
    text = " ".join(rule.text.text.split())
    return text if len(text) <= 60 else text[:59] + "…"


def asked(rule: Rule) -> frozenset[Key]:
    """Return the keys of whoever asked a rule."""
    return frozenset(("rule", id(rule.checked), value) for value in (True, False, None))


def longer(period: Period) -> Period:
    """Return a period that is one unit longer."""
    return replace(period, count=period.count + 1)


def flips(rule: Rule) -> Iterator[tuple[Rule, Span, Text]]:
    """Give the variants of a rule with where and what."""
    for variant, how in rule_variants(rule):
        yield variant, rule.text.span(), instead(how)


# projects with one part otherwise


def put(mapping: Mapping[str, Any], name: str, value: object) -> dict[str, Any]:
    """Return *mapping* with another value for *name*; ``None`` takes it away."""
    if value is None:
        return {key: one for key, one in mapping.items() if key != name}
    return {**mapping, name: value}


def with_entity(project: Project, entity: Entity, **changes: Any) -> Project:
    """Return the project with an entity otherwise; *entity* may be the rows of another."""
    changed = replace(entity, **changes)
    if entity.parent is None:
        return replace(project, entities=put(project.entities, entity.name, changed))
    name, field = entity.parent
    owner = project.entities[name]
    return with_field(project, owner, field, rows=changed)


def with_field(project: Project, entity: Entity, name: str, **changes: Any) -> Project:
    """Return the project with a field of an entity otherwise."""
    changed = replace(entity.fields[name], **changes)
    return with_entity(project, entity, fields=put(entity.fields, name, changed))


def with_workflow(project: Project, workflow: Workflow, **changes: Any) -> Project:
    """Return the project with a workflow otherwise."""
    return replace(project, workflows=put(project.workflows, workflow.name, replace(workflow, **changes)))


def with_transition(project: Project, workflow: Workflow, name: str, **changes: Any) -> Project:
    """Return the project with a transition otherwise."""
    changed = replace(workflow.transitions[name], **changes)
    return with_workflow(project, workflow, transitions=put(workflow.transitions, name, changed))


def with_state(project: Project, workflow: Workflow, name: str, **changes: Any) -> Project:
    """Return the project with a state otherwise."""
    changed = replace(workflow.states[name], **changes)
    return with_workflow(project, workflow, states=put(workflow.states, name, changed))


def with_deadline(project: Project, workflow: Workflow, name: str, **changes: Any) -> Project:
    """Return the project with a deadline otherwise."""
    changed = replace(workflow.deadlines[name], **changes)
    return with_workflow(project, workflow, deadlines=put(workflow.deadlines, name, changed))


def without(items: tuple[T, ...], index: int) -> tuple[T, ...]:
    """Return *items* without the one at *index*."""
    return (*items[:index], *items[index + 1 :])
