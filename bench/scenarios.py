"""How many scenarios a second ``fachwerk test`` carries out, and how many of their steps.

Modules are compiled already, as they are where Fachwerk is in use. For each project: its scenarios once in a new
process, as the command does; the same once more, when all statements are made; and so often that there are about a
hundred, in one process and in as many as there are cores. Seconds of the clock and of all processors: where a machine
has other work, the latter count. The last line is JSON.

    python bench/scenarios.py
"""
# ruff: noqa: E402 - the path is put in order before anything else is imported

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# This folder must not be looked into for modules: http.py is called like one of the standard library.
sys.path[:] = [str(HERE.parent), *(path for path in sys.path if Path(path or ".").resolve() != HERE)]

import argparse
import asyncio
import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable

from fachwerk.engine.trial.apart import cores
from fachwerk.engine.trial.running import run_scenario
from fachwerk.engine.trial.stage import open_stage
from fachwerk.engine.trial.tracing import Trace, compile_traced
from fachwerk.engine.trial.trying import chosen, try_scenarios
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from fachwerk.schemas.scenario import Scenario

EXAMPLES = HERE.parent / "examples"
NAMES = ("healthcare", "real_estate", "public_sector", "building_permits")


def processor() -> float:
    """Return the seconds that this process and those that it waited for have used."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def said(scenarios: tuple[Scenario, ...], seconds: float, used: float) -> dict[str, float]:
    """Return what was measured."""
    steps = sum(len(one.steps) for one in scenarios)
    return {
        "scenarios": len(scenarios), "steps": steps, "seconds": round(seconds, 3), "processor": round(used, 3),
        "scenarios_a_second": round(len(scenarios) / seconds, 1), "steps_a_second": round(steps / seconds),
        "ms_of_processor_a_step": round(1000 * used / steps, 2),
    }  # fmt: skip


def once(project: Project, scenarios: tuple[Scenario, ...], jobs: int) -> dict[str, float]:
    """Carry them out as the command does."""
    before = processor()
    tried = try_scenarios(project, scenarios, jobs=jobs)
    assert tried.passed, [problem.message() for one in tried.results for problem in one.problems]
    return said(scenarios, tried.seconds, processor() - before)


def again(project: Project, scenarios: tuple[Scenario, ...]) -> dict[str, float]:
    """Carry them out for a second time on a stage, the best of some."""

    async def measured() -> dict[str, float]:
        trace = Trace()
        stage = await open_stage(project, compile_traced(project, trace))
        found = []
        for _ in range(8):
            started, before = time.perf_counter(), processor()
            for scenario in scenarios:
                assert (await run_scenario(stage, scenario, trace)).passed
            found.append((time.perf_counter() - started, processor() - before))
        await stage.database.close()
        return said(scenarios, min(took for took, _ in found[1:]), min(used for _, used in found[1:]))

    return asyncio.run(measured())


def measure(folder: Path, what: str) -> dict[str, float]:
    """Measure one thing in this process."""
    project, _ = read_project(folder)
    assert project is not None
    scenarios = chosen(project, None)
    hundred = scenarios * max(1, round(100 / len(scenarios)))
    ways: dict[str, Callable[[], dict[str, float]]] = {
        "first": lambda: once(project, scenarios, cores()),
        "first_alone": lambda: once(project, scenarios, 1),
        "again": lambda: again(project, scenarios),
        "hundred_alone": lambda: once(project, hundred, 1),
        "hundred": lambda: once(project, hundred, cores()),
    }
    return ways[what]()


def main() -> None:
    """Measure each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[EXAMPLES / name for name in NAMES])
    parser.add_argument("--what", help=argparse.SUPPRESS)
    chosen_ = parser.parse_args()
    if chosen_.what:
        print(json.dumps(measure(chosen_.folders[0], chosen_.what)))
        return
    found: dict[str, object] = {"cores": cores(), "load": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as modules:
        compiled = {**os.environ, "PYTHONPYCACHEPREFIX": modules, "PYTHONDONTWRITEBYTECODE": ""}
        run(chosen_.folders[0], "first_alone", compiled)
        for folder in chosen_.folders:
            found[folder.name] = told(folder, compiled)
    print(json.dumps(found))


def told(folder: Path, environment: dict[str, str]) -> dict[str, object]:
    """Measure and say all of one project."""
    made: dict[str, object] = {}
    for what in ("first", "first_alone", "again", "hundred_alone", "hundred"):
        made[what] = one = run(folder, what, environment)
        print(f"{folder.name:16} {what:14} {one['scenarios']:4} scenarios, {one['steps']:5} steps: "
              f"{one['seconds']:7.3f} s, {one['processor']:7.3f} s of processor: "
              f"{one['scenarios_a_second']:6.1f}/s, {one['steps_a_second']:5} steps/s", flush=True)  # fmt: skip
    return made


def run(folder: Path, what: str, environment: dict[str, str]) -> dict[str, float]:
    """Measure one thing in a new process."""
    command = [sys.executable, __file__, str(folder), "--what", what]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(done.stderr)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


if __name__ == "__main__":
    main()
