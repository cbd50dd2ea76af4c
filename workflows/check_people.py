"""The model check of people: four eyes that are two, and steps whose people cannot see the case."""

from __future__ import annotations

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
class Act:
    """A transition or a part: what people do in a case."""

    name: str
    by: tuple[Performer, ...]
    not_by: tuple[str, ...]
    span: Span
    state: State | None = None
    """The state that it is a part of."""
    after: tuple[str, ...] = ()
    """Parts that have their outcome before."""

    def beside(self, name: str) -> Part | None:
        """Return the part of this name in the same state."""
        parts = () if self.state is None else self.state.parallel
        return next((part for part in parts if part.name == name), None)


def acts_of(workflow: Workflow) -> list[Act]:
    """Return everything that people do in cases of *workflow*."""
    acts = [Act(one.name, one.by, one.not_by, one.span) for one in workflow.transitions.values()]
    for state in workflow.states.values():
        for part in state.parallel:
            acts.append(Act(part.name, part.by, part.not_by, part.span, state, _before(part, state)))
    return acts


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


def _by_people(acts: list[Act]) -> set[str]:
    return {act.name for act in acts if act.by}


def avoided(explored: Explored, words: Words, problems: Problems) -> set[str]:
    """Note and return the transitions and parts with four eyes over steps that a case can leave out."""
    found: set[str] = set()
    acts = acts_of(explored.workflow)
    for act in acts:
        earlier = [name for name in act.not_by if name != "creator"]
        for name in sorted({*earlier} - _by_people(acts), key=earlier.index):
            problems.add(codes.FOUR_EYES_NOBODY.at(act.span, transition=act.name, earlier=name))
        _one_way(act, problems)
        people = [name for name in earlier if name in _by_people(acts) and act.beside(name) is None]
        if not people or "creator" in act.not_by or not act.by:
            continue
        way = _way_around(explored, act, frozenset(people))
        if way is not None:
            found.add(act.name)
            named = ", ".join(f"`{name}`" for name in people)
            values = {"transition": act.name, "earlier": named}
            problems.add(problem(codes.FOUR_EYES_SKIPPED, act.span, words.names(way), **values))
    return found


def _one_way(act: Act, problems: Problems) -> None:
    """Note parts of one state of which the second bars whoever decided the first, but not the other way round."""
    for name in act.not_by:
        other = act.beside(name)
        if other is not None and name not in act.after and act.name not in other.not_by:
            problems.add(codes.FOUR_EYES_ONE_WAY.at(act.span, part=act.name, other=name))


def _way_around(explored: Explored, wanted: Act, without: frozenset[str]) -> tuple[str, ...] | None:
    """Return the fewest actions that lead to *wanted* and take none of *without*."""
    first_of = {member: members[0] for members in explored.groups.values() for member in members}
    seen: set[Situation] = set()
    serial = count()
    waiting: list[tuple[int, int, tuple[str, ...], Situation | None]] = []

    def go(way: tuple[str, ...], source: Situation | None, actions: tuple[str, ...], target: Situation) -> None:
        names = [action.partition(".")[0] for action in actions]
        here = wanted.state is None or (source is not None and source.state == wanted.state.name)
        last = names.index(wanted.name) if here and wanted.name in names else None
        if not without & set(names[:last]):
            there = (*way, *actions[: None if last is None else last + 1])
            heappush(waiting, (len(there), next(serial), there, target if last is None else None))

    for begin in explored.begun:
        go((), None, begin.actions, begin.target)
    while waiting:
        _, _, way, at = heappop(waiting)
        if at is None:
            return way
        if at not in seen and at in explored.reached:
            seen.add(at)
            if at in first_of:
                go(way, at, (), first_of[at])
            for step in explored.steps.get(at, ()):
                go(way, at, step.actions, step.target)
    return None


def check_people(explored: Explored, words: Words, problems: Problems) -> None:
    """Note four eyes where the same single person is asked for both steps."""
    acts = acts_of(explored.workflow)
    for act in acts:
        mine = _paths(act.by)
        barred = [name for name in act.not_by if {_paths(one.by) for one in acts if one.name == name} == {mine}]
        if mine and "creator" in act.not_by and mine == frozenset({"created_by"}):
            barred.append("creator")
        if not mine or len(mine) > 1 or not barred:
            continue
        if _closed(explored, act, barred):
            earlier = ", ".join(f"`{name}`" for name in barred)
            people = words.people(act.by)
            values = {"transition": act.name, "earlier": earlier}
            problems.add(problem(codes.FOUR_EYES_ONE, act.span, people, **values))


def _closed(explored: Explored, act: Act, barred: list[str]) -> bool:
    """Whether the only person who may act has always done one of *barred* before, or cannot do both where both must."""
    if "creator" in barred:
        return True
    beside = [part for part in map(act.beside, barred) if part is not None]
    if any(part.name in act.after for part in beside):
        return True
    if any(act.name in part.not_by for part in beside) and act.state is not None and act.state.needs is None:
        return True
    others = frozenset(barred) - {part.name for part in beside}
    return bool(others) and _way_around(explored, act, others) is None


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
