"""The result of a simulation as text in English or German, and as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from textwrap import fill

import orjson
from fachwerk.engine.simulation.advice import advice_of
from fachwerk.engine.simulation.resting import can_rest
from fachwerk.engine.simulation.result import DeadEnd, Result, Spread
from fachwerk.forms.times import length_text
from fachwerk.problems import Text, say
from fachwerk.schemas.kinds.times import show_date
from fachwerk.schemas.model import Project

WIDTH = 118
_WORDS: dict[str, Text] = {
    "title": {"en": "{label}: {cases} cases, {steps} steps, {days} days ({begun} to {ended})",
              "de": "{label}: {cases} Vorgänge, {steps} Schritte, {days} Tage ({begun} bis {ended})"},
    "assumed": {
        "en": "Assumed: {arrivals} in office hours, seed {seed}; a step takes {service} of work on average, an answer "
        "from outside {answer}; steps are chosen at random (refusals rarer), messages are not read. {away} "
        "People: {people}.",
        "de": "Angenommen: {arrivals} in der Arbeitszeit, Startwert {seed}; ein Schritt kostet im Mittel {service} "
        "Arbeit, eine Antwort von außen {answer}; Schritte werden zufällig gewählt (Ablehnungen seltener), "
        "Nachrichten liest niemand. {away} Personen: {people}."},
    "all_there": {"en": "Nobody is away.", "de": "Niemand ist abwesend."},
    "away": {
        "en": "Away: {shares} of the working days, {days} working days at a time on average{wave}; {deputies} % of "
        "them have a deputy.",
        "de": "Abwesend: {shares} der Arbeitstage, im Mittel {days} Arbeitstage am Stück{wave}; {deputies} % davon "
        "haben eine Vertretung."},
    "everybody": {"en": "everybody {share} %", "de": "alle {share} %"},
    "wave": {"en": ", only from {first} to {last}", "de": ", nur vom {first} bis {last}"},
    "missing": {"en": "Who was away and waited for", "de": "Auf wen gewartet wurde, weil er oder sie fehlte"},
    "gone": {"en": "away", "de": "abwesend"}, "held": {"en": "work held up", "de": "Arbeit blieb liegen"},
    "eyes": {"en": "four eyes", "de": "Vier Augen"},
    "named": {"en": "People whom cases name", "de": "Personen, die der Vorgang nennt"},
    "with": {"en": "With and without absences", "de": "Mit und ohne Abwesenheiten"},
    "yes": {"en": "with", "de": "mit"}, "no": {"en": "without", "de": "ohne"},
    "whole": {"en": "Cases that ended", "de": "Beendete Vorgänge"},
    "whole_median": {"en": "… took, median", "de": "… brauchten, Median"},
    "whole_ninety": {"en": "… took, 90 % at most", "de": "… brauchten, 90 % höchstens"},
    "all_missed": {"en": "Time limits missed", "de": "Versäumte Fristen"},
    "all_dead": {"en": "Cases in a dead end", "de": "Vorgänge in einer Sackgasse"},
    "all_open": {"en": "Cases still open", "de": "Noch offene Vorgänge"},
    "kept_waiting": {"en": "In the end {count} cases wait in “{state}” for somebody who is away.",
                     "de": "Am Ende warten {count} Vorgänge in „{state}“ auf jemanden, der abwesend ist."},
    "share": {"en": "of all time", "de": "der ganzen Zeit"},
    "stays": {"en": "How long in which state", "de": "Wie lange in welchem Zustand"},
    "state": {"en": "State", "de": "Zustand"}, "count": {"en": "count", "de": "Anzahl"},
    "median": {"en": "median", "de": "Median"}, "ninety": {"en": "90 %", "de": "90 %"},
    "crews": {"en": "Who waits for whom", "de": "Wer auf wen wartet"}, "role": {"en": "Role", "de": "Rolle"},
    "people": {"en": "people", "de": "Personen"}, "steps": {"en": "steps", "de": "Schritte"},
    "waits": {"en": "wait, median", "de": "Warten, Median"}, "queue": {"en": "queue", "de": "Schlange"},
    "most": {"en": "longest", "de": "längste"}, "used": {"en": "used", "de": "Auslastung"},
    "outcomes": {"en": "How cases end", "de": "Wie Vorgänge enden"},
    "open": {"en": "still open", "de": "noch offen"}, "tired": {"en": "went in circles", "de": "drehten sich im Kreis"},
    "limits": {"en": "Time limits", "de": "Fristen"}, "run": {"en": "ran", "de": "gelaufen"},
    "missed": {"en": "missed", "de": "versäumt"},
    "extended": {"en": "extended", "de": "verlängert"}, "rested": {"en": "rested", "de": "geruht"},
    "rest": {"en": "rest, median", "de": "Ruhe, Median"},
    "resting": {
        "en": "Limits: {pauses} % of those that people may let rest do rest, for {rest} on average, and nobody goes "
        "on with the case meanwhile; {extensions} % of those that they may extend are extended, if they still run "
        "near their end.",
        "de": "Fristen: {pauses} % derer, die ruhen dürfen, ruhen, im Mittel {rest}, und niemand macht so lange "
        "weiter; {extensions} % derer, die verlängert werden dürfen, werden verlängert, wenn sie gegen Ende noch "
        "laufen."},
    "refused": {"en": "Cases that nobody could create: {count}",
                                                              "de": "Vorgänge, die niemand anlegen konnte: {count}"},
    "dead": {"en": "Dead ends: {count} cases cannot go on", "de": "Sackgassen: {count} Vorgänge kommen nicht weiter"},
    "nobody": {"en": "none of these people may go on with it. {who}",
                "de": "keine dieser Personen darf weitermachen. {who}"},
    "after": {"en": "after: ", "de": "nach: "}, "none": {"en": "No dead ends.", "de": "Keine Sackgassen."},
    "begin": {"en": "nothing", "de": "nichts"},
    "never": {"en": "Never happened: {names}", "de": "Nie geschehen: {names}"},
    "proved": {"en": "The model check proved that no case gets stuck as long as the right people are there.",
               "de": "Die Modellprüfung hat bewiesen: Kein Vorgang bleibt stecken, solange die Richtigen da sind."},
    "unproved": {"en": "The model check could not prove that no case gets stuck.",
                 "de": "Die Modellprüfung konnte nicht beweisen, dass kein Vorgang stecken bleibt."},
    "stuck": {"en": "The model check says the same: cases get stuck in {states}.",
              "de": "Die Modellprüfung sagt dasselbe: Vorgänge bleiben stecken in {states}."},
    "against": {"en": "This contradicts the model check, which is a defect of Fachwerk. Please report it.",
                "de": "Das widerspricht der Modellprüfung und ist ein Fehler von Fachwerk. Bitte melden Sie ihn."},
}  # fmt: skip


class _Report:
    def __init__(self, result: Result, project: Project, people: Sequence[tuple[str, int]], language: str) -> None:
        self.result, self.project, self.people, self.language = result, project, people, language
        self.states = {name: say(state.label, language) for name, state in result.workflow.states.items()}

    def word(self, name: str, **values: object) -> str:
        return say(_WORDS[name], self.language).format_map(values)

    def folded(self, name: str, **values: object) -> str:
        return fill(self.word(name, **values), WIDTH)

    def lines(self) -> Iterable[str]:
        result = self.result
        yield from self._head()
        yield from self._table(
            "stays", ("state", "count", "median", "ninety", "share"),
            [(self.states[name], *self._spread(one), self._share(one)) for name, one in result.stays.items()],
        )  # fmt: skip
        yield from self._table(
            "crews", ("role", "people", "steps", "waits", "ninety", "queue", "most", "used"), list(self._crews())
        )
        yield from self._missing()
        ends = [(self.states[name], *self._spread(spread)) for name, spread in result.outcomes.items() if spread.count]
        left = [(f"{self.states[n]} ({self.word('open')})", str(count), "", "") for n, count in result.open.items()]
        left += [(self.word("tired"), str(result.tired), "", "")] if result.tired else []
        yield from self._table("outcomes", ("state", "count", "median", "ninety"), [*ends, *left])
        if result.limits:
            labels = {name: say(one.label, self.language) for name, one in result.workflow.deadlines.items()}
            rows = [
                (labels[name], str(one.run), str(one.missed), str(one.extended), *self._spread(one.rested))
                for name, one in result.limits.items()
            ]
            yield from self._table("limits", ("limits", "run", "missed", "extended", "rested", "rest", "ninety"), rows)
        yield from self._compared_without()
        yield from self._findings()

    def _head(self) -> Iterable[str]:
        result, assumed = self.result, self.result.assumed
        label, days = say(result.workflow.label, self.language), (result.ended - result.begun).days
        yield self.word(
            "title", label=label, cases=result.cases, steps=result.steps, days=days, begun=f"{result.begun:%Y-%m-%d}",
            ended=f"{result.ended:%Y-%m-%d}",
        )  # fmt: skip
        crews = ", ".join(f"{say(self.project.roles[role].label, self.language)} {n}" for role, n in self.people)
        yield self.folded(
            "assumed", arrivals=say(assumed.pace, self.language), seed=assumed.seed, away=self._away(),
            service=length_text(assumed.service, self.language),
            answer=length_text(assumed.answer, self.language), people=crews,
        )  # fmt: skip
        if can_rest(result.workflow):
            often = (f"{100 * one:.0f}" for one in (assumed.pauses, assumed.extensions))
            pauses, extensions = often
            rest = length_text(assumed.rest, self.language)
            yield self.folded("resting", pauses=pauses, rest=rest, extensions=extensions)

    def _crews(self) -> Iterable[tuple[str, ...]]:
        for crew in self.result.crews:
            wait = [length_text(one, self.language) for one in (crew.waited.median, crew.waited.ninety)]
            label = say(self.project.roles[crew.role].label, self.language)
            queue = f"{crew.queue:.1f}".replace(".", "," if self.language == "de" else ".")
            yield label, str(crew.people), str(crew.steps), *wait, queue, str(crew.most), f"{100 * crew.used:.0f} %"

    def _away(self) -> str:
        assumed = self.result.assumed
        if not assumed.anybody_away:
            return self.word("all_there")
        shares = [self.word("everybody", share=f"{100 * assumed.absent_all:.0f}")] if assumed.absent_all else []
        roles = ((say(self.project.roles[role].label, self.language), share) for role, share in assumed.absent.items())
        shares += [f"{label} {100 * share:.0f} %" for label, share in roles]
        first, last = (show_date(day, self.language) for day in assumed.wave or (assumed.start, assumed.start))
        wave = self.word("wave", first=first, last=last) if assumed.wave else ""
        deputies = f"{100 * assumed.deputies:.0f}"
        return self.word("away", shares=", ".join(shares), days=assumed.away, wave=wave, deputies=deputies)

    def _missing(self) -> Iterable[str]:
        if not self.result.assumed.anybody_away:
            return
        rows = [
            (say(self.project.roles[crew.role].label, self.language), f"{100 * crew.away:.0f} %",
             *self._spread(crew.held), str(crew.eyes))
            for crew in self.result.crews if crew.away or crew.held.count
        ]  # fmt: skip
        if self.result.named.count:
            rows.append((self.word("named"), "", *self._spread(self.result.named), ""))
        yield from self._table("missing", ("role", "gone", "held", "median", "ninety", "eyes"), rows)

    def _compared_without(self) -> Iterable[str]:
        if self.result.without is None:
            return
        both = (self.result, self.result.without)
        rows = {
            "whole": [str(one.whole.count) for one in both],
            "whole_median": [length_text(one.whole.median, self.language) for one in both],
            "whole_ninety": [length_text(one.whole.ninety, self.language) for one in both],
            "all_missed": [str(sum(limit.missed for limit in one.limits.values())) for one in both],
            "all_dead": [str(sum(end.count for end in one.dead_ends)) for one in both],
            "all_open": [str(sum(one.open.values())) for one in both],
        }
        yield from self._table("with", ("with", "yes", "no"), [(self.word(k), *cells) for k, cells in rows.items()])

    def _findings(self) -> Iterable[str]:
        result = self.result
        yield ""
        if result.refused:
            yield self.word("refused", count=result.refused)
        if result.dead_ends:
            yield self.word("dead", count=sum(one.count for one in result.dead_ends))
            yield from (self._dead_end(one) for one in result.dead_ends)
        else:
            yield self.word("none")
        for state, count in result.kept_waiting.items():
            yield self.word("kept_waiting", count=count, state=self.states[state])
        if result.never:
            yield self.word("never", names=", ".join(result.never))
        yield self._compared()
        advice = [say(one, self.language) for one in advice_of(result, self.project)]
        if advice:
            yield ""
            yield from (fill(one, WIDTH) for one in advice)

    def _dead_end(self, one: DeadEnd) -> str:
        told = one.reason.de if self.language == "de" else one.reason.en
        reason = self.word("nobody", who=told) if one.reason.people else told
        trace = ", ".join(one.trace) or self.word("begin")
        return f"  {one.count:>5}  {self.states[one.state]}: {reason}\n         {self.word('after')}{trace}"

    def _compared(self) -> str:
        verdict = self.result.verdict
        if self.result.contradicts:
            return self.word("against")
        stuck = sorted(verdict.stuck | verdict.endless)
        if stuck:
            return self.word("stuck", states=", ".join(self.states[name] for name in stuck))
        return self.word("proved" if verdict.proved else "unproved")

    def _share(self, spread: Spread) -> str:
        everything = sum((one.total for one in self.result.stays.values()), dt.timedelta())
        return f"{100 * (spread.total / everything):.0f} %" if everything else ""

    def _spread(self, spread: Spread) -> tuple[str, str, str]:
        lengths = (length_text(one, self.language) for one in (spread.median, spread.ninety))
        return (str(spread.count), *lengths)  # type: ignore[return-value]

    def _table(self, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterable[str]:
        if not rows:
            return
        named = [self.word(title), *(self.word(head) for head in heads[1:])]
        widths = [max(len(row[at]) for row in (named, *rows)) for at in range(len(heads))]
        yield ""
        for row in (named, *rows):
            cells = (f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
            yield f"{row[0]:<{widths[0]}}  " + "  ".join(cells)


def as_text(result: Result, project: Project, people: Sequence[tuple[str, int]], language: str) -> str:
    """Return the result in words; *people* are the roles with how many hold them."""
    return "\n".join(_Report(result, project, people, language).lines()).replace("\u00a0", " ") + "\n"


def as_json(result: Result, people: Sequence[tuple[str, int]]) -> bytes:
    """Return the result as JSON; lengths are seconds."""
    assumed = result.assumed
    return orjson.dumps({
        "workflow": result.workflow.name,
        "assumed": {
            "cases": assumed.cases, "seed": assumed.seed, "from": assumed.start, "arrivals": assumed.arrivals,
            "people": dict(people), "service": _seconds(assumed.service), "answer": _seconds(assumed.answer),
            "steps": {name: _seconds(one) for name, one in assumed.steps.items()}, "likely": dict(assumed.likely),
            "absent": assumed.absent_all, "absent_roles": dict(assumed.absent), "away": assumed.away,
            "wave": assumed.wave, "deputies": assumed.deputies,
            "pauses": assumed.pauses, "rest": _seconds(assumed.rest), "extensions": assumed.extensions,
        },
        "cases": result.cases, "refused": result.refused, "steps": result.steps, "begun": result.begun,
        "ended": result.ended, "states": {name: _data(one) for name, one in result.stays.items()},
        "roles": {
            one.role: {
                "people": one.people, "steps": one.steps, "waited": _data(one.waited), "queue": round(one.queue, 3),
                "longest_queue": one.most, "used": round(one.used, 4), "away": round(one.away, 4),
                "waited_for_the_absent": _data(one.held), "four_eyes": one.eyes,
            }
            for one in result.crews
        },
        "outcomes": {name: _data(one) for name, one in result.outcomes.items()}, "open": result.open,
        "circles": result.tired, "all": _data(result.whole), "waited_for_people_named": _data(result.named),
        "waiting_for_the_absent": result.kept_waiting, "without_absences": _without(result.without),
        "limits": {
            name: {"run": one.run, "missed": one.missed, "extended": one.extended, "rested": _data(one.rested)}
            for name, one in result.limits.items()
        },
        "dead_ends": [
            {"state": one.state, "cases": one.count, "reason": one.reason.en,
             "people": one.reason.people, "trace": list(one.trace)}
            for one in result.dead_ends
        ],
        "taken": result.taken, "never": list(result.never),
        "checked": {
            "proved": result.verdict.proved, "stuck": sorted(result.verdict.stuck),
            "endless": sorted(result.verdict.endless), "contradicts": result.contradicts,
        },
    }, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)  # fmt: skip


def _seconds(length: dt.timedelta | None) -> int | None:
    return None if length is None else round(length.total_seconds())


def _data(spread: Spread) -> dict[str, int | None]:
    return {"count": spread.count, "median": _seconds(spread.median), "ninety": _seconds(spread.ninety)}


def _without(result: Result | None) -> dict[str, object] | None:
    """Return of a run with nobody away what is worth comparing."""
    return None if result is None else {
        "all": _data(result.whole), "outcomes": {name: _data(one) for name, one in result.outcomes.items()},
        "states": {name: _data(one) for name, one in result.stays.items()}, "open": result.open,
        "missed": {name: one.missed for name, one in result.limits.items()},
        "dead_ends": sum(one.count for one in result.dead_ends),
    }  # fmt: skip
