"""What goes in and out of the service: people, records, pages, events, forms. Plain data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fachwerk.problems import Refused, Text
from fachwerk.schemas.kinds import FileInfo, FileUpload, Reference

__all__ = [
    "Conflict", "Event", "FieldState", "FileInfo", "FileUpload", "FormState", "Page", "Person", "Record", "Reference",
    "StoredFile", "Values", "nobody_there", "unread", "without",
]  # fmt: skip

Values = Mapping[str, object]
"""Values of fields by name, in the form of their kinds."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: a user with the roles held, closed over those that they include."""

    id: str
    name: str
    email: str
    roles: frozenset[str]
    language: str
    deputy: Person | None = None
    """Who really acts, in the place of this person, who is absent; see ``engine.deputies``."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a person may see of a record: values by field; a field that is hidden from them is absent."""

    entity: str
    id: str
    version: int
    title: str
    values: Values
    config: int | None = None
    """The version of the configuration that it was last written under; ``None`` where that is not known."""
    under: Mapping[str, int] = field(default_factory=dict)
    """By workflow: the earlier version that it goes on under, where that is not the one in force."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. *next* and *previous* are cursors; *count* stops at a limit (*count_is_capped*)."""

    records: tuple[Record, ...]
    next: str | None = None
    previous: str | None = None
    count: int | None = None
    count_is_capped: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a record: who did what, when, for whom, and what changed ((before, after) by field)."""

    version: int
    kind: str
    at: dt.datetime
    who: Reference | None
    for_whom: Reference | None
    origin: str
    action: str | None
    comment: str | None
    changes: Mapping[str, tuple[object, object]]
    each: Reference | None = None
    """The record that an opinion is about."""
    period: str = ""
    """By how much a deadline was extended: ``2 weeks``."""


@dataclass(frozen=True, slots=True)
class FieldState:
    """How a field stands in a form: shown or not, needed or not, open or not; *options* where some are ruled out."""

    visible: bool
    required: bool
    read_only: bool
    options: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FormState:
    """A form as the rules see it: values, computed ones too, the state of each field, what is wrong so far."""

    version: int | None
    title: str
    values: Values
    fields: Mapping[str, FieldState]
    errors: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a record and its bytes."""

    info: FileInfo
    content: bytes


class Conflict(Refused):
    """Somebody changed the record meanwhile; per field what was sent, what stands there now and what it was before."""

    def __init__(self, version: int, conflicts: Mapping[str, Mapping[str, object]]) -> None:
        super().__init__(
            "conflict",
            {
                "en": "Somebody else changed this record meanwhile. Compare and send again.",
                "de": "Jemand anderes hat den Eintrag inzwischen geändert. Bitte vergleichen und noch einmal senden.",
            },
            status=409,
            fields={
                name: {
                    "en": "Changed by somebody else meanwhile.",
                    "de": "Inzwischen von jemand anderem geändert.",
                }
                for name in conflicts
            },
        )
        self.version = version
        self.conflicts = conflicts


def nobody_there() -> Refused:
    """Return the refusal of a record that is not there, or that the person is not to know of."""
    return Refused(
        "not_found",
        {"en": "There is no such record.", "de": "Diesen Eintrag gibt es nicht."},
        status=404,
    )


def unread(entity: str, key: str) -> Record:
    """Return a record of which nothing but its id is told."""
    return Record(entity, key, 0, "", {})


def without(record: Record, names: frozenset[str]) -> Record:
    """Return *record* without some of its fields."""
    return replace(record, values={name: value for name, value in record.values.items() if name not in names})
