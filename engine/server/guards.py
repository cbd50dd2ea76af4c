"""What stands around the router: the checks before a request is looked at, and the headers of every response.

The content policy has no ``unsafe-*``: scripts and styles are files of this server.
"""

from __future__ import annotations

from collections.abc import Callable

from fachwerk.engine.server.headers import Hosts
from fachwerk.engine.server.request import KEY, Request
from fachwerk.engine.server.routes import SITE, Site
from fachwerk.engine.server.settings import Settings
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

_POLICY = b"content-security-policy"
_CONTENT = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_FEATURES = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
_FIXED = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", _FEATURES.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class SecurityHeaders:
    """Middleware that adds the headers of safety to every response that does not bring a stricter policy."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._fixed = (*_FIXED, _HSTS) if settings.https else _FIXED
        self._policy = (_POLICY, _CONTENT.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its response back with more headers."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message["headers"]
                strict = any(name == _POLICY for name, _ in own)
                message["headers"] = [*own, *self._fixed] if strict else [*own, *self._fixed, self._policy]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            scope.pop(KEY, None)  # the request knows its scope: without this only the collector could clear up


class Guards:
    """Middleware that makes the :class:`Request`, which checks its limits, and refuses hosts that are not ours."""

    def __init__(self, app: ASGIApp, settings: Settings, site: Callable[[], Site]) -> None:
        self._app, self._settings, self._site = app, settings, site
        self._hosts = Hosts(settings.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a good request on; raises :class:`Refused` for another."""
        if scope["type"] == "websocket":
            await WebSocketClose(1003)(scope, receive, send)
            return
        if scope["type"] == "http":
            scope[SITE] = self._site()
            scope[KEY] = request = Request(scope, receive, self._settings)
            self._hosts.check(request.headers.get("host"))
        await self._app(scope, receive, send)
