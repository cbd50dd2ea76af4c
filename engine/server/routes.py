"""Which handler answers an address: routes of Starlette whose endpoints know who asks before they call the handler.

Words stand for themselves, ``{name}`` for one segment of any text; where both would do, the word goes first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fachwerk.engine.server.request import KEY, Request
from fachwerk.problems import Refused
from starlette import routing
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

SITE = "fachwerk.site"
"""Where the site that answers a request is found in the scope."""
Handler = Callable[[Request], Awaitable[Response]]


class Site(Protocol):
    """Everything that answers requests under one configuration."""

    @property
    def routes(self) -> Sequence[Route]: ...

    async def identify(self, request: Request) -> None:
        """Find out who asks, and in which language."""

    async def refuse_page(self, request: Request, refused: Refused, incident: str) -> Response:
        """Say a refusal as a page."""

    def finish(self, request: Request, response: Response) -> None:
        """Add what the response to this request needs besides, such as cookies."""


@dataclass(frozen=True, slots=True)
class Route:
    """One address and its handlers by method."""

    path: str
    handlers: Mapping[str, Handler]
    public: bool = False
    """Whether the answer is the same for everybody, so that nobody has to be recognised (assets)."""

    @property
    def methods(self) -> str:
        """The methods it answers; HEAD wherever GET."""
        names = [*self.handlers, *(["HEAD"] if "GET" in self.handlers else []), "OPTIONS"]
        return ", ".join(sorted(names))


def compile_routes(routes: Sequence[Route]) -> list[routing.BaseRoute]:
    """Return *routes* for Starlette's router; raises ``ValueError`` if an address has two."""
    # "{" sorts behind every letter: the router tries in order, and so words before names.
    paths = sorted(route.path for route in routes)
    by_path = {route.path: route for route in routes}
    if len(by_path) < len(paths):
        raise ValueError("two routes for one address")
    return [routing.Route(path, Endpoint(by_path[path])) for path in paths]


async def nowhere(scope: Scope, _receive: Receive, _send: Send) -> None:
    """Raise ``HTTPException`` for an address that leads nowhere, once it is known who asks."""
    site: Site = scope[SITE]
    await site.identify(scope[KEY])
    raise HTTPException(404)


class Endpoint:
    """One address as an ASGI application: the handler of the method, within its time, for whoever asks."""

    def __init__(self, route: Route) -> None:
        self._route, self._handlers, self._public = route, dict(route.handlers), route.public
        if "GET" in self._handlers:
            self._handlers["HEAD"] = self._handlers["GET"]
        self._handlers.setdefault("OPTIONS", self._methods)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises ``HTTPException`` for a method that this address has not."""
        request: Request = scope[KEY]
        site: Site = scope[SITE]
        handler = self._handlers.get(request.method)
        if handler is None:
            await site.identify(request)
            raise HTTPException(405, headers={"Allow": self._route.methods})
        if not self._public and request.method != "OPTIONS":
            await site.identify(request)
        async with asyncio.timeout(request.settings.request_seconds * (1 if request.method == "GET" else 10)):
            response = await handler(request)
        if isinstance(response, HTMLResponse):
            site.finish(request, response)
        await response(scope, receive, send)

    async def _methods(self, _request: Request) -> Response:
        return Response(status_code=204, headers={"Allow": self._route.methods})
