"""Whether a case waits for somebody: not where all that they could do is to end it, while others carry it on.

A *way out* (withdraw, cancel) is a step that ends a case and can be taken from several states, in a state where
something else carries the case on: a part, a sub-case, a step further on in the picture or to an end of its own, a
decision (whoever can choose between several ends decides), or, where all steps lead back, one of these. The case must
be able to come to another end without it.
Where nothing else carries a case on, the same step is what it waits for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from fachwerk.schemas.model import Part, Performer, State, Transition, Workflow
from fachwerk.workflows.diagram import layers_of


@dataclass(frozen=True, slots=True)
class WaysOut:
    """The ways out of one state, and what carries a case on there."""

    steps: frozenset[str]
    onward: tuple[Transition | Part, ...]
    surely: bool
    """Whether it is carried on whatever the record holds."""


def ways_out(workflow: Workflow) -> Mapping[str, WaysOut]:
    """Return the ways out by state; a state without any is not in it."""
    steps = workflow.transitions.values()
    ending = [one for one in steps if one.by and workflow.states[one.target].final]
    several = {one.name for one in ending if len(one.source) > 1}
    layers = layers_of(workflow) if several else {}
    found: dict[str, WaysOut] = {}
    for state in workflow.states.values() if several else ():
        here = [one for one in ending if state.name in one.source]
        out = [one for one in here if one.name in several and not _decides(one, here)]
        names = frozenset(one.name for one in out if _other_end(workflow, state, one))
        onward = tuple(_onward(workflow, state, layers, {one.name for one in out}))
        waits = state.waits_for is not None and _goes_on(workflow, state)
        if names and (onward or waits):
            found[state.name] = WaysOut(names, onward, waits or any(_is_sure(one) for one in onward))
    return found


def _decides(one: Transition, ending: Collection[Transition]) -> bool:
    """Whether some of those who may take a step may bring the case to another end as well."""
    people = {_called(by) for by in one.by}
    return any(other.target != one.target and people & {_called(by) for by in other.by} for other in ending)


def _called(performer: Performer) -> str:
    return performer.role or (f"({performer.person.text.text.strip()})" if performer.person is not None else "")


def _onward(
    workflow: Workflow, state: State, layers: Mapping[str, int], out: Collection[str]
) -> Iterator[Transition | Part]:  # fmt: skip
    goes_on = _goes_on(workflow, state)
    if goes_on:
        yield from state.parallel
    steps = [one for one in workflow.transitions.values() if state.name in one.source and one.name not in out]
    ends = {one.name for one in steps if workflow.states[one.target].final}
    further = [one for one in steps if one.name in ends or layers[one.target] > layers[state.name]]
    back = [] if goes_on or further else [one for one in steps if one.target != state.name]
    yield from (one for one in further or back if one.by)


def _goes_on(workflow: Workflow, state: State) -> bool:
    """Whether a case surely leaves the state once all is there that it waits for."""
    ways = [one for one in workflow.transitions.values() if state.name in one.source and one.when is not None]
    ways = [one for one in ways if one.when is not None and one.when.text.text.strip() == "complete"]
    return any(not one.by or any(by.role is not None for by in one.by) for one in ways)


def _is_sure(one: Transition | Part) -> bool:
    """Whether there is always somebody who may take it: a role; whom a path leads to can be nobody."""
    return any(by.role is not None for by in one.by) and (isinstance(one, Part) or one.when is None)


def _other_end(workflow: Workflow, state: State, without: Transition) -> bool:
    """Whether a case in *state* can come to another end by other steps."""
    seen, ahead = {state.name}, [state.name]
    while ahead:
        here = ahead.pop()
        if workflow.states[here].final and here != without.target:
            return True
        for one in workflow.transitions.values():
            if one is not without and here in one.source and one.target not in seen:
                seen.add(one.target)
                ahead.append(one.target)
    return False
