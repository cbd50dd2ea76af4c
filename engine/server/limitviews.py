"""Time limits of a record as its page names them: when each ends or that it rests, why, and what can be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from fachwerk.engine.server.doing import button
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.standing import Standing
from fachwerk.engine.values import Person, Record
from fachwerk.forms import model as view
from fachwerk.forms.model import Tone
from fachwerk.problems import Text, say
from fachwerk.schemas.kinds.times import instant_shower, show_date
from fachwerk.schemas.measures import BY_THE_CLOCK, shown_period
from fachwerk.schemas.model import Deadline
from fachwerk.workflows.case import Action, Timer
from fachwerk.workflows.timers import STATE

_SOON = dt.timedelta(days=7)
_WORDS: dict[str, Text] = {
    "within": {"en": "{period} from {day}", "de": "{period} ab {day}"},
    "extended": {"en": "Extended by {periods}", "de": "Verlängert um {periods}"},
    "rested": {"en": "Was paused for {count} days", "de": "Ruhte {count} Tage"},
    "rested_1": {"en": "Was paused for 1 day", "de": "Ruhte 1 Tag"},
    "rests": {"en": "paused", "de": "angehalten"},
    "by_state": {
        "en": "Paused since {day}, as long as it is in “{state}”",
        "de": "Angehalten seit {day}, solange der Zustand „{state}“ dauert",
    },
    "by_hand": {
        "en": "Paused since {day}, until somebody lets it go on",
        "de": "Angehalten seit {day}, bis jemand sie fortsetzt",
    },
    "missed": {"en": "missed", "de": "versäumt"},
    "until": {"en": "until {day}", "de": "bis {day}"},
}


def urgency(due: dt.date, now: dt.datetime, today: dt.date) -> Tone:
    """Return how urgent something is that is due on a day, or at a moment."""
    if isinstance(due, dt.datetime):
        return "bad" if due < now else "warning" if due - now <= _SOON else "neutral"
    return "bad" if due < today else "warning" if due - today <= _SOON else "neutral"


def limits_of(
    tools: Tools, record: Record, standing: Iterable[Standing], actions: Sequence[Action],
    place: tuple[str, str, Person],
) -> tuple[view.Limit, ...]:  # fmt: skip
    """Return the deadlines that run or rest; *place* is the path of the record, the language and who looks.

    Nothing where the end of time limits is not for this person to see.
    """
    if "due" not in record.values and "paused" not in record.values:
        return ()
    path, language, who = place
    found = []
    for one in standing:
        for timer in one.timers:
            deadline = one.workflow.deadlines.get(timer.name)
            if deadline is not None:
                mine = [action for action in actions if action.deadline == timer.name and action.possible]
                does = tuple(button(a, path, language, who, label=_short(say(a.label, language))) for a in mine)
                when, tone = _end(tools, timer, language)
                details = tuple(_details(tools, one, deadline, timer, language))
                found.append(view.Limit(say(deadline.label, language), when, tone, details, does))
    return tuple(found)


def part_end(tools: Tools, timer: Timer, language: str) -> tuple[str, Tone]:
    """Return until when an opinion is due, and how urgent that is."""
    text, tone = _end(tools, timer, language)
    return (text if timer.missed or timer.rests else say(_WORDS["until"], language, day=text)), tone


def _end(tools: Tools, timer: Timer, language: str) -> tuple[str, Tone]:
    if timer.rests:
        return say(_WORDS["rests"], language), "warning"
    shown = _shown(tools, timer, language)
    if timer.missed:
        return f"{shown} – {say(_WORDS['missed'], language)}", "bad"
    return shown, urgency(timer.at or timer.due, tools.now(), tools.today())


def _shown(tools: Tools, timer: Timer, language: str) -> str:
    if timer.at is None:
        return show_date(timer.due, language)
    return instant_shower(tools.app.calendar.timezone)(timer.at, language)


def _details(tools: Tools, one: Standing, deadline: Deadline, timer: Timer, language: str) -> Iterator[str]:
    """Give how the end comes about."""
    yield say(
        _WORDS["within"], language, period=shown_period(deadline.within, language),
        day=show_date(timer.started, language),
    )  # fmt: skip
    course, calendar = timer.course, tools.app.calendar
    if course.extended:
        yield say(_WORDS["extended"], language, periods=", ".join(shown_period(p, language) for p in course.extended))
    lasted = [(calendar.today(begin), calendar.today(end)) for begin, end in course.pauses if end is not None]
    days = sum((end - begin).days + 1 for begin, end in lasted)
    if days and deadline.within.unit not in BY_THE_CLOCK:
        yield say(_WORDS["rested_1" if days == 1 else "rested"], language, count=days)
    if timer.rests and course.pauses:
        day = show_date(calendar.today(course.pauses[-1][0]), language)
        why = "by_state" if STATE in course.held else "by_hand"
        yield say(_WORDS[why], language, day=day, state=say(one.state.label, language))


def _short(label: str) -> str:
    """Return what is done with a deadline, whose name stands above: “Pause”."""
    what = label.rpartition(": ")[2]
    return what[:1].upper() + what[1:]
