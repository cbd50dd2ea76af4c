"""My absences: entered and ended on my account's page and over the API, with what I stand in for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import orjson
from fachwerk.engine.absences import absences, end_absence, enter_absence, stood_for
from fachwerk.engine.deputies import Absence, in_person
from fachwerk.engine.inbox import Inbox, Waiting
from fachwerk.engine.server.answer import json
from fachwerk.engine.server.api import signed_in
from fachwerk.engine.server.bodies import Form, read_json
from fachwerk.engine.server.headers import refuse
from fachwerk.engine.server.openapi import BASE
from fachwerk.engine.server.outgoing import action_data, plain
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.values import Person
from fachwerk.problems import Refused, Text
from starlette.responses import Response

MOST = 100
_DATE: Text = {"en": "A day is expected, such as 2026-08-31.", "de": "Erwartet wird ein Tag wie 2026-08-31."}
_MISSING: Text = {"en": "Please give a day.", "de": "Bitte einen Tag angeben."}
_KEYS = frozenset({"from", "until", "deputy", "reason"})


async def enter_mine(tools: Tools, person: Person, given: Mapping[str, str]) -> str:
    """Enter an absence of *person* from texts (``from``, ``until``, ``deputy``, ``reason``) and return its id."""
    in_person(person)
    days, errors = {}, {}
    for name in ("from", "until"):
        try:
            days[name] = dt.date.fromisoformat(given.get(name, "").strip())
        except ValueError:
            errors[name] = _DATE if given.get(name, "").strip() else _MISSING
    service = tools.service
    try:
        deputy = await service.kit.deputies.find(service.database, given.get("deputy", ""))
    except Refused as refused:
        errors |= refused.fields
    if errors:
        message = {"en": "Please look at the marked fields.", "de": "Bitte die markierten Felder ansehen."}
        raise Refused("bad_absence", message, status=422, fields=errors)
    reason = given.get("reason", "")
    try:
        return await enter_absence(
            service, person.id, deputy, days["from"], days["until"], reason=reason, by=person.id
        )  # fmt: skip
    except Refused as refused:
        fields = {"from" if name == "since" else name: text for name, text in refused.fields.items()}
        raise Refused(refused.code, refused.message, status=refused.status, fields=fields) from None


def texts_of(form: Form) -> dict[str, str]:
    """Return what a form says about an absence."""
    return {name: form.text(f"absence.{name}") or "" for name in _KEYS}


class MyApi:
    """The API about oneself: absences, those I stand in for, and what waits for me."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._inbox = Inbox(tools.service)

    def routes(self) -> tuple[Route, ...]:
        """Return the routes; no entity can be called ``me``."""
        mine = f"{BASE}/me/absences"
        return (
            Route(mine, {"GET": self.absences, "POST": self.enter}),
            Route(f"{mine}/{{absence}}", {"DELETE": self.end}),
            Route(f"{BASE}/me/deputy_of", {"GET": self.deputy_of}),
            Route(f"{BASE}/me/inbox", {"GET": self.inbox}),
        )

    async def absences(self, request: Request) -> Response:
        """GET my absences of today or later."""
        found = await absences(self._tools.service, signed_in(request).person.id)
        return _items([_said(one) for one in found])

    async def enter(self, request: Request) -> Response:
        """POST an absence: ``from``, ``until``, ``deputy`` (sign-in name, e-mail or name), ``reason``."""
        person = signed_in(request).person
        data = await read_json(request)
        if not isinstance(data, dict) or data.keys() - _KEYS or not all(isinstance(v, str) for v in data.values()):
            english = "An object with from, until, deputy and reason is expected."
            raise refuse("bad_values", 422, english, "Erwartet wird ein Objekt mit from, until, deputy und reason.")
        id = await enter_mine(self._tools, person, data)
        found = await absences(self._tools.service, person.id)
        return json(orjson.dumps(next(_said(one) for one in found if one.id == id)), 201)

    async def end(self, request: Request) -> Response:
        """DELETE: an absence of mine ends at once."""
        await end_absence(self._tools.service, signed_in(request).person.id, request.arguments[0])
        return Response(status_code=204)

    async def deputy_of(self, request: Request) -> Response:
        """GET for whom I act today: their ``id`` goes behind ``?for=``."""
        found = await stood_for(self._tools.service, signed_in(request).person)
        return _items([{"id": one.id, "name": one.name} for one in found])

    async def inbox(self, request: Request) -> Response:
        """GET what waits for me and for those I stand in for, the most urgent first."""
        found, more = await self._inbox.of(signed_in(request).person, MOST)
        return json(orjson.dumps({"items": [_task(one, request.language) for one in found], "more": more}, default=str))


def _items(items: list[dict[str, object]]) -> Response:
    return json(orjson.dumps({"items": items}))


def _said(one: Absence) -> dict[str, object]:
    deputy = {"id": one.deputy, "name": one.deputy_name}
    days = {"from": one.since.isoformat(), "until": one.until.isoformat()}
    return {"id": one.id, **days, "deputy": deputy, "reason": one.reason}


def _task(one: Waiting, language: str) -> dict[str, object]:
    absent = None if one.for_whom is None else {"id": one.for_whom.id, "name": one.for_whom.name}
    return {
        "entity": one.entity, "id": one.id, "version": one.version, "title": one.title, "workflow": one.workflow,
        "state": one.state, "due": plain(one.due) if isinstance(one.due, dt.datetime) else one.due, "for": absent,
        "actions": [action_data(action, language) for action in one.actions],
    }  # fmt: skip
