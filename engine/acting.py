"""Acting: what a workflow says about a record, and what a step of it does to a change in progress.

The machine is pure; here its cases are put together from the record, the opinions given and the history, and its
outcomes become values, opinions, time limits and effects of the same write.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.candidate import Candidate
from fachwerk.engine.change import Change
from fachwerk.engine.compile import App, CompiledEntity, CompiledWorkflow
from fachwerk.engine.convert import from_rule
from fachwerk.engine.database import Connection
from fachwerk.engine.keys import new_id
from fachwerk.engine.kit import Kit
from fachwerk.engine.statements import given, render
from fachwerk.engine.values import Person
from fachwerk.schemas.kinds import Invalid
from fachwerk.schemas.tables import entry_column
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver
from fachwerk.workflows.case import Acting, Action, Case, Done, Opinion, Outcome, Planned, Timer


class Cases:
    """Reads and writes what workflows keep beside the record: opinions and running time limits."""

    def __init__(self, app: App) -> None:
        tables, dialect = app.tables.metadata.tables, app.dialect
        opinion, deadline = tables["fw_opinion"], tables["fw_deadline"]
        moment, date = Form("datetime"), Form("date")
        self._write_moment, self._read_moment = to_driver(moment, dialect), from_driver(moment, dialect)
        self._write_date, self._read_date = to_driver(date, dialect), from_driver(date, dialect)
        self._false = False if dialect == "postgresql" else 0
        record = opinion.c.record == given("record", opinion.c.record)
        names = ("part", "outcome", "by", "at", "comment", "entry", "deputy")
        self._opinions = render(sa.select(*(opinion.c[n] for n in names)).where(record).order_by(opinion.c.id), dialect)
        self._give = render(sa.insert(opinion).values({c.name: given(str(c.name), c) for c in opinion.c}), dialect)
        self._forget = render(sa.delete(opinion).where(record), dialect)
        self._start = render(sa.insert(deadline).values({c.name: given(str(c.name), c) for c in deadline.c}), dialect)
        own = (
            deadline.c.record == given("record", deadline.c.record),
            deadline.c.workflow == given("workflow", deadline.c.workflow),
        )
        self._stop = render(sa.delete(deadline).where(*own, deadline.c.name == given("name", deadline.c.name)), dialect)
        self._stop_all = render(sa.delete(deadline).where(own[0]), dialect)
        running = sa.select(sa.func.min(deadline.c.due)).where(own[0])
        self._due = render(running, dialect)

    async def opinions(self, connection: Connection, record: str) -> tuple[Opinion, ...]:
        """Return the opinions given in the present stay (or the last one) in a parallel state."""
        rows = await self._opinions.fetch(connection, {"record": record})
        read = self._read_moment or (lambda value: value)
        return tuple(Opinion(row[0], row[1], row[2], read(row[3]), *row[4:]) for row in rows)

    async def give(self, connection: Connection, record: str, opinion: Opinion) -> None:
        """Keep an opinion."""
        at = self._write_moment(opinion.at) if self._write_moment else opinion.at
        values: dict[str, object] = {"id": new_id(), "record": record, "part": opinion.part, "outcome": opinion.outcome}
        values |= {"by": opinion.by, "at": at, "comment": opinion.comment, "entry": opinion.entry}
        values["deputy"] = opinion.deputy
        await self._give.fetch(connection, values)

    async def forget(self, connection: Connection, record: str) -> None:
        """Forget the opinions of an earlier stay; the history keeps them."""
        await self._forget.fetch(connection, {"record": record})

    async def start(
        self, connection: Connection, entity: str, record: str, workflow: str, timer: Timer, now: dt.datetime
    ) -> None:
        """Let a time limit run."""
        write = self._write_date or (lambda value: value)
        since = self._write_moment(now) if self._write_moment else now
        values: dict[str, object] = {
            "id": new_id(),
            "entity": entity,
            "record": record,
            "workflow": workflow,
            "name": timer.name,
        }
        values |= {"since": since, "due": write(timer.due), "missed": self._false}
        await self._start.fetch(connection, values | {"warn": write(timer.warn) if timer.warn else None})

    async def stop(self, connection: Connection, record: str, workflow: str, name: str) -> None:
        """End a time limit."""
        await self._stop.fetch(connection, {"record": record, "workflow": workflow, "name": name})

    async def clear(self, connection: Connection, record: str) -> None:
        """Forget all about a record that is removed."""
        await self._forget.fetch(connection, {"record": record})
        await self._stop_all.fetch(connection, {"record": record})

    async def due(self, connection: Connection, record: str) -> dt.date | None:
        """Return the nearest end of a running time limit."""
        ((value,),) = await self._due.fetch(connection, {"record": record})
        return None if value is None else self._read_date(value) if self._read_date else value


async def case_of(
    kit: Kit, cases: Cases, connection: Connection, candidate: Candidate, workflow: CompiledWorkflow,
    state: str | None = None,
) -> Case:  # fmt: skip
    """Return a record as its workflow sees it."""
    model, values = workflow.model, candidate.values
    now = state or str(values.get(model.field) or model.initial.name)
    parallel = any(one.parallel for one in model.states.values())
    opinions = await cases.opinions(connection, candidate.id) if candidate.exists and parallel else ()
    done: tuple[Done, ...] = ()
    if workflow.needs_past and candidate.exists:
        steps = await kit.history.steps(connection, candidate.entity.name, candidate.id)
        done = tuple(steps)
    entry = int(values.get(entry_column(model)) or 0)
    created_by = values.get("created_by")
    return Case(now, candidate.record, entry, opinions, done, created_by)


async def actions_of(
    kit: Kit, cases: Cases, connection: Connection, candidate: Candidate, who: Person
) -> tuple[Action, ...]:  # fmt: skip
    """Return what can be done with a record by its workflows, possible for *who* or not."""
    found: list[Action] = []
    for workflow in candidate.entity.workflows:
        case = await case_of(kit, cases, connection, candidate, workflow)
        if case.state in workflow.model.states:
            found.extend(workflow.machine.actions(case, who, candidate.context))
    return tuple(found)


class Steps:
    """Takes steps of workflows within a change."""

    def __init__(self, change: Change, cases: Cases) -> None:
        self._change = change
        self._cases = cases

    async def begin(self) -> None:
        """Put a new record into the initial states of its workflows, and take what follows by itself."""
        for workflow in self._change.entity.workflows:
            case = await self._case(workflow)
            outcome = workflow.machine.start(case, now=self._change.now, context=self._change.context)
            await self._apply(workflow, case, outcome)

    async def settle(self) -> None:
        """Take the steps that happen by themselves as the values now are."""
        for workflow in self._change.entity.workflows:
            case = await self._case(workflow)
            if case.state in workflow.model.states:
                outcome = workflow.machine.settle(case, now=self._change.now, context=self._change.context)
                if outcome is not None:
                    await self._apply(workflow, case, outcome)

    async def act(self, workflow: CompiledWorkflow, who: Acting, action: str, comment: str | None) -> None:
        """Take the step *action*; raises :class:`fachwerk.problems.Refused` where it is not possible."""
        case = await self._case(workflow)
        change = self._change
        outcome = workflow.machine.step(
            case, who, action, now=change.now, context=change.context, comment=comment
        )  # fmt: skip
        await self._apply(workflow, case, outcome)

    async def miss(self, workflow: CompiledWorkflow, name: str) -> None:
        """Do what the workflow says about the time limit *name* when it was missed, and take what follows by itself."""
        change, deadline = self._change, workflow.model.deadlines.get(name)
        if deadline is None:
            return
        planned = workflow.machine.plan(deadline.missed, change.candidate.record, change.context)
        await self._mark(planned)
        change.candidate.compute()
        change.later.append(lambda: self._note_effects(workflow, planned, name))
        case = await self._case(workflow)
        outcome = workflow.machine.expire(case, name, now=change.now, context=change.context)
        if outcome is not None:
            await self._apply(workflow, case, outcome)
        await self.settle()

    async def _case(self, workflow: CompiledWorkflow) -> Case:
        change = self._change
        return await case_of(change.kit, self._cases, change.connection, change.candidate, workflow)

    async def _apply(self, workflow: CompiledWorkflow, case: Case, outcome: Outcome) -> None:
        change, model = self._change, workflow.model
        candidate = change.candidate
        for name, value in outcome.set.items():
            await self._set(name, value)
        await self._mark(outcome.effects)
        await candidate.put(model.field, outcome.state)
        candidate.values[entry_column(model)] = outcome.entry
        candidate.compute()
        change.steps.extend((model.field, moved.action, moved.target, moved.by) for moved in outcome.moved)
        change.later.append(lambda: self._keep(workflow, case, outcome))
        await self._due(workflow, outcome)

    async def _mark(self, effects: Iterable[Planned]) -> None:
        for planned in effects:
            if planned.effect.kind == "mark":
                for name, rule in planned.effect.values.items():
                    await self._set(name, rule.constant)

    async def fill(self, values: Mapping[str, Any]) -> None:
        """Give fields the values of rules, and take the steps that follow by themselves."""
        for name, value in values.items():
            await self._set(name, value)
        self._change.candidate.compute()
        self._change.refuse()
        await self.settle()

    async def _set(self, name: str, value: Any) -> None:
        candidate = self._change.candidate
        try:
            await candidate.put(name, kept_value(candidate.entity, name, value))
        except Invalid as bad:
            self._change.errors[name] = bad.text

    async def _due(self, workflow: CompiledWorkflow, outcome: Outcome) -> None:
        """Let time limits run and end, and keep the nearest end in the field ``due``."""
        change, model = self._change, workflow.model
        candidate = change.candidate
        if not outcome.start and not outcome.stop:
            return
        for name in outcome.stop:
            if candidate.exists:
                await self._cases.stop(change.connection, candidate.id, model.name, name)
                await change.kit.effects.cancel(change.connection, timer_key(candidate, model.name, name), change.now)
                await change.kit.effects.cancel(
                    change.connection, timer_key(candidate, model.name, name) + ":warn", change.now
                )
        for timer in outcome.start:
            await self._cases.start(
                change.connection, candidate.entity.name, candidate.id, model.name, timer, change.now
            )
            await self._note_timer(model.name, timer)
        if "due" in candidate.entity.forms and candidate.entity.model.fields["due"].system:
            await candidate.put("due", await self._cases.due(change.connection, candidate.id))

    async def _note_timer(self, workflow: str, timer: Timer) -> None:
        change = self._change
        key = timer_key(change.candidate, workflow, timer.name)
        payload = {"workflow": workflow, "name": timer.name, "due": timer.due.isoformat()}
        await self._enqueue("deadline", payload, self._end_of(timer.due), key)
        if timer.warn is not None:
            await self._enqueue(
                "deadline_warning", payload, self._end_of(timer.warn - dt.timedelta(days=1)), key + ":warn"
            )

    def _end_of(self, day: dt.date) -> dt.datetime:
        """Return the moment at which a day of the app's time zone is over."""
        zone = self._change.kit.app.calendar.timezone
        return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)

    async def _keep(self, workflow: CompiledWorkflow, case: Case, outcome: Outcome) -> None:
        """Keep opinions and effects, once the record is written."""
        change = self._change
        entered = outcome.entry != case.entry
        if outcome.opinion is not None:
            await self._cases.give(change.connection, change.candidate.id, outcome.opinion)
        if entered and workflow.model.states[outcome.state].parallel and change.candidate.exists:
            await self._cases.forget(change.connection, change.candidate.id)
        await self._note_effects(workflow, outcome.effects, outcome.moved[0].action if outcome.moved else None)

    async def _note_effects(self, workflow: CompiledWorkflow, effects: Iterable[Planned], action: str | None) -> None:
        for planned in effects:
            if planned.effect.kind != "mark":
                payload = {"workflow": workflow.model.name, "action": action, **payload_of(planned)}
                payload["depth"] = self._change.depth
                await self._enqueue(planned.effect.kind, payload, None, None)

    async def _enqueue(
        self, kind: str, payload: Mapping[str, object], wake_at: dt.datetime | None, key: str | None
    ) -> None:
        change = self._change
        await change.kit.effects.enqueue(
            change.connection, kind, payload, now=change.now, wake_at=wake_at, key=key,
            entity=change.entity.name, record=change.candidate.id, created_by=change.me,
        )  # fmt: skip


def payload_of(planned: Planned) -> dict[str, object]:
    """Return what an effect has to know when it is carried out."""
    return {
        "effect": planned.effect.name,
        "message": planned.effect.message,
        "roles": list(planned.roles),
        "users": list(planned.users),
        "comment": planned.comment,
        "addresses": [list(pair) for pair in planned.addresses],
    }


def kept_value(entity: CompiledEntity, name: str, value: Any) -> Any:
    """Return what a rule gave as the value that field *name* keeps; raises :class:`Invalid` where it cannot."""
    field, form = entity.model.fields[name], entity.forms.get(name)
    kept: Any
    if isinstance(value, Mapping) and field.kind in ("link", "user", "tree"):
        target = value.get("_entity")
        kept = (target, value["id"]) if len(field.to) > 1 and target else value.get("id")
    elif field.kind == "links":
        kept = tuple(one["id"] if isinstance(one, Mapping) else one for one in value or ())
    else:
        kept = from_rule(value, form) if form is not None else value
    return entity.handlers[name].accept(kept) if kept is not None and field.kind != "computed" else kept


def timer_key(candidate: Candidate, workflow: str, name: str) -> str:
    """Return the key under which the effect of a time limit waits."""
    return f"deadline:{candidate.entity.name}:{candidate.id}:{workflow}:{name}"
