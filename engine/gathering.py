"""Gathering: the same work for many records, of which the database is asked as if it were one.

Every piece of work runs as if it were alone, by the code that does it for one record, until it asks the database
something. Once all of them have asked, statements that are the same become one, each gets its rows, and all go on. So
the number of statements does not depend on the number of records.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator, Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from fachwerk.engine.database import Connection, Row
from fachwerk.engine.keyed import KEYS, keys_of, keys_parameter
from fachwerk.engine.statements import Gathers, Many, Statement
from fachwerk.schemas.tables_columns import Dialect

T = TypeVar("T")
_ONLY_READS = "what is gathered only reads"


class Question:
    """What one piece of work asks; it waits until there are *rows*, or what went wrong."""

    __slots__ = ("error", "rows", "statement", "values")

    def __init__(self, statement: Statement, values: Mapping[str, object]) -> None:
        self.statement, self.values = statement, values
        self.rows: Sequence[Row] = ()
        self.error: Exception | None = None

    def __await__(self) -> Generator[Question, None, Sequence[Row]]:
        """Wait for the answer."""
        yield self
        if self.error is not None:
            raise self.error
        return self.rows

    def named(self) -> tuple[object, ...]:
        """Return what those have in common that become one statement."""
        many = self.statement.many
        own = () if many is None else many.names or (KEYS,)
        names = (name for name in self.statement.names if name is not None and name not in own)
        return (self.statement.text, self.statement.constants, *((name, self.values[name]) for name in names))


class Gathered(Gathers):
    """Where work asks that is done for many records; it can only read."""

    async def ask(self, statement: Statement, values: Mapping[str, object]) -> Sequence[Row]:
        """Wait for the rows of a statement."""
        if not statement.text.startswith(("SELECT", "select")):
            raise ValueError(_ONLY_READS)
        return await Question(statement, values)

    def transaction(self) -> NoReturn:
        """Refuse to write."""
        raise ValueError(_ONLY_READS)


async def gathered(connection: Connection, dialect: Dialect, works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return what *works* give, each of which asks nothing but a :class:`Gathered`; *connection* is asked for all."""
    started = list(works)
    results: dict[int, T] = {}
    going: dict[int, Question | None] = dict.fromkeys(range(len(started)))
    try:
        while going:
            for number in tuple(going):
                try:
                    going[number] = _next(started[number])
                except StopIteration as end:
                    results[number] = end.value
                    del going[number]
            await _answer(connection, dialect, [one for one in going.values() if one is not None])
    finally:
        for work in started:
            work.close()
    return [results[number] for number in range(len(started))]


def _next(work: Coroutine[Any, Any, Any]) -> Question:
    asked = work.send(None)
    if not isinstance(asked, Question):
        raise TypeError("what is gathered waits for nothing but the database")
    return asked


async def _answer(connection: Connection, dialect: Dialect, asked: Sequence[Question]) -> None:
    alike: dict[str, list[tuple[object, list[Question]]]] = {}
    for one in asked:  # compared and not hashed: there may be lists among the parameters
        named, groups = one.named(), alike.setdefault(one.statement.text, [])
        group = next((group for known, group in groups if known == named), None)
        if group is None:
            groups.append((named, [one]))
        else:
            group.append(one)
    for group in (group for groups in alike.values() for _, group in groups):
        try:
            await _fetch(connection, dialect, group)
        except Exception as error:
            for one in group:
                one.error = error


async def _fetch(connection: Connection, dialect: Dialect, group: Sequence[Question]) -> None:
    """Ask once for all of *group*, and give each its rows."""
    first = group[0]
    many = first.statement.many
    if len(group) == 1 or many is None:
        rows = await first.statement.fetch(connection, first.values)
        for one in group:
            one.rows = rows
        return
    wanted = [_keys(one, many) for one in group]
    keys = dict.fromkeys(key for some in wanted for key in some)
    rows = await many.statement.fetch(connection, {**first.values, KEYS: keys_parameter(keys, dialect)})
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        about = tuple(str(value) for value in row[-many.added :]) if many.added else (str(row[0]),)
        found.setdefault(about, []).append(row[: -many.added] if many.added else row)
    for one, some in zip(group, wanted, strict=True):
        if many.added:
            one.rows = found.get(tuple(str(one.values[name]) for name in many.names), ())
        else:
            one.rows = [row for key in dict.fromkeys(some) for row in found.get((str(key),), ())]


def _keys(one: Question, many: Many) -> list[str]:
    return [str(one.values[many.names[0]])] if many.names else keys_of(one.values[KEYS])
