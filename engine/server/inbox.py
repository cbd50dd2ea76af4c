"""The inbox: everything that waits for me, the most urgent first, with one step for several at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from fachwerk.engine.absences import acting_for
from fachwerk.engine.inbox import Inbox, Waiting
from fachwerk.engine.server.answer import page
from fachwerk.engine.server.bodies import read_form
from fachwerk.engine.server.former import MARK, Since
from fachwerk.engine.server.renewing import other_step
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import check_form, make_shell, person_of, record_path
from fachwerk.engine.server.standing import path_for
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.server.views import tone_of
from fachwerk.engine.values import Person
from fachwerk.forms.model import InboxItem, InboxView, Link, Task, Tone
from fachwerk.problems import Refused, say
from fachwerk.schemas.model import Project, Workflow
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
        since = await self._tools.former.since(form.text(MARK))
        entity, other = self._as_before(since, entity, action, request.language)
        failures = []
        chosen = list(dict.fromkeys(form.texts.get("item", ())))[:MOST]
        for item in chosen:
            of, key, version, absent = (*item.split("/"), "", "", "")[:4]
            of = since.entity(of) or of if since is not None else of
            if of != entity or item in request.done:
                continue
            if other:
                failures.append((item, await self._title(person, of, key), other))
                continue
            who = person
            try:
                who = await acting_for(self._tools.service, person, absent) if absent else person
                seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
                await self._tools.service.act(who, of, key, action, version=seen)
                request.done[item] = True
            except Refused as refused:
                failures.append((item, await self._title(who, of, key), _why(refused, request.language)))
        view = await self._view(request, len(request.done), failures)
        return page(self._tools.render.render_inbox(view), 200 if not failures else 422)

    def _as_before(self, since: Since | None, entity: str, action: str, language: str) -> tuple[str, str]:
        """Return what an entity is called now, and what to say of a step that is not what it was any more."""
        if since is None:
            return entity, ""
        now = since.entity(entity) or entity
        model = self._tools.entity(now)
        return now, other_step(self._tools, since, model, action, language) if model is not None else ""

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
        items = tuple(InboxItem(task_of(one, tools, language), value_of(one)) for one in found)
        return InboxView(
            make_shell(tools, request), items, _steps(found, tools.project, language), more,
            frozenset(item for item, _, _ in failed), tuple((title, why) for _, title, why in failed), done,
        )  # fmt: skip


def value_of(one: Waiting) -> str:
    """Return how a form names a record at the version that was shown."""
    named = f"{one.entity}/{one.id}/{one.version}"
    return named if one.for_whom is None else f"{named}/{one.for_whom.id}"


def task_of(one: Waiting, tools: Tools, language: str) -> Task:
    """Return a task as pages show it."""
    project = tools.project
    state = project.workflows[one.workflow].state(one.state)
    return Task(
        title=one.title,
        href=path_for(record_path(one.entity, one.id), one.for_whom),
        entity=say(project.entities[one.entity].label, language),
        what=what_is_to_do(one.actions, project.workflows[one.workflow], language),
        for_whom=one.for_whom.name if one.for_whom is not None else "",
        due=one.due,
        tone=urgency(one.due, tools.now(), tools.today()) if one.due else tone_of(state.color if state else None),
        state=say(state.label, language) if state else "",
        color=(state.color or ("blue" if not (state.initial or state.final) else "")) if state else "",
    )


def what_is_to_do(actions: Sequence[Action], workflow: Workflow, language: str, most: int = 3) -> str:
    """Return what can be done: “Fire protection: Approve, Object; Grant → Granted”, a part with all its outcomes."""
    found: dict[str, list[str]] = {}
    for action in actions:
        label, target = say(action.label, language), workflow.state(action.target)
        if action.part is not None:
            part, _, outcome = label.rpartition(": ")
            found.setdefault(part or label, []).append(outcome)
        else:
            goes = say(target.label, language) if target is not None else ""
            found.setdefault(label if goes.casefold() in ("", label.casefold()) else f"{label} → {goes}", [])
    shown = [f"{name}: {', '.join(outcomes)}" if outcomes else name for name, outcomes in found.items()]
    return "; ".join(shown[:most]) + ("; …" if len(shown) > most else "")


def urgency(due: dt.date, now: dt.datetime, today: dt.date) -> Tone:
    """Return how urgent something is that is due on a day, or at a moment."""
    if isinstance(due, dt.datetime):
        return "bad" if due < now else "warning" if due - now <= _SOON else "neutral"
    return "bad" if due < today else "warning" if due - today <= _SOON else "neutral"


def _steps(
    found: Iterable[Waiting], project: Project, language: str
) -> tuple[tuple[str, tuple[Link, ...]], ...]:  # fmt: skip
    """Return the steps that need nothing but being taken, by entity and part."""
    steps: dict[str, dict[str, str]] = {}
    for one in found:
        entity = say(project.entities[one.entity].label, language)
        for action in filter(_at_once, one.actions):
            part, _, outcome = say(action.label, language).rpartition(": ") if action.part is not None else ("", "", "")
            group = f"{entity}: {part}" if part else entity
            label = outcome or say(action.label, language)
            steps.setdefault(group, {}).setdefault(f"{one.entity}/{action.name}", label)
    return tuple(
        (group, tuple(Link(text, value) for value, text in links.items())) for group, links in sorted(steps.items())
    )


def _at_once(action: Action) -> bool:
    return action.possible and action.comment != "required" and not action.confirm


def _why(refused: Refused, language: str) -> str:
    return " ".join([say(refused.message, language), *(say(text, language) for text in refused.fields.values())])
