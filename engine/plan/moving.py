"""Moving: what the engine keeps beside the records goes along with them when a new configuration is deployed.

What is noted of an entity follows its name. A time limit that the workflow of a case no longer knows is set aside, and
goes on where undoing the version brings it back. Cases that move to another version of their workflow take the steps
that follow by themselves there as soon as a worker comes to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.effects import Effects
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.batches import literal
from fachwerk.engine.plan.keeping import same_flow
from fachwerk.engine.plan.noting import ASIDE, note_entity, note_steps
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.slots import own_table
from fachwerk.engine.store import Store
from fachwerk.engine.timing import Timings
from fachwerk.schemas.model import Workflow
from fachwerk.workflows.parts import counted_roles

_NOTED = ("fw_history", "fw_deadline", "fw_effect", "fw_expected", "fw_notice")


async def follow(connection: Connection, pairing: Pairing, new: App, now: dt.datetime) -> None:
    """Bring along what the engine keeps; the tables of records are those of *new* already."""
    await _follow_names(connection, pairing)
    await note_steps(connection, pairing, new)
    for flow in new.project.workflows.values():
        before, entity = pairing.workflow(flow.name), pairing.entity(flow.of)
        if before is not None and entity is not None and before.of == entity.name:
            changed = {*await _aside(connection, flow), *await _back(connection, flow)}
            await _show(connection, new, flow, changed)
            if flow.cases != "keep" and (before.kept or not same_flow(before, flow, pairing.called(flow.name))):
                await _settle(connection, new, flow, now)
            elif not _same_holders(pairing, flow):
                await _ask_again(connection, new, flow, now)


async def _follow_names(connection: Connection, pairing: Pairing) -> None:
    """What is noted of entities and sequences that were renamed is noted of their new names."""
    renamed = [(old, new) for old, new in pairing.entities() if old.parent is None and old.name != new.name]
    for mark in (ASIDE, ""):  # in two steps, since names may change places
        for old, new in renamed:
            was, now = (old.name, ASIDE + new.name) if mark else (ASIDE + new.name, new.name)
            for table in _NOTED:
                await connection.fetch(f"UPDATE {table} SET entity = {literal(now)} WHERE entity = {literal(was)}")
    for old, new in renamed:
        await note_entity(connection, old.name, new.name)
    counters = {f"{old.name}.{was.name}": f"{new.name}.{name}" for old, new in pairing.entities()
                for name, was in pairing.fields(new.name).items() if was.kind == "sequence"}  # fmt: skip
    moved = {was: now for was, now in counters.items() if was != now}
    for mark in (ASIDE, ""):
        for was, now in moved.items():
            first, then = (was, ASIDE + now) if mark else (ASIDE + now, now)
            await connection.fetch(f"UPDATE fw_counter SET name = {literal(then)} WHERE name = {literal(first)}")


# ------------------------------------------------------------------ time limits


def _limits(flow: Workflow) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the time limits of all versions of a workflow with the states that they run in."""
    for version in flow.versions:
        for name, deadline in version.deadlines.items():
            yield name, deadline.runs_in
        for state in version.states.values():
            yield from ((f"part:{part.name}", (state.name,)) for part in state.parallel if part.within is not None)


def _named(name: str) -> str:
    """Return the condition that a row is of the limit *name*; with ``each`` a part has one for every record."""
    start = literal(f"{name}:")
    return f"(name = {literal(name)} OR substr(name, 1, {len(name) + 1}) = {start})"


async def _aside(connection: Connection, flow: Workflow) -> list[str]:
    others = "".join(f" AND NOT {_named(name)}" for name, _ in _limits(flow))
    aside = literal(ASIDE + flow.name)
    text = f"UPDATE fw_deadline SET workflow = {aside} WHERE workflow = {literal(flow.name)}{others}"
    return [str(row[0]) for row in await connection.fetch(text + " RETURNING record")]


async def _back(connection: Connection, flow: Workflow) -> list[str]:
    found = []
    for name, states in _limits(flow):
        listed = ", ".join(map(literal, states))
        text = (
            f"UPDATE fw_deadline SET workflow = {literal(flow.name)} "
            f"WHERE workflow = {literal(ASIDE + flow.name)} AND {_named(name)} AND record IN "
            f"(SELECT id FROM {n.quote(flow.of)} WHERE {n.quote(flow.field)} IN ({listed})) RETURNING record"
        )
        found += [str(row[0]) for row in await connection.fetch(text)] if listed else []
    return found


async def _show(connection: Connection, new: App, flow: Workflow, records: set[str]) -> None:
    """Let the field ``due`` show the nearest end again."""
    if records:
        entity = new.entities[flow.of]
        timings, store = Timings(new, Effects(new)), Store(new, entity)
        for record in sorted(records):
            await store.update(connection, record, await timings.shown(connection, entity.model, record))


# ------------------------------------------------------------------ steps that follow by themselves


async def _settle(connection: Connection, new: App, flow: Workflow, now: dt.datetime) -> None:
    """Have a worker see to the cases that moved to where steps happen by themselves."""
    alone = {s for t in flow.transitions.values() if not t.by and t.when is not None for s in t.source}
    if not alone:
        return
    effects, table = Effects(new), n.quote(own_table(new.entities[flow.of].model))
    listed = ", ".join(map(literal, sorted(alone)))
    rows = await connection.fetch(f"SELECT id FROM {table} WHERE {n.quote(flow.field)} IN ({listed}) ORDER BY id")
    for row in rows:
        await effects.enqueue(connection, "settle", {}, now=now, entity=flow.of, record=str(row[0]))


def _same_holders(pairing: Pairing, flow: Workflow) -> bool:
    """Whether the same roles include those of which parts ask all or most holders."""
    old, new = pairing.old.roles, pairing.new.roles
    for role in {role for one in flow.versions for role in counted_roles(one)}:
        was = pairing.role(role)
        held = [name for name, one in old.items() if was is not None and was in (name, *one.includes)]
        now = {name for name, one in new.items() if role in (name, *one.includes)}
        if {pairing.new_role(name) for name in held} != now:
            return False
    return True


async def _ask_again(connection: Connection, new: App, flow: Workflow, now: dt.datetime) -> None:
    """Have a worker see to the cases that wait for people, whose roles include others now."""
    effects = Effects(new)
    people = f"workflow = {literal(flow.name)} AND entity = 'user'"
    for row in await connection.fetch(f"SELECT DISTINCT record FROM fw_expected WHERE {people} ORDER BY record"):
        await effects.enqueue(connection, "settle", {}, now=now, entity=flow.of, record=str(row[0]))
