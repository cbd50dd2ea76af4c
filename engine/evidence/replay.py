"""Times out of the steps of the history, replayed case by case: what SQL would sort again and again is read once.

Rows come in the order of the cases, and of each case in the order in which it went; only what a period needs is kept of
them: lengths by state, and counts.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fachwerk.engine.database import Row
from fachwerk.schemas.model import Workflow

Way = tuple[str, str, str]
"""Step, and the states before and after it."""
_QUARTER = 900
"""Days begin at a quarter of an hour of UTC in every zone."""


@dataclass(slots=True)
class Run:
    """Where a case stands in the runs of one time limit."""

    running: frozenset[str]
    on: bool = False
    late: bool = False


@dataclass
class Replay:
    """What the steps of cases of a workflow say about a period."""

    workflow: Workflow
    zone: dt.tzinfo
    begin: dt.datetime
    end: dt.datetime
    stays: dict[str, array[float]] = field(default_factory=lambda: defaultdict(lambda: array("d")))
    """State -> the seconds of stays that ended in the period."""
    ways: Counter[Way] = field(default_factory=Counter)
    entered: Counter[str] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)
    begun: Counter[dt.date] = field(default_factory=Counter)
    steps: Counter[dt.date] = field(default_factory=Counter)
    ended: Counter[dt.date] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        states = [state for one in self.workflow.versions for state in one.states.values()]
        self._final = frozenset(state.name for state in states if state.final)
        limits = self.workflow.deadlines.values()
        self._limits = {one.name: frozenset((*one.runs_in, *one.paused_in)) for one in limits}
        self._from, self._until = self.begin.timestamp(), self.end.timestamp()
        self._days: dict[int, dt.date] = {}
        self._record: object = None
        self._since: float | None = None
        self._been: set[str] = set()
        self._runs: dict[str, Run] = {}

    def take(self, rows: Iterable[Row]) -> None:
        """Take in further steps: record, moment, kind, action, state before and after."""
        for record, at, kind, action, before, after in rows:
            if record != self._record:
                self._record, self._since, self._been = record, None, set()
                self._runs = {name: Run(running) for name, running in self._limits.items()}
            moment = (dt.datetime.fromisoformat(at) if isinstance(at, str) else at).timestamp()
            inside = self._from <= moment < self._until
            if self._runs:
                self._limit(kind, action, before, after, inside=inside)
            if after is None or after == (before or ""):
                continue  # names no state, or only the one that it was done in
            if inside:
                self._moved(moment, action, before, after)
            self._since = moment
            self._been.add(after)

    def _moved(self, moment: float, action: str | None, before: str | None, after: str) -> None:
        self.entered[after] += 1
        self.again[after] += after in self._been
        day = self._day(moment)
        if before is None:
            self.begun[day] += 1
            return
        self.ways[action or "", before, after] += 1
        self.steps[day] += 1
        self.ended[day] += after in self._final and before not in self._final
        if self._since is not None:
            self.stays[before].append(moment - self._since)

    def _limit(self, kind: str, action: str | None, before: str | None, after: str | None, *, inside: bool) -> None:
        for name, run in self._runs.items():
            if after in run.running and before not in run.running:
                run.on, run.late = True, False
            if kind == "deadline" and action == name:
                run.late = True
            if inside and after is not None and before in run.running and after not in run.running:
                (self.missed if run.on and run.late else self.kept)[name] += 1

    def _day(self, moment: float) -> dt.date:
        quarter = int(moment // _QUARTER)
        found = self._days.get(quarter)
        if found is None:
            found = self._days[quarter] = dt.datetime.fromtimestamp(moment, self.zone).date()
        return found


def spread(lengths: Sequence[float]) -> tuple[float, float, float, float, float]:
    """Return the quartiles, the ninth tenth and the longest of lengths (the nearest rank)."""
    ordered, count = sorted(lengths), len(lengths)
    ranks = ((1, 4), (1, 2), (3, 4), (9, 10))
    q1, median, q3, ninety = (ordered[-(-count * part // whole) - 1] for part, whole in ranks)
    return q1, median, q3, ninety, ordered[-1]
