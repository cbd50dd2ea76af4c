"""Choices between values of one kind: the branches of ``if``, the least and the greatest of a list written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from fachwerk.rules.to_sql import numbers
from fachwerk.rules.to_sql.comparing import ids_of
from fachwerk.rules.to_sql.pieces import code_points, id_type
from fachwerk.rules.to_sql.terms import MISSING, Condition, Link, Null, Row, Scalar, Sql, Term, refuse
from fachwerk.rules.to_sql.work import Work
from fachwerk.rules.tree import Node
from fachwerk.rules.types import RecordType


def chosen(work: Work, condition: Condition, branches: tuple[Term, Term], node: Node) -> Term:
    """Return the first of *branches* where *condition* is true, else the second."""
    record = next((term.record for term in branches if isinstance(term, Row | Link)), None)
    if record is not None:
        return _record(work, condition, branches, record, node)
    found = scalars(work, branches, node)
    if found is None:
        return Null()
    a, b = alike(found, work)
    return replace(
        a,
        sql=sa.case((condition, a.sql), else_=b.sql),
        nullable=a.nullable or b.nullable,
        whole=max(a.whole, b.whole),
        places=max(a.places, b.places),
        wide=a.wide or b.wide,
        zoned=a.zoned or b.zoned,
        fixed=False,
        literal=MISSING,
    )


def scalars(work: Work, terms: Sequence[Term], node: Node) -> list[Scalar] | None:
    """Return *terms* as scalars of one kind; None if all of them are the null literal."""
    kind = next((term.kind for term in terms if isinstance(term, Scalar)), None)
    if all(isinstance(term, Null) for term in terms):
        return None
    found = [work.null(kind) if isinstance(term, Null) and kind else term for term in terms]
    if not all(isinstance(term, Scalar) and term.kind == kind for term in found):
        raise refuse(node, "these values are of several types", "diese Werte sind von mehreren Typen")
    return [term for term in found if isinstance(term, Scalar)]


def alike(terms: Sequence[Scalar], work: Work) -> list[Scalar]:
    """Return numbers in one form, so that SQL may choose between them; other kinds as they are."""
    if terms[0].kind != "number":
        return list(terms)
    if work.dialect == "postgresql":
        return [replace(term, sql=numbers.as_numeric(term), form="numeric", literal=MISSING) for term in terms]
    places = max(term.places for term in terms)
    if all(term.form == "integer" and (term.whole + places <= numbers.SAFE or term.places == places) for term in terms):
        return [replace(t, sql=numbers.rescaled(t, places), places=places, literal=MISSING) for t in terms]
    return [replace(term, sql=numbers.as_text(term), form="text", literal=MISSING) for term in terms]


def _record(work: Work, condition: Condition, branches: tuple[Term, Term], record: RecordType, node: Node) -> Link:
    then, otherwise = (_ids(term, node) for term in branches)
    nothing = sa.cast(sa.null(), id_type(work.dialect))
    ids = {
        target: sa.case((condition, then.get(target, nothing)), else_=otherwise.get(target, nothing))
        for target in {**then, **otherwise}
    }
    return Link(ids=ids, record=record)


def _ids(term: Term, node: Node) -> dict[str, Sql]:
    if isinstance(term, Null):
        return {}
    if isinstance(term, Row | Link):
        return dict(ids_of(term))
    raise refuse(node, "a record and something else", "ein Datensatz und etwas anderes")


def extreme(work: Work, name: str, terms: Sequence[Scalar]) -> Scalar:
    """Return the least (``min``) or the greatest (``max``); null if one of them is."""
    items = alike(terms, work)
    first = items[0]
    nullable, fixed = any(t.nullable for t in items), all(t.fixed for t in items)
    whole, places = max(t.whole for t in items), max(t.places for t in items)
    known = replace(first, nullable=nullable, fixed=fixed, whole=whole, places=places, literal=MISSING)
    sides = [code_points(t.sql, work.dialect) if t.kind == "string" else t.sql for t in items]
    if len(sides) == 1:
        return known
    if work.dialect == "sqlite":
        function = f"feel_{name}_of" if first.form == "text" else name
        return replace(known, sql=getattr(sa.func, function)(*sides, type_=first.sql.type))
    found = getattr(sa.func, "least" if name == "min" else "greatest")(*sides, type_=first.sql.type)
    empty = sa.or_(sa.false(), *(t.sql.is_(None) for t in items if t.nullable))
    return replace(known, sql=sa.case((empty, sa.null()), else_=found) if nullable else found)
