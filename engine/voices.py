"""Whose voices a state waits for: opinions given, and what was found out about who is asked when it was entered.

``fw_expected`` has a row for every record or person that a part waits for, and one without either for the part itself:
so a list that was empty differs from one that was never made (the part came with a deploy).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import sqlalchemy as sa
from fachwerk.engine.compile import App, CompiledWorkflow
from fachwerk.engine.context import Context
from fachwerk.engine.database import Connection
from fachwerk.engine.keyed import render_each
from fachwerk.engine.keys import new_id
from fachwerk.engine.shapes import Shape
from fachwerk.engine.statements import given, render
from fachwerk.engine.titles import Titles
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver
from fachwerk.workflows.case import Case, Expected, Member, Opinion


class Voices:
    """Reads and writes the opinions of cases and those that they wait for."""

    def __init__(self, app: App, titles: Titles) -> None:
        self._app, self._titles = app, titles
        tables, dialect = app.tables.metadata.tables, app.dialect
        opinion, expected = tables["fw_opinion"], tables["fw_expected"]
        moment = Form("datetime")
        self._write_moment, self._read_moment = to_driver(moment, dialect), from_driver(moment, dialect)
        record = opinion.c.record == given("record", opinion.c.record)
        own = sa.or_(opinion.c.workflow == given("workflow", opinion.c.workflow), opinion.c.workflow.is_(None))
        names = ("part", "outcome", "by", "at", "comment", "entry", "deputy", "about")
        select = sa.select(*(opinion.c[n] for n in names)).where(own).order_by(opinion.c.id)
        self._opinions = render_each(select, dialect, record=opinion.c.record)
        self._give = render(sa.insert(opinion).values({c.name: given(str(c.name), c) for c in opinion.c}), dialect)
        self._forget = render(sa.delete(opinion).where(record, own), dialect)
        self._clear = render(sa.delete(opinion).where(record), dialect)
        of = expected.c.record == given("record", expected.c.record)
        here = (of, expected.c.workflow == given("workflow", expected.c.workflow))
        columns = (expected.c.part, expected.c.entity, expected.c.about)
        select = sa.select(*columns).where(here[1]).order_by(expected.c.id)
        self._expected = render_each(select, dialect, record=expected.c.record, entry=expected.c.entry)
        self._expect = render(sa.insert(expected).values({c.name: given(str(c.name), c) for c in expected.c}), dialect)
        self._drop = render(sa.delete(expected).where(*here), dialect)
        self._drop_all = render(sa.delete(expected).where(of), dialect)
        about = expected.c.about == given("about", expected.c.about)
        waiting = sa.select(expected.c.record, expected.c.workflow).where(about).distinct()
        self._waiting = render(waiting.order_by(expected.c.record), dialect)
        self._gone = render(sa.delete(expected).where(about), dialect)
        flows = [one.model for entity in app.entities.values() for flow in entity.workflows for one in flow.versions]
        parts = [part for flow in flows for state in flow.states.values() for part in state.parallel]
        self._each_of = frozenset(of for part in parts for of in part.each_of)
        user = tables["fw_user"]
        no = user.c.active == (sa.literal(0) if dialect == "sqlite" else sa.false())
        self._closed = render(sa.select(user.c.id).where(no), dialect)
        self._holding = {role: render(self._holders(role), dialect) for role in self._counted()}

    def _counted(self) -> set[str]:
        """Return the roles that some part asks all or most of."""
        every = (one for entity in self._app.entities.values() for one in entity.workflows)
        flows = (version for one in every for version in one.versions)
        return {role for flow in flows for role in flow.counted}

    def _holders(self, role: str) -> sa.Select[tuple[str]]:
        tables = self._app.tables.metadata.tables
        user, held = tables["fw_user"], tables["fw_role"]
        known = self._app.project.roles
        enough = [name for name, one in known.items() if name == role or role in one.includes]
        active = user.c.active == (sa.literal(1) if self._app.dialect == "sqlite" else sa.true())
        holding = sa.select(held.c.user).where(held.c.role.in_([sa.literal(name) for name in enough]))
        return sa.select(user.c.id).where(active, user.c.id.in_(holding))

    # opinions ---------------------------------------------------------------------------------------------------------

    async def opinions(self, connection: Connection, record: str, workflow: str) -> tuple[Opinion, ...]:
        """Return the opinions given in the present stay (or the last one) in a parallel state of a workflow."""
        rows = await self._opinions.fetch(connection, {"record": record, "workflow": workflow})
        read = self._read_moment or (lambda value: value)
        return tuple(Opinion(row[0], row[1], row[2], read(row[3]), *row[4:]) for row in rows)

    async def give(self, connection: Connection, record: str, workflow: str, opinion: Opinion) -> None:
        """Keep an opinion."""
        at = self._write_moment(opinion.at) if self._write_moment else opinion.at
        values: dict[str, object] = {"id": new_id(), "record": record, "part": opinion.part, "outcome": opinion.outcome}
        values |= {"by": opinion.by, "at": at, "comment": opinion.comment, "entry": opinion.entry}
        values |= {"deputy": opinion.deputy, "about": opinion.about, "workflow": workflow}
        await self._give.fetch(connection, values)

    async def forget(self, connection: Connection, record: str, workflow: str) -> None:
        """Forget the opinions of an earlier stay; the history keeps them."""
        await self._forget.fetch(connection, {"record": record, "workflow": workflow})

    async def clear(self, connection: Connection, record: str) -> None:
        """Forget all about a record that is removed."""
        await self._clear.fetch(connection, {"record": record})
        await self._drop_all.fetch(connection, {"record": record})

    # who is waited for ------------------------------------------------------------------------------------------------

    async def expect(
        self, connection: Connection, record: str, workflow: str, entry: int, expected: Iterable[Expected]
    ) -> None:
        """Keep whom the parts of a state wait for, in the place of what was kept for an earlier one."""
        await self._drop.fetch(connection, {"record": record, "workflow": workflow})
        for one in expected:
            for member in (None, *one.members):
                values: dict[str, object] = {"id": new_id(), "record": record, "workflow": workflow, "entry": entry}
                values |= {"part": one.part, "entity": member.entity if member else None}
                await self._expect.fetch(connection, values | {"about": member.id if member else None})

    async def case(
        self, connection: Connection, workflow: CompiledWorkflow, record: str, case: Case, context: Context
    ) -> Case:
        """Return *case* with what its state waits for and who holds the roles that it asks all or most of."""
        holders = {
            role: frozenset(str(row[0]) for row in await self._holding[role].fetch(connection, {}))
            for role in workflow.counted
        }
        closed = frozenset[str]()
        if any("user" in part.each_of for part in workflow.model.parts):
            closed = frozenset(str(row[0]) for row in await self._closed.fetch(connection, {}))
        values = {"record": record, "workflow": workflow.model.name, "entry": case.entry}
        kept: dict[str, list[Member]] = {}
        for part, entity, about in await self._expected.fetch(connection, values):
            members = kept.setdefault(part, [])
            if about is not None:
                members.append(Member(about, entity))
        asked = tuple(Expected(name, tuple(members)) for name, members in kept.items())
        case = workflow.machine.parts.filled(replace(case, holders=holders, closed=closed, expected=asked), context)
        gone = closed - {one.about for one in case.opinions}
        found = [await self._loaded(connection, workflow, one, gone, context) for one in case.expected]
        return replace(case, expected=tuple(found))

    async def _loaded(
        self, connection: Connection, workflow: CompiledWorkflow, expected: Expected, gone: frozenset[str | None],
        context: Context,
    ) -> Expected:  # fmt: skip
        """Return records with what rules read of them; those that are gone are no longer waited for."""
        shape = workflow.each.get(expected.part)
        if shape is None:
            return expected
        records = await self._records(connection, expected.members, shape, context)
        known = [one for one in expected.members if one.id in records and one.id not in gone]
        return replace(expected, members=tuple(replace(one, record=records[one.id]) for one in known))

    async def _records(
        self, connection: Connection, members: Iterable[Member], shape: Shape, context: Context
    ) -> dict[str, Mapping[str, object]]:
        by_entity: dict[str, list[str]] = {}
        for one in members:
            by_entity.setdefault(one.entity, []).append(one.id)
        found: dict[str, Mapping[str, object]] = {}
        for entity, keys in by_entity.items():
            known = self._app.tables.storage[entity].fields if entity in self._app.tables.storage else {}
            wanted = {name: inner for name, inner in shape.items() if name in known or name == "_path"}
            found |= await self._app.loader.by_ids(connection, entity, {"id": {}, **wanted}, keys, context)
        return {key: {**record, "_entity": entity} for key, record, entity in _with_entity(found, by_entity)}

    async def titled(self, connection: Connection, case: Case, roles: frozenset[str], context: Context) -> Case:
        """Return *case* with the titles of records as holders of *roles* may see them."""
        pairs = [(m.entity, m.id) for one in case.expected for m in one.members if m.entity != "user"]
        people = [(m.entity, m.id) for one in case.expected for m in one.members if m.entity == "user" and m.record]
        if not pairs and not people:
            return case
        titles = await self._titles.of(connection, roles, [*pairs, *people], context)
        found = []
        for one in case.expected:
            members = tuple(
                replace(m, title=titles[m.entity, m.id].title) if (m.entity, m.id) in titles else m
                for m in one.members
            )
            found.append(replace(one, members=members))
        return replace(case, expected=tuple(found))

    async def waiting_for(self, connection: Connection, entity: str, about: str) -> list[tuple[str, str]]:
        """Return the (workflow, case) that wait for an opinion on a record, and forget that they do."""
        if entity not in self._each_of:
            return []
        rows = await self._waiting.fetch(connection, {"about": about})
        await self._gone.fetch(connection, {"about": about})
        return [(str(row[1]), str(row[0])) for row in rows if str(row[1]) in self._app.project.workflows]


def _with_entity(
    records: Mapping[str, Mapping[str, object]], by_entity: Mapping[str, list[str]]
) -> Iterable[tuple[str, Mapping[str, object], str]]:
    entity_of = {key: entity for entity, keys in by_entity.items() for key in keys}
    return ((key, record, entity_of[key]) for key, record in records.items())
