"""What waits for a person: found by one statement a workflow, whatever the number of open cases.

The statement knows the roles held, the people that paths of the record lead to, opinions given already, the right to
read and mere ways out (:mod:`fachwerk.workflows.expected`); who may really act is then asked of the machine for the few
records that are shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import CompiledEntity, CompiledWorkflow
from fachwerk.engine.database import Row
from fachwerk.engine.flows import is_under
from fachwerk.engine.inbox_parts import PartWays
from fachwerk.engine.service import Service
from fachwerk.engine.statements import Statement, given, render
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from fachwerk.schemas.model import Workflow
from fachwerk.workflows.case import Action
from fachwerk.workflows.expected import WaysOut, ways_out

MOST = 50
_EARLY = ("performer", "four_eyes", "open", "order", "twice")
"""Conditions about the person, and that it is their turn; what else an action needs can still come."""


_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits for a person, and what that person can do with it now or once something is there."""

    entity: str
    id: str
    version: int
    title: str
    workflow: str
    state: str
    due: dt.date | None
    actions: tuple[Action, ...]
    for_whom: Person | None = None
    """The absent person for whom it waits, where *actions* are those of a deputy."""
    rests: bool = False
    """Whether a time limit of it is paused."""


class Inbox:
    """Finds what waits; statements are kept by set of roles and workflow."""

    def __init__(self, service: Service) -> None:
        self._service, self._kit, self._app = service, service.kit, service.app
        self._parts = PartWays(service.app, service.kit.translation)
        self._kept: dict[tuple[frozenset[str], str], tuple[Statement, ...]] = {}
        workflows = (flow for entity in self._app.entities.values() for flow in entity.workflows)
        models = [version.model for flow in workflows for version in flow.versions]
        self._out = {(one.name, one.number): ways_out(one) for one in models}

    async def of(self, who: Person, most: int = MOST) -> tuple[list[Waiting], bool]:
        """Return what waits for *who*, the most urgent first, and whether there is more than *most*."""
        absent = await self._kit.deputies.stood_for(self._service.database, who, self._kit.clock())
        found, more = await self._of_one(who, most)
        mine = {(one.entity, one.id): one for one in found}
        for person in absent:
            others, also = await self._of_one(person, most)
            found += [left for one in others if (left := _without_mine(one, mine.get((one.entity, one.id))))]
            more = more or also
        calendar = self._app.calendar
        ends = {id(one): one.due if isinstance(one.due, dt.datetime) else calendar.over(one.due)
                for one in found if one.due is not None}  # fmt: skip
        ordered = sorted(found, key=lambda one: (id(one) not in ends, ends.get(id(one), _LAST), one.title))
        return ordered[:most], more or len(ordered) > most

    async def _of_one(self, who: Person, most: int) -> tuple[list[Waiting], bool]:
        """Return what waits for one person, who may be an absent one for whom a deputy acts."""
        found: dict[tuple[str, str], Waiting] = {}
        more = False
        for entity in self._app.entities.values():
            for workflow in entity.workflows:
                rows = await self._rows(who, entity, workflow, most + 1)
                more = more or len(rows) > most
                for row in rows[:most]:
                    one = await self._waiting(who, entity, workflow, str(row[0]))
                    if one is not None:
                        before = found.get((one.entity, one.id))
                        actions = (*before.actions, *one.actions) if before is not None else one.actions
                        found[one.entity, one.id] = replace(before or one, actions=actions)
        return list(found.values()), more

    async def _waiting(
        self, who: Person, entity: CompiledEntity, workflow: CompiledWorkflow, key: str
    ) -> Waiting | None:  # fmt: skip
        names = {name for one in workflow.versions for name in (*one.model.transitions, *_opinions(one))}
        try:
            possible = await self._service.actions(who, entity.name, key)
        except Refused:
            return None
        actions = tuple(
            action
            for action in possible
            if action.name.partition(":")[0] in names and all(c.holds for c in action.conditions if c.kind in _EARLY)
        )
        if not actions:
            return None
        record = await self._service.read(who, entity.name, key)
        state = str(record.values.get(workflow.model.field) or "")
        out = self._ways_out(workflow.model.under(record.under.get(workflow.model.name)), state)
        actions = _without_ways_out(actions, out) if out is not None else actions
        if not actions:
            return None
        due = record.values.get("due")
        date = due if isinstance(due, dt.date) else None
        return Waiting(
            entity.name, record.id, record.version, record.title, workflow.model.name, state, date, actions,
            who if who.deputy is not None else None, record.values.get("paused") is True,
        )  # fmt: skip

    # statements -------------------------------------------------------------------------------------------------------

    async def _rows(
        self, who: Person, entity: CompiledEntity, workflow: CompiledWorkflow, most: int
    ) -> Sequence[Row]:  # fmt: skip
        statements = self._statements(who.roles, entity, workflow)
        values = self._kit.translation.parameters(self._kit.context(who))
        rows: list[Row] = []
        for statement in statements:
            if len(rows) < most:
                rows.extend(await statement.fetch(self._service.database, values | {"most": most - len(rows)}))
        return rows

    def _statements(
        self, roles: frozenset[str], entity: CompiledEntity, workflow: CompiledWorkflow
    ) -> tuple[Statement, ...]:  # fmt: skip
        key = (roles, workflow.model.name)
        made = self._kept.get(key)
        if made is None:
            if len(self._kept) > 1000:
                self._kept.pop(next(iter(self._kept)))
            made = self._kept[key] = self._made(roles, entity, workflow)
        return made

    def _made(
        self, roles: frozenset[str], entity: CompiledEntity, workflow: CompiledWorkflow
    ) -> tuple[Statement, ...]:  # fmt: skip
        """Return the statements for records with a date first, then for those without: each by an index, if it can."""
        rights = self._kit.access.rights(roles, entity.name)
        table = self._app.tables.of(entity.name)
        states = list(self._states(roles, entity, workflow, table))
        if not rights.may("read") or not states:
            return ()
        readable = self._kit.access.condition(rights, table, self._kit.translation)
        select = sa.select(table.c.id).where(sa.or_(*states), *([] if readable is None else [readable]))
        select = select.limit(given("most", sa.Integer()))
        if "due" not in table.c or not entity.model.fields["due"].system:
            return (render(select.order_by(table.c.changed, table.c.id), self._app.dialect),)
        dated = select.where(table.c.due.is_not(None)).order_by(table.c.due, table.c.id)
        others = select.where(table.c.due.is_(None)).order_by(table.c.changed, table.c.id)
        return render(dated, self._app.dialect), render(others, self._app.dialect)

    def _states(
        self, roles: frozenset[str], entity: CompiledEntity, workflow: CompiledWorkflow, table: Any
    ) -> Iterable[sa.ColumnElement[bool]]:
        for version in workflow.versions:
            under = is_under(workflow.model, version.model, table)
            for state in self._states_of(roles, entity, version, table):
                yield state if under is None else sa.and_(under, state)

    def _states_of(
        self, roles: frozenset[str], entity: CompiledEntity, workflow: CompiledWorkflow, table: Any
    ) -> Iterable[sa.ColumnElement[bool]]:
        column = table.c[workflow.model.field]
        for state in workflow.model.states.values():
            out = self._ways_out(workflow.model, state.name)
            ways, outward = list[sa.ColumnElement[bool]](), list[sa.ColumnElement[bool]]()
            for transition in workflow.model.transitions.values():
                if state.name in transition.source:
                    only = outward if out is not None and transition.name in out.steps else ways
                    eyes = self._parts.unbarred(transition.not_by, workflow, table)
                    people = self._parts.performers(transition.by, roles, entity.name, table)
                    only += [sa.and_(one, *eyes) for one in people]
            if out is not None and outward and not out.surely:
                ways.append(sa.and_(sa.or_(*outward), ~self._parts.carried_on(out, entity.name, table)))
            for part in state.parallel:
                ways += self._parts.waits(part, roles, workflow, table)
            if ways:
                yield sa.and_(column == sa.literal(state.name), sa.or_(*ways))

    def _ways_out(self, workflow: Workflow, state: str) -> WaysOut | None:
        return self._out[workflow.name, workflow.number].get(state)


def _without_mine(one: Waiting, mine: Waiting | None) -> Waiting | None:
    """Return what waits for an absent person without what the deputy may do in person; ``None`` if that is all."""
    own = {action.name for action in mine.actions} if mine is not None else set()
    actions = tuple(action for action in one.actions if action.name not in own)
    return replace(one, actions=actions) if actions else None


def _without_ways_out(actions: tuple[Action, ...], out: WaysOut) -> tuple[Action, ...]:
    """Return what there is to do without what merely leads out, where the case is carried on by others or by this."""
    onward = {one.name for one in out.onward}
    here = any(action.possible and (action.part or action.name) in onward for action in actions)
    return tuple(action for action in actions if action.name not in out.steps) if out.surely or here else actions


def _opinions(workflow: CompiledWorkflow) -> set[str]:
    parts = [part for state in workflow.model.states.values() for part in state.parallel]
    return {f"{part.name}.{outcome.name}" for part in parts for outcome in part.outcomes}
