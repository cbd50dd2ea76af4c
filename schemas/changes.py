"""Changes between two configurations, in the words of the language: the data that comparing makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fachwerk.problems import Span

What = Literal[
    "project", "entity", "field", "option", "check", "unique", "access", "form", "list", "role", "workflow", "state",
    "transition", "part", "deadline", "decision", "message", "automation", "document",
]  # fmt: skip
"""What changed; parts of parallel states belong to their state, but for those that have another name."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is new, gone, renamed, or different.

    *name* is dotted: ``permit``, ``permit.use``, ``permit.use.shop`` (an option), ``permit.clerk`` (access),
    ``review.decided`` (a state). It is the new name; of what is gone, the old one. *was* is the old name where it
    differs. *aspects* are the keys that differ with their texts before and after (``""`` is: not there).
    """

    kind: Literal["add", "remove", "rename", "change"]
    of: What
    name: str
    was: str | None = None
    aspects: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    before: Span | None = None
    after: Span | None = None

    @property
    def old_name(self) -> str:
        """The name under which the old configuration knows it."""
        return self.was or self.name
