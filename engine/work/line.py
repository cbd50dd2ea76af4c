"""A line to the outside that can be cut: whoever waits for the other side on it, in a thread, is woken and comes back.

Without that a server that sends a byte now and then would keep a thread for as long as it likes.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import TypeVar

Result = TypeVar("Result")


class Line:
    """What one delivery is connected by."""

    def __init__(self) -> None:
        self._lock, self._is_cut = threading.Lock(), False
        self._held: socket.socket | None = None

    def connect(self, addresses: Iterable[str], port: int, seconds: float) -> socket.socket:
        """Return a connection to the first of *addresses* that takes one."""
        error: OSError = OSError("no address")
        for address in addresses:
            try:
                return self._hold(socket.create_connection((address, port), seconds))
            except OSError as refused:
                error = refused
        raise error

    def _hold(self, connection: socket.socket) -> socket.socket:
        with self._lock:
            if self._is_cut:
                connection.close()
                raise TimeoutError("nobody waits any more")
            # a second handle: it stays what it is when the first becomes one of TLS
            self._held = connection.dup()
        return connection

    def cut(self) -> None:
        """End the connection, in whatever state it is; there will be no further one."""
        with self._lock:
            self._is_cut = True
            if self._held is not None:
                with contextlib.suppress(OSError):
                    self._held.shutdown(socket.SHUT_RDWR)
                self._held.close()
                self._held = None


async def in_thread(threads: Executor, work: Callable[[Line], Result]) -> Result:
    """Do *work* in a thread; where nobody waits for it any more, its line is cut."""
    line = Line()
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, work, line)
    finally:
        line.cut()
