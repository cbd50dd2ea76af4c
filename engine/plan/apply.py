"""Applying: the operations of a delta are done, within a transaction that somebody else began."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from fachwerk.engine.compile import App
from fachwerk.engine.context import context_of
from fachwerk.engine.database import Connection, Unique
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.batches import column_sql, literal
from fachwerk.engine.plan.counting import both
from fachwerk.engine.plan.delta import Delta
from fachwerk.engine.plan.making import Making, Refusals, making_of
from fachwerk.engine.plan.model import Operation
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.prepared import Prepared
from fachwerk.engine.plan.recalculating import recalculate, stored_anew
from fachwerk.engine.plan.sameness import Sameness
from fachwerk.engine.plan.slots import Filling
from fachwerk.problems import Refused, Text


class Applying:
    """Does what a delta says."""

    def __init__(
        self, old: App, new: App, pairing: Pairing, delta: Delta, *, now: dt.datetime, ahead: Prepared | None = None
    ) -> None:
        self.old, self.new, self.pairing, self.delta, self.now, self.ahead = old, new, pairing, delta, now, ahead

    async def lock(self, connection: Connection) -> None:
        """Keep everybody from the tables that change, and writers from all others (SQLite has one writer anyway)."""
        if self.old.dialect == "sqlite":
            return
        watched = self.ahead.watched if self.ahead is not None else frozenset()
        touched = set(self.delta.touched) | watched
        every = [*(name for name in watched if name.startswith("fw_"))]
        every += [name for name in self.old.tables.metadata.tables if not name.startswith("fw_")]
        groups = (touched & set(every), "ACCESS EXCLUSIVE"), (set(every) - touched, "SHARE")
        for names, mode in ((sorted(group), mode) for group, mode in groups):
            if names:
                await connection.fetch(f"LOCK TABLE {', '.join(map(n.quote, names))} IN {mode} MODE")

    async def run(self, connection: Connection, allowed: frozenset[str] = frozenset()) -> None:
        """Do it all; raises :class:`Refused` where a value does not convert or is not unique."""
        if self.ahead is not None:
            await self.ahead.stop(connection)
        await _do(connection, self.delta.before)
        await self._fill(connection, allowed)
        await _do(connection, self.delta.after)
        try:
            await _do(connection, self.delta.last)
        except Unique as broken:
            raise Refused("not_unique", _not_unique(broken.index or broken.table), status=409) from broken
        await self._recompute(connection)

    # values -----------------------------------------------------------------------------------------------------------

    async def _fill(self, connection: Connection, allowed: frozenset[str]) -> None:
        by_entity: dict[str, list[Filling]] = {}
        for filling in self.delta.fillings:
            by_entity.setdefault(filling.target, []).append(filling)
        context = context_of(self.old, None, self.now)
        refused: dict[str, Text] = {}
        made: dict[str, str] = {}
        makings: dict[str, Making] = {}
        # all are made before any is written: what is written may be read by the rules of others
        for number, entity in enumerate(by_entity):
            making = making_of(self.old, self.new, self.pairing, entity, number, context)
            if making is not None:
                makings[entity] = making
                made[entity], refusals = await self._make(connection, making)
                refused |= {name: text for name, text in refusals.items() if name not in allowed}
        for entity, fillings in by_entity.items():
            mine = [f for f in fillings if entity in made and f.new.name in makings[entity].fields]
            if mine:
                await connection.fetch(self._copy_text(mine, made[entity]))
            for filling in fillings:
                if filling not in mine:
                    await connection.fetch(_map_text(filling))
        for name in made.values():
            if name.startswith("fw_made_"):
                await connection.fetch(f"DROP TABLE {name}")
        if refused:
            raise Refused("not_converted", _NOT_CONVERTED, status=409, fields=refused)

    async def _make(self, connection: Connection, making: Making) -> tuple[str, dict[str, Text]]:
        """Make values; return the table that they stand in, and what does not fit."""
        task = self.ahead.made(making.entity) if self.ahead is not None else None
        if self.ahead is not None and task is not None:
            refusals = await self.ahead.refresh(connection, task)
            table = task.table
        else:
            dialect, table = self.old.dialect, making.table
            kind = "UUID" if dialect == "postgresql" else "TEXT"
            listed = ", ".join(column_sql(making.column(name), dialect) for name in making.fields)
            await connection.fetch(f"CREATE TEMP TABLE {table} (id {kind} PRIMARY KEY, {listed})")
            refusals = await making.fill(connection)
        return table, {f"{entity}.{name}": _refused(found) for (entity, name), found in refusals.items() if found.count}

    def _copy_text(self, fillings: Sequence[Filling], made: str) -> str:
        """Return the statement that puts the values made into the temporary columns of their (one) table.

        Stored computed values that were made ahead for the same records go along: a second pass would cost as much.
        """
        beside = self.ahead.beside(fillings[0].target) if self.ahead is not None else None
        table = n.quote(fillings[0].table)
        pairs = [(n.quote(one.temporary), f"m.{n.quote(one.new.name)}") for one in fillings]
        there = " OR ".join(f"{source} IS NOT NULL" for _, source in pairs)
        source = f"{made} m"
        if beside is not None:
            other, columns = beside
            source = f"{made} m LEFT JOIN {other} s ON s.id = m.id"
            pairs += [
                (n.quote(was), f"CASE WHEN s.id IS NULL THEN {table}.{n.quote(was)} ELSE s.{n.quote(name)} END")
                for was, name in columns
            ]
            there = "1 = 1"
        if self.old.dialect == "postgresql":
            values = ", ".join(f"{column} = {value}" for column, value in pairs)
            return f"UPDATE {table} SET {values} FROM {source} WHERE m.id = {table}.id AND ({there})"
        one = f"FROM {source} WHERE m.id = {table}.id"
        values = ", ".join(f"{column} = (SELECT {value} {one})" for column, value in pairs)
        given = f"SELECT 1 FROM {made} m WHERE m.id = {table}.id AND ({there})"
        return f"UPDATE {table} SET {values} WHERE EXISTS ({given})"

    async def _recompute(self, connection: Connection) -> None:
        """Calculate again the stored values that may differ now."""
        stored = stored_anew(self.pairing, Sameness(self.pairing))
        await recalculate(self.new, connection, stored, context_of(self.new, None, self.now), self.ahead)


async def _do(connection: Connection, operations: Sequence[Operation]) -> None:
    for operation in operations:
        for text in operation.texts:
            await connection.fetch(text)


def _map_text(filling: Filling) -> str:
    """Return the statement that gives options their new names; everything else stays as it is."""
    column = n.quote(filling.old.name if filling.old is not None else filling.new.name)
    mapping: Mapping[str, str] = filling.mapping or {}
    cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in mapping.items())
    value = f"CASE {column} {cases} ELSE {column} END" if mapping else column
    return f"UPDATE {n.quote(filling.table)} SET {n.quote(filling.temporary)} = {value}"


_NOT_CONVERTED: Text = {
    "en": "Some values do not fit what their field becomes. Nothing was changed.",
    "de": "Manche Werte passen nicht zu dem, was ihr Feld wird. Nichts wurde geändert.",
}


def _refused(found: Refusals) -> Text:
    (_, reason), (english, german) = found.examples[0], both(found.count)
    return {
        "en": f"{english} values do not convert, the first because: {reason['en']} Write a `convert:` rule.",
        "de": f"{german} Werte passen nicht, der erste, weil: {reason.get('de', reason['en'])} "
        "Eine `convert:`-Regel sagt, was aus ihnen wird.",
    }


def _not_unique(name: str) -> Text:
    return {
        "en": f"Values that must be unique now are there twice ({name}). Nothing was changed.",
        "de": f"Werte, die jetzt eindeutig sein müssen, gibt es doppelt ({name}). Nichts wurde geändert.",
    }
