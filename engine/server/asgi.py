"""The server as an application of Starlette: its middleware, its router, and how refusals and failures are said.

What belongs to one configuration is a :class:`Site`; :meth:`Server.use` exchanges it while requests run on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fachwerk.engine.database import Outdated
from fachwerk.engine.server import errors
from fachwerk.engine.server.guards import Guards, SecurityHeaders
from fachwerk.engine.server.replay import Replaying
from fachwerk.engine.server.request import KEY, Request, new_id
from fachwerk.engine.server.routes import SITE, Site, compile_routes, nowhere
from fachwerk.engine.server.settings import Settings
from fachwerk.problems import Refused
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp

Step = Callable[[], Awaitable[None]]


class Server(Starlette):
    """The application. *start* and *stop* are called when the ASGI server starts and ends."""

    def __init__(self, site: Site, settings: Settings, start: Step | None = None, stop: Step | None = None) -> None:
        self._settings = settings
        self.follow: Step | None = None
        """Brings the version in force, once one turns out to be outdated."""
        self.behind: Callable[[], Awaitable[bool]] | None = None
        """Whether another version is in force than the one of the site."""
        super().__init__(
            middleware=[Middleware(SecurityHeaders, settings), Middleware(Replaying, lambda: self.follow)],
            exception_handlers={
                Refused: _refused, HTTPException: _no_route, TimeoutError: _overdue, ClientDisconnect: _gone,
                Outdated: _outdated, Exception: _failed,
            },
            lifespan=_life(start, stop),
        )  # fmt: skip
        self.router.redirect_slashes, self.router.default = False, nowhere
        self.use(site)

    def build_middleware_stack(self) -> ASGIApp:
        """Return the guards within all exception handlers within the middleware.

        Starlette's own stack would handle ``Exception`` outside of the middleware, without the headers of safety, and
        raise it again after the answer, so that the log had it twice.
        """
        stack: ASGIApp = ExceptionMiddleware(
            Guards(self.router, self._settings, lambda: self._site), self.exception_handlers
        )
        for make, positional, named in reversed(self.user_middleware):
            stack = make(stack, *positional, **named)
        return stack

    @property
    def site(self) -> Site:
        """What answers requests now."""
        return self._site

    async def judge(self, connection: HTTPConnection, error: Exception) -> None:
        """Raise :class:`Outdated` if what refused a request, or failed at it, is not the version in force."""
        if self.behind is None or SITE not in connection.scope:
            return
        if connection.scope[SITE] is not self._site or await self.behind():
            raise Outdated from error

    def use(self, site: Site) -> None:
        """Answer every request that starts from now on by *site*."""
        self._site, self.router.routes = site, compile_routes(site.routes)


def _life(start: Step | None, stop: Step | None) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def live(_app: Starlette) -> AsyncIterator[None]:
        if start:
            await start()
        yield
        if stop:
            await stop()

    return live


async def _refused(connection: HTTPConnection, error: Exception) -> Response:
    assert isinstance(error, Refused)
    if error.status in _OF_A_VERSION:
        await _server(connection).judge(connection, error)
    return await _refuse(connection, error)


_OF_A_VERSION = (403, 404, 405, 409, 422, 500, 503)
"""Refusals that another version may not share."""


def _server(connection: HTTPConnection) -> Server:
    found: Server = connection.scope["app"]
    return found


async def _outdated(_connection: HTTPConnection, error: Exception) -> Response:
    raise error


async def _overdue(connection: HTTPConnection, _error: Exception) -> Response:
    return await _refuse(connection, errors.overloaded())


async def _gone(_connection: HTTPConnection, _error: Exception) -> None:
    """Say nothing: there is nobody left to answer."""


async def _failed(connection: HTTPConnection, error: Exception) -> Response:
    await _server(connection).judge(connection, error)
    failure, incident = errors.failed(connection.scope.get(KEY), error)
    return await _refuse(connection, failure, incident)


async def _no_route(connection: HTTPConnection, error: Exception) -> Response:
    """Say that an address leads nowhere, or has no such method, in the language of whoever asks."""
    assert isinstance(error, HTTPException)
    await _server(connection).judge(connection, error)
    allowed = (error.headers or {}).get("Allow")
    response = await _refuse(connection, errors.wrong_method(allowed) if allowed else errors.not_found())
    response.headers.update(error.headers or {})
    return response


async def _refuse(connection: HTTPConnection, refused: Refused, incident: str = "") -> Response:
    incident = incident or new_id()
    if refused.status < 500:
        errors.LOG.info("incident %s: refused %s (%s)", incident, refused.code, refused.status)
    response = await _say(connection, refused, incident)
    if refused.status in (408, 413):
        response.headers["connection"] = "close"
    return response


async def _say(connection: HTTPConnection, refused: Refused, incident: str) -> Response:
    request: Request | None = connection.scope.get(KEY)
    if connection.scope["path"].startswith("/api/"):
        return errors.error_answer(refused, request.language if request else "en", incident)
    if request is None:
        return errors.bare_page(refused, incident)
    site: Site = connection.scope[SITE]
    try:
        response = await site.refuse_page(request, refused, incident)
        site.finish(request, response)
        return response
    except Exception as error:
        _, incident = errors.failed(request, error)
        return errors.bare_page(refused, incident)
