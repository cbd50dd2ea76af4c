"""The model: what the business wrote, as immutable data with every default filled in.

Made from documents by ``schemas.read``, checked by ``schemas.check``, compiled by ``engine.compile``. Rules are
already read and checked (:class:`Rule`); references are names that exist. Names are the words of the YAML language.
Nothing here knows a database, a page or a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fachwerk.problems import Span, Text
from fachwerk.rules.types import RecordType, Typed
from fachwerk.schemas.letter import Letter, LetterForm
from fachwerk.schemas.model_flow import (
    Deadline,
    Effect,
    Extend,
    Origin,
    Part,
    Performer,
    Period,
    State,
    Transition,
    Waiting,
    Warn,
    Workflow,
)
from fachwerk.schemas.model_rule import Option, Rule
from fachwerk.schemas.past import Past, Renamed
from fachwerk.schemas.scenario import Scenario

__all__ = [
    "Automation", "Check", "Deadline", "Decision", "Demo", "Effect", "Entity", "Extend", "Field", "Grant", "Kind",
    "Letter", "LetterForm", "ListLayout", "Message", "Option", "Origin", "Part", "Past", "Performer", "Period",
    "Project", "Relation", "Renamed", "Role", "Rule", "Scenario", "Schedule", "Section", "State", "Template",
    "Transition", "Waiting", "Warn", "Workflow",
]  # fmt: skip

Kind = Literal[
    "text", "long_text", "rich_text", "integer", "decimal", "percent", "money", "boolean", "date", "time", "datetime",
    "duration", "choice", "choices", "email", "phone", "url", "iban", "color", "rating", "address", "geo_point",
    "sequence", "file", "files", "image", "images", "json", "secret", "user", "link", "links", "back_links", "rows",
    "tree", "computed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an entity, relation or rows. Keys that a kind does not know are ``None`` or empty."""

    name: str
    kind: Kind
    label: Text
    span: Span
    typed: Typed
    """The type in rules. ``computed`` fields carry the type of their rule; *result* says how to show it."""
    hint: Text | None = None
    required: Rule | None = None
    visible: Rule | None = None
    read_only: Rule | None = None
    default: Rule | None = None
    unique: bool = False
    personal: bool = False
    # numbers, dates, texts
    min: Rule | None = None
    max: Rule | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    pattern_hint: Text | None = None
    unit: str | None = None
    places: int | None = None
    currency: str | None = None
    # choices
    options: tuple[Option, ...] = ()
    # sequence
    format: str | None = None
    reset: Literal["yearly", "monthly", "never"] | None = None
    first: int = 1
    # files
    accept: tuple[str, ...] = ()
    max_size: int | None = None
    max_count: int | None = None
    """Bytes per file; how many files, rows, links or choices at most (*min_count*: at least)."""
    min_count: int | None = None
    # links
    to: tuple[str, ...] = ()
    """Entities a link may lead to; one for most, several for a link to one of several."""
    where: Rule | None = None
    """Which records may be linked: a rule over the target; the linking record is named ``this``."""
    on_delete: Literal["refuse", "clear", "delete"] = "refuse"
    inverse: tuple[str, str] | None = None
    """For ``back_links``: (entity, field) of the links that lead here."""
    rows: Entity | None = None
    """For ``rows``: the fields as an entity of their own, named ``entity.field``."""
    # computed
    computed: Rule | None = None
    stored: bool = False
    result: Kind | None = None
    system: bool = False
    """Made by the engine (state of a workflow, created, changed...), never written by a form."""


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that must hold for a record to be saved; *on* is the field that the message stands beside."""

    that: Rule
    message: Template
    on: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Template:
    """A text by language with ``{rule}`` places: for each language, literal pieces and rules in turn."""

    parts: Mapping[str, tuple[str | Rule, ...]]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role may do with an entity. ``None`` is never, a rule is whenever it holds for the record."""

    role: str
    create: Rule | None = None
    read: Rule | None = None
    update: Rule | None = None
    delete: Rule | None = None
    hide: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a form: rows of fields that stand side by side on a desk and below each other on a phone."""

    label: Text | None
    rows: tuple[tuple[str, ...], ...]
    visible: Rule | None = None
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class ListLayout:
    """Columns of a list, its order ((field, descending) pairs), the filters offered and the fields searched."""

    columns: tuple[str, ...]
    sort: tuple[tuple[str, bool], ...]
    filters: tuple[str, ...]
    search: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """What makes an entity a relation: its two ends (fields of the same names) and its span of time."""

    source: str
    target: str
    inverse_label: Text
    valid: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity, a relation (*relation* is set) or the rows of a field (*parent* is set)."""

    name: str
    label: Text
    plural: Text
    span: Span
    record: RecordType
    fields: Mapping[str, Field] = field(default_factory=dict)
    """All fields by name in the order of the file, system fields last."""
    title: Rule | None = None
    description: Text | None = None
    unique: tuple[tuple[str, ...], ...] = ()
    checks: tuple[Check, ...] = ()
    form: tuple[Section, ...] = ()
    list: ListLayout | None = None
    access: Mapping[str, Grant] = field(default_factory=dict)
    relation: Relation | None = None
    parent: tuple[str, str] | None = None
    workflows: tuple[str, ...] = ()
    icon: str | None = None
    menu: bool = True


@dataclass(frozen=True, slots=True)
class Role:
    """A role; holders also hold all it *includes* (closed over)."""

    name: str
    label: Text
    span: Span
    includes: frozenset[str] = frozenset()
    reads_everything: bool = False
    signs_up: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision, callable by name in rules: *compiled* is the checked table or rule, of a type only its room knows."""

    name: str
    label: Text
    span: Span
    parameters: tuple[tuple[str, Typed], ...]
    output: Typed
    body: object


@dataclass(frozen=True, slots=True)
class Message:
    """A text sent to people: subject and body are templates over the record, with ``comment`` beside its fields."""

    name: str
    span: Span
    subject: Template
    body: Template
    of: str | None = None
    to_field: str | None = None


@dataclass(frozen=True, slots=True)
class Demo:
    """How much believable demo data to make, and lists of values to draw from: entity -> field -> candidates."""

    name: str
    span: Span
    users: Mapping[str, tuple[str, ...]]
    """Sign-in name -> roles."""
    counts: Mapping[str, int]
    """Entity -> share of the total number of records, relative to the others."""
    values: Mapping[str, Mapping[str, tuple[str, ...]]]
    """As people would type them; for a field of kind user: sign-in names, one per record."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Sign-in name -> the name that others see, where one is given."""
    samples: Mapping[str, tuple[Mapping[str, tuple[str, ...]], ...]] = field(default_factory=dict)
    """Entity -> values that belong together, by field."""
    comments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Transition -> what is said where it requires a comment."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is done again and again: every (working) day *at* a time of the app's zone, or every *hours*."""

    at: str | None = None
    working_days: bool = False
    hours: int = 24


@dataclass(frozen=True, slots=True)
class Automation:
    """What is done by itself with the records of an entity: on events, on a schedule, or when nothing happens."""

    name: str
    of: str
    span: Span
    on: tuple[str, ...] = ()
    """``created``, ``changed``, or names of transitions."""
    every: Schedule | None = None
    inactive: Period | None = None
    where: Rule | None = None
    do: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """One whole configuration, checked."""

    name: str
    label: Text
    languages: tuple[str, ...]
    timezone: str
    currency: str
    calendar: tuple[str, str | None] | None
    hue: int | None
    roles: Mapping[str, Role]
    entities: Mapping[str, Entity]
    """Entities and relations by name, in the order of the files."""
    workflows: Mapping[str, Workflow]
    decisions: Mapping[str, Decision]
    messages: Mapping[str, Message]
    demo: Demo | None
    hash: str
    """SHA-256 of the canonical text of all files, hexadecimal."""
    files: Mapping[str, bytes]
    """The files as read, by path relative to the project."""
    past: Past = field(default_factory=Past)
    number: int = 0
    """Its version in the database that it was read from; 0 where it was read from files."""
    automations: Mapping[str, Automation] = field(default_factory=dict)
    hours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Office hours: ``mon`` to ``sun`` -> ``08:00-16:00``, one after the other; a day without has none."""
    closed: tuple[str, ...] = ()
    """Days that count like public holidays: ``2026-12-24``, or ``12-24`` of every year."""
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    """What the business tries of its own rules; no part of what is deployed."""
    letters: Mapping[str, Letter] = field(default_factory=dict)
    former: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Entity and field of secrets that had other names in earlier versions -> those names; in a database alone."""
    renamed: tuple[Renamed, ...] = ()
    """What was called otherwise in versions before it, the earliest first."""
