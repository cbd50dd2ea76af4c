"""Acting: what a workflow says about a record, and what a step of it does to a change in progress.

The machine is pure; here its cases are put together from the record, the opinions given and the history, and its
outcomes become values, opinions, time limits and effects of the same write.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from fachwerk.engine.asked import asks_people
from fachwerk.engine.candidate import Candidate
from fachwerk.engine.change import Change
from fachwerk.engine.compile import App, CompiledEntity, CompiledWorkflow
from fachwerk.engine.convert import from_rule
from fachwerk.engine.database import Connection
from fachwerk.engine.effects import Effects
from fachwerk.engine.kit import Kit
from fachwerk.engine.parents import CIRCLE, MOST_ROUNDS
from fachwerk.engine.timing import Timings, can_change
from fachwerk.engine.values import Person
from fachwerk.engine.voices import Voices
from fachwerk.engine.work.contents import About
from fachwerk.problems import Refused
from fachwerk.schemas.kinds import Invalid
from fachwerk.schemas.model import Period
from fachwerk.schemas.tables import entry_column
from fachwerk.workflows.case import Acting, Action, Case, Done, Expected, Opinion, Outcome, Planned
from fachwerk.workflows.machine import opinion_record
from fachwerk.workflows.parts import members_of


class Cases:
    """Reads and writes what workflows keep beside the record: running time limits and, as *voices*, opinions."""

    def __init__(self, app: App, voices: Voices, effects: Effects) -> None:
        self.voices = voices
        self.timings = Timings(app, effects)

    async def clear(self, connection: Connection, record: str) -> None:
        """Forget all about a record that is removed."""
        await self.voices.clear(connection, record)
        await self.timings.clear(connection, record)


async def case_of(
    kit: Kit, cases: Cases, connection: Connection, candidate: Candidate, workflow: CompiledWorkflow,
    state: str | None = None,
) -> Case:  # fmt: skip
    """Return a record as its workflow sees it."""
    model, values = workflow.model, candidate.values
    now = state or str(values.get(model.field) or model.initial.name)
    parallel = any(one.parallel for one in model.states.values())
    opinions = (
        await cases.voices.opinions(connection, candidate.id, model.name) if candidate.exists and parallel else ()
    )
    done: tuple[Done, ...] = ()
    if workflow.needs_past and candidate.exists:
        steps = await kit.history.steps(connection, candidate.entity.name, candidate.id)
        done = tuple(steps)
    entry = int(values.get(entry_column(model)) or 0)
    created_by = values.get("created_by")
    case = Case(now, candidate.record, entry, opinions, done, created_by)
    if can_change(model):
        case = replace(case, timers=await cases.timings.of(connection, candidate.id, model.name))
    if workflow.keeps and now in model.states:
        return await cases.voices.case(connection, workflow, candidate.id, case, candidate.context)
    return case


async def actions_of(
    kit: Kit, cases: Cases, connection: Connection, candidate: Candidate, who: Person
) -> tuple[Action, ...]:  # fmt: skip
    """Return what can be done with a record by its workflows, possible for *who* or not."""
    found: list[Action] = []
    for workflow in candidate.entity.flows(candidate.values):
        case = await case_of(kit, cases, connection, candidate, workflow)
        if case.state in workflow.model.states:
            case = await cases.voices.titled(connection, case, who.roles, candidate.context)
            found.extend(workflow.machine.actions(case, who, candidate.context))
    return tuple(found)


def _check_state(workflow: CompiledWorkflow, case: Case) -> None:
    """Raise for a case whose state the workflow no longer has."""
    if case.state not in workflow.model.states:
        message = {
            "en": f"The workflow no longer has the state “{case.state}” that this record is in: nothing can be done "
            "with it until the configuration says where its cases go (`was`).",
            "de": f"Den Zustand „{case.state}“ dieses Eintrags gibt es im Ablauf nicht mehr: Damit geht es erst "
            "weiter, wenn die Konfiguration sagt, wohin seine Vorgänge kommen (`was`).",
        }
        raise Refused("wrong_state", message, status=409)


class Steps:
    """Takes steps of workflows within a change."""

    def __init__(self, change: Change, cases: Cases) -> None:
        self._change = change
        self._cases = cases
        self._said: dict[str, tuple[tuple[Opinion, ...], tuple[Expected, ...]]] = {}
        """By workflow: the opinions and those waited for, as they are after the steps taken so far."""
        self._holds = False
        """Whether people stay as they are until the end."""
        self.timed = False
        """Whether time limits began, ended or changed."""

    async def begin(self) -> None:
        """Put a new record into the initial states of its workflows, and take what follows by itself."""
        for workflow in self._change.entity.workflows:
            case = await self._case(workflow)
            outcome = workflow.machine.start(case, now=self._change.now, context=self._change.context)
            await self._apply(workflow, case, outcome)
        if len(self._change.entity.workflows) > 1:
            await self.settle()

    async def settle(self) -> None:
        """Take the steps that happen by themselves as the values now are, until no workflow has any."""
        for _ in range(MOST_ROUNDS):
            if not await self._settle_once():
                return
        raise Refused("circle", CIRCLE, status=409)

    async def _settle_once(self) -> bool:
        moved = False
        for workflow in self._change.entity.flows(self._change.candidate.values):
            case = await self._case(workflow)
            if case.state in workflow.model.states:
                outcome = workflow.machine.settle(case, now=self._change.now, context=self._change.context)
                if (outcome is None or not outcome.moved) and not all(one.kept for one in case.expected):
                    await self._expect(workflow, case)
                if outcome is not None:
                    await self._apply(workflow, case, outcome)
                    moved = True
        return moved and len(self._change.entity.workflows) > 1

    async def _expect(self, workflow: CompiledWorkflow, case: Case) -> None:
        """Keep whom a part asks that came with a deploy, to a state in which the case stands already."""
        candidate, voices, name = self._change.candidate, self._cases.voices, workflow.model.name
        if candidate.exists:
            await voices.expect(self._change.connection, candidate.id, name, case.entry, case.expected)

    async def act(
        self, workflow: CompiledWorkflow, who: Acting, action: str, comment: str | None, period: Period | None = None
    ) -> None:  # fmt: skip
        """Take the step *action*; raises :class:`fachwerk.problems.Refused` where it is not possible."""
        case, change = await self._case(workflow), self._change
        _check_state(workflow, case)
        case = await self._cases.voices.titled(change.connection, case, who.roles, change.context)
        outcome = workflow.machine.step(
            case, who, action, now=change.now, context=change.context, comment=comment, period=period
        )  # fmt: skip
        await self._apply(workflow, case, outcome)
        if outcome.opinion is not None and outcome.opinion.about is not None:
            change.about = about_of(case, outcome.opinion)

    async def take(self, workflow: CompiledWorkflow, action: str, comment: str | None) -> None:
        """Take a transition as an effect does; raises :class:`fachwerk.problems.Refused` where it is not possible."""
        case, change = await self._case(workflow), self._change
        _check_state(workflow, case)
        outcome = workflow.machine.take(case, action, now=change.now, context=change.context, comment=comment)
        await self._apply(workflow, case, outcome)
        await self.settle()

    async def miss(self, workflow: CompiledWorkflow, name: str, *, then: bool) -> Refused | None:
        """Do what the workflow says about the time limit *name* when it was missed, and take what follows by itself.

        Without *then* no step follows. Returns what stands against the one that should.
        """
        change, workflow = self._change, workflow.under(self._change.candidate.values)
        deadline = workflow.model.deadlines.get(name)
        if deadline is None:
            return None
        planned = workflow.machine.plan(deadline.missed, change.candidate.record, change.context)
        await self._mark(planned)
        change.candidate.compute()
        change.later.append(lambda: self._note_effects(workflow, planned, name))
        if not then:
            return None
        case = await self._case(workflow)
        outcome = workflow.machine.expire(case, name, now=change.now, context=change.context)
        if outcome is not None:
            await self._apply(workflow, case, outcome)
        await self.settle()
        return workflow.machine.against(case, name, change.context) if outcome is None else None

    async def remind(self, workflow: CompiledWorkflow, name: str, number: int) -> None:
        """Do what the workflow says about a warning of the time limit *name*."""
        change, workflow = self._change, workflow.under(self._change.candidate.values)
        planned = workflow.machine.plan(
            workflow.model.deadlines[name].warn[number].do, change.candidate.record, change.context
        )  # fmt: skip
        await self._mark(planned)
        change.candidate.compute()
        change.later.append(lambda: self._note_effects(workflow, planned, f"{name}.warn"))
        await self.settle()

    async def _case(self, workflow: CompiledWorkflow) -> Case:
        change = self._change
        if not self._holds and asks_people(workflow.model):
            await change.kit.asked.hold(change.connection)
            self._holds = True
        case = await case_of(change.kit, self._cases, change.connection, change.candidate, workflow)
        said = self._said.get(workflow.model.name)
        return case if said is None else replace(case, opinions=said[0], expected=said[1])

    def _say(self, workflow: CompiledWorkflow, case: Case, outcome: Outcome) -> None:
        """Let rules that are asked from now on know what was said, before it is written."""
        entered, given = outcome.entry != case.entry, outcome.opinion
        forgotten = entered and bool(workflow.model.states[outcome.state].parallel)
        opinions = () if forgotten else (*case.opinions, *((given,) if given else ()))
        self._said[workflow.model.name] = opinions, outcome.expected if entered or given else case.expected
        record = self._change.candidate.record
        if isinstance(record.get("opinions"), list) and (forgotten or given):
            parts = workflow.machine.part_names if forgotten else ()
            kept = [one for one in record["opinions"] if one["part"] not in parts]
            if given is not None and not forgotten:
                about = next((m for m in members_of(given.part, case) if m.id == given.about), None)
                kept.append(opinion_record(given, about))
            record["opinions"] = kept

    async def _apply(self, workflow: CompiledWorkflow, case: Case, outcome: Outcome) -> None:
        change, model = self._change, workflow.model
        candidate = change.candidate
        for name, value in outcome.set.items():
            await self._set(name, value)
        await self._mark(outcome.effects)
        await candidate.put(model.field, outcome.state)
        candidate.values[entry_column(model)] = outcome.entry
        self._say(workflow, case, outcome)
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
        """Let time limits run, rest and end, and keep the nearest end in the field ``due``."""
        change, timings, name = self._change, self._cases.timings, workflow.model.name
        candidate = change.candidate
        if not outcome.start and not outcome.stop and not outcome.change:
            return
        self.timed = True
        entity, record = candidate.entity.name, candidate.id
        for ended in outcome.stop:
            await timings.stop(change.connection, entity, record, name, ended, change.now)
        for timer in outcome.change:
            await timings.change(change.connection, entity, record, name, timer, change.now)
        for timer in outcome.start:
            await timings.start(change.connection, entity, record, name, timer, change.now)
        for field, value in (await timings.shown(change.connection, candidate.entity.model, record)).items():
            await candidate.put(field, value)

    async def _keep(self, workflow: CompiledWorkflow, case: Case, outcome: Outcome) -> None:
        """Keep opinions and effects, once the record is written."""
        change = self._change
        entered = outcome.entry != case.entry
        voices, record, name = self._cases.voices, change.candidate.id, workflow.model.name
        if outcome.opinion is not None:
            await voices.give(change.connection, record, name, outcome.opinion)
        if entered and workflow.model.states[outcome.state].parallel and change.candidate.exists:
            await voices.forget(change.connection, record, name)
        if workflow.keeps and (entered or not all(one.kept for one in outcome.expected)):
            await voices.expect(change.connection, record, name, outcome.entry, outcome.expected)
        await self._note_effects(workflow, outcome.effects, outcome.moved[0].action if outcome.moved else None)

    async def _note_effects(self, workflow: CompiledWorkflow, effects: Iterable[Planned], action: str | None) -> None:
        for planned in effects:
            if planned.effect.kind != "mark":
                payload = {"workflow": workflow.model.name, "action": action, **payload_of(planned)}
                payload["depth"] = self._change.depth
                payload |= await self._said_by(planned)
                await self._enqueue(planned.effect.kind, payload, None, None)

    async def _said_by(self, planned: Planned) -> dict[str, object]:
        """Return what an effect says about the record as it now is: what is sent later is this."""
        change = self._change
        about = About(change.entity.name, change.candidate.id, planned.comment)
        return await change.kit.contents.of(change.connection, planned.effect, about, change.context)

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
def about_of(case: Case, opinion: Opinion) -> list[str]:
    """Return the (entity, id) of the record that an opinion is about, as the history keeps it."""
    members = members_of(opinion.part, case)
    return next(([one.entity, one.id] for one in members if one.id == opinion.about), [])
