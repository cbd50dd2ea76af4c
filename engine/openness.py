"""What is open to be written: by rights, by the states of workflows; and the words for what is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fachwerk.engine.access import Rights, Way
from fachwerk.engine.change import Change
from fachwerk.engine.compile import CompiledEntity, CompiledWorkflow
from fachwerk.problems import Refused, Text
from fachwerk.workflows.timers import timer_actions

_NOT_ALLOWED: Mapping[str, Text] = {
    "create": {"en": "You may not create this.", "de": "Das dürfen Sie nicht anlegen."},
    "update": {"en": "You may not change this record.", "de": "Diesen Eintrag dürfen Sie nicht ändern."},
    "delete": {"en": "You may not delete this record.", "de": "Diesen Eintrag dürfen Sie nicht löschen."},
}


def forbidden(right: str) -> Refused:
    """Return the refusal of something that a person may not do at all."""
    return Refused("not_allowed", _NOT_ALLOWED[right], status=403)


def open_in_state(entity: CompiledEntity, values: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields that the states of a record's workflows leave open."""
    fields = frozenset(entity.writable)
    for workflow in entity.flows(values):
        state = workflow.model.states.get(str(values.get(workflow.model.field)))
        if state is not None:
            fields &= fields if state.editable is None else frozenset(state.editable)
            fields -= frozenset(state.read_only)
    return fields


def open_fields(entity: CompiledEntity, ways: tuple[Way, ...]) -> frozenset[str]:
    """Return the fields that at least one of *ways* lets write."""
    writable = frozenset(entity.writable)
    return frozenset().union(*(writable - way.hide - way.read_only for way in ways))


def closed(change: Change, name: str) -> Text:
    """Return why a field cannot be written."""
    rights: Rights = change.rights
    if not rights.sees(name):
        return {"en": "There is no such field.", "de": "Ein solches Feld gibt es nicht."}
    return {"en": "This field cannot be changed now.", "de": "Dieses Feld lässt sich gerade nicht ändern."}


def action_names(workflow: CompiledWorkflow) -> set[str]:
    """Return the names of the steps that people take: transitions, and opinions as ``part.outcome``, and more time."""
    opinions = {
        f"{part.name}.{outcome.name}"
        for state in workflow.model.states.values()
        for part in state.parallel
        for outcome in part.outcomes
    }
    steps = {name for name, transition in workflow.model.transitions.items() if transition.by}
    return opinions | steps | set(timer_actions(workflow.model))
