"""Effects on quorums and four eyes: steps that ask for more different people than there will be accounts for."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from fachwerk.engine.plan.called import as_called
from fachwerk.engine.plan.counting import Counting, number, rows_of
from fachwerk.engine.plan.holders import Holder, holders
from fachwerk.engine.plan.pairing import today
from fachwerk.engine.shortages import Shortage, shortages
from fachwerk.schemas.model import Part, State, Workflow


async def count_quorums(counting: Counting) -> None:
    """Note steps for which there are too few active accounts, and were enough before."""
    flows = list(counting.pairing.new.workflows.values())
    barring = any(one.not_by for flow in flows for one in flow.transitions.values())
    if not barring and not any(flow.parts for flow in flows):
        return
    people = await holders(counting)
    if not people:
        return  # just made: nobody has an account yet
    _others(counting, people)
    for workflow in flows:
        old = counting.pairing.workflow(workflow.name)
        for state in workflow.states.values():
            for part in state.parallel:
                wanted, there = _quorum(part), _count(part, (person.roles for person in people))
                called = counting.pairing.called(workflow.name)
                before = as_called(old, called) if old is not None else None
                if wanted > there and not _was_so(before, state, part, people):
                    await _say(counting, workflow, state, part, there)


def _quorum(part: Part) -> int:
    """Return how many different people a part asks for; 0 where it does not, or a path leads to them."""
    several = isinstance(part.needs, int) and part.needs > 1 and part.each is None
    return int(part.needs) if several and all(one.role is not None for one in part.by) else 0


def _count(part: Part, held: Iterable[frozenset[str]]) -> int:
    roles = {one.role for one in part.by}
    return sum(bool(roles & mine) for mine in held)


def _was_so(old: Workflow | None, state: State, part: Part, people: list[Holder]) -> bool:
    before = old.states.get(state.name) if old is not None else None
    same = next((one for one in before.parallel if one.name == part.name), None) if before is not None else None
    return same is not None and _quorum(same) > _count(same, (person.was for person in people))


async def _say(counting: Counting, workflow: Workflow, state: State, part: Part, there: int) -> None:
    running, total = 0, 0
    before = counting.pairing.entity(workflow.of)
    old = counting.pairing.workflow(workflow.name)
    if before is not None and old is not None and state.name in old.states:
        table = counting.ahead.old.tables.of(before.name)
        stands = sa.select(sa.func.count()).select_from(table).where(table.c[old.field] == state.name)
        running, total = int((await counting.one(stands))[0]), counting.rows[before.name]
    english, german = rows_of(counting.pairing.after[workflow.of], running)
    cases = f" ({english} wait there)" if running else "", f" ({german} warten dort)" if running else ""
    counting.add(
        counting.change("state", f"{workflow.name}.{state.name}"), "quorum", running, total,
        en=f"`{part.name}` needs {part.needs} different people, and only {number(there, 'en')} may answer{cases[0]}",
        de=f"`{part.name}` braucht {part.needs} verschiedene Personen, und nur {number(there, 'de')} dürfen sich äußern"
        f"{cases[1]}",
    )  # fmt: skip


def _others(counting: Counting, people: list[Holder]) -> None:
    """Note parts that nobody may decide any more, and four eyes for which one account is left."""
    old, new = today(counting.pairing), counting.pairing.new
    before = {_key(one) for one in shortages(old, [person.was for person in people])}
    for one in shortages(new, [person.roles for person in people]):
        if one.kind == "few" or _key(one) in before:
            continue
        state = next((s.name for s in one.workflow.states.values() if one.step in s.parallel), None)
        flow = one.workflow.name
        step = counting.change("transition", f"{flow}.{one.step.name}")
        change = step if state is None else counting.change("state", f"{flow}.{state}")
        counting.add(change, "too_few", 0, 0, en=one.text["en"], de=one.text["de"])


def _key(one: Shortage) -> tuple[str, str, str, str]:
    return one.workflow.name, one.step.name, one.kind, one.earlier
