"""Putting the server together: what one configuration needs to answer requests, and the application around it."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from fachwerk.engine.compile import App
from fachwerk.engine.database import Database
from fachwerk.engine.follow import VersionedDatabase
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.asgi import Server, Step
from fachwerk.engine.server.former import Former
from fachwerk.engine.server.identity import Identities
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.server.site import AppSite
from fachwerk.engine.server.stash import Stash
from fachwerk.engine.server.static import StaticFiles
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.service import Service
from fachwerk.engine.work.notices import Notices
from fachwerk.forms.assets import load_assets
from fachwerk.forms.compile import compile_forms
from fachwerk.forms.model import Account
from fachwerk.forms.render import Pages


def build_server(
    running: Running, settings: Settings | None = None, *,
    demo_accounts: tuple[Account, ...] = (), start: Step | None = None, stop: Step | None = None,
    stash: Stash | None = None,
) -> Server:  # fmt: skip
    """Return the ASGI application that serves a compiled app; *start* and *stop* are called with the server's life."""
    chosen = settings or Settings()
    site = build_site(running, chosen, demo_accounts=demo_accounts, stash=stash)
    return Server(site, chosen, start, stop)


class Running(Protocol):
    """A compiled app on an open database, as ``engine.main`` makes it."""

    @property
    def app(self) -> App: ...
    @property
    def service(self) -> Service: ...
    @property
    def database(self) -> Database: ...


def build_site(
    running: Running, settings: Settings, *, demo_accounts: tuple[Account, ...] = (), stash: Stash | None = None
) -> AppSite:  # fmt: skip
    """Return what answers requests under one configuration, for :meth:`Server.use`; files wait in *stash*."""
    app, service, database, project = running.app, running.service, running.database, running.app.project
    forms = compile_forms(project)
    assets = load_assets(project.hue, (entity.icon for entity in project.entities.values() if entity.icon))
    # accounts and notices are the same in all versions: what was written there is not written again by a newer one
    own = database.inner if isinstance(database, VersionedDatabase) else database
    accounts = Accounts(own, app.tables.metadata, project.roles)
    notices = Notices(app)
    tools = Tools(
        project=project,
        service=service,
        forms=forms,
        render=Pages(forms, assets, project.timezone),
        app=app,
        access=service.kit.access,
        accounts=accounts,
        identities=Identities(accounts, settings, project.languages, unread=partial(notices.unread, own)),
        notices=notices,
        former=Former(project, own, app.dialect),
        passwords=Passwords(settings),
        stash=stash or Stash(),
        settings=settings,
        demo_accounts=demo_accounts,
    )
    return AppSite(tools, StaticFiles(assets))
