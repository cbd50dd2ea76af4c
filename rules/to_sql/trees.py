"""Trees in SQL: ``under``, which the schema adds to FEEL."""

from __future__ import annotations

import sqlalchemy as sa
from fachwerk.rules.to_sql.comparing import ids_of, nullable
from fachwerk.rules.to_sql.pieces import Infix, code_points
from fachwerk.rules.to_sql.records import pick
from fachwerk.rules.to_sql.terms import Condition, Link, Null, Row, Sql, Term, refuse
from fachwerk.rules.to_sql.work import Work
from fachwerk.rules.tree import Node


def under(work: Work, of: Term, root: Term, node: Node) -> tuple[Condition, bool]:
    """Return whether one record stands below another or is it, and whether that can be null.

    The path of a record begins with the path of every record above it, so that this is a range of an index.
    """
    if isinstance(of, Null) or isinstance(root, Null):
        return work.null("boolean").sql, True
    if not (isinstance(of, Row | Link) and isinstance(root, Row | Link)):
        raise refuse(node, "under compares records", "under vergleicht Datensätze")
    path, top = _path(work, of, node), _path(work, root, node)
    # Paths are made of ids and "/", all of them before "~"; so everything that begins with `top` lies between the two.
    low = code_points(path, work.dialect) >= top
    high = code_points(path, work.dialect) < Infix(top, "||", sa.literal_column("'~'", sa.Text()), sa.Text())
    return sa.and_(low, high), nullable(of) or nullable(root)


def _path(work: Work, record: Row | Link, node: Node) -> Sql:
    if isinstance(record, Row):
        if record.stored.path is None:
            raise refuse(node, f"{record.stored.name} is no tree", f"{record.stored.name} ist kein Baum")
        return record.table.c[record.stored.path]
    ids = ids_of(record)
    if len(ids) != 1:
        raise refuse(node, "under needs records of one entity", "under braucht Datensätze einer Entität")
    ((name, id_),) = ids.items()
    stored = work.stored(name, node)
    table = work.alias(stored.table)
    path = _path(work, Row(stored, record.record, table), node)
    return pick(path, table, table.c.id == id_)
