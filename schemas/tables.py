"""Tables: the database of a project, compiled from its model for one kind of database.

:func:`build_tables` gives the SQLAlchemy tables and, beside them, the ``rules.storage`` that tells the rule language
where fields are. It creates nothing; ``engine.deploy`` does. One table per entity, relation and rows field; links to
many in a table of their own; the engine's tables start with ``fw_``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import sqlalchemy as sa
from fachwerk.rules import storage as s
from fachwerk.schemas.model import Entity, Field, Project, Workflow
from fachwerk.schemas.tables_columns import Dialect, Form, column_type, form_of
from fachwerk.schemas.tables_engine import OPINION, USER, engine_tables, opinions_of

SYSTEM: Mapping[str, Form] = {
    "id": Form("id"),
    "version": Form("number"),
    "created": Form("datetime"),
    "changed": Form("datetime"),
    "created_by": Form("id"),
    "changed_by": Form("id"),
    "_config": Form("number"),
}
"""The columns that every record of an entity has; rows have ``id``, ``parent`` and ``position``."""

CONFIG = "_config"
"""The column of the version of the configuration that a record was last written under (see ``fachwerk versions``)."""

ELSEWHERE = frozenset(("rows", "links", "back_links"))
"""Kinds whose values stand in other tables."""

_MOST_FILTER_INDEXES = 4


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a project for *dialect*, and what rules need to know of them."""

    dialect: Dialect
    metadata: sa.MetaData
    storage: s.Storage
    forms: Mapping[str, Mapping[str, Form]]
    """By entity and field: how values are kept; only fields with columns of their own table."""

    def of(self, entity: str) -> sa.Table:
        """Return the table of an entity, relation or rows (``entity.field``)."""
        return self.metadata.tables[self.storage[entity].table]


def build_tables(project: Project, dialect: Dialect) -> Tables:
    """Compile the tables of *project* for *dialect*."""
    metadata = sa.MetaData()
    engine_tables(metadata, dialect)
    everything = {entity.name: entity for entity in all_entities(project)}
    storage = {"user": USER} | {
        entity.name: s.StoredRecord(
            entity.name, table_name(entity), dict(_stored_fields(entity, everything)), _path_of(entity)
        )
        for entity in everything.values()
    }
    forms: dict[str, dict[str, Form]] = {}
    for entity in everything.values():
        forms[entity.name] = _forms(entity, project)
        if has_opinions(entity, project):
            storage[f"{entity.name}.opinions"] = opinions_of(entity.name, _each_of(entity, project))
            forms[f"{entity.name}.opinions"] = dict(OPINION)
            storage[entity.name].fields["opinions"] = s.Children(f"{entity.name}.opinions", "record")  # type: ignore[index]
        _build(metadata, entity, dialect, forms[entity.name])
    return Tables(dialect, metadata, storage, forms)


def all_entities(project: Project) -> Iterator[Entity]:
    """Give all entities, relations and, behind each, the rows of its fields."""
    for entity in project.entities.values():
        yield entity
        yield from _rows_of(entity)


def links_to_all(project: Project) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return by entity the (entity, field) of all links that may lead to its records."""
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in project.entities}
    for entity in all_entities(project):
        for field in entity.fields.values():
            if field.kind in ("link", "links", "tree"):
                for target in field.to:
                    found[target].append((entity.name, field.name))
    return {name: tuple(links) for name, links in found.items()}


def _rows_of(entity: Entity) -> Iterator[Entity]:
    for field in entity.fields.values():
        if field.rows is not None:
            yield field.rows
            yield from _rows_of(field.rows)


def table_name(entity: Entity) -> str:
    """Return the name of the table of *entity*."""
    return entity.name.replace(".", "__")


def link_columns(field: Field) -> Mapping[str, str]:
    """Return the columns of a link (also a tree's parent) by the entity they lead to."""
    if field.kind == "user":
        return {"user": field.name}
    if len(field.to) > 1:
        return {target: f"{field.name}__{target}" for target in field.to}
    return dict.fromkeys(field.to, field.name)


def links_table(entity: Entity, field: Field) -> str:
    """Return the table that holds a field of many links."""
    return f"{table_name(entity)}__{field.name}"


# ------------------------------------------------------------------ storage


def _stored_fields(
    entity: Entity, everything: Mapping[str, Entity]
) -> Iterator[tuple[str, s.Column | s.Reference | s.Children | s.Members | s.Derived]]:
    yield "id", s.Column("id")
    if entity.parent is None:
        yield "version", s.Column("version")
        for name in ("created", "changed"):
            yield name, s.Column(name)
        for name in ("created_by", "changed_by"):
            yield name, s.Reference({"user": name})
    else:
        yield "parent", s.Reference({entity.parent[0]: "parent"})
        yield "position", s.Column("position")
    for field in entity.fields.values():
        if field.name not in SYSTEM and not (entity.parent and field.name in ("parent", "position")):
            yield field.name, _stored_field(entity, field, everything)


def _stored_field(
    entity: Entity, field: Field, everything: Mapping[str, Entity]
) -> s.Column | s.Reference | s.Children | s.Members | s.Derived:
    if field.computed is not None and not field.stored:
        return s.Derived(field.computed.checked)
    if field.kind in ("link", "tree", "user"):
        return s.Reference(link_columns(field))
    if field.rows is not None:
        return s.Children(field.rows.name, "parent")
    if field.kind == "links":
        return s.Members(field.to[0], links_table(entity, field), "source", "target")
    if field.kind == "back_links" and field.inverse is not None:
        return _back_links(entity, everything[field.inverse[0]], field.inverse[1])
    form = form_of(field)
    if form.shape != "number":
        digits = 16 if form.shape == "duration" and field.computed is None else None
        return s.Column(field.name, json=form.shape == "json", digits=digits)
    return s.Column(field.name, form.places, digits=_digits(field, form))


def _digits(field: Field, form: Form) -> int | None:
    """Return how many digits the kinds let in: below 10**15, or 18 digits with more than three places."""
    if field.computed is not None:
        return None
    places = form.places or 0
    return 15 + places if places <= 3 else 18


def _back_links(entity: Entity, other: Entity, name: str) -> s.Children | s.Members:
    field = other.fields[name]
    if field.kind == "links":
        return s.Members(other.name, links_table(other, field), "target", "source")
    return s.Children(other.name, link_columns(field)[entity.name])


def _path_of(entity: Entity) -> str | None:
    return "_path" if any(field.kind == "tree" for field in entity.fields.values()) else None


def has_opinions(entity: Entity, project: Project) -> bool:
    """Return whether a workflow of *entity* has parallel states."""
    flows = (flow for name in entity.workflows for flow in project.workflows[name].versions)
    return any(state.parallel for flow in flows for state in flow.states.values())


def _each_of(entity: Entity, project: Project) -> tuple[str, ...]:
    """Return the entities that opinions about *entity* may be of one each."""
    states = (state for name in entity.workflows for state in project.workflows[name].states.values())
    return tuple(dict.fromkeys(of for state in states for part in state.parallel for of in part.each_of))


def entry_column(workflow: Workflow) -> str:
    """Return the column that counts the states a record has entered; it tells which stay in a state is meant."""
    return f"{workflow.field}__entry"


def flow_column(workflow: Workflow) -> str:
    """Return the column that says which version of the workflow a case is under, where cases keep theirs.

    Empty, or a number that nothing is kept of: the workflow in force.
    """
    return f"{workflow.field}__flow"


def _forms(entity: Entity, project: Project) -> dict[str, Form]:
    if entity.parent is None:
        forms = dict(SYSTEM)
    else:
        forms = {"id": Form("id"), "parent": Form("id"), "position": Form("number")}
    for field in entity.fields.values():
        if field.name not in forms and has_column(field):
            forms[field.name] = form_of(field)
    for name in entity.workflows:
        workflow = project.workflows[name]
        forms[entry_column(workflow)] = Form("number")
        if workflow.cases == "keep":
            forms[flow_column(workflow)] = Form("number")
    return forms


def has_column(field: Field) -> bool:
    """Return whether the value of *field* stands in the record's own table."""
    return field.kind not in ELSEWHERE and (field.computed is None or field.stored)


# ------------------------------------------------------------------ tables


def _build(metadata: sa.MetaData, entity: Entity, dialect: Dialect, forms: Mapping[str, Form]) -> None:
    table = sa.Table(table_name(entity), metadata, sqlite_strict=dialect == "sqlite")
    for name, form in forms.items():
        field = entity.fields.get(name)
        links = name not in SYSTEM and field is not None and field.kind in ("link", "tree", "user")
        columns = link_columns(field).items() if links and field is not None else [("", name)]
        for target, column in columns:
            needed = name in (
                ("id", "parent", "position") if entity.parent else ("id", "version", "created", "changed")
            )
            table.append_column(_column(column, form, dialect, target.replace(".", "__"), nullable=not needed))
    if _path_of(entity):
        # Code points, so that an index serves whatever begins with a path.
        collation = "C" if dialect == "postgresql" else None
        table.append_column(sa.Column("_path", sa.Text(collation=collation), nullable=False))
        _index(table, ("_path",))
    if entity.parent is not None:
        _reference(table, "parent", entity.parent[0].replace(".", "__"), ondelete="CASCADE")
        _index(table, ("parent", "position"))
    if dialect == "sqlite":
        for name, form in forms.items():
            if form.shape == "boolean":
                table.append_constraint(sa.CheckConstraint(table.c[name].in_((0, 1))))
    for field in entity.fields.values():
        if field.kind == "links":
            _links(metadata, entity, field, dialect)
    _indexes(table, entity)


def _column(name: str, form: Form, dialect: Dialect, target: str, *, nullable: bool) -> sa.Column[object]:
    kind = column_type(form, dialect)
    column: sa.Column[object] = sa.Column(name, kind, primary_key=name == "id", nullable=nullable)
    if target:
        key = sa.ForeignKey(f"{'fw_user' if target == 'user' else target}.id", name=_short(f"fk_{name}_{target}"))
        column.append_foreign_key(key)
    return column


def _reference(table: sa.Table, column: str, target: str, *, ondelete: str | None = None) -> None:
    name = _short(f"fk_{table.name}__{column}")
    table.append_constraint(sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete))


def _links(metadata: sa.MetaData, entity: Entity, field: Field, dialect: Dialect) -> None:
    kind = column_type(Form("id"), dialect)
    table = sa.Table(
        links_table(entity, field), metadata,
        sa.Column("source", kind, primary_key=True),
        sa.Column("target", kind, primary_key=True),
        sa.Column("position", column_type(Form("number"), dialect), nullable=False),
        sqlite_strict=dialect == "sqlite",
    )  # fmt: skip
    _reference(table, "source", table_name(entity), ondelete="CASCADE")
    _reference(table, "target", field.to[0].replace(".", "__"))
    _index(table, ("target",))


def _indexes(table: sa.Table, entity: Entity) -> None:
    """Add the indexes of links, of unique fields, of the list's order, and of its filters in that order."""
    for columns in _unique_columns(entity):
        _index(table, columns, unique=True)
    order = _order(table, entity)
    if order:
        _index(table, (), order)
    if "due" in entity.fields and entity.fields["due"].system:
        _index(table, ("due",), [table.c.id])
    in_order = set()
    for name in _filters(entity):
        in_order.add(name)
        _index(table, (name,), order or [table.c.id])
    for field in entity.fields.values():
        if field.name not in SYSTEM and field.kind in ("link", "tree", "user"):
            for column in link_columns(field).values():
                if column not in in_order:
                    _index(table, (column,))


def _unique_columns(entity: Entity) -> Iterator[tuple[str, ...]]:
    """Give the columns of what must be unique; rows are unique within their record."""
    sets = [(field.name,) for field in entity.fields.values() if field.unique or field.kind == "sequence"]
    within = (("parent",),) if entity.parent else ()
    for names in (*sets, *entity.unique):
        choices = [tuple(_columns_of(entity, name)) for name in names]
        yield from product(*within, *choices)


def _columns_of(entity: Entity, name: str) -> Iterable[str]:
    field = entity.fields.get(name)
    if field is not None and field.kind in ("link", "tree", "user") and name not in SYSTEM:
        return link_columns(field).values()
    return (name,)


def _order(table: sa.Table, entity: Entity) -> list[sa.ColumnElement[object]]:
    if entity.list is None:
        return []
    keys = [(name, descending) for name, descending in entity.list.sort if name in table.c]
    if not keys or len(keys) != len(entity.list.sort):
        return []
    down = keys[-1][1]
    ordered = [
        _nulls(table.c[name].desc() if descending else table.c[name].asc(), table.c[name]) for name, descending in keys
    ]
    return [*ordered, table.c.id.desc() if down else table.c.id.asc()]


def _nulls(ordered: sa.UnaryExpression[object], column: sa.Column[object]) -> sa.ColumnElement[object]:
    """Empty values come last either way; SQLite's indexes cannot say so and its planner sorts those few itself."""
    plain = not column.nullable or not isinstance(column.table, sa.Table)
    return ordered if plain or column.table.kwargs.get("sqlite_strict") else ordered.nulls_last()


def _filters(entity: Entity) -> Iterator[str]:
    """Give the columns that lists are filtered by and that hold few values; the state of a workflow first."""
    names = [field.name for field in entity.fields.values() if field.system and field.kind == "choice"]
    names += [name for name in (entity.list.filters if entity.list else ()) if name not in names]
    found = 0
    for name in names:
        field = entity.fields.get(name)
        few = field is not None and field.kind in ("choice", "boolean", "link", "user") and len(field.to) < 2
        if few and name not in SYSTEM and field is not None and has_column(field) and found < _MOST_FILTER_INDEXES:
            found += 1
            yield name


def _index(
    table: sa.Table,
    columns: tuple[str, ...],
    more: Iterable[sa.ColumnElement[object]] = (),
    *,
    unique: bool = False,
) -> None:
    expressions = [*(table.c[name] for name in columns), *more]
    names = [*columns, *(_name_of(expression) for expression in more)]
    name = _short(("uq_" if unique else "ix_") + "__".join((table.name, *names)))
    sa.Index(name, *expressions, unique=unique)


def _name_of(expression: sa.ColumnElement[object]) -> str:
    while isinstance(expression, sa.UnaryExpression):
        expression = expression.element
    return str(expression.key)


def _short(name: str) -> str:
    """Return *name* cut to what PostgreSQL takes, kept apart from others by a hash."""
    name = name.replace(".", "__")
    if len(name) <= 63:
        return name
    return f"{name[:52]}__{hashlib.sha256(name.encode()).hexdigest()[:8]}"
