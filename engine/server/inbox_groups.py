"""Tasks of the inbox that take the same steps, so that several of them can be done at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

from fachwerk.engine.inbox import Counts, Inbox, Waiting, kind_of
from fachwerk.engine.inbox_statements import Kind
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.server.views import tone_of
from fachwerk.engine.service import Service
from fachwerk.engine.values import Person
from fachwerk.forms.model import InboxGroup, InboxStep
from fachwerk.problems import Refused, say
from fachwerk.schemas.model import Project
from fachwerk.workflows.case import Action

LEAST = 2
"""Tasks from which on a group is one."""


@dataclass(slots=True)
class Group:
    """The tasks of one kind: those of one part of a state, or of one state."""

    key: str
    entity: str
    label: str
    items: list[Waiting] = field(default_factory=list)
    actions: dict[str, Action] = field(default_factory=dict)

    def steps(self, language: str) -> tuple[InboxStep, ...]:
        """Return the buttons of the group."""
        return tuple(
            InboxStep(f"{self.entity}/{name}", _label(action, language)[1], tone_of(action.color))
            for name, action in self.actions.items()
        )

    def takes(self, one: Waiting) -> bool:
        """Whether a task can be done together with others now."""
        return any(action.name in self.actions and _at_once(action) for action in one.actions)

    @property
    def comment(self) -> bool:
        """Whether one of the steps takes a comment."""
        return any(action.comment != "none" for action in self.actions.values())

    def commented(self, language: str) -> tuple[str, ...]:
        """Return the steps that need a comment."""
        return tuple(_label(one, language)[1] for one in self.actions.values() if one.comment == "required")


def groups_of(found: Collection[Waiting], project: Project, language: str, least: int = LEAST) -> tuple[Group, ...]:
    """Return the kinds of tasks with at least so many, and the steps of each that take nothing but a comment.

    They are called by their entity, too, where tasks are of several.
    """
    groups: dict[str, Group] = {}
    several = len({one.entity for one in found}) > 1
    for one in found:
        for action in one.actions:
            key = kind_of(one, action).key
            made = groups.setdefault(key, Group(key, one.entity, ""))
            if not made.label:
                kind = _kind(one, action, project, language)
                made.label = _with_entity(one.entity, kind, project, language) if several else kind
            if _at_once(action):
                made.actions.setdefault(action.name, action)
            if one not in made.items[-1:]:
                made.items.append(one)
    return tuple(sorted((one for one in groups.values() if len(one.items) >= least), key=lambda one: one.label))


def tabs_of(groups: Sequence[Group], everything: int) -> tuple[InboxGroup, ...]:
    """Return what leads to the groups, and back to *everything*; nothing where there are none."""
    if not groups:
        return ()
    return (InboxGroup("", "", everything), *(InboxGroup(one.key, one.label, len(one.items)) for one in groups))


async def counted_tabs(
    tools: Tools, inbox: Inbox, who: Person, counts: Counts, known: Collection[Waiting], language: str
) -> tuple[InboxGroup, ...]:  # fmt: skip
    """Return what leads to the kinds of *counts*, and back to everything; *known* are tasks on the page."""
    kinds = {key: kind for key in counts.kinds if (kind := inbox.kind(key)) is not None}
    several = len({kind.entity for kind in kinds.values()}) > 1
    told = [(one, action) for one in known for action in one.actions]
    called = {kind_of(one, action).key: _kind(one, action, tools.project, language) for one, action in told}
    others = [key for key in kinds if key not in called and counts.kinds[key][0] >= LEAST]
    about = await tools.service.at_once([partial(_about, who=who, kind=kinds[key]) for key in others])
    called |= {key: say(kinds[key].label, language) + text for key, text in zip(others, about, strict=True)}
    found: list[InboxGroup] = []
    for key, kind in kinds.items():
        number, capped = counts.kinds[key]
        if number >= LEAST:
            label = called[key] or say(kind.label, language)
            label = _with_entity(kind.entity, label, tools.project, language) if several else label
            found.append(InboxGroup(key, label, number, capped))
    total, capped = counts.total
    return (InboxGroup("", "", total, capped), *sorted(found, key=lambda one: one.label)) if found else ()


async def _about(service: Service, *, who: Person, kind: Kind) -> str:
    """Return the title of the record that opinions are about, as far as it may be read."""
    for entity in kind.each_of if kind.about else ():
        try:
            return f" – {(await service.read(who, entity, kind.about)).title}" if entity != "user" else ""
        except Refused:
            continue
    return ""


def _at_once(action: Action) -> bool:
    """Whether a step takes nothing but being done, or a comment."""
    return action.possible and not action.confirm


def _with_entity(entity: str, kind: str, project: Project, language: str) -> str:
    return f"{say(project.entities[entity].label, language)}: {kind}"


def _kind(one: Waiting, action: Action, project: Project, language: str) -> str:
    """Return what tasks of the kind of *action* are called."""
    if action.part is not None:
        return _label(action, language)[0]
    state = project.workflows[one.workflow].state(one.state)
    return say(state.label, language) if state else one.state


def _label(action: Action, language: str) -> tuple[str, str]:
    """Return what the part of an opinion is called, if it is one, and what the step is."""
    part, _, outcome = say(action.label, language).rpartition(": ") if action.part is not None else ("", "", "")
    return part, outcome or say(action.label, language)
