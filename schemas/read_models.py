"""Decisions of the `.dmn` files of a project: known by name to all rules, like those of the YAML files."""

from __future__ import annotations

from collections.abc import Mapping

from fachwerk.rules.dmn.codes import SAME_NAME
from fachwerk.rules.tables.decisions import Ready
from fachwerk.schemas.model import Decision
from fachwerk.schemas.read_world import World


def read_models(world: World, files: Mapping[str, bytes]) -> dict[str, Decision]:
    """Return what the DMN files among *files* decide, and make it known to the rules of *world*.

    What has problems is left out; the problems are noted.
    """
    found = {name: data for name, data in files.items() if name.lower().endswith(".dmn")}
    if not found:
        return {}
    from fachwerk.rules.dmn.models import load_models  # start-up time: few projects have such files

    models, problems = load_models(found)
    world.problems.extend(problems)
    decisions: dict[str, Decision] = {}
    for name, signature in models.signatures().items():
        span = models.span(name)
        other = world.declared["decision"].get(name)
        if other is not None:
            related = [(other.word.span, {"en": "here as well", "de": "auch hier"})]
            world.problems.add(SAME_NAME.at(span, related=related, name=name))
            continue
        if signature.parameters:
            world.functions[name] = signature
        else:
            world.constants[name] = signature.result
        body = Ready(models.function(name))
        decisions[name] = Decision(name, {"en": name, "de": name}, span, signature.parameters, signature.result, body)
    world.called.update(decisions)
    return decisions
