"""The first page: what waits for me, the most urgent first, and the ways into the lists."""

from __future__ import annotations

import datetime as dt

from fachwerk.engine.query import read_query
from fachwerk.engine.server.answer import page
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import list_path, make_shell, menu_entities, person_of, record_path
from fachwerk.engine.server.tools import Tools, may
from fachwerk.engine.server.views import tone_of
from fachwerk.engine.values import Person, Record
from fachwerk.forms.model import HomeView, Related, Task, Tile, Tone
from fachwerk.problems import Refused, say
from fachwerk.schemas.model import Entity, Performer, Workflow
from starlette.responses import Response

_MOST = 30
_LOOKED_AT = 60
_OF_MINE = 5
_SOON = dt.timedelta(days=7)


class HomePages:
    """The page ``/``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def routes(self) -> tuple[Route, ...]:
        """Return the route of the first page."""
        return (Route("/", {"GET": self.show}),)

    async def show(self, request: Request) -> Response:
        """GET what waits for me."""
        tools, person, language = self._tools, person_of(request), request.language
        tasks = [task for entity in self._with_workflow() for task in await self._tasks(person, entity, language)]
        tasks.sort(key=lambda task: (task.due is None, task.due or dt.date.max, task.title))
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
        view = HomeView(make_shell(tools, request), tuple(tasks[:_MOST]), tiles=tuple(tiles), lists=tuple(lists))
        return page(tools.render.render_home(view))

    async def _mine(self, person: Person, entity: Entity, language: str) -> Related | None:
        """Return what the person has made lately of *entity*."""
        if not (may(self._tools, person, entity, "read") and may(self._tools, person, entity, "create")):
            return None
        pairs = (("created_by", person.id), ("sort", "-created"), ("limit", str(_OF_MINE)))
        found = await self._tools.service.find(person, entity.name, read_query(self._tools.app, entity.name, pairs))
        if not found.records:
            return None
        label = say({"en": "{plural} of mine", "de": "Meine {plural}"}, language, plural=say(entity.plural, language))
        more = f"{list_path(entity.name)}?created_by={person.id}" if found.next else None
        return Related(label, entity.name, found.records, found.count, found.count_is_capped, more)

    def _with_workflow(self) -> list[Entity]:
        return [entity for entity in self._tools.project.entities.values() if entity.workflows]

    async def _tasks(self, person: Person, entity: Entity, language: str) -> list[Task]:
        if not may(self._tools, person, entity, "read"):
            return []
        found: dict[str, Task] = {}
        for name in entity.workflows:
            workflow = self._tools.project.workflows[name]
            states = states_for(workflow, person)
            if states:
                for record in await self._waiting(person, entity, workflow, states):
                    task = await self._task(person, entity, workflow, record, language)
                    if task is not None:
                        found.setdefault(record.id, task)
        return list(found.values())

    async def _waiting(
        self, person: Person, entity: Entity, workflow: Workflow, states: tuple[str, ...]
    ) -> tuple[Record, ...]:
        pairs = [(f"{workflow.field}.in", ",".join(states)), ("limit", str(_LOOKED_AT))]
        if "due" in entity.fields and entity.fields["due"].system:
            pairs.append(("sort", "due"))
        try:
            query = read_query(self._tools.app, entity.name, pairs)
            found = await self._tools.service.find(person, entity.name, query)
        except Refused:
            return ()
        return found.records

    async def _task(
        self, person: Person, entity: Entity, workflow: Workflow, record: Record, language: str
    ) -> Task | None:
        actions = await self._tools.service.actions(person, entity.name, record.id)
        mine = [action for action in actions if action.concerns]
        if not mine:
            return None
        state = workflow.states.get(str(record.values.get(workflow.field)))
        due = record.values.get("due")
        date = due if isinstance(due, dt.date) else None
        return Task(
            title=record.title,
            href=record_path(entity.name, record.id),
            entity=say(entity.label, language),
            what=", ".join(say(action.label, language) for action in mine[:3]),
            due=date,
            tone=_urgency(date) if date else tone_of(state.color if state else None),
            state=say(state.label, language) if state else "",
            color=(state.color or ("blue" if not (state.initial or state.final) else "")) if state else "",
        )


def states_for(workflow: Workflow, person: Person) -> tuple[str, ...]:
    """Return the states in which *person* could do something, going by roles alone."""
    states = {
        source
        for transition in workflow.transitions.values()
        if transition.by and _could(transition.by, person)
        for source in transition.source
    }
    states |= {
        state.name for state in workflow.states.values() if any(_could(part.by, person) for part in state.parallel)
    }
    return tuple(name for name in workflow.states if name in states)


def _could(by: tuple[Performer, ...], person: Person) -> bool:
    return any(performer.person is not None or performer.role in person.roles for performer in by)


def _urgency(due: dt.date) -> Tone:
    today = dt.date.today()
    return "bad" if due < today else "warning" if due - today <= _SOON else "neutral"
