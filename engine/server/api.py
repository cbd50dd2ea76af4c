"""The JSON API: lists, records, changes and actions of every entity, through the service and its rights.

By bearer token; by the session's cookie only for requests that say they come from this site. Changing or deleting
a record needs the version that was read: ``If-Match`` with the ETag (``*``: any), or ``version`` in the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import orjson
from fachwerk.engine.server import errors
from fachwerk.engine.server.answer import json, not_modified, set_header
from fachwerk.engine.server.bodies import read_json
from fachwerk.engine.server.csrf import SAFE, require_origin
from fachwerk.engine.server.headers import refuse
from fachwerk.engine.server.incoming import JsonReader
from fachwerk.engine.server.openapi import BASE, openapi
from fachwerk.engine.server.outgoing import action_data, event_data
from fachwerk.engine.server.request import Identity, Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.standing import stand_in
from fachwerk.engine.server.tools import Tools, check_may_read
from fachwerk.engine.values import Person, Record
from fachwerk.problems import Refused, nearest
from fachwerk.schemas.measures import period_of
from fachwerk.schemas.model import Period
from starlette.responses import Response

_WISH = ("comment", "values", "version", "by")


class Api:
    """The handlers of the API of one configuration."""

    def __init__(self, tools: Tools) -> None:
        self._tools, self._service, app = tools, tools.service, tools.app
        self._readers = {name: JsonReader(entity.model, app.place) for name, entity in app.entities.items()}
        self._document = orjson.dumps(openapi(tools.project))

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of the API."""
        one = f"{BASE}/{{entity}}/{{id}}"
        return (
            Route(f"{BASE}/openapi.json", {"GET": self.describe}),
            Route(f"{BASE}/{{entity}}", {"GET": self.find, "POST": self.create}),
            Route(one, {"GET": self.read, "PATCH": self.change, "DELETE": self.remove}),
            Route(f"{one}/history", {"GET": self.history}),
            Route(f"{one}/actions", {"GET": self.actions}),
            Route(f"{one}/actions/{{action}}", {"POST": self.act}),
        )

    async def describe(self, request: Request) -> Response:
        """GET the OpenAPI document."""
        signed_in(request)
        return _tagged(request, self._document)

    async def find(self, request: Request) -> Response:
        """GET a page of records."""
        entity, person = self._entity(request), signed_in(request).person
        check_may_read(self._tools, person, self._tools.app.entities[entity].model)
        body = await self._service.find_encoded(person, entity, request.query)
        return _tagged(request, body)

    async def read(self, request: Request) -> Response:
        """GET one record; its ETag begins with the version."""
        entity = self._entity(request)
        body, version = await self._service.read_encoded(await self._actor(request), entity, request.arguments[1])
        return _tagged(request, body, f"{version}-")

    async def create(self, request: Request) -> Response:
        """POST a new record."""
        entity, person = self._entity(request), signed_in(request).person
        read = self._readers[entity].read(await read_json(request))
        record = await self._service.create(person, entity, read.values, unreadable=read.unreadable, origin="api")
        return set_header(self._record(record, 201), "Location", f"{BASE}/{entity}/{record.id}")

    async def change(self, request: Request) -> Response:
        """PATCH some fields of a record."""
        entity, person = self._entity(request), signed_in(request).person
        data = await read_json(request)
        version = _version(request, data.pop("version", None) if isinstance(data, dict) else None)
        read = self._readers[entity].read(data)
        record = await self._service.change(
            person, entity, request.arguments[1], read.values,
            version=version, unreadable=read.unreadable, origin="api",
        )  # fmt: skip
        return self._record(record)

    async def remove(self, request: Request) -> Response:
        """DELETE a record."""
        entity, person = self._entity(request), signed_in(request).person
        await self._service.remove(person, entity, request.arguments[1], version=_version(request, None))
        return Response(status_code=204)

    async def actions(self, request: Request) -> Response:
        """GET what can be done with a record, and what cannot and why."""
        entity, person = self._entity(request), await self._actor(request)
        found = await self._service.actions(person, entity, request.arguments[1])
        items = [action_data(action, request.language) for action in found]
        return _tagged(request, orjson.dumps({"items": items}, default=str))

    async def act(self, request: Request) -> Response:
        """POST an action: a transition, or an opinion as ``part.outcome``."""
        entity, person = self._entity(request), await self._actor(request)
        wish = await read_json(request) if request.headers.get("content-length", "0") != "0" else {}
        values, comment, version, by = _wish(wish)
        read = self._readers[entity].read(values)
        if read.unreadable:
            raise _unreadable(read.unreadable)
        _, key, action = request.arguments
        record = await self._service.act(
            person, entity, key, action, values=read.values, comment=comment, version=version, origin="api", period=by
        )
        return self._record(record)

    async def history(self, request: Request) -> Response:
        """GET what happened to a record."""
        entity, person = self._entity(request), await self._actor(request)
        found = await self._service.history(person, entity, request.arguments[1])
        return _tagged(request, orjson.dumps({"items": [event_data(event) for event in found]}, default=str))

    def _record(self, record: Record, status: int = 200) -> Response:
        # Who may write a record may not always read it: then the answer says no more than that it was done.
        if not record.version:
            return json(orjson.dumps({"id": record.id}), status)
        body = self._service.encoded(record)
        return json(body, status, etag=_tag(body, f"{record.version}-"))

    async def _actor(self, request: Request) -> Person:
        """Return who acts: with ``?for=ID`` an absent person, for whom whoever asks stands in."""
        signed_in(request)
        return await stand_in(self._tools, request)

    def _entity(self, request: Request) -> str:
        name = request.arguments[0]
        if name not in self._readers:
            near = nearest(name[:100], self._readers)
            hint = f" Did you mean {near}?" if near else "", f" Meinen Sie {near}?" if near else ""
            english, german = f"There is no such entity.{hint[0]}", f"Eine solche Entität gibt es nicht.{hint[1]}"
            raise refuse("not_found", 404, english, german)
        return name


def signed_in(request: Request) -> Identity:
    """Return who asks; raises :class:`Refused` (401, or 403 for a form of another site)."""
    identity = request.identity
    if identity is None:
        raise errors.not_signed_in()
    if identity.secret and request.method not in SAFE:
        require_origin(request.headers, request.scheme)
    return identity


def _tag(body: bytes, prefix: str = "") -> str:
    return f'"{prefix}{blake2b(body, digest_size=9).hexdigest()}"'


def _tagged(request: Request, body: bytes, prefix: str = "") -> Response:
    tag = _tag(body, prefix)
    return not_modified(request.headers.getlist("if-none-match"), tag) or json(body, etag=tag)


def _version(request: Request, given: object) -> int | None:
    """Return the version that a change is based on; ``None`` if the caller says that any will do."""
    header = request.headers.get("if-match", "").strip().removeprefix("W/")
    if header == "*":
        return None
    if header:
        digits = header.strip('"').partition("-")[0]
        if digits.isascii() and digits.isdigit() and len(digits) <= 9:
            return int(digits)
        raise refuse("bad_version", 400, "If-Match holds no version.", "If-Match enthält keine Version.")
    if type(given) is int and 0 < given < 2**31:
        return given
    raise refuse(
        "version_needed",
        428,
        "Say which version you read: If-Match with its ETag, or version in the body.",
        "Nennen Sie die gelesene Version: If-Match mit dem ETag oder version im Inhalt.",
    )


def _wish(wish: object) -> tuple[object, str | None, int | None, Period | None]:
    if not isinstance(wish, dict) or wish.keys() - set(_WISH):
        english = "An object with values, comment, version and by is expected."
        raise refuse("bad_values", 422, english, "Erwartet wird ein Objekt mit values, comment, version und by.")
    comment, version = wish.get("comment"), wish.get("version")
    if not isinstance(comment, str | None) or not (version is None or (type(version) is int and 0 < version < 2**31)):
        english = "The comment is a text, the version a number."
        raise refuse("bad_values", 422, english, "Der Kommentar ist ein Text, die Version eine Zahl.")
    values = wish.get("values")
    return {} if values is None else values, comment, version, _span(wish.get("by"))


def _span(by: object) -> Period | None:
    """Return by how much a deadline is to be extended: ``2 weeks``."""
    found = period_of(by) if isinstance(by, str) and len(by) < 40 else None
    if by is not None and found is None:
        raise refuse("bad_period", 422, "`by` is a span such as 2 weeks.", "`by` ist eine Spanne wie 2 weeks.")
    return found


def _unreadable(fields: Mapping[str, Mapping[str, str]]) -> Refused:
    message = {"en": "Some values could not be read.", "de": "Einige Werte konnten nicht gelesen werden."}
    return Refused("invalid", message, status=422, fields=fields)
