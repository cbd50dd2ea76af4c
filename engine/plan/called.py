"""Called: what the steps of a workflow were called before, and the workflow of before in the names of today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from fachwerk.schemas.model import Deadline, Part, Transition, Workflow
from fachwerk.schemas.past import Past, StepKind

PART = "part:"
"""What the name of the time limit of a part begins with."""


@dataclass(frozen=True, slots=True)
class Called:
    """The names of today by the former ones: of the transitions, parts and deadlines of one workflow."""

    flow: str
    """What the workflow is called today."""
    transitions: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    deadlines: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[StepKind, Mapping[str, str]]]:
        yield "transition", self.transitions
        yield "part", self.parts
        yield "deadline", self.deadlines

    @property
    def nothing(self) -> bool:
        """Whether no step has another name."""
        return not (self.transitions or self.parts or self.deadlines)

    def step(self, name: str) -> str:
        """Return what four eyes call a step or part today."""
        return self.transitions.get(name) or self.parts.get(name, name)

    def limit(self, name: str) -> str:
        """Return what a time limit is called today; that of a part can name a record, too."""
        if not name.startswith(PART):
            return self.deadlines.get(name, name)
        part, colon, record = name.removeprefix(PART).partition(":")
        return f"{PART}{self.parts.get(part, part)}{colon}{record}"


def called_of(past: Past, old: Workflow, new: Workflow) -> Called:
    """Return what of *old* has another name in *new*."""
    there = names_of(old)
    known: dict[StepKind, dict[str, str]] = {
        kind: {
            was: now
            for (flow, of, now), was in past.steps.items()
            if (flow, of) == (new.name, kind) and was in there[kind] and now in names
        }
        for kind, names in names_of(new).items()
    }
    return Called(new.name, known["transition"], known["part"], known["deadline"])


def names_of(flow: Workflow) -> dict[StepKind, frozenset[str]]:
    """Return the names of the steps of a workflow."""
    return {
        "transition": frozenset(flow.transitions),
        "part": frozenset(part.name for part in flow.parts),
        "deadline": frozenset(flow.deadlines),
    }


def as_called(flow: Workflow, called: Called) -> Workflow:
    """Return a workflow of before in the names of today."""
    if called.nothing and flow.name == called.flow:
        return flow
    states = {
        name: replace(state, parallel=tuple(_part(part, called) for part in state.parallel))
        for name, state in flow.states.items()
    }
    steps = [_transition(one, called) for one in flow.transitions.values()]
    limits = [_deadline(one, called) for one in flow.deadlines.values()]
    return replace(
        flow, name=called.flow, states=states, transitions={one.name: one for one in steps},
        deadlines={one.name: one for one in limits},
    )  # fmt: skip


def _part(part: Part, called: Called) -> Part:
    after = tuple(called.parts.get(name, name) for name in part.after)
    return replace(part, name=called.parts.get(part.name, part.name), after=after, not_by=_eyes(part.not_by, called))


def _transition(one: Transition, called: Called) -> Transition:
    return replace(one, name=called.transitions.get(one.name, one.name), not_by=_eyes(one.not_by, called))


def _deadline(one: Deadline, called: Called) -> Deadline:
    then = None if one.then is None else called.transitions.get(one.then, one.then)
    return replace(one, name=called.deadlines.get(one.name, one.name), then=then)


def _eyes(names: tuple[str, ...], called: Called) -> tuple[str, ...]:
    return tuple(map(called.step, names))
