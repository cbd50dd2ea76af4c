"""Conditions of lists: filters and searches as SQL, within what a set of roles may see.

A filter over a link looks only at records that may be read; a field that is hidden on a row never matches there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from fachwerk.engine.convert import Convert, same, value_writer
from fachwerk.engine.query import TEXTS, Filter, bad_query, can_filter, can_sort, is_number
from fachwerk.engine.reading import Reader
from fachwerk.engine.statements import given
from fachwerk.schemas.model import Field
from fachwerk.schemas.tables import link_columns, links_table
from fachwerk.schemas.tables_columns import Form

Step = Callable[[str, Any], Any]
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "gt": lambda column, value: column > value,
    "ge": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "le": lambda column, value: column <= value,
}


class Conditions:
    """Makes the conditions of one reader's lists."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._app = reader.app
        self._dialect = reader.app.dialect

    def all(self, filters: Sequence[Filter]) -> tuple[list[Any], list[Convert]]:
        """Return the conditions of *filters* (parameters ``f0``, ``f1``...) and how their values are written."""
        conditions, writers = [], []
        for index, wanted in enumerate(filters):
            condition, write = self._filter(wanted, f"f{index}")
            conditions.append(condition)
            writers.append(write)
        return conditions, writers

    def pattern(self, text: str) -> str:
        """Return the parameter of a search for *text*."""
        if self._dialect == "sqlite":
            return text.casefold()
        return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"

    def search(self, words: int) -> Any:
        """Return the condition that each of the texts ``q0``, ``q1``... is contained in one of the searched fields."""
        layout = self._reader.entity.model.list
        names = layout.search if layout is not None else ()
        return sa.and_(*(self._contained(names, f"q{number}") for number in range(words)))

    def _contained(self, names: Sequence[str], text: str) -> Any:
        found = [self._searched(name, text) for name in names]
        return sa.or_(sa.false(), *(condition for condition in found if condition is not None))

    def _searched(self, name: str, text: str) -> Any:
        field = self._reader.entity.model.fields.get(name)
        if field is None or not self._reader.rights.sees(name):
            return None
        if field.kind == "link":
            return self._searched_link(field, text)
        kind = field.result if field.kind == "computed" else field.kind
        if kind not in TEXTS or name not in self._reader.entity.forms:
            return None
        column = self._reader.table.c[name]
        return self._seen(self._reader.entity.name, name, self._reader.table, self._contains(column, text))

    def _searched_link(self, field: Field, text: str) -> Any:
        found = []
        for target, column in link_columns(field).items():
            entity = self._app.entities[target]
            texts = [
                name for name in (entity.model.list.search if entity.model.list else ())
                if name in entity.forms and entity.model.fields[name].kind in TEXTS
            ]  # fmt: skip
            own = self._reader.table.c[column]
            found += [self._through(target, own, self._value_test(name, text)) for name in texts]
        joined = sa.or_(sa.false(), *found)
        return self._seen(self._reader.entity.name, field.name, self._reader.table, joined)

    def _value_test(self, name: str, text: str) -> Step:
        return lambda entity, table: self._seen(entity, name, table, self._contains(table.c[name], text))

    # filters ----------------------------------------------------------------------------------------------------------

    def _filter(self, wanted: Filter, name: str) -> tuple[Any, Convert]:
        last = self.last(wanted.path)
        form = self._form(wanted.path, last)
        write = _writer(wanted, last, form, self._dialect, self)
        entity, table = self._reader.entity.name, self._reader.table
        return self._walk(
            wanted.path, entity, table, lambda where, other: self._test(where, wanted, other, name)
        ), write

    def last(self, path: tuple[str, ...]) -> Field | None:
        """Return the last field of a path; ``None`` for ``id`` and for the name of a user."""
        here: tuple[str, ...] = (self._reader.entity.name,)
        field: Field | None = None
        for name in path:
            field = next((self._app.entities[e].model.fields[name] for e in here if self._has(e, name)), None)
            here = field.to if field is not None else ()
        return field

    def _has(self, entity: str, name: str) -> bool:
        return entity in self._app.entities and name in self._app.entities[entity].model.fields

    def _form(self, path: tuple[str, ...], last: Field | None) -> Form:
        if last is None:
            return _bare(path[-1])
        entity = self._reader.entity.name
        for name in path[:-1]:
            targets = self._app.entities[entity].model.fields[name].to
            entity = next(target for target in targets if self._has(target, path[-1]) or len(targets) == 1)
        return self._app.entities[entity].forms.get(last.name, Form("id"))

    def _walk(self, path: tuple[str, ...], entity: str, table: Any, test: Step) -> Any:
        """Return *test* of the record that *path* leads to, over linked records that may be read."""
        name, rest = path[0], path[1:]
        if not rest:
            return test(entity, table)
        field = self._app.entities[entity].model.fields.get(name)
        if field is None or not self._app.entities[entity].model.fields:
            return sa.false()
        found = [
            self._through(target, table.c[column], lambda where, other: self._walk(rest, where, other, test))
            for target, column in link_columns(field).items()
            if rest[0] == "id" or is_number(self._app, rest[0], (target,)) or self._has(target, rest[0])
        ]
        return self._seen(entity, name, table, sa.or_(sa.false(), *found))

    def _through(self, target: str, column: Any, test: Step) -> Any:
        other = self._app.tables.of(target).alias()
        rights = self._reader.access.rights(self._reader.roles, target)
        conditions = [other.c.id == column, test(target, other)]
        if not rights.may("read"):
            return sa.false()
        readable = self._reader.access.condition(rights, other, self._reader.translation)
        if readable is not None:
            conditions.append(readable)
        return sa.exists(sa.select(sa.literal(1)).select_from(other).where(*conditions))

    def _seen(self, entity: str, name: str, table: Any, condition: Any) -> Any:
        rights = self._reader.access.rights(self._reader.roles, entity)
        seen = self._reader.access.seen_condition(rights, name, table, self._reader.translation)
        return condition if seen is None else sa.and_(seen, condition)

    def _test(self, entity: str, wanted: Filter, table: Any, name: str) -> Any:
        last = wanted.path[-1]
        if last == "id" or is_number(self._app, last, (entity,)):
            return self._compared(table.c[last], wanted, name)
        field = self._app.entities[entity].model.fields[last]
        if not self._reader.access.rights(self._reader.roles, entity).sees(last) or not can_filter(
            field, wanted.operator
        ):
            raise bad_query(
                {".".join(wanted.path): {"en": "There is no such filter.", "de": "Diesen Filter gibt es nicht."}}
            )
        return self._seen(entity, last, table, self._tested(entity, field, wanted, table, name))

    def _tested(self, entity: str, field: Field, wanted: Filter, table: Any, name: str) -> Any:
        kind = field.result if field.kind == "computed" else field.kind
        if kind == "links":
            return self._linked(links_table(self._app.entities[entity].model, field), wanted, table, name)
        if kind == "choices" and wanted.value is not None:
            return self._chosen(table.c[field.name], wanted, name)
        if field.kind in ("link", "tree") and len(field.to) > 1:
            return self._one_of_several(field, wanted, table, name)
        column = (
            table.c[next(iter(link_columns(field).values()))] if field.kind in ("link", "tree") else table.c[field.name]
        )
        if wanted.operator == "under":
            return self._under(field, column, name)
        if wanted.operator == "contains":
            return self._contains(column, name)
        return self._compared(column, wanted, name)

    def _compared(self, column: Any, wanted: Filter, name: str) -> Any:
        operator = wanted.operator
        if operator == "in":
            return self.among(column, name)
        if wanted.value is None:
            return column.is_not(None) if operator == "ne" else column.is_(None)
        value = given(name, column.type)
        if operator == "eq":
            return column == value
        if operator == "ne":
            return sa.or_(column != value, column.is_(None))
        return _COMPARE[operator](column, value)

    def among(self, column: Any, name: str) -> Any:
        """Return the condition that *column* is among the values of a list parameter."""
        if self._dialect == "postgresql":
            return column == sa.any_(given(name, sa.ARRAY(column.type)))
        values = sa.func.json_each(given(name, sa.Text())).table_valued("value")
        return column.in_(sa.select(values.c.value))

    def _contains(self, column: Any, name: str) -> Any:
        if self._dialect == "sqlite":
            return sa.func.instr(sa.func.fw_fold(column), given(name, sa.Text())) > 0
        return column.ilike(given(name, sa.Text()), escape="\\")

    def _chosen(self, column: Any, wanted: Filter, name: str) -> Any:
        if self._dialect == "postgresql":
            has = column.op("?|")(sa.cast(given(name, sa.ARRAY(sa.Text())), sa.ARRAY(sa.Text())))
        else:
            chosen = sa.func.json_each(column).table_valued("value")
            asked = sa.func.json_each(given(name, sa.Text())).table_valued("value")
            has = sa.exists(sa.select(sa.literal(1)).where(chosen.c.value.in_(sa.select(asked.c.value))))
        return sa.or_(sa.not_(has), column.is_(None)) if wanted.operator == "ne" else has

    def _linked(self, through: str, wanted: Filter, table: Any, name: str) -> Any:
        members = self._app.tables.metadata.tables[through].alias()
        chosen = (
            self.among(members.c.target, name)
            if wanted.operator == "in"
            else members.c.target == given(name, members.c.target.type)
        )
        where = [members.c.source == table.c.id]
        has = sa.exists(sa.select(sa.literal(1)).select_from(members).where(*where, chosen))
        if wanted.value is None:
            has = sa.exists(sa.select(sa.literal(1)).select_from(members).where(*where))
            return has if wanted.operator == "ne" else sa.not_(has)
        return sa.not_(has) if wanted.operator == "ne" else has

    def _one_of_several(self, field: Field, wanted: Filter, table: Any, name: str) -> Any:
        columns = [table.c[column] for column in link_columns(field).values()]
        tests = [self._compared(column, wanted, name) for column in columns]
        negative = (wanted.value is None) != (wanted.operator == "ne")
        return sa.and_(*tests) if negative else sa.or_(*tests)

    def _under(self, field: Field, column: Any, name: str) -> Any:
        target = field.to[0]
        root = self._app.tables.of(target).alias()
        inner = self._app.tables.of(target).alias()
        if "_path" not in root.c:
            raise bad_query({field.name: {"en": "This is no tree.", "de": "Das ist kein Baum."}})
        path = sa.select(root.c["_path"]).where(root.c.id == given(name, root.c.id.type)).scalar_subquery()
        found = sa.select(inner.c.id).where(inner.c["_path"].startswith(path))
        return column.in_(found)

    # sort values ------------------------------------------------------------------------------------------------------

    def value(self, path: tuple[str, ...]) -> tuple[Any, Form, bool]:
        """Return the expression of a path's value for sorting, its form, and whether it can be empty."""
        return self._value(path, self._reader.entity.name, self._reader.table)

    def _value(self, path: tuple[str, ...], entity: str, table: Any) -> tuple[Any, Form, bool]:
        name, rest = path[0], path[1:]
        if entity == "user":
            return table.c[name], Form("text"), False
        field = self._app.entities[entity].model.fields.get(name)
        if not rest and (name == "id" or is_number(self._app, name, (entity,))):
            return table.c[name], _bare(name), name != "id"
        rights = self._reader.access.rights(self._reader.roles, entity)
        if field is None or not can_sort(field) or not rights.sees(name):
            raise bad_query({"sort": {"en": "There is no such order.", "de": "Diese Sortierung gibt es nicht."}})
        if rest:
            sql, form = self._linked_value(field, rest, table)
            nullable = True
        else:
            sql, form = table.c[name], self._app.entities[entity].forms[name]
            nullable = bool(sql.nullable)
        seen = self._reader.access.seen_condition(rights, name, table, self._reader.translation)
        return (sql, form, nullable) if seen is None else (sa.case((seen, sql)), form, True)

    def _linked_value(self, field: Field, rest: tuple[str, ...], table: Any) -> tuple[Any, Form]:
        if field.kind == "user":
            users = self._app.tables.metadata.tables["fw_user"].alias()
            found = sa.select(users.c.name).where(users.c.id == table.c[field.name]).scalar_subquery()
            return found, Form("text")
        ((target, column),) = list(link_columns(field).items())[:1]
        if rest == ("id",):
            return table.c[column], Form("id")
        other = self._app.tables.of(target).alias()
        sql, form, _ = self._value(rest, target, other)
        rights = self._reader.access.rights(self._reader.roles, target)
        conditions = [other.c.id == table.c[column]]
        readable = self._reader.access.condition(rights, other, self._reader.translation)
        if readable is not None:
            conditions.append(readable)
        return sa.select(sql).where(*conditions).scalar_subquery(), form


def _bare(name: str) -> Form:
    """Return the form of what is no field of the model."""
    if name in ("id", "name"):
        return Form("text" if name == "name" else "id")
    return Form("number")


def _writer(wanted: Filter, field: Field | None, form: Form, dialect: str, conditions: Conditions) -> Convert:
    """Return the function from a filter's value to its driver value."""
    kind = "" if field is None else field.result if field.kind == "computed" else field.kind
    one: Convert = same if kind in ("links", "choices") else value_writer(field, form, dialect)  # type: ignore[arg-type]
    if kind == "link" and field is not None and len(field.to) > 1:
        one = _second
    if wanted.operator == "contains":
        return conditions.pattern
    if wanted.operator == "in" or kind == "choices":
        return lambda value: _several(value, one, dialect)
    return lambda value: None if value is None else one(value)


def _second(value: Any) -> Any:
    return value[1] if isinstance(value, tuple) else value


def _several(value: Any, one: Convert, dialect: str) -> object:
    items: Iterable[object] = value if isinstance(value, tuple) else (value,)
    written = [one(item) for item in items if item is not None]
    return orjson.dumps(written).decode() if dialect == "sqlite" else written
