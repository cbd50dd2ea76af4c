"""The decisions of a project as functions, each made after those that it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from fachwerk.problems import Problems
from fachwerk.rules.tables.decisions import Body, calls, compile_body, order
from fachwerk.rules.to_python import Environment
from fachwerk.schemas.model import Decision, Project


def callables(project: Project) -> Mapping[str, Callable[..., object]]:
    """Return the decisions of *project* by name; each takes the values of its parameters in their order."""
    decisions: Mapping[str, Decision] = {name: d for name, d in project.decisions.items() if d.body is not None}
    called = {name: calls(cast(Body, decision.body), decisions) for name, decision in decisions.items()}
    spans = {name: decision.span for name, decision in decisions.items()}
    found: dict[str, Callable[..., object]] = {}
    for name in order(called, spans, Problems()):
        decision = decisions[name]
        names = [parameter for parameter, _ in decision.parameters]
        found[name] = compile_body(cast(Body, decision.body), names, Environment(dict(found)))
    return found
