"""What rules are compiled into: the decisions they may call, and what a rule over records is evaluated with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableSequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from fachwerk.rules.values.limits import Failure


@dataclass(frozen=True, eq=False)
class Environment:
    """*decisions* by name: each is called with the values of its parameters in their order.

    A decision that the scope knows as a value (without parameters) is called when its name is read.
    """

    decisions: Mapping[str, Callable[..., object]] = field(default_factory=dict)


class Context(Protocol):
    """What a rule over records is evaluated with, besides the record."""

    @property
    def me(self) -> Mapping[str, object] | None:
        """The record of the acting user."""

    @property
    def mine(self) -> Mapping[str, Mapping[str, object] | None]:
        """By entity, the record whose user field is the acting user."""

    @property
    def now(self) -> datetime:
        """The moment of the evaluation, with an offset."""

    @property
    def today(self) -> date:
        """The day of the evaluation."""

    @property
    def failures(self) -> MutableSequence[Failure] | None:
        """Where failures go; ``None`` where nobody asks."""


@dataclass(slots=True)
class Evaluation:
    """A ready-made :class:`Context`."""

    now: datetime
    today: date
    me: Mapping[str, object] | None = None
    mine: Mapping[str, Mapping[str, object] | None] = field(default_factory=dict)
    failures: list[Failure] | None = None
