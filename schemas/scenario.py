"""Scenarios as the business wrote them: people and records that are there, steps, and what is expected. Plain data.

Read by ``schemas.read_scenario``, carried out by ``engine.trial``. Names of people and records are those that the
scenario gives; values are already those of the field kinds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fachwerk.problems import Span


@dataclass(frozen=True, slots=True)
class Ref:
    """A person or record, by the name that the scenario gives it."""

    name: str


@dataclass(frozen=True, slots=True)
class FileNames:
    """Files, of which only the names are said; their content is made up."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A value as written: what it means, and where it stands.

    *value* is a value of the field's kind, ``None`` (empty), a :class:`Ref`, a tuple of them, :class:`FileNames`, or
    for rows a tuple of maps from field to :class:`Written`.
    """

    value: object
    span: Span


Values = Mapping[str, Written]


@dataclass(frozen=True, slots=True)
class GivenRecord:
    """A record that is there from the beginning."""

    name: str
    entity: str
    values: Values
    span: Span
    user_field: str | None = None
    """The field that leads to the person of the same name, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class GivenPerson:
    """Somebody who can act."""

    name: str
    roles: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a step is to be refused: by a code, by a part of what is said, or by parts of what is said of fields.

    All of them empty: however.
    """

    span: Span
    code: str | None = None
    text: str | None = None
    fields: tuple[tuple[str, str, Span], ...] = ()
    """(field, part of its message, where)."""


@dataclass(frozen=True, slots=True)
class Expected:
    """That a field of a record has a value."""

    record: str
    entity: str
    field: str
    written: Written


@dataclass(frozen=True, slots=True)
class Place:
    """A name of something with a record, and where that stands: a field that is seen, an action that is possible."""

    record: str
    entity: str
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Found:
    """Which records of an entity somebody finds: exactly these."""

    entity: str
    records: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that is sent: a message to a person or address, or a webhook; *says* is part of it."""

    span: Span
    to: str | None = None
    message: str | None = None
    says: str | None = None
    webhook: str | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """That somebody is absent from now on, until a day (``None``: for two weeks), and who acts for them."""

    person: str
    deputy: str
    until: dt.date | None
    span: Span


Doing = Literal["do", "everyone", "create", "update", "remove", "later", "absent", "look"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who does what, and what is expected then. *doing* ``look``: nothing is done, somebody only looks."""

    span: Span
    """The part that says what is done."""
    doing: Doing
    who: str | None = None
    for_whom: str | None = None
    """In whose place *who* acts."""
    action: str = ""
    """For ``do`` and ``everyone``: a transition, an outcome, or ``part.outcome``."""
    record: str = ""
    """The record it is done to; for ``create`` the name of the new one (perhaps none)."""
    entity: str = ""
    values: Values = field(default_factory=dict)
    comment: str | None = None
    about: tuple[str, str] | None = None
    """(name, entity) of the record that an opinion is about."""
    by: tuple[int, str] | None = None
    """By how much a deadline is extended."""
    absent: tuple[Absent, ...] = ()
    later: tuple[int, str] | None = None
    """(3, "weeks")."""
    made: tuple[tuple[str, str, Span], ...] = ()
    """(name, entity, where) of records that came about with this step and get a name."""
    refused: Refusal | None = None
    expect: tuple[Expected, ...] = ()
    sees: tuple[Place, ...] = ()
    hides: tuple[Place, ...] = ()
    finds: tuple[Found, ...] = ()
    inbox: tuple[str, ...] | None = None
    inbox_span: Span | None = None
    sent: tuple[Sent, ...] | None = None
    sent_span: Span | None = None
    can: tuple[Place, ...] = ()
    cannot: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario."""

    name: str
    span: Span
    today: dt.datetime | None
    """When it begins, in the zone of the app; ``None``: when all trials begin."""
    people: tuple[GivenPerson, ...]
    records: tuple[GivenRecord, ...]
    """In an order in which they can be made."""
    steps: tuple[Step, ...]
