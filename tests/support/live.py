"""The north star application behind a real HTTP server on a free port, for browsers and raw connections."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import uvicorn
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.wire import Protocol
from town import SETTINGS, Town, open_app, open_town


class Serving:
    """The application behind a real HTTP server in a thread of its own."""

    def __init__(self, url: str, prepare: Callable[[Town], object] | None = None) -> None:
        self.port = 0
        self._url, self._prepare = url, prepare
        self._ready = threading.Event()
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        with open_town(self._url) as town:
            if self._prepare is not None:
                self._prepare(town)
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        opened = await open_app(self._url, new=False)
        app = build_server(opened, SETTINGS)
        self._server = uvicorn.Server(uvicorn.Config(app, port=0, http=Protocol, log_level="error", lifespan="off"))
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it by this flag alone
            await asyncio.sleep(0.02)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self._ready.set()
        await serving
        await opened.database.close()

    def __enter__(self) -> str:
        self._thread.start()
        assert self._ready.wait(60)
        return f"http://127.0.0.1:{self.port}"

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive(), "the server does not stop"
