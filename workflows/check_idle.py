"""The model check of what is written and never comes about: opinions, and steps where no case stays."""

from __future__ import annotations

from fachwerk.problems import Problems, Text
from fachwerk.schemas.model import Part, State
from fachwerk.workflows import codes
from fachwerk.workflows.explore import Explored, record_of
from fachwerk.workflows.readers import Readers
from fachwerk.workflows.words import Words, problem


def undecided(explored: Explored, words: Words, problems: Problems) -> set[str]:
    """Note and return the parts (behind their state) in which nobody ever gives an opinion."""
    found: set[str] = set()
    if not explored.whole or explored.circles:
        return found
    reached = {one.state for one in explored.reached}
    given = {
        (at.state, step.actions[0].partition(".")[0])
        for at, steps in explored.steps.items() for step in steps if step.actions
    }  # fmt: skip
    for state in explored.workflow.states.values():
        for part in state.parallel:
            if state.name in reached and (state.name, part.name) not in given:
                found.add(f"{state.name}.{part.name}")
                reason = _why(part, state, explored, words)
                problems.add(problem(codes.PART_NEVER, part.span, part=part.name, state=state.name, reason=reason))
    return found


def _why(part: Part, state: State, explored: Explored, words: Words) -> Text:
    readers = Readers(explored.project, explored.workflow, explored.domain)
    there = [at for at in explored.reached if at.state == state.name]
    records = (record_of(explored.workflow, explored.domain.variables, at) for at in there)
    if any(readers.reads(part.by, record) for record in records):
        return {
            "en": "the case goes on, or stands still, before its turn comes",
            "de": "der Vorgang geht weiter oder bleibt stehen, bevor der Teil an der Reihe ist",
        }
    people = words.people(part.by)
    return {
        "en": f"{people['people_en']} may not read a case in `{state.name}`",
        "de": f"{people['people_de']} dürfen einen Vorgang in `{state.name}` nicht lesen",
    }


def passed(explored: Explored, problems: Problems) -> set[str]:
    """Note and return the states that cases only pass through, and what is to happen there and never does."""
    if not explored.whole or explored.circles:
        return set()
    flow = explored.workflow
    steps = (*explored.begun, *(step for found in explored.steps.values() for step in found))
    taken = {action for step in steps for action in step.actions if action in flow.transitions}
    entered = {flow.transitions[name].target for name in taken} | {flow.initial.name}
    found = entered - {one.state for one in explored.reached}
    for name in sorted(found):
        out = [one for one in flow.transitions.values() if name in one.source]
        idle = [f"`{one.name}`" for one in out if one.by]
        idle += [f"`{part.name}`" for part in flow.states[name].parallel]
        limits = [one for one in flow.deadlines.values() if name in one.runs_in and found >= {*one.runs_in}]
        idle += [f"`{one.name}`" for one in limits]
        on = ", ".join(f"`{one.name}`" for one in out if not one.by and one.name in taken)
        if idle:
            problems.add(codes.PASSED_THROUGH.at(flow.states[name].span, state=name, idle=", ".join(idle), on=on))
    return found
