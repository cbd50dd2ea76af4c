"""Lists of records: filtered, sorted and paged by the query of the address, through the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fachwerk.engine.query import Query, read_query
from fachwerk.engine.server.answer import page
from fachwerk.engine.server.errors import not_found
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import list_path, make_shell, person_of
from fachwerk.engine.server.tools import Tools, check_may_read, may, seen_fields
from fachwerk.engine.values import Person
from fachwerk.forms.model import Link, ListView
from fachwerk.forms.texts import texts
from fachwerk.problems import Refused
from fachwerk.schemas.model import Entity
from starlette.responses import Response

_FIND, _MOST = "_find.", 20
_PAGING = frozenset(("after", "before"))


def entity_of(tools: Tools, request: Request) -> Entity:
    """Return the entity that the address names; raises :class:`Refused` (404)."""
    entity = tools.entity(request.arguments[0])
    if entity is None:
        raise not_found()
    return entity


class ListPages:
    """The pages ``/e/{entity}``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of lists."""
        return (Route("/e/{entity}", {"GET": self.show}),)

    async def show(self, request: Request) -> Response:
        """GET a list."""
        tools, person = self._tools, person_of(request)
        entity = entity_of(tools, request)
        check_may_read(tools, person, entity)
        query = read_query(tools.app, entity.name, _meant(request.query), request.language)
        searched = await self._searched(person, entity, request.query)
        listed = tools.forms.entity(entity.name, request.language).listed
        found = await tools.service.find(person, entity.name, query, only=listed)
        path = list_path(entity.name)
        view = ListView(
            shell=make_shell(tools, request, current=entity.name),
            entity=entity.name,
            rows=found.records,
            path=path,
            params=tuple((name, value) for name, value in _meant(request.query) if name not in _PAGING),
            sort=_sort(entity, query),
            count=found.count,
            count_is_capped=found.count_is_capped,
            next=found.next,
            previous=found.previous,
            create=f"{path}/new" if may(tools, person, entity, "create") else None,
            titles=await self._titles(person, entity, request.query),
            found=searched,
            columns=seen_fields(tools, person, entity),
            more=_more(entity, request.language),
        )
        return page(tools.render.render_list(view))

    async def _titles(self, person: Person, entity: Entity, query: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
        """Return the titles of the records that filters name, as far as the person may read them."""
        titles: dict[str, str] = {}
        for name, value in query:
            field = entity.fields.get(name.partition(".")[0])
            if field is not None and field.kind in ("link", "tree") and len(field.to) == 1 and len(titles) < 10:
                try:
                    titles[value] = (await self._tools.service.read(person, field.to[0], value)).title
                except Refused:
                    continue
            elif field is not None and field.kind == "user" and len(titles) < 10:
                people = await self._tools.service.candidates(person, entity.name, field.name, "", {})
                titles |= {one.id: one.title for one in people if one.id == value}
        return titles

    async def _searched(
        self, person: Person, entity: Entity, query: tuple[tuple[str, str], ...]
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Return what the filter form looked for by its text, by link."""
        found: dict[str, Sequence[tuple[str, str]]] = {}
        for name, text in query:
            field = entity.fields.get(name.removeprefix(_FIND)) if name.startswith(_FIND) and text else None
            if field is None or len(found) > 5 or field.name not in seen_fields(self._tools, person, entity):
                continue
            if field.kind == "user":
                people = await self._tools.service.candidates(person, entity.name, field.name, text[:200], {})
                found[field.name] = [(one.id, one.title) for one in people]
            elif field.kind in ("link", "tree") and len(field.to) == 1:
                wanted = Query(search=text[:200], limit=_MOST, count=False)
                records = (await self._tools.service.find(person, field.to[0], wanted, only=frozenset())).records
                found[field.name] = [(one.id, one.title) for one in records]
        return found


def _more(entity: Entity, language: str) -> tuple[Link, ...]:
    """Return the ways to the picture of the workflows and to the times of their cases."""
    path, words = list_path(entity.name), texts(language)
    flow = Link(words.flow_title, f"{path}/workflow", "git-branch")
    return (flow, Link(words.times_title, f"{path}/times", "clock")) if entity.workflows else ()


def _sort(entity: Entity, query: Query) -> tuple[tuple[str, bool], ...]:
    """Return the order in force, by field."""
    asked = tuple((path[0], descending) for path, descending in query.sort if len(path) == 1)
    return asked or (entity.list.sort if entity.list else ())


def _meant(query: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    # An empty control of the filter form means "any": it is no filter for empty values (that is field.empty).
    return tuple((name, value) for name, value in query if value != "" and not name.startswith(_FIND))
