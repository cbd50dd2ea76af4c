"""How long cases stay where, which ways they go, and whether time limits are kept: out of the history.

A stay is counted where it *ends* within the period; what has not ended stands beside it as waiting now. Only records
that the person may read count, and only where they may see the state. The statements run apart from everybody else's,
for they may take a moment: an index over the steps of the history makes that depend on the period, not on the past. The
steps are replayed (``replay.py``) as the database gives them, case by case; what stands now is counted in SQL.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.database import Row
from fachwerk.engine.evidence.replay import Replay, spread
from fachwerk.engine.service import Service
from fachwerk.engine.statements import Statement, given, render
from fachwerk.engine.values import Person
from fachwerk.schemas.model import Workflow
from fachwerk.schemas.past import StepKind
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver

_EMPTY: Any = sa.literal_column("''")
MOST = 3
"""A period that is more than one in so many parts of the past is read by looking at every case."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A state: stays that ended and how long they were; cases that stand there now and since when."""

    state: str
    ended: int = 0
    quartiles: tuple[dt.timedelta, dt.timedelta, dt.timedelta] | None = None
    """The lower quartile, the median and the upper one."""
    ninety: dt.timedelta | None = None
    longest: dt.timedelta | None = None
    waiting: int = 0
    waiting_median: dt.timedelta | None = None
    waiting_longest: dt.timedelta | None = None
    entered: int = 0
    again: int = 0
    """How many of those entries were by a case that had been there before."""


@dataclass(frozen=True, slots=True)
class Way:
    """A step from one state to another and how often it was taken."""

    step: str
    source: str
    target: str
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day of the app's zone: cases begun, steps taken, cases ended."""

    day: dt.date
    begun: int
    steps: int
    ended: int


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: runs that ended in time or late within the period, and those that run now."""

    name: str
    kept: int
    missed: int
    running: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Times:
    """What the history says about the cases of a workflow in a period."""

    workflow: Workflow
    stays: tuple[Stay, ...]
    ways: tuple[Way, ...]
    days: tuple[Day, ...]
    limits: tuple[Limit, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing happened and nothing stands anywhere."""
        return not self.days and not any(stay.waiting for stay in self.stays)


@dataclass(frozen=True, slots=True)
class _Statements:
    """The statements about one workflow: steps of cases of a period or of all, the first step; cases and limits now."""

    steps: Statement
    every_step: Statement
    first: Statement
    present: Statement
    limits: Statement


class Timing:
    """Calculates :class:`Times` for one configuration; statements are made once for each set of roles."""

    def __init__(self, service: Service) -> None:
        self._service, self._app = service, service.app
        self._write = to_driver(Form("datetime"), self._app.dialect)
        self._read = from_driver(Form("datetime"), self._app.dialect)
        self._kept: dict[tuple[frozenset[str], str], _Statements] = {}

    async def of(self, who: Person, workflow: Workflow, begin: dt.datetime, end: dt.datetime) -> Times | None:
        """Return the times of the cases that *who* may read; ``None`` where they may not see their state."""
        kit = self._service.kit
        rights = kit.access.rights(who.roles, workflow.of)
        if not rights.may("read") or not rights.sees(workflow.field):
            return None
        key = (who.roles, workflow.name)
        if key not in self._kept:
            if len(self._kept) > 300:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = _Query(self._service, who, workflow).all()
        kept, database = self._kept[key], self._service.database
        moments = {"begin": begin, "end": end, "present": kit.clock()}
        values = kit.translation.parameters(kit.context(who)) | {n: self._moment(one) for n, one in moments.items()}
        replay = Replay(workflow, self._app.calendar.timezone, begin, end)
        steps = kept.every_step if await self._is_most(kept, begin, end) else kept.steps
        await database.through(steps.text, steps.fill(values), replay.take)
        found = [await database.apart(one.text, one.fill(values)) for one in (kept.present, kept.limits)]
        return await asyncio.to_thread(_times, replay, *found)

    async def _is_most(self, kept: _Statements, begin: dt.datetime, end: dt.datetime) -> bool:
        """Whether a period is so much of the past that the steps of all cases are read sooner than those of some."""
        ((first,),) = await kept.first.fetch(self._service.database, {})
        if first is None:
            return False
        now = self._service.kit.clock()
        since: dt.datetime = self._read(first) if self._read else first
        return (min(end, now) - max(begin, since)) * MOST > now - since

    def _moment(self, moment: dt.datetime) -> object:
        return self._write(moment) if self._write else moment


class _Query:
    """Makes the statements about one workflow for one set of roles."""

    def __init__(self, service: Service, who: Person, workflow: Workflow) -> None:
        self._service, self._who, self._workflow = service, who, workflow
        self._sqlite = service.app.dialect == "sqlite"
        self._history = service.app.tables.metadata.tables["fw_history"]
        states = [state for one in workflow.versions for state in one.states.values()]
        self._final = list(dict.fromkeys(state.name for state in states if state.final))

    def all(self) -> _Statements:
        """Return the statements."""
        h, dialect = self._history.alias("h"), self._service.app.dialect
        first = sa.select(h.c.at).where(self._entity(h), _is_step(h)).order_by(h.c.at).limit(1).scalar_subquery()
        found = (self._steps(whole=False), self._steps(whole=True), sa.select(first), self._present(), self._limits())
        return _Statements(*(render(one, dialect) for one in found))

    # what the history says --------------------------------------------------------------------------------------------

    def _steps(self, *, whole: bool) -> Any:
        """Return the steps of the cases that did something in the period (or *whole*: of all), from their beginning."""
        h = self._history.alias("h")
        step = _was_step(h) if self._sqlite else _is_step(h)  # what PostgreSQL knows the number of
        cases = self._readable(h.c.record) if whole else h.c.record.in_(self._touched(self._history.alias("i")))
        return sa.select(
            h.c.record, h.c.at, h.c.kind, self._action(h), self._side(h, 0), self._side(h, 1)
        ).where(self._entity(h), step, cases).order_by(h.c.record, h.c.version, h.c.id)  # fmt: skip

    def _touched(self, i: Any) -> Any:
        """Return the records that did something in the period, as far as they may be read."""
        return sa.select(i.c.record).where(
            self._entity(i), _is_step(i), i.c.at >= given("begin", i.c.at), i.c.at < given("end", i.c.at),
            self._readable(i.c.record),
        )  # fmt: skip

    def _entity(self, h: Any) -> Any:
        return h.c.entity == sa.literal(self._workflow.of)

    def _action(self, h: Any) -> Any:
        """Return what was done, in today's words: of transitions and deadlines, which are counted."""
        flow, names, called = self._workflow, self._service.kit.history.names, []
        kinds: tuple[tuple[StepKind, Iterable[str]], ...]
        kinds = ("transition", flow.transitions), ("deadline", flow.deadlines)
        for kind, name in ((kind, name) for kind, known in kinds for name in known):
            limit = sa.literal("deadline")
            of_kind = h.c.kind == limit if kind == "deadline" else h.c.kind != limit
            before = names.done_formerly(h, flow.of, kind, name)
            called += [(sa.and_(of_kind, one), sa.literal(name)) for one in before]
        return sa.case(*called, else_=h.c.action) if called else h.c.action

    def _side(self, h: Any, at: int) -> Any:
        """Return the state before (0) or after (1) an entry, in today's words; null where it speaks of none."""
        names, flow = self._service.kit.history.names, self._workflow
        sides = [self._kept_side(h, name, at) for name in (flow.field, *names.fields(flow.of, flow.field))]
        side = sa.func.coalesce(*sides) if len(sides) > 1 else sides[0]
        called = [(side == sa.literal(was), sa.literal(now)) for was, now in names.options(flow.of, flow.field).items()]
        return sa.case(*called, else_=side) if called else side

    def _kept_side(self, h: Any, name: str, at: int) -> Any:
        if self._sqlite:
            return sa.func.json_extract(h.c.what, sa.literal(f'$."{name}"[{at}]'))
        return h.c.what[name][at].astext

    def _readable(self, key: Any) -> Any:
        """Return that the person may read the record and see its state."""
        kit, name = self._service.kit, self._workflow.of
        rights = kit.access.rights(self._who.roles, name)
        table = self._service.app.tables.of(name).alias("readable")
        conditions = [
            kit.access.condition(rights, table, kit.translation),
            kit.access.seen_condition(rights, self._workflow.field, table, kit.translation),
        ]
        holding = [one for one in conditions if one is not None]
        return sa.exists(sa.select(sa.literal(1)).select_from(table).where(table.c.id == key, *holding))

    # what stands now --------------------------------------------------------------------------------------------------

    def _present(self) -> Any:
        """Return, by state, how many cases stand there and since when; those that ended without the time."""
        table, p = self._service.app.tables.of(self._workflow.of).alias("t"), self._history.alias("p")
        state = table.c[self._workflow.field]
        since = sa.select(sa.func.max(p.c.at)).where(
            self._entity(p), p.c.record == table.c.id, _was_step(p), self._side(p, 1) == state,
            _differ(self._side(p, 0), state)
        ).scalar_subquery()  # fmt: skip
        open_ = ~_among(state, self._final)
        inner = sa.select(state.label("before"), since.label("since")).where(open_, self._readable(table.c.id))
        cases = inner.subquery("cases")
        length = self._seconds(given("present", p.c.at), cases.c.since)
        place = sa.func.row_number().over(partition_by=cases.c.before, order_by=length)
        count = sa.func.count().over(partition_by=cases.c.before)
        one = sa.select(cases.c.before, length.label("length"), place.label("place"), count.label("n")).subquery("one")
        waits = _row("waiting", one.c.before, numbers=(sa.func.max(one.c.n), *_spread(one))).group_by(one.c.before)
        ended = _row("waiting", state, numbers=(sa.func.count(),)).where(
            _among(state, self._final), self._readable(table.c.id)
        )  # fmt: skip
        return sa.union_all(waits, ended.group_by(state))

    def _limits(self) -> Any:
        limit = self._service.app.tables.metadata.tables["fw_deadline"]
        late = sa.or_(limit.c.missed.is_(sa.true()), limit.c.due < given("today", limit.c.due))
        if self._sqlite:
            late = sa.or_(limit.c.missed == sa.literal(1), limit.c.due < given("today", limit.c.due))
        found = sa.select(limit.c.name, sa.func.count(), _sum(late)).where(
            limit.c.entity == sa.literal(self._workflow.of), limit.c.workflow == sa.literal(self._workflow.name),
            self._readable(limit.c.record),
        )  # fmt: skip
        return found.group_by(limit.c.name)

    # moments ----------------------------------------------------------------------------------------------------------

    def _seconds(self, end: Any, begin: Any) -> Any:
        if self._sqlite:
            return sa.cast((sa.func.julianday(end) - sa.func.julianday(begin)) * 86400, sa.Float)
        return sa.cast(sa.extract("epoch", end - begin), sa.Float)


def _is_step(h: Any) -> Any:
    """Return that an entry can change a state; in the words of the index over such entries."""
    return sa.or_(h.c.kind == sa.literal_column("'create'"), h.c.action.is_not(None))


def _was_step(p: Any) -> Any:
    """Return the same of an entry that is looked up by its record, in words that do not bring that index into play."""
    return sa.case((p.c.action.is_not(None), 1), (p.c.kind == sa.literal_column("'create'"), 1), else_=0) == 1


def _differ(before: Any, after: Any) -> Any:
    """Return that a state was entered (not only named: opinions name the state that they were given in)."""
    return sa.func.coalesce(before, _EMPTY) != after


def _among(column: Any, names: Iterable[str]) -> Any:
    """Return that *column* is one of *names*; the names are those of the file, no matter how many."""
    return sa.or_(sa.false(), *(column == sa.literal(name) for name in names))


def _sum(condition: Any) -> Any:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _spread(one: Any) -> tuple[Any, ...]:
    """Return the quartiles, the ninth tenth and the longest of ordered lengths (the nearest rank)."""
    ranks = ((1, 4), (1, 2), (3, 4), (9, 10))
    found = [
        sa.func.min(
            sa.case(
                (one.c.place * sa.literal_column(str(whole)) >= one.c.n * sa.literal_column(str(part)), one.c.length)
            )
        )
        for part, whole in ranks
    ]
    return (*found, sa.func.max(one.c.length))


def _row(kind: str, *texts: Any, numbers: tuple[Any, ...]) -> Any:
    """Return a select of one shape: what it is about, three texts, six numbers."""
    words = [sa.cast(one, sa.Text) for one in texts]
    nothing = sa.cast(sa.null(), sa.Text)
    floats = [sa.cast(one, sa.Float) for one in numbers]
    empty = sa.cast(sa.null(), sa.Float)
    columns = [
        sa.literal_column(f"'{kind}'"), *words, *[nothing] * (3 - len(words)), *floats, *[empty] * (6 - len(floats))
    ]  # fmt: skip
    return sa.select(*(column.label(f"c{number}") for number, column in enumerate(columns)))


def _times(replay: Replay, present: Iterable[Row], limits: Iterable[Row]) -> Times:
    workflow, waiting = replay.workflow, {row[1]: row for row in present}
    names = dict.fromkeys([*workflow.states, *replay.stays, *waiting, *replay.entered])  # also of earlier versions
    ways = [Way(*way, count) for way, count in replay.ways.items()]
    days = sorted({*replay.begun, *replay.steps})
    return Times(
        workflow, tuple(_stay(name, replay, waiting.get(name)) for name in names),
        tuple(sorted(ways, key=lambda way: (-way.count, way.step, way.source, way.target))),
        tuple(Day(day, replay.begun[day], replay.steps[day], replay.ended[day]) for day in days),
        tuple(_limit(name, replay, limits) for name in workflow.deadlines),
    )  # fmt: skip


def _stay(name: str, replay: Replay, waiting: Row | None) -> Stay:
    lengths = replay.stays.get(name, ())
    entered, again = replay.entered[name], replay.again[name]
    now = (int(waiting[4]), _length(waiting[6]), _length(waiting[9])) if waiting else (0, None, None)
    if not lengths:
        return Stay(name, 0, None, None, None, *now, entered, again)
    q1, median, q3, ninety, longest = (_whole(one) for one in spread(lengths))
    return Stay(name, len(lengths), (q1, median, q3), ninety, longest, *now, entered, again)


def _limit(name: str, replay: Replay, running: Iterable[Row]) -> Limit:
    there = next((row for row in running if row[0] == name), None)
    now = (int(there[1]), int(there[2] or 0)) if there else (0, 0)
    return Limit(name, replay.kept[name], replay.missed[name], *now)


def _length(seconds: float | None) -> dt.timedelta | None:
    return None if seconds is None else _whole(seconds)


def _whole(seconds: float) -> dt.timedelta:
    return dt.timedelta(seconds=max(round(seconds), 0))
