"""A request as the handlers see it: Starlette's, with checked path and query, and a body that arrives within limits.

Texts that reach a handler hold valid Unicode without NUL: neither database nor page has to think of them again.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fachwerk.engine.server.headers import check_headers, refuse
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from starlette import requests
from starlette.datastructures import QueryParams
from starlette.requests import cookie_parser
from starlette.types import Message, Receive, Scope

KEY = "fachwerk.request"
"""Where the request is found in the scope."""
DONE = "fachwerk.done"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the person, the name they sign in by, and the secret of the session (empty for an API token)."""

    person: Person
    sign_in: str = ""
    secret: str = ""
    notices: int = 0
    """How many notices are unread."""


class Request(requests.Request):
    """One HTTP request. Making one raises :class:`Refused` where headers, path or query break a limit."""

    def __init__(self, scope: Scope, receive: Receive, settings: Settings) -> None:
        self._bounds = _Bounds(receive, settings.body_seconds)
        super().__init__(scope, self._bounds)
        self.settings = settings
        self.language = "en"
        self.identity: Identity | None = None
        """Who asks; filled in by the site before a handler runs."""
        self.acting: Person | None = None
        """The absent person for whom whoever asks acts in this request."""
        self.visit = ""
        self.visit_is_new = False
        """The secret of somebody who is not signed in, from which the tokens of their forms are made."""
        self.path: str = scope["path"]
        self.raw_query: bytes = scope.get("query_string", b"")
        check_headers(scope["headers"], settings)
        _check_address(self.path, scope.get("raw_path") or self.path, self.raw_query, settings)

    @property
    def scheme(self) -> str:
        """How people reach the server: ``http`` or ``https``."""
        return "https" if self.settings.https else str(self.scope.get("scheme", "http"))

    @property
    def done(self) -> dict[str, object]:
        """What this request has written for good, should it be begun again by another version; for its handler."""
        found: dict[str, object] = self.scope.setdefault(DONE, {})
        return found

    @property
    def address(self) -> str:
        """The network address of whoever asks (of the proxy, unless the HTTP server is told to trust its word)."""
        return self.client.host if self.client else ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The texts that stand for the names in the address of the route, in their order."""
        return tuple(self.path_params.values())

    @property
    def query_params(self) -> QueryParams:
        """The parameters of the address in their order; raises :class:`Refused` (400) for what is no text."""
        if not hasattr(self, "_query_params"):
            self._query_params = QueryParams(read_pairs(self.raw_query, self.settings.max_parameters))
        return self._query_params

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the address, as the query language takes them."""
        return tuple(self.query_params.multi_items()) if self.raw_query else ()

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies; of several with one name the first, which is the most specific."""
        if not hasattr(self, "_cookies"):
            # Starlette keeps the last of a name, and takes a lonely word for the value of a cookie without name.
            parts = ";".join(self.headers.getlist("cookie")).split(";")
            self._cookies = cookie_parser(";".join(part for part in reversed(parts) if "=" in part))
        return self._cookies

    @property
    def partial(self) -> bool:
        """Whether htmx asks, for a part of a page."""
        return self.headers.get("hx-request") == "true"

    def content_type(self) -> str:
        """Return the media type of the body without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def allow(self, limit: int) -> Request:
        """Let a body of up to *limit* bytes arrive, and return the request; without this none is read at all.

        Raises :class:`Refused` (413) if more is declared; reading raises it beyond *limit*, or (408) if nothing comes.
        """
        self._bounds.limit = limit
        declared = self.headers.get("content-length")
        if declared is not None:
            if not (declared.isascii() and declared.isdigit()) or len(declared) > 19:
                raise refuse("bad_length", 400, "Content-Length is no number.", "Content-Length ist keine Zahl.")
            if int(declared) > limit:
                raise too_large(limit)
        return self


class _Bounds:
    """The channel that a body arrives by, with a limit of its size and of the time that it takes."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive, self._seconds = receive, seconds
        self._got, self._started = 0, 0.0
        self.limit = 0

    async def __call__(self) -> Message:
        clock = asyncio.get_running_loop().time
        self._started = self._started or clock()
        try:
            async with asyncio.timeout(self._seconds):
                message = await self._receive()
        except TimeoutError:
            raise _too_slow() from None
        self._got += len(message.get("body", b""))
        if self._got > self.limit:
            raise too_large(self.limit)
        if clock() - self._started > self._seconds * 60:
            raise _too_slow()
        return message


def new_id() -> str:
    """Return an id for an incident, short enough to be read out over the telephone."""
    return secrets.token_hex(6)


def read_pairs(raw: bytes, most: int) -> list[tuple[str, str]]:
    """Return the name-value pairs of a query or form in url-encoding; raises :class:`Refused` (400).

    Starlette reads them, too, but lets bytes through that are no UTF-8.
    """
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
    return pairs


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


def _check_address(path: str, raw: bytes | str, query: bytes, settings: Settings) -> None:
    if len(raw) > settings.max_path or len(query) > settings.max_query:
        raise refuse("address_too_long", 414, "The address is too long.", "Die Adresse ist zu lang.")
    # U+FFFD stands for bytes that were no UTF-8: the HTTP server decoded them loosely.
    if not path.isprintable() or "\ufffd" in path or "\\" in path or not path.startswith("/"):
        raise refuse("bad_address", 400, "This is no valid address.", "Das ist keine gültige Adresse.")
