"""Checks of time limits: where they run and rest, what follows, and whether the calendar can count them."""

from __future__ import annotations

from collections.abc import Container, Iterable

from fachwerk.problems import Problem, Problems, Span
from fachwerk.schemas import codes_deadline, codes_workflow
from fachwerk.schemas.measures import BY_THE_CLOCK, written_period
from fachwerk.schemas.model import Deadline, Period, Project, Workflow
from fachwerk.schemas.wording import both

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
    _given(deadline, workflow, project, problems)
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


def _given(deadline: Deadline, workflow: Workflow, project: Project, problems: Problems) -> None:
    """Note what people would give with the step that follows a missed deadline, and what the next state requires."""
    then = workflow.transitions.get(deadline.then or "")
    if then is None or then.target not in workflow.states:
        return
    target, effects = workflow.states[then.target], (*deadline.missed, *then.do)
    made = {kind: {name for one in effects if one.kind == kind for name in one.values} for kind in ("mark", "set")}
    empty = [one for one in (*then.require, *target.required) if _may_be_empty(one, deadline, workflow, project)]
    empty = [one for one in dict.fromkeys(empty) if one not in {*then.set, *made["mark"]}]
    values = {"deadline": deadline.name, "transition": then.name, "target": then.target}
    asked = [f"`{one}`" for one in empty if then.by and one in then.require and one not in made["set"]]
    comment = bool(then.by) and then.comment == "required"
    if asked or comment:
        words = {
            "asked_en": " and ".join([*asked, *(["a comment"] if comment else [])]),
            "asked_de": " und ".join([*asked, *(["eine Bemerkung"] if comment else [])]),
        }
        there = ((then.span, both("asked for here", "hier verlangt")),)
        problems.add(Problem(codes_deadline.THEN_ASKS_NOBODY, deadline.span, {**values, **words}, related=there))
    # an effect sets only after the step was taken
    needed = ", ".join(f"`{one}`" for one in empty if one in target.required)
    if needed:
        there = ((target.span, both("required here", "hier verlangt")),)
        problems.add(Problem(codes_deadline.THEN_MAY_FAIL, deadline.span, {**values, "fields": needed}, related=there))


def _may_be_empty(name: str, deadline: Deadline, workflow: Workflow, project: Project) -> bool:
    """Whether a field that people fill in may be empty when *deadline* is missed."""
    field = project.entities[workflow.of].fields.get(name)
    if field is None or field.computed is not None or field.system or field.kind == "sequence":
        return False
    always = field.required is not None and field.required.constant is True
    return not always and not all(_filled(name, state, workflow) for state in deadline.runs_in)


def _filled(name: str, state: str, workflow: Workflow) -> bool:
    """Whether a field surely has a value in *state*: it must have one, or gets one on every way there."""
    followed = {one.then for one in workflow.deadlines.values()}
    ways = [one for one in workflow.transitions.values() if one.target == state]
    given = [name in one.set or (name in one.require and bool(one.by) and one.name not in followed) for one in ways]
    there = workflow.states[state]
    return name in there.required or (bool(ways) and not there.initial and all(given))


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
