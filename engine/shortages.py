"""Steps for which there are too few people: quorums, and four eyes, that the accounts of a database cannot provide.

Only roles are counted; people whom records name are known case by case, and whoever may sign up can still come. A
database without a single account has just been made, and is short of nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from fachwerk.engine.plan.holders import closed
from fachwerk.problems import Text, say
from fachwerk.schemas.model import Part, Performer, Project, Transition, Workflow
from fachwerk.schemas.telling import told_step

_FEW: Text = {
    "en": "“{step}” needs {needs} different people, and only {there} may answer",
    "de": "„{step}“ braucht {needs} verschiedene Personen, und nur {there} dürfen sich äußern",
}
_NOBODY: Text = {
    "en": "nobody has an account that may do “{step}”",
    "de": "niemand hat ein Konto, das „{step}“ ausführen darf",
}
_ONE: Text = {
    "en": "“{step}” takes somebody else than “{earlier}”, and one account alone may do either",
    "de": "„{step}“ braucht jemand anderen als „{earlier}“, und nur ein einziges Konto darf beides",
}


@dataclass(frozen=True, slots=True)
class Shortage:
    """A step of a workflow for which there are too few people: a quorum (``few``), or four eyes of ``one``."""

    workflow: Workflow
    step: Transition | Part
    kind: Literal["few", "nobody", "one"]
    text: Text
    earlier: str = ""
    """The step whose doer it bars."""

    @property
    def told(self) -> Text:
        """It as a sentence."""
        return {k: f"{say(self.workflow.label, k)}: {self.text[k]}." for k in ("en", "de")}


def shortages(project: Project, held: Iterable[frozenset[str]]) -> tuple[Shortage, ...]:
    """Return the steps for which there are too few people; *held*: the roles of each open account."""
    people = [closed(set(roles), project.roles) for roles in held]
    if not people:
        return ()
    open_ = {name for role in project.roles.values() if role.signs_up for name in (role.name, *role.includes)}
    counting = _Counting(people, frozenset(open_))
    found = (one for flow in project.workflows.values() for one in counting.of(flow))
    return tuple({one.told["en"]: one for one in found}.values())


@dataclass(frozen=True, slots=True)
class _Counting:
    """The roles of everybody with an account, and those that one can sign up for."""

    people: list[frozenset[str]]
    open: frozenset[str]

    def of(self, workflow: Workflow) -> Iterator[Shortage]:
        """Give what there are too few people for in a workflow."""
        steps: list[Transition | Part] = [*workflow.transitions.values(), *workflow.parts]
        for step in steps:
            there = self.may(step.by)
            if there is not None and len(there) < _needed(step):
                yield _few(workflow, step, len(there))
            for earlier in step.not_by:
                if self.one_pair(step, earlier, workflow):
                    text = _said(_ONE, workflow, step.name, earlier=told_step(workflow, earlier))
                    yield Shortage(workflow, step, "one", text, earlier)

    def may(self, by: Iterable[Performer]) -> set[int] | None:
        """Return who may act; ``None`` where records name some, or more can come."""
        performers = list(by)
        roles = {one.role for one in performers if one.role is not None}
        if not performers or len(roles) < len(performers) or roles & self.open:
            return None
        return {number for number, held in enumerate(self.people) if roles & held}

    def one_pair(self, step: Transition | Part, earlier: str, workflow: Workflow) -> bool:
        """Whether one account alone may take a step and the one whose doer it bars."""
        before: Mapping[str, Transition | Part] = {**{one.name: one for one in workflow.parts}, **workflow.transitions}
        if earlier not in before:
            return False
        mine, theirs = self.may(step.by), self.may(before[earlier].by)
        return mine is not None and mine == theirs and len(mine) == 1


def _needed(step: Transition | Part) -> int:
    """Return how many different people a step takes at least."""
    return step.needs if isinstance(step, Part) and step.each is None and isinstance(step.needs, int) else 1


def _few(workflow: Workflow, step: Transition | Part, there: int) -> Shortage:
    if not there:
        return Shortage(workflow, step, "nobody", _said(_NOBODY, workflow, step.name))
    words = {"needs": str(_needed(step)), "there": str(there)}
    return Shortage(workflow, step, "few", _said(_FEW, workflow, step.name, **words))


def _said(text: Text, workflow: Workflow, step: str, **values: Text | str) -> Text:
    def told(language: str) -> str:
        shown = {name: one if isinstance(one, str) else say(one, language) for name, one in values.items()}
        return say(text, language, step=say(told_step(workflow, step), language), **shown)

    return {language: told(language) for language in ("en", "de")}
