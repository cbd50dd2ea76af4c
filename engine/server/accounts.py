"""People who can sign in: their accounts, roles, sessions and API tokens in the engine's tables.

Of a session or token only the SHA-256 is stored: whoever reads the database cannot sign in with it. Passwords come and
go as hashes; making and verifying them is the matter of ``passwords``. The command line uses this class, too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import unicodedata
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.asked import ALONE, PEOPLE
from fachwerk.engine.database import Connection, Database, Row, Unique
from fachwerk.engine.keys import new_id
from fachwerk.engine.server.statements import account_statements
from fachwerk.problems import Refused, nearest
from fachwerk.schemas.model import Role
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver, to_json

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Account:
    """An account; *password* is its hash, ``None`` if it cannot sign in by password."""

    id: str
    name: str
    sign_in: str
    email: str
    language: str
    password: str | None
    active: bool
    roles: frozenset[str] = frozenset()
    """Closed over what roles include."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session or token that was found: whose, since when, until when."""

    account: Account
    created: dt.datetime
    expires: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as its owner sees it; *hash* names it."""

    hash: str
    label: str
    created: dt.datetime
    expires: dt.datetime | None


def secret_hash(secret: str) -> str:
    """Return the name under which a session or token is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign_in_name(text: str) -> str:
    """Return a sign-in name as it is compared: without blanks around, one case, one form of each character."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


class Accounts:
    """Reads and writes accounts. All methods are one statement or one transaction."""

    def __init__(
        self, database: Database, metadata: sa.MetaData, roles: Mapping[str, Role],
        clock: Callable[[], dt.datetime] | None = None,
    ) -> None:  # fmt: skip
        self._database, self._roles, self._clock = database, roles, clock or _now
        self._run = account_statements(metadata, database.dialect)
        self._moment = to_driver(Form("datetime"), database.dialect) or _same
        self._read_moment = from_driver(Form("datetime"), database.dialect) or _same
        self._boolean = to_driver(Form("boolean"), database.dialect) or _same

    async def find(self, name: str) -> Account | None:
        """Return the account that signs in as *name*."""
        rows = await self._fetch("find", name=sign_in_name(name))
        return self._account(rows) if rows else None

    async def read(self, user: str) -> Account | None:
        """Return the account with the id *user*."""
        rows = await self._fetch("read", id=user)
        return self._account(rows) if rows else None

    async def session(self, secret: str) -> Session | None:
        """Return the session that the cookie *secret* stands for, if it has not ended."""
        return self._session(await self._fetch("session", hash=secret_hash(secret)))

    async def token(self, secret: str) -> Session | None:
        """Return whose API token *secret* is, if it has not ended."""
        return self._session(await self._fetch("token", hash=secret_hash(secret)))

    async def open_session(self, user: str, seconds: int, replaces: str | None = None) -> str:
        """Begin a session, end the one whose secret is *replaces*, and return the new secret."""
        secret, now = secrets.token_urlsafe(32), _now()
        async with self._database.transaction() as connection:
            if replaces:
                await self._fetch("end_session", connection, hash=secret_hash(replaces))
            await self._fetch("end_old_sessions", connection, now=self._moment(now))
            expires = self._moment(now + dt.timedelta(seconds=seconds))
            values = {"hash": secret_hash(secret), "user": user, "created": self._moment(now), "expires": expires}
            await self._fetch("open_session", connection, **values)
        return secret

    async def prolong(self, secret: str, seconds: int) -> None:
        """Let a session end *seconds* from now."""
        expires = self._moment(_now() + dt.timedelta(seconds=seconds))
        await self._write("prolong", hash=secret_hash(secret), expires=expires)

    async def end_session(self, secret: str) -> None:
        """End a session."""
        await self._write("end_session", hash=secret_hash(secret))

    async def create(
        self, name: str, sign_in: str, *, roles: Iterable[str], password: str | None = None, email: str = "",
        language: str = "",
    ) -> str:  # fmt: skip
        """Create an account and return its id; *password* is a hash. Raises :class:`Refused` for a name in use."""
        chosen = self._known(roles)
        name, sign_in = name.strip(), sign_in_name(sign_in)
        if not name or not sign_in or max(len(name), len(sign_in)) > LONGEST_NAME:
            raise _refused("bad_name", "name", "A name has 1 to 200 characters.", "Ein Name hat 1 bis 200 Zeichen.")
        user = str(uuid.uuid4())
        values: dict[str, object] = {"id": user, "name": name, "sign_in": sign_in, "password": password}
        values |= {"email": sign_in_name(email) or None, "language": language}
        values |= {"active": self._boolean(True), "created": self._moment(_now())}
        try:
            async with self._database.transaction() as connection:
                await self._fetch("create", connection, **values)
                for role in sorted(chosen):
                    await self._fetch("give_role", connection, user=user, role=role)
        except Unique as taken:
            of_email = taken.index.endswith("email") or "email" in taken.columns
            raise name_taken("email" if of_email else "name") from None
        return user

    def _known(self, roles: Iterable[str]) -> frozenset[str]:
        chosen = frozenset(roles)
        for role in sorted(chosen - self._roles.keys()):
            guess, known = nearest(role, self._roles), ", ".join(self._roles)
            english, german = f"There is no role {role}. ", f"Es gibt keine Rolle {role}. "
            english += f"Did you mean {guess}?" if guess else f"There are: {known}."
            german += f"Meinten Sie {guess}?" if guess else f"Es gibt: {known}."
            raise _refused("unknown_role", "roles", english, german)
        return chosen

    async def remove(self, user: str) -> None:
        """Take back an account that was just created."""
        async with self._database.transaction() as connection:
            for statement in ("end_sessions", "end_tokens", "take_roles"):
                await self._fetch(statement, connection, user=user)
            await self._fetch("remove", connection, id=user)

    async def all(self) -> list[Account]:
        """Return all accounts, by their sign-in names; the roles are those that each holds itself."""
        found: dict[str, list[Row]] = {}
        for row in await self._fetch("all"):
            found.setdefault(str(row[0]), []).append(row)
        held = {user: frozenset(str(row[7]) for row in rows if row[7] is not None) for user, rows in found.items()}
        return [replace(self._account(rows), roles=held[user]) for user, rows in found.items()]

    async def set_roles(self, user: str, roles: Iterable[str]) -> None:
        """Give an account exactly *roles*; cases that wait for it are looked at again."""
        chosen = self._known(roles)
        async with self._changing(user) as connection:
            await self._fetch("take_roles", connection, user=user)
            for role in sorted(chosen):
                await self._fetch("give_role", connection, user=user, role=role)

    async def set_active(self, user: str, active: bool) -> None:
        """Open an account again, or close it with all its sessions and tokens; cases that wait for it are looked at."""
        async with self._changing(user) as connection:
            await self._fetch("set_active", connection, id=user, active=self._boolean(active))
            for statement in () if active else ("end_sessions", "end_tokens"):
                await self._fetch(statement, connection, user=user)

    @asynccontextmanager
    async def _changing(self, user: str) -> AsyncIterator[Connection]:
        """Begin to change what somebody may do: a worker sees to the cases that wait for them (``engine.asked``)."""
        async with self._database.transaction() as connection:
            if self._database.dialect == "postgresql":
                await connection.fetch(ALONE)
            yield connection
            now = self._moment(self._clock())
            values = {"id": new_id(), "kind": PEOPLE, "payload": to_json({"user": user}), "attempts": 0}
            await self._fetch("note", connection, **values, created=now, wake_at=now)

    async def set_password(self, user: str, password: str, keep_session: str = "") -> None:
        """Set the hash of a password; all sessions but the one with the secret *keep_session* end."""
        async with self._database.transaction() as connection:
            await self._fetch("set_password", connection, id=user, password=password)
            await self._fetch("end_other_sessions", connection, user=user, hash=secret_hash(keep_session))

    async def set_language(self, user: str, language: str) -> None:
        """Remember the language in which somebody works."""
        await self._write("set_language", id=user, language=language)

    async def tokens(self, user: str) -> tuple[Token, ...]:
        """Return the API tokens of an account, the newest first."""
        rows = await self._fetch("tokens", user=user)
        return tuple(Token(row[0], row[1], self._read(row[2]), self._optional(row[3])) for row in rows)

    async def make_token(self, user: str, label: str, days: int | None = None) -> str:
        """Make an API token and return its secret, which is nowhere stored."""
        secret, now = "fw_" + secrets.token_urlsafe(32), _now()
        expires = self._moment(now + dt.timedelta(days=days)) if days else None
        values = {"hash": secret_hash(secret), "label": label.strip()[:100] or "API", "user": user}
        await self._write("make_token", **values, created=self._moment(now), expires=expires)
        return secret

    async def end_token(self, user: str, token: str) -> None:
        """End the API token of *user* that is named by the hash *token*."""
        await self._write("end_token", user=user, hash=token)

    async def _fetch(self, statement: str, connection: Connection | None = None, **values: object) -> Sequence[Row]:
        return await self._run[statement].fetch(connection or self._database, values)

    async def _write(self, statement: str, **values: object) -> None:
        async with self._database.transaction() as connection:
            await self._fetch(statement, connection, **values)

    def _session(self, rows: Sequence[Row]) -> Session | None:
        if not rows:
            return None
        created, expires = self._read(rows[0][0]), self._optional(rows[0][1])
        account = self._account([row[2:] for row in rows])
        if not account.active or (expires is not None and expires <= _now()):
            return None
        return Session(account, created, expires)

    def _account(self, rows: Sequence[Row]) -> Account:
        user, name, sign_in, email, language, password, active, _ = rows[0]
        held = {str(row[7]) for row in rows if row[7] is not None}
        roles = frozenset(role for name in held if name in self._roles for role in (name, *self._roles[name].includes))
        return Account(str(user), name, sign_in, email or "", language or "", password, bool(active), roles)

    def _optional(self, value: Any) -> dt.datetime | None:
        return None if value is None else self._read(value)

    def _read(self, value: Any) -> dt.datetime:
        moment: dt.datetime = self._read_moment(value)
        return moment


def name_taken(field: str) -> Refused:
    """Return the refusal of a name or email that somebody else has."""
    return _refused("name_taken", field, "Somebody else has this name already.", "Diesen Namen hat schon jemand.", 409)


def _refused(code: str, field: str, english: str, german: str, status: int = 422) -> Refused:
    message = {"en": english, "de": german}
    return Refused(code, message, status=status, fields={field: message})


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _same(value: Any) -> Any:
    return value
