"""Effects on people: per role, how many rows its holders see more and fewer, and which fields they gain or lose.

The filters of reading under both configurations stand in one statement, so nothing is loaded. Where a filter depends on
who asks, every holder is asked for (up to :data:`MOST_HOLDERS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.access import Access, Rights
from fachwerk.engine.compile import App
from fachwerk.engine.context import Context, context_of
from fachwerk.engine.plan.counting import Counting, both, rows_of
from fachwerk.engine.plan.holders import Holder, closed, holders
from fachwerk.engine.plan.sameness import text_of
from fachwerk.engine.statements import render
from fachwerk.engine.translation import Translation
from fachwerk.schemas.model import Entity, Role

MOST_HOLDERS = 200
"""Holders of a role that are asked for one by one."""


class Sight:
    """What holders of a role read, under one configuration."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._access = Access(app)
        self._translation = Translation(app)

    def rights(self, role: str | None, entity: str) -> Rights:
        """Return the rights of one role with all that it includes; of nobody, if there is none."""
        roles = closed({role}, self.app.project.roles) if role is not None else frozenset()
        return self._access.rights(frozenset(roles), entity)

    def readable(self, rights: Rights, table: Any) -> Any:
        """Return the condition of rows that may be read."""
        found = self._access.condition(rights, table, self._translation)
        return sa.true() if found is None else found

    def seen(self, rights: Rights, name: str, table: Any) -> Any:
        """Return the condition of readable rows on which a field is seen."""
        found = self._access.seen_condition(rights, name, table, self._translation)
        return sa.true() if found is None else found

    def parameters(self, context: Context) -> dict[str, object]:
        """Return the parameters of conditions."""
        return self._translation.parameters(context)


@dataclass(frozen=True, slots=True)
class Watched:
    """One role and one entity under both configurations."""

    role: str
    old: Entity
    new: Entity
    before: Rights
    after: Rights


async def count_people(counting: Counting) -> None:
    """Note for every role the rows and fields that its holders gain or lose."""
    before, after = Sight(counting.ahead.old), Sight(counting.ahead.app)
    people = await holders(counting)
    roles = {name: counting.pairing.role(name) for name in counting.pairing.new.roles}
    for old, new in counting.pairing.entities():
        if new.parent is not None or not counting.rows[old.name]:
            continue
        for role, was in roles.items():
            one = Watched(role, old, new, before.rights(was, old.name), after.rights(role, new.name))
            if _differs(counting, one):
                await _rows(counting, one, (before, after), people)
            await _fields(counting, one, (before, after), people)
    await _gone_roles(counting, people)


def _differs(counting: Counting, one: Watched) -> bool:
    """Whether the two filters may choose other rows."""
    before = [(text_of(w.asked.rule) if w.asked else "", w.via) for w in one.before.ways["read"]]
    after = [(text_of(w.asked.rule) if w.asked else "", w.via) for w in one.after.ways["read"]]
    if sorted(before) != sorted(after):
        return True
    asked = ((w.target if w.via else one.new.name, w.asked) for w in one.after.ways["read"])
    return any(way is not None and counting.same.why(entity, way.rule) is not None for entity, way in asked)


async def _rows(counting: Counting, one: Watched, sights: tuple[Sight, Sight], people: Sequence[Holder]) -> None:
    old, new = sights[0].app.tables.of(one.old.name), sights[1].app.tables.of(one.new.name)
    was, now = sights[0].readable(one.before, old), sights[1].readable(one.after, new)
    more, fewer, asked = await _compare(counting, one, (was, now), people)
    if not (more or fewer):
        return
    tail = _over(asked)
    (plus_en, plus_de), (minus_en, minus_de) = rows_of(one.new, more), both(fewer)
    counting.add(
        counting.change("access", f"{one.new.name}.{one.role}"), "access", more + fewer, counting.rows[one.old.name],
        en=f"{one.role} sees {plus_en} more, {minus_en} fewer{tail[0]}",
        de=f"{one.role} sieht {plus_de} mehr, {minus_de} weniger{tail[1]}",
    )  # fmt: skip


async def _compare(
    counting: Counting, one: Watched, conditions: tuple[Any, Any], people: Sequence[Holder]
) -> tuple[int, int, int]:  # fmt: skip
    """Return how many rows are gained and lost, and how many hold the role where each was asked for (0: not so).

    No more than :data:`MOST_HOLDERS` are asked for.
    """
    ahead = counting.ahead
    old, new = ahead.old.tables.of(one.old.name), ahead.app.tables.of(one.new.name)
    was, now = (sa.case((condition, 1), else_=0) for condition in conditions)
    gained, lost = (sa.func.coalesce(sa.func.sum(part), 0) for part in (now * (1 - was), was * (1 - now)))
    select: Any = sa.select(gained, lost).select_from(new.join(old, old.c.id == new.c.id))
    statement = render(select, ahead.old.dialect)
    sight = Sight(ahead.app)
    if not set(statement.names) - {None, "now", "today"}:
        row = (await statement.fetch(counting.connection, sight.parameters(ahead.context)))[0]
        return int(row[0]), int(row[1]), 0
    holders = [person for person in people if one.role in person.roles]
    more = fewer = 0
    for person in holders[:MOST_HOLDERS]:
        context = context_of(ahead.app, person.person, ahead.context.now)
        row = (await statement.fetch(counting.connection, sight.parameters(context)))[0]
        more, fewer = more + int(row[0]), fewer + int(row[1])
    return more, fewer, len(holders)


def _over(holders: int) -> tuple[str, str]:
    """Say over whom was counted; where there are too many holders to ask all of them, that it was not over all."""
    if not holders:
        return "", ""
    if holders > MOST_HOLDERS:
        (most, meist), (all_, alle) = both(MOST_HOLDERS), both(holders)
        return f" (over the first {most} of {all_} people)", f" (über die ersten {meist} von {alle} Personen)"
    (english, german), one = both(holders), holders == 1
    return f" (over {english} {'person' if one else 'people'})", f" (über {german} Person{'' if one else 'en'})"


# ------------------------------------------------------------------ fields


async def _fields(counting: Counting, one: Watched, sights: tuple[Sight, Sight], people: Sequence[Holder]) -> None:
    was = counting.pairing.fields(one.new.name)
    for name, before in was.items():
        if not _hidden_differs(one, name, before.name):
            continue
        old, new = sights[0].app.tables.of(one.old.name), sights[1].app.tables.of(one.new.name)
        reads = sights[0].readable(one.before, old), sights[1].readable(one.after, new)
        both_read = sa.and_(*reads)
        seen = (
            sa.and_(both_read, sights[0].seen(one.before, before.name, old)),
            sa.and_(both_read, sights[1].seen(one.after, name, new)),
        )
        more, fewer, asked = await _compare(counting, one, seen, people)
        tail = _over(asked)
        for count, words in ((more, ("now sees", "sieht jetzt")), (fewer, ("no longer sees", "sieht nicht mehr"))):
            if count:
                english, german = rows_of(one.new, count)
                counting.add(
                    counting.change("access", f"{one.new.name}.{one.role}"), "access_field", count,
                    counting.rows[one.old.name],
                    en=f"{one.role} {words[0]} `{name}` of {english}{tail[0]}",
                    de=f"{one.role} {words[1]} `{name}` bei {german}{tail[1]}",
                )  # fmt: skip


def _hidden_differs(one: Watched, name: str, was: str) -> bool:
    def ways(rights: Rights, field: str) -> list[tuple[str, bool]]:
        return sorted((text_of(way.asked.rule) if way.asked else "", field in way.hide) for way in rights.ways["read"])

    before, after = ways(one.before, was), ways(one.after, name)
    return bool(before and after) and any(hides for _, hides in (*before, *after)) and before != after


# ------------------------------------------------------------------ roles


async def _gone_roles(counting: Counting, people: Iterable[Holder]) -> None:
    """Note roles that are gone and still held."""
    kept = {counting.pairing.role(name) for name in counting.pairing.new.roles}
    held = list(people)
    for name, role in counting.pairing.old.roles.items():
        count = sum(name in person.was for person in held) if name not in kept else 0
        if count:
            english, german = both(count)
            counting.add(
                counting.change("role", name), "role_gone", count, len(held),
                en=f"{english} {'people lose' if count != 1 else 'person loses'} the role {_label(role, 'en')}",
                de=f"{german} Person{'en verlieren' if count != 1 else ' verliert'} die Rolle {_label(role, 'de')}",
            )  # fmt: skip


def _label(role: Role, language: str) -> str:
    return role.label.get(language) or role.name
