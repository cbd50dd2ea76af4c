"""From a configuration to a database full of demo data: deployed, with accounts for everybody it names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fachwerk.engine.database import Database
from fachwerk.engine.demo.listing import hat_for
from fachwerk.engine.demo.making import Acting, Count, Doors, Made, Maker
from fachwerk.engine.deploy import deploy
from fachwerk.engine.inspect import inspect
from fachwerk.engine.main import build, in_force
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.values import Person
from fachwerk.problems import Refused, say
from fachwerk.schemas.model import Project

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
        service = running.service

        async def create(who: Acting, entity: str, values: Mapping[str, object]) -> Made:
            return await service.create(_person(who), entity, values, origin="demo")

        async def act(
            who: Acting, entity: str, record: str, action: str, values: Mapping[str, object], comment: str | None
        ) -> Made:
            person = _person(who)
            try:
                return await service.act(person, entity, record, action, values=values, comment=comment, origin="demo")
            except Refused as refused:
                if refused.code != "which_one":
                    raise
            # an opinion on one of several records: the next one that is open
            open_ones = [one.name for one in await service.actions(person, entity, record) if one.possible]
            name = next(name for name in open_ones if name.partition(":")[0] == action)
            return await service.act(person, entity, record, name, values=values, comment=comment, origin="demo")

        hat = hat_for(project, end.date(), seed)
        maker = Maker(project, Doors(create, act, clock.set), people, hat, end)
        count = await maker.make(total, progress)
        held = _held(project).items()
        return count, tuple(DemoUser(name, _roles(project, roles), people[name].name) for name, roles in held)
    finally:
        await running.database.close()


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


def _held(project: Project) -> Mapping[str, tuple[str, ...]]:
    """Return the roles by sign-in name: as the configuration says, else one person per role."""
    told = project.demo.users if project.demo else {}
    return told or {role: (role,) for role in project.roles}


def _roles(project: Project, held: tuple[str, ...]) -> str:
    return ", ".join(say(project.roles[role].label, project.languages[0]) for role in held)
