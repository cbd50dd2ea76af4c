"""Messages as a whole: that they tell no role what is hidden from it on every page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fachwerk.problems import Problems
from fachwerk.schemas import codes_workflow as codes
from fachwerk.schemas.model import Effect, Entity, Message, Project, Rule


def check_messages(project: Project, problems: Problems) -> None:
    """Warn of fields that a message tells to a role that never sees them; people of a path are told on purpose."""
    said: set[tuple[str, str, str]] = set()
    for effect, entity in _told(project):
        message = project.messages[str(effect.message)]
        for role in (one.role for one in effect.to if one.role is not None):
            hidden = hidden_from(project, entity, role)
            for rule, field in _fields(message):
                if field in hidden and (message.name, role, field) not in said:
                    said.add((message.name, role, field))
                    problems.add(codes.TELLS_HIDDEN.at(rule.text.span(), message=message.name, field=field, role=role))


def hidden_from(project: Project, entity: Entity, role: str) -> frozenset[str]:
    """Return the fields of the records that holders of *role* read, which they never see; none where they read none."""
    held = [project.roles[name] for name in (role, *project.roles[role].includes) if name in project.roles]
    if any(one.reads_everything for one in held):
        return frozenset()
    reading = [grant for one in held if (grant := entity.access.get(one.name)) is not None and grant.read is not None]
    return frozenset.intersection(*(grant.hide for grant in reading)) if reading else frozenset()


def _told(project: Project) -> Iterator[tuple[Effect, Entity]]:
    for effects, of in _effects(project):
        for effect in effects:
            if effect.kind == "notify" and effect.message in project.messages and of in project.entities:
                yield effect, project.entities[of]


def _effects(project: Project) -> Iterator[tuple[Iterable[Effect], str]]:
    for workflow in project.workflows.values():
        yield from ((one.do, workflow.of) for one in workflow.transitions.values())
        yield from ((one.effects, workflow.of) for one in workflow.deadlines.values())
    yield from ((one.do, one.of) for one in project.automations.values())


def _fields(message: Message) -> Iterator[tuple[Rule, str]]:
    """Give the fields of the record that a message names, with the rule that does."""
    for template in (message.subject, message.body):
        for pieces in template.parts.values():
            for piece in pieces:
                if not isinstance(piece, str):
                    yield from ((piece, path[0]) for path in piece.checked.reads if path)
