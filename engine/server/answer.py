"""What the server sends back: status, headers and bytes, and the few ways to make one.

An :class:`Answer` is sent by ``app`` after the security headers were added; nobody else writes to the connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

Header = tuple[bytes, bytes]

HTML = b"text/html; charset=utf-8"
JSON = b"application/json"
PLAIN = b"text/plain; charset=utf-8"


@dataclass(slots=True)
class Answer:
    """One answer; *headers* are those besides content type and length, which come from *kind* and *body*."""

    status: int
    body: bytes = b""
    kind: bytes = HTML
    headers: list[Header] = field(default_factory=list)
    stream: AsyncIterator[bytes] | None = None
    """Sent piece by piece instead of *body*."""

    def set(self, name: str, value: str) -> Answer:
        """Add a header and return the answer; a value with control characters is a bug and raises ``ValueError``."""
        self.headers.append((name.lower().encode("ascii"), header_value(value)))
        return self


def header_value(value: str) -> bytes:
    """Return *value* as the bytes of a header; raises ``ValueError`` for control characters or non-ASCII."""
    if any(not " " <= character <= "~" for character in value):
        raise ValueError("a header value holds printable ASCII only")
    return value.encode("ascii")


def page(html: str, status: int = 200) -> Answer:
    """Return a page that no cache keeps."""
    return Answer(status, html.encode("utf-8"), HTML, [(b"cache-control", b"no-store")])


def json(body: bytes, status: int = 200) -> Answer:
    """Return encoded JSON that no shared cache keeps and every cache has to ask for again."""
    return Answer(status, body, JSON, [(b"cache-control", b"private, no-cache")])


def plain(text: str, status: int = 200) -> Answer:
    """Return a short plain text."""
    return Answer(status, text.encode("utf-8"), PLAIN, [(b"cache-control", b"no-store")])


def redirect(path: str, status: int = 303) -> Answer:
    """Return a redirect to a *path* of this server; anything else raises ``ValueError``."""
    if not is_local(path):
        raise ValueError("a redirect leads to a path of this server")
    location = quote(path, safe="/?&=%#+,:;@!$'()*~-._")
    return Answer(status, b"", PLAIN, [(b"location", location.encode("ascii")), (b"cache-control", b"no-store")])


def is_local(path: str) -> bool:
    """Whether *path* is a path of this server that no browser reads as another host's address."""
    if not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path:
        return False
    return all(" " < character != "\x7f" for character in path)


def local_or(path: str | None, otherwise: str = "/") -> str:
    """Return *path* if it leads nowhere but to this server, else *otherwise*."""
    return path if path and len(path) <= 1024 and is_local(path) else otherwise


def cookie(name: str, value: str, *, secure: bool, seconds: int | None = None, hidden: bool = True) -> Header:
    """Return the header that sets a cookie for the whole server; *seconds* 0 removes it.

    Without *seconds* it ends with the browser. *hidden* keeps scripts from reading it. SameSite=Lax: other
    sites' forms never carry it.
    """
    parts = [f"{name}={value}", "Path=/", "SameSite=Lax"]
    if seconds is not None:
        parts.append(f"Max-Age={seconds}")
    parts += ["HttpOnly"] * hidden + ["Secure"] * secure
    return b"set-cookie", header_value("; ".join(parts))


def attachment(name: str, inline: bool = False) -> str:
    """Return a Content-Disposition for a file *name* that came from a person (RFC 6266, RFC 8187)."""
    plain_name = "".join(c if " " <= c <= "~" and c not in '"\\%;/' else "_" for c in name)[:150] or "file"
    how = "inline" if inline else "attachment"
    return f"{how}; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name[:200], safe='')}"


def etag_matches(header: bytes | None, tag: bytes) -> bool:
    """Whether an If-None-Match *header* names *tag* (weak comparison, RFC 9110 section 13.1.2)."""
    if header is None:
        return False
    if header.strip() == b"*":
        return True
    wanted = tag.removeprefix(b"W/")
    return any(part.strip().removeprefix(b"W/") == wanted for part in header.split(b","))


def allow(methods: Sequence[str]) -> Header:
    """Return the Allow header for *methods*."""
    return b"allow", ", ".join(methods).encode("ascii")
