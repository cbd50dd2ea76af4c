"""Links and lists walked backwards: from what they lead to, to the records that they start at."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.keyed import among
from fachwerk.engine.statements import Statement, render
from fachwerk.rules.storage import Children, Members, Reference


class Backwards:
    """The statements of an app that walk backwards, each rendered once."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._kept: dict[tuple[str, str, str], Statement] = {}

    def of(self, entity: str, name: str, target: str) -> Statement:
        """Return the statement from ids (``keys``) of *target* to ids of *entity* whose field *name* leads there."""
        key = (entity, name, target)
        if key not in self._kept:
            self._kept[key] = render(self._select(*key), self._app.dialect)
        return self._kept[key]

    def _select(self, entity: str, name: str, target: str) -> Any:
        tables, dialect = self._app.tables, self._app.dialect
        where = tables.storage[entity].fields[name]
        if isinstance(where, Reference):
            table = tables.of(entity)
            return sa.select(table.c.id).where(among(table.c[where.columns[target]], "keys", dialect))
        if isinstance(where, Members):
            table = tables.metadata.tables[where.table]
            return sa.select(table.c[where.ours]).where(among(table.c[where.theirs], "keys", dialect)).distinct()
        assert isinstance(where, Children)
        table = tables.of(where.record)
        column = table.c[where.column]
        return sa.select(column).where(among(table.c.id, "keys", dialect), column.is_not(None)).distinct()
