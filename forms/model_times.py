"""View data of the page of times; see :mod:`fachwerk.forms.model`. Numbers and lengths are texts already."""

from __future__ import annotations

from dataclasses import dataclass

from fachwerk.forms.model_frame import Link, Shell


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar that goes from *low* to *high* with a line at *middle*, as shares of the widest (0 to 1)."""

    low: float
    high: float
    middle: float | None = None


@dataclass(frozen=True, slots=True)
class StayRow:
    """One state: how long cases stayed there, and how many stand there now."""

    state: str
    href: str
    ended: str
    median: str
    quartiles: str
    longest: str
    bar: Bar | None
    now: str
    since: str
    since_longest: str


@dataclass(frozen=True, slots=True)
class WayRow:
    """One step from a state to another."""

    step: str
    source: str
    target: str
    count: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class LoopRow:
    """A state to which cases came back."""

    state: str
    entered: str
    again: str
    share: str


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A time limit."""

    name: str
    kept: str
    missed: str
    share: str
    running: str
    overdue: str


@dataclass(frozen=True, slots=True)
class Column:
    """A week or a month: how much began and ended, as numbers and in words."""

    label: str
    begun: int
    ended: int
    steps: int


@dataclass(frozen=True, slots=True)
class TimesChart:
    """The times of one workflow."""

    label: str
    empty: bool
    stays: tuple[StayRow, ...]
    columns: tuple[Column, ...]
    by_month: bool
    flow: str
    """The columns in words."""
    ways: tuple[WayRow, ...]
    loops: tuple[LoopRow, ...]
    limits: tuple[LimitRow, ...]


@dataclass(frozen=True, slots=True)
class TimesView:
    """The times of the cases of an entity within a period."""

    shell: Shell
    title: str
    path: str
    periods: tuple[tuple[Link, bool], ...]
    """The usual periods, and which one is shown."""
    begin: str
    end: str
    exports: tuple[Link, ...]
    charts: tuple[TimesChart, ...]
