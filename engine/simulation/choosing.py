"""Which of several steps somebody takes: at random, refusals rarer; or none, where all of them are left to others."""

from __future__ import annotations

import random
from dataclasses import dataclass

from fachwerk.engine.demo.making import DISCOURAGING
from fachwerk.engine.simulation.assumptions import Assumptions
from fachwerk.engine.simulation.going import Going
from fachwerk.schemas.model import Project
from fachwerk.workflows.case import Action


@dataclass
class Choosing:
    """Chooses steps."""

    project: Project
    assumed: Assumptions
    chance: random.Random

    def __post_init__(self) -> None:
        flows = self.project.workflows.values()
        parts = [part for flow in flows for state in flow.states.values() for part in state.parallel]
        self._firsts = {f"{part.name}.{part.outcomes[0].name}" for part in parts if part.outcomes}

    def chosen(self, case: Going, actions: list[Action]) -> Action | None:
        """Return one of *actions*; none where all of them are unlikely and left to the others."""
        weights = [self._likely(action) for action in actions]
        if not actions or sum(weights) <= 0:
            return None
        if not case.forced and case.mood > max(weights):
            case.reluctant = True
            return None
        return self.chance.choices(actions, weights)[0]

    def _likely(self, action: Action) -> float:
        told = self.assumed.likely.get(action.name)
        if told is not None:
            return told
        if action.part is not None:
            return 1.0 if action.name.partition(":")[0] in self._firsts else 0.4
        return 0.1 if action.comment == "required" or action.name.startswith(DISCOURAGING) else 1.0
