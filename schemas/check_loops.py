"""Loops: automations, and the steps that their effects take, which set each other off without end.

Only what surely never ends is an error: everything in the circle happens without a condition, and a step in it leads
back into a state that it starts from. What may end is bounded when it runs (``engine.work.doing``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fachwerk.problems import Problems, Span
from fachwerk.schemas import codes_automation as codes
from fachwerk.schemas.model import Automation, Effect, Project, Transition

Node = str
"""An automation by its name, or a step as ``workflow.transition``."""


def check_loops(project: Project, problems: Problems) -> None:
    """Say which automations set each other off without any condition that could end it."""
    follows = {node: list(dict.fromkeys(_follow(project, node))) for node in _nodes(project)}
    said: set[Node] = set()
    for name in follows:
        path = _way_back(name, follows)
        if path and not said & set(path) and _goes_on(project, path):
            said |= set(path)
            way = " → ".join(f"`{one}`" for one in (*path, name))
            problems.add(codes.AUTOMATION_CIRCLE.at(_span(project, name), path=way))


def _span(project: Project, node: Node) -> Span:
    workflow, _, step = node.rpartition(".")
    return project.workflows[workflow].transitions[step].span if workflow else project.automations[node].span


def _goes_on(project: Project, circle: list[Node]) -> bool:
    """Whether the steps of a circle can follow each other in the same case for ever."""
    for name, workflow in project.workflows.items():
        inside = [node.rpartition(".")[2] for node in circle if node.rpartition(".")[0] == name]
        steps = [workflow.transitions[step] for step in inside]
        if any(one.target not in then.source for one, then in zip(steps, [*steps[1:], *steps[:1]], strict=True)):
            return False
    return True


def _nodes(project: Project) -> Iterator[Node]:
    yield from (name for name, one in project.automations.items() if one.where is None)
    for workflow in project.workflows.values():
        yield from (f"{workflow.name}.{name}" for name, one in workflow.transitions.items() if _repeats(one))


def _repeats(transition: Transition) -> bool:
    """Whether nothing but the state of the case can keep a step from being taken."""
    return transition.when is None


def _follow(project: Project, node: Node) -> Iterator[Node]:
    """Give what a node sets off."""
    workflow, _, step = node.rpartition(".")
    if not workflow:
        automation = project.automations[node]
        yield from _set_off(project, automation.do, automation.of)
        return
    flow = project.workflows[workflow]
    yield from _heard(project, flow.of, ("changed", step))
    yield from _set_off(project, flow.transitions[step].do, flow.of)


def _set_off(project: Project, effects: tuple[Effect, ...], of: str) -> Iterator[Node]:
    for effect in effects:
        if effect.kind == "step":
            yield from _taken(project, effect)
        else:
            entity, event = touched(effect, of)
            yield from _heard(project, entity, (event,))


def _taken(project: Project, effect: Effect) -> Iterator[Node]:
    """Give the steps that an effect takes, where no condition can end it."""
    for workflow in project.workflows.values():
        transition = workflow.transitions.get(effect.step or "")
        if workflow.of == effect.target and transition is not None and _repeats(transition):
            yield f"{workflow.name}.{transition.name}"


def _heard(project: Project, entity: str | None, events: tuple[str, ...]) -> Iterator[Node]:
    automations: Mapping[str, Automation] = project.automations
    for name, one in automations.items():
        # what comes again and again for all records comes for new ones, too
        heard = {*one.on, "created"} if one.every is not None and one.inactive is None else set(one.on)
        if one.of == entity and one.where is None and not heard.isdisjoint(events):
            yield name


def touched(effect: Effect, of: str) -> tuple[str | None, str]:
    """Return which entity an effect writes, and what that is to automations: ``created`` or ``changed``."""
    if effect.kind in ("set", "mark", "document"):
        return of, "changed"
    if effect.kind in ("create", "change"):
        return effect.target, "created" if effect.kind == "create" else "changed"
    return None, ""


def _way_back(name: Node, follows: Mapping[Node, list[Node]]) -> list[Node]:
    todo: list[list[Node]] = [[name]]
    seen = {name}
    while todo:
        path = todo.pop(0)
        for following in follows.get(path[-1], ()):
            if following == name:
                return path
            if following not in seen:
                seen.add(following)
                todo.append([*path, following])
    return []
