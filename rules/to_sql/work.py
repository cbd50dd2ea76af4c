"""What the parts of the translation share: the dialect, the tables, and the way back to translating sub-expressions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import sqlalchemy as sa
from fachwerk.rules.storage import Storage, StoredRecord
from fachwerk.rules.to_sql.pieces import id_type, type_of, unknown
from fachwerk.rules.to_sql.terms import Condition, Dialect, Frame, Kind, Null, Scalar, Sql, Term, refuse
from fachwerk.rules.tree import Node


@dataclass(slots=True)
class _Count:
    value: int = 0


class Work(ABC):
    """One translation. Sub-classes know every kind of node; the other modules only ask for values and truths."""

    def __init__(self, dialect: Dialect, storage: Storage, metadata: sa.MetaData) -> None:
        self.dialect = dialect
        self.storage = storage
        self.metadata = metadata
        self._aliases = _Count()

    @abstractmethod
    def value(self, node: Node, frame: Frame) -> Term:
        """Return the value form of *node*: faithful, null included."""

    @abstractmethod
    def truth(self, node: Node, frame: Frame, want: bool) -> Condition:
        """Return the filter form: a condition true exactly where *node* is *want*; elsewhere false or null."""

    def stored(self, record: str, node: Node | None) -> StoredRecord:
        """Return how records of that type are stored."""
        found = self.storage.get(record)
        if found is None:
            raise refuse(node, f"records of type {record} are not stored", f"{record} wird nicht gespeichert")
        return found

    def alias(self, table: str) -> sa.FromClause:
        """Return *table* under a name of its own in this statement."""
        return self.metadata.tables[table].alias(self.name())

    def name(self) -> str:
        """Return a name for a table that is free in this statement."""
        self._aliases.value += 1
        return f"t{self._aliases.value}"

    def scalar(self, node: Node, frame: Frame, kind: Kind | None = None) -> Scalar:
        """Return the value of *node*, which must be a scalar (of *kind*)."""
        return self.scalar_of(self.value(node, frame), node, kind)

    def scalar_of(self, term: Term, node: Node, kind: Kind | None = None) -> Scalar:
        """Return *term*, the value of *node*, as a scalar (of *kind*)."""
        if isinstance(term, Null) and kind:
            return self.null(kind)
        if not isinstance(term, Scalar) or (kind and term.kind != kind):
            raise refuse(node, "this kind of value has no SQL here", "diese Art von Wert hat hier kein SQL")
        return term

    def null(self, kind: Kind) -> Scalar:
        """Return null as a value of *kind*."""
        form = "numeric" if self.dialect == "postgresql" and kind == "number" else "integer"
        return Scalar(sql=unknown(kind, self.dialect), kind=kind, fixed=True, form=form, whole=1)  # type: ignore[arg-type]

    def boolean(self, condition: Condition, *, nullable: bool, fixed: bool = False) -> Scalar:
        """Return a condition as a value."""
        return Scalar(sql=condition, kind="boolean", nullable=nullable, fixed=fixed)

    def parameter(self, name: str, kind: Kind | None) -> Sql:
        """Return the parameter *name*; without a *kind* it is the id of a record."""
        type_ = type_of(kind, self.dialect) if kind else id_type(self.dialect)
        return sa.bindparam(name, type_=type_, required=True)
