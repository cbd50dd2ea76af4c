"""In whose name a request acts: the address says ``?for=ID`` where somebody stands in for an absent person."""

from __future__ import annotations

from fachwerk.engine.absences import acting_for, stood_for
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.shell import actor_of, person_of
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.values import Person
from fachwerk.problems import Refused

FOR = "for"


async def stand_in(tools: Tools, request: Request) -> Person:
    """Return who acts: whoever is signed in, or the absent person of the address with them as the deputy.

    Raises :class:`Refused` (403) where they do not stand in for that person today.
    """
    wanted = next((value for name, value in request.query if name == FOR), "")
    if wanted:
        request.acting = await acting_for(tools.service, person_of(request), wanted)
    return actor_of(request)


def path_for(path: str, who: Person | None) -> str:
    """Return *path* as it is called in the place of *who*, where that is somebody absent."""
    return f"{path}?{FOR}={who.id}" if who is not None and who.deputy is not None else path


async def for_whom_waits(tools: Tools, person: Person, entity: str, key: str) -> Person | None:
    """Return the absent person, if any, for whom *person* may see a record because it waits for them."""
    for one in await stood_for(tools.service, person):
        try:
            await tools.service.actions(one, entity, key)
        except Refused:
            continue
        return one
    return None
