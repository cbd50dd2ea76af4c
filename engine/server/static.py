"""The assets of the pages: held in memory and named by their content, so that browsers keep them for good.

A name is looked up in a mapping; no path of the file system is ever made from an address.
"""

from __future__ import annotations

from fachwerk.engine.server.answer import Answer, plain
from fachwerk.engine.server.errors import not_found
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.forms.assets import Assets

_FOR_GOOD = (b"cache-control", b"public, max-age=31536000, immutable")
_BRIEFLY = (b"cache-control", b"public, max-age=3600")


class StaticFiles:
    """The addresses ``/static/{hash}/{name}``, and what browsers look for by themselves."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of assets; they are the same for everybody."""
        return (
            Route("/static/{hash}/{name}", {"GET": self.send}, public=True),
            Route("/favicon.ico", {"GET": self.icon}, public=True),
            Route("/robots.txt", {"GET": self.robots}, public=True),
        )

    async def send(self, request: Request) -> Answer:
        """GET an asset, compressed where the browser can take it."""
        _, name = request.arguments
        if name not in self._assets.files:
            raise not_found()
        current = request.arguments[0] == self._assets.hash
        return self._answer(request, name, _FOR_GOOD if current else _BRIEFLY)

    def _answer(self, request: Request, name: str, keep: tuple[bytes, bytes]) -> Answer:
        asset = self._assets.files[name]
        headers = [keep, (b"vary", b"accept-encoding")]
        if asset.packed is not None and b"gzip" in request.headers.get(b"accept-encoding", b""):
            return Answer(200, asset.packed, asset.type.encode(), [*headers, (b"content-encoding", b"gzip")])
        return Answer(200, asset.content, asset.type.encode(), headers)

    async def icon(self, request: Request) -> Answer:
        """GET the icon where browsers look for it without being told."""
        return self._answer(request, "favicon.svg", _BRIEFLY)

    async def robots(self, _request: Request) -> Answer:
        """GET the wish that nothing here goes into a search engine."""
        return plain("User-agent: *\nDisallow: /\n")
