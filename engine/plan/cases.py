"""Effects on running cases: in states that are gone, waiting for parts that are gone, or left without anyone to act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App, users_of
from fachwerk.engine.flows import is_under
from fachwerk.engine.plan.batches import batches
from fachwerk.engine.plan.counting import Counting, both, rows_of
from fachwerk.engine.plan.eyes import count_eyes, only_renamed
from fachwerk.engine.plan.holders import Holder, holders
from fachwerk.engine.plan.keeping import held_by
from fachwerk.engine.plan.making import MOST_EXAMPLES
from fachwerk.engine.plan.sameness import text_of
from fachwerk.engine.shapes import merged
from fachwerk.problems import Text
from fachwerk.schemas.model import Entity, Part, Performer, State, Workflow
from fachwerk.schemas.tables import entry_column

STANDS: Text = {"en": "stands in it", "de": "steht darin"}


@dataclass(frozen=True, slots=True)
class Cases:
    """One workflow under both configurations."""

    old: Workflow
    new: Workflow
    before: Entity
    after: Entity
    present: Workflow
    """The workflow in force now, of which *old* may be an earlier version that cases keep."""
    later: Workflow
    """The one that would be in force, of which *new* may be an earlier version that cases would keep."""


async def count_cases(counting: Counting) -> None:
    """Note what becomes of the running cases of all workflows."""
    people = await holders(counting)
    for name, new in counting.pairing.new.workflows.items():
        old = counting.pairing.workflow(name)
        before = counting.pairing.entity(new.of)
        if old is None or before is None or old.of != before.name or not counting.rows[before.name]:
            continue
        after = counting.pairing.after[new.of]
        await _states(counting, Cases(old, new, before, after, old, new))
        moving = [one for one in old.versions if new.under(one.number) is new]
        for one in moving:
            await _parts(counting, Cases(one, new, before, after, old, new))
            await count_eyes(counting, old, one, new)
        await _deadlines(counting, Cases(old, new, before, after, old, new))
        await _kept(counting, Cases(old, new, before, after, old, new))
        for one in new.versions:
            await _stuck(counting, Cases(old.under(one.number), one, before, after, old, new), people)


async def _kept(counting: Counting, cases: Cases) -> None:
    """Note how many cases stay under earlier versions."""
    for version in cases.new.kept.values():
        held = await held_by(counting.connection, counting.ahead.old, counting.pairing, cases.new, version)
        change, number = counting.change("workflow", cases.new.name), version.number
        of = counting.rows[cases.before.name]
        if held.running:
            english, german = rows_of(cases.after, held.running)
            counting.add(
                change, "kept", held.running, of,
                en=f"{english} {'stay' if held.running != 1 else 'stays'} under version {number}",
                de=f"{german} {'bleiben' if held.running != 1 else 'bleibt'} unter Version {number}",
            )  # fmt: skip
        if held.over:
            english, german = rows_of(cases.after, held.over)
            counting.add(
                change, "kept_over", held.over, of,
                en=f"{english} that {'are' if held.over != 1 else 'is'} over {'stay' if held.over != 1 else 'stays'} "
                f"under version {number}, whose last state is gone",
                de=f"{german}, {'die' if held.over != 1 else 'der'} zu Ende {'sind' if held.over != 1 else 'ist'}, "
                f"{'bleiben' if held.over != 1 else 'bleibt'} unter Version {number}, deren letzten Zustand es nicht "
                "mehr gibt",
            )  # fmt: skip


async def _states(counting: Counting, cases: Cases) -> None:
    table = counting.ahead.old.tables.of(cases.before.name)
    column = table.c[cases.old.field]
    mapped = counting.pairing.new.past.states.get(cases.new.name, {})
    rows = await counting.all(sa.select(column, sa.func.count()).group_by(column).order_by(column))
    for state, count in rows:
        if state is None or cases.new.state(state) is not None or mapped.get(state) in cases.new.states:
            continue
        english, german = rows_of(cases.after, count)
        ids = await counting.all(sa.select(table.c.id).where(column == state).order_by(table.c.id).limit(MOST_EXAMPLES))
        goal = next(iter(cases.new.states))
        change = counting.change("state", f"{cases.new.name}.{state}")
        name = f"{cases.new.of}.{cases.new.field}.{state}"
        counting.add(
            change, "state_gone", count, counting.rows[cases.before.name],
            en=f"state `{state}` is gone: {english} {'stand' if count != 1 else 'stands'} in it",
            de=f"Zustand `{state}` ist weg: {german} {'stehen' if count != 1 else 'steht'} darin",
            examples=await counting.examples(cases.before.name, [(str(row[0]), STANDS) for row in ids]),
            # what was allowed at an earlier deploy stands in nobody's way; it can still be helped
            blocking=cases.old.state(state) is not None, allow=name,
            where=(cases.before.name, cases.old.field, str(state)),
            remedy={"en": f"say where they go: `was: {{{state}: {goal}}}`, or --allow-loss {name}",
                    "de": f"sagen, wohin sie gehen: `was: {{{state}: {goal}}}`, oder --allow-loss {name}"},
        )  # fmt: skip


def _moved(counting: Counting, cases: Cases, state: str) -> str:
    return counting.pairing.new.past.states.get(cases.new.name, {}).get(state, state)


async def _parts(counting: Counting, cases: Cases) -> None:
    """Note cases that wait for a part that is gone, and opinions whose part or outcome is gone."""
    called = counting.pairing.called(cases.new.name).parts
    for state in cases.old.states.values():
        later = cases.new.states.get(_moved(counting, cases, state.name))
        if later is None:
            continue
        there = {part.name: part for part in later.parallel}
        for part in state.parallel:
            now = there.get(called.get(part.name, part.name))
            if now is None:
                await _waiting(counting, cases, state, part)
                await _unheard(counting, cases, state, part)
            else:
                known = {outcome.name for outcome in now.outcomes}
                for gone in [outcome.name for outcome in part.outcomes if outcome.name not in known]:
                    await _given(counting, cases, state, (part.name, gone))


def _of_stay(app: App, cases: Cases, state: str) -> tuple[Any, Any, Any]:
    """Return the table of cases, the condition that one stands in *state*, and that an opinion is of this stay."""
    table = app.tables.of(cases.before.name)
    opinion = app.tables.metadata.tables["fw_opinion"]
    under = is_under(cases.present, cases.old, table)
    stands = table.c[cases.old.field] == state
    stay = sa.and_(opinion.c.record == table.c.id, opinion.c.entry == table.c[entry_column(cases.old)])
    return table, stands if under is None else sa.and_(stands, under), stay


async def _waiting(counting: Counting, cases: Cases, state: State, part: Part) -> None:
    table, stands, stay = _of_stay(counting.ahead.old, cases, state.name)
    opinion = counting.ahead.old.tables.metadata.tables["fw_opinion"]
    given = sa.exists(sa.select(sa.literal(1)).select_from(opinion).where(stay, opinion.c.part == part.name))
    count = int((await counting.one(sa.select(sa.func.count()).select_from(table).where(stands, ~given)))[0])
    if count:
        english, german = rows_of(cases.after, count)
        counting.add(
            counting.change("state", f"{cases.new.name}.{state.name}"), "part_gone", count,
            counting.rows[cases.before.name],
            en=f"{english} wait{'s' * (count == 1)} for `{part.name}`, which is gone",
            de=f"{german} {'warten' if count != 1 else 'wartet'} auf `{part.name}`; das gibt es nicht mehr",
        )  # fmt: skip


async def _unheard(counting: Counting, cases: Cases, state: State, part: Part) -> None:
    """Note cases in which a part that is gone has been decided: what takes its place is asked anew."""
    table, stands, stay = _of_stay(counting.ahead.old, cases, state.name)
    opinion = counting.ahead.old.tables.metadata.tables["fw_opinion"]
    given = sa.exists(sa.select(sa.literal(1)).select_from(opinion).where(stay, opinion.c.part == part.name))
    count = int((await counting.one(sa.select(sa.func.count()).select_from(table).where(stands, given)))[0])
    if count:
        english, german = rows_of(cases.after, count)
        counting.add(
            counting.change("state", f"{cases.new.name}.{state.name}"), "part_unheard", count,
            counting.rows[cases.before.name],
            en=f"{english} {'have' if count != 1 else 'has'} an opinion of `{part.name}`, which is gone; it does not "
            "count any more",
            de=f"{german} {'haben' if count != 1 else 'hat'} eine Stellungnahme von `{part.name}`; das gibt es nicht "
            "mehr, und sie zählt nicht mehr",
            remedy=only_renamed(part.name),
        )  # fmt: skip


async def _given(counting: Counting, cases: Cases, state: State, gone: tuple[str, str]) -> None:
    table, stands, stay = _of_stay(counting.ahead.old, cases, state.name)
    opinion = counting.ahead.old.tables.metadata.tables["fw_opinion"]
    which = sa.and_(stay, opinion.c.part == gone[0], opinion.c.outcome == gone[1])
    given = sa.exists(sa.select(sa.literal(1)).select_from(opinion).where(which))
    count = int((await counting.one(sa.select(sa.func.count()).select_from(table).where(stands, given)))[0])
    if count:
        english, german = rows_of(cases.after, count)
        counting.add(
            counting.change("state", f"{cases.new.name}.{state.name}"), "outcome_gone", count,
            counting.rows[cases.before.name],
            en=f"{english} {'have' if count != 1 else 'has'} the opinion `{gone[0]}.{gone[1]}`, which is gone",
            de=f"{german} {'haben' if count != 1 else 'hat'} die Stellungnahme `{gone[0]}.{gone[1]}`; "
            "die gibt es nicht mehr",
        )  # fmt: skip


async def _deadlines(counting: Counting, cases: Cases) -> None:
    """Note running time limits that the new workflow no longer knows."""
    table = counting.ahead.old.tables.metadata.tables["fw_deadline"]
    own = sa.and_(table.c.workflow == cases.old.name, table.c.entity == cases.before.name)
    states = [state for one in cases.new.versions for state in one.states.values()]
    parts = {f"part:{part.name}" for state in states for part in state.parallel if part.within}
    known = {name for one in cases.new.versions for name in one.deadlines}
    running: Counter[str] = Counter()
    called = counting.pairing.called(cases.new.name)
    for name, count in await counting.all(sa.select(table.c.name, sa.func.count()).where(own).group_by(table.c.name)):
        running[":".join(name.split(":")[:2])] += count  # with `each` a part has one for every record
    for name, count in sorted(running.items()):
        if called.limit(name) not in known and called.limit(name) not in parts:
            english, german = both(count)
            counting.add(
                counting.change("deadline", f"{cases.new.name}.{name}"), "deadline_gone", count,
                counting.rows[cases.before.name],
                en=f"{english} running time limit{'s end' if count != 1 else ' ends'} with it",
                de=f"{german} laufende Frist{'en' * (count != 1)} {'enden' if count != 1 else 'endet'} damit",
                remedy=only_renamed(name) if ":" not in name and cases.new.deadlines else None,
            )  # fmt: skip


# ------------------------------------------------------------------ nobody who could act


async def _stuck(counting: Counting, cases: Cases, people: Sequence[Holder]) -> None:
    """Note cases in states that nobody could bring on, though somebody could before."""
    held_before = frozenset(role for person in people for role in person.was)
    held = frozenset(role for person in people for role in person.roles)
    for state in cases.new.states.values():
        if state.final:
            continue
        for needed, what in _ways(cases.new, state):
            if not _nobody(needed, held) or _was_so(counting, cases, state, what, held_before):
                continue
            keys = await _without(counting, cases, state, needed)
            if keys:
                await _say_stuck(counting, cases, state, what, keys)


def _ways(workflow: Workflow, state: State) -> Iterable[tuple[tuple[Performer, ...] | None, str]]:
    """Give who can bring a case on from *state*: by any transition, and by each of its parts; ``None``: by itself."""
    out = [t for t in workflow.transitions.values() if state.name in t.source]
    if any(not transition.by for transition in out):
        yield None, ""
    else:
        yield tuple(one for transition in out for one in transition.by), ""
    for part in state.parallel:
        yield part.by, part.name


def _nobody(needed: tuple[Performer, ...] | None, held: frozenset[str]) -> bool:
    """Whether nobody holds a role that may act; people whom the record names are asked for row by row."""
    return needed is not None and not any(one.role in held for one in needed if one.role is not None)


def _was_so(counting: Counting, cases: Cases, state: State, what: str, held: frozenset[str]) -> bool:
    """Whether nobody could act before either, in any case of which that holds now."""
    before = cases.old.states.get(state.name)
    if before is None or state.name in counting.pairing.new.past.states.get(cases.new.name, {}).values():
        return False
    now = next((needed for needed, part in _ways(cases.new, state) if part == what), None) or ()
    people = {text_of(one.person) for one in now if one.person is not None}
    called = counting.pairing.called(cases.new.name).parts
    for needed, part in _ways(cases.old, before):
        if called.get(part, part) == what and _nobody(needed, held):
            named = [one.person for one in needed or () if one.person is not None]
            if {text_of(rule) for rule in named} <= people:
                return all(counting.same.why(cases.after.name, rule) is None for rule in named)
    return False


async def _without(
    counting: Counting, cases: Cases, state: State, needed: tuple[Performer, ...] | None
) -> tuple[int, list[str]] | None:  # fmt: skip
    """Return how many cases in *state* name nobody who could act, and the first of them."""
    ahead = counting.ahead
    table = ahead.app.tables.of(cases.after.name)
    asked = [ahead.app.ask(one.person) for one in needed or () if one.person is not None]
    shape = merged(*(one.needs.record for one in asked))
    count = 0
    first: list[str] = []
    under = is_under(cases.later, cases.new, table)
    stands = table.c[cases.later.field] == state.name
    where = stands if under is None else sa.and_(stands, under)
    async for ids in batches(counting.connection, table, ahead.old.dialect, where):
        records = await ahead.app.loader.by_ids(counting.connection, cases.after.name, shape, ids, ahead.context)
        for key in ids:
            if not any(users_of(one(records[key], ahead.context)) for one in asked):
                count += 1
                if len(first) < MOST_EXAMPLES:
                    first.append(key)
    return (count, first) if count else None


async def _say_stuck(
    counting: Counting, cases: Cases, state: State, what: str, found: tuple[int, list[str]]
) -> None:  # fmt: skip
    english, german = rows_of(cases.after, found[0])
    who = (f"gives `{what}`", f"`{what}` abgibt") if what else ("could act", "handeln könnte")
    nobody: Text = {"en": f"nobody {who[0]}", "de": f"niemand, der {who[1]}"}
    counting.add(
        counting.change("state", f"{cases.new.name}.{state.name}"), "stuck", found[0], counting.rows[cases.before.name],
        en=f"{english} in `{state.name}`: there is nobody who {who[0]}",
        de=f"{german} in `{state.name}`: es gibt niemanden, der {who[1]}",
        examples=await counting.examples(cases.before.name, [(key, nobody) for key in found[1]]),
        where=(cases.before.name, cases.old.field, state.name) if state.name in cases.old.states else None,
    )  # fmt: skip
