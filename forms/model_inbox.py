"""What waits for a person and what a person was told, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fachwerk.forms.model_frame import Link, Shell, Tone


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


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A task of the inbox; *value* names it in the form that acts on several at once."""

    task: Task
    value: str


@dataclass(frozen=True, slots=True)
class InboxView:
    """What waits for me. ``POST /inbox`` with ``item`` (several) and ``action`` takes the step for all of them."""

    shell: Shell
    items: tuple[InboxItem, ...]
    actions: tuple[tuple[str, tuple[Link, ...]], ...] = ()
    """Steps that need nothing filled in, by what they are steps of: *href* is the value of the choice."""
    more: bool = False
    chosen: frozenset[str] = frozenset()
    failures: tuple[tuple[str, str], ...] = ()
    """Title and reason of those for which the step was not possible."""
    done: int = 0


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
