"""The check of the headers that a request brings.

Host names outside the allow-list are refused before anything else looks at the request.
"""

from __future__ import annotations

from collections.abc import Iterable

from fachwerk.engine.server.settings import Settings
from fachwerk.problems import Refused

FILE_POLICY = "default-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'"
"""The policy of uploaded files: whatever is in them, nothing of it runs, loads or submits."""


def refuse(code: str, status: int, english: str, german: str) -> Refused:
    """Return a refusal in both languages."""
    return Refused(code, {"en": english, "de": german}, status=status)


def check_headers(raw: Iterable[tuple[bytes, bytes]], settings: Settings) -> None:
    """Raise :class:`Refused` for too many or too long headers, and for repeated ones that must stand alone."""
    count, size, seen = 0, 0, set()
    for name, value in raw:
        count += 1
        size += len(name) + len(value)
        if name in _ALONE:
            if name in seen:
                raise _repeated(name)
            seen.add(name)
    if count > settings.max_header_count or size > settings.max_headers:
        english, german = "The request has too many headers.", "Die Anfrage hat zu viele Kopfzeilen."
        raise refuse("headers_too_large", 431, english, german)


_ALONE = frozenset(
    (b"host", b"content-length", b"content-type", b"authorization", b"origin", b"if-match", b"sec-fetch-site")
)


def _repeated(name: bytes) -> Refused:
    shown = name.decode("ascii", "replace")
    return refuse(
        "repeated_header", 400, f"The header {shown} was sent twice.", f"Die Kopfzeile {shown} wurde zweimal gesendet."
    )


class Hosts:
    """The allow-list of host names, which remembers the last few hundred answers."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._any = "*" in names
        self._names = frozenset(name.lower() for name in names)
        self._below = tuple(name.lower() for name in names if name.startswith("."))
        self._known: set[str] = set()

    def check(self, host: str | None) -> None:
        """Raise :class:`Refused` (400) unless *host*, the raw header, is a name of this server."""
        if host in self._known:
            return
        if host is None or not self._allowed(host):
            english, german = "This server has no such name.", "Unter diesem Namen antwortet der Server nicht."
            raise refuse("unknown_host", 400, english, german)
        if len(self._known) < 500:
            self._known.add(host)

    def _allowed(self, host: str) -> bool:
        if not host.isascii():
            return False
        text = host.lower()
        name, _, port = text.rpartition(":") if ":" in text and not text.endswith("]") else (text, "", "")
        if (port and not (port.isdigit() and len(port) <= 5)) or not _is_name(name):
            return False
        return self._any or name in self._names or name.endswith(self._below or ("\0",))


def _is_name(name: str) -> bool:
    if name.startswith("[") and name.endswith("]"):
        return all(c in "0123456789abcdef:." for c in name[1:-1])
    return bool(name) and all(c.isalnum() or c in "-._" for c in name)
