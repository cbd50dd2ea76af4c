"""Event logs for whoever asks: which entities, in which format, for the browser, the API and the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from fachwerk.engine.evidence.attributes import Wanted
from fachwerk.engine.evidence.events import EventLog
from fachwerk.engine.evidence.ocel import ocel
from fachwerk.engine.evidence.ocel_tables import ocel_tables
from fachwerk.engine.evidence.table import table
from fachwerk.engine.evidence.xes import xes
from fachwerk.engine.service import Service
from fachwerk.engine.statements import given, render
from fachwerk.engine.values import Person
from fachwerk.problems import Refused, nearest
from fachwerk.schemas.model import Project

Shape = Literal["xes", "ocel", "ocel-sqlite", "csv"]
MEDIA = {
    "xes": "application/xml", "ocel": "application/json", "ocel-sqlite": "application/vnd.sqlite3",
    "csv": "text/csv; charset=utf-8",
}  # fmt: skip
ENDINGS = {"xes": ".xes", "ocel": ".jsonocel", "ocel-sqlite": ".sqlite", "csv": ".csv"}
_SEVERAL = {"ocel": ocel, "ocel-sqlite": ocel_tables}
"""The formats that hold several entities."""


@dataclass(frozen=True, slots=True)
class Export:
    """An event log to be made: the entity (none: all with a workflow), the format, and what it shall hold."""

    entity: str | None
    shape: Shape
    wanted: Wanted
    removed: bool = False
    """Whether steps and states of records that were removed are in it."""


def exported(service: Service, who: Person, export: Export) -> AsyncIterator[bytes]:
    """Return the log as *who* may see it, piece by piece; :class:`Refused` where it cannot be made."""
    project = service.app.project
    log = EventLog(service, who, export.wanted, export.removed)
    chosen = _chosen(project, export.entity)
    if export.shape in _SEVERAL:
        return _SEVERAL[export.shape](log, [name for name in _described(project, export) if log.may_read(name)])
    if len(chosen) != 1:
        raise Refused("which_entity", _which(chosen), status=422)
    return xes(log, chosen[0]) if export.shape == "xes" else table(log, chosen[0])


async def removed(service: Service, export: Export) -> int:
    """Return how many records of the log's entities were removed."""
    history = service.app.tables.metadata.tables["fw_history"]
    found = sa.select(sa.func.count(sa.distinct(history.c.record))).where(
        history.c.kind == sa.literal("remove"), history.c.entity == given("entity", history.c.entity)
    )
    counted, chosen = render(found, service.app.dialect), _described(service.app.project, export)
    return sum([int((await counted.fetch(service.database, {"entity": one}))[0][0]) for one in chosen])


def _described(project: Project, export: Export) -> list[str]:
    """Return the entities that a log describes: OCEL also holds sub-cases."""
    chosen = _chosen(project, export.entity)
    return list(dict.fromkeys((*chosen, *_sub_cases(project, chosen)) if export.shape in _SEVERAL else chosen))


def _chosen(project: Project, name: str | None) -> tuple[str, ...]:
    if name is None:
        return tuple(dict.fromkeys(workflow.of for workflow in project.workflows.values()))
    if name not in project.entities:
        guess = nearest(name, project.entities)
        en = f"There is no entity {name}." + (f" Did you mean {guess}?" if guess else "")
        de = f"Es gibt keine Entität {name}." + (f" Meinten Sie {guess}?" if guess else "")
        raise Refused("unknown_entity", {"en": en, "de": de}, status=404)
    return (name,)


def _sub_cases(project: Project, chosen: tuple[str, ...]) -> list[str]:
    """Return the entities with a workflow whose records lead to those of the chosen: their sub-cases."""
    return [
        entity.name
        for entity in project.entities.values()
        if entity.workflows
        and any(one.kind in ("link", "links") and set(one.to) & set(chosen) for one in entity.fields.values())
    ]


def _which(chosen: tuple[str, ...]) -> dict[str, str]:
    known = ", ".join(chosen) or "–"
    return {
        "en": f"This format holds one entity; say which: {known}. (OCEL holds several.)",
        "de": f"Dieses Format fasst eine Entität; nennen Sie sie: {known}. (OCEL fasst mehrere.)",
    }
