"""The model check of rights: people whom a path names, and who may not read the case that they are to deal with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fachwerk.problems import Problem, Problems, Span
from fachwerk.schemas.model import Grant, Performer, Rule, Transition
from fachwerk.workflows import codes_reading as codes
from fachwerk.workflows.explore import Explored, Situation, record_of
from fachwerk.workflows.readers import Readers
from fachwerk.workflows.words import Words


@dataclass(frozen=True, slots=True)
class _Act:
    """Something that people do in some states: a step, an opinion, or a change of a deadline."""

    name: str
    by: tuple[Performer, ...]
    span: Span
    states: tuple[str, ...]
    transition: Transition | None = None
    each: Rule | None = None
    """What ``each`` stands for in its paths."""


def check_reading(explored: Explored, problems: Problems) -> None:
    """Note who is named by a path and may not read the case in the states in which they are asked."""
    words = Words(explored)
    readers = Readers(explored.project, explored.workflow, explored.domain)
    reached: dict[str, list[Situation]] = {}
    for one in explored.reached:
        reached.setdefault(one.state, []).append(one)
    for act in (one for one in _acts(explored) if any(by.person is not None for by in one.by)):
        asked = {name: _asked(act, reached.get(name, ()), words) for name in act.states}
        met = [name for name, there in asked.items() if there]
        for performer in act.by:
            if performer.person is not None:
                unread = _unread(act, performer, {name: asked[name] for name in met}, readers, explored)
                if unread:
                    _say(act, performer, unread, readers, problems)


def _acts(explored: Explored) -> Iterator[_Act]:
    workflow = explored.workflow
    for step in workflow.transitions.values():
        yield _Act(f"{workflow.name}.{step.name}", step.by, step.span, step.source, step)
    for state in workflow.states.values():
        for part in state.parallel:
            yield _Act(f"{workflow.name}.{state.name}.{part.name}", part.by, part.span, (state.name,), each=part.each)
    for limit in workflow.deadlines.values():
        by = (*limit.pause, *(limit.extend.by if limit.extend is not None else ()))
        yield _Act(f"{workflow.name}.{limit.name}", by, limit.span, (*limit.runs_in, *limit.paused_in))


def _asked(act: _Act, there: list[Situation] | tuple[()], words: Words) -> list[Situation]:
    """Return the situations of a state in which people may be asked."""
    when = act.transition.when if act.transition is not None else None
    return [one for one in there if words.holds(when, one) is not False]


def _unread(
    act: _Act, performer: Performer, asked: Mapping[str, list[Situation]], readers: Readers, explored: Explored
) -> list[str]:
    """Return the states in which nothing lets those named read: all of them, or those that are left to nobody else."""
    unread = [name for name in asked if not readers.standing(performer, name, act.each).surely]
    if len(unread) == len(asked):
        return unread

    def others(name: str) -> bool:
        records = [record_of(explored.workflow, explored.domain.variables, one) for one in asked[name]]
        return any(
            any(readers.one_reads(one, record) for record in records)
            if one.person is None
            else readers.standing(one, name, act.each).surely
            for one in act.by if one is not performer
        )  # fmt: skip

    return [name for name in unread if not others(name)]


def _say(act: _Act, performer: Performer, states: list[str], readers: Readers, problems: Problems) -> None:
    assert performer.person is not None
    found = [one for name in states for one in readers.standing(performer, name, act.each).others]
    if not found and not readers.everybody and act.transition is not None:
        return  # nobody at all: what becomes of the case says so
    others = ", ".join(dict.fromkeys(map(_told, found))) or "–"
    listed, path = ", ".join(f"`{name}`" for name in states), performer.person.text.text.strip()
    values = {"path": path, "what": act.name, "entity": readers.entity.name, "states": listed, "others": others}
    problems.add(Problem(codes.NAMED_UNREAD, act.span, values))


def _told(grant: Grant) -> str:
    rule = grant.read
    assert rule is not None
    return f"`{grant.role}`" if rule.constant is True else f"`{grant.role}` ({rule.text.text.strip()})"
