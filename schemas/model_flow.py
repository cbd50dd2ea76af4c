"""The model of workflows: states, parts, transitions, time limits, effects; see :mod:`fachwerk.schemas.model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import field as member
from typing import Literal

from fachwerk.problems import Span, Text
from fachwerk.schemas.letter import LetterForm
from fachwerk.schemas.model_rule import Option, Rule


@dataclass(frozen=True, slots=True)
class Performer:
    """Who may act: the holders of a role, or the people that a path of the record leads to.

    The value of *person* is a user or a list of users: where the path as written leads to a record with a user field
    (``by: applicant``), reading has put that field behind it (``applicant.user``).
    """

    role: str | None = None
    person: Rule | None = None
    address: Rule | None = None
    """Where the path leads to a record that keeps its own address (``to_field`` of the message): that address."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a parallel state: who decides, with which outcomes, in what time; how many of them."""

    name: str
    label: Text
    by: tuple[Performer, ...]
    outcomes: tuple[Option, ...]
    within: Period | None
    span: Span
    after: tuple[str, ...] = ()
    """Parts that must have their outcome first."""
    needs: int | Literal["all", "majority"] = 1
    """How many outcomes it takes: of different people or, with *each*, of its records."""
    each: Rule | None = None
    """Leads to the records that each have an outcome of their own; kept when the state is entered."""
    each_of: tuple[str, ...] = ()
    """The entities (or ``user``) that *each* leads to."""
    not_by: tuple[str, ...] = ()
    """Four eyes: the steps and parts of whose doers nobody may decide this one; ``creator``: who made the record."""

    @property
    def kept(self) -> bool:
        """Whether who or what has an outcome is found out when the state is entered, and kept."""
        return self.each is not None or not isinstance(self.needs, int)


@dataclass(frozen=True, slots=True)
class Period:
    """A span such as ``3 months`` or ``10 working days``; *unit* is one of the words of the language."""

    count: int
    unit: Literal["minutes", "hours", "office_hours", "days", "working_days", "weeks", "months", "years"]

    @property
    def written(self) -> str:
        """It as an author writes it: ``1 working day``."""
        unit = self.unit.replace("_", " ")
        return f"{self.count} {unit.removesuffix('s') if self.count == 1 else unit}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records with workflows of their own that a state waits for."""

    path: Rule
    """Leads to them."""
    of: str
    """Their entity."""
    over: Rule
    """Whether each of them has come to a final state."""


@dataclass(frozen=True, slots=True)
class State:
    """A state of a workflow."""

    name: str
    label: Text
    span: Span
    initial: bool = False
    final: bool = False
    color: str | None = None
    parallel: tuple[Part, ...] = ()
    needs: int | None = None
    """With how many parts the state is complete; ``None``: with all."""
    waits_for: Waiting | None = None
    """Sub-cases: complete only once each of these records has come to an end."""
    editable: tuple[str, ...] | None = None
    """Fields that can be changed in this state; ``None`` means whatever the rights allow."""
    read_only: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """Something done in a transition: *kind* is ``notify``, ``mark``, ...; *to*/*message* for notify."""

    kind: str
    span: Span
    to: tuple[Performer, ...] = ()
    message: str | None = None
    values: Mapping[str, Rule] = field(default_factory=dict)
    name: str = ""
    """Names the effect within the project: ``review.grant.0``."""
    target: str | None = None
    """The entity to create a record of, to change or to take a step of, or the webhook."""
    into: str | None = None
    """The field that a document is kept in."""
    form: LetterForm = "pdf"
    attach: tuple[str, ...] = ()
    """Documents that go with a message."""
    path: Rule | None = None
    """Leads to the record or records to change or to take a step of."""
    step: str | None = None
    """The transition that those records take."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A way from some states to another; without *by* it happens by itself as soon as *when* holds."""

    name: str
    label: Text
    span: Span
    source: tuple[str, ...]
    target: str
    by: tuple[Performer, ...] = ()
    not_by: tuple[str, ...] = ()
    """Names of transitions or parts whose doers may not do this one; ``creator`` is whoever made the record."""
    when: Rule | None = None
    require: tuple[str, ...] = ()
    fill: tuple[str, ...] = ()
    """Fields offered in the small form of the button besides those of *require* that are empty."""
    comment: Literal["required", "optional", "none"] = "optional"
    set: Mapping[str, Rule] = field(default_factory=dict)
    do: tuple[Effect, ...] = ()
    confirm: Text | None = None
    color: str | None = None


@dataclass(frozen=True, slots=True)
class Warn:
    """A warning *before* the end of a deadline: its effects, or without such a notice to those who could act."""

    before: Period
    do: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Extend:
    """Who may extend a deadline: altogether by no more than *most*, no more often than *times* (``None``: any)."""

    by: tuple[Performer, ...]
    most: Period
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A time limit that runs in some states; ends on a working day of the app's calendar, or at a moment."""

    name: str
    label: Text
    span: Span
    runs_in: tuple[str, ...]
    within: Period
    warn: tuple[Warn, ...] = ()
    missed: tuple[Effect, ...] = ()
    then: str | None = None
    """The transition that happens by itself when it is missed."""
    paused_in: tuple[str, ...] = ()
    """States in which it does not run and keeps what is left."""
    pause: tuple[Performer, ...] = ()
    """Who may let it rest and go on."""
    extend: Extend | None = None

    @property
    def rests(self) -> bool:
        """Whether it can be paused at all."""
        return bool(self.paused_in or self.pause)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """All that is done when it is missed or will be soon."""
        return (*self.missed, *(effect for warn in self.warn for effect in warn.do))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a kept workflow is written: in a file of a version; *edited* is its text where names have changed since."""

    version: int
    file: str
    edited: str | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """A state machine over an entity; its state is the entity's system field *field*."""

    name: str
    of: str
    field: str
    label: Text
    span: Span
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]
    deadlines: Mapping[str, Deadline]
    cases: Literal["keep", "move"] = "move"
    """Whether running cases keep the version of the workflow that they started under when another is deployed."""
    number: int = 0
    """The version of the configuration that this workflow came with; 0 where it was read from files."""
    origin: Origin | None = None
    """Of a kept workflow: what it is read from."""
    kept: Mapping[int, Workflow] = member(default_factory=dict)
    """Earlier versions that running cases go on under, by their number."""

    @property
    def initial(self) -> State:
        """The state of a new record."""
        return next(state for state in self.states.values() if state.initial)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of all its states."""
        return tuple(part for state in self.states.values() for part in state.parallel)

    @property
    def versions(self) -> tuple[Workflow, ...]:
        """This workflow, and the earlier versions of it that cases keep, the latest first."""
        return (self, *(self.kept[number] for number in sorted(self.kept, reverse=True)))

    def under(self, number: int | None) -> Workflow:
        """Return the version of the workflow that a case with *number* is under."""
        return self.kept.get(number or 0, self)

    def state(self, name: str | None) -> State | None:
        """Return a state of any of the versions; ``None`` where there is none of that name any more."""
        return next((one.states[name] for one in self.versions if name is not None and name in one.states), None)
