"""The model check of what a state waits for: lists that may be empty, sub-cases without an end, impossible steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fachwerk.problems import Problems
from fachwerk.schemas.model import Effect, Project, State, Workflow
from fachwerk.workflows import codes
from fachwerk.workflows.explore import Explored, ends
from fachwerk.workflows.waiting import filled, looked_at


def check_parts(explored: Explored, problems: Problems) -> None:
    """Note parts whose list may be empty when a case comes to their state, so that nobody is asked at all."""
    workflow, entity = explored.workflow, explored.project.entities[explored.workflow.of]
    reached = {one.state for one in explored.reached}
    for state in workflow.states.values():
        if state.name not in reached or not _goes_on(workflow, state):
            continue
        asked = [part for part in state.parallel if part.each is None]
        for part in state.parallel:
            if part.each is None or asked or looked_at(part.each, state, workflow):
                continue
            if not filled(part.each, state, workflow, entity):
                path = part.each.text.text.strip()
                problems.add(codes.EACH_EMPTY.at(part.span, each=path, part=part.name, state=state.name))


def _goes_on(workflow: Workflow, state: State) -> bool:
    """Whether a case leaves *state* by itself once it is complete."""
    out = [one for one in workflow.transitions.values() if state.name in one.source and not one.by]
    return any(one.when is not None and ("complete",) in one.when.checked.reads for one in out)


def check_between(found: Iterable[Explored], never: Mapping[str, frozenset[str]], problems: Problems) -> None:
    """Note what goes wrong between workflows: sub-cases that never end or never are, steps that are never possible."""
    by_name = {one.workflow.name: one for one in found}
    for explored in by_name.values():
        for state in explored.workflow.states.values():
            if state.waits_for is not None:
                _waits(state, explored, by_name, problems)
        for owner, effect in _steps(explored.workflow):
            _step(owner, effect, explored.project, never, problems)
    for project in {id(one.project): one.project for one in by_name.values()}.values():
        for automation in project.automations.values():
            for effect in automation.do:
                if effect.step is not None:
                    _step(automation.name, effect, project, never, problems)


def _waits(state: State, explored: Explored, by_name: Mapping[str, Explored], problems: Problems) -> None:
    assert state.waits_for is not None
    entity = explored.project.entities[state.waits_for.of]
    at = state.waits_for.path.text.span()
    for name in entity.workflows:
        if name in by_name and not ends(by_name[name]):
            problems.add(codes.WAITS_FOR_EVER.at(at, state=state.name, entity=entity.name, workflow=name))
    made = any(grant.create is not None for grant in entity.access.values())
    if not made and entity.name not in _created(explored.project):
        problems.add(codes.WAITS_FOR_NOTHING.at(at, state=state.name, entity=entity.name))


def _created(project: Project) -> set[str | None]:
    effects = [effect for flow in project.workflows.values() for one in flow.transitions.values() for effect in one.do]
    effects += [e for flow in project.workflows.values() for one in flow.deadlines.values() for e in one.effects]
    effects += [effect for one in project.automations.values() for effect in one.do]
    return {one.target for one in effects if one.kind == "create"}


def _steps(workflow: Workflow) -> Iterable[tuple[str, Effect]]:
    for transition in workflow.transitions.values():
        yield from ((transition.name, effect) for effect in transition.do if effect.step is not None)
    for deadline in workflow.deadlines.values():
        yield from ((deadline.name, effect) for effect in deadline.effects if effect.step is not None)


def _step(
    owner: str, effect: Effect, project: Project, never: Mapping[str, frozenset[str]], problems: Problems
) -> None:  # fmt: skip
    assert effect.target is not None
    for name in project.entities[effect.target].workflows:
        if effect.step in never.get(name, frozenset()):
            problems.add(codes.STEP_NEVER.at(effect.span, owner=owner, step=effect.step, entity=effect.target))
