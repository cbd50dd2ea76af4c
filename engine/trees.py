"""Trees: the path of every record from its root (``/root/.../self/``), kept right when a sub-tree moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from fachwerk.engine.statements import Statement, given, render
from fachwerk.problems import Refused, Text

if TYPE_CHECKING:
    from fachwerk.engine.change import Change

_CIRCLE: Text = {
    "en": "This cannot stand below itself.",
    "de": "Das kann nicht unter sich selbst stehen.",
}


async def place_in_tree(change: Change, parent: Any) -> str:
    """Return the path of the record below *parent*, and take along what stands below it; refuses a circle."""
    statements = change.kit.tree(change.entity.name)
    if statements.lock is not None:
        await statements.lock.fetch(change.connection, {"tree": change.entity.name})
    above = await _path(change, statements, parent) if parent is not None else "/"
    key = change.candidate.id
    if f"/{key}/" in above:
        name = change.entity.tree or ""
        raise Refused("circle", _CIRCLE, fields={name: _CIRCLE})
    path = f"{above}{key}/"
    if change.candidate.exists:
        old = await _path(change, statements, key)
        values = {"new": path, "length": len(old) + 1, "from": old, "to": old[:-1] + "0"}
        await statements.move.fetch(change.connection, values)
    return path


async def _path(change: Change, statements: TreeStatements, key: Any) -> str:
    rows = await statements.path.fetch(change.connection, {"id": key})
    if not rows:
        missing: Text = {"en": "There is no such record.", "de": "Diesen Eintrag gibt es nicht."}
        raise Refused("invalid", missing, fields={change.entity.tree or "": missing})
    return str(rows[0][0])


class TreeStatements:
    """The statements on the paths of one table."""

    def __init__(self, table: sa.Table, dialect: Any) -> None:
        path = table.c["_path"]
        self.path: Statement = render(sa.select(path).where(table.c.id == given("id", table.c.id)), dialect)
        rest = sa.func.substr(path, given("length", sa.Integer()))
        # "0" is the character behind "/": the range holds exactly what begins with the old path.
        below = (path >= given("from", path), path < given("to", path))
        moved = given("new", sa.Text()).op("||", return_type=sa.Text())(rest)
        self.move: Statement = render(sa.update(table).where(*below).values({"_path": moved}), dialect)
        self.lock: Statement | None = None
        if dialect == "postgresql":
            # Two moves at once could make a circle that neither sees: one waits for the other.
            number = sa.func.hashtextextended(given("tree", sa.Text()), 0)
            self.lock = render(sa.select(sa.func.pg_advisory_xact_lock(number)), dialect)
