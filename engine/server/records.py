"""The page of a record, and deleting one."""

from __future__ import annotations

from fachwerk.engine.openness import forbidden
from fachwerk.engine.server.answer import page, redirect
from fachwerk.engine.server.bodies import read_form
from fachwerk.engine.server.doing import asks_of, barred, buttons, waits_for
from fachwerk.engine.server.letters import LetterPages
from fachwerk.engine.server.limitviews import limits_of
from fachwerk.engine.server.lists import entity_of
from fachwerk.engine.server.partviews import parts_of
from fachwerk.engine.server.related import related_of
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import check_form, entity_crumb, go, list_path, make_shell, person_of, record_path
from fachwerk.engine.server.standing import for_whom_waits, path_for, stand_in
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.server.views import about_of, event_views, facts_of, steppers_of
from fachwerk.engine.standing import standing_of
from fachwerk.forms.model import ConfirmDeleteView, Link, RecordView
from fachwerk.problems import Refused, say
from starlette.responses import Response


class RecordPages:
    """The pages ``/e/{entity}/{id}`` and ``…/delete``."""

    def __init__(self, tools: Tools) -> None:
        self._tools, self._letters = tools, LetterPages(tools)

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of records."""
        one = "/e/{entity}/{id}"
        return (
            Route(one, {"GET": self.show}),
            Route(f"{one}/delete", {"GET": self.ask_delete, "POST": self.delete}),
            *self._letters.routes(),
        )

    async def show(self, request: Request) -> Response:
        """GET the page of a record."""
        tools, person, entity = self._tools, await stand_in(self._tools, request), entity_of(self._tools, request)
        service, language, name = tools.service, request.language, entity.name
        try:
            record = await service.read(person, name, request.arguments[1])
        except Refused as refused:
            waits = await for_whom_waits(tools, person, name, request.arguments[1]) if refused.status == 404 else None
            if waits is None:
                raise
            return redirect(path_for(record_path(name, request.arguments[1]), waits))
        actions = await service.actions(person, name, record.id)
        events = await service.history(person, name, record.id)
        path = record_path(name, record.id)
        possible = await service.possible(person, name, record.id)
        standing = await standing_of(service, person, name, record.id)
        limits = limits_of(tools, record, standing, actions, (path, language, person))
        view = RecordView(
            shell=make_shell(tools, request, crumbs=(entity_crumb(entity, language),), current=name),
            entity=name,
            record=record,
            path=path,
            steppers=steppers_of(tools, entity, record, language),
            parts=parts_of(tools, standing, language),
            facts=facts_of(tools, entity, record, language, named=bool(limits)),
            limits=limits,
            actions=buttons(actions, standing, path, language, person),
            asks=asks_of(actions, path, language, person),
            waits_for=waits_for(tools, actions, standing, language, record.values),
            barred=barred(actions, language),
            edit=f"{path}/edit" if "update" in possible else None,
            delete=f"{path}/delete" if "delete" in possible else None,
            hidden=await service.hidden(person, name, record.id),
            related=await related_of(tools, person, entity, record, language) if person.deputy is None else (),
            flow=path_for(f"{path}/workflow", person) if entity.workflows else None,
            events=event_views(tools, entity, events, language),
            about=about_of(record, language),
            letters=await self._letters.links(person, name, record.id, language) if person.deputy is None else (),
        )
        return page(tools.render.render_record(view))

    async def ask_delete(self, request: Request) -> Response:
        """GET the question whether a record is to be deleted, with what would go with it."""
        return await self._ask_delete(request)

    async def _ask_delete(self, request: Request, status: int = 200) -> Response:
        tools, person, entity = self._tools, person_of(request), entity_of(self._tools, request)
        record = await tools.service.read(person, entity.name, request.arguments[1])
        if "delete" not in await tools.service.possible(person, entity.name, record.id):
            raise forbidden("delete")
        found = await tools.service.consequences(person, entity.name, record.id)
        path, language = record_path(entity.name, record.id), request.language
        here = Link(record.title, path)
        view = ConfirmDeleteView(
            shell=make_shell(tools, request, crumbs=(entity_crumb(entity, language), here), current=entity.name),
            entity=entity.name,
            title=record.title,
            action=f"{path}/delete",
            cancel=path,
            version=record.version,
            blockers=tuple(Link(r.title, record_path(r.entity, r.id)) for r in found.blockers),
            consequences=tuple(say(text, language) for text in found.texts),
        )
        return page(tools.render.render_delete(view), status)

    async def delete(self, request: Request) -> Response:
        """POST: delete the record."""
        tools, entity = self._tools, entity_of(self._tools, request)
        form = await read_form(request)
        check_form(request, form)
        version = form.text("_version") or ""
        read = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
        try:
            await tools.service.remove(person_of(request), entity.name, request.arguments[1], version=read)
        except Refused as refused:
            if refused.status != 409:
                raise
            return await self._ask_delete(request, 409)
        return go(tools, list_path(entity.name), "deleted")
