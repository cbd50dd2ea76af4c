"""Effects on four eyes: steps that running cases have behind them, are gone, and bar nobody from others any more."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from fachwerk.engine.flows import is_under
from fachwerk.engine.plan.called import as_called, names_of
from fachwerk.engine.plan.counting import Counting, rows_of
from fachwerk.engine.renamed import Names
from fachwerk.problems import Text
from fachwerk.schemas.model import Workflow


async def count_eyes(counting: Counting, present: Workflow, old: Workflow, new: Workflow) -> None:
    """Note running cases under *old* (a version of *present*) in which somebody did a step that is gone.

    Only of steps that barred from another which is still there.
    """
    called = counting.pairing.called(new.name)
    there = names_of(new)["transition"] | names_of(new)["part"]
    gone: dict[str, list[str]] = {}
    for step, not_by in _barring(as_called(old, called)):
        for earlier in not_by:
            if step in there and earlier not in there and earlier != "creator":
                gone.setdefault(earlier, []).append(step)
    for earlier, steps in gone.items():
        count = await _count(counting, present, old, earlier)
        if count:
            _say(counting, new, (earlier, ", ".join(f"`{step}`" for step in steps)), count)


def _barring(flow: Workflow) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((one.name, one.not_by) for one in flow.transitions.values())
    yield from ((part.name, part.not_by) for part in flow.parts)


async def _count(counting: Counting, present: Workflow, old: Workflow, step: str) -> int:
    """Return in how many running cases *step* was done."""
    app = counting.ahead.old
    names, done = Names(app.project, app.dialect), app.tables.metadata.tables["fw_history"]
    table = app.tables.of(old.of)
    said = [names.done(done, old.of, "transition", step)] if step in old.transitions else [
        names.done(done, old.of, "part", step, f".{one.name}")
        for part in old.parts if part.name == step for one in part.outcomes
    ]  # fmt: skip
    running = table.c[old.field].in_([sa.literal(one.name) for one in old.states.values() if not one.final])
    under, of_case = is_under(present, old, table), (done.c.entity == sa.literal(old.of), done.c.record == table.c.id)
    once = sa.exists(sa.select(sa.literal(1)).select_from(done).where(*of_case, sa.or_(*said)))
    conditions = (running, once) if under is None else (running, once, under)
    return int((await counting.one(sa.select(sa.func.count()).select_from(table).where(*conditions)))[0])


def _say(counting: Counting, new: Workflow, steps: tuple[str, str], count: int) -> None:
    earlier, others = steps
    english, german = rows_of(counting.pairing.after[new.of], count)
    counting.add(
        counting.change("workflow", new.name), "eyes_gone", count, counting.total(new.of),
        en=f"{english}: whoever did `{earlier}`, which is gone, is not kept from {others} any more",
        de=f"{german}: `{earlier}` gibt es nicht mehr; wer das ausgeführt hat, ist von {others} nicht mehr "
        "ausgeschlossen",
        remedy=only_renamed(earlier),
    )  # fmt: skip


def only_renamed(name: str) -> Text:
    """Return what to do where something is not gone but has another name."""
    return {
        "en": f"if it is only called otherwise now, write `was: {name}` there",
        "de": f"heißt es jetzt nur anders, dort `was: {name}` schreiben",
    }
