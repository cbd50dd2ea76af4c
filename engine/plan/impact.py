"""The effects of a new configuration on the live rows, counted in one snapshot of the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Database
from fachwerk.engine.plan.ahead import Ahead
from fachwerk.engine.plan.cases import count_cases
from fachwerk.engine.plan.circles import count_circles
from fachwerk.engine.plan.counting import Counting
from fachwerk.engine.plan.impact_computed import count_computed
from fachwerk.engine.plan.impact_deadlines import count_deadlines
from fachwerk.engine.plan.impact_rules import count_rules
from fachwerk.engine.plan.impact_unique import count_unique
from fachwerk.engine.plan.impact_values import count_values
from fachwerk.engine.plan.model import Impact
from fachwerk.engine.plan.people import count_people
from fachwerk.engine.plan.quorums import count_quorums
from fachwerk.problems import Text
from fachwerk.schemas.changes import Change
from fachwerk.schemas.model import Project


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted: the effects in the order of the changes, and how many records there are."""

    impacts: tuple[Impact, ...]
    rows: tuple[tuple[str, Text, int], ...]
    """Entity by its new name, its plural, number of records."""


async def count_impacts(
    old: App, new: Project, database: Database, changes: Sequence[Change] = (), *, now: dt.datetime | None = None
) -> Counted:  # fmt: skip
    """Count what *new* would do to the rows of *database*, whose tables are those of *old*.

    Everything is read as at one moment and nothing is changed. Memory does not grow with the number of rows.
    """
    moment = now or dt.datetime.now(dt.UTC)
    async with database.snapshot() as connection:
        return await count_within(old, new, connection, changes, now=moment)


async def count_within(
    old: App, new: Project, connection: Connection, changes: Sequence[Change] = (), *, now: dt.datetime
) -> Counted:  # fmt: skip
    """Count as :func:`count_impacts` does, within a snapshot that the caller has begun and will end."""
    ahead = Ahead(old, new, connection, now=now)
    await ahead.build()
    counting = Counting(ahead, changes)
    await counting.count_rows()
    about_cases = (count_cases, count_deadlines, count_quorums)
    for count in (count_values, count_circles, count_rules, count_unique, count_computed, count_people, *about_cases):
        await count(counting)
    await ahead.end()  # a deploy counts in its own transaction, and changes these tables next
    order = {(change.of, change.name): place for place, change in enumerate(changes)}
    last = len(order)
    impacts = sorted(counting.impacts, key=lambda impact: order.get((impact.change.of, impact.change.name), last))
    rows = [
        (name, entity.plural, counting.total(name))
        for name, entity in new.entities.items()
        if counting.pairing.entity(name) is not None
    ]
    return Counted(tuple(impacts), tuple(rows))
