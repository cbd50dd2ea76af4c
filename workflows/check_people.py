"""The model check of people: four eyes that are two, and steps whose people cannot see the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from fachwerk.problems import Problems, Span
from fachwerk.rules.types import ListType
from fachwerk.schemas.model import Part, Performer, State, Transition, Workflow
from fachwerk.workflows import codes
from fachwerk.workflows.explore import Explored, Situation
from fachwerk.workflows.words import Words, problem


@dataclass(frozen=True, slots=True)
class _Act:
    """A transition or a part: what people do in a case."""

    name: str
    by: tuple[Performer, ...]
    not_by: tuple[str, ...]
    span: Span
    state: State | None = None
    """The state that it is a part of."""
    after: tuple[str, ...] = ()
    """Parts that have their outcome before."""


def _acts(workflow: Workflow) -> dict[str, _Act]:
    acts = [_Act(one.name, one.by, one.not_by, one.span) for one in workflow.transitions.values()]
    for state in workflow.states.values():
        for part in state.parallel:
            acts.append(_Act(part.name, part.by, part.not_by, part.span, state, _before(part, state)))
    return {one.name: one for one in acts}


def _before(part: Part, state: State) -> tuple[str, ...]:
    """Return the parts that have their outcome before *part* can be decided."""
    after = {one.name: one.after for one in state.parallel}
    found, waiting = dict[str, None](), list(part.after)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += after.get(name, ())
    return tuple(found)


def avoided(explored: Explored, words: Words, problems: Problems) -> set[str]:
    """Note and return the transitions and parts with four eyes over steps that a case can leave out."""
    found: set[str] = set()
    acts = _acts(explored.workflow)
    for act in acts.values():
        people = [name for name in act.not_by if name != "creator" and acts[name].by]
        for name in act.not_by:
            if name != "creator" and not acts[name].by:
                problems.add(codes.FOUR_EYES_NOBODY.at(act.span, transition=act.name, earlier=name))
        _one_way(act, acts, problems)
        people = [name for name in people if not _beside(act, acts[name])]
        if not people or "creator" in act.not_by or not act.by:
            continue
        way = _way_around(explored, act.name, frozenset(people))
        if way is not None:
            found.add(act.name)
            named = ", ".join(f"`{name}`" for name in people)
            values = {"transition": act.name, "earlier": named}
            problems.add(problem(codes.FOUR_EYES_SKIPPED, act.span, words.names(way), **values))
    return found


def _beside(act: _Act, other: _Act) -> bool:
    """Whether both are parts of one state."""
    return act.state is not None and act.state is other.state


def _one_way(act: _Act, acts: Mapping[str, _Act], problems: Problems) -> None:
    """Note parts of one state of which the second bars whoever decided the first, but not the other way round."""
    for name in act.not_by:
        other = acts.get(name)
        if other is not None and _beside(act, other) and name not in act.after and act.name not in other.not_by:
            problems.add(codes.FOUR_EYES_ONE_WAY.at(act.span, part=act.name, other=name))


def _way_around(explored: Explored, wanted: str, without: frozenset[str]) -> tuple[str, ...] | None:
    """Return the fewest actions that lead to *wanted* and take none of *without*."""
    first_of = {member: members[0] for members in explored.groups.values() for member in members}
    seen: set[Situation] = set()
    serial = count()
    waiting: list[tuple[int, int, tuple[str, ...], Situation | None]] = []

    def go(way: tuple[str, ...], actions: tuple[str, ...], target: Situation) -> None:
        names = [action.partition(".")[0] for action in actions]
        last = names.index(wanted) if wanted in names else len(names)
        if not without & set(names[:last]):
            there = (*way, *actions[: last + 1])
            heappush(waiting, (len(there), next(serial), there, None if wanted in names else target))

    for begin in explored.begun:
        go((), begin.actions, begin.target)
    while waiting:
        _, _, way, at = heappop(waiting)
        if at is None:
            return way
        if at not in seen and at in explored.reached:
            seen.add(at)
            if at in first_of:
                go(way, (), first_of[at])
            for step in explored.steps.get(at, ()):
                go(way, step.actions, step.target)
    return None


def check_people(explored: Explored, words: Words, problems: Problems) -> None:
    """Note four eyes where the same single person is asked for both steps."""
    acts = _acts(explored.workflow)
    for act in acts.values():
        mine = _paths(act.by)
        barred = [name for name in act.not_by if name != "creator" and _paths(acts[name].by) == mine]
        if mine and "creator" in act.not_by and mine == frozenset({"created_by"}):
            barred.append("creator")
        if not mine or len(mine) > 1 or not barred:
            continue
        if _closed(explored, act, barred, acts):
            earlier = ", ".join(f"`{name}`" for name in barred)
            people = words.people(act.by)
            values = {"transition": act.name, "earlier": earlier}
            problems.add(problem(codes.FOUR_EYES_ONE, act.span, people, **values))


def _closed(explored: Explored, act: _Act, barred: list[str], acts: Mapping[str, _Act]) -> bool:
    """Whether the only person who may act has always done one of *barred* before, or cannot do both where both must."""
    if "creator" in barred:
        return True
    beside = [acts[name] for name in barred if _beside(act, acts[name])]
    if any(one.name in act.after for one in beside):
        return True
    if any(act.name in one.not_by and one.state is not None and one.state.needs is None for one in beside):
        return True
    others = frozenset(barred) - {one.name for one in beside}
    return bool(others) and _way_around(explored, act.name, others) is None


def _paths(by: tuple[Performer, ...]) -> frozenset[str] | None:
    """Return the paths to people, if all of *by* are such and lead to one person each."""
    rules = [one.person for one in by]
    if not by or any(rule is None or isinstance(rule.checked.typed.type, ListType) for rule in rules):
        return None
    if any(path[0] == "each" for rule in rules if rule is not None for path in rule.checked.reads):
        return None  # somebody else for every record
    return frozenset(rule.text.text.strip() for rule in rules if rule is not None)


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
