"""The first page: what waits for me, the most urgent first, and the ways into the lists."""

from __future__ import annotations

from fachwerk.engine.inbox import Inbox
from fachwerk.engine.query import read_query
from fachwerk.engine.server.answer import page
from fachwerk.engine.server.inbox import task_of
from fachwerk.engine.server.inbox_groups import groups_of
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import list_path, make_shell, menu_entities, person_of
from fachwerk.engine.server.tools import Tools, may
from fachwerk.engine.values import Person
from fachwerk.forms.model import HomeView, Related, Tile
from fachwerk.problems import say
from fachwerk.schemas.model import Entity
from starlette.responses import Response

_MOST = 30
_OF_MINE = 5


class HomePages:
    """The page ``/``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._inbox = Inbox(tools.service)

    def routes(self) -> tuple[Route, ...]:
        """Return the route of the first page."""
        return (Route("/", {"GET": self.show}),)

    async def show(self, request: Request) -> Response:
        """GET what waits for me."""
        tools, person, language = self._tools, person_of(request), request.language
        found, many = await self._inbox.of(person, _MOST)
        waiting, capped = (await self._inbox.counts(person)).total if many else (0, False)
        tasks = tuple(task_of(one, tools, language) for one in found)
        tiles = [
            Tile(
                label=say(entity.plural, language),
                href=list_path(entity.name),
                icon=entity.icon,
                create=f"{list_path(entity.name)}/new" if may(tools, person, entity, "create") else None,
            )
            for entity in menu_entities(tools, person)
        ]
        lists = [block for entity in self._with_workflow() if (block := await self._mine(person, entity, language))]
        more = "/inbox" if many or groups_of(found, tools.project, language) else None
        shell = make_shell(tools, request)
        view = HomeView(shell, tasks, more, waiting, capped, tiles=tuple(tiles), lists=tuple(lists))
        return page(tools.render.render_home(view))

    async def _mine(self, person: Person, entity: Entity, language: str) -> Related | None:
        """Return what the person has made lately of *entity*."""
        if not (may(self._tools, person, entity, "read") and may(self._tools, person, entity, "create")):
            return None
        pairs = (("created_by", person.id), ("sort", "-created"), ("limit", str(_OF_MINE)))
        query = read_query(self._tools.app, entity.name, pairs)
        listed = self._tools.forms.entity(entity.name, language).listed
        found = await self._tools.service.find(person, entity.name, query, only=listed)
        if not found.records:
            return None
        label = say({"en": "{plural} of mine", "de": "Meine {plural}"}, language, plural=say(entity.plural, language))
        more = f"{list_path(entity.name)}?created_by={person.id}" if found.next else None
        return Related(label, entity.name, found.records, found.count, found.count_is_capped, more)

    def _with_workflow(self) -> list[Entity]:
        return [entity for entity in self._tools.project.entities.values() if entity.workflows]
