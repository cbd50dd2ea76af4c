"""The statements of the inbox: cases that wait for holders of some roles, in order, and how many of each kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from fachwerk.engine.access import Access
from fachwerk.engine.compile import App, CompiledEntity, CompiledWorkflow
from fachwerk.engine.flows import is_under
from fachwerk.engine.inbox_parts import Condition, PartWays, exists_in
from fachwerk.engine.statements import Statement, given, render
from fachwerk.engine.translation import Translation
from fachwerk.problems import Text
from fachwerk.schemas.model import State, Workflow
from fachwerk.schemas.tables_columns import Convert, Form, from_driver, to_driver
from fachwerk.workflows.calendar import Calendar
from fachwerk.workflows.expected import WaysOut, ways_out

MOST_COUNTED = 1000
"""Cases of a kind that are counted; there may be more."""
_KEPT = 1000
_FIRST, _FIRST_ID = dt.datetime(1900, 1, 1, tzinfo=dt.UTC), "00000000-0000-0000-0000-000000000000"
_LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"


class Place(NamedTuple):
    """Where a case stands among what waits: those with a date by it, then the others, the longest untouched first."""

    undated: bool
    moment: dt.datetime
    id: str

    def __str__(self) -> str:
        """Return the place as addresses have it."""
        return f"{int(self.undated)}~{self.moment.astimezone(dt.UTC).isoformat().removesuffix('+00:00')}Z~{self.id}"


def read_place(text: str) -> Place | None:
    """Return the place that an address names; ``None`` for what is none."""
    try:
        undated, moment, key = text.split("~")
        return Place(bool(int(undated)), dt.datetime.fromisoformat(moment).astimezone(dt.UTC), str(UUID(key)))
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Kind:
    """Cases that take the same steps: those of a state, or of a part of one, *about* a record where it has ``each``."""

    entity: str
    workflow: str
    state: str
    part: str = ""
    about: str = ""
    label: Text = field(default_factory=dict, compare=False)
    each_of: tuple[str, ...] = field(default=(), compare=False)
    """What opinions of the part can be about."""

    @property
    def key(self) -> str:
        """What addresses call it."""
        name = self.part or f"{self.workflow}.{self.state}"
        return f"{self.entity}.{name}:{self.about}" if self.about else f"{self.entity}.{name}"


@dataclass(frozen=True, slots=True)
class Stream:
    """A statement for cases in order of *moment*, behind a place; its rows are that and the id."""

    statement: Statement
    undated: bool
    by_day: bool
    read: Convert | None
    write: Convert | None


class Statements:
    """Makes and keeps the statements by set of roles and workflow."""

    def __init__(self, app: App, access: Access, translation: Translation) -> None:
        self._app, self._access, self._translation = app, access, translation
        self._parts = PartWays(app, translation)
        self._streams: dict[tuple[object, ...], tuple[Stream, ...]] = {}
        self._counts: dict[tuple[object, ...], Statement | None] = {}
        workflows = (flow for entity in app.entities.values() for flow in entity.workflows)
        models = [version.model for flow in workflows for version in flow.versions]
        self._out = {(one.name, one.number): ways_out(one) for one in models}

    def ways_out(self, workflow: Workflow, state: str) -> WaysOut | None:
        """Return which steps of a state are mere ways out."""
        return self._out[workflow.name, workflow.number].get(state)

    def streams(
        self, roles: frozenset[str], entity: CompiledEntity, workflow: CompiledWorkflow, kind: Kind | None
    ) -> tuple[Stream, ...]:  # fmt: skip
        """Return the statements for cases with a date and for those without: each by an index, if it can.

        Parameters beside those of rules and parts: ``after``, ``after_id``, ``most``, and ``about`` where *kind* is
        about a record.
        """
        only = kind and (kind.part or (kind.state,), bool(kind.about))
        key = (roles, workflow.model.name, only)
        if key not in self._streams:
            _make_room(self._streams)
            self._streams[key] = tuple(self._made_streams(roles, entity, workflow, kind))
        return self._streams[key]

    def counting(self, roles: frozenset[str], entity: CompiledEntity, workflow: CompiledWorkflow) -> Statement | None:
        """Return the statement for key of kind, record that it is about and id of cases, at most so many of a kind."""
        key = (roles, workflow.model.name)
        if key not in self._counts:
            _make_room(self._counts)
            self._counts[key] = self._made_counting(roles, entity, workflow)
        return self._counts[key]

    def _made_streams(
        self, roles: frozenset[str], entity: CompiledEntity, workflow: CompiledWorkflow, kind: Kind | None
    ) -> Iterator[Stream]:  # fmt: skip
        table = self._app.tables.of(entity.name)
        base = self._readable(roles, entity, table)
        ways = [] if base is None else list(self._ways(roles, entity, workflow, table, kind))
        if base is None or not ways:
            return
        base = (*base, sa.or_(*ways))
        due = entity.model.fields.get("due")
        others = base
        if due is not None and due.system and "due" in table.c:
            yield self._stream(table, table.c.due, Form("date" if due.kind == "date" else "datetime"), base, dated=True)
            others = (*base, table.c.due.is_(None))
        yield self._stream(table, table.c.changed, Form("datetime"), others, dated=False)

    def _stream(self, table: Any, column: Any, form: Form, base: tuple[Condition, ...], *, dated: bool) -> Stream:
        place = sa.tuple_(column, table.c.id) > sa.tuple_(given("after", column), given("after_id", table.c.id))
        select = sa.select(column, table.c.id).where(*base, place).order_by(column, table.c.id)
        statement = render(select.limit(given("most", sa.Integer())), self._app.dialect)
        read, write = from_driver(form, self._app.dialect), to_driver(form, self._app.dialect)
        return Stream(statement, not dated, form.shape == "date", read, write)

    def _made_counting(
        self, roles: frozenset[str], entity: CompiledEntity, workflow: CompiledWorkflow
    ) -> Statement | None:  # fmt: skip
        table = self._app.tables.of(entity.name)
        base = self._readable(roles, entity, table)
        if base is None:
            return None
        found: dict[str, list[Condition]] = {}
        selects: list[Any] = []
        expected = self._app.tables.metadata.tables["fw_expected"].alias()
        nothing = sa.cast(sa.null(), table.c.id.type)
        for kind, version, way in self._kinds(roles, entity, workflow, table):
            each = self._each(kind, version, roles, table, expected)
            if each is not None:
                about = sa.select(sa.literal(kind.key), expected.c.about, table.c.id).select_from(table)
                selects.append(about.join(expected, each).where(*base, self._here(kind, workflow, version, table)))
            else:
                found.setdefault(kind.key, []).append(way)
        for name, ways in found.items():
            selects.append(sa.select(sa.literal(name), nothing, table.c.id).where(*base, sa.or_(*ways)))
        capped = [sa.select(one.limit(MOST_COUNTED + 1).subquery()) for one in selects]
        return render(sa.union_all(*capped), self._app.dialect) if capped else None

    # which cases ------------------------------------------------------------------------------------------------------

    def _readable(self, roles: frozenset[str], entity: CompiledEntity, table: Any) -> tuple[Condition, ...] | None:
        rights = self._access.rights(roles, entity.name)
        if not rights.may("read"):
            return None
        readable = self._access.condition(rights, table, self._translation)
        return () if readable is None else (readable,)

    def _ways(
        self, roles: frozenset[str], entity: CompiledEntity, workflow: CompiledWorkflow, table: Any, only: Kind | None
    ) -> Iterator[Condition]:  # fmt: skip
        expected = self._app.tables.metadata.tables["fw_expected"].alias()
        for kind, version, way in self._kinds(roles, entity, workflow, table):
            if only is None:
                yield way
            elif kind.part == only.part and (only.part or kind.state == only.state):
                each = self._each(kind, version, roles, table, expected) if only.about else None
                about = expected.c.about == given("about", expected.c.about)
                here = self._here(kind, workflow, version, table)
                yield way if each is None else sa.and_(here, exists_in(expected, each, about))

    def _each(
        self, kind: Kind, version: CompiledWorkflow, roles: frozenset[str], table: Any, expected: Any
    ) -> Condition | None:  # fmt: skip
        """Return when a part that asks for each waits about a row of *expected*; ``None`` where it is none such."""
        part = next((one for one in version.model.states[kind.state].parallel if one.name == kind.part), None)
        if part is None or part.each is None:
            return None
        return self._parts.waits_about(part, roles, version, table, expected)

    def _here(self, kind: Kind, workflow: CompiledWorkflow, version: CompiledWorkflow, table: Any) -> Condition:
        """Return that a case stands in the state of *kind* under a version."""
        under = is_under(workflow.model, version.model, table)
        here = table.c[version.model.field] == sa.literal(kind.state)
        return here if under is None else sa.and_(under, here)

    def _kinds(
        self, roles: frozenset[str], entity: CompiledEntity, workflow: CompiledWorkflow, table: Any
    ) -> Iterator[tuple[Kind, CompiledWorkflow, Condition]]:
        """Give each kind with when a case of it waits."""
        for version in workflow.versions:
            for state in version.model.states.values():
                kind = Kind(entity.name, version.model.name, state.name)
                found = [(kind, sa.or_(*ways))] if (ways := self._steps(state, roles, entity, version, table)) else []
                for part in state.parallel:
                    if waits := self._parts.waits(part, roles, version, table):
                        found.append((Kind(entity.name, version.model.name, state.name, part.name), sa.or_(*waits)))
                for one, way in found:
                    yield one, version, sa.and_(self._here(one, workflow, version, table), way)

    def _steps(
        self, state: State, roles: frozenset[str], entity: CompiledEntity, workflow: CompiledWorkflow, table: Any
    ) -> list[Condition]:
        """Return when a case in *state* waits for a step of holders of *roles* or of whoever asks."""
        out = self.ways_out(workflow.model, state.name)
        ways, outward = list[Condition](), list[Condition]()
        for transition in workflow.model.transitions.values():
            if state.name in transition.source:
                only = outward if out is not None and transition.name in out.steps else ways
                eyes = self._parts.unbarred(transition.not_by, workflow, table)
                people = self._parts.performers(transition.by, roles, entity.name, table)
                only += [sa.and_(one, *eyes) for one in people]
        if out is not None and outward and not out.surely:
            ways.append(sa.and_(sa.or_(*outward), ~self._parts.carried_on(out, entity.name, table)))
        return ways


def behind(stream: Stream, place: Place | None, calendar: Calendar) -> dict[str, object] | None:
    """Return the parameters that make *stream* begin behind *place*; ``None`` where all of it lies before."""
    if place is not None and place.undated and not stream.undated:
        return None
    if place is None or place.undated != stream.undated:
        moment, key = _FIRST, _FIRST_ID
    else:
        moment, key = place.moment, place.id
    value: object = moment
    if stream.by_day:  # a day stands where it ends, which is where the next one begins
        value = day = calendar.today(moment) - dt.timedelta(days=1)
        key = key if calendar.over(day) == moment else _LAST_ID
    return {"after": stream.write(value) if stream.write is not None else value, "after_id": key}


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) > _KEPT:
        kept.pop(next(iter(kept)))


def kinds_of(workflows: Iterable[Workflow]) -> dict[str, Kind]:
    """Return the kinds of all workflows by key, those about records without saying about which."""
    found: dict[str, Kind] = {}
    for workflow in workflows:
        for state in workflow.states.values():
            own = Kind(workflow.of, workflow.name, state.name, label=state.label)
            for kind in (own, *_part_kinds(workflow, state)):
                found.setdefault(kind.key, kind)
    return found


def _part_kinds(workflow: Workflow, state: State) -> Iterator[Kind]:
    for part in state.parallel:
        yield Kind(workflow.of, workflow.name, state.name, part.name, label=part.label, each_of=part.each_of)
