"""What the words need to know of a model: the labels of fields, options, entities and decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from fachwerk.rules.types import AnyType, ListType, RecordType


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


def record_in(type_: AnyType) -> RecordType | None:
    """Return the record type of a value, or of the elements of a list."""
    while isinstance(type_, ListType):
        type_ = type_.element.type
    return type_ if isinstance(type_, RecordType) else None


def label_of(labels: Labels, owners: Iterable[RecordType | None], name: str, language: str) -> str | None:
    """Return the label of a name: a field of the innermost of *owners* that has it, else a name of the scope."""
    owner = next((one.name for one in owners if one is not None and name in one.fields), None)
    return labels.field(owner, name, language)


def readable(name: str) -> str:
    """Return a name as a label: ``floor_area`` is told as ``Floor area``."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]
