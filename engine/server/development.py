"""While somebody writes a configuration: a stream that tells the browser when to load the page again.

It says nothing as long as all is well. The server starts anew with each change; the browser notices that the stream
broke and came back, and loads the page again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from starlette.responses import Response, StreamingResponse

_SECONDS = 10


def development_routes() -> tuple[Route, ...]:
    """Return the route of the stream."""
    return (Route("/dev/reload", {"GET": _wait}, public=True),)


async def _wait(request: Request) -> Response:
    headers = {"cache-control": "no-store"}
    if request.method == "HEAD":
        return Response(None, 200, headers, "text/event-stream")
    return StreamingResponse(_silence(), 200, headers, "text/event-stream")


async def _silence() -> AsyncIterator[bytes]:
    yield b"retry: 300\n\n"
    while True:
        await asyncio.sleep(_SECONDS)
        yield b": still here\n\n"
