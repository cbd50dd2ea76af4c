"""Numbers without gaps: ``BA-{year}-{0000}``, counted per period in the transaction that writes the record.

The counter is a row; raising it holds others back until this transaction ends, so that a number is given once and a
rolled back write gives its number back.
"""

from __future__ import annotations

import datetime as dt
import re

from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.statements import given, insert_into, render
from fachwerk.schemas.model import Field

_PLACE = re.compile(r"\{(year|yy|month|day|0+)\}")


class Sequences:
    """Gives numbers to new records."""

    def __init__(self, app: App) -> None:
        table = app.tables.metadata.tables["fw_counter"]
        values = {c.name: given(str(c.name), c) for c in table.c}
        made = insert_into(table, app.dialect).values(values).on_conflict_do_update(
            index_elements=[table.c.name, table.c.period], set_={"value": table.c.value + 1}
        )  # fmt: skip
        self._next = render(made.returning(table.c.value), app.dialect)

    async def next(self, connection: Connection, entity: str, field: Field, today: dt.date) -> str:
        """Return the next number of *field* on the day *today* of the app's time zone."""
        picture = field.format or "{0}"
        values = {"name": f"{entity}.{field.name}", "period": period_of(field, today), "value": field.first}
        rows = await self._next.fetch(connection, values)
        return number_text(picture, int(rows[0][0]), today)


def period_of(field: Field, today: dt.date) -> str:
    """Return the period in which *field* counts on that day: a year, a month, or all time."""
    picture = field.format or ""
    reset = field.reset or ("yearly" if "{year}" in picture or "{yy}" in picture else "never")
    return {"yearly": f"{today:%Y}", "monthly": f"{today:%Y-%m}"}.get(reset, "")


def number_text(picture: str, number: int, today: dt.date) -> str:
    """Return *number* in the form of *picture*; a number too long for its places is written in full."""

    def fill(place: re.Match[str]) -> str:
        word = place[1]
        if word.startswith("0"):
            return str(number).zfill(len(word))
        return {
            "year": f"{today.year:04d}",
            "yy": f"{today.year % 100:02d}",
            "month": f"{today:%m}",
            "day": f"{today:%d}",
        }[word]

    return _PLACE.sub(fill, picture)
