"""Upgrading: what this version of the software keeps with records and an older one did not is added to their tables."""

from __future__ import annotations

from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.inspect import Found
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.batches import literal
from fachwerk.engine.plan.slots import own_table
from fachwerk.schemas.tables import CONFIG


async def add_config(connection: Connection, app: App, there: Found) -> list[str]:
    """Add to the tables of *app* the version that records were last written under, as far as their history knows it.

    Returns the columns that were added (``table.column``).
    """
    made = []
    for entity in app.project.entities.values():
        table = own_table(entity)
        if table in there.columns and CONFIG not in there.columns[table]:
            await connection.fetch(n.add_column(table, app.tables.of(entity.name).c[CONFIG], app.dialect))
            await connection.fetch(_from_history(table, entity.name))
            made.append(f"{table}.{CONFIG}")
    return made


def _from_history(table: str, entity: str) -> str:
    quoted = n.quote(table)
    known = (
        "SELECT max(c.version) FROM fw_history h JOIN fw_config c ON c.hash = h.config AND c.at <= h.at "
        f"WHERE h.entity = {literal(entity)} AND h.record = {quoted}.id AND h.version = {quoted}.version"
    )
    return f"UPDATE {quoted} SET {CONFIG} = ({known})"
