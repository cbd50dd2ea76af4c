"""Holders: the active people of a database and the roles they will hold under the new configuration, or hold today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from fachwerk.engine.plan.counting import Counting
from fachwerk.engine.values import Person
from fachwerk.schemas.model import Role


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with roles closed over what they include, as they are today (*was*) and will be."""

    person: Person
    was: frozenset[str]

    @property
    def roles(self) -> frozenset[str]:
        """The roles that will be held."""
        return self.person.roles


async def holders(counting: Counting) -> list[Holder]:
    """Return all people whose account is active, in the order of their ids."""
    tables = counting.ahead.old.tables.metadata.tables
    user, role = tables["fw_user"], tables["fw_role"]
    people = await counting.all(
        sa.select(user.c.id, user.c.name, user.c.email, user.c.language).where(user.c.active.is_(sa.true()))
        .order_by(user.c.id)
    )  # fmt: skip
    held: dict[str, set[str]] = {}
    for row in await counting.all(sa.select(role.c.user, role.c.role)):
        held.setdefault(str(row[0]), set()).add(str(row[1]))
    pairing = counting.pairing
    found = []
    for key, name, email, language in people:
        own = held.get(str(key), set())
        later = {new for old in own if (new := pairing.new_role(old)) is not None}
        person = Person(str(key), name, email or "", closed(later, pairing.new.roles), language or "en")
        found.append(Holder(person, closed(own, pairing.old.roles)))
    return found


def closed(names: set[str], roles: Mapping[str, Role]) -> frozenset[str]:
    """Return roles with all that they include."""
    return frozenset(one for name in names if name in roles for one in (name, *roles[name].includes))
