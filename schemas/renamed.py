"""Names of before: where something is still called as it was before its ``was``, the problem says its name of today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from fachwerk.problems import Problem, Problems
from fachwerk.schemas.past import Past
from fachwerk.schemas.wording import both

Former = tuple[str, str, str]
"""Where (an entity, workflow or field; empty: anywhere), the name of before, the name of today."""


def with_names_of_today(problems: Problems, past: Past) -> Problems:
    """Return *problems*; those of a name that was renamed say its new one as what is to be done."""
    known = {
        "unknown-role": list(_all(past.roles.items())),
        "unknown-entity": list(_all(past.entities.items())),
        "unknown-field": [(entity, was, now) for (entity, now), was in past.fields.items()],
        "unknown-option": list(_options(past)),
        "unknown-state": [(flow, was, now) for flow, names in past.states.items() for was, now in names.items()],
    }
    for kind in ("transition", "part"):
        known[f"unknown-{kind}"] = [(flow, was, now) for (flow, of, now), was in past.steps.items() if of == kind]
    known["unknown-transition"] += known["unknown-part"]  # four eyes name both
    known["unknown-name"] = known["unknown-field"]
    known["scenario-value"] = known["unknown-option"] + known["unknown-state"]
    if not any(known.values()):
        return problems
    result = Problems()
    result.extend(_told(problem, known.get(problem.code, ())) for problem in problems)
    return result


def _all(pairs: Iterable[tuple[str, str]]) -> Iterator[Former]:
    for now, was in pairs:
        yield "", was, now


def _options(past: Past) -> Iterator[Former]:
    for (entity, field, now), names in past.options.items():
        for was in names:
            yield f"{entity}.{field}", was, now


def _told(problem: Problem, known: Iterable[Former]) -> Problem:
    wrong = str(problem.values.get("value" if problem.code == "scenario-value" else "name"))
    named = [(where, now) for where, was, now in known if was == wrong]
    owner = str(problem.values.get("field") or problem.values.get("of_en") or problem.values.get("of") or "")
    fitting = {now for where, now in named if where and where in owner} or {now for _, now in named}
    if len(fitting) != 1:
        return problem
    now = fitting.pop()
    return replace(problem, better_remedy=both(f"it is called `{now}` now", f"es heißt jetzt `{now}`"))
