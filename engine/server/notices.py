"""Notices: what I was told, and noting that I have read it."""

from __future__ import annotations

from fachwerk.engine.server.answer import page, redirect
from fachwerk.engine.server.bodies import read_form
from fachwerk.engine.server.errors import not_found
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import check_form, make_shell, person_of, record_path
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.values import nobody_there
from fachwerk.engine.work.notices import Notice
from fachwerk.forms.model import NoticeItem, NoticesView
from fachwerk.schemas.kinds.links import identifier
from fachwerk.schemas.kinds.value import Invalid
from starlette.responses import Response

_MOST_BODY = 10_000


class NoticePages:
    """The pages ``/notices``, ``/notices/read`` and ``/notices/{id}``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of notices."""
        return (
            Route("/notices", {"GET": self.show}),
            Route("/notices/read", {"POST": self.read_all}),
            Route("/notices/{id}", {"GET": self.follow}),
        )

    async def show(self, request: Request) -> Response:
        """GET what I was told, the newest first."""
        tools, person = self._tools, person_of(request)
        before = request.query_params.get("before")
        found, more = await tools.notices.page(tools.service.database, person.id, _key(before) if before else None)
        view = NoticesView(
            shell=make_shell(tools, request),
            notices=tuple(_item(notice, request.language) for notice in found),
            more=f"/notices?before={found[-1].id}" if more else None,
        )
        return page(tools.render.render_notices(view))

    async def follow(self, request: Request) -> Response:
        """GET what a notice is about; from then on it counts as read."""
        tools, person = self._tools, person_of(request)
        key = _key(request.arguments[0])
        notice = await tools.notices.one(tools.service.database, person.id, key)
        if notice is None or notice.entity is None or notice.record is None:
            raise not_found()
        if notice.read is None:
            await self._mark(person.id, key)
        return redirect(record_path(notice.entity, notice.record))

    async def read_all(self, request: Request) -> Response:
        """POST that I have read everything."""
        form = await read_form(request, _MOST_BODY)
        check_form(request, form)
        await self._mark(person_of(request).id, None)
        return redirect("/notices")

    async def _mark(self, user: str, key: str | None) -> None:
        tools = self._tools
        async with tools.service.database.transaction() as connection:
            await tools.notices.mark_read(connection, user, tools.service.kit.clock(), key)
        tools.identities.forget(user=user)


def _item(notice: Notice, language: str) -> NoticeItem:
    words = notice.words(language)
    href = f"/notices/{notice.id}" if notice.record else ""
    return NoticeItem(words.subject, words.body, notice.created, href, notice.read is None)


def _key(text: str) -> str:
    try:
        return identifier(text)
    except Invalid:
        raise nobody_there() from None
