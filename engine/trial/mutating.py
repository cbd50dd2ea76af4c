"""Tries the scenarios on mutants of a configuration, in several processes, and says which of them none notices."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, cast

from fachwerk.engine.compile import App, RuleFunction, compile_app
from fachwerk.engine.decisions import callables
from fachwerk.engine.statements import remembering
from fachwerk.engine.trial.mutants import Mutant
from fachwerk.engine.trial.mutants_data import data_mutants
from fachwerk.engine.trial.mutants_flow import flow_mutants
from fachwerk.engine.trial.running import Result, run_scenario
from fachwerk.engine.trial.stage import Stage, open_stage
from fachwerk.engine.trial.tracing import Trace, compile_traced
from fachwerk.engine.trial.trying import chosen
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


def mutate(project: Project, wanted: Wanted, progress: Callable[[int, int], None] = lambda done, of: None) -> Score:
    """Try the scenarios on the mutants of *project*."""
    started = time.perf_counter()
    found = mutants(project)
    real = [index for index, one in enumerate(found) if one.equal is None]
    equal = len(found) - len(real)
    if wanted.most is not None and wanted.most < len(real):
        real = sorted(random.Random(wanted.seed).sample(real, wanted.most))
    said: dict[int, tuple[Noticed, bool]] = {}
    for index, noticed, reached in _results(project, real, wanted):
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


def _results(project: Project, indexes: Sequence[int], wanted: Wanted) -> Iterator[tuple[int, Noticed, bool]]:
    jobs = max(1, min(wanted.jobs, len(indexes)))
    if jobs == 1:
        found: list[tuple[int, Noticed, bool]] = []
        asyncio.run(_each(project, indexes, wanted.only, lambda *one: found.append(one)))
        yield from found
        return
    shares = [list(indexes[job::jobs]) for job in range(jobs)]
    yield from _parallel(dict(project.files), shares, wanted.only)


def _parallel(
    files: dict[str, bytes], shares: Sequence[Sequence[int]], only: str | None
) -> Iterator[tuple[int, Noticed, bool]]:  # fmt: skip
    """Try each of *shares* in a process of its own, and give what they say as it comes."""
    # A copy of this process would lack the threads that libraries started (documents are set with several).
    context: Any = multiprocessing.get_context("spawn")
    open_ends: list[Connection] = []
    for share in shares:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(files, share, only, theirs), daemon=True)
        worker.start()
        theirs.close()
        open_ends.append(ours)
    while open_ends:
        for end in wait(open_ends):
            assert isinstance(end, Connection)  # wait knows sockets, too
            try:
                said = end.recv()
            except EOFError:
                raise RuntimeError("a process that tried changes ended before it was done") from None
            if said is None:
                open_ends.remove(end)
            elif isinstance(said, str):
                raise RuntimeError(said)
            else:
                yield said


def _work(files: dict[str, bytes], indexes: Sequence[int], only: str | None, end: Connection) -> None:
    """Try some of the mutants in a process of its own; nothing is said when all is done, a text when it cannot be."""
    try:
        project, _ = read_project(files)
        assert project is not None
        asyncio.run(_each(project, indexes, only, lambda *one: end.send(one)))
    except Exception as error:
        end.send(f"{type(error).__name__}: {error}")
    else:
        end.send(None)


async def _each(
    project: Project, indexes: Sequence[int], only: str | None, tell: Callable[[int, Noticed, bool], None]
) -> None:  # fmt: skip
    """Try mutants one after the other, each with the scenarios that reach the changed part, the quickest first."""
    with remembering():
        await _one_by_one(project, indexes, only, tell)


async def _one_by_one(
    project: Project, indexes: Sequence[int], only: str | None, tell: Callable[[int, Noticed, bool], None]
) -> None:  # fmt: skip
    before = sorted(await _baseline(project, chosen(project, only)), key=lambda result: result.seconds)
    found = mutants(project)
    compiler = _Compiler(project)
    base = await open_stage(project)
    for index in indexes:
        mutant = found[index]
        scenarios = [one.scenario for one in before if not mutant.keys or mutant.keys & one.reached]
        noticed = None
        if scenarios and mutant.anew:
            stage = await open_stage(project, compiler.app(mutant.project, None))
            noticed = await _noticed(stage, scenarios)
            await stage.database.close()
        elif scenarios:
            app = compiler.app(mutant.project, base.app.tables)
            noticed = await _noticed(Stage(app, base.database), scenarios)
        tell(index, noticed, bool(scenarios))
    await base.database.close()


async def _baseline(project: Project, scenarios: Sequence[Scenario]) -> list[Result]:
    trace = Trace()
    stage = await open_stage(project, compile_traced(project, trace))
    try:
        return [await run_scenario(stage, scenario, trace) for scenario in scenarios]
    finally:
        await stage.database.close()


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
