"""Prepared: in the transaction of a deploy, what was made ahead is taken over, and what is old by now is made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fachwerk.engine.compile import App
from fachwerk.engine.context import Context
from fachwerk.engine.database import Connection
from fachwerk.engine.plan.batches import BATCH, upsert_text
from fachwerk.engine.plan.filling import Task, Tasks, store_trees, tasks_of
from fachwerk.engine.plan.making import Refusals
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.progress import Progress, known
from fachwerk.engine.plan.reach import NewPlaces, Node, OldPlaces, Reach, Written
from fachwerk.engine.plan.recalculating import calculated_of, stored_anew
from fachwerk.engine.plan.sameness import Sameness
from fachwerk.engine.plan.watching import LOG, end_texts, watched
from fachwerk.schemas.tables_columns import Dialect, form_of


@dataclass(frozen=True, slots=True)
class Notes:
    """What was noted as written: the numbers of the notes, and the records by place."""

    ids: tuple[int, ...]
    places: Mapping[str, set[str]]


async def notes_of(connection: Connection, most: int | None = None) -> Notes:
    """Return what the triggers have noted."""
    limit = f" ORDER BY id LIMIT {most}" if most is not None else ""
    rows = await connection.fetch(f"SELECT id, place, record FROM {LOG}{limit}")
    places: dict[str, set[str]] = {}
    for _, place, record in rows:
        places.setdefault(str(place), set()).add(str(record))
    return Notes(tuple(int(row[0]) for row in rows), places)


async def discard(connection: Connection, dialect: Dialect) -> None:
    """Take away everything that was made ahead, and stop watching."""
    for text in await end_texts(connection, dialect):
        await connection.fetch(text)
    if await known(connection, dialect) is not None:
        await connection.fetch("DELETE FROM fw_fill")


@dataclass(slots=True)
class Prepared:
    """What was made ahead of this deploy."""

    old: App
    new: App
    pairing: Pairing
    tasks: Tasks
    written: Written = field(default_factory=lambda: Written({}))
    _trees: dict[str, Node] = field(default_factory=dict)

    @property
    def watched(self) -> frozenset[str]:
        """The tables in force that are watched."""
        return frozenset(watched(task.tree for task in self.tasks))

    async def stop(self, connection: Connection) -> None:
        """Read what was noted, nobody writing any more, and end the watching: tables may be changed now."""
        self.written = Written((await notes_of(connection)).places)
        for text in await end_texts(connection, self.old.dialect, tables=False):
            await connection.fetch(text)

    def made(self, entity: str) -> Task | None:
        """Return the task that made values of an entity."""
        return next((task for task in self.tasks.makes if task.entity == entity), None)

    def beside(self, entity: str) -> tuple[str, tuple[tuple[str, str], ...]] | None:
        """Return the table with stored computed values of an entity, and those that have their column already: (what it
        is called in force, name)."""
        task = next((task for task in self.tasks.stores if task.entity == entity), None)
        if task is None:
            return None
        known, columns = self.pairing.fields(entity), self.old.tables.of(self._before(entity)).c
        found = []
        for one in self.tasks.stored[entity]:
            was = known.get(one.name)
            if was is not None and was.stored and was.name in columns and form_of(was) == form_of(one):
                found.append((was.name, one.name))
        return (task.table, tuple(found)) if found else None

    def _before(self, entity: str) -> str:
        before = self.pairing.entity(entity)
        assert before is not None
        return before.name

    async def refresh(self, connection: Connection, task: Task) -> dict[tuple[str, str], Refusals]:
        """Make values anew that are old; return what does not fit, as :meth:`Making.fill` does."""
        assert task.making is not None
        ids = await Reach(self.old, OldPlaces(self.old)).affected(connection, task.tree, self.written)
        self.written.rows.setdefault(task.entity, set()).update(ids)
        found = task.making.nothing_refused()
        for some in _batches(ids):
            rows = await task.making.rows(connection, some, found)
            if rows:
                text, values = upsert_text(task.table, ("id", *task.fields), rows, self.old.dialect)
                await connection.fetch(text, values)
        return {(task.entity, name): refusals for name, refusals in found.items()}

    async def stored(self, connection: Connection, anew: App, entity: str, context: Context) -> str | None:
        """Return the table with the stored computed values of an entity, those made anew that are old."""
        task = next((task for task in self.tasks.stores if task.entity == entity), None)
        if task is None:
            return None
        if not self._trees:
            stored = stored_anew(self.pairing, Sameness(self.pairing))
            self._trees = store_trees(self.old, anew, self.pairing, stored, self.tasks.makes)
        places = NewPlaces(self.old, anew, self.pairing, {one.entity: one.fields for one in self.tasks.makes})
        ids = await Reach(anew, places).affected(connection, self._trees[entity], self.written)
        fields = self.tasks.stored[entity]
        for some in _batches(ids):
            rows = await calculated_of(anew, connection, entity, fields, ids=some, context=context)
            if rows:
                text, values = upsert_text(task.table, ("id", *task.fields), rows, self.old.dialect)
                await connection.fetch(text, values)
        return task.table


def _batches(ids: set[str]) -> Iterator[list[str]]:
    listed = sorted(ids)
    for start in range(0, len(listed), BATCH):
        yield listed[start : start + BATCH]


async def prepared_for(
    connection: Connection, old: App, new: App, pairing: Pairing, context: Context
) -> Prepared | None:  # fmt: skip
    """Return what was made ahead for going from *old* to *new*, if it is all there; anything else is taken away."""
    begun = await known(connection, new.dialect)
    if begun is not None and begun.whole and (begun.old, begun.new) == (old.project.hash, new.project.hash):
        # whoever still makes values can write none from now on
        await Progress(new.dialect).take(connection)
        return Prepared(old, new, pairing, tasks_of(old, new, pairing, context))
    if begun is not None:
        await discard(connection, new.dialect)
    return None
