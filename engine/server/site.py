"""Everything that answers requests under one configuration: pages, API and assets, put together."""

from __future__ import annotations

import secrets
from urllib.parse import quote

from fachwerk.engine.server.absences import MyApi
from fachwerk.engine.server.account import AccountPages
from fachwerk.engine.server.actions import ActionPages
from fachwerk.engine.server.answer import page, redirect, set_cookie, set_header
from fachwerk.engine.server.api import Api
from fachwerk.engine.server.development import development_routes
from fachwerk.engine.server.edit import EditPages
from fachwerk.engine.server.evidence import EvidencePages
from fachwerk.engine.server.files import FilePages
from fachwerk.engine.server.flows import FlowPages
from fachwerk.engine.server.home import HomePages
from fachwerk.engine.server.inbox import InboxPages
from fachwerk.engine.server.lists import ListPages
from fachwerk.engine.server.notices import NoticePages
from fachwerk.engine.server.profile import ProfilePages
from fachwerk.engine.server.records import RecordPages
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.shell import FLASH, make_shell
from fachwerk.engine.server.static import StaticFiles
from fachwerk.engine.server.system import SystemPages
from fachwerk.engine.server.tools import Tools
from fachwerk.forms.model import ErrorView
from fachwerk.problems import Refused, say
from starlette.responses import Response


class AppSite:
    """The site of one configuration."""

    def __init__(self, tools: Tools, assets: StaticFiles) -> None:
        self._tools = tools
        groups = (
            HomePages, InboxPages, ListPages, RecordPages, EditPages, ActionPages, FilePages, AccountPages,
            ProfilePages, NoticePages, FlowPages, SystemPages, EvidencePages,
        )  # fmt: skip
        made = [route for group in groups for route in group(tools).routes()]
        api, mine = Api(tools), MyApi(tools)
        further = development_routes() if tools.settings.development else ()
        self.routes = (*made, *mine.routes(), *api.routes(), *assets.routes(), *further)

    async def identify(self, request: Request) -> None:
        """Find out who asks, and choose the language: switched to, of the account, of the browser, of the app."""
        request.language = self._language(request)
        self._visit(request)
        request.identity = await self._tools.identities.of(request)
        if request.identity is not None and request.identity.secret:
            request.visit_is_new = False  # the forms of a session are made from its own secret
        if request.identity is not None and "fw_language" not in request.cookies:
            request.language = request.identity.person.language

    def _visit(self, request: Request) -> None:
        known = request.cookies.get(self._tools.settings.visit_cookie, "")
        request.visit_is_new = not 20 <= len(known) <= 100
        request.visit = secrets.token_urlsafe(24) if request.visit_is_new else known

    async def refuse_page(self, request: Request, refused: Refused, incident: str) -> Response:
        """Say a refusal as a page; whoever is not signed in is asked to, and comes back."""
        if refused.status == 401 and request.identity is None:
            target = _sign_in_path(request)
            return set_header(page(""), "HX-Redirect", target) if request.partial else redirect(target)
        view = ErrorView(
            shell=make_shell(self._tools, request),
            status=refused.status,
            text=say(refused.message, request.language),
            reference=incident,
        )
        return page(self._tools.render.render_error(view), refused.status)

    def finish(self, request: Request, response: Response) -> None:
        """Add the cookies of a page: take away a message once shown, remember a visitor's secret."""
        secure = self._tools.settings.https
        if FLASH in request.cookies and response.status_code == 200 and not request.partial:
            set_cookie(response, FLASH, "", secure=secure, seconds=0)
        if request.visit_is_new:
            name = self._tools.settings.visit_cookie
            set_cookie(response, name, request.visit, secure=secure, seconds=86_400)

    def _language(self, request: Request) -> str:
        languages = self._tools.project.languages
        chosen = request.cookies.get("fw_language")
        if chosen in languages:
            return chosen
        for part in request.headers.get("accept-language", "").split(",")[:10]:
            code = part.partition(";")[0].strip().lower().partition("-")[0]
            if code in languages:
                return code
        return languages[0]


def _sign_in_path(request: Request) -> str:
    """Return the address of the sign-in page, from which one comes back to a page that was asked for."""
    if request.method != "GET" or request.path == "/":
        return "/sign-in"
    query = request.raw_query.decode("ascii", "replace")
    return "/sign-in?next=" + quote(request.path + (f"?{query}" if query else ""), safe="")
