"""The statements about accounts, sessions and tokens, rendered once for the database at hand."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from fachwerk.engine.statements import Statement, given, render
from fachwerk.schemas.tables_columns import Dialect

NOTED = ("id", "kind", "payload", "wake_at", "attempts", "created")


def account_statements(metadata: sa.MetaData, dialect: Dialect) -> Mapping[str, Statement]:
    """Return all statements of ``accounts`` by name."""
    tables = {name: metadata.tables[f"fw_{name}"] for name in ("user", "role", "session", "token")}
    made = _reading(**tables) | _people(tables["user"], tables["role"]) | _secrets(tables["session"], tables["token"])
    effect = metadata.tables["fw_effect"]
    made["note"] = sa.insert(effect).values({name: given(name, effect.c[name]) for name in NOTED})
    return {name: render(statement, dialect) for name, statement in made.items()}


def _reading(
    user: sa.Table, role: sa.Table, session: sa.Table, token: sa.Table
) -> dict[str, sa.sql.expression.ClauseElement]:
    c = user.c
    account = (c.id, c.name, c.sign_in, c.email, c.language, c.password, c.active, role.c.role)
    people = user.outerjoin(role, role.c.user == c.id)
    name = given("name", c.sign_in)
    found = {
        "all": sa.select(*account).select_from(people).order_by(c.sign_in, role.c.role),
        "find": sa.select(*account).select_from(people).where(c.sign_in == name),
        "read": sa.select(*account).select_from(people).where(c.id == given("id", c.id)),
    }
    for kind, table in (("session", session), ("token", token)):
        joined = table.join(user, user.c.id == table.c.user).outerjoin(role, role.c.user == c.id)
        chosen = sa.select(table.c.created, table.c.expires, *account).select_from(joined)
        found[kind] = chosen.where(table.c.hash == given("hash", table.c.hash))
    return dict(found)


def _people(user: sa.Table, role: sa.Table) -> dict[str, sa.sql.expression.ClauseElement]:
    c = user.c
    this, his = c.id == given("id", c.id), role.c.user == given("user", role.c.user)
    names = ("id", "name", "sign_in", "email", "language", "password", "active", "created")
    return {
        "create": sa.insert(user).values({name: given(name, c[name]) for name in names}),
        "remove": sa.delete(user).where(this),
        "give_role": sa.insert(role).values(user=given("user", role.c.user), role=given("role", role.c.role)),
        "take_roles": sa.delete(role).where(his),
        "set_active": sa.update(user).where(this).values(active=given("active", c.active)),
        "set_password": sa.update(user).where(this).values(password=given("password", c.password)),
        "set_language": sa.update(user).where(this).values(language=given("language", c.language)),
    }


def _secrets(session: sa.Table, token: sa.Table) -> dict[str, sa.sql.expression.ClauseElement]:
    s, t = session.c, token.c
    one, his = s.hash == given("hash", s.hash), s.user == given("user", s.user)
    tokens = t.user == given("user", t.user)
    return {
        "open_session": sa.insert(session).values({name: given(name, s[name]) for name in s.keys()}),  # noqa: SIM118
        "prolong": sa.update(session).where(one).values(expires=given("expires", s.expires)),
        "end_session": sa.delete(session).where(one),
        "end_sessions": sa.delete(session).where(his),
        "end_other_sessions": sa.delete(session).where(his, s.hash != given("hash", s.hash)),
        "end_old_sessions": sa.delete(session).where(s.expires < given("now", s.expires)),
        "tokens": sa.select(t.hash, t.label, t.created, t.expires).where(tokens).order_by(t.created.desc()),
        "make_token": sa.insert(token).values({name: given(name, t[name]) for name in t.keys()}),  # noqa: SIM118
        "end_token": sa.delete(token).where(tokens, t.hash == given("hash", t.hash)),
        "end_tokens": sa.delete(token).where(tokens),
    }
