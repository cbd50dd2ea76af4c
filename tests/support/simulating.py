"""Simulations of random workflows beside what the model check says of them."""

from __future__ import annotations

import asyncio
import random

from fachwerk.engine.simulation.assumptions import Assumptions
from fachwerk.engine.simulation.commands import simulated
from fachwerk.engine.simulation.result import Result
from flows import Flow, random_flow, verdict_of

PEOPLE = {"one": 3, "two": 3, "boss": 3}


def simulate_flow(chance: random.Random, cases: int, seed: int = 1) -> tuple[Flow, Result] | None:
    """Return a random workflow and what came of its cases; ``None`` where the text is no project or runs in circles."""
    flow = random_flow(chance)
    read = verdict_of(flow)
    if read is None or read[1].circles:
        return None
    assumed = Assumptions(cases=cases, seed=seed, arrivals="40 a day", people=PEOPLE)
    result, _ = asyncio.run(simulated(read[0], "flow", assumed))
    return flow, result


def contradictions(result: Result) -> list[str]:
    """Return where a simulation did what was proved impossible."""
    verdict, found = result.verdict, list[str]()
    if not verdict.proved:
        return found
    for one in result.dead_ends:
        if one.reason.sure and not one.reason.people and one.state not in verdict.stuck:
            found.append(f"stuck in {one.state}, where nobody can be")
    found += [f"{name} was taken and never can be" for name in verdict.never if name in result.taken]
    entered = [name for name, spread in {**result.stays, **result.outcomes}.items() if spread.count]
    found += [f"{name} was entered and never can be" for name in verdict.unreached if name in entered]
    return found
