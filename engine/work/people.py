"""Who is told: the users behind roles and ids, with the language and address of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Row
from fachwerk.engine.keyed import among, keys_parameter
from fachwerk.engine.statements import given, render


@dataclass(frozen=True, slots=True)
class Somebody:
    """A user that can be told something."""

    id: str
    name: str
    email: str
    language: str


class People:
    """Finds active users of one app."""

    def __init__(self, app: App) -> None:
        self._app = app
        tables = app.tables.metadata.tables
        user, role = tables["fw_user"], tables["fw_role"]
        columns = (user.c.id, user.c.name, user.c.email, user.c.language)
        active = user.c.active == (sa.literal(1) if app.dialect == "sqlite" else sa.true())
        by_id = sa.select(*columns).where(among(user.c.id, "keys", app.dialect), active).order_by(user.c.id)
        self._by_id = render(by_id, app.dialect)
        held = sa.select(role.c.user).where(role.c.role == given("role", role.c.role))
        holding = sa.select(*columns).where(user.c.id.in_(held), active).order_by(user.c.id)
        self._holding = render(holding, app.dialect)
        roles = sa.select(role.c.user, role.c.role).where(among(role.c.user, "keys", app.dialect))
        self._roles = render(roles.order_by(role.c.user, role.c.role), app.dialect)

    async def by_ids(self, connection: Connection, ids: Iterable[str]) -> list[Somebody]:
        """Return the users with these ids; those who left are left out."""
        keys = list(dict.fromkeys(ids))
        if not keys:
            return []
        return self._people(await self._by_id.fetch(connection, {"keys": keys_parameter(keys, self._app.dialect)}))

    async def holding(self, connection: Connection, roles: Iterable[str]) -> list[Somebody]:
        """Return the users who hold one of *roles*, be it because another role includes it."""
        wanted = set(roles)
        known = self._app.project.roles
        enough = [name for name, role in known.items() if name in wanted or wanted & role.includes]
        found: dict[str, Somebody] = {}
        for name in enough:
            for person in self._people(await self._holding.fetch(connection, {"role": name})):
                found.setdefault(person.id, person)
        return list(found.values())

    async def roles(self, connection: Connection, ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return what each of the users *ids* holds, with the roles that these include."""
        known, keys = self._app.project.roles, keys_parameter(list(ids), self._app.dialect)
        found: dict[str, set[str]] = {}
        for user, role in await self._roles.fetch(connection, {"keys": keys}):
            if role in known:
                found.setdefault(user, set()).update((role, *known[role].includes))
        return {user: frozenset(held) for user, held in found.items()}

    def _people(self, rows: Sequence[Row]) -> list[Somebody]:
        languages = self._app.project.languages
        return [Somebody(row[0], row[1], row[2] or "", row[3] if row[3] in languages else languages[0]) for row in rows]
