"""Rules as conditions of statements, with the acting user's own records found by the statement itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.context import Context
from fachwerk.engine.statements import given
from fachwerk.rules.check import Checked
from fachwerk.rules.to_sql import parameters, to_filter
from fachwerk.schemas.tables_columns import Form, to_driver
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.visitors import replacement_traverse


class Translation:
    """Translates rules for one app."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._moment = to_driver(Form("datetime"), app.dialect)
        self._date = to_driver(Form("date"), app.dialect)
        self._mine = {
            "my_" + "".join(letter if letter.isalnum() else "_" for letter in entity): (entity, field)
            for entity, field in app.user_fields.items()
        }

    def condition(self, checked: Checked, entity: str, table: Any) -> sa.ColumnElement[bool]:
        """Return what is true exactly for the rows of *table* for which the rule is true."""
        tables = self._app.tables
        found = to_filter(checked, tables.storage, tables.metadata, tables.dialect, record=entity, table=table)
        if not self._mine.keys() & parameters(found):
            return found  # what follows copies all of it
        return replacement_traverse(found, {}, self._replace)

    def _replace(self, element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.key in self._mine:
            return self._own(*self._mine[element.key])
        return None

    def _own(self, entity: str, field: str) -> Any:
        table = self._app.tables.of(entity).alias()
        own = sa.select(table.c.id).where(table.c[field] == given("me", table.c[field]))
        return own.order_by(table.c.id).limit(1).scalar_subquery()

    def parameters(self, context: Context) -> dict[str, object]:
        """Return the driver values of all parameters that a condition may have."""
        return {
            "me": context.me["id"] if context.me is not None else None,
            "now": self._moment(context.now) if self._moment else context.now,
            "today": self._date(context.today) if self._date else context.today,
        }
