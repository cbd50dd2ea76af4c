"""Filling: what of a deploy can be made ahead of it, task by task, each into a side table of its own.

A task makes the values of one entity's fields: those that ``convert`` and ``fill`` or another kind ask for (*make*), or
its stored computed fields (*store*). What depends on the day, on an ancestor in a tree, or on links that are made anew
themselves is not made ahead: the deploy does it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from fachwerk.engine.compile import App, Asked
from fachwerk.engine.context import Context
from fachwerk.engine.database import Connection
from fachwerk.engine.plan.batches import column_sql, quoted
from fachwerk.engine.plan.making import Making, making_of
from fachwerk.engine.plan.model import Portion
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.reach import NewPlaces, Node, OldPlaces, Reach, Unsure
from fachwerk.engine.plan.recalculating import compile_anew, stored_anew
from fachwerk.engine.plan.sameness import Sameness, called_by, meaning
from fachwerk.engine.plan.watching import PREFIX
from fachwerk.rules.check import Checked
from fachwerk.rules.storage import Derived
from fachwerk.rules.tree import Name, Under
from fachwerk.rules.walk import walk
from fachwerk.schemas.model import Field, Project

LEAST = 5000
"""So many values to be made, and they are made ahead."""
_CLOCK = re.compile(r"\b(today|now)\b")


@dataclass(frozen=True, slots=True)
class Task:
    """Values of the *fields* of one new entity, made into *table*; *tree* is what they depend on."""

    kind: Literal["make", "store"]
    entity: str
    table: str
    fields: tuple[str, ...]
    source: sa.Table
    """The table in force whose records they are made for."""
    tree: Node
    columns: tuple[sa.Column[Any], ...]
    making: Making | None = None

    @property
    def name(self) -> str:
        """What it is called where its progress is kept."""
        return f"{self.kind} {self.entity}"


@dataclass(frozen=True, slots=True)
class Tasks:
    """What is made ahead of one deploy."""

    makes: tuple[Task, ...]
    stores: tuple[Task, ...]
    stored: Mapping[str, Sequence[Field]]
    """The computed fields of *stores*, by entity."""

    def __iter__(self) -> Iterator[Task]:
        return iter((*self.makes, *self.stores))


def tasks_of(old: App, new: App, pairing: Pairing, context: Context) -> Tasks:
    """Return what can be made ahead."""
    every = list(_makings(old, new, pairing, context))
    reach = Reach(old, OldPlaces(old))
    makes = tuple(task for making in every if (task := _make(making, reach, pairing.new)) is not None)
    stored = stored_anew(pairing, Sameness(pairing))
    if len(makes) < len(every) or not stored:
        return Tasks(makes, (), {})
    trees = store_trees(old, compile_anew(new.project, new.dialect, stored), pairing, stored, makes)
    names = list(pairing.after)
    stores = tuple(
        Task(
            "store", name, f"{PREFIX}s{names.index(name)}", tuple(f.name for f in stored[name]),
            old.tables.of(_before(pairing, name)), tree, tuple(new.tables.of(name).c[f.name] for f in stored[name]),
        )
        for name, tree in trees.items()
    )  # fmt: skip
    return Tasks(makes, stores, {task.entity: stored[task.entity] for task in stores})


def store_trees(
    old: App, anew: App, pairing: Pairing, stored: Mapping[str, Sequence[Field]], makes: Sequence[Task]
) -> dict[str, Node]:
    """Return what stored fields depend on, by entity, where that can be said; *anew* calculates all in *stored*."""
    reach = Reach(anew, NewPlaces(old, anew, pairing, {task.entity: task.fields for task in makes}))
    found = {}
    for name, fields in stored.items():
        try:
            if all(timeless(one, anew.project) for one in _rules(anew, fields)):
                found[name] = reach.tree(name, [(field.name,) for field in fields])
        except Unsure:
            continue
    return found


def _rules(anew: App, fields: Sequence[Field]) -> Iterator[Checked]:
    """Give the rules of computed fields, and of all calculated fields that they may read, by their names."""
    derived: dict[str, list[Checked]] = {}
    for record in anew.tables.storage.values():
        for name, where in record.fields.items():
            if isinstance(where, Derived):
                derived.setdefault(name, []).append(where.rule)
    left = {field.name for field in fields}
    seen: set[str] = set()
    while left:
        rules = [rule for name in left for rule in derived.get(name, ())]
        yield from rules
        seen |= left
        left = {step for rule in rules for path in rule.reads for step in path} - seen


def _before(pairing: Pairing, name: str) -> str:
    before = pairing.entity(name)
    assert before is not None
    return before.name


def _makings(old: App, new: App, pairing: Pairing, context: Context) -> Iterator[Making]:
    for number, name in enumerate(pairing.after):
        making = making_of(old, new, pairing, name, number, context)
        if making is not None:
            making.table = f"{PREFIX}m{number}"
            yield making


def _make(making: Making, reach: Reach, new: Project) -> Task | None:
    asked: list[Asked] = [one for r in making.recipes for one in (r.convert, r.fill) if one is not None]
    if not all(timeless(one.rule.checked, new) for one in asked):
        return None
    paths = [path for one in asked for path in one.rule.checked.reads]
    paths += [(r.old.name,) for r in making.recipes if r.old is not None]
    try:
        tree = reach.tree(making.before.name, paths)
    except Unsure:
        return None
    columns = tuple(making.column(name) for name in making.fields)
    return Task("make", making.entity, making.table, making.fields, making.source, tree, columns, making)


def timeless(rule: Checked, project: Project) -> bool:
    """Whether a rule gives tomorrow what it gives today, and reads nothing of other levels of a tree."""
    parts = list(walk(rule.node))
    if any(isinstance(one, Under) for one in parts) or _CLOCK.search(rule.fragment.text):
        return False
    if any(isinstance(one, Name) and _CLOCK.fullmatch(one.name) for one in parts):
        return False
    # a decision may call others: where one is called, none of the project may ask for the time
    called = any(True for _ in called_by(rule, project))
    return not called or not any(_CLOCK.search(str(meaning(d.body))) for d in project.decisions.values())


async def portions(
    old: App, new: App, pairing: Pairing, connection: Connection, context: Context
) -> tuple[Portion, ...]:
    """Return what is made before the deploy of *new*, where that is much."""
    found = []
    for task in tasks_of(old, new, pairing, context):
        rows = await connection.fetch(f"SELECT count(*) FROM {quoted(str(task.source.name))}")
        found.append(Portion(task.entity, pairing.after[task.entity].plural, task.fields, int(rows[0][0])))
    return tuple(found) if sum(one.count for one in found) >= LEAST else ()


def side_table(task: Task, dialect: Any) -> str:
    """Return the statement that makes the side table of a task."""
    kind = "UUID" if dialect == "postgresql" else "TEXT"
    listed = ", ".join(column_sql(column, dialect) for column in task.columns)
    return f"CREATE TABLE {quoted(task.table)} (id {kind} PRIMARY KEY, {listed})"
