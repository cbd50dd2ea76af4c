"""Who could still correct a row: whether its state leaves a field open and anybody holds a right to change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fachwerk.engine.access import Access
from fachwerk.engine.context import Mine, context_of
from fachwerk.engine.openness import open_in_state
from fachwerk.engine.plan.counting import Counting
from fachwerk.engine.plan.holders import Holder, holders
from fachwerk.engine.shapes import Shape, all_needs, merged
from fachwerk.schemas.model import Entity

MOST_HOLDERS = 200
"""People asked for rights that depend on who asks."""


@dataclass(slots=True)
class Editing:
    """Counts the rows of one new entity that somebody may change in their state."""

    counting: Counting
    entity: Entity
    people: Sequence[Holder]

    @classmethod
    async def of(cls, counting: Counting, entity: Entity) -> Editing:
        """Find the people once."""
        return cls(counting, entity, (await holders(counting))[:MOST_HOLDERS])

    async def count(self, keys: Sequence[str]) -> int:
        """Return how many of the records *keys* can be edited; those of rows are not asked."""
        if self.entity.parent is not None:
            return 0
        app = self.counting.ahead.app
        compiled = app.compiled(self.entity.name)
        access = Access(app)
        rights = {roles: access.rights(roles, self.entity.name) for roles in {person.roles for person in self.people}}
        states: dict[str, Shape] = {workflow.model.field: {} for workflow in compiled.workflows}
        needs = all_needs(one.needs("update") for one in rights.values())
        records = await app.loader.by_ids(
            self.counting.connection, self.entity.name, merged(states, needs.record), keys, self.counting.ahead.context
        )
        left = {key for key, record in records.items() if open_in_state(compiled, record)}
        found: set[str] = set()
        always = any(one.always("update") for one in rights.values())
        if always:
            return len(left)
        mine = Mine(app)
        for person in self.people:
            context = context_of(app, person.person, self.counting.ahead.context.now)
            await mine.load(self.counting.connection, context, person.person, needs.mine)
            own = rights[person.roles]
            found |= {key for key in left - found if own.holding("update", records[key], context)}
        return len(found)
