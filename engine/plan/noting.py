"""Noting: what the engine keeps of a case's steps and of roles, under the names that a new configuration has for them.

Opinions given and waited for, time limits, effects that are still to happen. The history keeps the names of its time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.batches import literal
from fachwerk.engine.plan.called import PART, Called, names_of
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.slots import own_table
from fachwerk.schemas.model import Workflow
from fachwerk.schemas.tables_columns import Dialect

ASIDE = "~"
"""What names begin with in rows that are set aside: a name that something else has taken."""
_LIMITS = "('deadline', 'deadline_warning')"
"""The effects that wait for time limits; their keys say of which."""


async def note_steps(connection: Connection, pairing: Pairing, new: App) -> None:
    """Let what is noted of workflows, their steps and of roles follow the names that these have now."""
    waiting = []
    for flow in new.project.workflows.values():
        before, entity = pairing.workflow(flow.name), pairing.entity(flow.of)
        if before is None or entity is None or before.of != entity.name:
            continue
        called = pairing.called(flow.name)
        rows = _Rows(connection, new, flow)
        if before.name != flow.name:
            await rows.workflow(before.name)
        for what, names in called:
            await rows.steps(what, names, names_of(flow)[what])
        if before.name != flow.name or not called.nothing:
            waiting.append((before, flow, called))
    roles = {role: now for role in pairing.old.roles if (now := pairing.new_role(role)) not in (None, role)}
    if waiting or roles:
        await _effects(connection, new.dialect, waiting, roles)


async def note_entity(connection: Connection, was: str, now: str) -> None:
    """Let the effects that wait for time limits of an entity's records follow its name."""
    keys = f"replace(key, {literal(f'deadline:{was}:')}, {literal(f'deadline:{now}:')})"
    where = f"entity = {literal(now)} AND kind IN {_LIMITS} AND wake_at IS NOT NULL"
    await connection.fetch(f"UPDATE fw_effect SET key = {keys} WHERE {where} AND key IS NOT NULL")


@dataclass(frozen=True, slots=True)
class _Rows:
    """Gives the rows of one workflow other names."""

    connection: Connection
    new: App
    flow: Workflow

    async def workflow(self, was: str) -> None:
        """Let rows of the workflow *was* be those of this one."""
        now, fetch = self.flow.name, self.connection.fetch
        for table in ("fw_opinion", "fw_expected", "fw_deadline"):
            for old, name in ((was, now), (ASIDE + was, ASIDE + now)):
                await fetch(f"UPDATE {table} SET workflow = {literal(name)} WHERE workflow = {literal(old)}")
        where = self._of_effects(was)
        key = self._key(f":{was}:", f":{now}:")
        await fetch(f"UPDATE fw_effect SET key = {key}, payload = {self._payload('workflow', literal(now))} {where}")

    async def steps(self, what: str, names: Mapping[str, str], there: frozenset[str]) -> None:
        """Give rows the names of today; what had one of these before and is gone is set aside, and comes back later."""
        for was, now in names.items():
            await self._step(what, now, ASIDE + now)
            await self._step(what, was, now)
            if was in there:
                await self._step(what, ASIDE + was, was)

    async def _step(self, what: str, was: str, now: str) -> None:
        if what == "part":
            own = f"workflow = {literal(self.flow.name)}"
            table = n.quote(own_table(self.new.entities[self.flow.of].model))
            older = f"(workflow IS NULL AND record IN (SELECT id FROM {table}))"
            for name, where in (("fw_opinion", f"({own} OR {older})"), ("fw_expected", own)):
                text = f"UPDATE {name} SET part = {literal(now)} WHERE part = {literal(was)} AND {where}"
                await self.connection.fetch(text)
            await self._limit(PART + was, PART + now)
        elif what == "deadline":
            await self._limit(was, now)

    async def _limit(self, was: str, now: str) -> None:
        """Rename a time limit; that of a part can be one of several, with the record behind its name."""
        length, one, fetch = len(was) + 1, self._limit_is("name", was), self.connection.fetch
        rest = f"{literal(now)} || substr(name, {length})"
        own = f"workflow IN ({literal(self.flow.name)}, {literal(ASIDE + self.flow.name)})"
        await fetch(f"UPDATE fw_deadline SET name = {rest} WHERE {own} AND {one}")
        told = self._told("name")
        rest = f"{literal(now)} || substr({told}, {length})"
        key = self._key(f":{self.flow.name}:{was}", f":{self.flow.name}:{now}")
        where = f"{self._of_effects(self.flow.name)} AND {self._limit_is(told, was)}"
        await fetch(f"UPDATE fw_effect SET key = {key}, payload = {self._payload('name', rest)} {where}")

    def _limit_is(self, value: str, name: str) -> str:
        return f"({value} = {literal(name)} OR substr({value}, 1, {len(name) + 1}) = {literal(f'{name}:')})"

    def _of_effects(self, workflow: str) -> str:
        of = f"entity = {literal(self.flow.of)} AND kind IN {_LIMITS} AND wake_at IS NOT NULL"
        return f"WHERE {of} AND {self._told('workflow')} = {literal(workflow)}"

    def _key(self, was: str, now: str) -> str:
        record = "CAST(record AS text)"
        return f"replace(key, {record} || {literal(was)}, {record} || {literal(now)})"

    def _told(self, name: str) -> str:
        """Return what an effect says under *name*."""
        if self.new.dialect == "sqlite":
            return f"json_extract(payload, '$.{name}')"
        return f"(payload ->> '{name}')"

    def _payload(self, name: str, value: str) -> str:
        if self.new.dialect == "sqlite":
            return f"json_set(payload, '$.{name}', {value})"
        return f"jsonb_set(payload, '{{{name}}}', to_jsonb(CAST({value} AS text)))"


# ------------------------------------------------------------------ effects that are still to happen


async def _effects(
    connection: Connection, dialect: Dialect, flows: list[tuple[Workflow, Workflow, Called]], roles: Mapping[str, Any]
) -> None:
    """Let effects that wait name what they are of, and whom they tell, as it is called today."""
    where = f"wake_at IS NOT NULL AND kind NOT IN {_LIMITS}"
    rows = await connection.fetch(f"SELECT id, entity, payload FROM fw_effect WHERE {where}")
    cast = "" if dialect == "sqlite" else "::jsonb"
    for key, entity, payload in rows:
        told = orjson.loads(payload) if isinstance(payload, str | bytes) else dict(payload)
        found = dict(told)
        for before, flow, called in flows:
            if entity == flow.of and told.get("workflow") == before.name:
                found |= dict(_told_today(told, before, flow, called))
        if isinstance(told.get("roles"), list):
            found["roles"] = [roles.get(role, role) for role in told["roles"]]
        if found != told:
            text = literal(orjson.dumps(found).decode()) + cast
            await connection.fetch(f"UPDATE fw_effect SET payload = {text} WHERE id = {literal(str(key))}")


def _told_today(
    told: Mapping[str, Any], before: Workflow, flow: Workflow, called: Called
) -> Iterator[tuple[str, object]]:  # fmt: skip
    yield "workflow", flow.name
    if isinstance(action := told.get("action"), str):
        step, dot, outcome = action.partition(".")
        yield "action", f"{called.step(step)}{dot}{outcome}"
    if isinstance(effect := told.get("effect"), str) and effect.count(".") > 1:
        # of a workflow (or an earlier version of it), a transition or deadline, and which of its effects
        owner, step, rest = effect.split(".", 2)
        name, at, version = owner.partition("@")
        owner = (flow.name if name == before.name else name) + at + version
        yield "effect", f"{owner}.{called.transitions.get(step) or called.deadlines.get(step, step)}.{rest}"
