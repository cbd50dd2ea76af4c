"""What a plan is: changes in words, operations on tables, and the effect of each change on the live rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fachwerk.problems import Text
from fachwerk.schemas.changes import Change

__all__ = ["Change", "Example", "Impact", "Operation", "Plan"]


@dataclass(frozen=True, slots=True)
class Example:
    """One row that shows an effect: its entity, id, title, and what is the matter with it."""

    entity: str
    id: str
    title: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Impact:
    """What one change does to the live rows.

    *count* rows *of* so many are affected; *text* says how, in words that follow the change in its line. Where it is
    *blocking* nothing is deployed until somebody says what shall be done: *remedy* says how, and *allow* is the name
    that ``--allow-loss`` takes for it (``None``: cannot be allowed).
    """

    change: Change
    kind: str
    """Such as ``no_value``, ``loss``, ``converts``, ``breaks_check``, ``unique``, ``option_gone``, ``state_gone``,
    ``differs`` (computed values, decisions), ``access``, ``stuck``."""
    count: int
    of: int
    text: Text
    examples: tuple[Example, ...] = ()
    blocking: bool = False
    remedy: Text | None = None
    allow: str | None = None
    where: tuple[str, str, str] | None = None
    """Entity, field and value, as they are today, by which a list shows the rows."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One step on the tables; *kind* says which of the other members are set.

    ``create_table`` table · ``add_column`` table.column · ``fill`` table.column by a rule · ``rename_table``
    table to name · ``rename_column`` table.column to name · ``set_aside`` table or table.column, kept as name ·
    ``bring_back`` what was kept as name to table.column · ``create_index``/``drop_index`` name on table ·
    ``move_links`` from a column into a table of links · ``add_key``/``drop_key`` of a link ·
    ``recompute`` stored computed values of an entity · ``rebuild`` a table (SQLite) · ``discard`` what was kept for
    long enough.
    """

    kind: Literal[
        "create_table", "add_column", "fill", "rename_table", "rename_column", "set_aside", "bring_back",
        "create_index", "drop_index", "move_links", "recompute", "discard", "rebuild", "add_key", "drop_key",
    ]  # fmt: skip
    table: str
    column: str | None = None
    name: str | None = None
    texts: tuple[str, ...] = ()
    """The statements of it; empty for what is calculated row by row."""

    @property
    def place(self) -> str:
        """``table`` or ``table.column``."""
        return self.table if self.column is None else f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class Portion:
    """Values of some *fields* of one new entity, for *count* records."""

    entity: str
    plural: Text
    fields: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a deploy would do, counted on the rows as they are; deploying it is refused once they are others."""

    name: Text
    """Of the project."""
    version: int
    """The version in force, 0 where nothing was deployed yet."""
    old_hash: str | None
    new_hash: str
    changes: tuple[Change, ...]
    operations: tuple[Operation, ...]
    impacts: tuple[Impact, ...] = ()
    rows: tuple[tuple[str, Text, int], ...] = ()
    """How many records there are: entity, its plural, number."""
    allowed: frozenset[str] = field(default_factory=frozenset)
    """Names given by ``--allow-loss``."""
    ahead: tuple[Portion, ...] = ()
    """What is made in batches before, while everybody goes on working."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to deploy."""
        return self.old_hash == self.new_hash and not self.operations

    @property
    def blocked(self) -> tuple[Impact, ...]:
        """The effects that nobody has allowed or said what to do about."""
        return tuple(i for i in self.impacts if i.blocking and not (i.allow and i.allow in self.allowed))
