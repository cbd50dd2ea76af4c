"""From a configuration to a database full of demo data: deployed, with accounts for everybody it names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fachwerk.engine.database import Database
from fachwerk.engine.demo.absent import Absent, send_on_holiday
from fachwerk.engine.demo.doors import Acting, Doors, Made
from fachwerk.engine.demo.listing import hat_for
from fachwerk.engine.demo.making import Count, Maker
from fachwerk.engine.deploy import deploy
from fachwerk.engine.inspect import inspect
from fachwerk.engine.main import build, in_force
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.service import Service
from fachwerk.engine.values import Person
from fachwerk.problems import Refused, say
from fachwerk.schemas.kinds.times import show_date
from fachwerk.schemas.model import Period, Project

PASSWORD = "fachwerk-demo"
"""Of all demo accounts; it is shown on the sign-in page, so a database with demo data is no secret."""


@dataclass
class Clock:
    """A clock that demo data sets: records are spread over the last months."""

    moment: dt.datetime

    def __call__(self) -> dt.datetime:
        """Return the moment it is set to."""
        return self.moment

    def set(self, moment: dt.datetime) -> None:
        """Set it."""
        self.moment = moment


@dataclass(frozen=True)
class DemoUser:
    """Somebody who can sign in, and their roles in words."""

    name: str
    roles: str
    full: str = ""
    """The name that others see."""


async def make_demo(
    project: Project,
    url: str,
    total: int,
    *,
    seed: int = 1,
    now: dt.datetime | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[Count, tuple[DemoUser, ...]]:
    """Deploy *project* to the empty database of *url*, make accounts and about *total* records."""
    clock = Clock(now or dt.datetime.now(dt.UTC))
    end = clock.moment
    running = await build(project, url, clock=clock, durable=False)
    try:
        await _check_empty(running.database)
        await deploy(
            running.app, running.database, why=f"demo data: {project.demo.name if project.demo else project.name}"
        )
        running = await in_force(running)
        accounts = Accounts(running.database, running.app.tables.metadata, project.roles)
        people = await _people(project, accounts)
        maker = Maker(project, _doors(running.service, clock), people, hat_for(project, end.date(), seed), end)
        count = await maker.make(total, progress)
        absent = await send_on_holiday(project, running.service, people, running.app.calendar.today(end))
        return count, tuple(_told(project, name, people, absent) for name in people)
    finally:
        await running.database.close()


def _doors(service: Service, clock: Clock) -> Doors:
    """Return the ways into the service; where one of several opinions is meant, the next that is open."""

    async def create(who: Acting, entity: str, values: Mapping[str, object]) -> Made:
        return await service.create(_person(who), entity, values, origin="demo")

    async def act(
        who: Acting, entity: str, record: str, action: str, values: Mapping[str, object], comment: str | None
    ) -> Made:
        person = _person(who)
        try:
            return await service.act(person, entity, record, action, values=values, comment=comment, origin="demo")
        except Refused as refused:
            open_ones = [one.name for one in await service.actions(person, entity, record) if one.possible]
            name = next((name for name in open_ones if name.partition(":")[0] == action), None)
            if refused.code != "which_one" or name is None:
                raise
        return await service.act(person, entity, record, name, values=values, comment=comment, origin="demo")

    async def look(entity: str, record: str) -> Made:
        return await service.read(service.system, entity, record)

    async def limit(
        who: Acting, entity: str, record: str, action: str, comment: str, period: Period | None
    ) -> Made:
        person = _person(who)
        return await service.act(person, entity, record, action, comment=comment, period=period, origin="demo")

    return Doors(create, act, clock.set, look, limit)


async def _check_empty(database: Database) -> None:
    async with database.transaction() as connection:
        there = await inspect(connection, database.dialect)
    if there.columns:
        raise Refused(
            "not_empty",
            {
                "en": "Demo data goes into an empty database only, and this one has tables. Nothing was changed.",
                "de": "Demodaten kommen nur in eine leere Datenbank, und diese hat Tabellen. Nichts wurde geändert.",
            },
        )


def _person(who: Acting) -> Person:
    assert isinstance(who, Person)
    return who


async def _people(project: Project, accounts: Accounts) -> dict[str, Person]:
    password = await Passwords(Settings()).hash(PASSWORD)
    people = {}
    for name, roles in _held(project).items():
        language = project.languages[0]
        full = (project.demo.names if project.demo else {}).get(name, name.capitalize())
        key = await accounts.create(full, name, roles=roles, password=password, language=language)
        closed = frozenset(roles).union(*(project.roles[role].includes for role in roles))
        people[name] = Person(key, full, "", closed, language)
    return people


async def make_missing(project: Project, accounts: Accounts) -> tuple[DemoUser, ...]:
    """Make an account for everybody that the configuration names, or for every role, who has none yet."""
    held = _held(project)
    missing = [name for name in held if await accounts.find(name) is None]
    if missing:
        password = await Passwords(Settings()).hash(PASSWORD)
        for name in missing:
            language = project.languages[0]
            await accounts.create(name.capitalize(), name, roles=held[name], password=password, language=language)
    return tuple(DemoUser(name, _roles(project, roles), name.capitalize()) for name, roles in held.items())


def _told(project: Project, name: str, people: Mapping[str, Person], absent: Absent | None) -> DemoUser:
    """Return what is said of an account: its roles, that it is absent, or for whom it stands in."""
    roles, language = _roles(project, _held(project)[name]), project.languages[0]
    if absent is not None and name in (absent.who, absent.deputy):
        other = people[absent.deputy if name == absent.who else absent.who].name
        day = show_date(absent.until, language)
        roles += "; " + say(_ABSENT if name == absent.who else _DEPUTY, language).format(name=other, day=day)
    return DemoUser(name, roles, people[name].name)


_ABSENT = {"en": "away until {day}, {name} stands in", "de": "abwesend bis {day}, Vertretung: {name}"}
_DEPUTY = {"en": "stands in for {name}, see the inbox", "de": "vertritt {name}, siehe Eingang"}


def _held(project: Project) -> Mapping[str, tuple[str, ...]]:
    """Return the roles by sign-in name: as the configuration says, else one person per role."""
    told = project.demo.users if project.demo else {}
    return told or {role: (role,) for role in project.roles}


def _roles(project: Project, held: tuple[str, ...]) -> str:
    return ", ".join(say(project.roles[role].label, project.languages[0]) for role in held)
