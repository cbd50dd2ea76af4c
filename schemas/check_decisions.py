"""Checks of decisions as a set: circles, inputs that decide nothing."""

from __future__ import annotations

from fachwerk.problems import Problems
from fachwerk.rules.check import Checked
from fachwerk.rules.tables.check import CheckedTable
from fachwerk.rules.tables.decisions import calls, order
from fachwerk.schemas import codes_entity as codes
from fachwerk.schemas.model import Decision, Project
from fachwerk.schemas.read_world import World


def check_decisions(project: Project, world: World) -> None:
    """Note circles of decisions, and inputs that nothing reads; note which decisions others call."""
    called = {
        name: sorted(calls(decision.body, project.decisions) - {name} if _readable(decision) else ())  # type: ignore[arg-type]
        for name, decision in project.decisions.items()
    }
    for others in called.values():
        world.called.update(others)
    order(called, {name: decision.span for name, decision in project.decisions.items()}, world.problems)
    for decision in project.decisions.values():
        if _readable(decision):
            _inputs(decision, world, world.problems)


def _readable(decision: Decision) -> bool:
    return isinstance(decision.body, Checked | CheckedTable) and decision.body is not None


def _inputs(decision: Decision, world: World, problems: Problems) -> None:
    body = decision.body
    assert isinstance(body, Checked | CheckedTable)
    read = {path[0] for path in body.reads if path}
    if isinstance(body, Checked) and not body.ok:
        return
    if isinstance(body, CheckedTable) and not body.ok:
        return
    keys = world.input_spans.get(decision.name, {})
    for name, _ in decision.parameters:
        if name not in read and name in keys:
            problems.add(codes.UNUSED_INPUT.at(keys[name], name=name))
