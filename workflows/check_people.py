"""The model check of people: four eyes that are two, and transitions whose people cannot see the case."""

from __future__ import annotations

from fachwerk.problems import Problems
from fachwerk.schemas.model import Performer, Transition, Workflow
from fachwerk.workflows import codes
from fachwerk.workflows.explore import Explored, Situation
from fachwerk.workflows.words import Words, problem


def avoided(explored: Explored, words: Words, problems: Problems) -> set[str]:
    """Note and return the transitions with four eyes over steps that a case can leave out."""
    found: set[str] = set()
    transitions = explored.workflow.transitions
    for transition in transitions.values():
        people = [name for name in transition.not_by if name != "creator" and transitions[name].by]
        for name in transition.not_by:
            if name != "creator" and not transitions[name].by:
                problems.add(codes.FOUR_EYES_NOBODY.at(transition.span, transition=transition.name, earlier=name))
        if not people or "creator" in transition.not_by or not transition.by:
            continue
        way = _way_around(explored, transition.name, frozenset(people))
        if way is not None:
            found.add(transition.name)
            named = ", ".join(f"`{name}`" for name in people)
            values = {"transition": transition.name, "earlier": named}
            problems.add(problem(codes.FOUR_EYES_SKIPPED, transition.span, words.names(way), **values))
    return found


def _way_around(explored: Explored, wanted: str, without: frozenset[str]) -> tuple[str, ...] | None:
    """Return the shortest actions that lead to *wanted* and take none of *without*."""
    ways: dict[Situation, tuple[str, ...]] = {}
    for begin in explored.begun:
        if wanted in begin.actions and not without & set(begin.actions[: begin.actions.index(wanted)]):
            return begin.actions[: begin.actions.index(wanted) + 1]
        if begin.target in explored.reached and not without & set(begin.actions):
            ways.setdefault(begin.target, begin.actions)
    queue = list(ways)
    first_of = {member: members[0] for members in explored.groups.values() for member in members}
    for at in queue:
        steps = [*explored.steps.get(at, ())]
        other = first_of.get(at, at)
        if other is not at and other not in ways:
            ways[other] = ways[at]
            queue.append(other)
        for step in steps:
            actions = step.actions
            if wanted in actions and not without & set(actions[: actions.index(wanted)]):
                return (*ways[at], *actions[: actions.index(wanted) + 1])
            if not without & set(actions) and step.target not in ways:
                ways[step.target] = (*ways[at], *actions)
                queue.append(step.target)
    return None


def check_people(explored: Explored, words: Words, problems: Problems) -> None:
    """Note four eyes where the same single person is asked for both steps."""
    transitions = explored.workflow.transitions
    for transition in transitions.values():
        mine = _paths(transition.by)
        barred = [name for name in transition.not_by if name != "creator" and _paths(transitions[name].by) == mine]
        if mine and "creator" in transition.not_by and mine == frozenset({"created_by"}):
            barred.append("creator")
        if not mine or len(mine) > 1 or not barred:
            continue
        if "creator" in barred or _way_around(explored, transition.name, frozenset(barred)) is None:
            earlier = ", ".join(f"`{name}`" for name in barred)
            people = words.people(transition.by)
            values = {"transition": transition.name, "earlier": earlier}
            problems.add(problem(codes.FOUR_EYES_ONE, transition.span, people, **values))


def _paths(by: tuple[Performer, ...]) -> frozenset[str] | None:
    """Return the paths to people, if all of *by* are such."""
    if not by or any(one.person is None for one in by):
        return None
    return frozenset(one.person.text.text.strip() for one in by if one.person is not None)


def could_without_rights(explored: Explored, transition: Transition) -> bool:
    """Whether the condition holds in a situation that cases come to, so that only rights stand against it."""
    words = Words(explored)
    return any(
        at.state in transition.source and words.holds(transition.when, at) is not False for at in explored.reached
    )


def reachable_by_arrows(workflow: Workflow) -> set[str]:
    """Return the states that arrows lead to from the initial one, whatever their conditions."""
    found, waiting = {workflow.initial.name}, [workflow.initial.name]
    while waiting:
        state = waiting.pop()
        for transition in workflow.transitions.values():
            if state in transition.source and transition.target not in found:
                found.add(transition.target)
                waiting.append(transition.target)
    return found
