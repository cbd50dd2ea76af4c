"""The decisions of a project as functions, each made after those that it calls, and one of them asked by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from fachwerk.problems import Problems, Refused, nearest
from fachwerk.rules.shell import Answer, show
from fachwerk.rules.tables.decisions import Body, calls, compile_body, order
from fachwerk.rules.to_python import Environment
from fachwerk.rules.values.kinds import to_value
from fachwerk.rules.values.limits import Failure, evaluation
from fachwerk.schemas.model import Decision, Project

Make = Callable[[Body, Iterable[str], Environment], Callable[..., object]]


def callables(project: Project, make: Make = compile_body) -> Mapping[str, Callable[..., object]]:
    """Return the decisions of *project* by name; each takes the values of its parameters in their order.

    *make* makes a function of what a decision is made of.
    """
    decisions: Mapping[str, Decision] = {name: d for name, d in project.decisions.items() if d.body is not None}
    called = {name: calls(cast(Body, decision.body), decisions) for name, decision in decisions.items()}
    spans = {name: decision.span for name, decision in decisions.items()}
    found: dict[str, Callable[..., object]] = {}
    for name in order(called, spans, Problems()):
        decision = decisions[name]
        names = [parameter for parameter, _ in decision.parameters]
        found[name] = make(cast(Body, decision.body), names, Environment(dict(found)))
    return found


def decide_project(project: Project, name: str, inputs: Mapping[str, object]) -> Answer:
    """Return the result of the decision *name* for *inputs* by name; what is not given is null.

    Raises ``Refused`` where the decision or an input is unknown, with the nearest name.
    """
    functions = callables(project)
    if name not in functions:
        raise _unknown("decision", "Entscheidung", name, list(functions))
    parameters = [parameter for parameter, _ in project.decisions[name].parameters]
    for given in inputs:
        if given not in parameters:
            raise _unknown("input", "Eingabe", given, parameters)
    failures: list[Failure] = []
    with evaluation(failures=failures):
        value = functions[name](*[to_value(inputs.get(parameter)) for parameter in parameters])
    return Answer(show(value), value, tuple(failures), Problems())


def _unknown(what: str, german: str, name: str, known: list[str]) -> Refused:
    near = nearest(name, known)
    more = (f"; did you mean `{near}`?", f"; gemeint `{near}`?") if near else ("", "")
    message = {
        "en": f"there is no {what} `{name}`{more[0]}",
        "de": f"eine {german} `{name}` gibt es nicht{more[1]}",
    }
    return Refused(f"unknown-{what}", message, status=404)
