"""Somebody of the demo is on holiday: whoever has the most waiting that a colleague can do in their place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from fachwerk.engine.absences import enter_absence
from fachwerk.engine.inbox import Inbox
from fachwerk.engine.service import Service
from fachwerk.engine.values import Person
from fachwerk.schemas.model import Project


@dataclass(frozen=True, slots=True)
class Absent:
    """Sign-in names of who is absent and who acts meanwhile, and the last day."""

    who: str
    deputy: str
    until: dt.date


async def send_on_holiday(
    project: Project, service: Service, people: Mapping[str, Person], today: dt.date
) -> Absent | None:
    """Enter an absence of two weeks, begun some days ago; ``None`` where nobody could stand in for anybody."""
    staff = {name: person for name, person in people.items() if _works(project, person)}
    inbox = Inbox(service)
    waiting = {name: {one.id for one in (await inbox.of(person))[0]} for name, person in staff.items()}
    pairs = [
        (len(waiting[absent] - waiting[deputy]), absent, deputy)
        for absent, one in staff.items()
        for deputy, other in staff.items()
        if absent != deputy and one.roles & other.roles
    ]
    most, absent, deputy = max(pairs, key=lambda pair: pair[0], default=(0, "", ""))
    if not most:
        return None
    since, until = today - dt.timedelta(days=3), today + dt.timedelta(days=11)
    await enter_absence(service, people[absent].id, people[deputy].id, since, until, reason="Urlaub")
    return Absent(absent, deputy, until)


def _works(project: Project, person: Person) -> bool:
    held = [project.roles[name] for name in person.roles]
    return not any(role.signs_up or role.reads_everything for role in held)
