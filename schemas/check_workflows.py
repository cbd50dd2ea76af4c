"""Checks of one workflow as a graph, and of who acts in it."""

from __future__ import annotations

from collections.abc import Iterable

from fachwerk.problems import Problems, Span
from fachwerk.rules.types import ListType
from fachwerk.schemas import codes_parts
from fachwerk.schemas import codes_workflow as codes
from fachwerk.schemas.check_access import reads
from fachwerk.schemas.check_deadlines import check_calendar, check_deadline
from fachwerk.schemas.model import (
    Entity,
    Field,
    Part,
    Performer,
    Project,
    State,
    Transition,
    Workflow,
)
from fachwerk.schemas.read_world import World
from fachwerk.schemas.wording import both


def check_workflow(workflow: Workflow, project: Project, world: World) -> None:
    """Note what cannot be right with the states, transitions and deadlines of *workflow*."""
    problems = world.problems
    if not _doubtful(workflow, world):
        _initial(workflow, problems)
        _ways(workflow, problems)
    entity = project.entities[workflow.of]
    for transition in workflow.transitions.values():
        _transition(transition, workflow, world)
        _fill(transition, entity, problems)
        _acts(transition.by, f"{workflow.name}.{transition.name}", (entity, project), problems, transition.span)
    for state in workflow.states.values():
        _quorum(state, problems)
        for part in state.parallel:
            _acts(part.by, f"{workflow.name}.{state.name}.{part.name}", (entity, project), problems, part.span)
            check_calendar((part.within,), part.span, project, problems)
            _few(part, problems)
    for deadline in workflow.deadlines.values():
        check_deadline(deadline, workflow, project, problems)
        _acts(
            (*deadline.pause, *(deadline.extend.by if deadline.extend is not None else ())),
            f"{workflow.name}.{deadline.name}", (entity, project), problems, deadline.span,
        )  # fmt: skip


# the graph


def _doubtful(workflow: Workflow, world: World) -> bool:
    """Whether there are mistakes in the document of a workflow from which strange ways may follow."""
    whole = world.declared["workflow"][workflow.name].root
    return any(
        problem.span.source is whole.source and whole.start <= problem.span.start <= whole.end
        for problem in world.problems.errors
        if problem.code in _BREAKING
    )


_BREAKING = frozenset(
    {"unknown-state", "unknown-key", "missing-key", "wrong-form", "empty-value", "name-syntax", "key-not-a-name"}
)


def _initial(workflow: Workflow, problems: Problems) -> None:
    initial = [state for state in workflow.states.values() if state.initial]
    if not initial and workflow.states:
        first = next(iter(workflow.states))
        problems.add(codes.NO_INITIAL.at(workflow.span, workflow=workflow.name, state=first))
    for second in initial[1:]:
        note = both("the other one", "der andere")
        begun, also = initial[0], [(initial[0].span, note)]
        problem = codes.TWO_INITIAL.at(
            second.span, workflow=workflow.name, first=begun.name, second=second.name, related=also
        )
        problems.add(problem)


def _ways(workflow: Workflow, problems: Problems) -> None:
    transitions = workflow.transitions.values()
    left = {name for transition in transitions for name in transition.source}
    begun = [state.name for state in workflow.states.values() if state.initial]
    reached = _reached(begun, transitions)
    for state in workflow.states.values():
        if begun and state.name not in reached:
            problems.add(codes.UNREACHABLE.at(state.span, state=state.name))
        if state.name not in left and not state.final:
            problems.add(codes.DEAD_END.at(state.span, state=state.name))
    for transition in transitions:
        for name in transition.source:
            if workflow.states[name].final and not transition.by:
                problems.add(codes.FINAL_LEFT.at(transition.span, transition=transition.name, state=name))


def _reached(begun: Iterable[str], transitions: Iterable[Transition]) -> set[str]:
    found, todo = set(begun), list(begun)
    edges = list(transitions)
    while todo:
        state = todo.pop()
        for transition in edges:
            if state in transition.source and transition.target not in found:
                found.add(transition.target)
                todo.append(transition.target)
    return found


# transitions


def _transition(transition: Transition, workflow: Workflow, world: World) -> None:
    problems = world.problems
    if (workflow.name, transition.name) not in world.done_by:
        stepped = (workflow.name, transition.name) in world.stepped
        follows = any(one.then == transition.name for one in workflow.deadlines.values())
        if transition.when is None and not follows and not stepped:
            problems.add(codes.BY_ITSELF_WITHOUT_WHEN.at(transition.span, transition=transition.name))
        for key in _asked(transition, stepped=stepped):
            problems.add(codes.BY_ITSELF_ASKS.at(transition.span, transition=transition.name, key=key))
    if transition.when and ("complete",) in transition.when.checked.reads:
        parallel = [n for n in transition.source if workflow.states[n].parallel or workflow.states[n].waits_for]
        if transition.source and not parallel:
            states = ", ".join(f"`{name}`" for name in transition.source)
            problems.add(codes.COMPLETE_NOT_PARALLEL.at(transition.when.text.span(), states=states))


def _asked(transition: Transition, *, stepped: bool) -> list[str]:
    """Return what a transition that happens by itself asks for; steps that effects take must have their fields."""
    asked = {
        "require": bool(transition.require) and not stepped,
        "comment": transition.comment == "required",
        "fill": bool(transition.fill),
        "confirm": transition.confirm is not None,
        "not_by": bool(transition.not_by),
    }
    return [key for key, there in asked.items() if there]


def _fill(transition: Transition, entity: Entity, problems: Problems) -> None:
    for name in transition.fill:
        reason = _made(entity.fields[name])
        if reason:
            problems.add(codes.CANNOT_FILL.at(transition.span, field=name, reason=reason))


def _made(field: Field) -> dict[str, str] | None:
    if field.computed is not None:
        return dict(both("it is computed", "es wird berechnet"))
    if field.system or field.kind in ("sequence", "back_links"):
        return dict(both("the system makes its value", "seinen Wert bestimmt das System"))
    return None


def _acts(by: Iterable[Performer], what: str, where: tuple[Entity, Project], problems: Problems, at: Span) -> None:
    entity, project = where
    for performer in by:
        if performer.role and not reads(performer.role, entity, project):
            problems.add(codes.CANNOT_SEE.at(at, role=performer.role, what=what, entity=entity.name))


def _quorum(state: State, problems: Problems) -> None:
    if state.needs is not None and not 1 <= state.needs <= len(state.parallel):
        problems.add(codes.QUORUM.at(state.span, state=state.name, needs=state.needs, count=len(state.parallel)))
    waiting = {part.name: set(part.after) for part in state.parallel}
    while free := [name for name, others in waiting.items() if not others & set(waiting)]:
        for name in free:
            del waiting[name]
    if waiting:
        first = next(part for part in state.parallel if part.name in waiting)
        problems.add(codes.PARTS_WAIT.at(first.span, parts=", ".join(f"`{name}`" for name in waiting)))


def _few(part: Part, problems: Problems) -> None:
    """Note a quorum of people larger than those whom paths to one person lead to."""
    alone = all(one.person is not None and not isinstance(one.person.checked.typed.type, ListType) for one in part.by)
    if part.each is None and isinstance(part.needs, int) and part.by and alone and part.needs > len(part.by):
        people = ", ".join(f"`{one.person.text.text.strip()}`" for one in part.by if one.person is not None)
        problem = codes_parts.PART_QUORUM.at(
            part.span, part=part.name, needs=part.needs, people=people, most=len(part.by)
        )
        problems.add(problem)


def check_steps(project: Project, problems: Problems) -> None:
    """Note steps of the same name in two workflows of one entity."""
    for entity in project.entities.values():
        known: dict[str, Workflow] = {}
        for workflow in (project.workflows[name] for name in entity.workflows if name in project.workflows):
            parts = {part.name: part.span for state in workflow.states.values() for part in state.parallel}
            for step, span in {**parts, **{t.name: t.span for t in workflow.transitions.values()}}.items():
                first = known.setdefault(step, workflow)
                if first is not workflow:
                    problem = codes_parts.SAME_STEP.at(
                        span, entity=entity.name, step=step, first=first.name, second=workflow.name
                    )
                    problems.add(problem)
