"""Writing: how creating, changing and acting make a change out of what somebody sent.

First the rights, then the values, then every rule; all that is wrong is said at once. The steps that they share are in
``change``; removing is in ``removing``.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from fachwerk.engine import judging
from fachwerk.engine.access import Rights, Way
from fachwerk.engine.acting import Cases, Steps
from fachwerk.engine.candidate import Candidate
from fachwerk.engine.change import Change, is_same
from fachwerk.engine.compile import CompiledEntity, CompiledWorkflow
from fachwerk.engine.convert import FILES
from fachwerk.engine.database import Connection
from fachwerk.engine.keys import new_id
from fachwerk.engine.kit import Kit
from fachwerk.engine.shapes import Needs, Shape, all_needs
from fachwerk.engine.values import Conflict, Person, nobody_there
from fachwerk.problems import Refused, Text, nearest
from fachwerk.schemas.tables import entry_column

_NOT_ALLOWED: Mapping[str, Text] = {
    "create": {"en": "You may not create this.", "de": "Das dürfen Sie nicht anlegen."},
    "update": {"en": "You may not change this record.", "de": "Diesen Eintrag dürfen Sie nicht ändern."},
    "delete": {"en": "You may not delete this record.", "de": "Diesen Eintrag dürfen Sie nicht löschen."},
}


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
                change.errors.setdefault(name, _closed(change, name))
        await judging.fill_defaults(candidate, given)
        candidate.compute()
        self._closed_by_rule(change, given)
        await change.judge(frozenset(candidate.values), allowed)
        self._allowed_new(change, who)
        await self._number(change)
        await Steps(change, self.cases).begin()
        await self._after_steps(change, allowed)
        await change.write("create")
        return candidate.id

    async def _new(self, change: Change, given: Mapping[str, object]) -> Candidate:
        entity = change.entity
        values: dict[str, Any] = {
            f.name: judging.none_of(f) for f in entity.model.fields.values() if f.kind != "back_links"
        }
        values |= {"version": 0, "created": change.now, "changed": change.now}
        values |= {"created_by": change.user, "changed_by": change.user}
        for workflow in entity.workflows:
            values[workflow.model.field] = workflow.model.initial.name
            values[entry_column(workflow.model)] = 0
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
        return _open_fields(change.entity, ways)

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
                change.errors.setdefault(name, _closed(change, name))
        for name, value in changed.items():
            await change.candidate.put(name, value)
        change.candidate.compute()
        self._closed_by_rule(change, changed)
        await change.judge(self._changed(change), allowed)
        self._still_allowed(change, who)
        await Steps(change, self.cases).settle()
        await self._after_steps(change, allowed)
        await change.write("change")

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
        return _open_fields(entity, ways) & open_in_state(entity, candidate.values)

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
                change.errors.setdefault(name, _closed(change, name))

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
    ) -> None:  # fmt: skip
        """Take a step of a workflow."""
        change = await self._begin(connection, who, entity, origin, ())
        await self._existing(change, who, key, lists=values)
        if version is not None and version != change.before["version"]:
            raise await self._conflict(change, values, version)
        workflow = self._workflow_of(entity, action)
        before_state = change.before.get(workflow.model.field)
        allowed = self._fields_of(workflow, action)
        given = change.accept(values, allowed)
        for name, value in given.items():
            await change.candidate.put(name, value)
        change.candidate.compute()
        await judging.hide(change.candidate, change.dropped)
        change.refuse()
        await Steps(change, self.cases).act(workflow, who, action, comment)
        await self._after_steps(change, frozenset(entity.writable))
        kind = "transition" if change.candidate.values.get(workflow.model.field) != before_state else "opinion"
        await change.write(kind, comment=comment, action=action)

    async def elapse(
        self, connection: Connection, entity: CompiledEntity, key: str, workflow: CompiledWorkflow, name: str
    ) -> None:  # fmt: skip
        """Do what is to be done when the time limit *name* of a record was missed; the engine itself does it."""
        change = await self._begin(connection, self.system, entity, "deadline", ())
        await self._existing(change, self.system, key, lists=())
        steps = Steps(change, self.cases)
        await steps.miss(workflow, name)
        await self._after_steps(change, frozenset(entity.writable))
        await change.write_or_note("deadline", action=name)

    async def fill(
        self, connection: Connection, entity: CompiledEntity, key: str, values: Mapping[str, Any], origin: str
    ) -> None:  # fmt: skip
        """Give fields of a record the values of rules, as the engine itself; also fields that no form writes."""
        change = await self._begin(connection, self.system, entity, origin, ())
        await self._existing(change, self.system, key, lists=values)
        await Steps(change, self.cases).fill(values)
        await change.judge(self._changed(change), frozenset(entity.writable))
        await change.write("change")

    def _workflow_of(self, entity: CompiledEntity, action: str) -> CompiledWorkflow:
        for workflow in entity.workflows:
            if action in _action_names(workflow):
                return workflow
        known = [name for workflow in entity.workflows for name in _action_names(workflow)]
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


def forbidden(right: str) -> Refused:
    """Return the refusal of something that a person may not do at all."""
    return Refused("not_allowed", _NOT_ALLOWED[right], status=403)


def open_in_state(entity: CompiledEntity, values: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields that the states of a record's workflows leave open."""
    fields = frozenset(entity.writable)
    for workflow in entity.workflows:
        state = workflow.model.states.get(str(values.get(workflow.model.field)))
        if state is not None:
            fields &= fields if state.editable is None else frozenset(state.editable)
            fields -= frozenset(state.read_only)
    return fields


def _open_fields(entity: CompiledEntity, ways: tuple[Way, ...]) -> frozenset[str]:
    """Return the fields that at least one of *ways* lets write."""
    writable = frozenset(entity.writable)
    return frozenset().union(*(writable - way.hide - way.read_only for way in ways))


def _closed(change: Change, name: str) -> Text:
    rights: Rights = change.rights
    if not rights.sees(name):
        return {"en": "There is no such field.", "de": "Ein solches Feld gibt es nicht."}
    return {"en": "This field cannot be changed now.", "de": "Dieses Feld lässt sich gerade nicht ändern."}


def _action_names(workflow: CompiledWorkflow) -> set[str]:
    opinions = {
        f"{part.name}.{outcome.name}"
        for state in workflow.model.states.values()
        for part in state.parallel
        for outcome in part.outcomes
    }
    return opinions | {name for name, transition in workflow.model.transitions.items() if transition.by}
