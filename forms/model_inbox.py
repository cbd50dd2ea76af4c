"""What waits for a person and what a person was told, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fachwerk.forms.model_frame import Shell, Tone


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the person."""

    title: str
    href: str
    entity: str
    what: str = ""
    due: date | None = None
    tone: Tone = "neutral"
    state: str = ""
    color: str = ""
    """The colour of the state, as a configuration names it."""
    for_whom: str = ""
    """The name of the absent person for whom it waits."""
    rests: bool = False
    """Whether its time limit is paused."""


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A task of the inbox; *value* names it in the form that acts on several at once, if it can be done there."""

    task: Task
    value: str


@dataclass(frozen=True, slots=True)
class InboxGroup:
    """Tasks that take the same steps: *key* names them in the address; without one it is all there is."""

    key: str
    label: str
    count: int
    capped: bool = False
    """Whether there may be more."""


@dataclass(frozen=True, slots=True)
class InboxPlace:
    """Which of all cases are shown: from *first* to *last*.

    *next* is the place behind them where others follow, *after* the one from which on these are.
    """

    first: int
    last: int
    total: int
    capped: bool = False
    """Whether there may be more than *total*."""
    next: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class InboxStep:
    """A step that all of a group can take: *value* is that of its button."""

    value: str
    label: str
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class InboxResult:
    """What came of a step for one of several records: how it stands now, or why it was not possible."""

    title: str
    href: str
    text: str
    done: bool


@dataclass(frozen=True, slots=True)
class InboxView:
    """What waits for me. ``POST /inbox`` with ``item`` (several) and ``action`` takes the step for all of them."""

    shell: Shell
    items: tuple[InboxItem, ...]
    groups: tuple[InboxGroup, ...] = ()
    """Where several of the same kind wait; the first is all of them."""
    group: str = ""
    """The group that is shown; its rows can be chosen."""
    steps: tuple[InboxStep, ...] = ()
    comment: bool = False
    """Whether a step of the group takes a comment."""
    commented: tuple[str, ...] = ()
    """Which of them need it."""
    place: InboxPlace = InboxPlace(1, 0, 0)
    chosen: frozenset[str] = frozenset()
    results: tuple[InboxResult, ...] | None = None
    """What came of a step; nothing chosen is an empty one."""
    said: str = ""
    """The comment, where something is left to do with it."""


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """One notice: *href* leads to what it is about (by ``GET``, which notes that it was read)."""

    subject: str
    body: str
    created: datetime
    href: str = ""
    unread: bool = False


@dataclass(frozen=True, slots=True)
class NoticesView:
    """What I was told, the newest first. ``POST /notices/read`` notes that all was read."""

    shell: Shell
    notices: tuple[NoticeItem, ...]
    more: str | None = None
