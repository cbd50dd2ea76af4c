"""Effects on running time limits: how many ends move, and from when to when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fachwerk.engine.inspect import inspect
from fachwerk.engine.plan.counting import Counting, both
from fachwerk.engine.plan.pairing import today
from fachwerk.engine.recounting import Moved, Recounting, moved_timer, signature
from fachwerk.schemas.changes import Change
from fachwerk.schemas.kinds.times import show_date
from fachwerk.schemas.model import Workflow


async def count_deadlines(counting: Counting) -> None:
    """Note how many running limits would end at another time."""
    ahead, pairing = counting.ahead, counting.pairing
    if signature(today(pairing)) == signature(pairing.new):
        return
    there = (await inspect(counting.connection, ahead.old.dialect)).columns.get("fw_deadline", {})
    recounting = Recounting(ahead.old, known=frozenset(there))
    models = _models(counting)
    moved: dict[tuple[str, str], Moved] = {}
    async for rows in recounting.batches(counting.connection):
        under = await recounting.under(counting.connection, rows)
        for row in rows:
            model = models.get((str(row[1]), str(row[3])))
            present = under.get((str(row[1]), str(row[2]), str(row[3])))
            if model is not None and present is not None:
                model = model.under(present.number)  # cases that keep their version keep its limits
            timer = recounting.timer(row)
            if model is not None:
                timer = replace(timer, name=pairing.called(model.name).limit(timer.name))
            new = moved_timer(ahead.app.calendar, model, timer, ahead.old_context.now) if model is not None else None
            if model is not None and new is not None:
                moved.setdefault((model.name, timer.name.partition(":")[0]), Moved()).add(new.due)
    for (workflow, name), found in moved.items():
        _say(counting, workflow, name, found)


def _models(counting: Counting) -> Mapping[tuple[str, str], Workflow]:
    """Return the new workflows by the (entity, workflow) that their limits stand under today."""
    found = {}
    for name, new in counting.pairing.new.workflows.items():
        old = counting.pairing.workflow(name)
        if old is not None:
            found[old.of, old.name] = new
    return found


def _say(counting: Counting, workflow: str, name: str, moved: Moved) -> None:
    assert moved.earliest is not None
    assert moved.latest is not None
    days = {k: (show_date(moved.earliest, k), show_date(moved.latest, k)) for k in ("en", "de")}
    english, german = both(moved.count)
    one = moved.count == 1
    of = counting.total(counting.pairing.new.workflows[workflow].of)
    counting.add(
        _change(counting, workflow, name), "deadlines_moved", moved.count, of,
        en=f"{english} running time limit{'' if one else 's'} would end at another time: "
        f"from {days['en'][0]} to {days['en'][1]}",
        de=f"{german} laufende Frist{'' if one else 'en'} {'endete' if one else 'endeten'} zu einer anderen Zeit: "
        f"vom {days['de'][0]} bis {days['de'][1]}",
    )  # fmt: skip


def _change(counting: Counting, workflow: str, name: str) -> Change:
    if name == "part":
        return counting.change("workflow", workflow)
    return counting.change("deadline", f"{workflow}.{name}")
