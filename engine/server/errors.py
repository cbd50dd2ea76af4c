"""How refusals and failures are said: one shape for the API, one page for people, an id for the log.

No text of an exception that is not a :class:`Refused` ever leaves the server: whoever asked gets the id under which the
log has the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from html import escape

import orjson
from fachwerk.engine.server.answer import json, page
from fachwerk.engine.server.headers import refuse
from fachwerk.engine.server.outgoing import plain
from fachwerk.engine.server.request import Request, new_id
from fachwerk.problems import Refused, say
from starlette.responses import Response

LOG = logging.getLogger("fachwerk.server")


def error_answer(refused: Refused, language: str, incident: str) -> Response:
    """Return the one shape in which the API refuses: code, message, fields and id (and conflicts, if there are any)."""
    body: dict[str, object] = {
        "code": refused.code,
        "message": say(refused.message, language),
        "fields": {name: say(text, language) for name, text in refused.fields.items()},
        "id": incident,
    }
    conflicts = conflicts_of(refused)
    if conflicts:
        body["conflicts"] = plain(conflicts)
    answer = json(orjson.dumps({"error": body}, default=str), refused.status)
    if refused.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def bare_page(refused: Refused, incident: str) -> Response:
    """Return a refusal as the plainest of pages, for requests so broken that no language or person is known."""
    text = escape(f"{refused} / {say(refused.message, 'de')}")
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{refused.status}</title></head>'
    return page(f"{head}<body><h1>{refused.status}</h1><p>{text}</p><p>{incident}</p></body></html>", refused.status)


def conflicts_of(refused: Refused) -> Mapping[str, object]:
    """Return, per field that somebody else changed meanwhile, what was sent, what stands and what it was before."""
    found: object = getattr(refused, "conflicts", None)
    return found if isinstance(found, Mapping) else {}


def failed(request: Request | None, error: Exception) -> tuple[Refused, str]:
    """Log a failure with all that is known, and return what may be said of it, with the id."""
    incident = new_id()
    where = f"{request.method} {request.path}" if request else "a request"
    LOG.error("incident %s: %s failed", incident, where, exc_info=error)
    return refuse(
        "failure",
        500,
        f"Something went wrong. The incident {incident} was noted.",
        f"Etwas ist schiefgegangen. Der Vorfall {incident} wurde festgehalten.",
    ), incident


def not_found() -> Refused:
    """Return the refusal of an address that leads nowhere."""
    return refuse("not_found", 404, "There is nothing at this address.", "Unter dieser Adresse gibt es nichts.")


def wrong_method(names: str) -> Refused:
    """Return the refusal of a method that an address does not answer."""
    return refuse("wrong_method", 405, f"This address answers {names}.", f"Diese Adresse beantwortet {names}.")


def not_signed_in() -> Refused:
    """Return the refusal of a request that says not who makes it."""
    return refuse("not_signed_in", 401, "Sign in first.", "Melden Sie sich zuerst an.")


def overloaded() -> Refused:
    """Return the refusal of work that takes too long."""
    return refuse(
        "too_long",
        503,
        "This takes too long just now. Try again in a while.",
        "Das dauert gerade zu lange. Versuchen Sie es später noch einmal.",
    )
