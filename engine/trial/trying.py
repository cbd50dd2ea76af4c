"""Tries the scenarios of a configuration, one after the other, and says what they reach."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fachwerk.engine.trial.coverage import Reached, coverage
from fachwerk.engine.trial.running import Result, run_scenario
from fachwerk.engine.trial.stage import open_stage
from fachwerk.engine.trial.tracing import Trace, compile_traced
from fachwerk.schemas.model import Project
from fachwerk.schemas.scenario import Scenario


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
    project: Project, scenarios: Sequence[Scenario], each: Callable[[Result], None] = lambda result: None
) -> Tried:
    """Carry out *scenarios*; *each* learns of every result at once."""
    return asyncio.run(_try(project, scenarios, each))


async def _try(project: Project, scenarios: Sequence[Scenario], each: Callable[[Result], None]) -> Tried:
    trace = Trace()
    stage = await open_stage(project, compile_traced(project, trace))
    started = time.perf_counter()
    results = []
    try:
        for scenario in scenarios:
            result = await run_scenario(stage, scenario, trace)
            results.append(result)
            each(result)
    finally:
        await stage.database.close()
    took = time.perf_counter() - started
    keys = frozenset(key for result in results for key in result.reached)
    return Tried(tuple(results), coverage(project, keys), took)
