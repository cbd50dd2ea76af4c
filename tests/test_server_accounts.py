"""Accounts, sessions and tokens in the database, and who a request is made by."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from fachwerk.engine.database_open import open_database
from fachwerk.engine.server.accounts import Accounts, secret_hash, sign_in_name
from fachwerk.engine.server.identity import Identities
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.statements import table_texts
from fachwerk.problems import Refused, Source, Span
from fachwerk.schemas.model import Role
from fachwerk.schemas.tables_engine import engine_tables

NOWHERE = Span(Source("test", ""), 0, 0)
ROLES = {
    "clerk": Role("clerk", {"en": "Clerk"}, NOWHERE),
    "head": Role("head", {"en": "Head"}, NOWHERE, includes=frozenset({"clerk"})),
}
FAST = Settings(password_memory_kib=64, password_rounds=1)


def with_accounts(url: str, work: Callable[[Accounts], Awaitable[None]]) -> None:
    async def run() -> None:
        database = await open_database(url)
        metadata = sa.MetaData()
        engine_tables(metadata, database.dialect)
        await database.script(table_texts(metadata, database.dialect))
        try:
            await work(Accounts(database, metadata, ROLES))
        finally:
            await database.close()

    asyncio.run(run())


def request_of(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "headers": raw, "query_string": b""}

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    return Request(scope, receive, FAST)


def test_an_account_is_found_by_its_name_however_it_is_written(database_url: str) -> None:
    async def work(accounts: Accounts) -> None:
        user = await accounts.create(
            "Carl Clerk", " Carl@Town.example ", roles=["head"], password="hash", language="de"
        )
        found = await accounts.find("CARL@town.EXAMPLE")
        assert found is not None
        assert (found.id, found.name, found.password, found.language) == (user, "Carl Clerk", "hash", "de")
        assert found.roles == {"head", "clerk"}
        assert await accounts.find("carl") is None
        assert await accounts.read(user) == found

    with_accounts(database_url, work)


def test_a_name_belongs_to_one_account(database_url: str) -> None:
    async def work(accounts: Accounts) -> None:
        await accounts.create("Carl", "carl", roles=[], email="c@town.example")
        with pytest.raises(Refused) as taken:
            await accounts.create("Another", "CARL", roles=[])
        assert (taken.value.status, set(taken.value.fields)) == (409, {"name"})
        with pytest.raises(Refused) as taken:
            await accounts.create("Another", "another", roles=[], email="C@town.example")
        assert set(taken.value.fields) == {"email"}
        with pytest.raises(Refused, match="no role"):
            await accounts.create("Another", "another", roles=["king"])
        with pytest.raises(Refused, match="characters"):
            await accounts.create(" ", "another", roles=[])

    with_accounts(database_url, work)


def test_a_session_is_known_by_its_secret_alone_until_it_ends(database_url: str) -> None:
    async def work(accounts: Accounts) -> None:
        user = await accounts.create("Carl", "carl", roles=["clerk"])
        secret = await accounts.open_session(user, 60)
        found = await accounts.session(secret)
        assert found is not None
        assert found.account.id == user
        assert await accounts.session(secret_hash(secret)) is None
        rotated = await accounts.open_session(user, 60, replaces=secret)
        assert await accounts.session(secret) is None
        await accounts.prolong(rotated, -1)
        assert await accounts.session(rotated) is None

    with_accounts(database_url, work)


def test_a_new_password_ends_all_other_sessions(database_url: str) -> None:
    async def work(accounts: Accounts) -> None:
        user = await accounts.create("Carl", "carl", roles=[])
        here, there = await accounts.open_session(user, 60), await accounts.open_session(user, 60)
        await accounts.set_password(user, "new", keep_session=here)
        assert await accounts.session(here) is not None
        assert await accounts.session(there) is None

    with_accounts(database_url, work)


def test_tokens_are_listed_and_revoked_by_their_owner(database_url: str) -> None:
    async def work(accounts: Accounts) -> None:
        carl, eve = [await accounts.create(name, name, roles=[]) for name in ("carl", "eve")]
        secret = await accounts.make_token(carl, "import", days=1)
        found = await accounts.token(secret)
        assert found is not None
        assert found.account.id == carl
        (token,) = await accounts.tokens(carl)
        assert token.label == "import"
        assert secret not in repr(token)
        await accounts.end_token(eve, token.hash)
        assert await accounts.token(secret) is not None
        await accounts.end_token(carl, token.hash)
        assert await accounts.token(secret) is None
        assert await accounts.tokens(carl) == ()

    with_accounts(database_url, work)


def test_roles_are_given_and_an_account_goes_with_everything(database_url: str) -> None:
    async def work(accounts: Accounts) -> None:
        user = await accounts.create("Carl", "carl", roles=["clerk"])
        await accounts.set_roles(user, ["head", "head"])
        secret = await accounts.open_session(user, 60)
        await accounts.set_language(user, "de")
        found = await accounts.read(user)
        assert found is not None
        assert (found.roles, found.language) == ({"head", "clerk"}, "de")
        await accounts.remove(user)
        assert await accounts.read(user) is None
        assert await accounts.session(secret) is None

    with_accounts(database_url, work)


def test_who_asks_is_remembered_and_forgotten(sqlite_url: str) -> None:
    async def work(accounts: Accounts) -> None:
        now = [0.0]
        identities = Identities(accounts, FAST, ("en", "de"), lambda: now[0])
        user = await accounts.create("Carl", "carl", roles=["head"], language="de")
        secret = await accounts.open_session(user, 60)
        asked = request_of(cookie=f"fw_session={secret}")
        found = await identities.of(asked)
        assert found is not None
        assert (found.person.id, found.person.language, found.secret) == (user, "de", secret)
        await accounts.end_session(secret)
        assert await identities.of(asked) == found
        now[0] = 100
        assert await identities.of(asked) is None
        assert await identities.of(request_of()) is None
        token = await accounts.make_token(user, "x")
        by_token = await identities.of(request_of(authorization=f"Bearer {token}"))
        assert by_token is not None
        assert by_token.secret == ""
        await accounts.end_token(user, secret_hash(token))
        identities.forget(user=user)
        for wrong in (f"Bearer {token}", "Bearer ", "Basic abc", f"Bearer {secret}", "x"):
            with pytest.raises(Refused, match="token"):
                await identities.of(request_of(authorization=wrong))

    with_accounts(sqlite_url, work)


def test_passwords() -> None:
    async def run() -> None:
        passwords = Passwords(FAST)
        stored = await passwords.hash("Zwölf Boxkämpfer")
        assert "argon2id" in stored
        assert await passwords.verify(stored, "Zwölf Boxkämpfer")
        assert await passwords.verify(stored, "Zwo\u0308lf Boxka\u0308mpfer")
        assert not await passwords.verify(stored, "zwölf boxkämpfer")
        assert not await passwords.verify(None, "nobody's password")
        assert not await passwords.verify("no hash", "x")
        assert not passwords.outdated(stored)
        assert Passwords(Settings(password_memory_kib=128, password_rounds=2)).outdated(stored)
        for weak in ("short", "a" * 300, "passwort123", "aaaaaaaaaaaa", "carl@town.example"):
            with pytest.raises(Refused):
                passwords.check(weak, "carl@town.example")
        passwords.check("four words make sense", "carl")

    asyncio.run(run())


def test_names_are_compared_in_one_form() -> None:
    assert sign_in_name("  ＣＡＲＬ ") == "carl"
    assert sign_in_name("Straße") == sign_in_name("STRASSE")


def test_no_module_of_the_server_reads_the_environment() -> None:
    for file in (Path(__file__).parent.parent / "engine" / "server").glob("*.py"):
        assert "environ" not in file.read_text() or file.name == "settings.py"
