"""Pairing: what of the old configuration each thing of the new one was, by its name or by ``was``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from fachwerk.engine.plan.called import Called, as_called, called_of
from fachwerk.problems import Fragment
from fachwerk.schemas.model import Entity, Field, Project, Workflow
from fachwerk.schemas.tables import SYSTEM, all_entities

Rules = Mapping[tuple[str, str], Fragment]
"""Rules over old records by (entity or rows, field)."""


class Pairing:
    """The entities, fields, options, roles and workflows of two configurations, side by side."""

    def __init__(self, old: Project, new: Project) -> None:
        self.old = old
        self.new = new
        self._before = {entity.name: entity for entity in all_entities(old)}
        self.after: Mapping[str, Entity] = {entity.name: entity for entity in all_entities(new)}
        self._pairs: dict[str, Entity] = {}
        for name, entity in self.after.items():
            found = self._find(name, entity)
            if found is not None:
                self._pairs[name] = found
        flows = {name: self._find_flow(name) for name in new.workflows}
        self._flows = {name: flow for name, flow in flows.items() if flow is not None}
        self._fields = {name: dict(self._pair_fields(name, found)) for name, found in self._pairs.items()}

    def _find(self, name: str, entity: Entity) -> Entity | None:
        if entity.parent is None:
            was = self.new.past.entities.get(name)
            return self._before.get(was if was in self._before else name)
        owner = self._pairs.get(entity.parent[0])
        if owner is None:
            return None
        was = self.new.past.fields.get(entity.parent)
        return self._before.get(f"{owner.name}.{was}") or self._before.get(f"{owner.name}.{entity.parent[1]}")

    def _find_flow(self, name: str) -> Workflow | None:
        """Return what a workflow was: of that name, or the one that is gone and kept the same field of the entity."""
        old, new = self.old.workflows, self.new.workflows
        if name in old:
            return old[name]
        entity = self._pairs.get(new[name].of)
        place = (entity.name, new[name].field) if entity is not None else None
        return next((one for was, one in old.items() if was not in new and (one.of, one.field) == place), None)

    def _pair_fields(self, name: str, old: Entity) -> Iterator[tuple[str, Field]]:
        states = dict(self._states(name))
        for field in self.after[name].fields:
            was = self.new.past.fields.get((name, field), states.get(field))
            found = old.fields.get(was if was is not None and was in old.fields else field)
            if found is not None:
                yield field, found

    def _states(self, name: str) -> Iterator[tuple[str, str]]:
        """Give (new, old) name of the state fields of workflows."""
        for workflow in self.after[name].workflows:
            before = self.workflow(workflow)
            if before is not None:
                yield self.new.workflows[workflow].field, before.field

    def entity(self, name: str) -> Entity | None:
        """Return what a new entity or rows was; ``None`` where it is new."""
        return self._pairs.get(name)

    def fields(self, name: str) -> Mapping[str, Field]:
        """Return the old fields by the names of the new ones."""
        return self._fields.get(name, {})

    def entities(self) -> Iterator[tuple[Entity, Entity]]:
        """Give (old, new) of every entity, relation and rows that was there before."""
        for name, old in self._pairs.items():
            yield old, self.after[name]

    def renamed(self, old: str) -> str | None:
        """Return the new name of an old entity or rows; ``None`` where it is gone."""
        return next((name for name, entity in self._pairs.items() if entity.name == old), None)

    def gone_entities(self) -> Iterator[Entity]:
        """Give the old entities that are no longer there; not rows, which are fields of theirs."""
        kept = {entity.name for entity in self._pairs.values()}
        for name, entity in self._before.items():
            if entity.parent is None and name not in kept:
                yield entity

    def gone_fields(self, name: str) -> Iterator[Field]:
        """Give the fields of what a new entity was that it no longer has."""
        kept = {field.name for field in self._fields[name].values()}
        for field in self._pairs[name].fields.values():
            if field.name not in kept and field.name not in SYSTEM:
                yield field

    def options(self, name: str, field: str, *, late: bool = True) -> dict[str, str]:
        """Return where old options of a field have gone, by ``was`` and the mapping of states; others are absent.

        *late*: also options that the old configuration no longer had.
        """
        mapped = {
            was: option
            for (entity, of, option), many in self.new.past.options.items()
            if (entity, of) == (name, field)
            for was in many
        }
        done = self._done_options(name, field)
        for workflow in self.after[name].workflows:
            model = self.new.workflows[workflow]
            if model.field == field:
                staying = {state for one in model.kept.values() for state in one.states}
                moved = self.new.past.states.get(workflow, {})
                mapped |= {was: state for was, state in moved.items() if was not in staying}
                before = self.workflow(workflow)
                done |= dict(self.old.past.states.get(before.name, {})) if before is not None else {}
        old = self.fields(name).get(field)
        there = {option.name for option in old.options} if old is not None else set()
        # values that were given up earlier still stand in their records; a mapping is applied once
        late = old is not None and old.kind in ("choice", "choices") and late
        return {was: option for was, option in mapped.items() if was in there or (late and done.get(was) != option)}

    def _done_options(self, name: str, field: str) -> dict[str, str]:
        """Return the mapping of options that came with the version before."""
        was, before = self.fields(name).get(field), self.entity(name)
        if was is None or before is None:
            return {}
        return {
            gone: option
            for (entity, of, option), many in self.old.past.options.items()
            if (entity, of) == (before.name, was.name)
            for gone in many
        }

    def fill(self, name: str, field: str) -> Fragment | None:
        """Return the rule that fills gaps of a field now; one that was deployed before has done so already."""
        return self._not_done(self.new.past.fill, self.old.past.fill, name, field)

    def convert(self, name: str, field: str) -> Fragment | None:
        """Return the rule that makes values of those of a field that was there; each is applied once, like fillings."""
        if field not in self.fields(name):
            return None
        return self._not_done(self.new.past.convert, self.old.past.convert, name, field)

    def _not_done(self, rules: Rules, before: Rules, name: str, field: str) -> Fragment | None:
        rule = rules.get((name, field))
        was, entity = self.fields(name).get(field), self.entity(name)
        done = before.get((entity.name, was.name)) if was is not None and entity is not None else None
        return None if rule is not None and done is not None and done.text == rule.text else rule

    def role(self, name: str) -> str | None:
        """Return what a new role was called; ``None`` where it is new."""
        was = self.new.past.roles.get(name)
        if was in self.old.roles:
            return was
        return name if name in self.old.roles else None

    def new_role(self, old: str) -> str | None:
        """Return what an old role is called now; ``None`` where it is gone."""
        return next((name for name in self.new.roles if self.role(name) == old), None)

    def workflow(self, name: str) -> Workflow | None:
        """Return what a new workflow was; ``None`` where it is new."""
        return self._flows.get(name)

    def new_workflow(self, old: str) -> str | None:
        """Return what an old workflow is called now; ``None`` where it is gone."""
        return next((name for name, flow in self._flows.items() if flow.name == old), None)

    def called(self, name: str) -> Called:
        """Return what steps of the workflow that *name* was are called in it."""
        old = self.workflow(name)
        return called_of(self.new.past, old, self.new.workflows[name]) if old is not None else Called(name)

    def gone_workflows(self) -> Iterator[Workflow]:
        """Give the old workflows that are no longer there."""
        kept = {one.name for one in self._flows.values()}
        return (one for name, one in self.old.workflows.items() if name not in kept)


def today(pairing: Pairing) -> Project:
    """Return the old configuration with its workflows and their steps in the names of today."""
    pairs = {name: flow for name in pairing.new.workflows if (flow := pairing.workflow(name)) is not None}
    flows = {one.name: one for one in pairing.gone_workflows()}
    for name, flow in pairs.items():
        called = pairing.called(name)
        kept = {number: as_called(one, called) for number, one in flow.kept.items()}
        flows[name] = replace(as_called(flow, called), kept=kept)
    return replace(pairing.old, workflows=flows)
