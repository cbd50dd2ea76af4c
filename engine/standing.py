"""Where a case stands: what its present states wait for, what was said so far, its sub-cases, and its time limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fachwerk.engine.acting import case_of
from fachwerk.engine.candidate import Candidate
from fachwerk.engine.compile import CompiledWorkflow
from fachwerk.engine.opinions import Opinions, Said
from fachwerk.engine.service import Service
from fachwerk.engine.values import Person, Record
from fachwerk.problems import Refused, Text
from fachwerk.schemas.model import Part, State, Workflow
from fachwerk.workflows.case import Member, Timer
from fachwerk.workflows.parts import members_of

MOST_SHOWN = 50
"""Sub-cases that are shown with their states."""


@dataclass(frozen=True, slots=True)
class PartStanding:
    """A part of the present state: the opinions given, the records that it waits for, and how many it takes."""

    part: Part
    said: tuple[Said, ...]
    members: tuple[Member, ...]
    """With ``each``: all records, with their titles as the reader may see them."""
    missing: int
    """How many opinions are still needed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands in one workflow."""

    workflow: Workflow
    state: State
    parts: tuple[PartStanding, ...]
    sub_cases: tuple[Record, ...] = ()
    timers: tuple[Timer, ...] = ()
    people: Mapping[int, Text] = field(default_factory=dict)
    """What the rules that lead to people are called, by their id."""


async def standing_of(service: Service, who: Person, entity: str, key: str) -> tuple[Standing, ...]:
    """Return where a record that *who* may read stands in each of its workflows."""
    candidate = await service.loaded(who, entity, key)
    found = []
    for workflow in candidate.entity.flows(candidate.values):
        state = workflow.model.states.get(str(candidate.values.get(workflow.model.field)))
        if state is not None:
            parts = await _parts(service, who, candidate, workflow, state) if state.parallel else ()
            subs = await _sub_cases(service, who, candidate, state)
            timed = workflow.model.deadlines or any(part.within is not None for part in state.parallel)
            timings = service.writer.cases.timings
            timers = await timings.of(service.database, key, workflow.model.name) if timed else ()
            found.append(Standing(workflow.model, state, parts, subs, timers, workflow.machine.people))
    return tuple(found)


async def _parts(
    service: Service, who: Person, candidate: Candidate, workflow: CompiledWorkflow, state: State
) -> tuple[PartStanding, ...]:  # fmt: skip
    voices = service.writer.cases.voices
    case = await case_of(service.kit, service.writer.cases, service.database, candidate, workflow)
    case = await voices.titled(service.database, case, who.roles, candidate.context)
    said = await Opinions(service.kit).of(service.database, candidate.id)
    here = [one for one in said if one.entry == case.entry and one.workflow in (None, workflow.model.name)]
    found = []
    for part in state.parallel:
        mine = tuple(one for one in here if one.part == part.name)
        members = members_of(part.name, case) if part.each is not None else ()
        missing = workflow.machine.parts.missing(part, case, candidate.context)
        found.append(PartStanding(part, mine, members, missing))
    return tuple(found)


async def _sub_cases(service: Service, who: Person, candidate: Candidate, state: State) -> tuple[Record, ...]:
    """Return the records that a state waits for, as far as *who* may read them."""
    if state.waits_for is None:
        return ()
    led: Any = service.app.ask(state.waits_for.path)(candidate.record, candidate.context)
    found = []
    for one in (led if isinstance(led, list | tuple) else [led])[:MOST_SHOWN]:
        if isinstance(one, Mapping):
            try:
                found.append(await service.read(who, state.waits_for.of, str(one["id"])))
            except Refused:
                continue
    return tuple(found)
