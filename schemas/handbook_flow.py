"""Workflows in the handbook: states, steps, opinions, time limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fachwerk.schemas.handbook_doing import effect, people, settings
from fachwerk.schemas.handbook_words import Teller, cell
from fachwerk.schemas.measures import shown_period
from fachwerk.schemas.model import Deadline, Part, State, Transition, Workflow
from fachwerk.schemas.telling import told_eyes


def told_workflow(flow: Workflow, tell: Teller) -> Iterator[str]:
    """Give the section about a workflow, or about a version of it that running cases keep."""
    kept = flow is not tell.project.workflows[flow.name]
    version = f" ({tell.word('version', number=flow.number)})" if kept else ""
    yield from (f"### {tell.say(flow.label)}{version}", "")
    initial, final = [one for one in flow.states.values() if one.initial], [s for s in flow.states.values() if s.final]
    said = [tell.word("begins", states=_states(initial, tell))]
    said += [tell.word("ends", states=_states(final, tell))] if final else []
    said += [tell.word("kept")] if flow.cases == "keep" else []
    yield from (" ".join(said), "")
    yield "| " + " | ".join(tell.word(name) for name in ("step", "way", "by", "when")) + " |"
    yield "|---|---|---|---|"
    yield from (_row(flow, step, tell) for step in flow.transitions.values())
    yield from _listed(_step(step, tell) for step in flow.transitions.values())
    yield from _listed(line for state in flow.states.values() for line in _state(state, tell))
    yield from _listed(line for state in flow.states.values() for line in _waits(flow, state, tell))
    yield from _listed(_deadline(flow, one, tell) for one in flow.deadlines.values())


def _listed(lines: Iterable[str]) -> Iterator[str]:
    found = [f"- {line}." for line in lines if line]
    if found:
        yield from ("", *found)


def _states(states: Iterable[State], tell: Teller) -> str:
    return ", ".join(tell.say(state.label) for state in states)


def _row(flow: Workflow, step: Transition, tell: Teller) -> str:
    sources = _states((flow.states[name] for name in step.source), tell)
    way = f"{sources} → {tell.say(flow.states[step.target].label)}"
    by = people(step.by, tell) if step.by else tell.word("itself")
    eyes = told_eyes(flow, step.not_by, tell.language)
    complete = step.when is not None and step.when.text.text.strip() == "complete"
    when = tell.word("complete") if complete else tell.rule(step.when) if step.when else ""
    by = f"{by} ({eyes})" if eyes else by
    return f"| {cell(tell.say(step.label))} | {cell(way)} | {cell(by)} | {cell(when)} |"


def _step(step: Transition, tell: Teller) -> str:
    """Return what goes with a step beside its conditions: what it asks for, what it sets and does."""
    said = [tell.word("require", fields=tell.fields(step.require))] if step.require else []
    said += [tell.word("fill", fields=tell.fields(step.fill))] if step.fill else []
    if step.by and step.comment != "optional":
        said.append(tell.word(f"comment_{step.comment}"))
    if step.confirm is not None:
        said.append(tell.word("confirm", question=tell.say(step.confirm)))
    said += [one for one in (settings(step.set, tell),) if one]
    said += [effect(one, tell) for one in step.do]
    return f"**{tell.say(step.label)}**: {'; '.join(said)}" if said else ""


def _state(state: State, tell: Teller) -> Iterator[str]:
    name = tell.say(state.label)
    if state.editable is not None:
        word = "editable" if state.editable else "uneditable"
        yield tell.word(word, state=name, fields=tell.fields(state.editable))
    if state.read_only:
        yield tell.word("state_read_only", state=name, fields=tell.fields(state.read_only))
    if state.required:
        yield tell.word("state_required", state=name, fields=tell.fields(state.required))


def _waits(flow: Workflow, state: State, tell: Teller) -> Iterator[str]:
    """Give what a state waits for, a line for each part."""
    name = tell.say(state.label)
    for part in state.parallel:
        yield "; ".join(_part(flow, state, part, tell))
    if state.needs is not None:
        yield tell.word("enough", state=name, needs=state.needs)
    if state.waits_for is not None:
        yield tell.word("waits", state=name, path=tell.rule(state.waits_for.path))


def _part(flow: Workflow, state: State, part: Part, tell: Teller) -> Iterator[str]:
    eyes = told_eyes(flow, part.not_by, tell.language)
    values = {"state": tell.say(state.label), "label": tell.say(part.label), "people": people(part.by, tell)}
    values["people"] += f" ({eyes})" if eyes else ""
    needs = str(part.needs) if isinstance(part.needs, int) else tell.word(part.needs)
    if part.each is not None:
        yield tell.word("asks_each", **values, each=tell.rule(part.each))
        if part.needs != "all":
            yield tell.word("each_some", needs=needs)
    else:
        asks = f"asks_{part.needs}" if isinstance(part.needs, str) else "asks" if part.needs == 1 else "asks_many"
        yield tell.word(asks, **values, needs=needs)
    yield tell.word("outcomes", outcomes=", ".join(tell.say(one.label) for one in part.outcomes))
    if part.after:
        labels = {one.name: one.label for one in state.parallel}
        yield tell.word("after", parts=", ".join(tell.say(labels.get(one, {"en": one})) for one in part.after))
    if part.within is not None:
        yield tell.word("within", span=shown_period(part.within, tell.language, dative=True))


def _deadline(flow: Workflow, deadline: Deadline, tell: Teller) -> str:
    def states(names: Iterable[str]) -> str:
        return _states((flow.states[name] for name in names), tell)

    span = shown_period(deadline.within, tell.language, dative=True)
    said = [tell.word("limit", label=tell.say(deadline.label), span=span, states=states(deadline.runs_in))]
    if deadline.paused_in:
        said.append(tell.word("rests", states=states(deadline.paused_in)))
    for warn in deadline.warn:
        told = tell.word("warns", span=shown_period(warn.before, tell.language))
        done = ", ".join(effect(one, tell) for one in warn.do)
        said.append(f"{told}: {done}" if done else told)
    if deadline.pause:
        said.append(tell.word("pauses", people=people(deadline.pause, tell)))
    if deadline.extend is not None:
        most, times = shown_period(deadline.extend.most, tell.language), deadline.extend.times
        said.append(tell.word("extends", people=people(deadline.extend.by, tell), span=most))
        said += [] if times is None else [tell.word("once") if times == 1 else tell.word("times", times=times)]
    if deadline.missed:
        said.append(tell.word("missed", done=", ".join(effect(one, tell) for one in deadline.missed)))
    if deadline.then is not None:
        said.append(tell.word("then", step=tell.say(flow.transitions[deadline.then].label)))
    return "; ".join(said)
