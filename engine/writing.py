"""Writing: how creating, changing and acting make a change out of what somebody sent.

First the rights, then the values, then every rule; all that is wrong is said at once. The steps that they share are in
``change``; removing is in ``removing``.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from fachwerk.engine import judging
from fachwerk.engine.acting import Cases, Steps
from fachwerk.engine.candidate import Candidate
from fachwerk.engine.change import Change, is_same
from fachwerk.engine.compile import CompiledEntity, CompiledWorkflow
from fachwerk.engine.convert import FILES
from fachwerk.engine.database import Connection
from fachwerk.engine.keys import new_id
from fachwerk.engine.kit import Kit
from fachwerk.engine.openness import action_names, closed, forbidden, open_fields, open_in_state
from fachwerk.engine.parents import CIRCLE, MOST_ROUNDS
from fachwerk.engine.shapes import Needs, Shape, all_needs
from fachwerk.engine.values import Conflict, FileUpload, Person, nobody_there
from fachwerk.problems import Refused, Text, nearest, say
from fachwerk.schemas.measures import written_period
from fachwerk.schemas.model import Period
from fachwerk.workflows.timers import timer_actions


class Writer:
    """Makes the changes of one app."""

    def __init__(self, kit: Kit, cases: Cases, system: Person) -> None:
        self.kit = kit
        self.cases = cases
        self.system = system
        self._alone: dict[str, bool] = {}
        self._needs: dict[tuple[str, frozenset[str], tuple[Any, ...]], Needs] = {}

    # creating ---------------------------------------------------------------------------------------------------------

    async def create(
        self, connection: Connection, who: Person, entity: CompiledEntity, values: Mapping[str, object], *,
        unreadable: Mapping[str, Text], origin: str, alone: bool = False,
    ) -> str:  # fmt: skip
        """Create a record and return its id; *alone*: there is no transaction, see :meth:`stands_alone`."""
        change = await self._begin(connection, who, entity, origin, ("create",))
        change.alone = alone
        if not change.rights.may("create") and not self._is_system(who):
            raise forbidden("create")
        change.errors.update(unreadable)
        given = change.accept(values, entity.writable)
        candidate = await self._new(change, given)
        allowed = self._allowed_new(change, who)
        for name in given:
            if name not in allowed and not is_same(None, given[name]):
                change.errors.setdefault(name, closed(change, name))
        await judging.fill_defaults(candidate, given)
        candidate.compute()
        self._closed_by_rule(change, given)
        await change.judge(frozenset(candidate.values), allowed)
        self._allowed_new(change, who)
        await self._number(change)
        await Steps(change, self.cases).begin()
        await self._after_steps(change, allowed)
        await self._finish(change, "create")
        return candidate.id

    async def _new(self, change: Change, given: Mapping[str, object]) -> Candidate:
        entity = change.entity
        values: dict[str, Any] = {
            f.name: judging.none_of(f) for f in entity.model.fields.values() if f.kind != "back_links"
        }
        values |= {"version": 0, "created": change.now, "changed": change.now}
        values |= {"created_by": change.user, "changed_by": change.user}
        values |= entity.begun()
        change.candidate = self._candidate(change, new_id(), {**values, **given}, exists=False, rights=("create",))
        return await change.candidate.load()

    def _allowed_new(self, change: Change, who: Person) -> frozenset[str]:
        if self._is_system(who):
            return frozenset(change.entity.writable)
        candidate = change.candidate
        ways = change.rights.holding("create", candidate.record, change.context)
        if not ways:
            if change.errors:
                change.refuse()
            raise forbidden("create")
        return open_fields(change.entity, ways)

    async def _number(self, change: Change) -> None:
        """Give the numbers of sequences, as late as can be: they hold others back."""
        given = False
        for field in change.entity.model.fields.values():
            if field.kind == "sequence":
                number = await self.kit.sequences.next(
                    change.connection, change.entity.name, field, change.context.today
                )  # fmt: skip
                await change.candidate.put(field.name, number)
                given = True
        if given:
            change.candidate.compute()

    # changing ---------------------------------------------------------------------------------------------------------

    async def change(
        self, connection: Connection, who: Person, entity: CompiledEntity, key: str, values: Mapping[str, object], *,
        version: int | None, unreadable: Mapping[str, Text], origin: str, alone: bool = False,
    ) -> None:  # fmt: skip
        """Change fields of a record; *alone*: there is no transaction, see :meth:`stands_alone`."""
        change = await self._begin(connection, who, entity, origin, ("update",))
        change.alone = alone
        await self._existing(change, who, key, lists=values)
        allowed = self._allowed_now(change, who)
        change.errors.update(unreadable)
        given = change.accept(values, entity.writable)
        if version is not None and version != change.before["version"]:
            raise await self._conflict(change, given, version)
        changed = {name: value for name, value in given.items() if not is_same(change.before.get(name), value)}
        for name in changed:
            if name not in allowed:
                change.errors.setdefault(name, closed(change, name))
        for name, value in changed.items():
            await change.candidate.put(name, value)
        change.candidate.compute()
        self._closed_by_rule(change, changed)
        await change.judge(self._changed(change), allowed)
        self._still_allowed(change, who)
        await Steps(change, self.cases).settle()
        await self._after_steps(change, allowed)
        await self._finish(change, "change")

    def _changed(self, change: Change) -> frozenset[str]:
        values = change.candidate.values
        return frozenset(name for name, value in values.items() if not is_same(change.before.get(name), value))

    def _allowed_now(self, change: Change, who: Person) -> frozenset[str]:
        """Return the fields that *who* may change now, by rights and by the state of the workflows."""
        entity, candidate = change.entity, change.candidate
        if self._is_system(who):
            return frozenset(entity.writable)
        ways = change.rights.holding("update", candidate.record, change.context)
        if not ways:
            raise forbidden("update")
        return open_fields(entity, ways) & open_in_state(entity, candidate.values)

    def _still_allowed(self, change: Change, who: Person) -> None:
        """Refuse a change that would take the record out of what its author may change."""
        if self._is_system(who):
            return
        if not change.rights.holding("update", change.candidate.record, change.context):
            raise Refused(
                "not_allowed",
                {
                    "en": "After this change the record would not be yours to change.",
                    "de": "Mit dieser Änderung läge der Eintrag außerhalb Ihrer Rechte.",
                },
                status=403,
            )

    def _closed_by_rule(self, change: Change, given: Mapping[str, object]) -> None:
        candidate = change.candidate
        for name, asked in change.entity.read_only.items():
            changed = name in given and not is_same(change.before.get(name), given[name])
            if changed and (asked is None or asked(candidate.record, change.context) is True):
                change.errors.setdefault(name, closed(change, name))

    async def _conflict(self, change: Change, given: Mapping[str, object], version: int) -> Conflict:
        before = await self.kit.history.before(change.connection, change.entity, change.candidate.id, version)
        now = change.before
        conflicts = {
            name: {"yours": given.get(name, was), "theirs": now.get(name), "before": was}
            for name, was in before.items()
            if change.rights.sees(name) and name not in change.entity.secrets
        }
        return Conflict(now["version"], conflicts)

    # acting -----------------------------------------------------------------------------------------------------------

    async def act(
        self, connection: Connection, who: Person, entity: CompiledEntity, key: str, action: str, *,
        values: Mapping[str, object], comment: str | None, version: int | None, origin: str,
        period: Period | None = None,
    ) -> None:  # fmt: skip
        """Take a step of a workflow; an opinion about a record names it behind a colon: ``offices.approve:ID``.

        *period* says by how much a deadline is extended.
        """
        change = await self._begin(connection, who, entity, origin, ())
        await self._existing(change, who, key, lists=values)
        if version is not None and version != change.before["version"]:
            raise await self._conflict(change, values, version)
        workflow = self._workflow_of(change, action)
        before_state = change.before.get(workflow.model.field)
        allowed = self._fields_of(workflow, action)
        given = change.accept(values, allowed)
        for name, value in given.items():
            await change.candidate.put(name, value)
        change.candidate.compute()
        await judging.hide(change.candidate, change.dropped)
        change.refuse()
        steps = Steps(change, self.cases)
        await steps.act(workflow, who, action, comment, period)
        if len(entity.workflows) > 1:
            await steps.settle()
        await self._after_steps(change, frozenset(entity.writable))
        stays = change.steps and change.steps[0][2] == before_state and "." in action
        kind = "deadline" if action in timer_actions(workflow.model) else "opinion" if stays else "transition"
        change.period = written_period(period) if period is not None and action.endswith(".extend") else ""
        await self._finish(change, kind, comment=comment, action=action.partition(":")[0])

    async def elapse(
        self, connection: Connection, entity: CompiledEntity, key: str, flow: CompiledWorkflow, name: str, *, then: bool
    ) -> Refused | None:  # fmt: skip
        """Do what is to be done when a time limit was missed; return why the step after it (*then*) is not possible."""
        change = await self._begin(connection, self.system, entity, "deadline", ())
        await self._existing(change, self.system, key, lists=())
        against = await Steps(change, self.cases).miss(flow, name, then=then)
        await self._after_steps(change, frozenset(entity.writable))
        await change.write_or_note("deadline", action=":".join(name.split(":")[:2]))
        await self.settle_waiting(change)
        return against

    async def remind(
        self, connection: Connection, entity: CompiledEntity, key: str, workflow: CompiledWorkflow, *,
        name: str, number: int,
    ) -> None:  # fmt: skip
        """Do what is to be done when a time limit of a record will end soon; the engine itself does it."""
        change = await self._begin(connection, self.system, entity, "deadline", ())
        await self._existing(change, self.system, key, lists=())
        await Steps(change, self.cases).remind(workflow, name, number)
        await self._after_steps(change, frozenset(entity.writable))
        await change.write_or_note("deadline", action=f"{name}.warn")
        await self.settle_waiting(change)

    async def fill(
        self, connection: Connection, entity: CompiledEntity, key: str, values: Mapping[str, Any], origin: str
    ) -> None:  # fmt: skip
        """Give fields of a record the values of rules, as the engine itself; also fields that no form writes."""
        change = await self._begin(connection, self.system, entity, origin, ())
        await self._existing(change, self.system, key, lists=values)
        await Steps(change, self.cases).fill(values)
        await change.judge(self._changed(change), frozenset(entity.writable))
        await self._finish(change, "change")

    async def enclose(
        self, connection: Connection, entity: CompiledEntity, key: str, field: str, file: FileUpload, *,
        origin: str, document: str,
    ) -> None:  # fmt: skip
        """Keep a document that was made with a record, as the engine itself: behind those there, or in their place."""
        change = await self._begin(connection, self.system, entity, origin, ())
        await self._existing(change, self.system, key, lists=())
        there = change.before.get(field) or () if entity.model.fields[field].kind == "files" else ()
        given = change.accept({field: (*there, file)}, (field,))
        change.refuse()
        await Steps(change, self.cases).fill({})
        await change.candidate.put(field, given[field])
        change.candidate.compute()
        await change.judge(self._changed(change), frozenset(entity.writable))
        await self._finish(change, "document", comment=document)

    async def take(
        self, connection: Connection, entity: CompiledEntity, key: str, action: str, comment: str | None, origin: str
    ) -> None:  # fmt: skip
        """Take a transition as an effect does: as the engine itself, but only where it is possible and complete."""
        change = await self._begin(connection, self.system, entity, origin, ())
        await self._existing(change, self.system, key, lists=())
        flows = entity.flows(change.candidate.values)
        workflow = next((one for one in flows if action in one.model.transitions), None)
        workflow = workflow if workflow is not None else self._workflow_of(change, action)
        await Steps(change, self.cases).take(workflow, action, comment)
        await self._after_steps(change, frozenset(entity.writable))
        await self._finish(change, "transition", comment=comment, action=action)

    async def _finish(
        self, change: Change, kind: str, *, comment: str | None = None, action: str | None = None
    ) -> None:  # fmt: skip
        """Write a change, and let the cases that wait for it go on."""
        await change.write(kind, comment=comment, action=action)
        await self.settle_waiting(change)

    async def settle_waiting(self, change: Change) -> None:
        """Let the cases that may go on by themselves because of *change* do so, in the same transaction."""
        for entity in sorted(change.waiting):
            for key in sorted(change.waiting[entity] - {change.candidate.id}):
                await self._go_on(change, self.kit.app.entities[entity], key)

    async def _go_on(self, cause: Change, entity: CompiledEntity, key: str) -> None:
        """Let one case take the steps that happen by themselves; what stands against them is noted in its history."""
        if cause.round >= MOST_ROUNDS:
            raise Refused("circle", CIRCLE, status=409)
        change = await self._begin(cause.connection, self.system, entity, cause.origin, ())
        change.round = cause.round + 1
        try:
            await self._existing(change, self.system, key, lists=())
        except Refused:
            return  # it goes with the record that was removed
        await cause.connection.fetch("SAVEPOINT going_on")
        steps = Steps(change, self.cases)
        try:
            await steps.settle()
            await self._after_steps(change, frozenset(entity.writable))
        except Refused as refused:
            await cause.connection.fetch("ROLLBACK TO SAVEPOINT going_on")
            await self.note_refusal(change, refused, None)
            return
        await cause.connection.fetch("RELEASE SAVEPOINT going_on")
        if change.steps:
            await self._finish(change, "transition", action=change.steps[0][1])
        elif steps.timed:
            await self._finish(change, "change")

    async def refused_step(
        self, connection: Connection, entity: CompiledEntity, key: str, refused: Refused, step: str, origin: str
    ) -> None:  # fmt: skip
        """Note in the history of a record that a step which an effect asked for was not possible."""
        change = await self._begin(connection, self.system, entity, origin, ())
        await self._existing(change, self.system, key, lists=())
        await self.note_refusal(change, refused, step)

    async def note_refusal(self, change: Change, refused: Refused, step: str | None) -> None:
        """Note in the history of a record what stood against a step that nobody was there to be told about."""
        language = self.kit.app.project.languages[0]
        texts = [say(refused.message, language), *(f"{n}: {say(t, language)}" for n, t in refused.fields.items())]
        told = " ".join([*([f"{step}:"] if step else []), *texts])
        entry = self.kit.history.row(
            change.entity.name, change.candidate.id, change.before["version"], who=None, at=change.now,
            origin=change.origin, kind="refused", what={}, comment=told,
        )  # fmt: skip
        await self.kit.history.insert.fetch(change.connection, entry)

    def _workflow_of(self, change: Change, action: str) -> CompiledWorkflow:
        action = action.partition(":")[0]
        flows = change.entity.flows(change.candidate.values)
        for workflow in flows:
            if action in action_names(workflow):
                return workflow
        known = [name for workflow in flows for name in action_names(workflow)]
        near = nearest(action[:100], known)
        hint = (f" Did you mean “{near}”?", f" Meinten Sie „{near}“?") if near else ("", "")
        message = {"en": "There is no such step." + hint[0], "de": "Diesen Schritt gibt es nicht." + hint[1]}
        raise Refused("unknown_action", message, status=404)

    def _fields_of(self, workflow: CompiledWorkflow, action: str) -> tuple[str, ...]:
        transition = workflow.model.transitions.get(action)
        return () if transition is None else tuple(dict.fromkeys((*transition.require, *transition.fill)))

    async def _after_steps(self, change: Change, allowed: frozenset[str]) -> None:
        """Judge again what steps have changed."""
        if change.steps:
            await change.judge(self._changed(change), allowed)

    def stands_alone(self, entity: CompiledEntity) -> bool:
        """Return whether creating or changing a record is a single statement that needs no transaction around it.

        So it is on PostgreSQL where nothing else is written with the record: no rows, links or files of its own, no
        number, workflow or tree, no stored field elsewhere, no check across records. The version that was read
        must still be there; else the write is done again in a transaction.
        """
        found = self._alone.get(entity.name)
        if found is None:
            kinds = {field.kind for field in entity.model.fields.values()}
            more = entity.lists or entity.workflows or kinds & {"sequence", "tree", *FILES}
            across = any(check.across for check in entity.checks) or self.kit.rollups.touched(entity.name, None)
            across = across or self.kit.parents.touched(entity.name, None) or self.kit.asked.touched(entity.name, None)
            found = self.kit.app.dialect == "postgresql" and not more and not across
            self._alone[entity.name] = found
        return found

    def needs_of(self, entity: CompiledEntity, roles: frozenset[str], rights: tuple[Any, ...]) -> Needs:
        """Return what a write needs loaded: for the rules of the entity and for *rights* of holders of *roles*."""
        key = (entity.name, roles, rights)
        found = self._needs.get(key)
        if found is None:
            if len(self._needs) > 2000:
                self._needs.pop(next(iter(self._needs)))
            wanted = self.kit.access.rights(roles, entity.name).needs(*rights)
            found = self._needs[key] = all_needs([entity.needs, wanted])
        return found

    # shared -----------------------------------------------------------------------------------------------------------

    def _is_system(self, who: Person) -> bool:
        return who is self.system

    async def _begin(
        self, connection: Connection, who: Person, entity: CompiledEntity, origin: str, rights: tuple[Any, ...]
    ) -> Change:
        context = self.kit.context(who)
        found = self.kit.access.rights(who.roles, entity.name)
        acting = None if self._is_system(who) else who
        change = Change(self.kit, connection, acting, entity, found, context, origin)
        needs = self.needs_of(entity, who.roles, rights)
        if needs.mine:
            await self.kit.mine.load(connection, context, acting, needs.mine)
        return change

    def _candidate(
        self, change: Change, key: str, values: Mapping[str, Any], *, exists: bool, rights: tuple[Any, ...]
    ) -> Candidate:
        roles = self.system.roles if change.who is None else change.who.roles
        shape: Shape = self.needs_of(change.entity, roles, rights).record
        return Candidate(
            self.kit.app, change.entity, change.connection, change.context, id=key, values=values, shape=shape,
            exists=exists,
        )  # fmt: skip

    async def _existing(self, change: Change, who: Person, key: str, lists: Container[str]) -> None:
        """Load the record that is to be changed and keep others from it; 404 where it may not be seen."""
        await self.check_readable(change, who, key)
        entity = change.entity
        needed = [n for n in entity.lists if n in lists or n in entity.needs.record or n in entity.required]
        before = await change.store.read(change.connection, key, lock=not change.alone, lists=needed)
        if before is None:
            raise nobody_there()
        change.before = before
        change.candidate = self._candidate(change, key, before, exists=True, rights=("update",))
        await change.candidate.load()

    async def begin_removal(
        self, connection: Connection, who: Person, entity: str, key: str, origin: str, *, checked: bool
    ) -> Change:
        """Return the record that is to go, loaded and kept from others; *checked*: whoever asked may do so."""
        change = await self._begin(connection, who, self.kit.app.entities[entity], origin, ("delete",))
        if not checked:
            await self.check_readable(change, who, key)
        before = await change.store.read(connection, key, lock=True)
        if before is None:
            raise nobody_there()
        change.before = before
        change.candidate = self._candidate(change, key, before, exists=True, rights=("delete",))
        await change.candidate.load()
        allowed = checked or self._is_system(who)
        if not allowed and not change.rights.holding("delete", change.candidate.record, change.context):
            raise forbidden("delete")
        return change

    async def check_readable(self, change: Change, who: Person, key: str) -> None:
        """Raise "not found" for a record that *who* may not see."""
        if self._is_system(who):
            return
        if not change.rights.may("read"):
            raise nobody_there()
        if change.rights.always("read"):
            return
        if not await self.kit.readable(change.connection, change.rights, who.roles, [key], change.context):
            raise nobody_there()
