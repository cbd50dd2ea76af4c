"""Checks of time limits: where they run and rest, what follows, and whether the calendar can count them."""

from __future__ import annotations

from collections.abc import Container, Iterable

from fachwerk.problems import Problems, Span
from fachwerk.schemas import codes_deadline, codes_workflow
from fachwerk.schemas.measures import BY_THE_CLOCK, written_period
from fachwerk.schemas.model import Deadline, Period, Project, Workflow

_MINUTES = {
    "minutes": 1,
    "hours": 60,
    "office_hours": 60,
    "days": 1440,
    "working_days": 1440,
    "weeks": 10080,
    "months": 43200,
    "years": 525600,
}


def check_deadline(deadline: Deadline, workflow: Workflow, project: Project, problems: Problems) -> None:
    """Note what cannot be right with a time limit of *workflow*."""
    for name in deadline.runs_in:
        if workflow.states[name].final:
            problems.add(codes_workflow.DEADLINE_FINAL.at(deadline.span, deadline=deadline.name, state=name))
    _then(deadline, workflow, problems)
    within = deadline.within
    for warn in deadline.warn:
        if warn.before.unit != "office_hours" and _minutes(warn.before) >= _minutes(within) > 0:
            early, whole = written_period(warn.before), written_period(within)
            problems.add(codes_workflow.WARN_TOO_EARLY.at(deadline.span, warn=early, within=whole))
    _pauses(deadline, workflow, problems)
    _extension(deadline, workflow, problems)
    most = deadline.extend.most if deadline.extend is not None else None
    check_calendar((within, most, *(warn.before for warn in deadline.warn)), deadline.span, project, problems)


def _then(deadline: Deadline, workflow: Workflow, problems: Problems) -> None:
    then = workflow.transitions.get(deadline.then or "")
    outside = [name for name in deadline.runs_in if then is not None and name not in then.source]
    if then is not None and outside:
        states = ", ".join(f"`{name}`" for name in outside)
        problem = codes_workflow.THEN_ELSEWHERE.at(
            deadline.span, deadline=deadline.name, transition=then.name, states=states
        )  # fmt: skip
        problems.add(problem)


def _pauses(deadline: Deadline, workflow: Workflow, problems: Problems) -> None:
    around = {*deadline.runs_in, *deadline.paused_in}
    from_there = _reached(workflow, deadline.runs_in, around)
    for name in deadline.paused_in:
        code = None
        if name in deadline.runs_in:
            code = codes_deadline.PAUSED_WHERE_IT_RUNS
        elif name not in from_there or workflow.states[name].final:
            code = codes_deadline.NEVER_PAUSED
        elif not _reached(workflow, (name,), around) & set(deadline.runs_in):
            code = codes_deadline.PAUSED_FOR_EVER
        if code is not None:
            problems.add(code.at(deadline.span, deadline=deadline.name, state=name))


def _reached(workflow: Workflow, begun: Iterable[str], within: Container[str]) -> set[str]:
    """Return the states that steps lead to from *begun* without leaving those of *within*."""
    found, todo = set[str](), list(begun)
    while todo:
        state = todo.pop()
        for transition in workflow.transitions.values():
            if state in transition.source and transition.target in within and transition.target not in found:
                found.add(transition.target)
                todo.append(transition.target)
    return found


def _extension(deadline: Deadline, workflow: Workflow, problems: Problems) -> None:
    parts = {part.name for state in workflow.states.values() for part in state.parallel}
    if (deadline.pause or deadline.extend is not None) and deadline.name in parts:
        problems.add(codes_deadline.LIKE_A_PART.at(deadline.span, deadline=deadline.name))
    if deadline.extend is None:
        return
    most, within = deadline.extend.most, deadline.within
    if most.unit in BY_THE_CLOCK and within.unit not in BY_THE_CLOCK:
        longer, plain = written_period(most), written_period(within)
        code = codes_deadline.EXTENDED_BY_THE_CLOCK
        problems.add(code.at(deadline.span, deadline=deadline.name, most=longer, within=plain))


def check_calendar(periods: Iterable[Period | None], at: Span, project: Project, problems: Problems) -> None:
    """Note spans of time that need a calendar or office hours which the app does not have."""
    units = {period.unit for period in periods if period is not None}
    if project.calendar is None and "working_days" in units:
        problems.add(codes_workflow.NO_CALENDAR.at(at))
    if "office_hours" in units and not any(project.hours.values()):
        problems.add(codes_deadline.NO_OFFICE_HOURS.at(at))


def _minutes(period: Period) -> int:
    return period.count * _MINUTES[period.unit]
