"""Explains in words why a text is no YAML."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fachwerk.problems import Problem, Source, Span
from fachwerk.schemas import codes_yaml as codes


@dataclass(frozen=True, slots=True)
class Facts:
    """What the YAML reader said: its words, where it stopped, where the thing began that it was reading."""

    problem: str
    context: str
    at: int
    begun: int


def explain(source: Source, start: int, facts: Facts) -> Problem:
    """Return the problem that says what the author did, as far as that can be told."""
    return codes.SYNTAX.at(Span(source, facts.at, facts.at + 1), detail=facts.problem)


_SEEMS = re.compile(r"^(\w+):[ \t]*([A-Za-z_]\w*)?", re.MULTILINE)


def seems(text: str) -> tuple[str | None, str | None]:
    """Return the word and name that a text declares, judging by its first line that looks like it."""
    found = _SEEMS.search(text)
    return (found.group(1), found.group(2)) if found else (None, None)
