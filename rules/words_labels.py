"""What the words need to know of a model: the labels of fields, options, entities and decisions."""

from __future__ import annotations

from typing import Protocol


class Labels(Protocol):
    """What the schema knows about names; ``None`` means that there is no label."""

    def field(self, owner: str | None, name: str, language: str) -> str | None:
        """Return the label of a field; *owner* is the record type, or ``None`` for a name of the scope."""

    def option(self, of: str, option: str, language: str) -> str | None:
        """Return the label of an option of the set *of* (``permit.kind``)."""

    def entity(self, name: str, language: str) -> str | None:
        """Return the label of an entity (for ``my x``)."""

    def decision(self, name: str, language: str) -> str | None:
        """Return the label of a decision that is called."""


class NoLabels:
    """Labels where nothing is known."""

    def field(self, owner: str | None, name: str, language: str) -> str | None:
        """Return nothing."""
        return None

    def option(self, of: str, option: str, language: str) -> str | None:
        """Return nothing."""
        return None

    def entity(self, name: str, language: str) -> str | None:
        """Return nothing."""
        return None

    def decision(self, name: str, language: str) -> str | None:
        """Return nothing."""
        return None
