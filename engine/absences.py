"""Absences as functions over a running service: entering and ending them, and acting in the place of the absent.

Pages, API, command line and trials use these; each is a transaction of its own.
"""

from __future__ import annotations

import datetime as dt

from fachwerk.engine.database import Connection, in_transaction
from fachwerk.engine.deputies import Absence
from fachwerk.engine.service import Service
from fachwerk.engine.values import Person
from fachwerk.problems import Refused


async def enter_absence(
    service: Service, user: str, deputy: str, since: dt.date, until: dt.date, *, reason: str = "", by: str | None = None
) -> str:  # fmt: skip
    """Note that *user* is absent and *deputy* acts meanwhile (ids; days of the app's zone); return the absence's id.

    Raises :class:`Refused` where it cannot be: of oneself, over already, beside another one, or in a circle.
    """

    async def work(connection: Connection) -> str:
        now = service.kit.clock()
        return await service.kit.deputies.enter(
            connection, user, deputy, since, until, now=now, reason=reason, by=by
        )  # fmt: skip

    return await in_transaction(service.database, work)


async def end_absence(service: Service, user: str, id: str) -> None:
    """End an absence of *user* at once; raises :class:`Refused` (404) if there is none such in force."""

    async def work(connection: Connection) -> bool:
        return await service.kit.deputies.end(connection, user, id, service.kit.clock())

    if not await in_transaction(service.database, work):
        message = {"en": "There is no such absence.", "de": "Eine solche Abwesenheit gibt es nicht."}
        raise Refused("not_found", message, status=404)


async def absences(service: Service, user: str | None = None) -> tuple[Absence, ...]:
    """Return absences of today or later, of one *user* or of all, the earliest first."""
    return await service.kit.deputies.absences(service.database, service.kit.clock(), user)


async def stood_for(service: Service, who: Person) -> tuple[Person, ...]:
    """Return the absent people in whose place *who* may act now, each as the person who then acts."""
    return await service.kit.deputies.stood_for(service.database, who, service.kit.clock())


async def acting_for(service: Service, who: Person, for_whom: str) -> Person:
    """Return *who* as acting in the place of the user *for_whom*; else raises :class:`Refused` (403)."""
    return await service.kit.deputies.acting(service.database, who, for_whom, service.kit.clock())
