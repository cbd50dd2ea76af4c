"""What every page needs, made once per configuration and handed to each group of handlers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.identity import Identities
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.server.stash import Stash
from fachwerk.engine.service import Service
from fachwerk.engine.values import Person
from fachwerk.forms.compile import Forms
from fachwerk.forms.render import Renderer
from fachwerk.schemas.kinds import Handler, Place
from fachwerk.schemas.model import Entity, Grant, Project


@dataclass(frozen=True, slots=True)
class Tools:
    """The parts of one running configuration."""

    project: Project
    service: Service
    forms: Forms
    render: Renderer
    place: Place
    handlers: Mapping[str, Mapping[str, Handler]]
    """By entity and field: how values are shown."""
    accounts: Accounts
    identities: Identities
    passwords: Passwords
    stash: Stash
    settings: Settings
    static: str
    """The folder of the assets, with the hash of their content: ``/static/1a2b3c``."""

    def entity(self, name: str) -> Entity | None:
        """Return the entity (or relation) *name* that has pages."""
        found = self.project.entities.get(name)
        return found if found is not None and found.parent is None else None


def may(person: Person, entity: Entity, right: str, project: Project) -> bool:
    """Whether any role of *person* could have *right* (``read``, ``create``, ...) on some record of *entity*.

    For menus and buttons only; the service decides for each record.
    """
    if right == "read" and any(project.roles[r].reads_everything for r in person.roles if r in project.roles):
        return True
    grants = _grants(entity, project)
    return any(getattr(grants[role], right) is not None for role in person.roles if role in grants)


def _grants(entity: Entity, project: Project) -> Mapping[str, Grant]:
    # A relation without rights of its own is read and written by whoever may read and change the record it leads to.
    if entity.access or entity.relation is None:
        return entity.access
    end = project.entities[entity.fields[entity.relation.target].to[0]]
    return {
        role: Grant(role, create=grant.update, read=grant.read, update=grant.update, delete=grant.update)
        for role, grant in end.access.items()
    }
