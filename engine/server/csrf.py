"""Whether a request that changes something was meant by the person whose cookie it carries.

Two independent guards. The browser says where a request comes from (``Sec-Fetch-Site``, else ``Origin``): another site
is refused. And every form holds a token made from the cookie, which other sites can neither read nor guess.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from fachwerk.engine.server.headers import refuse
from fachwerk.problems import Refused

FIELD = "_csrf"
"""The name of the form field that carries the token."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def form_token(secret: str) -> str:
    """Return the token of the forms of whoever holds the cookie *secret*; it tells nothing about the cookie."""
    return hashlib.blake2b(b"form", key=secret.encode()[:64], digest_size=24).hexdigest()


def check_token(secret: str | None, given: str | None) -> None:
    """Raise :class:`Refused` (403) unless *given* is the token of *secret*."""
    if not secret or not given or not hmac.compare_digest(form_token(secret).encode(), given.encode()):
        raise refuse(
            "form_expired",
            403,
            "This form is no longer valid. Open the page again, and send it once more.",
            "Dieses Formular gilt nicht mehr. Öffnen Sie die Seite neu und senden Sie es noch einmal.",
        )


def check_origin(headers: Mapping[str, str], scheme: str) -> None:
    """Raise :class:`Refused` (403) if the browser says that a request comes from elsewhere.

    A request without either header comes from no current browser; then the token or the bearer's secret decides.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise foreign()
        return
    origin = headers.get("origin")
    if origin is not None and not _same(origin, headers.get("host", ""), scheme):
        raise foreign()


def require_origin(headers: Mapping[str, str], scheme: str) -> None:
    """Like :func:`check_origin`, but also refuses a request that does not say where it comes from.

    For the API by cookie, which carries no token.
    """
    check_origin(headers, scheme)
    if "sec-fetch-site" not in headers and "origin" not in headers:
        raise foreign()


def foreign() -> Refused:
    """Return the refusal of a request from another site."""
    return refuse(
        "foreign_request",
        403,
        "The request came from another site and was not carried out.",
        "Die Anfrage kam von einer anderen Seite und wurde nicht ausgeführt.",
    )


def _same(origin: str, host: str, scheme: str) -> bool:
    # Behind a proxy that ends TLS the scheme seen here may be http: the host is what cannot be forged by a page.
    name = origin.partition("://")
    schemes = ("https",) if scheme == "https" else ("http", "https")
    return name[0] in schemes and name[2].lower() == host.lower()
