"""What every page needs, made once per configuration and handed to each group of handlers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fachwerk.engine.access import Access, Right
from fachwerk.engine.compile import App
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.former import Former
from fachwerk.engine.server.identity import Identities
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.server.stash import Stash
from fachwerk.engine.service import Service
from fachwerk.engine.values import Person
from fachwerk.engine.work.notices import Notices
from fachwerk.forms.compile import Forms
from fachwerk.forms.model import Account
from fachwerk.forms.render import Pages
from fachwerk.problems import Refused, say
from fachwerk.schemas.model import Entity, Project


@dataclass(frozen=True, slots=True)
class Tools:
    """The parts of one running configuration."""

    project: Project
    service: Service
    forms: Forms
    render: Pages
    app: App
    access: Access
    accounts: Accounts
    identities: Identities
    passwords: Passwords
    stash: Stash
    settings: Settings
    notices: Notices
    former: Former
    demo_accounts: tuple[Account, ...] = ()
    """Accounts that the sign-in page offers (only where demo data was made)."""

    def now(self) -> dt.datetime:
        """Return the moment that it is."""
        return self.service.kit.clock()

    def today(self) -> dt.date:
        """Return the day that it is in the zone of the app."""
        return self.app.calendar.today(self.now())

    def entity(self, name: str) -> Entity | None:
        """Return the entity (or relation) *name* that has pages."""
        found = self.project.entities.get(name)
        return found if found is not None and found.parent is None else None


def may(tools: Tools, person: Person, entity: Entity, right: Right) -> bool:
    """Whether the roles of *person* could have *right* on some record of *entity*.

    For menus and buttons only; the service decides for each record.
    """
    return tools.access.rights(person.roles, entity.name).may(right)


def check_may_read(tools: Tools, person: Person, entity: Entity) -> None:
    """Raise :class:`Refused` (403) if none of the person's roles reads any record of *entity*.

    That there are such records is no secret, since the configuration is none; saying so is better than an empty list.
    """
    if not may(tools, person, entity, "read"):
        plural = {language: say(entity.plural, language) for language in ("en", "de")}
        message = {
            "en": f"Your roles do not let you see {plural['en']}.",
            "de": f"Ihre Rollen erlauben es nicht, {plural['de']} zu sehen.",
        }
        raise Refused("not_allowed", message, status=403)


def seen_fields(tools: Tools, person: Person, entity: Entity) -> frozenset[str]:
    """Return the fields that the roles of *person* see on some record of *entity*."""
    return frozenset(entity.fields) - tools.access.rights(person.roles, entity.name).hidden
