"""Registering: an account with the roles that people may give themselves, and their own record where there is one.

The record is of an entity with a ``user`` field; it is made by the engine on their behalf, filled from name and email.
If the entity asks for more than that, the account is made without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fachwerk.engine.server.bodies import Form
from fachwerk.engine.server.errors import LOG
from fachwerk.engine.server.tools import Tools
from fachwerk.problems import Refused, Text
from fachwerk.schemas.model import Entity, Field

_NO_NAME: Text = {"en": "Enter your name.", "de": "Geben Sie Ihren Namen ein."}
_NO_EMAIL: Text = {"en": "Enter a valid email address.", "de": "Geben Sie eine gültige E-Mail-Adresse ein."}
_NOT_ALL: Text = {"en": "Some entries are missing or wrong.", "de": "Einige Angaben fehlen oder stimmen nicht."}
_GIVEN = ("given", "first", "vorname")
_FAMILY = ("family", "last", "surname", "nachname", "familienname")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody entered to register."""

    name: str
    email: str
    password: str


class Registration:
    """Registers people; *roles* are those that they get (none: nobody can register)."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self.roles = tuple(role.name for role in tools.project.roles.values() if role.signs_up)
        self._entity = _own_entity(tools.project.entities)

    async def register(self, form: Form, language: str, done: dict[str, object]) -> str:
        """Make the account and return its id; raises :class:`Refused` with everything that is wrong.

        The account is noted in *done*: it is not made again, should the rest have to be.
        """
        wish = self._read(form)
        if "account" not in done:
            done["account"] = await self._account(wish, language)
        user = str(done["account"])
        await self._make_record(user, wish)
        return user

    async def _account(self, wish: Wish, language: str) -> str:
        hashed = await self._tools.passwords.hash(wish.password)
        return await self._tools.accounts.create(
            wish.name, wish.email, roles=self.roles, password=hashed, email=wish.email, language=language
        )

    def _read(self, form: Form) -> Wish:
        from email_validator import EmailNotValidError, validate_email  # slow to load: start-up time

        name, email = (form.text("name") or "").strip(), (form.text("email") or "").strip()
        errors: dict[str, Text] = {} if 0 < len(name) <= 200 else {"name": _NO_NAME}
        try:
            email = validate_email(email, check_deliverability=False).normalized
        except EmailNotValidError:
            errors["email"] = _NO_EMAIL
        password = form.text("password") or ""
        try:
            self._tools.passwords.check(password, email)
        except Refused as weak:
            errors |= weak.fields
        if errors:
            raise Refused("invalid", _NOT_ALL, fields=errors)
        return Wish(name, email, password)

    async def _make_record(self, user: str, wish: Wish) -> None:
        if self._entity is None:
            return
        values = own_values(self._entity, user, wish)
        if values is None:
            return
        try:
            await self._tools.service.create(self._tools.service.system, self._entity.name, values, origin="sign-up")
        except Refused as refused:
            # Such as an email that a record of somebody else holds already: staff has to join the two.
            LOG.warning("no %s record for a new account: %s", self._entity.name, refused)


def _own_entity(entities: Mapping[str, Entity]) -> Entity | None:
    """Return the first entity whose records can be people's own: one with a unique ``user`` field."""
    for entity in entities.values():
        if any(field.kind == "user" and not field.system for field in entity.fields.values()):
            return entity
    return None


def own_values(entity: Entity, user: str, wish: Wish) -> dict[str, object] | None:
    """Return the values of somebody's own record; ``None`` if the entity requires more than name and email."""
    values: dict[str, object] = {}
    names = [f for f in entity.fields.values() if f.kind == "text" and _required(f) and f.computed is None]
    if len(names) > 2:
        return None
    values.update(zip((f.name for f in _in_order(names)), _parts(wish.name, len(names)), strict=True))
    for field in entity.fields.values():
        if field.system or field.name in values:
            continue
        if field.kind == "user":
            values[field.name] = user
        elif field.kind == "email" and "email" not in values:
            values[field.name] = wish.email
        elif _required(field) and field.default is None:
            return None
    return values


def _required(field: Field) -> bool:
    return not field.system and field.required is not None and field.required.constant is True


def _in_order(names: list[Field]) -> list[Field]:
    """Return the fields of a name with the given name first."""
    if len(names) == 2 and any(word in names[0].name for word in _FAMILY) and any(w in names[1].name for w in _GIVEN):
        return [names[1], names[0]]
    return names


def _parts(name: str, count: int) -> tuple[str, ...]:
    if count == 2:
        given, _, family = name.rpartition(" ")
        return (given or family, family)
    return (name,) * count
