"""Situations of a case in words: for the messages of the model check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from fachwerk.problems import Code, Problem, Span, Text, say
from fachwerk.schemas.model import Performer, Rule
from fachwerk.workflows.explore import Explored, Situation, record_of


class Words:
    """Says situations of one workflow in English and German."""

    def __init__(self, explored: Explored) -> None:
        self._explored = explored

    def when(self, at: Situation, rules: Iterable[Rule | None] | None = None) -> dict[str, str]:
        """Return `` when amount is 100``: the values that *rules* (else those that lead out of the state) read."""
        asked = [rule for rule in (self._leaving(at.state) if rules is None else rules) if rule is not None]
        read = frozenset[str]().union(*(self._explored.domain.names(rule) for rule in asked))
        pairs = zip(self._explored.domain.variables, at.values, strict=True)
        values = [(variable.name, value) for variable, value in pairs if variable.name in read]
        opinions = any(path[0] == "opinions" for rule in asked for path in rule.checked.reads)
        parts = at.opinions if opinions else ()
        english = [f"`{name}` is {said(value, 'en')}" for name, value in values] + [f"`{p}` says {o}" for p, o in parts]
        german = [f"`{name}` {said(value, 'de')} ist" for name, value in values] + [f"`{p}` {o} sagt" for p, o in parts]
        return {
            "when_en": " when " + " and ".join(english) if english else "",
            "when_de": ", wenn " + " und ".join(german) if german else "",
        }

    def ways(self, state: str, at: Situation | None = None) -> dict[str, str]:
        """Return the transitions that lead out of a state, who takes them, and which of them lead back from *at*."""
        out = [t for t in self._explored.workflow.transitions.values() if state in t.source]
        by = [(t.name, self.people(t.by) if t.by else None) for t in out]
        steps = () if at is None else self._explored.steps.get(at, ())
        back = {step.actions[0]: step.actions[1:] for step in steps if step.actions}
        told: dict[str, str] = {}
        for k, word in (("en", "then at once"), ("de", "dann sofort")):
            ways = [f"`{name}`" + (f" ({people[f'people_{k}']})" if people else "") for name, people in by]
            then = [", ".join(f"`{one}`" for one in back.get(name, ())) for name, _ in by]
            pairs = zip(ways, then, strict=True)
            told[f"ways_{k}"] = ", ".join(f"{way}, {word} {more}" if more else way for way, more in pairs)
        return told

    def trace(self, at: Situation) -> dict[str, str]:
        """Return the shortest way to a situation."""
        return self.names(self._explored.trace(at))

    def names(self, actions: Sequence[str]) -> dict[str, str]:
        """Return the names of actions as a list."""
        listed = {k: ", ".join(_told(one, k) for one in actions) for k in ("en", "de")}
        return {"trace_en": listed["en"] or "at once, on creation", "trace_de": listed["de"] or "sofort, beim Anlegen"}

    def people(self, by: tuple[Performer, ...]) -> dict[str, str]:
        """Return who may act."""
        names: list[str] = []
        for one in by:
            path = one.person.text.text.strip() if one.person is not None else ""
            names.append(f"`{one.role or path}`")
        return {"people_en": " or ".join(names), "people_de": " oder ".join(names)}

    def loop(self, actions: tuple[str, ...]) -> tuple[str, ...]:
        """Return each automatic transition of an endless chain once."""
        return tuple(dict.fromkeys(actions))

    def holds(self, rule: Rule | None, at: Situation) -> bool | None:
        """Whether a rule holds in a situation."""
        explored = self._explored
        return explored.domain.holds(rule, record_of(explored.workflow, explored.domain.variables, at))

    def empty(self, at: Situation, rules: Iterable[Rule]) -> bool:
        """Whether a field that *rules* read is empty."""
        read = frozenset[str]().union(*(self._explored.domain.names(rule) for rule in rules))
        pairs = zip(self._explored.domain.variables, at.values, strict=True)
        return any(value is None for variable, value in pairs if variable.name in read)

    def _leaving(self, state: str) -> list[Rule | None]:
        return [t.when for t in self._explored.workflow.transitions.values() if state in t.source]


_HAPPENS: dict[str, Text] = {
    "missed": {"en": "missed", "de": "versäumt"},
    "over": {"en": "all are over", "de": "alle zu Ende"},
    "begun": {"en": "one begins", "de": "einer beginnt"},
    "left": {"en": "somebody leaves", "de": "jemand scheidet aus"},
    "back": {"en": "somebody is back", "de": "jemand ist wieder da"},
}


def _told(action: str, language: str) -> str:
    """Return an action of a trace in words; in brackets stands what happens to it where nobody does it."""
    name, happens, what = action.removesuffix(")").partition(" (")
    return f"`{name}` ({say(_HAPPENS[what], language)})" if happens else f"`{name}`"


_SAID: dict[object, Text] = {
    None: {"en": "empty", "de": "leer"},
    True: {"en": "yes", "de": "ja"},
    False: {"en": "no", "de": "nein"},
}


def said(value: object, language: str) -> str:
    """Return a value as it stands in a sentence."""
    if value is None or isinstance(value, bool):
        return _SAID[value][language]
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def problem(code: Code, span: Span, *more: Mapping[str, str], **values: object) -> Problem:
    """Return a problem with the words of several mappings."""
    words = {key: value for words in more for key, value in words.items()}
    return Problem(code, span, {**words, **values})
