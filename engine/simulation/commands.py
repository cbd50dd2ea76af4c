"""``fachwerk simulate`` as a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fachwerk.engine.simulation.assumptions import Assumptions, workflow_of
from fachwerk.engine.simulation.report import as_json, as_text
from fachwerk.engine.simulation.result import Result, result_of
from fachwerk.engine.simulation.running import Simulation
from fachwerk.engine.simulation.setting import set_up
from fachwerk.schemas.model import Project

People = list[tuple[str, int]]


async def simulated(
    project: Project, name: str | None, assumed: Assumptions,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[Result, People]:  # fmt: skip
    """Simulate cases of a workflow; return what came of it, and how many people held which role.

    Where people are away, the same is done with nobody away, too.
    """
    result, held = await _once(project, name, assumed, progress)
    if not assumed.anybody_away:
        return result, held
    full = replace(assumed, absent_all=0.0, absent={})
    return replace(result, without=(await _once(project, name, full, progress))[0]), held


async def _once(
    project: Project, name: str | None, assumed: Assumptions, progress: Callable[[int, int], None]
) -> tuple[Result, People]:
    setting = await set_up(project, workflow_of(project, name), assumed)
    simulation = Simulation(setting, assumed, progress)
    try:
        await simulation.run()
    finally:
        await setting.stage.database.close()
    held = [(role, sum(role in person.roles for person in setting.people.values())) for role in project.roles]
    return result_of(simulation, project), held


async def simulate(
    project: Project, name: str | None, assumed: Assumptions, language: str, *, json: bool,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> str:  # fmt: skip
    """Return the report of a simulation, as text or as JSON."""
    result, people = await simulated(project, name, assumed, progress)
    return as_json(result, people).decode() if json else as_text(result, project, people, language)
