"""The past: what the files say about the configuration before the present one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fachwerk.problems import Fragment, Span

StepKind = Literal["transition", "part", "deadline"]


@dataclass(frozen=True, slots=True)
class Past:
    """What the files say about the configuration before: what became of its names and values.

    Names are dotted. Without effect, once nothing of that name is deployed any more (``fachwerk tidy`` takes it out).
    """

    entities: Mapping[str, str] = field(default_factory=dict)
    """Entity to the name it had."""
    fields: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(entity or rows, field) to the name it had."""
    options: Mapping[tuple[str, str, str], tuple[str, ...]] = field(default_factory=dict)
    """(entity or rows, field, option) to the options whose place it takes."""
    roles: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Workflow to (state that is gone: state in its place)."""
    steps: Mapping[tuple[str, StepKind, str], str] = field(default_factory=dict)
    """(workflow, kind, transition or part or deadline) to the name it had."""
    drops: Mapping[str, Span] = field(default_factory=dict)
    """Entities (``fax``) and fields (``permit.fax``) that may be given up with their values."""
    convert: Mapping[tuple[str, str], Fragment] = field(default_factory=dict)
    """(entity or rows, field) to the rule over the old record that gives the value in place of the old one, once.
    Where it gives none, the old value stays, converted by itself if the kind is another."""
    fill: Mapping[tuple[str, str], Fragment] = field(default_factory=dict)
    """(entity or rows, field) to the rule over the old record that gives the value where there is none."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """That something was called otherwise before a moment; names of fields are those that it brought."""

    what: Literal["entity", "field", "option", "transition", "part", "deadline"]
    entity: str
    """The entity, as it is called today; of a step, that of its workflow."""
    rows: str
    """The field of rows that it is within; empty where it is in none."""
    field: str
    """Of an option: its field."""
    was: str
    now: str
    until: dt.datetime
