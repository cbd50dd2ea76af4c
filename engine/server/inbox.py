"""The inbox: everything that waits for me, the most urgent first, with one step for several at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from fachwerk.engine.inbox import Inbox, Waiting
from fachwerk.engine.server.answer import page
from fachwerk.engine.server.bodies import read_form
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import check_form, make_shell, person_of, record_path
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.server.views import tone_of
from fachwerk.engine.values import Person
from fachwerk.forms.model import InboxItem, InboxView, Link, Task, Tone
from fachwerk.problems import Refused, say
from fachwerk.schemas.model import Project
from fachwerk.workflows.case import Action
from starlette.responses import Response

MOST = 100
_MOST_BODY = 50_000
_SOON = dt.timedelta(days=7)


class InboxPages:
    """The page ``/inbox``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._inbox = Inbox(tools.service)

    def routes(self) -> tuple[Route, ...]:
        """Return the route of the inbox."""
        return (Route("/inbox", {"GET": self.show, "POST": self.act}),)

    async def show(self, request: Request) -> Response:
        """GET what waits for me."""
        return page(self._tools.render.render_inbox(await self._view(request)))

    async def act(self, request: Request) -> Response:
        """POST a step for several records; each is a transaction of its own, and what fails is said for each."""
        form = await read_form(request, _MOST_BODY)
        check_form(request, form)
        person = person_of(request)
        entity, _, action = (form.text("action") or "").partition("/")
        failures = []
        chosen = list(dict.fromkeys(form.texts.get("item", ())))[:MOST]
        for item in chosen:
            of, _, rest = item.partition("/")
            key, _, version = rest.partition("/")
            if of != entity or item in request.done:
                continue
            try:
                seen = int(version) if version.isdigit() else None
                await self._tools.service.act(person, of, key, action, version=seen)
                request.done[item] = True
            except Refused as refused:
                failures.append((item, await self._title(person, of, key), _why(refused, request.language)))
        view = await self._view(request, len(request.done), failures)
        return page(self._tools.render.render_inbox(view), 200 if not failures else 422)

    async def _title(self, person: Person, entity: str, key: str) -> str:
        try:
            return (await self._tools.service.read(person, entity, key)).title
        except Refused:
            return key

    async def _view(
        self, request: Request, done: int = 0, failures: Iterable[tuple[str, str, str]] = ()
    ) -> InboxView:  # fmt: skip
        tools, language = self._tools, request.language
        found, more = await self._inbox.of(person_of(request), MOST)
        failed = list(failures)
        items = tuple(InboxItem(task_of(one, tools.project, language), value_of(one)) for one in found)
        return InboxView(
            make_shell(tools, request), items, _steps(found, tools.project, language), more,
            frozenset(item for item, _, _ in failed), tuple((title, why) for _, title, why in failed), done,
        )  # fmt: skip


def value_of(one: Waiting) -> str:
    """Return how a form names a record at the version that was shown."""
    return f"{one.entity}/{one.id}/{one.version}"


def task_of(one: Waiting, project: Project, language: str) -> Task:
    """Return a task as pages show it."""
    state = project.workflows[one.workflow].states.get(one.state)
    return Task(
        title=one.title,
        href=record_path(one.entity, one.id),
        entity=say(project.entities[one.entity].label, language),
        what=", ".join(say(action.label, language) for action in one.actions[:3]),
        due=one.due,
        tone=urgency(one.due) if one.due else tone_of(state.color if state else None),
        state=say(state.label, language) if state else "",
        color=(state.color or ("blue" if not (state.initial or state.final) else "")) if state else "",
    )


def urgency(due: dt.date) -> Tone:
    """Return how urgent something is that is due on a day."""
    today = dt.date.today()
    return "bad" if due < today else "warning" if due - today <= _SOON else "neutral"


def _steps(found: Iterable[Waiting], project: Project, language: str) -> tuple[Link, ...]:
    """Return the steps that need nothing but being taken, by entity."""
    steps: dict[str, str] = {}
    for one in found:
        label = say(project.entities[one.entity].label, language)
        for action in one.actions:
            if _at_once(action):
                steps.setdefault(f"{one.entity}/{action.name}", f"{label}: {say(action.label, language)}")
    return tuple(Link(text, value) for value, text in sorted(steps.items(), key=lambda pair: pair[1]))


def _at_once(action: Action) -> bool:
    return action.possible and action.comment != "required" and not action.confirm


def _why(refused: Refused, language: str) -> str:
    return " ".join([say(refused.message, language), *(say(text, language) for text in refused.fields.values())])
