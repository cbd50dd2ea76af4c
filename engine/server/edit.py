"""Creating and changing records by forms: live conditions, all errors at once, conflicts, nothing typed ever lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fachwerk.engine.server.answer import page
from fachwerk.engine.server.bodies import Form, read_form
from fachwerk.engine.server.formviews import candidate, conflict_views, file_items, messages, state_views
from fachwerk.engine.server.lists import entity_of
from fachwerk.engine.server.renewing import Renewing, moved_to, plain
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import (
    actor_of,
    check_form,
    entity_crumb,
    go,
    list_path,
    make_shell,
    person_of,
    record_path,
)
from fachwerk.engine.server.submit import Sent, read_sent
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.values import FormState
from fachwerk.forms.model import FormView, Link
from fachwerk.problems import Refused
from fachwerk.schemas.model import Entity, Field
from starlette.responses import Response

_UPLOADS = 20 * 1024 * 1024


def most_upload(entity: Entity) -> int:
    """Return how many bytes of files a form of *entity* may bring, by what its fields allow."""
    fields = [f for f in entity.fields.values() if f.kind in ("file", "files", "image", "images")]
    fields += [f for field in entity.fields.values() if field.rows for f in field.rows.fields.values() if f.accept]
    return sum((field.max_size or _UPLOADS) * (field.max_count or 5) for field in fields)


@dataclass(frozen=True, slots=True)
class Place:
    """Which form it is: of which entity, and of which record (none for a new one)."""

    entity: Entity
    key: str | None

    @property
    def action(self) -> str:
        """Where the form is sent."""
        return f"{record_path(self.entity.name, self.key)}/edit" if self.key else f"{list_path(self.entity.name)}/new"

    @property
    def cancel(self) -> str:
        """Where one goes who gives up."""
        return record_path(self.entity.name, self.key) if self.key else list_path(self.entity.name)


_KEEPS = frozenset(("rows", "file", "files", "image", "images", "back_links", "secret", "sequence", "computed"))
"""Kinds of fields that no condition of a link is asked about, or that nobody types."""


class EditPages:
    """The pages ``/e/{entity}/new`` and ``/e/{entity}/{id}/edit``, with their live parts."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._renewing = Renewing(tools)

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of forms."""
        new, one = "/e/{entity}/new", "/e/{entity}/{id}/edit"
        return (
            Route(new, {"GET": self.open, "POST": self.save}),
            Route(f"{new}/live", {"POST": self.live}),
            Route(f"{new}/find", {"POST": self.find}),
            Route(one, {"GET": self.open, "POST": self.save}),
            Route(f"{one}/live", {"POST": self.live}),
            Route(f"{one}/find", {"POST": self.find}),
        )

    def _place(self, request: Request) -> Place:
        entity = entity_of(self._tools, request)
        return Place(entity, request.arguments[1] if len(request.arguments) > 1 else None)

    async def open(self, request: Request) -> Response:
        """GET an empty form (filled with defaults and what the address gives), or that of a record."""
        place, person = self._place(request), person_of(request)
        given = {} if place.key else self._given(place.entity, request)
        state = await self._tools.service.form(person, place.entity.name, place.key, given)
        return page(self._tools.render.render_form(self._view(request, place, state)))

    def _given(self, entity: Entity, request: Request) -> dict[str, object]:
        # "New" on a record's page leads here with the link back to it: /e/permit/new?plot=<id>.
        form = self._tools.forms.entity(entity.name, request.language)
        texts = {name: (value,) for name, value in request.query if name in entity.fields}
        return dict(read_sent(form, Form(texts), "", self._tools.stash).values)

    async def save(self, request: Request) -> Response:
        """POST a form: the record is written, or the form comes back with everything that is wrong."""
        if (moved := await moved_to(self._tools, request)) is not None:
            return moved
        place, person = self._place(request), person_of(request)
        sent = await self._read(request, place)
        if sent.command.word != "save":
            return await self._again(request, place, sent, 200)
        sent = await self._renewing.closed(request, place.entity, place.key, sent)
        if sent.stops:
            return await self._again(request, place, sent, 409)
        sent = await self.resolve(request, place, sent)
        if sent.errors:
            return await self._again(request, place, sent, 422)
        service, name = self._tools.service, place.entity.name
        try:
            if place.key is None:
                record = await service.create(person, name, sent.values, unreadable=sent.unreadable)
            else:
                record = await service.change(
                    person, name, place.key, sent.values, version=sent.version, unreadable=sent.unreadable
                )
        except Refused as refused:
            if refused.status not in (409, 422) and not refused.fields:
                raise
            return await self._again(request, place, sent, refused.status, refused)
        return go(self._tools, record_path(name, record.id), "changed" if place.key else "created")

    async def live(self, request: Request) -> Response:
        """POST while somebody types: the fields as the rules see them now."""
        place, person = self._place(request), person_of(request)
        sent = await self._read(request, place)
        state = await self._tools.service.form(person, place.entity.name, place.key, sent.values)
        view = self._view(request, place, state)
        view = replace(view, texts=sent.texts, errors={}, changed=sent.changed)
        return page(self._tools.render.render_live(view))

    async def find(self, request: Request) -> Response:
        """POST with ``_find``: the records that a search field may lead to."""
        place, person = self._place(request), person_of(request)
        sent = await self._read(request, place)
        field, text = sent.command.field, sent.searched(sent.command.field)
        known = await self._known(request, place, sent)
        found = await self._tools.service.candidates(person, place.entity.name, field, text, known)
        several = self._leads_to_several(place.entity, field)
        items = tuple(candidate(reference, several) for reference in found)
        return page(self._tools.render.render_candidates(make_shell(self._tools, request), field, items))

    def _field(self, entity: Entity, name: str) -> Field | None:
        parts = name.split(".")
        field = entity.fields.get(parts[0])
        if field is not None and field.rows is not None and len(parts) == 3:
            return field.rows.fields.get(parts[2])
        return field

    def _leads_to_several(self, entity: Entity, name: str) -> bool:
        field = self._field(entity, name)
        return field is not None and len(field.to) > 1

    async def _read(self, request: Request, place: Place) -> Sent:
        form = await read_form(request, most_upload(place.entity))
        check_form(request, form)
        return await self._renewing.read(request, form, place.entity)

    async def _known(self, request: Request, place: Place, sent: Sent) -> Mapping[str, object]:
        """Return what is known of the record that links: what was typed, and of one that exists what the form lacks."""
        if place.key is None:
            return sent.values
        record = await self._tools.service.read(actor_of(request), place.entity.name, place.key)
        fields = place.entity.fields
        kept = {n: v for n, v in record.values.items() if v is not None and fields[n].kind not in _KEEPS}
        typed = {n: v for n, v in sent.values.items() if v is not None or n not in kept}
        return {n: plain(fields[n], v) for n, v in kept.items()} | typed

    async def offer(self, request: Request, place: Place, sent: Sent) -> Sent:
        """Return what was sent with the records that the search field in question may lead to."""
        name, person = sent.command.field, actor_of(request)
        known = await self._known(request, place, sent)
        found = await self._tools.service.candidates(person, place.entity.name, name, sent.searched(name), known)
        several = self._leads_to_several(place.entity, name)
        return sent.with_candidates(name, tuple(candidate(r, several) for r in found))

    async def resolve(self, request: Request, place: Place, sent: Sent) -> Sent:
        """Take the only record that a typed text can mean; where there are several, offer them."""
        person, service = actor_of(request), self._tools.service
        known = await self._known(request, place, sent) if sent.unresolved else {}
        for name, text in sent.unresolved.items():
            found = await service.candidates(person, place.entity.name, name, text, known)
            exact = [reference for reference in found if reference.title.casefold() == text.casefold()]
            chosen = exact if len(exact) == 1 else found
            several = self._leads_to_several(place.entity, name)
            field = self._field(place.entity, name)
            if len(chosen) == 1 and field is not None and field.kind == "links":
                sent = sent.with_further(name, chosen[0])
            elif len(chosen) == 1:
                sent = sent.with_link(name, chosen[0], several)
            else:
                sent = sent.with_choice(name, tuple(candidate(reference, several) for reference in found))
        return sent

    async def _again(
        self, request: Request, place: Place, sent: Sent, status: int, refused: Refused | None = None
    ) -> Response:
        """Return the form with all that was typed, and what is wrong with it."""
        person, service = person_of(request), self._tools.service
        if sent.command.word == "find":
            sent = await self.offer(request, place, sent)
        state = await service.form(person, place.entity.name, place.key, sent.values)
        errors = {**sent.errors, **messages(refused, request.language)} if refused else sent.errors
        conflicts = conflict_views(self._tools, place.entity, refused, request.language)
        view = replace(
            self._view(request, place, state),
            texts=sent.texts,
            candidates=sent.candidates,
            files=file_items(place, state, sent),
            errors=errors if not conflicts else {},
            conflicts=conflicts,
            version=getattr(refused, "version", sent.version) if place.key else None,
            focus=sent.focus,
            changed=sent.changed,
        )
        return page(self._tools.render.render_form(view), status)

    def _view(self, request: Request, place: Place, state: FormState) -> FormView:
        entity, language = place.entity, request.language
        crumbs: tuple[Link, ...] = (entity_crumb(entity, language),)
        if place.key:
            crumbs = (*crumbs, Link(state.title, record_path(entity.name, place.key)))
        return FormView(
            shell=make_shell(self._tools, request, crumbs=crumbs, current=entity.name),
            entity=entity.name,
            action=place.action,
            cancel=place.cancel,
            title=state.title if place.key else None,
            version=state.version if place.key else None,
            live=f"{place.action}/live",
            find=f"{place.action}/find",
            fields=frozenset(state.fields),
            values=state.values,
            states=state_views(state),
        )
