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
SOON = 0.4
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

    def tell(result: Result) -> None:
        results.append(result)
        each(result)

    left = scenarios[_here(stage, trace, scenarios, tell, jobs) :]
    if left and copies():
        for result in _in_copies(stage, trace, left, jobs):
            tell(result)
    else:
        _here(stage, trace, left, tell)
    asyncio.run(stage.database.close())
    took = time.perf_counter() - started
    keys = frozenset(key for result in results for key in result.reached)
    return Tried(tuple(results), coverage(project, keys), took)


def _here(
    stage: Stage, trace: Trace, scenarios: Sequence[Scenario], tell: Callable[[Result], None], jobs: int = 1
) -> int:
    """Carry out scenarios in this process, as long as others would not help; return how many.

    With several *jobs* these are the first ones: that leaves the copies with statements made and libraries loaded.
    Documents are not set here then, as that starts threads that a copy would lack; Word files are filled without.
    """
    if jobs > 1 and not all(letter.file for letter in stage.app.project.letters.values()):
        return 0

    async def some() -> int:  # what this returned would be written out as a text at the end: it is but a number
        started = time.perf_counter()
        for number, scenario in enumerate(scenarios):
            if _pays(len(scenarios) - number, time.perf_counter() - started, jobs):
                return number
            tell(await run_scenario(stage, scenario, trace))
        return len(scenarios)

    return asyncio.run(some())


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
