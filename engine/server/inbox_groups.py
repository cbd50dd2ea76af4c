"""Tasks of the inbox that take the same steps, so that several of them can be done at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from fachwerk.engine.inbox import Waiting
from fachwerk.engine.server.views import tone_of
from fachwerk.forms.model import InboxGroup, InboxStep
from fachwerk.problems import say
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

    @property
    def comment(self) -> tuple[bool, bool]:
        """Whether one of the steps takes a comment, and whether one needs it."""
        wanted = {action.comment for action in self.actions.values()}
        return bool(wanted - {"none"}), "required" in wanted


def groups_of(found: Collection[Waiting], project: Project, language: str) -> tuple[Group, ...]:
    """Return the groups of tasks that take nothing but being done, or a comment.

    They are called by their entity, too, where tasks are of several.
    """
    groups: dict[str, Group] = {}
    several = len({one.entity for one in found}) > 1
    for one in found:
        for action in one.actions:
            if not action.possible or action.confirm:
                continue
            name, kind = _kind(one, action, project, language)
            label = f"{say(project.entities[one.entity].label, language)}: {kind}" if several else kind
            made = groups.setdefault(name, Group(name, one.entity, label))
            made.actions.setdefault(action.name, action)
            if one not in made.items[-1:]:
                made.items.append(one)
    return tuple(sorted((one for one in groups.values() if len(one.items) >= LEAST), key=lambda one: one.label))


def tabs_of(groups: Sequence[Group], everything: int) -> tuple[InboxGroup, ...]:
    """Return what leads to the groups, and back to *everything*; nothing where there are none."""
    if not groups:
        return ()
    return (InboxGroup("", "", everything), *(InboxGroup(one.key, one.label, len(one.items)) for one in groups))


def _kind(one: Waiting, action: Action, project: Project, language: str) -> tuple[str, str]:
    """Return of which kind a task is by *action*, and what that is called."""
    if action.part is not None:
        about = f":{action.about.id}" if action.about is not None else ""
        return f"{one.entity}.{action.part}{about}", _label(action, language)[0]
    state = project.workflows[one.workflow].state(one.state)
    return f"{one.entity}.{one.workflow}.{one.state}", say(state.label, language) if state else one.state


def _label(action: Action, language: str) -> tuple[str, str]:
    """Return what the part of an opinion is called, if it is one, and what the step is."""
    part, _, outcome = say(action.label, language).rpartition(": ") if action.part is not None else ("", "", "")
    return part, outcome or say(action.label, language)
