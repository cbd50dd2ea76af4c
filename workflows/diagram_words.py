"""What a picture of a workflow says: its rules in words, shortened where room is scarce, with the whole beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from textwrap import wrap
from typing import NamedTuple

from fachwerk.problems import Text, say
from fachwerk.schemas.model import Part, Performer, Rule, State, Transition, Workflow
from fachwerk.schemas.telling import told_eyes

Told = Callable[[Rule], Text]
"""Tells a rule as a sentence without a full stop."""
MOST_INSIDE, MOST_ON_WAY, MOST_AROUND, MOST_IN_TEXT = 30, 34, 60, 80
"""Characters of a rule in a box, on an arrow to the next states, on one around them, and in Mermaid."""
_COMPLETE: Text = {"en": "Everything is there", "de": "Alles liegt vor"}


class Line(NamedTuple):
    """A line under the name of a state; *full* is what it says where it was shortened."""

    text: str
    full: str = ""
    part: str = ""
    """The part that it names."""


def as_written(rule: Rule) -> Text:
    """Return a rule as its author wrote it."""
    text = rule.text.text.strip()
    return {"en": text, "de": text}


def shortened(text: str, most: int) -> str:
    """Return *text* with at most *most* characters, cut between words."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(",;:( ") + "…"


class Wording:
    """Says what stands in one picture."""

    def __init__(self, workflow: Workflow, language: str, told: Told) -> None:
        self.workflow, self.language, self._told = workflow, language, told
        self._german = language == "de"

    def guard(self, transition: Transition) -> str:
        """Return the condition of a transition, whole; empty where there is none."""
        if transition.when is None:
            return ""
        if transition.when.text.text.strip() == "complete":
            return say(_COMPLETE, self.language)
        return say(self._told(transition.when), self.language)

    def way(self, transition: Transition) -> str:
        """Return the label of a transition; one that only a missed time limit takes says so."""
        late = not transition.by and transition.when is None
        more = (" (Frist versäumt)" if self._german else " (limit missed)") if late else ""
        return say(transition.label, self.language) + more

    def inside(self, state: State) -> Iterator[Line]:
        """Give what goes on in a state: its parts first, then what it waits for and which limits rest."""
        for part in state.parallel:
            label, many = say(part.label, self.language), self._how_many(part)
            full = f"{label} ({many.full})" if many.full else ""
            yield Line(f"· {label}" + (f" ({many.text})" if many.text else ""), full, part.name)
            yield from map(Line, wrap(told_eyes(self.workflow, part.not_by, self.language), MOST_INSIDE))
        if state.waits_for is not None:
            line = self._path(state.waits_for.path)
            start = "wartet auf: " if self._german else "waits for: "
            yield Line(start + line.text, start + line.full if line.full else "")
        for deadline in self.workflow.deadlines.values():
            if state.name in deadline.paused_in:
                yield Line(f"{say(deadline.label, self.language)} {'ruht' if self._german else 'rests'}")

    def _how_many(self, part: Part) -> Line:
        """Return how many outcomes a part takes, where it is not one."""
        if part.each is not None:
            line, start = self._path(part.each), "je: " if self._german else "each: "
            return Line(start + line.text, start + line.full if line.full else "")
        if part.needs in ("all", "majority"):
            words = {"all": ("all", "alle"), "majority": ("majority", "Mehrheit")}
            return Line(words[str(part.needs)][self._german])
        return Line(str(part.needs) if part.needs != 1 else "")

    def _path(self, rule: Rule) -> Line:
        """Return where a path leads: its last step where all of it is too long."""
        whole = say(self._told(rule), self.language)
        if len(whole) <= MOST_INSIDE:
            return Line(whole)
        return Line(shortened(whole.rpartition(": ")[2], MOST_INSIDE), whole)


def performers(by: tuple[Performer, ...], roles: Mapping[str, str], language: str, person: Told = as_written) -> str:
    """Return who takes a transition, in words."""
    if not by:
        return "von selbst" if language == "de" else "by itself"
    return ", ".join(
        roles.get(p.role, p.role) if p.role else say(person(p.person), language) if p.person else "" for p in by
    )
