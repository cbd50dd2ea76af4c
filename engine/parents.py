"""Cases that wait for others: found when something that their automatic steps read changes elsewhere.

A state that waits for sub-cases, and every automatic transition whose condition reads other records, is noted at load.
A write looks there, walks back to the cases concerned, and lets them take their steps in the same transaction, once its
own record is written: first the record, then the cases that wait for it, each locked. A case is judged by what is there
once it is locked, so of two sub-cases that end at once the later one finds both ended.
"""

from __future__ import annotations

from collections.abc import Iterator

from fachwerk.engine.compile import App, CompiledWorkflow
from fachwerk.engine.triggers import Triggers
from fachwerk.problems import Text
from fachwerk.schemas.model import Rule

MOST_ROUNDS = 20
"""Cases that wait for each other in a chain at most."""
CIRCLE: Text = {
    "en": "Cases that wait for each other move in a circle.",
    "de": "Vorgänge, die aufeinander warten, bewegen sich im Kreis.",
}


class Parents(Triggers):
    """What lets the cases of an app go on by themselves because another record changed."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        for name, entity in app.entities.items():
            for workflow in (one for flow in entity.workflows for one in flow.versions):
                for rule in waiting_rules(workflow):
                    self.watch_rule(name, rule)


def waiting_rules(workflow: CompiledWorkflow) -> Iterator[Rule]:
    """Give the rules by which a workflow goes on by itself."""
    for state in workflow.model.states.values():
        if state.waits_for is not None:
            yield state.waits_for.over
    for transition in workflow.model.transitions.values():
        if not transition.by and transition.when is not None:
            yield transition.when
