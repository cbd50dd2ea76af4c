"""Effects inside the database: fields set, records made or changed, a delivery noted; exactly once.

They go through the same writer as everything else: checks, rules and history hold. What they write may set off
automations, which may have effects again: a chain that is longer than :data:`LONGEST_CHAIN` is broken off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from fachwerk.engine.acting import kept_value
from fachwerk.engine.compile import CompiledEntity
from fachwerk.engine.context import Context
from fachwerk.engine.database import Connection, Unique
from fachwerk.engine.service import Service
from fachwerk.engine.taken import taken
from fachwerk.engine.work.contents import sendable
from fachwerk.engine.work.job import GiveUp
from fachwerk.engine.work.people import People
from fachwerk.engine.work.planning import effects_of, rules_of, shape_of_rules, with_this
from fachwerk.engine.work.queue import Job
from fachwerk.engine.work.views import context_for, record_view
from fachwerk.problems import Refused, say
from fachwerk.schemas.kinds import Invalid
from fachwerk.schemas.model import Effect

LONGEST_CHAIN = 12
GONE = "the record is gone"
NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class _Found:
    effect: Effect
    record: Mapping[str, Any]
    context: Context
    values: Mapping[str, Any]


class Doing:
    """Carries out ``set``, ``create``, ``change``, ``step`` and ``webhook``."""

    def __init__(self, service: Service, people: People) -> None:
        self._service, self._kit, self._people = service, service.kit, people
        self._effects = effects_of(service.app.project)

    async def set(self, connection: Connection, job: Job) -> str | None:
        """Give fields of the record values."""
        found = await self._find(connection, job)
        if found is None:
            return GONE
        await self._fill(connection, job, self._service.app.entities[str(job.entity)], str(job.record), found.values)
        return None

    async def settle(self, connection: Connection, job: Job) -> str | None:
        """Take the steps of a case that follow by themselves, now that its workflow is another."""
        entity = self._service.app.entities.get(job.entity or "")
        if entity is None or await self._service.kit.stores[entity.name].read(connection, str(job.record)) is None:
            return GONE
        await self._fill(connection, job, entity, str(job.record), {})
        return None

    async def people(self, connection: Connection, job: Job) -> str | None:
        """Let the cases go on that wait for somebody who holds other roles now, or whose account was closed."""
        user, after = str(job.payload["user"]), str(job.payload.get("after") or NOBODY)
        kit = self._kit
        found = await kit.asked.of_user(connection, kit.effects, user, after, kit.clock())
        return None if found else "nothing waits"

    async def create(self, connection: Connection, job: Job) -> str | None:
        """Make a record of another entity."""
        found = await self._find(connection, job)
        if found is None:
            return GONE
        entity = self._service.app.entities[str(found.effect.target)]
        values: dict[str, Any] = {}
        for name, value in found.values.items():
            try:
                values[name] = kept_value(entity, name, value)
            except Invalid as bad:
                raise Refused("bad_value", bad.text, fields={name: bad.text}) from None
        service = self._service
        await service.writer.create(connection, service.system, entity, values, unreadable={}, origin=origin_of(job))
        return None

    async def change(self, connection: Connection, job: Job) -> str | None:
        """Give fields of the records that a path leads to values."""
        found = await self._find(connection, job)
        if found is None:
            return GONE
        entity, keys = self._service.app.entities[str(found.effect.target)], self._led(found)
        for key in keys:
            await self._fill(connection, job, entity, key, found.values)
        return None if keys else "nothing to change"

    async def step(self, connection: Connection, job: Job) -> str | None:
        """Let the records that a path leads to take a step; what stands against it is noted in the history of each."""
        found = await self._find(connection, job)
        if found is None:
            return GONE
        entity, step = self._service.app.entities[str(found.effect.target)], str(found.effect.step)
        keys, refusals = self._led(found), 0
        for key in keys:
            refusals += await self._step(connection, job, entity, key, step)
        if not keys:
            return "nothing to take the step"
        return f"{len(keys) - refusals} taken, {refusals} refused" if refusals else None

    async def _step(self, connection: Connection, job: Job, entity: CompiledEntity, key: str, step: str) -> bool:
        """Let one record take a step; return whether it was refused."""
        writer, comment = self._service.writer, job.payload.get("comment")
        await connection.fetch("SAVEPOINT step")
        try:
            await writer.take(connection, entity, key, step, comment, origin_of(job))
        except Refused as refused:
            await connection.fetch("ROLLBACK TO SAVEPOINT step")
            await writer.refused_step(connection, entity, key, refused, step, origin_of(job))
            return True
        await connection.fetch("RELEASE SAVEPOINT step")
        return False

    def _led(self, found: _Found) -> list[str]:
        """Return the ids of the records that the path of an effect leads to."""
        assert found.effect.path is not None
        led = self._service.app.ask(found.effect.path)(found.record, found.context)
        records = [one for one in (led if isinstance(led, list | tuple) else [led]) if isinstance(one, Mapping)]
        return sorted({str(one["id"]) for one in records})

    async def webhook(self, connection: Connection, job: Job) -> str | None:
        """Write down what is to be sent, as it is now, and note the delivery."""
        effect, said, version = self._declared(job), job.payload.get("sent"), job.payload.get("version")
        if said is None:
            # an effect that was noted before what it says was kept with it
            found = await self._find(connection, job)
            if found is None:
                return GONE
            said = orjson.dumps({name: sendable(value) for name, value in found.values.items()}).decode()
            version = sendable(found.record.get("version"))
        body = {
            "event": job.payload.get("action") or job.payload.get("automation"), "entity": job.entity, "id": job.record,
            "version": version, "at": job.created, "data": orjson.Fragment(str(said)),
        }  # fmt: skip
        payload = {"hook": effect.target, "body": orjson.dumps(body, option=orjson.OPT_UTC_Z).decode()}
        await self._kit.effects.enqueue(
            connection, "delivery", payload, now=self._kit.clock(), entity=job.entity, record=job.record,
            created_by=job.created_by,
        )  # fmt: skip
        return None

    async def refused(self, connection: Connection, job: Job, reason: Refused | Unique) -> None:
        """Note in the history of a record that an effect which was to follow is not possible, and why.

        Nobody was there to be told about it; who looks at the record finds it there.
        """
        app, key = self._service.app, str(job.record)
        entity, effect = app.entities.get(job.entity or ""), self._effects.get(str(job.payload.get("effect")))
        if entity is None or effect is None or job.kind not in ("set", "create", "change", "document", "notify"):
            return
        if await self._kit.stores[entity.name].read(connection, key, lock=True, lists=()) is None:
            return
        target = app.entities[str(effect.target)] if job.kind in ("create", "change") else None
        refused = reason if isinstance(reason, Refused) else taken(app, target or entity, reason)
        letter = app.project.letters.get(str(effect.target)) if job.kind == "document" else None
        label = target.model.label if target is not None else letter.label if letter is not None else None
        named = say(label, app.project.languages[0]) if label is not None else ""
        await self._service.writer.refused_step(connection, entity, key, refused, named, origin_of(job))

    async def _fill(
        self, connection: Connection, job: Job, entity: CompiledEntity, key: str, values: Mapping[str, Any]
    ) -> None:  # fmt: skip
        await self._service.writer.fill(connection, entity, key, values, origin_of(job))

    def _declared(self, job: Job) -> Effect:
        effect = self._effects.get(str(job.payload.get("effect")))
        kinds = {job.kind, "mark"}
        if effect is None or effect.kind not in kinds or job.entity not in self._service.app.entities:
            raise GiveUp("the configuration has changed: this effect is not in it any more")
        return effect

    async def _find(self, connection: Connection, job: Job) -> _Found | None:
        effect = self._declared(job)
        checked_depth(job)
        who = await self._people.by_ids(connection, [job.created_by] if job.created_by else ())
        context = await context_for(self._kit, connection, who[0] if who else None)
        shape = shape_of_rules(rules_of(effect))
        record = await record_view(self._kit, connection, str(job.entity), str(job.record), shape, context)
        if record is None:
            return None
        seen = with_this(record)
        ask = self._service.app.ask
        values = {name: ask(rule)(seen, context) for name, rule in effect.values.items()}
        return _Found(effect, seen, context, values)


def _depth(job: Job) -> int:
    return int(job.payload.get("depth") or 0) + 1


def checked_depth(job: Job) -> None:
    """Raise :class:`GiveUp` for an effect at the end of a chain that is too long."""
    if _depth(job) > LONGEST_CHAIN:
        raise GiveUp(f"a chain of {LONGEST_CHAIN} effects was broken off: they set each other off")


def origin_of(job: Job) -> str:
    """Return what the history says about where a write of an effect came from."""
    return f"effect:{_depth(job)}"
