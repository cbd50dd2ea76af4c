"""Time limits of a case: which begin, rest, go on and end with a step, and who may pause or extend them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from fachwerk.problems import Refused, Text
from fachwerk.schemas.measures import BY_THE_CLOCK, shown_period
from fachwerk.schemas.model import Deadline, Extend, Performer, Period, Workflow
from fachwerk.workflows.calendar import Calendar
from fachwerk.workflows.case import Action, Case, Condition, Outcome, Timer
from fachwerk.workflows.reckoning import Course, closes, reckon, warns_at

STATE, ACTION = "state", "action"
Performs = Callable[[tuple[Performer, ...]], Condition]
"""Says whether somebody is one of those named."""

_WORDS: Mapping[str, Text] = {
    "pause": {"en": "pause", "de": "anhalten"},
    "resume": {"en": "go on", "de": "fortsetzen"},
    "extend": {"en": "extend", "de": "verlängern"},
}
_OVER: Text = {"en": "This time limit is over already.", "de": "Diese Frist ist schon abgelaufen."}


def timer_of(
    calendar: Calendar, name: str, within: Period, course: Course, warns: Iterable[Period], now: dt.datetime
) -> Timer:  # fmt: skip
    """Return a time limit with its end, counted from what happened to it."""
    end = reckon(calendar, within, course, now)
    moments = tuple(warns_at(calendar, before, end) for before in warns)
    started = calendar.today(course.since)
    return Timer(name, started, end.day, at=end.at, closes=closes(calendar, end), warns=moments, course=course)


def begun(calendar: Calendar, name: str, deadline: Deadline, now: dt.datetime) -> Timer:
    """Return a deadline that begins now."""
    return timer_of(calendar, name, deadline.within, Course(now), _warns(deadline), now)


def again(calendar: Calendar, deadline: Deadline, timer: Timer, course: Course, now: dt.datetime) -> Timer:
    """Return a timer after its *course* has changed."""
    return timer_of(calendar, timer.name, deadline.within, course, _warns(deadline), now)


def _warns(deadline: Deadline) -> tuple[Period, ...]:
    return tuple(warn.before for warn in deadline.warn)


# with a step


def entered(
    workflow: Workflow, calendar: Calendar, case: Case, source: str | None, target: str, now: dt.datetime
) -> tuple[tuple[Timer, ...], tuple[Timer, ...], tuple[str, ...]]:  # fmt: skip
    """Return which deadlines begin, which change (rest or go on), and which end, from one state to the next."""
    start: list[Timer] = []
    change: list[Timer] = []
    stop: list[str] = []
    for name, deadline in workflow.deadlines.items():
        timer = next((one for one in case.timers if one.name == name), None)
        known = source in deadline.runs_in or source in deadline.paused_in
        if target in deadline.runs_in:
            if timer is not None and source in deadline.paused_in:
                change += _released(calendar, deadline, timer, STATE, now)
            elif source not in deadline.runs_in:
                start.append(begun(calendar, name, deadline, now))
        elif target in deadline.paused_in:
            if timer is not None and source in deadline.runs_in:
                change += _held(timer, STATE, now)
        elif known:
            stop.append(name)
    return tuple(start), tuple(change), tuple(stop)


def is_over(timer: Timer, now: dt.datetime) -> bool:
    """Whether a time limit has ended already, noted as missed or not yet."""
    return timer.missed or (not timer.rests and timer.closes is not None and timer.closes <= now)


def _held(timer: Timer, why: str, now: dt.datetime) -> list[Timer]:
    """Return the timer at rest; nothing where it is over."""
    if is_over(timer, now) or why in timer.course.held:
        return []
    course = timer.course
    pauses = course.pauses if course.held else (*course.pauses, (now, None))
    return [replace(timer, course=replace(course, pauses=pauses, held=course.held | {why}))]


def _released(calendar: Calendar, deadline: Deadline, timer: Timer, why: str, now: dt.datetime) -> list[Timer]:
    """Return the timer as it goes on, unless something else holds it still."""
    course = timer.course
    if timer.missed or why not in course.held:
        return []
    left = course.held - {why}
    if left:
        return [replace(timer, course=replace(course, held=left))]
    pauses = tuple((begin, end if end is not None else now) for begin, end in course.pauses)
    lasted = tuple((begin, end) for begin, end in pauses if end > begin)
    return [again(calendar, deadline, timer, replace(course, pauses=lasted, held=frozenset()), now)]


def timers_after(timers: Iterable[Timer], outcome: Outcome) -> tuple[Timer, ...]:
    """Return the timers of a case after a step."""
    new = {timer.name: timer for timer in (*outcome.change, *outcome.start)}
    kept = [timer for timer in timers if timer.name not in new and timer.name not in outcome.stop]
    return (*kept, *new.values())


# by somebody


def deadline_actions(workflow: Workflow, case: Case, performs: Performs) -> Iterable[Action]:
    """Give what people may do with the deadlines of a case: pause, go on, extend."""
    for timer in case.timers:
        deadline = workflow.deadlines.get(timer.name)
        if deadline is None or timer.missed:
            continue
        if deadline.pause:
            held = ACTION in timer.course.held
            if held or case.state in deadline.runs_in:
                yield _action(deadline, "resume" if held else "pause", case, (performs(deadline.pause),))
        if deadline.extend is not None:
            conditions = (performs(deadline.extend.by), *_times(deadline.extend, timer, str(deadline.span)))
            yield replace(_action(deadline, "extend", case, conditions), most=deadline.extend.most)


def timer_actions(workflow: Workflow) -> Iterable[str]:
    """Give the names of all that can be done with the deadlines of a workflow."""
    for name, deadline in workflow.deadlines.items():
        if deadline.pause:
            yield from (f"{name}.pause", f"{name}.resume")
        if deadline.extend is not None:
            yield f"{name}.extend"


def _action(deadline: Deadline, what: str, case: Case, conditions: tuple[Condition, ...]) -> Action:
    label = {k: f"{deadline.label.get(k) or deadline.name}: {_WORDS[what][k]}" for k in ("en", "de")}
    name = f"{deadline.name}.{what}"
    return Action(name, label, case.state, conditions, comment="required", deadline=deadline.name)


def _times(extend: Extend, timer: Timer, source: str) -> tuple[Condition, ...]:
    if extend.times is None:
        return ()
    count = len(timer.course.extended)
    text = {
        "en": f"It was extended {count} times, and may be {extend.times} times.",
        "de": f"Sie wurde {count}-mal verlängert, {extend.times}-mal ist erlaubt.",
    }
    return (Condition("times", count < extend.times, text, source),)


def acted(
    workflow: Workflow, calendar: Calendar, case: Case, action: Action, now: dt.datetime, by: Period | None
) -> Timer:  # fmt: skip
    """Return the timer that *action* changes; *by* says how much it is extended."""
    assert action.deadline is not None
    deadline, what = workflow.deadlines[action.deadline], action.name.rpartition(".")[2]
    timer = next(one for one in case.timers if one.name == action.deadline)
    if is_over(timer, now):
        raise Refused("wrong_state", _OVER, status=409)
    if what == "extend":
        return _extended(calendar, deadline, timer, by, now)
    changed = _held(timer, ACTION, now) if what == "pause" else _released(calendar, deadline, timer, ACTION, now)
    return changed[0] if changed else timer


def _extended(calendar: Calendar, deadline: Deadline, timer: Timer, by: Period | None, now: dt.datetime) -> Timer:
    assert deadline.extend is not None
    if by is None or by.count < 1:
        raise _refused({"en": "Say by how much, such as 2 weeks.", "de": "Bitte sagen, um wie viel, etwa 2 weeks."})
    if by.unit in BY_THE_CLOCK and deadline.extend.most.unit not in BY_THE_CLOCK:
        raise _refused({"en": "This one is extended by days, weeks or months.",
                        "de": "Verlängert wird um Tage, Wochen oder Monate."})  # fmt: skip
    course = replace(timer.course, extended=(*timer.course.extended, by))
    longest = replace(timer.course, extended=(deadline.extend.most,))
    ends = [closes(calendar, reckon(calendar, deadline.within, one, now)) for one in (course, longest)]
    if ends[0] > ends[1]:
        most = deadline.extend.most
        raise _refused({
            "en": f"Altogether it may be extended by {shown_period(most, 'en')} at most.",
            "de": f"Insgesamt darf höchstens um {shown_period(most, 'de')} verlängert werden.",
        })  # fmt: skip
    after = again(calendar, deadline, timer, course, now)
    if after.closes is not None and timer.closes is not None and after.closes <= timer.closes and not course.held:
        raise _refused({"en": "That does not make it any longer.", "de": "Damit würde sie nicht länger."})
    return after


def _refused(text: Text) -> Refused:
    return Refused("bad_period", text, status=422, fields={"_period": text})
