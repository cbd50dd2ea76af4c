"""What follows from a simulation, in sentences: where the time goes, who is short, and what to try next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from fachwerk.engine.simulation.result import Crew, Result
from fachwerk.forms.times import length_text
from fachwerk.problems import Text, say
from fachwerk.schemas.model import Project, State

BUSY = 0.85
"""Whoever is busier than this makes others wait: queues grow without bound towards 1."""
IDLE = 0.6
"""Where nobody is busier than this, more people change little."""
MUCH = 0.4
"""A state that has this share of all the time is named."""


def advice_of(result: Result, project: Project) -> Iterable[Text]:
    """Give sentences about what to look at and what to try, the most important first."""
    yield from _time(result, project)
    yield from _busy(result, project)
    yield from _away(result, project)


def _time(result: Result, project: Project) -> Iterable[Text]:
    everything = sum((one.total for one in result.stays.values()), dt.timedelta())
    if not everything:
        return
    name = max(result.stays, key=lambda one: result.stays[one].total)
    share = result.stays[name].total / everything
    if share < MUCH:
        return
    state, number = result.workflow.states[name], f"{100 * share:.0f} %"
    label = {language: say(state.label, language) for language in ("en", "de")}
    text = {
        "en": f"Most of the time ({number}) goes by in “{label['en']}”.",
        "de": f"Die meiste Zeit ({number}) vergeht in „{label['de']}“.",
    }
    why = _outside(result, project, state) or _rests(result, state)
    yield {language: " ".join(filter(None, (text[language], why.get(language)))) for language in text}


def _outside(result: Result, project: Project, state: State) -> Text:
    """Return that people outside are waited for, if only they can go on there."""
    by = [one for step in result.workflow.transitions.values() if state.name in step.source for one in step.by]
    by += [one for part in state.parallel for one in part.by]
    if not by or any(one.role is not None and not project.roles[one.role].signs_up for one in by):
        return {}
    answer = [length_text(result.assumed.answer, language) for language in ("en", "de")]
    return {
        "en": f"There it is up to people whom the case names (assumed: {answer[0]} until they do something; --answer).",
        "de": "Dort ist an der Reihe, wen der Vorgang nennt "
        f"(angenommen: {answer[1]}, bis jemand etwas tut; --answer).",
    }  # fmt: skip


def _rests(result: Result, state: State) -> Text:
    """Return that time limits rest there, which is when nobody goes on."""
    found = [one for one in result.workflow.deadlines.values() if state.name in one.runs_in]
    count = sum(result.limits[one.name].rested.count for one in found)
    if not count:
        return {}
    return {
        "en": f"Time limits rest there ({count}; --pause, --rest), and nobody goes on meanwhile.",
        "de": f"Dort ruhen Fristen ({count}; --pause, --rest), und niemand macht so lange weiter.",
    }


def _busy(result: Result, project: Project) -> Iterable[Text]:
    crews = sorted((one for one in result.crews if one.people), key=lambda one: -one.used)
    for crew in (one for one in crews if one.used > BUSY):
        label, used, queue = project.roles[crew.role].label, f"{100 * crew.used:.0f} %", f"{crew.queue:.1f}"
        more = f"--people {crew.role}={crew.people + 1}"
        yield {
            "en": f"{say(label)} is a bottleneck: busy for {used} of the time, with {queue} pieces of work waiting on "
            f"average. Try {more}, or shorter steps (--service, --step).",
            "de": f"{say(label, 'de')} ist ein Engpass: zu {used} ausgelastet, im Mittel warten "
            f"{queue.replace('.', ',')} Arbeiten. Versuchen Sie {more} oder kürzere Schritte (--service, --step).",
        }  # fmt: skip
    if crews and crews[0].used < IDLE and not result.assumed.anybody_away:
        label, used = project.roles[crews[0].role].label, f"{100 * crews[0].used:.0f} %"
        yield {
            "en": f"Nobody is too busy (at most {used}: {say(label)}): more people would hardly make cases faster.",
            "de": f"Niemand ist überlastet (höchstens {used}: {say(label, 'de')}): Mehr Personen machten Vorgänge kaum "
            "schneller.",
        }  # fmt: skip


def _away(result: Result, project: Project) -> Iterable[Text]:
    crew: Crew | None = max(result.crews, key=lambda one: one.held.total, default=None)
    if crew is None or not crew.held.count:
        return
    label, count = project.roles[crew.role].label, crew.held.count
    median = [length_text(crew.held.median, language) for language in ("en", "de")]
    try_ = [f"--people {crew.role}={crew.people + 1}"]
    try_ += ["--deputies 1"] if result.assumed.deputies < 1 else []
    yield {
        "en": f"Absences cost most at {say(label)}: work was held up {count} times, {median[0]} in the median. "
        f"Try {' or '.join(try_)}.",
        "de": f"Am meisten kosten Abwesenheiten bei {say(label, 'de')}: {count}-mal blieb Arbeit liegen, im Median "
        f"{median[1]}. Versuchen Sie {' oder '.join(try_)}.",
    }  # fmt: skip
    eyes = sum(one.eyes for one in result.crews)
    if eyes:
        yield {
            "en": f"Held up by four eyes: {eyes}. Somebody was there, but had done an earlier step. A deputy does not "
            "help where deputy and absent count as one; a further person does.",
            "de": f"Wegen der vier Augen liegen geblieben: {eyes}. Jemand war da, hatte aber einen früheren Schritt "
            "getan. Eine Vertretung hilft nicht, wo sie und die vertretene Person als eine zählen; eine weitere Person "
            "schon.",
        }  # fmt: skip
