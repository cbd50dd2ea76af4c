"""The ways into the service that demo data takes, and a record on its way; without any knowledge of the service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from fachwerk.engine.demo.drawing import Candidates
from fachwerk.schemas.model import Period


class Acting(Protocol):
    """Somebody who acts."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


class Made(Protocol):
    """A record as the service returns it."""

    @property
    def id(self) -> str: ...
    @property
    def values(self) -> Mapping[str, object]: ...


@dataclass(frozen=True)
class Doors:
    """The ways into the service that demo data takes."""

    create: Callable[[Acting, str, Mapping[str, object]], Awaitable[Made]]
    act: Callable[[Acting, str, str, str, Mapping[str, object], str | None], Awaitable[Made]]
    set_time: Callable[[dt.datetime], None]
    look: Callable[[str, str], Awaitable[Made]]
    """Reads a record as the system, which sees everything."""
    limit: Callable[[Acting, str, str, str, str, Period | None], Awaitable[Made]]
    """Lets a time limit rest or go on, or extends it by a period, with a reason."""


@dataclass(frozen=True, slots=True)
class Case:
    """A record on its way."""

    record: str
    state: str
    moment: dt.datetime
    values: dict[str, object]
    sample: Candidates
