"""The buttons of a workflow: each at once, or with its own small form (fields to fill, a comment, a confirmation)."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from fachwerk.engine.server.answer import page, redirect
from fachwerk.engine.server.bodies import Form, read_form
from fachwerk.engine.server.edit import EditPages, Place, most_upload
from fachwerk.engine.server.errors import not_found
from fachwerk.engine.server.former import MARK, Since, label_before, typed_in
from fachwerk.engine.server.former_words import sentence
from fachwerk.engine.server.formviews import file_items, messages, state_views
from fachwerk.engine.server.lists import entity_of
from fachwerk.engine.server.renewing import Renewing, moved_to, other_step
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import (
    actor_of,
    check_form,
    entity_crumb,
    go,
    make_shell,
    record_path,
    stepped,
)
from fachwerk.engine.server.standing import path_for, stand_in
from fachwerk.engine.server.submit import Sent
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.server.views import flows_of, tone_of
from fachwerk.engine.values import Record
from fachwerk.forms.model import ActionView, FormView, Link, SpanField, Typed
from fachwerk.problems import Refused, say
from fachwerk.schemas.measures import BY_THE_CLOCK, period_of, shown_period, shown_unit
from fachwerk.schemas.model import Entity
from fachwerk.workflows.case import Action
from starlette.responses import Response

Comment = Literal["required", "optional", "none"]
COMMENTS: tuple[Comment, ...] = ("required", "optional", "none")


class ActionPages:
    """The pages ``/e/{entity}/{id}/do/{action}``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._edit = EditPages(tools)
        self._renewing = Renewing(tools)

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of actions."""
        return (Route("/e/{entity}/{id}/do/{action}", {"GET": self.open, "POST": self.act}),)

    async def open(self, request: Request) -> Response:
        """GET the small form of an action."""
        await stand_in(self._tools, request)
        entity, action = await self._find(request)
        return await self._form(request, entity, action, None, 200)

    async def act(self, request: Request) -> Response:
        """POST: carry the action out, or show its form with what is missing."""
        if (moved := await moved_to(self._tools, request)) is not None:
            return moved
        tools, person, entity = self._tools, await stand_in(self._tools, request), entity_of(self._tools, request)
        key = request.arguments[1]
        form = await read_form(request, most_upload(entity))
        check_form(request, form)
        since = await tools.former.since(form.text(MARK))
        try:
            _, action = await self._find(request)
        except Refused as refused:
            if since is None or refused.status != 404:
                raise
            return await self._gone(request, entity, since, form)
        only = self._fields(entity, action)
        sent: Sent | None = await self._renewing.read(request, form, entity, only) if only or since else None
        comment = (form.text("_comment") or "").strip() or None
        if sent is not None:
            sent, status = await self._looked_at(request, Place(entity, key), action, since, sent)
            if status:
                fields = sent.unreadable if status == 422 else {}
                wrong = Refused("invalid", {"en": ""}, fields=fields) if fields else None
                return await self._form(request, entity, action, sent, status, wrong, comment or "")
        try:
            record = await self._take(request, action, form, sent, comment)
        except Refused as refused:
            if refused.status not in (403, 409, 422):
                raise
            return await self._form(
                request, entity, action, sent, refused.status, refused, comment or "", written_span(form)
            )  # fmt: skip
        path = record_path(entity.name, key) if person.deputy is None else "/inbox"
        return go(tools, path, self._said(record, action))

    def _said(self, record: Record, action: Action) -> str:
        """Return the message that the step was taken, with the state it led to, if that is another one."""
        entity = self._tools.project.entities[record.entity]
        if action.deadline is not None:
            return "done"
        for flow in flows_of(self._tools, entity, record):
            state = str(record.values.get(flow.field) or (action.target if action.part is None else ""))
            if action.name in flow.transitions or any(part.name == action.part for part in flow.parts):
                moved = action.part is None or state != action.target
                return stepped(entity, action.name, flow if moved and state else None, state)
        return stepped(entity, action.name, None, "")

    async def _looked_at(
        self, request: Request, place: Place, action: Action, since: Since | None, sent: Sent
    ) -> tuple[Sent, int]:
        """Return what was sent with its links found, and the status with which the form is to be shown again, or 0."""
        if since is not None:
            sent = await self._as_before(request, place, action, since, sent)
            if sent.stops:
                return sent, 409
        if sent.command.word == "find":
            return await self._edit.offer(request, place, sent), 200
        sent = await self._edit.resolve(request, place, sent)
        return sent, 422 if sent.errors or sent.unreadable else 0

    async def _as_before(
        self, request: Request, place: Place, action: Action, since: Since, sent: Sent
    ) -> Sent:  # fmt: skip
        """Return what was sent; it stops where the step leads elsewhere than it did, or takes less than was typed."""
        line = other_step(self._tools, since, place.entity, action.name, request.language)
        if line and sent.changed is not None:
            sent = replace(sent, changed=replace(sent.changed, lines=(line, *sent.changed.lines)), stops=True)
        return await self._renewing.closed(request, place.entity, place.key, sent, action.name) if sent.values else sent

    async def _gone(self, request: Request, entity: Entity, since: Since, form: Form) -> Response:
        """Say that there is no such step any more, and show what was typed for it; under its new name it is taken."""
        _, key, name = request.arguments
        former = since.old.entities.get(since.former(entity.name) or "")
        for flow in former.workflows if former is not None else ():
            now = since.step(flow, name)
            if now != name and request.path.endswith(f"/{name}"):
                return redirect(request.path.removesuffix(name) + now, 307)
        actor, words = actor_of(request), self._tools.forms.entity(entity.name, request.language).words
        record = await self._tools.service.read(actor, entity.name, key)
        shell = make_shell(self._tools, request, current=entity.name)
        label = label_before(since, entity, name, request.language)
        path = path_for(record_path(entity.name, key), actor)
        typed = typed_in(form, since, entity, words)
        language = request.language
        text, back = sentence("step_gone", language, label=label), sentence("back", language)
        view = Typed(record.title, text, typed, path, back)
        return page(self._tools.render.render_typed(shell, view), 409)

    async def _take(
        self, request: Request, action: Action, form: Form, sent: Sent | None, comment: str | None
    ) -> Record:  # fmt: skip
        """Take the step, as the form says it."""
        entity, key, name = request.arguments
        values, version = (dict(sent.values), sent.version) if sent else ({}, None)
        period = period_of(written_span(form)) if action.most is not None else None
        return await self._tools.service.act(
            actor_of(request), entity, key, name, values=values, comment=comment, version=version, period=period
        )  # fmt: skip

    async def _find(self, request: Request) -> tuple[Entity, Action]:
        entity = entity_of(self._tools, request)
        _, key, name = request.arguments
        found = await self._tools.service.actions(actor_of(request), entity.name, key)
        action = next((action for action in found if action.name == name), None)
        if action is None:
            raise not_found()
        return entity, action

    def _fields(self, entity: Entity, action: Action) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in (*action.require, *action.fill) if name in entity.fields))

    async def _form(
        self, request: Request, entity: Entity, action: Action, sent: Sent | None, status: int,
        refused: Refused | None = None, comment: str = "", written: str = "",
    ) -> Response:  # fmt: skip
        tools, person, language = self._tools, actor_of(request), request.language
        key, only = request.arguments[1], self._fields(entity, action)
        record = await tools.service.read(person, entity.name, key)
        path = record_path(entity.name, key)
        crumbs = (entity_crumb(entity, language), Link(record.title, path_for(path, person)))
        view = FormView(
            shell=make_shell(tools, request, crumbs=crumbs, current=entity.name),
            entity=entity.name,
            action=path_for(f"{path}/do/{action.name}", person),
            cancel=path_for(path, person),
            title=record.title,
            version=record.version,
            values=record.values,
            find=f"{path}/edit/find",
        )
        if only:
            given = dict(sent.values) if sent else {}
            state = await tools.service.form(person, entity.name, key, given, action=action.name)
            states = {n: replace(s, required=s.required or n in action.require) for n, s in state_views(state).items()}
            view = replace(view, states=states, values=state.values)
            if sent is not None:
                files = file_items(Place(entity, key), state, sent)
                view = replace(view, texts=sent.texts, files=files, candidates=sent.candidates, focus=sent.focus)
        if sent is not None:
            view = replace(view, changed=sent.changed)
        errors = messages(refused, language) if refused else _why_not(action, language)
        errors = {**errors, **(sent.errors if sent else {})}
        shown = ActionView(
            form=replace(view, errors=errors),
            label=say(action.label, language),
            only=only,
            comment=_comment(action),
            comment_text=comment,
            confirm=say(action.confirm, language) if action.confirm else "",
            tone=tone_of(action.color),
            span=self._span(action, written, language),
        )
        return page(tools.render.render_action(shown), status)

    def _span(self, action: Action, written: str, language: str) -> SpanField | None:
        """Return what is asked where a deadline is extended: by how much."""
        if action.most is None:
            return None
        project = self._tools.project
        units = [*(("working_days",) if project.calendar else ()), "days", "weeks", "months"]
        if action.most.unit in BY_THE_CLOCK:
            units = [*(("office_hours",) if project.hours else ()), "hours", *units]
        chosen = action.most.unit if action.most.unit in units else "days"
        count, _, unit = written.partition(" ")
        shown = tuple((name, shown_unit(name, language)) for name in units)
        return SpanField(shown_period(action.most, language), shown, count, unit.replace(" ", "_") or chosen)


def _why_not(action: Action, language: str) -> dict[str, tuple[str, ...]]:
    return {} if action.possible else {"": tuple(say(text, language) for text in action.why_not)}


def _comment(action: Action) -> Comment:
    return next((word for word in COMMENTS if word == action.comment), "none")


def written_span(form: Form) -> str:
    """Return the span of time that a form says, as the language writes it."""
    count, unit = (form.text("_period.count") or "").strip(), form.text("_period.unit") or ""
    return f"{count} {unit.replace('_', ' ')}".strip()
