"""View data of times: the period asked for, and one workflow's times in the words of the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from fachwerk.engine.evidence.times import Limit, Stay, Times, Way
from fachwerk.engine.server.headers import refuse
from fachwerk.forms.model_times import Bar, LimitRow, LoopRow, StayRow, TimesChart, WayRow
from fachwerk.forms.texts import Words, texts
from fachwerk.forms.times import DAYS, PERIODS, columns_of, flow_words, length_text, range_text, share_text
from fachwerk.problems import Refused, say
from fachwerk.schemas.model import Workflow

EARLIEST = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """A period of whole days, *begin* and *end* in it; *name* is empty for one of somebody's own."""

    begin: dt.date
    end: dt.date
    name: str = ""

    @property
    def after(self) -> dt.date:
        """The day after it."""
        return self.end + dt.timedelta(days=1)


def period_of(query: Iterable[tuple[str, str]], today: dt.date) -> Period:
    """Return the period that an address asks for; raises :class:`Refused` (400) for what is none."""
    asked = {name: value for name, value in query if value}
    name = asked.pop("period", "" if asked else "quarter")
    first, last = asked.pop("from", None), asked.pop("to", None)
    if asked or (name and (name not in PERIODS or first or last)):
        raise _no_period()
    if name == "all":
        return Period(EARLIEST, today, name)
    if name:
        return Period(today - dt.timedelta(days=DAYS[name] - 1), today, name)
    try:
        begin = dt.date.fromisoformat(first) if first else EARLIEST
        end = dt.date.fromisoformat(last) if last else today
    except ValueError:
        raise _no_period() from None
    if begin > end or not 1900 <= begin.year <= end.year <= 9000:
        raise _no_period()
    return Period(begin, end)


def _no_period() -> Refused:
    english = "A period is weeks, quarter, year or all; or from and to, two days like 2026-03-31."
    german = "Ein Zeitraum ist weeks, quarter, year oder all; oder from und to, zwei Tage wie 2026-03-31."
    return refuse("bad_query", 400, english, german)


def chart_of(times: Times, period: Period, path: str, language: str, today: dt.date) -> TimesChart:
    """Return the times of one workflow as the page shows them; *path* leads to the list of its cases."""
    workflow, words = times.workflow, texts(language)
    counts = [(day.day, day.begun, day.ended, day.steps) for day in times.days]
    columns, by_month = columns_of(counts, period.begin, period.end, today, words)
    widest = max((stay.quartiles[2] for stay in times.stays if stay.quartiles), default=dt.timedelta())
    most = max((way.count for way in times.ways), default=1)
    return TimesChart(
        say(workflow.label, language), times.empty,
        tuple(_stay(stay, workflow, widest, path, words) for stay in times.stays), columns, by_month,
        flow_words(columns, words), tuple(_way(way, workflow, most, words) for way in times.ways),
        tuple(_loop(stay, workflow, words) for stay in times.stays if stay.again),
        tuple(_limit(limit, workflow, words) for limit in times.limits),
    )  # fmt: skip


def _state(workflow: Workflow, name: str, language: str) -> str:
    state = workflow.state(name)
    return say(state.label, language) if state is not None else name


def _count(number: int, words: Words) -> str:
    return words.count(number) if number else ""


def _stay(stay: Stay, workflow: Workflow, widest: dt.timedelta, path: str, words: Words) -> StayRow:
    language, spread = words.language, stay.quartiles
    bar = None
    if spread is not None and widest:
        low, middle, high = (one / widest for one in spread)
        bar = Bar(low, high, middle)
    return StayRow(
        _state(workflow, stay.state, language), f"{path}?{workflow.field}={stay.state}", _count(stay.ended, words),
        length_text(spread[1], language) if spread else "", range_text(spread[0], spread[2], words) if spread else "",
        length_text(stay.longest, language), bar, _count(stay.waiting, words),
        length_text(stay.waiting_median, language), length_text(stay.waiting_longest, language),
    )  # fmt: skip


def _way(way: Way, workflow: Workflow, most: int, words: Words) -> WayRow:
    step = next((one.transitions[way.step] for one in workflow.versions if way.step in one.transitions), None)
    label = say(step.label, words.language) if step is not None else way.step
    source, target = (_state(workflow, name, words.language) for name in (way.source, way.target))
    return WayRow(label, source, target, words.count(way.count), Bar(0, way.count / most))


def _loop(stay: Stay, workflow: Workflow, words: Words) -> LoopRow:
    return LoopRow(
        _state(workflow, stay.state, words.language), words.count(stay.entered), words.count(stay.again),
        share_text(stay.again, stay.entered, words.language),
    )  # fmt: skip


def _limit(limit: Limit, workflow: Workflow, words: Words) -> LimitRow:
    name = say(workflow.deadlines[limit.name].label, words.language)
    share = share_text(limit.kept, limit.kept + limit.missed, words.language)
    return LimitRow(
        name, words.count(limit.kept), words.count(limit.missed), share, words.count(limit.running),
        words.count(limit.overdue),
    )  # fmt: skip
