"""What has changed since a form was opened, as the form says it when it is shown again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Changed:
    """Sentences about what is other than it was, and what was typed into fields that are gone: (label, text)."""

    lines: tuple[str, ...] = ()
    lost: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """A page for what was typed into a form that there is no longer: why, the texts, and where to go on."""

    heading: str
    text: str
    lost: tuple[tuple[str, str], ...]
    back: str
    label: str
