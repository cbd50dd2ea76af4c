"""Tries the scenarios on mutants of a configuration, in several processes, and says which of them none notices."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from fachwerk.engine.compile import App, RuleFunction, compile_app
from fachwerk.engine.decisions import callables
from fachwerk.engine.statements import remembering
from fachwerk.engine.trial.apart import Take, Tell, copies, in_copies, in_new
from fachwerk.engine.trial.mutants import Mutant
from fachwerk.engine.trial.mutants_data import data_mutants
from fachwerk.engine.trial.mutants_flow import flow_mutants
from fachwerk.engine.trial.running import Result, run_scenario
from fachwerk.engine.trial.stage import Stage, open_stage
from fachwerk.engine.trial.trying import chosen, try_scenarios
from fachwerk.problems import Span, Text
from fachwerk.rules.check import Checked
from fachwerk.rules.to_python import Environment, compile_record_rule
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from fachwerk.schemas.scenario import Scenario
from fachwerk.schemas.tables import Tables

Noticed = str | None
"""The name of the scenario that noticed a mutant; ``None``: none did."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no scenario noticed; *reached* says whether one touched the changed part at all."""

    span: Span
    owner: str
    what: Text
    reached: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How many mutants were tried and noticed, those left out as equal in meaning, and which survived."""

    tried: int
    noticed: int
    equal: int
    survivors: tuple[Survivor, ...]
    seconds: float

    @property
    def percent(self) -> float:
        """How many of a hundred were noticed."""
        return 100.0 * self.noticed / self.tried if self.tried else 100.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which mutants, and how: at most *most* of them, drawn by *seed*; with the scenarios that *only* chooses."""

    jobs: int = 1
    most: int | None = None
    seed: int = 1
    only: str | None = None


def mutants(project: Project) -> list[Mutant]:
    """Return all mutants of *project*, in a fixed order."""
    return [*flow_mutants(project), *data_mutants(project)]


def mutate(
    project: Project, wanted: Wanted, progress: Callable[[int, int], None] = lambda done, of: None,
    before: Sequence[Result] = (),
) -> Score:  # fmt: skip
    """Try the scenarios on the mutants of *project*; *before* are their results on the project itself, if known."""
    started = time.perf_counter()
    found = mutants(project)
    real = [index for index, one in enumerate(found) if one.equal is None]
    equal = len(found) - len(real)
    if wanted.most is not None and wanted.most < len(real):
        real = sorted(random.Random(wanted.seed).sample(real, wanted.most))
    said: dict[int, tuple[Noticed, bool]] = {}
    for index, noticed, reached in _results(project, found, real, wanted, before):
        said[index] = (noticed, reached)
        progress(len(said), len(real))
    survivors = [
        Survivor(found[index].span, found[index].owner, found[index].what, said[index][1])
        for index in real
        if said[index][0] is None
    ]
    survivors.sort(key=lambda one: (one.span.source.name, one.span.start))
    took = time.perf_counter() - started
    return Score(len(real), len(real) - len(survivors), equal, tuple(survivors), took)


def _results(
    project: Project, found: Sequence[Mutant], indexes: Sequence[int], wanted: Wanted, before: Sequence[Result]
) -> Iterator[tuple[int, Noticed, bool]]:
    jobs = max(1, min(wanted.jobs, len(indexes)))
    if jobs > 1 and not copies():
        shares = [list(indexes[job::jobs]) for job in range(jobs)]
        yield from in_new(_anew, (dict(project.files), wanted.only), shares)
        return
    before = before or try_scenarios(project, chosen(project, wanted.only), jobs=jobs).results
    with remembering():
        trials = _Trials(project, found, before)
        if jobs > 1:
            yield from in_copies(lambda take, tell: asyncio.run(trials.some(indexes, take, tell)), len(indexes), jobs)
        else:
            yield from trials.all(indexes)
        trials.close()


def _anew(files: dict[str, bytes], only: str | None, share: list[int], tell: Tell) -> None:
    """Try some of the mutants in a process of its own, which has to read the project first."""
    project, _ = read_project(files)
    assert project is not None
    before = try_scenarios(project, chosen(project, only)).results
    with remembering():
        for one in _Trials(project, mutants(project), before).all(share):
            tell(one)


class _Trials:
    """Tries mutants one after the other, each with the scenarios that reach the changed part, the quickest first."""

    def __init__(self, project: Project, found: Sequence[Mutant], before: Sequence[Result]) -> None:
        self._found, self._before = found, sorted(before, key=lambda result: result.seconds)
        self._compiler = _Compiler(project)
        self._base = asyncio.run(open_stage(project))

    async def some(self, indexes: Sequence[int], take: Take, tell: Tell) -> None:
        """Try those of *indexes* that are left to take, in a copy of the process in which this was made."""
        await self._base.database.anew()
        while (number := take()) is not None:
            tell(await self._one(indexes[number]))

    def all(self, indexes: Iterable[int]) -> Iterator[tuple[int, Noticed, bool]]:
        """Try all of *indexes*."""
        with asyncio.Runner() as runner:
            for index in indexes:
                yield runner.run(self._one(index))

    def close(self) -> None:
        """Let go of the database."""
        asyncio.run(self._base.database.close())

    async def _one(self, index: int) -> tuple[int, Noticed, bool]:
        mutant, base = self._found[index], self._base
        scenarios = [one.scenario for one in self._before if not mutant.keys or mutant.keys & one.reached]
        if not scenarios:
            return index, None, False
        press = base.service.kit.press
        if not mutant.anew:
            app = self._compiler.app(mutant.project, base.app.tables)
            return index, await _noticed(Stage(app, base.database, press), scenarios), True
        stage = await open_stage(mutant.project, self._compiler.app(mutant.project, None), press)
        noticed = await _noticed(stage, scenarios)
        await stage.database.close()
        return index, noticed, True


async def _noticed(stage: Stage, scenarios: Sequence[Scenario]) -> Noticed:
    for scenario in scenarios:
        try:
            result = await run_scenario(stage, scenario)
        except Exception:
            return scenario.name  # what does not run at all is noticed
        if not result.passed:
            return scenario.name
    return None


class _Compiler:
    """Compiles mutants; rules that are as before are compiled once."""

    def __init__(self, project: Project) -> None:
        self._decisions = project.decisions
        self._environment = Environment(callables(project))
        self._made: dict[int, RuleFunction] = {}
        self._kept: list[Checked] = []
        """Kept alive, so that no other rule gets the same id."""

    def app(self, project: Project, tables: Tables | None) -> App:
        """Return a mutant, compiled; on *tables* that are there, where it has no others."""
        if project.decisions is not self._decisions:
            environment = Environment(callables(project))
            return compile_app(
                project, "sqlite", lambda checked: cast(RuleFunction, compile_record_rule(checked, environment)), tables
            )
        return compile_app(project, "sqlite", self._rule, tables)

    def _rule(self, checked: Checked) -> RuleFunction:
        made = self._made.get(id(checked))
        if made is None:
            made = self._made[id(checked)] = cast(RuleFunction, compile_record_rule(checked, self._environment))
            self._kept.append(checked)
        return made
