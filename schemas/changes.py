"""Changes between two configurations, in the words of the language: the data that comparing makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fachwerk.problems import Span

What = Literal[
    "project", "entity", "field", "option", "check", "unique", "access", "form", "list", "role", "workflow", "state",
    "transition", "deadline", "decision", "message",
]  # fmt: skip
"""What changed; the states' parallel parts belong to their state."""


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


@dataclass(frozen=True, slots=True)
class Moves:
    """Where what the old configuration names has gone: old dotted name to new one; what kept its name is absent."""

    entities: Mapping[str, str] = field(default_factory=dict)
    """Old entity to new entity; also rows by ``entity.field``."""
    fields: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(old entity, old field) to new field of the same entity."""
    options: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """(old entity, old field, old option) to the option that takes its place; also states of workflows."""
    roles: Mapping[str, str] = field(default_factory=dict)

    def entity(self, name: str) -> str:
        """Return the new name of an old entity or rows."""
        return self.entities.get(name, name)

    def field(self, entity: str, name: str) -> str:
        """Return the new name of a field of an old entity."""
        return self.fields.get((entity, name), name)

    def option(self, entity: str, name: str, option: str) -> str:
        """Return what stands in the place of an option of a field of an old entity."""
        return self.options.get((entity, name, option), option)
