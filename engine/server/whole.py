"""Answers made piece by piece and sent once they are whole.

What is made out of many statements can fail half-way: when a new version comes into force, say. As long as nothing was
sent the request is begun again; a half answer could not be taken back. The pieces wait in a file, so memory stays flat.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from tempfile import SpooledTemporaryFile

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

IN_MEMORY = 4_000_000
"""Bytes that wait in memory; more of them wait on the disk."""
_PIECE = 262_144


class Whole(Response):
    """A response of *pieces*."""

    def __init__(self, pieces: AsyncIterator[bytes], headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(b"", 200, headers, media_type)
        self._pieces = pieces

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Make all pieces, then send them."""
        with SpooledTemporaryFile(IN_MEMORY) as file:
            try:
                async for piece in self._pieces:
                    file.write(piece)
            finally:
                close = getattr(self._pieces, "aclose", None)
                if close is not None:
                    await close()
            self.headers["content-length"] = str(file.tell())
            file.seek(0)
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while piece := file.read(_PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
