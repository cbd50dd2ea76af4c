"""What a simulation takes for granted where nobody knows: how much comes in, who works, how long a step takes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fachwerk.problems import Refused, Text, nearest
from fachwerk.schemas.model import Project, Workflow

_PACE = re.compile(r"(?P<count>\d+(?:\.\d+)?) (?:a|an|per) (?P<unit>hour|day|week|month)")
_LENGTH = re.compile(r"(?P<count>\d+(?:\.\d+)?) (?P<unit>minutes?|hours?|days?)")
_WORKING_HOURS = {"hour": 1, "day": 8, "week": 40, "month": 170}
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The world that cases come into; times of work are working time, those of an answer go by the calendar."""

    cases: int = 1000
    seed: int = 1
    start: dt.date = dt.date(2026, 1, 1)
    arrivals: str = "5 a day"
    people: Mapping[str, int] = field(default_factory=dict)
    """Role -> how many hold it and nothing else; other roles: as the demo data say."""
    service: dt.timedelta = dt.timedelta(minutes=30)
    """Working time that a step takes on average."""
    steps: Mapping[str, dt.timedelta] = field(default_factory=dict)
    """Step -> the same for this step alone."""
    answer: dt.timedelta = dt.timedelta(days=2)
    """How long people outside take on average until they do something."""
    pauses: float = 0.1
    """How many of the limits that people may let rest they do let rest."""
    rest: dt.timedelta = dt.timedelta(days=7)
    """How long a limit rests on average."""
    extensions: float = 0.1
    """How many of the limits that people may extend they do extend."""
    absent_all: float = 0.0
    """For which share of the working days whoever works on cases is away, on average."""
    absent: Mapping[str, float] = field(default_factory=dict)
    """Role -> the same for its holders."""
    away: int = 5
    """How many working days somebody is away at a time, on average."""
    wave: tuple[dt.date, dt.date] | None = None
    """The only days, first and last, on which anybody is away."""
    deputies: float = 0.0
    """How many of those who are away have a deputy."""
    likely: Mapping[str, float] = field(default_factory=dict)
    """Step -> how likely it is beside the others: 1; 0.1 where it refuses, asks or sends back, 0.4 for further
    outcomes."""

    @property
    def pace(self) -> Text:
        """How many cases come in, in words."""
        count, unit = _pace(self.arrivals)
        german = {"hour": "in der Stunde", "day": "am Tag", "week": "in der Woche", "month": "im Monat"}[unit]
        english = f"{count:g} {'an' if unit == 'hour' else 'a'} {unit}"
        return {"en": english, "de": f"{count:g} {german}".replace(".", ",")}

    @property
    def anybody_away(self) -> bool:
        """Whether people are away at all."""
        return self.absent_all > 0 or any(self.absent.values())

    @property
    def gap(self) -> dt.timedelta:
        """The working time between two cases on average."""
        count, unit = _pace(self.arrivals)
        return dt.timedelta(hours=_WORKING_HOURS[unit] / count)


def _pace(text: str) -> tuple[float, str]:
    found = _PACE.fullmatch(text.strip())
    if found is None or float(found["count"]) <= 0:
        raise Refused("bad_arrivals", {
            "en": f"“{text}” is no pace. Write for example: 5 a day, 2 an hour, 30 a week.",
            "de": f"„{text}“ ist keine Angabe. Schreiben Sie etwa: 5 a day, 2 an hour, 30 a week.",
        }, status=422)  # fmt: skip
    return float(found["count"]), found["unit"]


def length_of(text: str) -> dt.timedelta:
    """Return the length that ``45 minutes`` or ``2 hours`` means; raises :class:`Refused`."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None or float(found["count"]) <= 0:
        raise Refused("bad_length", {
            "en": f"“{text}” is no length of time. Write for example: 45 minutes, 2 hours, 3 days.",
            "de": f"„{text}“ ist keine Dauer. Schreiben Sie etwa: 45 minutes, 2 hours, 3 days.",
        }, status=422)  # fmt: skip
    return dt.timedelta(seconds=float(found["count"]) * _SECONDS[found["unit"].rstrip("s")])


def named(pairs: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Return ``name=value`` texts by name; raises :class:`Refused` for a name that is not among *known*."""
    found = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name not in known or not value:
            guess = nearest(name, known)
            more = (f" Did you mean {guess}?", f" Meinten Sie {guess}?") if guess else ("", "")
            raise Refused("bad_pair", {
                "en": f"“{pair}”: name=value is expected, with one of {', '.join(known)}.{more[0]}",
                "de": f"„{pair}“: Erwartet wird name=wert, mit einem von {', '.join(known)}.{more[1]}",
            }, status=422)  # fmt: skip
        found[name] = value
    return found


def workflow_of(project: Project, name: str | None) -> Workflow:
    """Return the workflow *name*, or the only one; raises :class:`Refused`."""
    if name is None and len(project.workflows) == 1:
        return next(iter(project.workflows.values()))
    found = project.workflows.get(name or "")
    if found is None:
        known = ", ".join(project.workflows) or "–"
        guess = nearest(name or "", project.workflows)
        en = f"Did you mean {guess}?" if guess else f"Name one of: {known}."
        de = f"Meinten Sie {guess}?" if guess else f"Nennen Sie einen von: {known}."
        told = {"en": f"There is no workflow {name}. {en}", "de": f"Es gibt keinen Workflow {name}. {de}"}
        asked = {"en": f"Which workflow? {en}", "de": f"Welcher Workflow? {de}"}
        raise Refused("unknown_workflow", told if name else asked, status=404)
    return found


def steps_of(workflow: Workflow) -> list[str]:
    """Return everything that somebody can do in a workflow: transitions, and outcomes as ``part.outcome``."""
    parts = [part for state in workflow.states.values() for part in state.parallel]
    outcomes = [f"{part.name}.{one.name}" for part in parts for one in part.outcomes]
    return [*(step.name for step in workflow.transitions.values() if step.by), *dict.fromkeys(outcomes)]


def made_of(
    project: Project, workflow: Workflow, *, people: Sequence[str] = (), steps: Sequence[str] = (),
    likely: Sequence[str] = (), absent: Sequence[str] = (), **others: object,
) -> Assumptions:  # fmt: skip
    """Return the assumptions that texts like ``clerk=3`` and ``approve=2 hours`` mean; raises :class:`Refused`."""
    known = steps_of(workflow)
    held = {name: _whole(value) for name, value in named(people, list(project.roles)).items()}
    lengths = {name: length_of(value) for name, value in named(steps, known).items()}
    weights = {name: _number(value) for name, value in named(likely, known).items()}
    whole = [_share(text) for text in absent if "=" not in text]
    away = {name: _share(value) for name, value in named([t for t in absent if "=" in t], list(project.roles)).items()}
    assumed = Assumptions(
        people=held, steps=lengths, likely=weights, absent_all=max(whole, default=0.0), absent=away,
        **others,  # type: ignore[arg-type]
    )  # fmt: skip
    _pace(assumed.arrivals)
    return assumed


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) > 1000:
        raise _no_number(text)
    return int(text)


def _number(text: str) -> float:
    if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text) is None:
        raise _no_number(text)
    return float(text)


def _share(text: str) -> float:
    if re.fullmatch(r"[01](\.\d{1,6})?", text) is None or float(text) > 1:
        raise Refused("bad_share", {
            "en": f"“{text}” is no share of the working days. Write a number from 0 to 1, such as 0.2, or head=0.2.",
            "de": f"„{text}“ ist kein Anteil der Arbeitstage. Schreiben Sie eine Zahl von 0 bis 1, etwa 0.2, "
            "oder head=0.2.",
        }, status=422)  # fmt: skip
    return float(text)


def _no_number(text: str) -> Refused:
    told = {"en": f"“{text}” is no number that can be used here.", "de": f"„{text}“ ist hier keine brauchbare Zahl."}
    return Refused("bad_number", told, status=422)
