"""The few ways to make a response: Starlette's classes with the headers that every page or every JSON of ours has.

Security headers are added to all of them on their way out (``guards``).
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response


def page(html: str, status: int = 200) -> Response:
    """Return a page that no cache keeps."""
    return HTMLResponse(html, status, {"cache-control": "no-store"})


def json(body: bytes, status: int = 200, **headers: str) -> Response:
    """Return encoded JSON that no shared cache keeps and every cache has to ask for again."""
    return Response(body, status, {"cache-control": "private, no-cache", **headers}, "application/json")


def plain(text: str, status: int = 200) -> Response:
    """Return a short plain text."""
    return PlainTextResponse(text, status, {"cache-control": "no-store"})


def redirect(path: str, status: int = 303) -> Response:
    """Return a redirect to a *path* of this server; anything else raises ``ValueError``."""
    if not is_local(path):
        raise ValueError("a redirect leads to a path of this server")
    return RedirectResponse(path, status, {"cache-control": "no-store"})


def set_header(response: Response, name: str, value: str) -> Response:
    """Add a header and return the response; a value with control characters is a bug and raises ``ValueError``."""
    response.headers[name] = header_value(value)
    return response


def header_value(value: str) -> str:
    """Return *value* if it can be one of a header; raises ``ValueError`` for control characters or non-ASCII."""
    if not (value.isascii() and value.isprintable()):
        raise ValueError("a header value holds printable ASCII only")
    return value


def is_local(path: str) -> bool:
    """Whether *path* is a path of this server that no browser reads as another host's address."""
    if not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path:
        return False
    return all(" " < character != "\x7f" for character in path)


def local_or(path: str | None, otherwise: str = "/") -> str:
    """Return *path* if it leads nowhere but to this server, else *otherwise*."""
    return path if path and len(path) <= 1024 and is_local(path) else otherwise


def set_cookie(response: Response, name: str, value: str, *, secure: bool, seconds: int | None = None) -> None:
    """Set a cookie for the whole server that no script can read; *seconds* 0 removes it.

    Without *seconds* it ends with the browser. SameSite=Lax: other sites' forms never carry it.
    """
    response.set_cookie(name, value, seconds, secure=secure, httponly=True, samesite="lax")


def attachment(name: str, inline: bool = False) -> str:
    """Return a Content-Disposition for a file *name* that came from a person (RFC 6266, RFC 8187)."""
    plain_name = "".join(c if " " <= c <= "~" and c not in '"\\%;/' else "_" for c in name)[:150] or "file"
    how = "inline" if inline else "attachment"
    return f"{how}; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name[:200], safe='')}"


def not_modified(tags: list[str], tag: str) -> Response | None:
    """Return 304 if If-None-Match names *tag* (weak comparison, RFC 9110 section 13.1.2), else ``None``."""
    wanted = tag.removeprefix("W/")
    named = (part.strip() for header in tags for part in header.split(","))
    if any(part == "*" or part.removeprefix("W/") == wanted for part in named):
        return Response(status_code=304, headers={"etag": tag})
    return None
