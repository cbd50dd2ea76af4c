"""A simulated case on its way, and the work that waits in it for somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from fachwerk.engine.demo.doors import Case
from fachwerk.schemas.model import Performer, Workflow
from fachwerk.workflows.case import Action

MAIN = ""
"""The key of the work that is no part: the next transition."""
LONGEST_TRACE = 12


@dataclass(frozen=True, slots=True)
class Stuck:
    """Why a case cannot go on: for want of *people*, or because of a condition; in both languages.

    It is *sure* where every value was tried that conditions can tell apart.
    """

    people: bool
    en: str
    de: str
    sure: bool = True


@dataclass(eq=False, slots=True)
class Item:
    """Work on a case that holders of some roles can do; *tried* are those who found nothing that they may do.

    *held* is since when only somebody could do it who is away, *missed* how long it has waited so before, *short* of
    which role that is, *eyes* whether an earlier step of theirs keeps somebody from it who is there; *left* is the work
    that is left, once begun.
    """

    case: Going
    key: str
    roles: tuple[str, ...]
    since: dt.datetime
    tried: set[str] = field(default_factory=set)
    taken: bool = False
    gone: bool = False
    queued: dt.datetime | None = None
    held: dt.datetime | None = None
    missed: dt.timedelta = dt.timedelta()
    eyes: bool = False
    short: str = ""
    left: dt.timedelta | None = None


@dataclass(eq=False, slots=True)
class Going:
    """A case: where it stands since when, what it went through, and the work that waits in it."""

    workflow: Workflow
    made: Case
    state: str
    since: dt.datetime
    begun: dt.datetime
    creator: str | None = None
    turn: int = 0
    """Counts the changes: what was planned before the last one is void."""
    asked: bool = False
    """Whether somebody outside is thinking about it."""
    rests: dict[str, dt.datetime] = field(default_factory=dict)
    """Limits that somebody lets rest, with the moment since when: nobody goes on meanwhile."""
    grown: int = 0
    """How many records were made that belong to it."""
    waited: bool = False
    """Whether sub-cases of the present state were thought of."""
    mood: float = 0.0
    """Drawn for each state: how unlikely a step may be that somebody takes all the same."""
    idle: int = 0
    """How many of its turns were only looks."""
    looked: int = 0
    """How often it was looked at again, because conditions change with time."""
    items: dict[str, Item] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)
    edits: list[dict[str, object]] | None = None
    """What may still be tried to enter; ``None`` before anything was."""
    sure: bool = True
    """Whether that is (or was) all there is."""
    ended: bool = False
    stuck: Stuck | None = None
    """Why it cannot go on."""
    reluctant: bool = False
    """Whether somebody could have taken it back or refused it, and left it to the others."""
    forced: bool = False
    """Whether that is all that is left."""
    failed: set[str] = field(default_factory=set)
    """Steps that were possible and refused all the same, by a check for instance; since the last change."""
    tired: bool = False
    """Whether it went in circles for so long that it is left alone."""

    @property
    def record(self) -> str:
        """The id of the record."""
        return self.made.record

    def wants(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Give the work that may be done in the present state: its key and the roles that it is for."""
        state = self.workflow.states[self.state]
        main = [one for step in self.workflow.transitions.values() if self.state in step.source for one in step.by]
        if roles := _roles(main):
            yield MAIN, roles
        for part in state.parallel:
            if roles := _roles(part.by):
                yield part.name, roles

    def asks_people(self) -> bool:
        """Whether somebody whom the record names can do something in the present state."""
        steps = [one for step in self.workflow.transitions.values() if self.state in step.source for one in step.by]
        parts = [one for part in self.workflow.states[self.state].parallel for one in part.by]
        return any(one.role is None for one in (*steps, *parts))

    def fits(self, action: Action, key: str) -> bool:
        """Whether an action is (part of) the work *key*."""
        if action.part is not None:
            return action.part == key
        return key == MAIN and action.name in self.workflow.transitions

    def for_people(self, action: Action) -> bool:
        """Whether an action is open to people whom the record names."""
        if action.part is not None:
            parts = self.workflow.states[self.state].parallel
            return any(one.role is None for part in parts if part.name == action.part for one in part.by)
        step = self.workflow.transitions.get(action.name)
        return step is not None and any(one.role is None for one in step.by)

    def went(self, what: str) -> None:
        """Keep the last steps."""
        self.trace.append(what)
        if len(self.trace) > LONGEST_TRACE:
            del self.trace[0]


def _roles(by: list[Performer] | tuple[Performer, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.role for one in by if one.role is not None))
