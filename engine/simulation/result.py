"""What a simulation found, as data: times, queues, ends, dead ends, what never happened, what was assumed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fachwerk.engine.simulation.assumptions import Assumptions, steps_of
from fachwerk.engine.simulation.going import Going, Stuck
from fachwerk.engine.simulation.running import Simulation
from fachwerk.engine.simulation.tally import Tally, share
from fachwerk.problems import Problems
from fachwerk.schemas.model import Project, Workflow
from fachwerk.workflows.check import Verdict, check_workflow


@dataclass(frozen=True, slots=True)
class Spread:
    """Lengths of the calendar: how many, the median, what nine of ten do not exceed, and all together."""

    count: int
    median: dt.timedelta | None
    ninety: dt.timedelta | None
    total: dt.timedelta = dt.timedelta()


@dataclass(frozen=True, slots=True)
class Crew:
    """A role: its people, what they did, how long work waited for them, and how much of their time was work."""

    role: str
    people: int
    steps: int
    waited: Spread
    queue: float
    """How much work waited on average."""
    most: int
    used: float
    """Share of the office hours that they were there, for all they did (in other roles, too)."""
    away: float
    """Share of their office hours that they were away."""
    held: Spread
    """How long work waited that only somebody could do who was away."""
    eyes: int
    """How often others were there then, whom an earlier step of theirs kept from it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: how often it ran, was missed and was extended, and how long people let it rest."""

    run: int
    missed: int
    extended: int
    rested: Spread


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """Cases that cannot go on: where, how many, why, and the last steps of one of them."""

    state: str
    count: int
    reason: Stuck
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that a simulation found."""

    workflow: Workflow
    assumed: Assumptions
    cases: int
    refused: int
    steps: int
    begun: dt.datetime
    ended: dt.datetime
    stays: dict[str, Spread]
    crews: tuple[Crew, ...]
    outcomes: dict[str, Spread]
    whole: Spread
    """How long all cases took that ended."""
    open: dict[str, int]
    """State -> cases that stood there at the end and could have gone on."""
    tired: int
    limits: dict[str, Limit]
    dead_ends: tuple[DeadEnd, ...]
    taken: dict[str, int]
    """Step -> how often."""
    never: tuple[str, ...]
    verdict: Verdict
    named: Spread
    """How long people were waited for whom the cases name, because they were away."""
    kept_waiting: dict[str, int]
    """State -> cases that in the end waited there for somebody who was away."""
    without: Result | None = None
    """The same with nobody away, where people are away."""


    @property
    def contradicts(self) -> bool:
        """Whether a case got stuck where the model check proved that none can, and not for want of people."""
        proved = self.verdict.proved and not self.verdict.stuck and not self.verdict.endless
        return proved and any(one.reason.sure and not one.reason.people for one in self.dead_ends)


def result_of(simulation: Simulation, project: Project) -> Result:
    """Return what a finished simulation of a workflow of *project* found."""
    setting, tally = simulation.setting, simulation.tally
    workflow = project.workflows[setting.workflow.name]
    taken = set(tally.taken)
    automatic = [step.name for step in workflow.transitions.values() if not step.by]
    running = [case for case in simulation.cases if not case.ended and case.stuck is None]
    return Result(
        workflow, simulation.assumed, tally.cases, tally.refused, tally.steps, simulation.begun, simulation.ended,
        {name: _spread(tally.stays.get(name, ())) for name, state in workflow.states.items() if not state.final},
        tuple(_crews(simulation)),
        {name: _spread(tally.lengths.get(name, ())) for name, state in workflow.states.items() if state.final},
        _spread([one for lengths in tally.lengths.values() for one in lengths]),
        dict(Counter(case.state for case in running)), sum(case.tired for case in running),
        {name: _limit(tally, name) for name in workflow.deadlines},
        tuple(_dead_ends(simulation.cases)), dict(sorted(tally.taken.items())),
        tuple(name for name in dict.fromkeys([*steps_of(workflow), *automatic]) if name not in taken),
        check_workflow(workflow, project, Problems()), _spread(tally.held.get("", ())),
        dict(Counter(case.state for case in running if any(item.held for item in case.items.values()))),
    )  # fmt: skip


def _limit(tally: Tally, name: str) -> Limit:
    return Limit(tally.run[name], tally.missed[name], tally.extended[name], _spread(tally.rests.get(name, ())))


def _spread(lengths: Sequence[dt.timedelta]) -> Spread:
    return Spread(len(lengths), share(lengths, 0.5), share(lengths, 0.9), sum(lengths, dt.timedelta()))


def _crews(simulation: Simulation) -> Iterable[Crew]:
    tally, setting = simulation.tally, simulation.setting
    office = simulation.hours.between(simulation.begun, simulation.ended).total_seconds()
    whole = (simulation.ended - simulation.begun).total_seconds()
    for role in dict.fromkeys([*tally.most, *tally.done_by]):
        if setting.project.roles[role].signs_up and not tally.done_by[role]:
            continue  # they may, say, withdraw what somebody else goes on with: nothing waits for them
        names = [name for name, person in setting.people.items() if role in person.roles]
        busy = sum(tally.busy[name].total_seconds() for name in names)
        waited = tally.waits.get(role, [])
        waiting = sum(one.total_seconds() for one in waited)
        lost = sum(simulation.away.lost(name, simulation.begun, simulation.ended).total_seconds() for name in names)
        there = office * len(names) - lost
        yield Crew(
            role, len(names), tally.done_by[role], _spread(waited), waiting / whole if whole else 0.0,
            tally.most[role], busy / there if there > 0 else 0.0, lost / (lost + there) if lost else 0.0,
            _spread(tally.held.get(role, ())), tally.eyes[role],
        )  # fmt: skip


def _dead_ends(cases: Iterable[Going]) -> Iterable[DeadEnd]:
    found: dict[tuple[str, Stuck], list[Going]] = {}
    for case in cases:
        if case.stuck is not None and not case.ended:
            found.setdefault((case.state, case.stuck), []).append(case)
    for (state, reason), stuck in sorted(found.items(), key=lambda pair: -len(pair[1])):
        shortest = min(stuck, key=lambda case: len(case.trace))
        yield DeadEnd(state, len(stuck), reason, tuple(shortest.trace))
