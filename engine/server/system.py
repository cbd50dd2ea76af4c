"""Pages about the configuration itself, for people with a role that reads everything: plans and versions.

A plan shows records of all entities; so it is for those alone who may read them anyway. Nothing can be changed here.
What plans need is loaded with the first of them, not when a server starts.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fachwerk.engine.database import Connection, Database
from fachwerk.engine.database_open import beside
from fachwerk.engine.server import bundle
from fachwerk.engine.server.answer import page
from fachwerk.engine.server.bodies import read_form
from fachwerk.engine.server.headers import refuse
from fachwerk.engine.server.limits import Limiter
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import check_form, make_shell, operates, person_of
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.validation import read_whole
from fachwerk.engine.versions import Version, Versions
from fachwerk.forms.model_plan import PlanPageView, PlanView, VersionItem, VersionsView
from fachwerk.problems import Problems, Refused, say
from fachwerk.schemas.changes import Change
from fachwerk.schemas.kinds import FileUpload
from fachwerk.schemas.report import as_text
from starlette.responses import Response

if TYPE_CHECKING:
    from fachwerk.engine.plan.model import Plan

MOST_VERSIONS = 50
"""Versions on a page."""
_A_MINUTE = 12
"""Plans that one person can have made in a minute."""


class _Wrong(Exception):
    """Files that no plan can be made of."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("wrong files")
        self.problems = problems


class SystemPages:
    """The pages ``/system/plan`` and ``/system/versions``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._one = asyncio.Lock()
        self._often = Limiter(_A_MINUTE, 60.0)

    def routes(self) -> tuple[Route, ...]:
        """Return the routes."""
        return (
            Route("/system/plan", {"GET": self.ask, "POST": self.plan}),
            Route("/system/versions", {"GET": self.versions}),
        )

    # plans ------------------------------------------------------------------------------------------------------------

    async def ask(self, request: Request) -> Response:
        """GET the form that a configuration is uploaded by."""
        self._check(request)
        return page(self._tools.render.render_plan(PlanPageView(make_shell(self._tools, request))))

    async def plan(self, request: Request) -> Response:
        """POST a configuration, or a plan that was made elsewhere: the plan is shown."""
        self._check(request)
        form = await read_form(request, bundle.LARGEST)
        check_form(request, form)
        files = form.files.get("configuration", ())
        view, status = PlanPageView(make_shell(self._tools, request)), 200
        try:
            view = PlanPageView(view.shell, plan=await self._planned(request, files))
        except _Wrong as wrong:
            text = as_text(wrong.problems, language=request.language)
            view, status = PlanPageView(view.shell, problems=text), 422
        except Refused as refused:
            if refused.status not in (400, 409, 422):
                raise
            fields = "".join(f" {name}: {say(text, request.language)}" for name, text in refused.fields.items())
            view, status = PlanPageView(view.shell, error=say(refused.message, request.language) + fields), 422
        return page(self._tools.render.render_plan(view), status)

    async def _planned(self, request: Request, files: Sequence[FileUpload]) -> PlanView:
        if len(files) != 1:
            raise refuse("no_file", 422, "Choose one file.", "Wählen Sie eine Datei aus.")
        upload, person = files[0], person_of(request)
        if len(upload.content) > bundle.LARGEST:
            raise refuse("too_large", 422, "The file is too large.", "Die Datei ist zu groß.")
        if upload.name.lower().endswith(".json"):
            from fachwerk.engine.plan.stored import read_plan  # start-up time

            made = read_plan(upload.content)
            return self._view(made, request, await self._age(made, request.language))
        if self._often.wait(person.id) or self._one.locked():
            raise refuse("too_many", 429, "A plan is being made just now. Try again in a while.",
                         "Es wird gerade ein Plan erstellt. Versuchen Sie es gleich noch einmal.")  # fmt: skip
        self._often.note(person.id)
        async with self._one:
            # reading, compiling and counting take seconds: others are answered meanwhile
            made = await beside(self._tools.service.database, lambda own: _plan_of(own, upload))
        return self._view(made, request, "")

    def _view(self, plan: Plan, request: Request, note: str) -> PlanView:
        from fachwerk.engine.plan.words import plan_view  # start-up time

        now = dt.datetime.now(ZoneInfo(self._tools.project.timezone))
        return plan_view(plan, request.language, lambda path: path, now, note)

    async def _age(self, plan: Plan, language: str) -> str:
        """Say that a plan was made for another version than the one in force."""
        latest = await Versions(self._tools.app.dialect).latest(self._tools.service.database)
        number = latest[0] if latest else 0
        if (number, latest[1] if latest else None) == (plan.version, plan.old_hash):
            return ""
        return say({
            "en": f"This plan was made for version {plan.version}; version {number} is in force. Plan again.",
            "de": f"Dieser Plan gilt für Version {plan.version}; in Kraft ist Version {number}. Neu planen.",
        }, language)  # fmt: skip

    # versions ---------------------------------------------------------------------------------------------------------

    async def versions(self, request: Request) -> Response:
        """GET the versions, and in what two of them differ."""
        from fachwerk.engine.plan.words import change_views  # start-up time

        self._check(request)
        asked = dict(request.query)
        old, new, until = (_number(asked.get(name, "")) for name in ("old", "new", "until"))
        database = self._tools.service.database
        known = await Versions(self._tools.app.dialect).all(database)
        numbers = {version.number for version in known}
        if not {old, new} - {0} <= numbers:
            raise refuse("no_version", 404, "There is no such version.", "Eine solche Version gibt es nicht.")
        changes: tuple[Change, ...] = ()
        if old and new:
            changes = await beside(database, lambda own: _difference(own, old, new))
        shown = [version for version in reversed(known) if not until or version.number <= until]
        view = VersionsView(
            make_shell(self._tools, request),
            tuple(_item(version, known[-1].number) for version in shown[:MOST_VERSIONS]),
            old if new else 0,
            new if old else 0,
            change_views(changes, request.language),
            f"/system/versions?until={shown[MOST_VERSIONS].number}" if len(shown) > MOST_VERSIONS else "",
        )
        return page(self._tools.render.render_versions(view))

    def _check(self, request: Request) -> None:
        if not operates(self._tools, person_of(request)):
            raise refuse(
                "not_allowed", 403, "This page is for people with a role that reads everything.",
                "Diese Seite ist für Personen mit einer Rolle, die alles lesen darf.",
            )  # fmt: skip


async def _plan_of(database: Database, upload: FileUpload) -> Plan:
    from fachwerk.engine.plan.asking import WrongRules  # start-up time
    from fachwerk.engine.plan.planning import make_plan

    project, problems = read_whole(bundle.project_files(upload.name, upload.content))
    if project is None or problems.errors:
        raise _Wrong(problems)
    try:
        return await make_plan(database, project)
    except WrongRules as wrong:
        raise _Wrong(wrong.problems) from None


async def _difference(database: Database, old: int, new: int) -> tuple[Change, ...]:
    from fachwerk.engine.plan.compare import compare  # start-up time

    versions = Versions(database.dialect)
    connection: Connection = database
    return compare(await versions.project(connection, old), await versions.project(connection, new))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _item(version: Version, current: int) -> VersionItem:
    number = version.number
    compared = f"/system/versions?old={number - 1}&new={number}" if number > 1 else ""
    return VersionItem(
        number, version.at, version.who or "–", version.why or "", version.hash[:12], version.tool,
        number == current, compared,
    )  # fmt: skip
