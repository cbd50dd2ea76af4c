"""What the history shows of the work: times and ways on a page, and event logs for tools of process mining."""

from __future__ import annotations

import datetime as dt
from typing import cast

from fachwerk.engine.evidence.attributes import People, Wanted
from fachwerk.engine.evidence.exporting import ENDINGS, MEDIA, Export, Shape, exported
from fachwerk.engine.evidence.times import Timing
from fachwerk.engine.server import errors
from fachwerk.engine.server.answer import attachment, page
from fachwerk.engine.server.headers import refuse
from fachwerk.engine.server.lists import entity_of
from fachwerk.engine.server.openapi import BASE
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import entity_crumb, list_path, make_shell, person_of
from fachwerk.engine.server.timeviews import chart_of, period_of
from fachwerk.engine.server.tools import Tools, check_may_read
from fachwerk.engine.server.whole import Whole
from fachwerk.forms.model import Link
from fachwerk.forms.model_times import TimesView
from fachwerk.forms.texts import texts
from fachwerk.forms.times import period_links
from fachwerk.problems import say
from starlette.responses import Response

_PEOPLE = ("ids", "names", "none")
_FORMATS = (("xes", "XES (IEEE 1849)"), ("ocel", "OCEL 2.0"), ("csv", "CSV"))


class EvidencePages:
    """The page ``/e/{entity}/times``, and event logs at ``/api/v1/{entity}/events``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._timing = Timing(tools.service)

    def routes(self) -> tuple[Route, ...]:
        """Return the routes."""
        return (
            Route("/e/{entity}/times", {"GET": self.show}),
            Route(f"{BASE}/{{entity}}/events", {"GET": self.events}),
        )

    async def show(self, request: Request) -> Response:
        """GET how long the cases of an entity stay where, as far as one may read them."""
        tools, person, entity = self._tools, person_of(request), entity_of(self._tools, request)
        check_may_read(tools, person, entity)
        workflows = [tools.project.workflows[name] for name in entity.workflows]
        if not workflows:
            raise errors.not_found()
        language, zone = request.language, tools.app.calendar.timezone
        period = period_of(request.query, tools.today())
        begin, end = (dt.datetime.combine(day, dt.time(), zone) for day in (period.begin, period.after))
        found = [await self._timing.of(person, workflow, begin, end) for workflow in workflows]
        path = list_path(entity.name)
        view = TimesView(
            make_shell(tools, request, crumbs=(entity_crumb(entity, language),), current=entity.name),
            say(entity.plural, language), f"{path}/times", period_links(f"{path}/times", period.name, texts(language)),
            period.begin.isoformat() if period.name != "all" else "", period.end.isoformat(),
            tuple(Link(label, f"{BASE}/{entity.name}/events?format={name}") for name, label in _FORMATS),
            tuple(chart_of(times, period, path, language, tools.today()) for times in found if times is not None),
        )  # fmt: skip
        return page(tools.render.render_times(view))

    async def events(self, request: Request) -> Response:
        """GET the history of an entity's records as an event log, as far as one may read them."""
        tools, entity = self._tools, entity_of(self._tools, request)
        if request.identity is None:
            raise errors.not_signed_in()
        person = request.identity.person
        check_may_read(tools, person, entity)
        export = _export(entity.name, request)
        pieces = exported(tools.service, person, export)
        name = f"{entity.name}{ENDINGS[export.shape]}"
        headers = {"cache-control": "no-store", "content-disposition": attachment(name)}
        return Whole(pieces, headers, MEDIA[export.shape])


def _export(entity: str, request: Request) -> Export:
    asked = dict(request.query)
    shape, people = asked.pop("format", "xes"), asked.pop("people", "ids")
    texts = asked.pop("texts", "false")
    if shape in MEDIA and people in _PEOPLE and texts in ("true", "false") and not asked:
        return Export(entity, cast(Shape, shape), Wanted(cast(People, people), texts == "true"))
    english = "An event log takes format (xes, ocel, ocel-sqlite, csv), people (ids, names, none) and texts (true, "
    english += "false)."
    german = "Ein Ereignisprotokoll nimmt format (xes, ocel, ocel-sqlite, csv), people (ids, names, none) und "
    german += "texts (true, false)."
    raise refuse("bad_query", 400, english, german)
