"""Effects of a configuration by their names, what they need of a record, and whom they go to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fachwerk.engine.compile import App
from fachwerk.engine.shapes import Shape, merged, needs_of
from fachwerk.schemas.model import Effect, Performer, Project, Rule
from fachwerk.workflows.parts import users_of


def effects_of(project: Project) -> dict[str, Effect]:
    """Return all effects that the files declare, by name."""
    found: list[Effect] = []
    for workflow in (one for newest in project.workflows.values() for one in newest.versions):
        for transition in workflow.transitions.values():
            found.extend(transition.do)
        for deadline in workflow.deadlines.values():
            found.extend(deadline.effects)
    for automation in project.automations.values():
        found.extend(automation.do)
    return {effect.name: effect for effect in found}


def shape_of_rules(rules: Iterable[Rule]) -> Shape:
    """Return what *rules* need of a record; what they read of ``this`` is the same record."""
    needs = [needs_of(rule.checked.reads) for rule in rules]
    return merged(*(one.record for one in needs), *(one.this for one in needs))


def rules_of(effect: Effect) -> list[Rule]:
    """Return all rules of an effect."""
    people = [rule for one in effect.to for rule in (one.person, one.address) if rule is not None]
    return [*effect.values.values(), *people, *([effect.path] if effect.path else [])]


def with_this(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record in which rules find itself as ``this``."""
    return {**record, "this": record}


def receivers(app: App, effect: Effect, record: Mapping[str, Any], context: object) -> dict[str, object]:
    """Return the roles, users and addresses that an effect goes to, as a payload holds them."""
    users: list[str] = []
    addresses: list[list[str]] = []
    for one in effect.to:
        if one.person is not None:
            users.extend(users_of(app.ask(one.person)(record, context)))
        addresses.extend([user, address] for user, address in _addresses(app, one, record, context))
    roles = [one.role for one in effect.to if one.role is not None]
    return {"roles": roles, "users": list(dict.fromkeys(users)), "addresses": addresses}


def _addresses(
    app: App, performer: Performer, record: Mapping[str, Any], context: object
) -> Iterable[tuple[str, str]]:  # fmt: skip
    if performer.address is None:
        return
    addresses = _listed(app.ask(performer.address)(record, context))
    people = _listed(app.ask(performer.person)(record, context)) if performer.person else []
    paired = people if len(people) == len(addresses) else [None] * len(addresses)
    for person, address in zip(paired, addresses, strict=True):
        if isinstance(address, str) and address:
            yield next(iter(users_of(person)), ""), address


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
