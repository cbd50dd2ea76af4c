"""The inbox: everything that waits for me, the most urgent first, with one step for several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fachwerk.engine.absences import acting_for
from fachwerk.engine.inbox import Inbox, Known, Waiting
from fachwerk.engine.inbox_statements import Place, read_place
from fachwerk.engine.server.answer import page
from fachwerk.engine.server.bodies import read_form
from fachwerk.engine.server.former import MARK, Since
from fachwerk.engine.server.inbox_groups import Group, counted_tabs, groups_of, tabs_of
from fachwerk.engine.server.limitviews import urgency
from fachwerk.engine.server.renewing import other_step
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import check_form, make_shell, person_of, record_path
from fachwerk.engine.server.standing import path_for
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.server.views import action_label, flows_of, tone_of
from fachwerk.engine.values import Person
from fachwerk.forms.model import InboxGroup, InboxItem, InboxPlace, InboxResult, InboxView, Task
from fachwerk.forms.texts import texts
from fachwerk.problems import Refused, Text, say
from fachwerk.schemas.model import Workflow
from fachwerk.workflows.case import Action
from starlette.responses import Response

MOST = 100
"""Tasks of a page."""
_MOST_BODY = 50_000
_NOT_FOR_THIS: Text = {"en": "There is no such step here.", "de": "Diesen Schritt gibt es hier nicht."}


class InboxPages:
    """The page ``/inbox``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._inbox = Inbox(tools.service)

    def routes(self) -> tuple[Route, ...]:
        """Return the route of the inbox."""
        return (Route("/inbox", {"GET": self.show, "POST": self.act}),)

    async def show(self, request: Request) -> Response:
        """GET what waits for me, or those of one kind."""
        asked = dict(request.query)
        view = await self._view(request, _asked_for(asked), every="all" in asked)
        return page(self._tools.render.render_inbox(view))

    async def act(self, request: Request) -> Response:
        """POST a step for several records; each is a transaction of its own, and what came of it is said for each."""
        form = await read_form(request, _MOST_BODY)
        check_form(request, form)
        entity, _, action = (form.text("action") or "").partition("/")
        since = await self._tools.former.since(form.text(MARK))
        entity, other = self._as_before(since, entity, action, request.language)
        comment = (form.text("_comment") or "").strip()
        chosen = list(dict.fromkeys(form.texts.get("item", ())))[:MOST]
        results = {item: _noted(request, item) for item in chosen if item in request.done}
        for item in chosen:
            of, key, version, absent = (*item.split("/"), "", "", "")[:4]
            of = since.entity(of) or of if since is not None else of
            if item not in results:
                step = _Step(of, key, action, absent, _number(version), comment or None)
                wrong = other or ("" if of == entity else say(_NOT_FOR_THIS, request.language))
                results[item] = await self._take(request, item, step, wrong)
        asked = {name: form.text(name) or "" for name in ("group", "after", "from")}
        view = await self._view(request, _asked_for(asked), results, comment)
        failed = not results or any(not one.done for one in results.values())
        return page(self._tools.render.render_inbox(view), 422 if failed else 200)

    async def _take(self, request: Request, item: str, step: _Step, wrong: str) -> InboxResult:
        """Take a step for one record, if nothing is wrong already, and say what came of it."""
        tools, who, language = self._tools, person_of(request), request.language
        try:
            who = await acting_for(tools.service, who, step.absent) if step.absent else who
            if wrong:
                return await self._not_done(who, step, wrong)
            before = await tools.service.read(who, step.entity, step.key) if step.absent else None
            record = await tools.service.act(
                who, step.entity, step.key, step.action, version=step.version, comment=step.comment
            )
        except Refused as refused:
            return await self._not_done(who, step, _why(tools, step.entity, refused, language))
        entity = tools.project.entities[step.entity]
        states = [flow.states.get(str(record.values.get(flow.field))) for flow in flows_of(tools, entity, record)]
        label = action_label(tools, entity, step.action.partition(":")[0], language)
        now = ", ".join(say(state.label, language) for state in states if state is not None)
        text = f"{label} → {now}" if now else label
        if before is not None:  # a deputy reads what waits for somebody, and that is over
            result = InboxResult(record.title or before.title, "", text, done=True)
        else:
            result = InboxResult(record.title, record_path(step.entity, step.key), text, done=True)
        request.done[item] = result
        return result

    def _as_before(self, since: Since | None, entity: str, action: str, language: str) -> tuple[str, str]:
        """Return what an entity is called now, and what to say of a step that is not what it was any more."""
        if since is None:
            return entity, ""
        now = since.entity(entity) or entity
        model = self._tools.entity(now)
        return now, other_step(self._tools, since, model, action, language) if model is not None else ""

    async def _not_done(self, person: Person, step: _Step, why: str) -> InboxResult:
        """Return that a step was not possible for a record, by its title where it may be read."""
        try:
            title = (await self._tools.service.read(person, step.entity, step.key)).title
        except Refused:
            return InboxResult(step.key, "", why, done=False)
        return InboxResult(title, path_for(record_path(step.entity, step.key), person), why, done=False)

    async def _view(
        self, request: Request, asked: _Asked, results: Mapping[str, InboxResult] | None = None, comment: str = "",
        *, every: bool = False,
    ) -> InboxView:  # fmt: skip
        tools, language = self._tools, request.language
        part = await self._part(request, asked)
        group = part.group
        items = tuple(
            InboxItem(task_of(one, tools, language), value_of(one) if group is None or group.takes(one) else "")
            for one in part.shown
        )
        failed = {item for item, one in (results or {}).items() if not one.done}
        return InboxView(
            make_shell(tools, request), items,
            groups=part.tabs,
            group=group.key if group is not None else "",
            steps=group.steps(language) if group is not None else (),
            comment=group is not None and group.comment,
            commented=group.commented(language) if group is not None else (),
            place=part.place,
            chosen=frozenset(item.value for item in items) if every else frozenset(failed),
            results=None if results is None else tuple(results.values()),
            said=comment if failed else "",
        )  # fmt: skip

    async def _part(self, request: Request, asked: _Asked) -> _Part:
        """Return the tasks of a page: all of them or those of a kind, from the beginning or behind a place."""
        tools, who, language = self._tools, person_of(request), request.language
        known: Known = {}
        whole = await self._inbox.page(who, MOST, known=known)
        if whole.next is None:
            groups = groups_of(whole.items, tools.project, language)
            group = next((one for one in groups if one.key == asked.group), None)
            shown = tuple(group.items) if group is not None else whole.items
            number = _cases(shown)
            return _Part(shown, tabs_of(groups, _cases(whole.items)), group, InboxPlace(1, number, number))
        counts = await self._inbox.counts(who)
        kind = self._inbox.kind(asked.group) if asked.group in counts.kinds else None
        found, first = whole, 1
        if kind is not None or asked.after is not None:
            found, first = await self._inbox.page(who, MOST, after=asked.after, kind=kind, known=known), asked.first
        if not found.items and asked.after is not None:  # done meanwhile
            found, first = await self._inbox.page(who, MOST, kind=kind, known=known), 1
        groups = groups_of(found.items, tools.project, language, 1)
        group = next((one for one in groups if kind is not None and one.key == kind.key), None)
        total, capped = counts.kinds[kind.key] if kind is not None else counts.total
        last = first - 1 + _cases(found.items)
        place = InboxPlace(first, last, max(total, last), capped, str(found.next or ""), str(asked.after or ""))
        tabs = await counted_tabs(tools, self._inbox, who, counts, found.items, language)
        return _Part(found.items, tabs, group, place)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an address asks for: a kind, and from where on."""

    group: str
    after: Place | None
    first: int


@dataclass(frozen=True, slots=True)
class _Part:
    """The tasks of a page, and what leads to others."""

    shown: Sequence[Waiting]
    tabs: tuple[InboxGroup, ...]
    group: Group | None
    place: InboxPlace


def _asked_for(texts: Mapping[str, str]) -> _Asked:
    after = read_place(texts.get("after", ""))
    return _Asked(texts.get("group", ""), after, max(_number(texts.get("from", "")) or 1, 1) if after else 1)


def _cases(found: Sequence[Waiting]) -> int:
    return len({(one.entity, one.id) for one in found})


@dataclass(frozen=True, slots=True)
class _Step:
    """A step as a form names it for one record."""

    entity: str
    key: str
    action: str
    absent: str
    version: int | None
    comment: str | None


def _number(version: str) -> int | None:
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None


def _noted(request: Request, item: str) -> InboxResult:
    result = request.done[item]
    assert isinstance(result, InboxResult)
    return result


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
        rests=one.rests and one.due is None,
        state=say(state.label, language) if state else "",
        color=(state.color or ("blue" if not (state.initial or state.final) else "")) if state else "",
    )


def what_is_to_do(actions: Sequence[Action], workflow: Workflow, language: str, most: int = 3) -> str:
    """Return what can be done: “Fire protection: Approve, Object; Grant”, a part with all its outcomes.

    Of a single step also where it leads: “Grant → Granted”.
    """
    alone = len(actions) == 1
    found: dict[str, list[str]] = {}
    for action in actions:
        label, target = say(action.label, language), workflow.state(action.target)
        if action.part is not None:
            part, _, outcome = label.rpartition(": ")
            found.setdefault(part or label, []).append(outcome)
        else:
            goes = say(target.label, language) if target is not None and alone else ""
            found.setdefault(label if goes.casefold() in ("", label.casefold()) else f"{label} → {goes}", [])
    shown = [f"{name}: {', '.join(outcomes)}" if outcomes else name for name, outcomes in found.items()]
    return "; ".join(shown[:most]) + ("; …" if len(shown) > most else "")


def _why(tools: Tools, entity: str, refused: Refused, language: str) -> str:
    """Return why a step was refused, with the fields that are missing by their labels."""
    model, words = tools.entity(entity), texts(language)
    fields = model.fields if model is not None else {}
    labels = {name: say(fields[name].label, language) for name in refused.fields if name in fields}
    more = [f"{labels.get(name) or words.comment}: {say(text, language)}" for name, text in refused.fields.items()]
    return " ".join([say(refused.message, language), *more])
