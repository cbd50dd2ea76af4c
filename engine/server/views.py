"""From what the service answers to what a record's page shows: stepper, buttons, opinions, figures, time line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Literal

from fachwerk.engine.server.tools import Tools
from fachwerk.engine.values import Event, Record
from fachwerk.forms import model as view
from fachwerk.forms.model import Tone
from fachwerk.problems import Text, say
from fachwerk.schemas.kinds.times import show_date
from fachwerk.schemas.measures import period_of, shown_period
from fachwerk.schemas.model import Entity, Workflow

_TONES: dict[str, Tone] = {"green": "good", "red": "bad", "orange": "warning", "yellow": "warning", "blue": "accent"}
_WORDS: dict[str, Text] = {
    "create": {"en": "created it", "de": "hat es angelegt"},
    "change": {"en": "changed it", "de": "hat es geändert"},
    "remove": {"en": "deleted it", "de": "hat es gelöscht"},
    "refused": {"en": "a step was not possible", "de": "ein Schritt war nicht möglich"},
    "deadline": {"en": "deadline", "de": "Frist"},
    "document": {"en": "made the document “{document}”", "de": "hat das Dokument „{document}“ erstellt"},
    "system": {"en": "The system", "de": "Das System"},
    "due": {"en": "Due", "de": "Frist"},
    "paused": {"en": "paused", "de": "angehalten"},
    "missed": {"en": "{label}: missed", "de": "{label}: versäumt"},
    "pause": {"en": "{label}: paused", "de": "{label}: angehalten"},
    "resume": {"en": "{label}: goes on", "de": "{label}: läuft weiter"},
    "extend": {"en": "{label}: extended", "de": "{label}: verlängert"},
    "warn": {"en": "{label}: warning", "de": "{label}: Warnung"},
    "created": {"en": "Created", "de": "Angelegt"},
    "changed": {"en": "Last changed", "de": "Zuletzt geändert"},
    "workflow": {"en": "Workflow", "de": "Ablauf"},
    "version": {"en": "version {number}", "de": "Version {number}"},
    "open": {"en": "still open", "de": "noch offen"},
    "for": {"en": "{who} for {absent}", "de": "{who} für {absent}"},
    "config": {"en": "Last written under version {number} of the configuration.",
               "de": "Zuletzt geschrieben unter Version {number} der Konfiguration."},
}
_ORIGINS: dict[str, Text] = {
    "api": {"en": "API", "de": "API"},
    "import": {"en": "Import", "de": "Import"},
    "worker": {"en": "Automatic", "de": "Automatisch"},
}
Kind = Literal["create", "change", "transition", "remove", "comment", "deadline", "document"]
_KINDS: dict[str, Kind] = {
    "create": "create", "transition": "transition", "remove": "remove", "deadline": "deadline", "document": "document"
}  # fmt: skip


def tone_of(color: str | None) -> Tone:
    """Return the tone in which a colour of the configuration is shown."""
    return _TONES.get(color or "", "neutral")


def workflows_of(tools: Tools, entity: Entity) -> tuple[Workflow, ...]:
    """Return the workflows of *entity*."""
    return tuple(tools.project.workflows[name] for name in entity.workflows)


def flows_of(tools: Tools, entity: Entity, record: Record) -> tuple[Workflow, ...]:
    """Return the workflows of a record, each in the version that it is under."""
    return tuple(flow.under(record.under.get(flow.name)) for flow in workflows_of(tools, entity))


def flow_label(tools: Tools, workflow: Workflow, language: str) -> str:
    """Return what a workflow is called, with its version where that is not the one in force."""
    label = say(workflow.label, language)
    kept = tools.project.workflows[workflow.name] is not workflow
    return f"{label} ({say(_WORDS['version'], language).format(number=workflow.number)})" if kept else label


def steppers_of(tools: Tools, entity: Entity, record: Record, language: str) -> tuple[view.Stepper, ...]:
    """Return a stepper for every workflow whose state the person may see."""
    return tuple(
        view.Stepper(flow_label(tools, workflow, language), _steps(workflow, _state_of(workflow, record), language))
        for workflow in flows_of(tools, entity, record)
        if record.values.get(workflow.field) in workflow.states
    )


def _state_of(workflow: Workflow, record: Record) -> str:
    return str(record.values[workflow.field])


def _steps(workflow: Workflow, current: str, language: str) -> tuple[view.Step, ...]:
    path = main_path(workflow, current)
    at = path.index(current)
    return tuple(
        view.Step(
            say(workflow.states[name].label, language),
            "current" if place == at else "done" if place < at else "todo",
            tone=tone_of(workflow.states[name].color) if place == at else "neutral",
        )
        for place, name in enumerate(path)
    )


def main_path(workflow: Workflow, current: str) -> tuple[str, ...]:
    """Return the states from the first over *current* to an end: the first one of the file that can be reached."""
    before = _way(workflow, workflow.initial.name, lambda name: name == current) or (current,)
    return tuple(dict.fromkeys((*before, *way_ahead(workflow, current))))


def way_ahead(workflow: Workflow, current: str) -> tuple[str, ...]:
    """Return the states from *current* to the end: the first one of the file that can be reached."""
    ends = [current] if workflow.states[current].final else [n for n, state in workflow.states.items() if state.final]
    ways = (_way(workflow, current, lambda name, end=end: name == end) for end in ends)  # type: ignore[misc]
    return next((way for way in ways if way), (current,))


def _way(workflow: Workflow, start: str, arrived: Callable[[str], bool]) -> tuple[str, ...] | None:
    """Return the shortest way; a step that somebody takes under a condition is a special case, and counts for more."""
    order = count()
    ways: list[tuple[int, int, tuple[str, ...]]] = [(0, next(order), (start,))]
    done: set[str] = set()
    while ways:
        length, _, way = heappop(ways)
        if arrived(way[-1]):
            return way
        if way[-1] in done:
            continue
        done.add(way[-1])
        for transition in workflow.transitions.values():
            if way[-1] in transition.source and transition.target not in done:
                special = transition.by and transition.when is not None
                heappush(ways, (length + (3 if special else 1), next(order), (*way, transition.target)))
    return None


def acted(who: str, for_whom: str, language: str) -> str:
    """Return who did something, and for whom: “Dora for Carl”."""
    return say(_WORDS["for"], language, who=who, absent=for_whom) if for_whom else who


def facts_of(
    tools: Tools, entity: Entity, record: Record, language: str, *, named: bool = False
) -> tuple[view.Fact, ...]:  # fmt: skip
    """Return the figures beside the title: the next deadline (unless they are *named* elsewhere), when it was made."""
    facts: list[view.Fact] = []
    due = record.values.get("due") if "due" in entity.fields and entity.fields["due"].system and not named else None
    if isinstance(due, dt.date):
        late = due < (tools.now() if isinstance(due, dt.datetime) else tools.today())
        text = shown(tools, entity, "due", due, language)
        facts.append(view.Fact(say(_WORDS["due"], language), text, "bad" if late else "neutral"))
    if record.values.get("paused") is True and entity.fields["paused"].system and not named:
        facts.append(view.Fact(say(_WORDS["due"], language), say(_WORDS["paused"], language)))
    for number in record.under.values():
        version = say(_WORDS["version"], language).format(number=number)
        facts.append(view.Fact(say(_WORDS["workflow"], language), version[:1].upper() + version[1:]))
    for name in ("created", "changed"):
        moment = record.values.get(name)
        if isinstance(moment, dt.datetime):
            day = moment.astimezone(tools.app.calendar.timezone).date()
            facts.append(view.Fact(say(_WORDS[name], language), show_date(day, language)))
    return tuple(facts)


def about_of(record: Record, language: str) -> str:
    """Return under which version of the configuration a record was last written; empty where that is not known."""
    return "" if record.config is None else say(_WORDS["config"], language).format(number=record.config)


def event_views(
    tools: Tools, entity: Entity, events: Sequence[Event], language: str, most: int = 50
) -> tuple[view.Event, ...]:
    """Return the time line, the newest first."""
    newest = sorted(events, key=lambda event: event.at)[::-1][:most]  # of one moment what came last stands first
    return tuple(_event(tools, entity, event, language) for event in newest)


def _event(tools: Tools, entity: Entity, event: Event, language: str) -> view.Event:
    changes = tuple(
        view.Change(
            say(entity.fields[name].label, language),
            shown(tools, entity, name, before, language),
            shown(tools, entity, name, after, language),
        )
        for name, (before, after) in event.changes.items()
        if name in entity.fields
    )
    return view.Event(
        at=event.at,
        who=_who(event, language),
        what=_what(tools, entity, event, language),
        comment=(event.comment or "") if event.kind != "document" else "",
        changes=changes,
        kind=_KINDS.get(event.kind, "change"),
        origin=say(_ORIGINS[event.origin], language) if event.origin in _ORIGINS else "",
    )


def _who(event: Event, language: str) -> str:
    if event.who is None:
        return say(_WORDS["system"], language)
    return acted(event.who.title, event.for_whom.title if event.for_whom else "", language)


def _what(tools: Tools, entity: Entity, event: Event, language: str) -> str:
    if event.kind == "deadline" and event.action:
        return _timed(tools, entity, event, language)
    if event.action:
        about = f" ({event.each.title})" if event.each is not None and event.each.title else ""
        return f"– {action_label(tools, entity, event.action, language)}{about}"
    if event.kind == "document" and event.comment:
        letter = tools.app.project.letters.get(event.comment)
        return say(_WORDS["document"], language, document=say(letter.label, language) if letter else event.comment)
    return say(_WORDS.get(event.kind, _WORDS["change"]), language)


def _timed(tools: Tools, entity: Entity, event: Event, language: str) -> str:
    """Return what happened to a deadline: missed, paused, extended by how much."""
    name, _, what = str(event.action).partition(".")
    workflows = [version for flow in workflows_of(tools, entity) for version in flow.versions]
    label = next((one.deadlines[name].label for one in workflows if name in one.deadlines), None)
    if name.startswith("part:"):  # part:NAME, or part:NAME:RECORD
        states = [state for one in workflows for state in one.states.values()]
        named = name.split(":")[1]
        label = next((part.label for state in states for part in state.parallel if part.name == named), None)
    said = _WORDS.get(what or "missed", _WORDS["deadline"])
    text = say(said, language, label=say(label, language) if label else name)
    period = period_of(event.period) if event.period else None
    return f"– {text}" + (f" (+ {shown_period(period, language)})" if period is not None else "")


def action_label(tools: Tools, entity: Entity, action: str, language: str) -> str:
    """Return what a transition or ``part.outcome`` is called; its name if the configuration no longer has it."""
    name, _, outcome = action.partition(".")
    for workflow in (version for flow in workflows_of(tools, entity) for version in flow.versions):
        if name in workflow.transitions:
            return say(workflow.transitions[name].label, language)
        for part in (part for state in workflow.states.values() for part in state.parallel):
            said = next((o for o in part.outcomes if o.name == outcome), None)
            if part.name == name and said is not None:
                return f"{say(part.label, language)}: {say(said.label, language)}"
    return action


def shown(tools: Tools, entity: Entity, name: str, value: object, language: str) -> str:
    """Return *value* of a field as people read it; empty for nothing."""
    if value is None or value == () or value == []:
        return ""
    handler = tools.app.entities[entity.name].handlers.get(name)
    try:
        return handler.show(value, language) if handler else str(value)
    except (TypeError, ValueError, AttributeError, KeyError):
        return str(value)  # a value from the time before the field's kind was changed
