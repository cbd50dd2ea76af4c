"""Opinions as pages show them: what was said in the present (or last) parallel state, with the names of those who did.

Whoever may read the record may read them; its history says the same.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.database import Connection
from fachwerk.engine.kit import Kit
from fachwerk.engine.statements import given, render
from fachwerk.schemas.tables_columns import Form, from_driver


@dataclass(frozen=True, slots=True)
class Said:
    """An opinion: *by* is a name, and *deputy* that of whoever gave it in their place."""

    part: str
    outcome: str
    by: str
    deputy: str
    at: dt.datetime
    comment: str
    entry: int
    about: str | None = None
    workflow: str | None = None


class Opinions:
    """Reads the opinions of one app's records."""

    def __init__(self, kit: Kit) -> None:
        tables, dialect = kit.app.tables.metadata.tables, kit.app.dialect
        opinion = tables["fw_opinion"].c
        by, deputy = tables["fw_user"].alias(), tables["fw_user"].alias()
        source = tables["fw_opinion"].outerjoin(by, by.c.id == opinion.by)
        source = source.outerjoin(deputy, deputy.c.id == opinion.deputy)
        columns: tuple[Any, ...] = (
            opinion.part, opinion.outcome, by.c.name,
            deputy.c.name, opinion.at, opinion.comment, opinion.entry,
        )  # fmt: skip
        columns = (*columns, opinion.about, opinion.workflow)
        select = sa.select(*columns).select_from(source).where(opinion.record == given("record", opinion.record))
        self._of = render(select.order_by(opinion.id), dialect)
        self._moment = from_driver(Form("datetime"), dialect)

    async def of(self, connection: Connection, record: str) -> tuple[Said, ...]:
        """Return what was said about a record, the first first."""
        rows = await self._of.fetch(connection, {"record": record})
        return tuple(
            Said(r[0], r[1], r[2] or "", r[3] or "", self._moment(r[4]) if self._moment else r[4], r[5] or "", *r[6:])
            for r in rows
        )
