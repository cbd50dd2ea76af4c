"""What the history shows of the work: times and ways on a page, and event logs for tools of process mining."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from fachwerk.engine.evidence.attributes import People, Wanted
from fachwerk.engine.evidence.exporting import ENDINGS, MEDIA, Export, Shape, exported
from fachwerk.engine.server import errors
from fachwerk.engine.server.answer import attachment
from fachwerk.engine.server.headers import refuse
from fachwerk.engine.server.lists import entity_of
from fachwerk.engine.server.openapi import BASE
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.tools import Tools, check_may_read
from starlette.responses import Response, StreamingResponse

_PEOPLE = ("ids", "names", "none")


class EvidencePages:
    """Event logs at ``/api/v1/{entity}/events``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def routes(self) -> tuple[Route, ...]:
        """Return the routes."""
        return (Route(f"{BASE}/{{entity}}/events", {"GET": self.events}),)

    async def events(self, request: Request) -> Response:
        """GET the history of an entity's records as an event log, as far as one may read them."""
        tools, entity = self._tools, entity_of(self._tools, request)
        if request.identity is None:
            raise errors.not_signed_in()
        person = request.identity.person
        check_may_read(tools, person, entity)
        export = _export(entity.name, request)
        pieces = exported(tools.service, person, export)
        name = f"{entity.name}{ENDINGS[export.shape]}"
        headers = {"cache-control": "no-store", "content-disposition": attachment(name)}
        return StreamingResponse(_ahead(pieces), 200, headers, MEDIA[export.shape])


async def _ahead(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give *pieces*, and end what makes them when nobody listens any more."""
    try:
        async for piece in pieces:
            if piece:
                yield piece
    finally:
        close = getattr(pieces, "aclose", None)
        if close is not None:
            await close()


def _export(entity: str, request: Request) -> Export:
    asked = dict(request.query)
    shape, people = asked.pop("format", "xes"), asked.pop("people", "ids")
    texts = asked.pop("texts", "false")
    if shape in MEDIA and people in _PEOPLE and texts in ("true", "false") and not asked:
        return Export(entity, cast(Shape, shape), Wanted(cast(People, people), texts == "true"))
    english = "An event log takes format (xes, ocel, csv), people (ids, names, none) and texts (true, false)."
    german = "Ein Ereignisprotokoll nimmt format (xes, ocel, csv), people (ids, names, none) und texts (true, false)."
    raise refuse("bad_query", 400, english, german)
