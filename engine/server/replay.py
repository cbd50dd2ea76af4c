"""Replaying: a request that an outdated version was at is answered again from its start, by the one in force.

What was written by then stays: handlers with more than one transaction note in ``request.done`` what need not be done
again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fachwerk.engine.database import Outdated
from fachwerk.engine.server.request import DONE, KEY
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_VERSIONS = 5
"""How often a request is begun again because yet another version has come into force."""


class Replaying:
    """Middleware that begins a request again where its version turns out to be outdated."""

    def __init__(self, app: ASGIApp, follow: Callable[[], Callable[[], Awaitable[None]] | None]) -> None:
        self._app, self._follow = app, follow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, up to :data:`MOST_VERSIONS` times."""
        follow = self._follow()
        if scope["type"] != "http" or follow is None:
            await self._app(scope, receive, send)
            return
        replay = _Replay(receive)
        scope[DONE] = {}
        for attempt in range(MOST_VERSIONS):
            own = dict(scope)
            try:
                await self._app(own, replay, send)
                return
            except Outdated:
                if attempt + 1 == MOST_VERSIONS:
                    raise
            finally:
                own.pop(KEY, None)
            replay.again()
            await follow()


class _Replay:
    """The channel of a request, which can be gone through again from its start."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: list[Message] = []
        self._at = 0

    async def __call__(self) -> Message:
        """Return the next message."""
        if self._at == len(self._kept):
            self._kept.append(await self._receive())
        self._at += 1
        return self._kept[self._at - 1]

    def again(self) -> None:
        """Begin again at the first message."""
        self._at = 0
