"""The headers every answer carries, and the check of those that a request brings.

The content policy has no ``unsafe-*``: scripts and styles are files of this server. Host names outside the allow-list
are refused before anything else looks at the request.
"""

from __future__ import annotations

from fachwerk.engine.server.answer import Header
from fachwerk.engine.server.settings import Settings
from fachwerk.problems import Refused

_CONTENT = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
FILE_POLICY = "default-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'"
"""The policy of uploaded files: whatever is in them, nothing of it runs, loads or submits."""
_FEATURES = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"

_FIXED: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", _FEATURES.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_HSTS: Header = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def fixed_headers(settings: Settings) -> tuple[tuple[Header, ...], Header]:
    """Return the headers of every answer, and the content policy of those that do not bring a stricter one."""
    fixed = (*_FIXED, _HSTS) if settings.https else _FIXED
    return fixed, (b"content-security-policy", _CONTENT.encode())


def refuse(code: str, status: int, english: str, german: str) -> Refused:
    """Return a refusal in both languages."""
    return Refused(code, {"en": english, "de": german}, status=status)


def read_headers(raw: list[Header], settings: Settings) -> dict[bytes, bytes]:
    """Return headers by lower-case name; refuses too many, too long and repeated ones that must stand alone."""
    if len(raw) > settings.max_header_count or sum(len(n) + len(v) for n, v in raw) > settings.max_headers:
        english, german = "The request has too many headers.", "Die Anfrage hat zu viele Kopfzeilen."
        raise refuse("headers_too_large", 431, english, german)
    headers: dict[bytes, bytes] = {}
    for name, value in raw:
        if name in headers:
            if name in _ALONE:
                raise _repeated(name)
            value = headers[name] + (b"; " if name == b"cookie" else b", ") + value
        headers[name] = value
    return headers


_ALONE = frozenset({b"host", b"content-length", b"content-type", b"authorization", b"origin", b"if-match"})


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
        self._known: set[bytes] = set()

    def check(self, host: bytes | None) -> None:
        """Raise :class:`Refused` (400) unless *host*, the raw header, is a name of this server."""
        if host in self._known:
            return
        if host is None or not self._allowed(host):
            english, german = "This server has no such name.", "Unter diesem Namen antwortet der Server nicht."
            raise refuse("unknown_host", 400, english, german)
        if len(self._known) < 500:
            self._known.add(host)

    def _allowed(self, host: bytes) -> bool:
        try:
            text = host.decode("ascii").lower()
        except UnicodeDecodeError:
            return False
        name, _, port = text.rpartition(":") if ":" in text and not text.endswith("]") else (text, "", "")
        if (port and not (port.isdigit() and len(port) <= 5)) or not _is_name(name):
            return False
        return self._any or name in self._names or name.endswith(self._below or ("\0",))


def _is_name(name: str) -> bool:
    if name.startswith("[") and name.endswith("]"):
        return all(c in "0123456789abcdef:." for c in name[1:-1])
    return bool(name) and all(c.isalnum() or c in "-._" for c in name)
