"""A request as the handlers see it: checked path and query, cookies, and bodies read within limits.

Texts that reach a handler hold valid Unicode without NUL: neither database nor page has to think of them again.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fachwerk.engine.server.headers import read_headers, refuse
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.values import Person
from fachwerk.problems import Refused

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the person, the name they sign in by, and the secret of the session (empty for an API token)."""

    person: Person
    sign_in: str = ""
    secret: str = ""
    notices: int = 0
    """How many notices are unread."""


class Request:
    """One HTTP request. Making one raises :class:`Refused` where headers, path or query break a limit."""

    __slots__ = (
        "_cookies",
        "_query",
        "_receive",
        "arguments",
        "client",
        "headers",
        "identity",
        "language",
        "method",
        "path",
        "raw_query",
        "scheme",
        "settings",
        "visit",
        "visit_is_new",
    )

    def __init__(self, scope: Scope, receive: Receive, settings: Settings) -> None:
        self.settings = settings
        self.method: str = scope["method"]
        self.scheme = "https" if settings.https else str(scope.get("scheme", "http"))
        client = scope.get("client")
        self.client = str(client[0]) if client else ""
        """The network address of whoever asks (of the proxy, unless the HTTP server is told to trust its word)."""
        self.language = "en"
        self.identity: Identity | None = None
        """Who asks; filled in by the site before a handler runs."""
        self.visit = ""
        self.visit_is_new = False
        """The secret of somebody who is not signed in, from which the tokens of their forms are made."""
        self.headers = read_headers(scope["headers"], settings)
        self.raw_query: bytes = scope.get("query_string", b"")
        self.path = _check_path(scope, settings)
        self.arguments: tuple[str, ...] = ()
        self._receive = receive
        self._query: tuple[tuple[str, str], ...] | None = None
        self._cookies: dict[str, str] | None = None
        if len(self.raw_query) > settings.max_query:
            raise refuse("address_too_long", 414, "The address is too long.", "Die Adresse ist zu lang.")

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the address in their order; raises :class:`Refused` (400) for what is no text."""
        if self._query is None:
            self._query = read_pairs(self.raw_query, self.settings.max_parameters) if self.raw_query else ()
        return self._query

    def parameter(self, name: str) -> str | None:
        """Return the first parameter called *name*."""
        return next((value for key, value in self.query if key == name), None)

    def header(self, name: bytes) -> str:
        """Return a header as text (Latin-1, as HTTP has it); empty if it is not there."""
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies; of several with one name the first, which is the most specific."""
        if self._cookies is None:
            self._cookies = {}
            for part in self.header(b"cookie").split(";"):
                name, equals, value = part.strip().partition("=")
                if equals:
                    self._cookies.setdefault(name, value)
        return self._cookies

    @property
    def partial(self) -> bool:
        """Whether htmx asks, for a part of a page."""
        return self.headers.get(b"hx-request") == b"true"

    def content_type(self) -> str:
        """Return the media type of the body without its parameters, in lower case."""
        return self.header(b"content-type").partition(";")[0].strip().lower()

    async def body(self, limit: int) -> bytes:
        """Return the whole body; raises :class:`Refused` (413 beyond *limit* bytes, 408 if it does not arrive)."""
        return b"".join([chunk async for chunk in self.stream(limit)])

    async def stream(self, limit: int) -> AsyncIterator[bytes]:
        """Give the body piece by piece, within *limit* bytes and the time of the settings."""
        self._check_declared(limit)
        got, started, seconds = 0, asyncio.get_running_loop().time(), self.settings.body_seconds
        while True:
            try:
                async with asyncio.timeout(seconds):
                    message = await self._receive()
            except TimeoutError:
                raise _too_slow() from None
            if message["type"] == "http.disconnect":
                raise Gone
            chunk: bytes = message.get("body", b"")
            got += len(chunk)
            if got > limit:
                raise too_large(limit)
            if asyncio.get_running_loop().time() - started > seconds * 60:
                raise _too_slow()
            yield chunk
            if not message.get("more_body"):
                return

    def _check_declared(self, limit: int) -> None:
        declared = self.headers.get(b"content-length")
        if declared is None:
            return
        if not declared.isdigit() or len(declared) > 19:
            raise refuse("bad_length", 400, "Content-Length is no number.", "Content-Length ist keine Zahl.")
        if int(declared) > limit:
            raise too_large(limit)


class Gone(Exception):
    """The client went away before its body was there: there is nobody left to answer."""


def new_id() -> str:
    """Return an id for an incident, short enough to be read out over the telephone."""
    return secrets.token_hex(6)


def read_pairs(raw: bytes, most: int) -> tuple[tuple[str, str], ...]:
    """Return the name-value pairs of a query or form in url-encoding; raises :class:`Refused` (400)."""
    try:
        text = raw.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=most)
    except UnicodeDecodeError:
        raise bad_text() from None
    except ValueError:
        raise refuse("too_many_parameters", 400, "Too many parameters.", "Zu viele Angaben.") from None
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise bad_text()
    return tuple(pairs)


def bad_text() -> Refused:
    """Return the refusal of bytes that are no text (not UTF-8, NUL, half of a surrogate pair)."""
    return refuse(
        "bad_text",
        400,
        "The request holds characters that are no valid text.",
        "Die Anfrage enthält Zeichen, die kein gültiger Text sind.",
    )


def too_large(limit: int) -> Refused:
    """Return the refusal of a body above *limit* bytes."""
    shown = f"{limit / 1_000_000:.3g} MB"
    return refuse(
        "too_large", 413, f"Too large: at most {shown} can be sent at once.", f"Zu groß: höchstens {shown} auf einmal."
    )


def _too_slow() -> Refused:
    return refuse("too_slow", 408, "The request did not arrive in time.", "Die Anfrage kam nicht rechtzeitig an.")


def _check_path(scope: Scope, settings: Settings) -> str:
    raw: bytes | None = scope.get("raw_path")
    path: str = scope["path"]
    if len(raw or path) > settings.max_path:
        raise refuse("address_too_long", 414, "The address is too long.", "Die Adresse ist zu lang.")
    # U+FFFD stands for bytes that were no UTF-8: the HTTP server decoded them loosely.
    if not path.isprintable() or "\ufffd" in path or "\\" in path or not path.startswith("/"):
        raise refuse("bad_address", 400, "This is no valid address.", "Das ist keine gültige Adresse.")
    return path
