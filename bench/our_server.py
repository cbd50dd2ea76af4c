"""The engine's server over the bench's project, for ``bench/http.py``: ``uvicorn our_server:make --factory``."""

from __future__ import annotations

import asyncio
import gc
import os
from pathlib import Path

from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import Running, build
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.asgi import Server
from fachwerk.engine.server.settings import Settings
from fachwerk.schemas.read import read_project
from starlette.types import Receive, Scope, Send

PROJECT = Path(__file__).parent / "project"


async def open_app(url: str, *, new: bool) -> Running:
    """Open the bench's application at *url*, making its tables if it is *new*."""
    project, problems = read_project(PROJECT)
    if project is None:
        raise SystemExit("\n".join(problem.message() for problem in problems))
    running = await build(project, url)
    if new:
        await deploy(running.app, running.database)
    return running


class Late:
    """The application, opened on the loop that will serve it."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._opening = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._server is None:
            async with self._opening:
                running = await open_app(os.environ["BENCH_DATABASE"], new=False)
                self._server = build_server(running, Settings())
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 50, 1_000)
        await self._server(scope, receive, send)


def make() -> Late:
    """Return the application."""
    return Late()
