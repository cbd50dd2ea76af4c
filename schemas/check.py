"""What a project as a whole must be: circles, rights, limits, workflows, leftovers. Names and rules: on reading."""

from __future__ import annotations

from collections.abc import Iterator

from fachwerk.problems import Code, Span
from fachwerk.schemas import codes_project as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.check_access import check_access
from fachwerk.schemas.check_circles import check_circles
from fachwerk.schemas.check_decisions import check_decisions
from fachwerk.schemas.check_fields import check_fields
from fachwerk.schemas.check_letters import check_letters, unused_letters
from fachwerk.schemas.check_loops import check_loops
from fachwerk.schemas.check_messages import check_messages
from fachwerk.schemas.check_sums import check_sums
from fachwerk.schemas.check_workflows import check_steps, check_workflow
from fachwerk.schemas.model import Entity, Project
from fachwerk.schemas.read_world import World
from fachwerk.schemas.wording import both


def check_project(project: Project, world: World) -> None:
    """Note everything that can only be seen when all of *project* is known."""
    problems = world.problems
    for entity in all_entities(project):
        check_fields(entity, problems)
        if entity.parent is None:
            spoken = any(nodes.pairs(world.entities[entity.name].node.get("access")))
            check_access(entity, project, problems, spoken=spoken)
    check_sums(project, all_entities(project), problems)
    check_circles(project, problems)
    check_decisions(project, world)
    for workflow in project.workflows.values():
        check_workflow(workflow, project, world)
    check_steps(project, problems)
    check_letters(project, problems)
    check_messages(project, problems)
    check_loops(project, problems)
    _roles(project, world)
    _translations(project, world)
    if not world.problems.errors:
        # a misspelt name would otherwise be said twice
        _unused(project, world)


def all_entities(project: Project) -> Iterator[Entity]:
    """Yield entities and relations, each followed by its rows."""
    for entity in project.entities.values():
        yield entity
        yield from (field.rows for field in entity.fields.values() if field.rows)


def _roles(project: Project, world: World) -> None:
    said: set[str] = set()
    for role in project.roles.values():
        circle = [one for one in role.includes if role.name in project.roles[one].includes]
        if circle and role.name not in said:
            said |= {role.name, *circle}
            path = " → ".join([role.name, *sorted(circle), role.name])
            world.problems.add(codes.ROLE_CIRCLE.at(role.span, path=path))


_LANGUAGES = {
    "de": both("German", "Deutsch"), "en": both("English", "Englisch"), "fr": both("French", "Französisch"),
    "it": both("Italian", "Italienisch"), "es": both("Spanish", "Spanisch"), "nl": both("Dutch", "Niederländisch"),
    "pl": both("Polish", "Polnisch"), "da": both("Danish", "Dänisch"), "cs": both("Czech", "Tschechisch"),
}  # fmt: skip


def _translations(project: Project, world: World) -> None:
    """Warn once a language of all texts that it lacks."""
    for language, span in world.app.language_spans.items():
        missing = list(dict.fromkeys(owner for owner in world.untranslated.get(language, ()) if owner))
        if missing:
            others = [one for one in project.languages if one != language]
            example = f"{others[0]}: …, {language}: …" if others else f"{language}: …"
            count = len(missing)
            world.problems.add(codes.TRANSLATION.at(
                span, count=count, count_en="label has" if count == 1 else "labels have",
                count_de="Beschriftung ist" if count == 1 else "Beschriftungen sind",
                tongue=_LANGUAGES.get(language, both(f"`{language}`", f"`{language}`")),
                names=", ".join(f"`{one}`" for one in missing[:10]) + (f", … ({count})" if count > 10 else ""),
                example=example))  # fmt: skip


def _unused(project: Project, world: World) -> None:
    for name, role in project.roles.items():
        held = any(name in roles for roles in (project.demo.users.values() if project.demo else ()))
        active = ("role", name) in world.used or role.reads_everything or held or role.includes
        if not active:
            _say(world, codes.UNUSED_ROLE, role.span, name)
    for name, message in project.messages.items():
        if ("message", name) not in world.used:
            _say(world, codes.UNUSED_MESSAGE, message.span, name)
    unused_letters(project, world)
    for name, decision in project.decisions.items():
        if name not in world.called:
            _say(world, codes.UNUSED_DECISION, decision.span, name)


def _say(world: World, code: Code, span: Span, name: str) -> None:
    world.problems.add(code.at(span, name=name))
