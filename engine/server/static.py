"""The assets of the pages: held in memory and named by their content, so that browsers keep them for good.

A name is looked up in a mapping; no path of the file system is ever made from an address.
"""

from __future__ import annotations

from fachwerk.engine.server.answer import plain
from fachwerk.engine.server.errors import not_found
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.forms.assets import Assets
from starlette.responses import Response

_FOR_GOOD = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=3600"


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

    async def send(self, request: Request) -> Response:
        """GET an asset, compressed where the browser can take it."""
        _, name = request.arguments
        if name not in self._assets.files:
            raise not_found()
        current = request.arguments[0] == self._assets.hash
        return self._answer(request, name, _FOR_GOOD if current else _BRIEFLY)

    def _answer(self, request: Request, name: str, keep: str) -> Response:
        asset = self._assets.files[name]
        headers = {"cache-control": keep, "vary": "accept-encoding"}
        if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, 200, {**headers, "content-encoding": "gzip"}, asset.type)
        return Response(asset.content, 200, headers, asset.type)

    async def icon(self, request: Request) -> Response:
        """GET the icon where browsers look for it without being told."""
        return self._answer(request, "favicon.svg", _BRIEFLY)

    async def robots(self, _request: Request) -> Response:
        """GET the wish that nothing here goes into a search engine."""
        return plain("User-agent: *\nDisallow: /\n")
