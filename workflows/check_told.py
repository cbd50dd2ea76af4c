"""The model check of messages: roles that are told of records which not all who hold them may read.

People whom a path names are told on purpose, whatever else they may read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fachwerk.problems import Problem, Problems, Text
from fachwerk.schemas.model import Effect, Entity, Grant, Message, Project
from fachwerk.workflows import codes_reading as codes
from fachwerk.workflows.explore import Explored
from fachwerk.workflows.readers import Judge, asks_who


def check_told(explored: Explored, problems: Problems) -> None:
    """Note the messages of a workflow's steps and deadlines that tell people what they may not read."""
    workflow, project = explored.workflow, explored.project
    judge = Judge(project, project.entities[workflow.of], workflow.field)
    after: dict[str, set[str]] = {}
    for step in (*explored.begun, *(one for found in explored.steps.values() for one in found)):
        for action in step.actions:
            after.setdefault(action, set()).add(step.target.state)
    for transition in workflow.transitions.values():
        _check(transition.do, sorted(after.get(transition.name, ())), judge, problems)
    for deadline in workflow.deadlines.values():
        there = {*deadline.runs_in, *after.get(f"{deadline.name} (missed)", ())}
        _check(deadline.effects, sorted(there), judge, problems)


def check_automations(project: Project, problems: Problems) -> None:
    """Note the messages of automations that tell people what they may not read."""
    for automation in project.automations.values():
        if automation.of in project.entities:
            _check(automation.do, (None,), Judge(project, project.entities[automation.of], ""), problems)


def _check(effects: Iterable[Effect], states: Iterable[str | None], judge: Judge, problems: Problems) -> None:
    listed = list(states)
    for effect in effects:
        message = judge.project.messages.get(str(effect.message))
        if effect.kind != "notify" or message is None:
            continue
        told = ", ".join(f"`{name}`" for name in dict.fromkeys(_fields(message, judge.entity)))
        for role in (one.role for one in effect.to if one.role is not None):
            reason = _against(role, listed, judge) if told else None
            if reason is not None:
                values = {"message": message.name, "fields": told, "role": role, "reason": reason}
                problems.add(Problem(codes.TELLS_UNREAD, effect.span, values))


def _fields(message: Message, entity: Entity) -> Iterator[str]:
    """Give the fields of the record that a message names."""
    for template in (message.subject, message.body):
        for pieces in template.parts.values():
            for piece in pieces:
                if not isinstance(piece, str):
                    yield from (path[0] for path in piece.checked.reads if path[0] in entity.fields)


def _against(role: str, states: list[str | None], judge: Judge) -> Text | None:
    """Return why not everybody with a role reads the record once it stands in one of *states*, if that is sure."""
    entity, roles = judge.entity, judge.project.roles
    names = {role, *roles[role].includes}
    if any(roles[name].reads_everything for name in names if name in roles) or _goes_along(entity):
        return None
    grants = [one for name, one in entity.access.items() if name in names and one.read is not None]
    for state in states:
        open_ones = [one for one in grants if _judged(one, state, judge, "anybody") is not False]
        if not open_ones:
            return _none(entity, state if grants else None)
        if all(_judged(one, state, judge, "others") is False for one in open_ones):
            return _some(entity, open_ones)
    return None


def _goes_along(entity: Entity) -> bool:
    return entity.relation is not None and not entity.access


def _judged(grant: Grant, state: str | None, judge: Judge, who: str) -> bool | None:
    rule = grant.read
    assert rule is not None
    if rule.constant is not NotImplemented:
        return rule.constant is True
    if who == "others" and not asks_who(rule.checked.node):
        return None
    return judge.judged(rule.checked.node, state, "others" if who == "others" else "anybody")


def _none(entity: Entity, state: str | None) -> Text:
    english, german = ("", "") if state is None else (f" in state `{state}`", f" im Zustand `{state}`")
    return {
        "en": f"none of whom may read `{entity.name}`{english}",
        "de": f"von denen niemand `{entity.name}`{german} lesen darf",
    }


def _some(entity: Entity, grants: Iterable[Grant]) -> Text:
    rules = ", ".join(f"`{one.read.text.text.strip()}`" for one in grants if one.read is not None)
    return {
        "en": f"each of whom may read only some records of `{entity.name}` ({rules})",
        "de": f"die jeweils nur einige Datensätze von `{entity.name}` lesen dürfen ({rules})",
    }
