"""Records in SQL: their fields, the records that links lead to, and the lists behind back links, rows and relations."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from fachwerk.rules.storage import Children, Column, Derived, Members, Reference
from fachwerk.rules.to_sql.comparing import is_null
from fachwerk.rules.to_sql.terms import (
    Condition,
    Frame,
    Link,
    Many,
    Row,
    Scalar,
    Sql,
    Term,
    kind_of,
    refuse,
)
from fachwerk.rules.to_sql.work import Work
from fachwerk.rules.tree import Node
from fachwerk.rules.types import ListType, RecordType, Typed

_UNKNOWN = Typed(RecordType("?"))


def field(work: Work, of: Row | Link, name: str, node: Node) -> Term:
    """Return the field *name* of a record."""
    if isinstance(of, Row):
        return _own_field(work, of, name, node)
    if name == "id":
        return _id(work, sa.func.coalesce(*of.ids.values()) if len(of.ids) > 1 else next(iter(of.ids.values())), of)
    found = [_through(work, of, target, sql, name, node) for target, sql in of.ids.items()]
    return found[0] if len(found) == 1 else _either(found, node)


def _id(work: Work, sql: Sql, of: Row | Link) -> Scalar:
    text = sa.cast(sql, sa.Text()) if work.dialect == "postgresql" else sql
    if isinstance(of, Link):
        return Scalar(sql=text, kind="string", nullable=of.nullable, fixed=of.fixed)
    return Scalar(sql=text, kind="string", nullable=False)


def _own_field(work: Work, row: Row, name: str, node: Node) -> Term:
    spec = row.stored.fields.get(name)
    if name == "id" and not isinstance(spec, Derived):
        return _id(work, row.table.c.id, row)
    typed = row.record.fields.get(name, _UNKNOWN)
    if isinstance(spec, Column):
        return _column(work, row, spec, typed, node)
    if isinstance(spec, Reference):
        ids = {target: row.table.c[column] for target, column in spec.columns.items()}
        return Link(ids=ids, record=_record(typed, node), nullable=typed.nullable)
    if isinstance(spec, Children | Members):
        return _many(work, row, spec, _record(typed, node), node)
    if isinstance(spec, Derived):
        return work.value(spec.rule.node, Frame(checked=spec.rule, record=row))
    raise refuse(node, f"{name} is not stored with the record", f"{name} wird nicht beim Datensatz gespeichert")


def _record(typed: Typed, node: Node) -> RecordType:
    type_ = typed.type
    if isinstance(type_, ListType):
        type_ = type_.element.type
    if not isinstance(type_, RecordType):
        raise refuse(node, "this is no record", "das ist kein Datensatz")
    return type_


def _column(work: Work, row: Row, spec: Column, typed: Typed, node: Node) -> Term:
    column = row.table.c[spec.name]
    if spec.json:
        return _json(work, column, typed, node)
    kind = kind_of(typed.type)
    if kind is None or kind == "months":
        raise refuse(node, "values of this type have no SQL", "Werte dieses Typs haben kein SQL")
    digits = 19 if spec.digits is None else spec.digits
    places = spec.places or 0
    numeric = kind == "number" and spec.places is not None and work.dialect == "postgresql"
    known = Scalar(sql=column, kind=kind, nullable=typed.nullable, form="numeric" if numeric else "integer")
    return replace(known, whole=max(digits - places, 1), places=places) if kind in ("number", "span") else known


def _many(work: Work, row: Row, spec: Children | Members, record: RecordType, node: Node) -> Many:
    stored = work.stored(spec.record, node)
    table = work.alias(stored.table)
    element = Row(stored, record, table)
    if isinstance(spec, Children):
        return Many(tables=(table,), where=(table.c[spec.column] == row.table.c.id,), element=element)
    between = work.alias(spec.table)
    ends = (between.c[spec.ours] == row.table.c.id, between.c[spec.theirs] == table.c.id)
    return Many(tables=(between, table), where=ends, element=element)


def _json(work: Work, column: Sql, typed: Typed, node: Node) -> Many:
    """Return the strings of a JSON column as a list."""
    if not isinstance(typed.type, ListType) or kind_of(typed.type.element.type) != "string":
        raise refuse(
            node, "of JSON columns SQL reads lists of strings only", "aus JSON liest SQL nur Listen von Texten"
        )
    if work.dialect == "postgresql":
        array = sa.case((sa.func.jsonb_typeof(column) == "array", column), else_=sa.literal_column("'[]'::jsonb"))
        source = sa.func.jsonb_array_elements_text(array).table_valued("value", name=work.name())
    else:
        source = sa.func.json_each(column).table_valued("value", name=work.name())
    value = sa.type_coerce(source.c.value, sa.Text())
    element = Scalar(sql=value, kind="string", nullable=typed.type.element.nullable)
    return Many(tables=(source,), where=(), element=element, missing=column.is_(None) if typed.nullable else None)


# ------------------------------------------------------------------ through links


def _through(work: Work, link: Link, target: str, id_: Sql, name: str, node: Node) -> Term:
    stored = work.stored(target, node)
    table = work.alias(stored.table)
    inner = _own_field(work, Row(stored, link.record, table), name, node)
    here: Condition = table.c.id == id_
    single = len(link.ids) == 1
    if isinstance(inner, Scalar):
        missing = link.nullable or not single
        sql = pick(inner.sql, table, here)
        return replace(inner, sql=sql, nullable=inner.nullable or missing, fixed=link.fixed)
    if isinstance(inner, Link):
        ids = {kind: pick(sql, table, here) for kind, sql in inner.ids.items()}
        nullable = inner.nullable or link.nullable or not single
        return replace(inner, ids=ids, nullable=nullable, fixed=link.fixed)
    if isinstance(inner, Many):
        missing_sql = is_null(link) if link.nullable else None
        if inner.missing is not None:
            absent = pick(sa.case((inner.missing, 1), else_=0), table, here)
            lost: Condition = absent == 1
            missing_sql = lost if missing_sql is None else sa.or_(missing_sql, lost)
        return replace(inner, tables=(table, *inner.tables), where=(here, *inner.where), missing=missing_sql)
    raise refuse(
        node, "this value of a linked record has no SQL", "dieser Wert eines verknüpften Datensatzes hat kein SQL"
    )


def pick(sql: Sql, table: sa.FromClause, here: Condition) -> Sql:
    """Return the value of *sql* in the one row of *table* for which *here* holds."""
    return sa.select(sql).select_from(table).where(here).correlate_except(table).scalar_subquery()


def _either(found: list[Term], node: Node) -> Term:
    """Join what a link to one of several types leads to: at most one of them is not null."""
    scalars = [term for term in found if isinstance(term, Scalar)]
    links = [term for term in found if isinstance(term, Link)]
    if len(scalars) == len(found) and len({(term.kind, term.form, term.places) for term in scalars}) == 1:
        whole = max(term.whole for term in scalars)
        joined = sa.func.coalesce(*(term.sql for term in scalars), type_=scalars[0].sql.type)
        return replace(scalars[0], sql=joined, nullable=True, whole=whole)
    if len(links) == len(found):
        ids: dict[str, Sql] = {}
        for link in links:
            for target, sql in link.ids.items():
                ids[target] = sa.func.coalesce(ids[target], sql, type_=sql.type) if target in ids else sql
        return replace(links[0], ids=ids, nullable=True)
    en = "what a link to one of several entities leads to differs"
    raise refuse(node, en, "wohin eine Verknüpfung mit einer von mehreren Entitäten führt, ist verschieden")
