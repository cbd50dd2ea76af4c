"""The server as an ASGI application: takes a request through the guards to its handler, and the answer back.

What belongs to one configuration is a :class:`Site`; :meth:`Server.use` exchanges it while requests run on. Pure ASGI
rather than a stack of middleware: each layer would cost as much as a whole guard does here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from fachwerk.engine.server import errors
from fachwerk.engine.server.answer import HTML, Answer, Header, allow
from fachwerk.engine.server.headers import Hosts, fixed_headers
from fachwerk.engine.server.request import Gone, Receive, Request, Scope, Send, new_id
from fachwerk.engine.server.routes import Route, Routes
from fachwerk.engine.server.settings import Settings
from fachwerk.problems import Refused

Step = Callable[[], Awaitable[None]]


class Site(Protocol):
    """Everything that answers requests under one configuration."""

    @property
    def routes(self) -> Routes: ...

    async def identify(self, request: Request) -> None:
        """Find out who asks, and in which language."""

    async def refuse_page(self, request: Request, refused: Refused, incident: str) -> Answer:
        """Say a refusal as a page."""

    def finish(self, request: Request, answer: Answer) -> None:
        """Add what the answer to this request needs besides, such as cookies."""


class Server:
    """The application. *start* and *stop* are called when the ASGI server starts and ends."""

    def __init__(self, site: Site, settings: Settings, start: Step | None = None, stop: Step | None = None) -> None:
        self._site, self._settings = site, settings
        self._start, self._stop = start, stop
        self._hosts = Hosts(settings.hosts)
        self._fixed, self._policy = fixed_headers(settings)

    @property
    def site(self) -> Site:
        """What answers requests now."""
        return self._site

    def use(self, site: Site) -> None:
        """Answer every request that starts from now on by *site*."""
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (or live through the server's life)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            answer = await self._answer(scope, receive)
            if answer is not None:
                await self._send(answer, scope["method"] == "HEAD", send)
        else:
            await send({"type": "websocket.close", "code": 1003})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            if self._start:
                await self._start()
        except Exception as error:
            errors.LOG.exception("the server cannot start")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._stop:
            await self._stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer | None:
        site, request = self._site, None
        path: str = scope["path"]
        try:
            request = Request(scope, receive, self._settings)
            self._hosts.check(request.headers.get(b"host"))
            found = site.routes.find(request.path)
            if found is None:
                await site.identify(request)
                raise errors.not_found()
            route, request.arguments = found
            return await self._handle(site, request, route)
        except Refused as refused:
            return await self._refuse(site, request, path, refused)
        except Gone:
            return None
        except TimeoutError:
            return await self._refuse(site, request, path, errors.overloaded())
        except Exception as error:
            failure, incident = errors.failed(request, error)
            return await self._refuse(site, request, path, failure, incident)

    async def _handle(self, site: Site, request: Request, route: Route) -> Answer:
        handler = route.handlers.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            if request.method == "OPTIONS":
                return Answer(204, headers=[allow(route.methods)])
            await site.identify(request)
            answer = await self._refuse(site, request, request.path, errors.wrong_method(route.methods))
            answer.headers.append(allow(route.methods))
            return answer
        if not route.public:
            await site.identify(request)
        async with asyncio.timeout(self._settings.request_seconds * (1 if request.method == "GET" else 10)):
            answer = await handler(request)
        if answer.kind is HTML:
            site.finish(request, answer)
        return answer

    async def _refuse(
        self, site: Site, request: Request | None, path: str, refused: Refused, incident: str = ""
    ) -> Answer:
        incident = incident or new_id()
        if refused.status < 500:
            errors.LOG.info("incident %s: refused %s (%s)", incident, refused.code, refused.status)
        answer = await self._say(site, request, path, refused, incident)
        if refused.status in (408, 413):
            answer.headers.append((b"connection", b"close"))
        return answer

    async def _say(self, site: Site, request: Request | None, path: str, refused: Refused, incident: str) -> Answer:
        if path.startswith("/api/"):
            return errors.error_answer(refused, request.language if request else "en", incident)
        if request is None:
            return errors.bare_page(refused, incident)
        try:
            answer = await site.refuse_page(request, refused, incident)
            site.finish(request, answer)
            return answer
        except Exception as error:
            _, incident = errors.failed(request, error)
            return errors.bare_page(refused, incident)

    async def _send(self, answer: Answer, bare: bool, send: Send) -> None:
        await send({"type": "http.response.start", "status": answer.status, "headers": self._headers(answer)})
        if answer.stream is not None and not bare:
            async for piece in answer.stream:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"" if bare or answer.stream is not None else answer.body})

    def _headers(self, answer: Answer) -> list[Header]:
        headers = [*answer.headers, *self._fixed]
        if not any(name == b"content-security-policy" for name, _ in answer.headers):
            headers.append(self._policy)
        if answer.status not in (204, 304):
            headers.append((b"content-type", answer.kind))
            if answer.stream is None:
                headers.append((b"content-length", b"%d" % len(answer.body)))
        return headers
