"""Everything that effects can do, by kind; put together once for a configuration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from fachwerk.engine.compile import App
from fachwerk.engine.database import Database
from fachwerk.engine.service import Service
from fachwerk.engine.work.deadlines import Deadlines
from fachwerk.engine.work.job import Inside, Outside
from fachwerk.engine.work.mail import Mailer
from fachwerk.engine.work.notify import Messages
from fachwerk.engine.work.outside import World
from fachwerk.problems import say


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Handlers by kind of effect, and what has to be looked at in every turn."""

    handlers: Mapping[str, Inside | Outside]

    async def tick(self, database: Database, now: dt.datetime) -> int:
        """Begin the periodic work whose time has come; return how much that was."""
        return 0


def catalogue(app: App, service: Service, world: World) -> Catalogue:
    """Return what the effects of *app* do."""
    messages = Messages(service.kit)
    deadlines = Deadlines(service, messages)
    mailer = Mailer(world, say(app.project.label, app.project.languages[0]))
    return Catalogue(
        {
            "notify": Inside(messages.notify),
            "mail": Outside(mailer.deliver),
            "deadline": Inside(deadlines.elapse),
            "deadline_warning": Inside(deadlines.warn),
        }
    )
