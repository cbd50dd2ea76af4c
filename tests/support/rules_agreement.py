"""Asks everybody who can evaluate a rule - the oracle, the generated Python, both databases - and compares the answers."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import rules_world as w
import sqlalchemy as sa
from fachwerk.rules.check import Checked
from fachwerk.rules.to_sql import NotTranslatable, Statement, decoder, parameters, render, to_filter, to_value
from fachwerk.rules.to_sql.terms import Dialect
from feel_oracle import Oracle

Answers = dict[str, object]
Python = Callable[[Checked, w.World], Mapping[str, object]]
"""Evaluates a rule for every permit with the generated Python."""


@dataclass
class Tally:
    """What came of the rules."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    disagreements: list[Mapping[str, object]] = field(default_factory=list)


class Panel:
    """All who can evaluate a rule."""

    def __init__(self, world: w.World, postgres_url: str | None, python: Python | None) -> None:
        self.world = world
        self.python = python
        self.lite: sqlite3.Connection = w.fill_sqlite(world)
        self.postgres = None if postgres_url is None else w.Postgres(world, postgres_url)
        self.oracle = Oracle(exact=True, mine={"person": world.records["person"][world.mine]})
        for name, text in w.DERIVED.items():
            derived = w.read(text, world.scope)[0]
            for permit in world.permits:
                permit[name] = self.oracle.evaluate(derived.node, permit, now=w.NOW)

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        """The databases that are there."""
        return ("sqlite",) if self.postgres is None else ("sqlite", "postgresql")

    def close(self) -> None:
        """Close the databases."""
        self.lite.close()
        if self.postgres is not None:
            self.postgres.close()

    def expected(self, checked: Checked) -> Answers:
        """Return the oracle's answers by the id of the permit."""
        me = self.world.records["user"][self.world.me]
        return {
            str(permit["id"]): plain(self.oracle.evaluate(checked.node, {**permit, "me": me}, now=w.NOW))
            for permit in self.world.permits
        }

    def judge(self, text: str, tally: Tally) -> None:
        """Let everybody evaluate *text* and note who disagrees with the oracle."""
        checked, problems = w.read(text, self.world.scope)
        if problems.errors or not checked.ok:
            tally.counts["refused by the checker"] += 1
            tally.reasons["checker: " + (problems.errors[0].code if problems.errors else "?")] += 1
            return
        tally.counts["rules"] += 1
        want = self.expected(checked)
        if self.python is not None:
            got = {key: plain(value) for key, value in self.python(checked, self.world).items()}
            self._compare(text, "python", want, got, tally)
        for dialect in self.dialects:
            self._ask(text, checked, dialect, want, tally)

    def _ask(self, text: str, checked: Checked, dialect: Dialect, want: Answers, tally: Tally) -> None:
        boolean = str(checked.typed.type) == "boolean"
        try:
            statement, read = self.statement(checked, dialect, boolean)
        except NotTranslatable as reason:
            tally.counts[f"{dialect}: not translatable"] += 1
            tally.reasons[f"{dialect}: {reason}"] += 1
            return
        tally.counts[f"{dialect}: translated"] += 1
        try:
            rows = list(self.fetch(statement, dialect))
        except Exception as error:
            tally.disagreements.append({"rule": text, "who": dialect, "raised": str(error), "sql": statement.text})
            return
        self._compare(text, dialect, want, {str(row[0]): plain(read(row[1])) for row in rows}, tally)
        if boolean:
            chosen = {str(row[0]): bool(row[2]) for row in rows}
            self._compare(text, f"{dialect} filter", {key: value is True for key, value in want.items()}, chosen, tally)

    def statement(
        self, checked: Checked, dialect: Dialect, boolean: bool
    ) -> tuple[Statement, Callable[[object], object]]:
        """Return the statement that gives every permit's id, value and (of conditions) filter."""
        metadata = self.world.tables[dialect]
        table = metadata.tables["permit"]
        value = to_value(checked, self.world.storage, metadata, dialect, record="permit")
        columns: list[sa.ColumnElement[object]] = [table.c.id, value]
        if boolean:
            columns.append(to_filter(checked, self.world.storage, metadata, dialect, record="permit"))  # type: ignore[arg-type]
        chosen = sa.select(*columns)
        assert parameters(chosen) <= self.world.parameters.keys()
        return render(chosen, dialect), decoder(value)

    def fetch(self, statement: Statement, dialect: Dialect) -> Iterator[tuple[object, ...]]:
        """Return the rows of a statement."""
        if dialect == "sqlite":
            yield from w.fetch_sqlite(self.lite, statement, self.world.parameters)
        else:
            assert self.postgres is not None
            yield from self.postgres.fetch(statement, self.world.parameters)

    def _compare(self, text: str, who: str, want: Answers, got: Answers, tally: Tally) -> None:
        for key, value in want.items():
            if key not in got or not same(value, got[key]):
                found = {"rule": text, "who": who, "permit": key, "oracle": repr(value), "got": repr(got.get(key))}
                tally.disagreements.append(found)
                return


def plain(value: object) -> object:
    """Return a record as its id, everything else as it is."""
    return value["id"] if isinstance(value, dict) else value


def same(a: object, b: object) -> bool:
    """Whether two answers are the same, of the same type."""
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return a == b
    return type(a) is type(b) and a == b
