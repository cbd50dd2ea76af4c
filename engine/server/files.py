"""Files of records: sent as something to keep, never as a page of ours, whatever is in them."""

from __future__ import annotations

from fachwerk.engine.server.answer import Answer, attachment, etag_matches
from fachwerk.engine.server.errors import not_found
from fachwerk.engine.server.headers import FILE_POLICY
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import person_of
from fachwerk.engine.server.tools import Tools

_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
"""Types that a browser may show in a tab of its own; all others are downloads of unknown type."""


class FilePages:
    """The addresses ``/files/{entity}/{id}/{field}/{file}``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def routes(self) -> tuple[Route, ...]:
        """Return the route of files."""
        return (Route("/files/{entity}/{id}/{field}/{file}", {"GET": self.send}),)

    async def send(self, request: Request) -> Answer:
        """GET a file; rights are those of the record and field it belongs to."""
        person = person_of(request)
        name, key, field, file = request.arguments
        if self._tools.entity(name) is None:
            raise not_found()
        stored = await self._tools.service.download(person, name, key, field, file)
        tag = f'"{stored.info.hash[:32]}"'.encode()
        if etag_matches(request.headers.get(b"if-none-match"), tag):
            return Answer(304, headers=[(b"etag", tag)])
        harmless = stored.info.type in _SHOWN
        kind = stored.info.type.encode("ascii") if harmless else b"application/octet-stream"
        inline = harmless and request.parameter("download") is None
        answer = Answer(200, stored.content, kind, [(b"etag", tag), (b"cache-control", b"private, no-cache")])
        answer.set("Content-Disposition", attachment(stored.info.name, inline))
        return answer.set("Content-Security-Policy", FILE_POLICY)
