"""How effects are carried out: inside the database, or outside of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fachwerk.engine.database import Connection
from fachwerk.engine.work.queue import Job


@dataclass(frozen=True, slots=True)
class Inside:
    """Done in the transaction that settles the effect, exactly once; gives a word for the outcome, or ``None``."""

    work: Callable[[Connection, Job], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Made:
    """Something is made first, outside of any transaction, and then kept in the one that settles the effect."""

    make: Callable[[Job], Awaitable[Any]]
    """Changes nothing; what it gives is handed to *keep*."""
    keep: Callable[[Connection, Job, Any], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Outside:
    """Delivered first and settled then: at least once, the effect's id as its key; gives a word for the outcome."""

    work: Callable[[Job], Awaitable[str]]


class Undelivered(Exception):
    """The other side did not take it, and may do so later: not before *wait* seconds; the text says what it said."""

    def __init__(self, text: str, wait: float = 0) -> None:
        super().__init__(text)
        self.wait = wait


class GiveUp(Exception):
    """Trying again would not help; the text says why."""
