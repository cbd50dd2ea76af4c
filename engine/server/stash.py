"""Files that came with a form which was refused: kept for a while, so that nobody has to choose them again.

Kept in the memory of the process, within a limit; each belongs to the session that sent it. If one is gone, the form
says so by asking for the file once more.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from fachwerk.schemas.kinds import FileUpload


class Stash:
    """Keeps uploads by token, at most *most* bytes in all and *seconds* long each."""

    def __init__(
        self, most: int = 200_000_000, seconds: float = 3600, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._kept: OrderedDict[str, tuple[float, str, FileUpload]] = OrderedDict()
        self._size = 0

    def put(self, owner: str, upload: FileUpload) -> str:
        """Keep *upload* for the session *owner* and return its token."""
        token = secrets.token_urlsafe(16)
        self._kept[token] = (self._clock() + self._seconds, owner, upload)
        self._size += len(upload.content)
        while self._kept and (self._size > self._most or next(iter(self._kept.values()))[0] < self._clock()):
            _, (_, _, gone) = self._kept.popitem(last=False)
            self._size -= len(gone.content)
        return token

    def get(self, owner: str, token: str) -> FileUpload | None:
        """Return the file of *token* if *owner* sent it and it is still there."""
        kept = self._kept.get(token)
        return kept[2] if kept is not None and kept[1] == owner and kept[0] >= self._clock() else None
