"""What there is to do with a record: buttons, opinions that one is asked for, and otherwise for whom it waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from fachwerk.engine.server.standing import path_for
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.server.views import tone_of, way_ahead
from fachwerk.engine.standing import PartStanding, Standing
from fachwerk.engine.values import Person, Reference
from fachwerk.forms import model as view
from fachwerk.problems import Text, say
from fachwerk.schemas.model import Performer
from fachwerk.workflows.case import Action
from fachwerk.workflows.diagram import layers_of
from fachwerk.workflows.expected import ways_out
from fachwerk.workflows.parts import performer_name

Values = Mapping[str, object]
_MOST = 6
_MILD = frozenset(("neutral", "accent", "good"))


def buttons(
    actions: Sequence[Action], standing: Sequence[Standing], path: str, language: str, who: Person | None = None
) -> tuple[view.Action, ...]:
    """Return the steps as buttons, opinions that can be given and deadlines left out; the one to take next leads."""
    asked = any(action.part is not None and action.possible for action in actions)
    lead = None if asked else _lead(actions, standing)
    aside = _out(standing) if asked else set()
    shown = [one for one in actions if not one.possible or (one.part is None and one.deadline is None)]
    return tuple(
        replace(button(action, path, language, who, lead=action is lead), aside=action.name in aside)
        for action in sorted(shown, key=lambda one: one is not lead)
    )


def _out(standing: Iterable[Standing]) -> set[str]:
    """Return the steps that merely lead out."""
    found = (ways_out(one.workflow).get(one.state.name) for one in standing)
    return {name for ways in found if ways is not None for name in ways.steps}


def barred(actions: Iterable[Action], language: str) -> tuple[tuple[str, str], ...]:
    """Return what would be for this person and is not possible now, with the reason: a part once for its outcomes."""
    found: dict[tuple[str, str], None] = {}
    for one in actions:
        if one.concerns and not one.possible:
            label = say(one.label, language)
            what = label.rpartition(": ")[0] if one.part is not None else label
            found[what, " ".join(say(text, language) for text in one.why_not)] = None
    return tuple(found)


def button(
    action: Action, path: str, language: str, who: Person | None = None, *, lead: bool = False, label: str = ""
) -> view.Action:  # fmt: skip
    """Return an action as a button; one that cannot be pressed says why."""
    return view.Action(
        label=label or say(action.label, language),
        href=path_for(f"{path}/do/{action.name}", who),
        possible=action.possible,
        reason=" ".join(say(text, language) for text in action.why_not),
        tone=tone_of(action.color),
        immediate=not (action.require or action.fill or action.confirm or action.comment == "required"),
        lead=lead,
    )


def _lead(actions: Iterable[Action], standing: Sequence[Standing]) -> Action | None:
    """Return the step to take next: one on the way of the stepper, or one further on; none that merely leads out."""
    ahead, further, out = set[str](), set[str](), _out(standing)
    for one in standing:
        flow, here = one.workflow, one.state.name
        layers, ahead_of = layers_of(flow), way_ahead(flow, here)[1:2]
        steps = {step.name: step.target for step in flow.transitions.values() if here in step.source}
        ahead |= {name for name, target in steps.items() if target in ahead_of}
        further |= {n for n, target in steps.items() if flow.states[target].final or layers[target] > layers[here]}
    possible = [
        one for one in actions
        if one.possible and one.part is None and one.deadline is None and one.name not in out
        and tone_of(one.color) in _MILD
    ]  # fmt: skip
    return min(possible, key=lambda one: (one.name not in ahead, one.name not in further), default=None)


def asks_of(
    actions: Iterable[Action], path: str, language: str, who: Person | None = None
) -> tuple[view.Ask, ...]:  # fmt: skip
    """Return the opinions that the person is asked for."""
    found: dict[str, list[Action]] = {}
    for action in actions:
        if action.part is not None and action.possible:
            found.setdefault(say(action.label, language).rpartition(": ")[0], []).append(action)
    asks = []
    for label, those in found.items():
        outcomes = tuple(_outcome(one, path, language, who) for one in those)
        asks.append(view.Ask(label, outcomes, any(one.comment != "none" for one in those)))
    return tuple(asks)


def _outcome(action: Action, path: str, language: str, who: Person | None) -> view.Action:
    return button(action, path, language, who, label=say(action.label, language).rpartition(": ")[2])


def waits_for(
    tools: Tools, actions: Iterable[Action], standing: Sequence[Standing], language: str, values: Values
) -> tuple[str, ...] | None:  # fmt: skip
    """Return for whom or what a record waits, where nothing can be done with it but to lead it out; else ``None``.

    *values* are those of the record as its reader sees them.
    """
    if all(one.state.final for one in standing):
        return None
    out = {name: ways_out(one.workflow).get(one.state.name) for one in standing for name in one.workflow.transitions}
    for action in actions:
        ways = out.get(action.name)
        if action.possible and action.deadline is None and not (ways is not None and action.name in ways.steps):
            return None
    found = list(dict.fromkeys(text for one in standing for text in _awaited(tools, one, language, values)))
    return (*found[:_MOST], *(("…",) if len(found) > _MOST else ()))


def _awaited(tools: Tools, one: Standing, language: str, values: Values) -> Iterator[str]:
    """Give whom and what the present state of a case waits for."""
    if one.state.final:
        return
    still = {part.part.name for part in one.parts if part.missing > 0}
    waiting = [part for part in one.parts if part.missing > 0 and not still & set(part.part.after)]
    for part in waiting:
        yield from _part(tools, one, part, language)
    for sub in one.sub_cases:
        if not _over(tools, sub.entity, sub.values):
            yield sub.title
    if waiting or one.sub_cases:
        return
    ways = ways_out(one.workflow).get(one.state.name)
    for step in one.workflow.transitions.values():
        if one.state.name in step.source and step.by and (ways is None or step.name not in ways.steps):
            yield people(tools, one, step.by, language, values)


def _part(tools: Tools, one: Standing, part: PartStanding, language: str) -> Iterator[str]:
    label, who = say(part.part.label, language), people(tools, one, part.part.by, language)
    spoken = {said.about for said in part.said}
    titles = [member.title for member in part.members if member.id not in spoken and member.title]
    for name in [f"{label} – {title}" for title in titles] or [label]:
        yield f"{name} ({who})" if who else name


def _over(tools: Tools, entity: str, values: object) -> bool:
    flows = [tools.project.workflows[name] for name in tools.project.entities[entity].workflows]
    states = [flow.state(str(values.get(flow.field))) for flow in flows if isinstance(values, dict)]
    return all(state is not None and state.final for state in states)


def people(
    tools: Tools, one: Standing, by: Iterable[Performer], language: str, values: Values | None = None
) -> str:  # fmt: skip
    """Return who may do something: roles by their labels, and what paths of the record are called and lead to."""
    labels: dict[str, Text] = {name: role.label for name, role in tools.project.roles.items()}
    names = []
    for each in by:
        name = say(performer_name(each, labels, one.people), language)
        of_each = each.person is not None and each.person.text.text.strip().startswith("each.")
        called = _at_end(each, values or {})
        names.append(name.rpartition(": ")[2] if of_each else f"{name}: {called}" if called else name)
    return ", ".join(names)


def _at_end(performer: Performer, values: Values) -> str:
    """Return the title of the record or person at which the path of a performer begins."""
    found = values.get(performer.person.text.text.strip().partition(".")[0]) if performer.person is not None else None
    listed = found if isinstance(found, tuple) and not isinstance(found, Reference) else (found,)
    return ", ".join(one.title for one in listed if isinstance(one, Reference) and one.title)
