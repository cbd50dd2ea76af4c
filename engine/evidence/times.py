"""How long cases stay where, which ways they go, and whether time limits are kept: out of the history, in SQL.

A stay is counted where it *ends* within the period; what has not ended stands beside it as waiting now. Only records
that the person may read count, and only where they may see the state. The statements run apart from everybody else's,
for they may take a moment: an index over the steps of the history makes that depend on the period, not on the past.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.database import Row
from fachwerk.engine.service import Service
from fachwerk.engine.statements import Statement, given, render
from fachwerk.engine.values import Person
from fachwerk.schemas.model import Deadline, Workflow
from fachwerk.schemas.tables_columns import Form, to_driver

_EMPTY: Any = sa.literal_column("''")


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
    """What happened on one day (UTC): cases begun, steps taken, cases ended."""

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


class Timing:
    """Calculates :class:`Times` for one configuration; statements are made once for each set of roles."""

    def __init__(self, service: Service) -> None:
        self._service, self._app = service, service.app
        self._write = to_driver(Form("datetime"), self._app.dialect)
        self._kept: dict[tuple[frozenset[str], str], tuple[Statement, ...]] = {}

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
            self._kept[key] = tuple(
                render(one, self._app.dialect) for one in _Query(self._service, who, workflow).all()
            )
        context = kit.context(who)
        moments = {"begin": begin, "end": end, "present": kit.clock()}
        values = kit.translation.parameters(context) | {n: self._moment(one) for n, one in moments.items()}
        database = self._service.database
        found = [await database.apart(one.text, one.fill(values)) for one in self._kept[key]]
        return _times(workflow, self._app.calendar.timezone, *found)

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

    def all(self) -> Iterable[Any]:
        """Give the statement over the steps of the period, the one over present cases, the one over running limits."""
        trail = self._trail()
        yield sa.union_all(*self._over(trail, self._steps(trail)))
        yield self._present()
        yield self._limits()

    # what the history says --------------------------------------------------------------------------------------------

    def _trail(self) -> Any:
        """Return the steps of all cases that did something in the period, from their beginning, numbered."""
        h, inside = self._history.alias("h"), self._history.alias("i")
        number = sa.func.row_number().over(partition_by=h.c.record, order_by=(h.c.version, h.c.id))
        found = sa.select(
            h.c.record, h.c.at, h.c.kind, h.c.action, self._side(h, 0).label("before"), self._side(h, 1).label("after"),
            number.label("number"),
        ).where(self._entity(h), _was_step(h), h.c.record.in_(self._touched(inside)))  # fmt: skip
        return found.cte("trail").prefix_with("materialized")

    def _touched(self, i: Any) -> Any:
        """Return the records that did something in the period, as far as they may be read."""
        return sa.select(i.c.record).where(
            self._entity(i), _is_step(i), i.c.at >= given("begin", i.c.at), i.c.at < given("end", i.c.at),
            self._readable(i.c.record),
        )  # fmt: skip

    def _steps(self, trail: Any) -> Any:
        """Return the changes of the state in the period, when the one before was, and the how many-th of its kind."""
        order = trail.c.number
        since = sa.func.lag(trail.c.at).over(partition_by=trail.c.record, order_by=order)
        nth = sa.func.row_number().over(partition_by=(trail.c.record, trail.c.after), order_by=order)
        every = sa.select(
            trail.c.at, trail.c.action, trail.c.before, trail.c.after, since.label("since"), nth.label("nth")
        ).where(_differ(trail.c.before, trail.c.after)).subquery("every")  # fmt: skip
        return sa.select(every).where(*_in_period(every)).cte("steps").prefix_with("materialized")

    def _entity(self, h: Any) -> Any:
        return h.c.entity == sa.literal(self._workflow.of)

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

    # one statement over them ------------------------------------------------------------------------------------------

    def _over(self, trail: Any, steps: Any) -> Iterable[Any]:
        yield self._stays(steps)
        moved = steps.c.before.is_not(None)
        count = sa.func.count()
        way = (steps.c.action, steps.c.before, steps.c.after)
        yield _row("way", *way, numbers=(count,)).where(moved).group_by(*way)
        yield _row(
            "entered", steps.c.after, numbers=(count, _sum(steps.c.nth > sa.literal_column("1")))
        ).group_by(steps.c.after)  # fmt: skip
        day = self._day(steps.c.at)
        ended = sa.and_(moved, _among(steps.c.after, self._final), ~_among(steps.c.before, self._final))
        yield _row("day", day, numbers=(_sum(~moved), _sum(moved), _sum(ended))).group_by(day)
        for deadline in self._workflow.deadlines.values():
            yield self._kept(trail, deadline)

    def _stays(self, steps: Any) -> Any:
        length = self._seconds(steps.c.at, steps.c.since)
        place = sa.func.row_number().over(partition_by=steps.c.before, order_by=length)
        count = sa.func.count().over(partition_by=steps.c.before)
        one = sa.select(steps.c.before, length.label("length"), place.label("place"), count.label("n")).where(
            steps.c.before.is_not(None), steps.c.since.is_not(None)
        ).subquery("stay")  # fmt: skip
        return _row("stay", one.c.before, numbers=(sa.func.max(one.c.n), *_spread(one))).group_by(one.c.before)

    def _kept(self, trail: Any, deadline: Deadline) -> Any:
        """Return how many runs of a limit ended, and how many of them had been missed."""
        running, c = self._running(deadline), trail.c
        begun = sa.and_(_among(c.after, running), ~_among(sa.func.coalesce(c.before, _EMPTY), running))
        late = sa.and_(c.kind == sa.literal("deadline"), c.action == sa.literal(deadline.name))
        last = [
            sa.func.max(sa.case((what, c.number))).over(partition_by=c.record, order_by=c.number)
            for what in (begun, late)
        ]
        every = sa.select(c.at, c.before, c.after, last[0].label("begun"), last[1].label("late")).subquery(
            f"every_{deadline.name}"
        )
        ended = sa.and_(_among(every.c.before, running), ~_among(every.c.after, running), *_in_period(every))
        count = _sum(every.c.late >= every.c.begun)
        return _row("limit", sa.literal(deadline.name), numbers=(sa.func.count(), count)).where(ended)

    def _running(self, deadline: Deadline) -> list[str]:
        return [*deadline.runs_in, *deadline.paused_in]

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

    def _day(self, at: Any) -> Any:
        """Return the day of a moment in the app's zone; where the database knows no zones, its quarter of an hour."""
        if self._sqlite:
            hour, minute = (sa.func.substr(at, *map(sa.literal_column, two)) for two in (("1", "14"), ("15", "2")))
            quarter = minute.op("/")(sa.literal_column("15 * 15"))
            return sa.func.printf(sa.literal_column("'%s%02d'"), hour, quarter)
        zone = sa.literal(self._service.app.calendar.timezone.key)
        return sa.func.to_char(sa.func.timezone(zone, at), sa.literal_column("'YYYY-MM-DD'"))


def _is_step(h: Any) -> Any:
    """Return that an entry can change a state; in the words of the index over such entries."""
    return sa.or_(h.c.kind == sa.literal_column("'create'"), h.c.action.is_not(None))


def _was_step(p: Any) -> Any:
    """Return the same of an entry that is looked up by its record, in words that do not bring that index into play."""
    return sa.case((p.c.action.is_not(None), 1), (p.c.kind == sa.literal_column("'create'"), 1), else_=0) == 1


def _differ(before: Any, after: Any) -> Any:
    """Return that a state was entered (not only named: opinions name the state that they were given in)."""
    return sa.func.coalesce(before, _EMPTY) != after


def _in_period(one: Any) -> tuple[Any, Any]:
    return one.c.at >= given("begin", one.c.at), one.c.at < given("end", one.c.at)


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


def _times(
    workflow: Workflow, zone: dt.tzinfo, history: Iterable[Row], present: Iterable[Row], limits: Iterable[Row]
) -> Times:
    rows: dict[str, list[Row]] = {}
    for row in (*history, *present):
        rows.setdefault(row[0], []).append(row)
    ended = {row[1]: row for row in rows.get("stay", ())}
    waiting = {row[1]: row for row in rows.get("waiting", ())}
    entered = {row[1]: row for row in rows.get("entered", ())}
    names = _states(workflow, ended, waiting, entered)
    stays = tuple(_stay(name, ended.get(name), waiting.get(name), entered.get(name)) for name in names)
    ways = [Way(row[1] or "", row[2], row[3], int(row[4])) for row in rows.get("way", ())]
    return Times(
        workflow, stays, tuple(sorted(ways, key=lambda way: (-way.count, way.step))), _days(rows.get("day", ()), zone),
        tuple(_limit(name, rows.get("limit", ()), limits) for name in workflow.deadlines),
    )  # fmt: skip


def _days(rows: Iterable[Row], zone: dt.tzinfo) -> tuple[Day, ...]:
    """Return what happened by days of the *zone*; rows are of days, or of shorter times in UTC."""
    found: dict[dt.date, tuple[int, int, int]] = {}
    for row in rows:
        day = dt.datetime.fromisoformat(row[1])
        if len(row[1]) > len("2026-03-02"):
            day = day.replace(tzinfo=dt.UTC).astimezone(zone)
        before = found.get(day.date(), (0, 0, 0))
        found[day.date()] = (before[0] + int(row[4]), before[1] + int(row[5]), before[2] + int(row[6]))
    return tuple(Day(day, *found[day]) for day in sorted(found))


def _states(workflow: Workflow, *found: Mapping[str, Row]) -> Iterable[str]:
    """Give the states of the workflow, and those of its earlier versions that cases were in."""
    return dict.fromkeys([*workflow.states, *(name for rows in found for name in rows)])


def _stay(name: str, ended: Row | None, waiting: Row | None, entered: Row | None) -> Stay:
    lengths = [_length(value) for value in ended[5:10]] if ended else []
    q1, median, q3, ninety, longest = lengths or [None] * 5
    quartiles = (q1, median, q3) if q1 is not None and median is not None and q3 is not None else None
    return Stay(
        name, int(ended[4]) if ended else 0, quartiles, ninety, longest,
        int(waiting[4]) if waiting else 0, _length(waiting[6]) if waiting else None,
        _length(waiting[9]) if waiting else None,
        int(entered[4]) if entered else 0, int(entered[5]) if entered else 0,
    )  # fmt: skip


def _limit(name: str, ended: Iterable[Row], running: Iterable[Row]) -> Limit:
    over = next((row for row in ended if row[1] == name), None)
    now: Mapping[str, Row] = {row[0]: row for row in running}
    count, late = (int(over[4]), int(over[5] or 0)) if over else (0, 0)
    there = now.get(name)
    return Limit(name, count - late, late, int(there[1]) if there else 0, int(there[2] or 0) if there else 0)


def _length(seconds: float | None) -> dt.timedelta | None:
    return None if seconds is None else dt.timedelta(seconds=max(round(seconds), 0))
