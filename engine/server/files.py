"""Files of records: sent as something to keep, never as a page of ours, whatever is in them."""

from __future__ import annotations

from fachwerk.engine.server.answer import attachment, not_modified, set_header
from fachwerk.engine.server.errors import not_found
from fachwerk.engine.server.headers import FILE_POLICY
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import person_of
from fachwerk.engine.server.standing import for_whom_waits
from fachwerk.engine.server.tools import Tools
from fachwerk.problems import Refused
from starlette.responses import Response

_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
"""Types that a browser may show in a tab of its own; all others are downloads of unknown type."""


class FilePages:
    """The addresses ``/files/{entity}/{id}/{field}/{file}``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def routes(self) -> tuple[Route, ...]:
        """Return the route of files."""
        return (Route("/files/{entity}/{id}/{field}/{file}", {"GET": self.send}),)

    async def send(self, request: Request) -> Response:
        """GET a file; rights are those of the record and field it belongs to."""
        person = person_of(request)
        name, key, field, file = request.arguments
        if self._tools.entity(name) is None:
            raise not_found()
        service = self._tools.service
        try:
            stored = await service.download(person, name, key, field, file)
        except Refused as refused:
            waits = await for_whom_waits(self._tools, person, name, key) if refused.status == 404 else None
            if waits is None:
                raise
            stored = await service.download(waits, name, key, field, file)
        tag = f'"{stored.info.hash[:32]}"'
        unchanged = not_modified(request.headers.getlist("if-none-match"), tag)
        if unchanged is not None:
            return unchanged
        harmless = stored.info.type in _SHOWN
        kind = stored.info.type if harmless else "application/octet-stream"
        inline = harmless and "download" not in request.query_params
        headers = {"etag": tag, "cache-control": "private, no-cache", "content-security-policy": FILE_POLICY}
        answer = Response(stored.content, 200, headers, kind)
        return set_header(answer, "Content-Disposition", attachment(stored.info.name, inline))
