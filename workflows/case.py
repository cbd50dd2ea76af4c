"""What a workflow sees and answers: a case, what may be done with it, and what a step changes. Plain data only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fachwerk.problems import Text
from fachwerk.schemas.model import Effect, Performer, Period
from fachwerk.workflows.reckoning import Course


class Named(Protocol):
    """Somebody with a name."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


class Acting(Named, Protocol):
    """Who acts, with the roles held (closed over what they include); *deputy* really acts, where this one is absent."""

    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def deputy(self) -> Named | None: ...


def eyes_of(who: Acting) -> frozenset[str]:
    """Return the real people behind a step: who is named, and the deputy who acts in their place."""
    return frozenset((who.id,) if who.deputy is None else (who.id, who.deputy.id))


@dataclass(frozen=True, slots=True)
class Opinion:
    """The outcome that somebody gave for a part of a parallel state; *entry* tells which stay in the state it was."""

    part: str
    outcome: str
    by: str
    at: dt.datetime
    comment: str | None = None
    entry: int = 0
    deputy: str | None = None
    """Who really gave it, in the place of *by*."""
    about: str | None = None
    """The record that it is about, in a part with ``each``."""

    @property
    def eyes(self) -> frozenset[str]:
        """The real people behind it: whoever asks for different people compares these."""
        return frozenset(one for one in (self.by, self.deputy) if one is not None)


@dataclass(frozen=True, slots=True)
class Done:
    """A step of the past: the transition or ``part.outcome``, who did it, and for whom, if that was a deputy."""

    action: str
    by: str | None
    for_whom: str | None = None
    name: str | None = None
    for_name: str | None = None
    """What the two are called."""


def done_by(who: Acting, action: str) -> Done:
    """Return that *who* does a step, as the history keeps it."""
    if who.deputy is None:
        return Done(action, who.id, None, who.name)
    return Done(action, who.deputy.id, who.id, who.deputy.name, who.name)


@dataclass(frozen=True, slots=True)
class Member:
    """A record that has an opinion of its own in a part, or somebody who is asked for theirs (*entity* is ``user``)."""

    id: str
    entity: str
    title: str = ""
    record: Mapping[str, object] = field(default_factory=dict)
    """What the rules of the part read of it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a part waits for, kept since its state was entered."""

    part: str
    members: tuple[Member, ...] = ()
    kept: bool = True
    """Whether it is kept already; else it was found out just now."""


@dataclass(frozen=True, slots=True)
class Case:
    """A record as its workflow sees it. *record* has the shape that rules read; *entry* counts states entered."""

    state: str
    record: Mapping[str, object]
    entry: int = 0
    opinions: tuple[Opinion, ...] = ()
    done: tuple[Done, ...] = ()
    created_by: str | None = None
    expected: tuple[Expected, ...] = ()
    """Whose opinions the parts of the state wait for, where that was found out when it was entered."""
    holders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Who holds which role, for parts that ask all or most of them."""
    closed: frozenset[str] = frozenset()
    """People whose account is closed, for parts with ``each`` of people."""
    timers: tuple[Timer, ...] = ()
    """The time limits of the workflow that run or rest, where it has such as can be paused or extended."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the things that an action needs, whether it holds, and which kind it is (``role``, ``guard``, ...)."""

    kind: str
    holds: bool
    text: Text
    source: str = ""
    """``file:line`` where the file says so."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that could be done with a case in its state, and everything that it needs."""

    name: str
    label: Text
    target: str
    conditions: tuple[Condition, ...]
    require: tuple[str, ...] = ()
    fill: tuple[str, ...] = ()
    comment: str = "optional"
    confirm: Text | None = None
    color: str | None = None
    part: str | None = None
    deadline: str | None = None
    """The deadline that it pauses, lets go on or extends."""
    most: Period | None = None
    """By how much a deadline may be extended altogether: whoever acts says by how much now."""
    about: Member | None = None
    """The record that an opinion is about; its id stands behind a colon in the name: ``offices.approve:ID``."""

    @property
    def possible(self) -> bool:
        """Whether nothing stands against it."""
        return all(condition.holds for condition in self.conditions)

    @property
    def concerns(self) -> bool:
        """Whether it is for this person at all: role and four eyes are right, whatever else is missing."""
        return all(condition.holds for condition in self.conditions if condition.kind == "performer")

    @property
    def waits(self) -> bool:
        """Whether it waits for this person: nobody else has done it, and it is theirs to do."""
        return all(condition.holds for condition in self.conditions if condition.kind in ("performer", "open"))

    @property
    def why_not(self) -> tuple[Text, ...]:
        """What stands against it."""
        return tuple(condition.text for condition in self.conditions if not condition.holds)


@dataclass(frozen=True, slots=True)
class Planned:
    """An effect to be carried out: the declaration, and the users and roles that it goes to."""

    effect: Effect
    roles: tuple[str, ...]
    users: tuple[str, ...]
    comment: str | None = None
    addresses: tuple[tuple[str, str], ...] = ()
    """(user, address) of people whose record keeps its own address; no user where they have no account."""


LONG_AGO = Course(dt.datetime.min.replace(tzinfo=dt.UTC))


@dataclass(frozen=True, slots=True)
class Timer:
    """A time limit: *name* is the deadline's, or ``part:NAME``; it ends with the day *due*, or *at* a moment on it.

    It is missed from the moment *closes* on, and warned of at those of *warns*. While its *course* is held it rests:
    then its end is that of before the pause, and does not count.
    """

    name: str
    started: dt.date
    due: dt.date
    at: dt.datetime | None = None
    closes: dt.datetime | None = None
    warns: tuple[dt.datetime, ...] = ()
    course: Course = LONG_AGO
    missed: bool = False

    @property
    def rests(self) -> bool:
        """Whether it is paused now."""
        return bool(self.course.held)


@dataclass(frozen=True, slots=True)
class Moved:
    """One transition taken."""

    action: str
    source: str
    target: str
    by: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step does: the new state, values set, opinions, effects and timers; written in one transaction."""

    state: str
    entry: int
    moved: tuple[Moved, ...]
    set: Mapping[str, object] = field(default_factory=dict)
    opinion: Opinion | None = None
    expected: tuple[Expected, ...] = ()
    """To be kept from now on."""
    effects: tuple[Planned, ...] = ()
    start: tuple[Timer, ...] = ()
    stop: tuple[str, ...] = ()
    change: tuple[Timer, ...] = ()
    """Time limits that were paused, went on or were extended."""


def merge(first: Outcome, then: Outcome) -> Outcome:
    """Return two steps taken one after the other as one; a timer started and stopped again does not start."""
    later = {t.name: t for t in then.change}
    started = tuple(later.pop(t.name, t) for t in first.start if t.name not in then.stop)
    changed = (*(t for t in first.change if t.name not in later and t.name not in then.stop), *later.values())
    return Outcome(
        then.state,
        then.entry,
        (*first.moved, *then.moved),
        set={**first.set, **then.set},
        opinion=first.opinion or then.opinion,
        expected=then.expected if then.entry != first.entry else first.expected,
        effects=(*first.effects, *then.effects),
        start=(*started, *then.start),
        stop=tuple(dict.fromkeys((*first.stop, *then.stop))),
        change=changed,
    )


__all__ = [
    "Acting",
    "Action",
    "Case",
    "Condition",
    "Done",
    "Expected",
    "Member",
    "Moved",
    "Opinion",
    "Outcome",
    "Performer",
    "Planned",
    "Timer",
    "done_by",
]
