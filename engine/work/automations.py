"""Automations: what an event sets off for a record, and what a schedule does with all records of an entity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import Asked
from fachwerk.engine.context import Context
from fachwerk.engine.database import Connection
from fachwerk.engine.kit import Kit
from fachwerk.engine.shapes import Shape, merged
from fachwerk.engine.statements import Statement, given, render
from fachwerk.engine.work.contents import About
from fachwerk.engine.work.people import People
from fachwerk.engine.work.planning import receivers, rules_of, shape_of_rules, with_this
from fachwerk.engine.work.queue import Job
from fachwerk.engine.work.views import context_for
from fachwerk.schemas.model import Automation
from fachwerk.schemas.tables_columns import Form, to_driver
from fachwerk.workflows.calendar import moment_before

PAGE = 500
GONE = "the configuration has changed"
NOT_FOR_THIS = "not for this record"


class Automations:
    """Carries out ``automation`` (one record) and ``automation_run`` (all records, page by page)."""

    def __init__(self, kit: Kit, people: People) -> None:
        self._kit, self._people = kit, people
        self._moment = to_driver(Form("datetime"), kit.app.dialect)
        self._pages: dict[str, Statement] = {}

    async def happened(self, connection: Connection, job: Job) -> str | None:
        """Do what an event sets off, if the record is one of those meant."""
        automation = self._kit.app.project.automations.get(str(job.payload["automation"]))
        if automation is None:
            return GONE
        who = await self._people.by_ids(connection, [job.created_by] if job.created_by else ())
        context = await context_for(self._kit, connection, who[0] if who else None)
        return None if await self._do(connection, job, automation, [str(job.record)], context) else NOT_FOR_THIS

    async def run(self, connection: Connection, job: Job) -> str | None:
        """Do what a schedule says, for a page of records, and note the next page."""
        automation = self._kit.app.project.automations.get(str(job.payload["automation"]))
        if automation is None:
            return GONE
        context = await context_for(self._kit, connection, None)
        rows = await self._page(automation).fetch(connection, self._parameters(automation, job, context))
        keys = [row[0] for row in rows]
        done = await self._do(connection, job, automation, keys, context)
        if len(keys) == PAGE:
            following = {**job.payload, "after": keys[-1]}
            await self._kit.effects.enqueue(
                connection, "automation_run", following, now=context.now, entity=automation.of
            )  # fmt: skip
        return f"{done} of {len(keys)}"

    async def _do(
        self, connection: Connection, job: Job, automation: Automation, keys: list[str], context: Context
    ) -> int:
        where: Asked | None = self._kit.app.ask(automation.where) if automation.where else None
        records = await self._kit.app.loader.by_ids(connection, automation.of, _shape(automation), keys, context)
        done = 0
        for key in keys:
            record = records.get(key)
            if record is not None and (where is None or where(record, context) is True):
                await self._note(connection, job, automation, with_this(record), context)
                done += 1
        return done

    async def _note(
        self, connection: Connection, job: Job, automation: Automation, record: Mapping[str, Any], context: Context
    ) -> None:
        for effect in automation.do:
            payload = {
                "effect": effect.name, "automation": automation.name, "message": effect.message, "comment": None,
                "depth": job.payload.get("depth") or 0, **receivers(self._kit.app, effect, record, context),
            }  # fmt: skip
            about = About(automation.of, str(record["id"]))
            payload |= await self._kit.contents.of(connection, effect, about, context)
            kind = "set" if effect.kind == "mark" else effect.kind
            await self._kit.effects.enqueue(
                connection, kind, payload, now=context.now, entity=automation.of, record=str(record["id"]),
                created_by=job.created_by,
            )  # fmt: skip

    # pages of records -------------------------------------------------------------------------------------------------

    def _page(self, automation: Automation) -> Statement:
        """Return the statement that gives the ids of a page; the database filters what it can."""
        made = self._pages.get(automation.name)
        if made is None:
            table = self._kit.app.tables.of(automation.of)
            after = sa.or_(given("after", table.c.id).is_(None), table.c.id > given("after", table.c.id))
            # what a run makes is not for the same run: it would never come to an end
            there = table.c.created <= given("at", table.c.created)
            select = sa.select(table.c.id).where(after, there).order_by(table.c.id).limit(PAGE)
            if automation.inactive is not None:
                select = select.where(table.c.changed <= given("until", table.c.changed))
                select = select.where(table.c.changed > given("since", table.c.changed))
            if automation.where is not None and automation.where.constant is not True:
                select = select.where(
                    self._kit.translation.condition(automation.where.checked, automation.of, table)
                )  # fmt: skip
            made = self._pages[automation.name] = render(select, self._kit.app.dialect)
        return made

    def _parameters(self, automation: Automation, job: Job, context: Context) -> dict[str, object]:
        at = dt.datetime.fromisoformat(job.payload["at"])
        values = self._kit.translation.parameters(context) | {"after": job.payload.get("after")}
        values["at"] = self._driver(at)
        if automation.inactive is not None:
            # Each record once: whose time ran out between the run before and this one.
            since = job.payload.get("since")
            before = dt.datetime.fromisoformat(since) if since else dt.datetime(1, 1, 2, tzinfo=dt.UTC)
            calendar = self._kit.app.calendar
            values["until"] = self._driver(moment_before(calendar, automation.inactive, at))
            values["since"] = self._driver(moment_before(calendar, automation.inactive, before) if since else before)
        return values

    def _driver(self, moment: dt.datetime) -> object:
        return self._moment(moment) if self._moment else moment


def _shape(automation: Automation) -> Shape:
    rules = [rule for effect in automation.do for rule in rules_of(effect)]
    where = [automation.where] if automation.where else []
    return merged(shape_of_rules([*rules, *where]), {"version": {}})
