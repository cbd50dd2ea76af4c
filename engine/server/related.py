"""Records that belong to the one shown: a short list per back link, each with the way to all of them."""

from __future__ import annotations

from urllib.parse import urlencode

from fachwerk.engine.query import read_query
from fachwerk.engine.server.shell import list_path
from fachwerk.engine.server.tools import Tools, may
from fachwerk.engine.values import Person, Record
from fachwerk.forms.model import Related
from fachwerk.problems import Refused, say
from fachwerk.schemas.model import Entity, Field

_MOST = 5


async def related_of(
    tools: Tools, person: Person, entity: Entity, record: Record, language: str
) -> tuple[Related, ...]:
    """Return the related records of every back link whose entity the person may read."""
    found = []
    for field in entity.fields.values():
        if field.kind == "back_links" and field.inverse is not None:
            block = await _block(tools, person, field, record, language)
            if block is not None:
                found.append(block)
    return tuple(found)


async def _block(tools: Tools, person: Person, field: Field, record: Record, language: str) -> Related | None:
    assert field.inverse is not None
    name, link = field.inverse
    other = tools.entity(name)
    if other is None or not may(tools, person, other, "read"):
        return None
    pairs = ((link, record.id),)
    try:
        query = read_query(tools.app, name, (*pairs, ("limit", str(_MOST))))
        listed = tools.forms.entity(name, language).listed
        page = await tools.service.find(person, name, query, only=listed)
    except Refused:
        return None
    return Related(
        label=say(field.label, language),
        entity=name,
        rows=page.records,
        count=page.count,
        count_is_capped=page.count_is_capped,
        more=f"{list_path(name)}?{urlencode(pairs)}",
        create=f"{list_path(name)}/new?{urlencode(pairs)}" if may(tools, person, other, "create") else None,
        without=frozenset({link}),
    )
