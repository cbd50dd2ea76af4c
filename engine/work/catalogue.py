"""Everything that effects can do, by kind; put together once for a configuration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fachwerk.engine.asked import PEOPLE
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Database, Unique
from fachwerk.engine.service import Service
from fachwerk.engine.work.automations import Automations
from fachwerk.engine.work.deadlines import Deadlines
from fachwerk.engine.work.doing import Doing
from fachwerk.engine.work.hooks import Hooks
from fachwerk.engine.work.job import Inside, Made, Outside
from fachwerk.engine.work.mail import Mailer
from fachwerk.engine.work.notify import Messages
from fachwerk.engine.work.outside import World
from fachwerk.engine.work.papers import Papers
from fachwerk.engine.work.queue import Job
from fachwerk.engine.work.schedules import Schedules
from fachwerk.problems import Refused, say

THREADS = 64
"""How many deliveries there are at once; made as they are needed, more than are ever taken."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Handlers by kind of effect, and what has to be looked at in every turn."""

    handlers: Mapping[str, Inside | Made | Outside]
    schedules: Schedules
    refused: Callable[[Connection, Job, Refused | Unique], Awaitable[None]]
    """Notes with a record that an effect inside is not possible."""

    @property
    def outside(self) -> frozenset[str]:
        """The kinds that are delivered outside."""
        return frozenset(kind for kind, one in self.handlers.items() if isinstance(one, Outside))

    async def tick(self, database: Database, now: dt.datetime) -> int:
        """Begin the periodic work whose time has come; return how much that was."""
        return await self.schedules.tick(database, now)


def catalogue(app: App, service: Service, world: World, instead: Mapping[str, Outside] | None = None) -> Catalogue:
    """Return what the effects of *app* do; *instead* replaces deliveries by their kind."""
    # Threads of their own: where servers do not answer, nobody else (such as who signs in) waits for one.
    threads = ThreadPoolExecutor(THREADS, "fachwerk-outside")
    messages = Messages(service.kit)
    deadlines = Deadlines(service, messages)
    doing, hooks = Doing(service, messages.people), Hooks(world, threads)
    automations = Automations(service.kit, messages.people)
    label = say(app.project.label, app.project.languages[0])
    mailer = Mailer(world, label, service.kit.files, service.database, threads)
    papers = Papers(service)
    return Catalogue(
        {
            "notify": Made(papers.attachments, messages.notify),
            "document": Made(papers.prepare, papers.keep),
            "mail": Outside(mailer.deliver),
            "deadline": Inside(deadlines.elapse),
            "deadline_warning": Inside(deadlines.warn),
            "set": Inside(doing.set),
            "settle": Inside(doing.settle),
            PEOPLE: Inside(doing.people),
            "create": Inside(doing.create),
            "change": Inside(doing.change),
            "step": Inside(doing.step),
            "webhook": Inside(doing.webhook),
            "delivery": Outside(hooks.deliver),
            "automation": Inside(automations.happened),
            "automation_run": Inside(automations.run),
            **(instead or {}),
        },
        Schedules(app, service.kit.effects),
        doing.refused,
    )
