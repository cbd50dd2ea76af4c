"""Records as messages and effects see them: loaded in the shape asked for, with everything, as the engine itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fachwerk.engine.context import Context
from fachwerk.engine.database import Connection
from fachwerk.engine.kit import Kit
from fachwerk.engine.shapes import Shape
from fachwerk.engine.values import Person
from fachwerk.engine.work.people import Somebody


async def context_for(
    kit: Kit, connection: Connection, who: Somebody | None, mine: Mapping[str, Shape] | None = None
) -> Context:
    """Return the surroundings of rules at this moment; ``me`` is *who* did what all this follows from."""
    person = Person(who.id, who.name, who.email, frozenset(), who.language) if who is not None else None
    context = kit.context(person)
    if mine:
        await kit.mine.load(connection, context, person, mine)
    return context


async def record_view(
    kit: Kit, connection: Connection, entity: str, key: str, shape: Shape, context: Context
) -> Mapping[str, Any] | None:
    """Return a record in *shape*, or ``None`` where it is gone."""
    wanted: Shape = {name: inner for name, inner in shape.items() if name != "comment"} | {"version": {}}
    found = await kit.app.loader.by_ids(connection, entity, wanted, [key], context)
    return found.get(key)
