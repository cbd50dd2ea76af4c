"""Steps: what a delta is made of, and the plain ones: renames and indexes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.model import Operation
from fachwerk.engine.plan.slots import Filling, Loss
from fachwerk.engine.statements import ddl


@dataclass(frozen=True, slots=True)
class Aside:
    """What is set aside: *place* is where it stood in the old configuration, *name* what it is called now."""

    place: str
    table: str
    """The table it stands in now; for a whole table its new name."""
    name: str


@dataclass(slots=True)
class Delta:
    """Operations by the step in which they are done, and what the rows have to do with them."""

    before: list[Operation] = field(default_factory=list)
    """Temporary columns."""
    fillings: list[Filling] = field(default_factory=list)
    after: list[Operation] = field(default_factory=list)
    last: list[Operation] = field(default_factory=list)
    """Indexes: they fail where values are not unique."""
    losses: list[Loss] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    brought: list[str] = field(default_factory=list)
    """Places that were brought back."""
    stays: list[tuple[str, str, str]] = field(default_factory=list)
    """Columns (old table, new table, column) whose values entered since cannot come along when a version is undone."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Tables, old name to new."""

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All in order."""
        fills = (Operation("fill", f.table, f.new.name, f.temporary) for f in self.fillings)
        return (*self.before, *fills, *self.after, *self.last)

    @property
    def touched(self) -> tuple[str, ...]:
        """The old tables that are changed, in the order of their names."""
        names = {one.table for one in (*self.before, *self.after)} | {f.table for f in self.fillings}
        return tuple(sorted(names))


def renames(tables: list[tuple[str, str]], columns: list[tuple[str, str, str]]) -> Iterator[Operation]:
    """Rename through names nobody has, so that two can change places."""
    for number, (old, _) in enumerate(tables):
        yield Operation("rename_table", old, None, f"_move_{number}", (n.rename_table(old, f"_move_{number}"),))
    for number, (_, new) in enumerate(tables):
        yield Operation("rename_table", f"_move_{number}", None, new, (n.rename_table(f"_move_{number}", new),))
    for number, (table, old, _) in enumerate(columns):
        text = n.rename_column(table, old, f"_move_{number}")
        yield Operation("rename_column", table, old, f"_move_{number}", (text,))
    for number, (table, _, new) in enumerate(columns):
        text = n.rename_column(table, f"_move_{number}", new)
        yield Operation("rename_column", table, f"_move_{number}", new, (text,))


def indexes_of(app: App) -> Iterator[tuple[str, tuple[str, sa.Index, str]]]:
    """Give the indexes of all tables of the configuration by name: table, index, statement."""
    for table in app.tables.metadata.tables.values():
        if not table.name.startswith("fw_"):
            for index in table.indexes:
                text = ddl(sa.schema.CreateIndex(index, if_not_exists=True), app.dialect)
                yield str(index.name), (table.name, index, text)


def columns_of(index: sa.Index) -> Iterator[str]:
    """Give the names of the columns that an index is about."""
    for expression in index.expressions:
        while isinstance(expression, sa.UnaryExpression):
            expression = expression.element
        yield str(getattr(expression, "key", ""))


def in_order(metadata: sa.MetaData, names: Iterable[str]) -> list[str]:
    """Return tables so that those that others link to come first, as far as they do not link to each other."""
    left, found = list(names), list[str]()
    while left:
        keys = {name: metadata.tables[name].foreign_keys for name in left}
        others = {name: {key.target_fullname.rpartition(".")[0] for key in keys[name]} for name in left}
        free = [name for name in left if not (others[name] - {name}) & set(left)]
        found += free or left[:1]
        left = [name for name in left if name not in found]
    return found
