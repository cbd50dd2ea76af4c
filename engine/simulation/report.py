"""The result of a simulation as text in English or German, and as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import orjson
from fachwerk.engine.simulation.resting import can_rest
from fachwerk.engine.simulation.result import DeadEnd, Result, Spread
from fachwerk.forms.times import length_text
from fachwerk.problems import Text, say
from fachwerk.schemas.model import Project

_WORDS: dict[str, Text] = {
    "title": {"en": "{label}: {cases} cases, {steps} steps, {days} days ({begun} to {ended})",
              "de": "{label}: {cases} Vorgänge, {steps} Schritte, {days} Tage ({begun} bis {ended})"},
    "assumed": {
        "en": "Assumed: {arrivals} in office hours, seed {seed}; a step takes {service} of work on average, an answer "
        "from outside {answer};\nsteps are chosen at random (refusals rarer), nobody is ill, messages are not "
        "read. People: {people}.",
        "de": "Angenommen: {arrivals} in der Arbeitszeit, Startwert {seed}; ein Schritt kostet im Mittel {service} "
        "Arbeit, eine Antwort von außen {answer};\nSchritte werden zufällig gewählt (Ablehnungen seltener), niemand "
        "ist krank, Nachrichten liest niemand. Personen: {people}."},
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
        "on with the\ncase meanwhile; {extensions} % of those that they may extend are extended, if they still run "
        "near their end.",
        "de": "Fristen: {pauses} % derer, die ruhen dürfen, ruhen, im Mittel {rest}, und niemand macht so lange "
        "weiter;\n{extensions} % derer, die verlängert werden dürfen, werden verlängert, wenn sie gegen Ende noch "
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

    def lines(self) -> Iterable[str]:
        result = self.result
        yield from self._head()
        yield from self._table(
            "stays", ("state", "count", "median", "ninety"),
            [(self.states[name], *self._spread(spread)) for name, spread in result.stays.items()],
        )  # fmt: skip
        yield from self._table(
            "crews", ("role", "people", "steps", "waits", "ninety", "queue", "most", "used"), list(self._crews())
        )
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
        yield from self._findings()

    def _head(self) -> Iterable[str]:
        result, assumed = self.result, self.result.assumed
        label, days = say(result.workflow.label, self.language), (result.ended - result.begun).days
        yield self.word(
            "title", label=label, cases=result.cases, steps=result.steps, days=days, begun=f"{result.begun:%Y-%m-%d}",
            ended=f"{result.ended:%Y-%m-%d}",
        )  # fmt: skip
        crews = ", ".join(f"{say(self.project.roles[role].label, self.language)} {n}" for role, n in self.people)
        yield self.word(
            "assumed", arrivals=assumed.arrivals, seed=assumed.seed,
            service=length_text(assumed.service, self.language),
            answer=length_text(assumed.answer, self.language), people=crews,
        )  # fmt: skip
        if can_rest(result.workflow):
            often = (f"{100 * one:.0f}" for one in (assumed.pauses, assumed.extensions))
            pauses, extensions = often
            rest = length_text(assumed.rest, self.language)
            yield self.word("resting", pauses=pauses, rest=rest, extensions=extensions)

    def _crews(self) -> Iterable[tuple[str, ...]]:
        for crew in self.result.crews:
            wait = [length_text(one, self.language) for one in (crew.waited.median, crew.waited.ninety)]
            label = say(self.project.roles[crew.role].label, self.language)
            queue = f"{crew.queue:.1f}".replace(".", "," if self.language == "de" else ".")
            yield label, str(crew.people), str(crew.steps), *wait, queue, str(crew.most), f"{100 * crew.used:.0f} %"

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
        if result.never:
            yield self.word("never", names=", ".join(result.never))
        yield self._compared()

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
            "pauses": assumed.pauses, "rest": _seconds(assumed.rest), "extensions": assumed.extensions,
        },
        "cases": result.cases, "refused": result.refused, "steps": result.steps, "begun": result.begun,
        "ended": result.ended, "states": {name: _data(one) for name, one in result.stays.items()},
        "roles": {
            one.role: {
                "people": one.people, "steps": one.steps, "waited": _data(one.waited), "queue": round(one.queue, 3),
                "longest_queue": one.most, "used": round(one.used, 4),
            }
            for one in result.crews
        },
        "outcomes": {name: _data(one) for name, one in result.outcomes.items()}, "open": result.open,
        "circles": result.tired,
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
