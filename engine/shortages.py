"""Steps for which there are too few people: quorums, and four eyes, that the accounts of a database cannot provide.

Only roles are counted; people whom records name are known case by case. A database without a single account has just
been made, and is short of nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fachwerk.engine.plan.holders import closed
from fachwerk.problems import Text, say
from fachwerk.schemas.model import Part, Performer, Project, Transition, Workflow
from fachwerk.schemas.telling import told_step

_FEW: Text = {
    "en": "{flow}: “{step}” needs {needs} different people, and only {there} may answer.",
    "de": "{flow}: „{step}“ braucht {needs} verschiedene Personen, und nur {there} dürfen sich äußern.",
}
_NOBODY: Text = {
    "en": "{flow}: nobody has an account who may decide “{step}”.",
    "de": "{flow}: niemand hat ein Konto, der über „{step}“ entscheiden darf.",
}
_ONE: Text = {
    "en": "{flow}: “{step}” takes somebody else than “{earlier}”, and one account alone may do either.",
    "de": "{flow}: „{step}“ braucht jemand anderen als „{earlier}“, und nur ein einziges Konto darf beides.",
}


def shortages(project: Project, held: Iterable[frozenset[str]]) -> tuple[Text, ...]:
    """Return sentences about the steps for which there are too few people; *held*: the roles of each open account."""
    people = [closed(set(roles), project.roles) for roles in held]
    if not people:
        return ()
    found = (text for flow in project.workflows.values() for text in _of(flow, people))
    return tuple({text["en"]: text for text in found}.values())


def _of(workflow: Workflow, people: list[frozenset[str]]) -> Iterator[Text]:
    for part in workflow.parts:
        there = _may(part.by, people)
        if there is None:
            continue
        needs = part.needs if isinstance(part.needs, int) and part.each is None else 1
        if not there:
            yield _said(_NOBODY, workflow, part.name)
        elif needs > len(there):
            yield _said(_FEW, workflow, part.name, needs=needs, there=len(there))
    steps: list[Transition | Part] = [*workflow.transitions.values(), *workflow.parts]
    for step in steps:
        for earlier in step.not_by:
            if _one_pair(step, earlier, workflow, people):
                name = {k: say(told_step(workflow, earlier), k) for k in ("en", "de")}
                yield _said(_ONE, workflow, step.name, earlier=name)


def _may(by: Iterable[Performer], people: list[frozenset[str]]) -> set[int] | None:
    """Return who may act, of *people*; ``None`` where records name some."""
    performers = list(by)
    if not performers or any(one.role is None for one in performers):
        return None
    roles = {one.role for one in performers}
    return {number for number, held in enumerate(people) if roles & held}


def _one_pair(step: Transition | Part, earlier: str, workflow: Workflow, people: list[frozenset[str]]) -> bool:
    """Whether one account alone may take a step and the one whose doer it bars."""
    before: Mapping[str, Transition | Part] = {**{one.name: one for one in workflow.parts}, **workflow.transitions}
    if earlier not in before:
        return False
    mine, theirs = _may(step.by, people), _may(before[earlier].by, people)
    return mine is not None and mine == theirs and len(mine) == 1


def _said(text: Text, workflow: Workflow, step: str, **values: object) -> Text:
    def told(language: str) -> str:
        shown = {name: say(one, language) if isinstance(one, Mapping) else one for name, one in values.items()}
        label = say(told_step(workflow, step), language)
        return say(text, language, flow=say(workflow.label, language), step=label, **shown)

    return {language: told(language) for language in ("en", "de")}
