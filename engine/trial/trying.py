"""Tries the scenarios of a configuration and says what they reach."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fachwerk.engine.trial.apart import Take, Tell, copies, in_copies
from fachwerk.engine.trial.coverage import Reached, coverage
from fachwerk.engine.trial.running import Result, run_scenario
from fachwerk.engine.trial.stage import Stage, open_stage
from fachwerk.engine.trial.tracing import Trace, compile_traced
from fachwerk.schemas.model import Project
from fachwerk.schemas.scenario import Scenario

FEW = 3
"""For fewer scenarios than this another process does not pay."""
SOON = 0.25
"""Seconds within which all is done before others would be of use."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How the scenarios went, what they reach together, and how long they took (seconds, without compiling)."""

    results: tuple[Result, ...]
    reached: tuple[Reached, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether all passed."""
        return all(result.passed for result in self.results)


def chosen(project: Project, only: str | None) -> tuple[Scenario, ...]:
    """Return the scenarios in the order of the files, those with *only* in their name or file."""
    found = project.scenarios.values()
    wanted = (only or "").casefold()
    fitting = [one for one in found if wanted in one.name.casefold() or wanted in one.span.source.name.casefold()]
    return tuple(sorted(fitting, key=lambda one: (one.span.source.name, one.span.start)))


def try_scenarios(
    project: Project, scenarios: Sequence[Scenario], each: Callable[[Result], None] = lambda result: None, jobs: int = 1
) -> Tried:
    """Carry out *scenarios*, in up to *jobs* processes; *each* learns of every result in their order."""
    trace = Trace()
    stage = asyncio.run(open_stage(project, compile_traced(project, trace)))
    started = time.perf_counter()
    results = []
    for result in _results(stage, trace, scenarios, jobs):
        results.append(result)
        each(result)
    asyncio.run(stage.database.close())
    took = time.perf_counter() - started
    keys = frozenset(key for result in results for key in result.reached)
    return Tried(tuple(results), coverage(project, keys), took)


def _results(stage: Stage, trace: Trace, scenarios: Sequence[Scenario], jobs: int) -> Iterator[Result]:
    """Give the results in the order of the scenarios.

    The first ones are carried out here: that leaves the copies with statements made and libraries loaded. Documents are
    not set here, as that starts threads that a copy would lack; Word files are filled without.
    """
    first, started = 0, time.perf_counter()
    if jobs == 1 or all(letter.file for letter in stage.app.project.letters.values()):
        with asyncio.Runner() as runner:
            while first < len(scenarios) and not _pays(len(scenarios) - first, time.perf_counter() - started, jobs):
                yield runner.run(run_scenario(stage, scenarios[first], trace))
                first += 1
    left = scenarios[first:]
    if left and copies():
        yield from _in_copies(stage, trace, left, jobs)
    elif left:
        yield from _results(stage, trace, left, 1)


def _pays(left: int, seconds: float, jobs: int) -> bool:
    """Whether it is worth it to have what is left done by several processes."""
    return jobs > 1 and left >= 2 * FEW and seconds > SOON


def _in_copies(stage: Stage, trace: Trace, scenarios: Sequence[Scenario], jobs: int) -> Iterator[Result]:
    """Give the results in the order of the scenarios, each as soon as those before it are there."""

    async def some(take: Take, tell: Tell) -> None:
        await stage.database.anew()
        while (number := take()) is not None:
            result = await run_scenario(stage, scenarios[number], trace)
            tell((number, result.problems, result.seconds, result.reached))

    wanted = max(1, min(jobs, len(scenarios) // FEW))
    there: dict[int, Result] = {}
    following = 0
    for number, *rest in in_copies(lambda take, tell: asyncio.run(some(take, tell)), len(scenarios), wanted):
        there[number] = Result(scenarios[number], *rest)
        while following in there:
            yield there.pop(following)
            following += 1
