"""Deputies: who is absent when, who acts in their place meanwhile, and as whom a person may act today.

A deputy acts *as* the absent person: rights, ``me`` and performers are those of the absent, and the history names both.
Being a deputy is not handed on: who stands in for Carl does not stand in for those whom Carl stands in for.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Row
from fachwerk.engine.keyed import among, keys_parameter
from fachwerk.engine.keys import new_id
from fachwerk.engine.statements import given, render
from fachwerk.engine.values import Person
from fachwerk.problems import Refused, Text
from fachwerk.schemas.kinds.times import show_date
from fachwerk.schemas.tables_columns import Form, from_driver, to_driver

LOCK = "select pg_advisory_xact_lock(7246941)"
"""Absences are entered one after the other: whether two overlap is asked and answered under it."""
LONGEST_REASON = 200
LONGEST = dt.timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Absence:
    """From when until when (days, both included) somebody is absent, and who acts for them; *ended*: no longer."""

    id: str
    user: str
    name: str
    deputy: str
    deputy_name: str
    since: dt.date
    until: dt.date
    reason: str = ""
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """That *deputy* acts for *user* today; *name* is that of the absent."""

    user: str
    deputy: str
    name: str


class Deputies:
    """Absences of one app; a day is one of the app's time zone."""

    def __init__(self, app: App) -> None:
        self._app = app
        tables = app.tables.metadata.tables
        self._table, self._user, self._role = tables["fw_deputy"], tables["fw_user"], tables["fw_role"]
        date, moment = Form("date"), Form("datetime")
        self._date = to_driver(date, app.dialect) or _same
        self._read_date = from_driver(date, app.dialect) or _same
        self._moment = to_driver(moment, app.dialect) or _same
        self._standing()
        self._entering()

    def _standing(self) -> None:
        absence, user, role, dialect = self._table.c, self._user, self._role, self._app.dialect
        active: Any = user.c.active == (sa.literal(1) if dialect == "sqlite" else sa.true())
        day = given("day", absence.since)
        now = (absence.since <= day, absence.until >= day, absence.ended.is_(None))
        source = self._table.join(user, user.c.id == absence.user).outerjoin(role, role.c.user == user.c.id)
        columns = (user.c.id, user.c.name, user.c.email, user.c.language, role.c.role)
        mine = absence.deputy == given("deputy", absence.deputy)
        select = sa.select(*columns).select_from(source).where(mine, *now, active)
        self._absent = render(select.order_by(user.c.name, user.c.id), dialect)
        deputy = self._user.alias()
        both = self._table.join(user, user.c.id == absence.user).join(deputy, deputy.c.id == absence.deputy)
        there: Any = deputy.c.active == (sa.literal(1) if dialect == "sqlite" else sa.true())
        copies = sa.select(absence.user, absence.deputy, user.c.name).select_from(both)
        copies = copies.where(among(absence.user, "keys", dialect), *now, active, there).order_by(absence.deputy)
        self._copies = render(copies, dialect)

    def _entering(self) -> None:
        table, user, dialect = self._table, self._user, self._app.dialect
        deputy = user.alias()
        both = table.join(user, user.c.id == table.c.user).join(deputy, deputy.c.id == table.c.deputy)
        columns = [table.c[name] for name in ("id", "user", "deputy", "since", "until", "reason", "ended")]
        select = sa.select(*columns, user.c.name, deputy.c.name).select_from(both).order_by(table.c.since, table.c.id)
        open_ = (table.c.until >= given("day", table.c.until), table.c.ended.is_(None))
        self._all = render(select.where(*open_), dialect)
        self._of = render(select.where(*open_, table.c.user == given("user", table.c.user)), dialect)
        self._insert = render(sa.insert(table).values({c.name: given(str(c.name), c) for c in table.c}), dialect)
        ending = sa.update(table).where(table.c.id == given("id", table.c.id), table.c.ended.is_(None))
        ending = ending.where(table.c.user == given("user", table.c.user))
        self._end = render(ending.values(ended=given("now", table.c.ended)).returning(table.c.id), dialect)
        active: Any = user.c.active == (sa.literal(1) if dialect == "sqlite" else sa.true())
        sign_in = given("sign_in", user.c.sign_in)
        called = sa.or_(user.c.sign_in == sign_in, user.c.email == sign_in, user.c.name == given("name", user.c.name))
        self._named = render(sa.select(user.c.id, user.c.sign_in).where(called, active).limit(20), dialect)
        self._known = render(sa.select(user.c.id, user.c.active).where(user.c.id == given("id", user.c.id)), dialect)

    # acting -----------------------------------------------------------------------------------------------------------

    async def stood_for(self, connection: Connection, who: Person, now: dt.datetime) -> tuple[Person, ...]:
        """Return the absent people in whose place *who* may act at this moment, each as the person who then acts."""
        if who.deputy is not None or not who.id:
            return ()
        day = self._date(self._app.calendar.today(now))
        rows = await self._absent.fetch(connection, {"deputy": who.id, "day": day})
        held: dict[str, tuple[Row, set[str]]] = {}
        for row in rows:
            held.setdefault(str(row[0]), (row, set()))[1].add(row[4])
        return tuple(self._person(row, roles, who) for row, roles in held.values())

    def _person(self, row: Row, held: Iterable[str], deputy: Person) -> Person:
        known, languages = self._app.project.roles, self._app.project.languages
        roles = frozenset(role for name in held if name in known for role in (name, *known[name].includes))
        language = row[3] if row[3] in languages else languages[0]
        return Person(str(row[0]), row[1], row[2] or "", roles, language, deputy)

    async def acting(self, connection: Connection, who: Person, for_whom: str, now: dt.datetime) -> Person:
        """Return *who* as the one acting in the place of the user *for_whom*; raises :class:`Refused` (403)."""
        found = await self.stood_for(connection, who, now)
        person = next((one for one in found if one.id == for_whom), None)
        if person is None:
            raise Refused("not_deputy", _NOT_DEPUTY, status=403)
        return person

    async def check(self, connection: Connection, who: Person, now: dt.datetime) -> None:
        """Raise :class:`Refused` (403) where *who* acts for somebody, and no longer may."""
        if who.deputy is not None:
            present = await self.acting(connection, who.deputy, who.id, now)
            if present.roles != who.roles:
                raise Refused("not_deputy", _NOT_DEPUTY, status=403)

    async def of_users(self, connection: Connection, users: Iterable[str], now: dt.datetime) -> tuple[Standing, ...]:
        """Return who stands in today for some of *users*."""
        keys = list(dict.fromkeys(users))
        if not keys:
            return ()
        day = self._date(self._app.calendar.today(now))
        values = {"keys": keys_parameter(keys, self._app.dialect), "day": day}
        return tuple(Standing(str(r[0]), str(r[1]), r[2]) for r in await self._copies.fetch(connection, values))

    # absences ---------------------------------------------------------------------------------------------------------

    async def absences(self, connection: Connection, now: dt.datetime, user: str | None = None) -> tuple[Absence, ...]:
        """Return absences of today or later (of one *user*), the earliest first."""
        values = {"day": self._date(self._app.calendar.today(now))}
        if user is None:
            rows = await self._all.fetch(connection, values)
        else:
            rows = await self._of.fetch(connection, values | {"user": user})
        return tuple(self._absence(row) for row in rows)

    def _absence(self, row: Row) -> Absence:
        id, user, deputy, since, until, reason, ended, name, deputy_name = row
        days = self._read_date(since), self._read_date(until)
        return Absence(str(id), str(user), name, str(deputy), deputy_name, *days, reason or "", ended is not None)

    async def find(self, connection: Connection, text: str) -> str:
        """Return the user whom a name, sign-in name or e-mail means; raises :class:`Refused` for none or several."""
        name = unicodedata.normalize("NFKC", text).strip()
        rows = await self._named.fetch(connection, {"name": name, "sign_in": name.casefold()}) if name else []
        exact = [row for row in rows if row[1] == name.casefold()] or rows
        if len(exact) != 1:
            raise _wrong("deputy", _SEVERAL if exact else _NOBODY)
        return str(exact[0][0])

    async def enter(
        self, connection: Connection, user: str, deputy: str, since: dt.date, until: dt.date, *, now: dt.datetime,
        reason: str = "", by: str | None = None,
    ) -> str:  # fmt: skip
        """Enter an absence within a transaction and return its id; raises :class:`Refused` with what is wrong."""
        if self._app.dialect == "postgresql":
            await connection.fetch(LOCK)
        known = await self._known.fetch(connection, {"id": deputy})
        if not known or not known[0][1]:
            raise _wrong("deputy", _NOBODY)
        today = self._app.calendar.today(now)
        others = await self.absences(connection, now)
        check_absence(user, deputy, since, until, today=today, others=others)
        id = new_id()
        values = {"id": id, "user": user, "deputy": deputy, "by": by, "reason": reason.strip()[:LONGEST_REASON] or None}
        values |= {"since": self._date(since), "until": self._date(until)}
        await self._insert.fetch(connection, values | {"created": self._moment(now), "ended": None})
        return id

    async def end(self, connection: Connection, user: str, id: str, now: dt.datetime) -> bool:
        """End an absence of *user* at once; ``False`` if there is none such."""
        return bool(await self._end.fetch(connection, {"id": id, "user": user, "now": self._moment(now)}))


def check_absence(
    user: str, deputy: str, since: dt.date, until: dt.date, *, today: dt.date, others: Sequence[Absence]
) -> None:
    """Raise :class:`Refused` where an absence cannot be as entered: of itself, or beside *others* that are in force."""
    if deputy == user:
        raise _wrong("deputy", _ONESELF)
    if until < since:
        raise _wrong("until", _BACKWARDS)
    if until < today:
        raise _wrong("until", _OVER)
    if until - since > LONGEST:
        raise _wrong("until", _TOO_LONG)
    for one in others:
        if one.user == user and one.since <= until and one.until >= since:
            raise _wrong("since", _twice(one))
    circle = _circle(user, deputy, (since, until), others)
    if circle is not None:
        raise _wrong("deputy", _in_circle(circle))


def _circle(
    user: str, deputy: str, days: tuple[dt.date, dt.date], others: Sequence[Absence], passed: tuple[str, ...] = ()
) -> Absence | None:
    """Return the absence by which, on one of *days*, everybody waits for everybody else."""
    for one in others:
        first, last = max(days[0], one.since), min(days[1], one.until)
        if one.user != deputy or first > last or one.deputy in passed:
            continue
        if one.deputy == user:
            return one
        found = _circle(user, one.deputy, (first, last), others, (*passed, deputy))
        if found is not None:
            return found
    return None


def in_person(who: Person) -> None:
    """Raise :class:`Refused` (403) where a deputy acts: they take steps for the absent, and change nothing else."""
    if who.deputy is not None:
        message = {
            "en": "A deputy takes steps for the absent person, and changes nothing else.",
            "de": "Eine Vertretung führt Schritte für die abwesende Person aus, und ändert sonst nichts.",
        }
        raise Refused("not_allowed", message, status=403)


_NOT_DEPUTY: Text = {
    "en": "You do not stand in for this person (or no longer).",
    "de": "Sie vertreten diese Person nicht (oder nicht mehr).",
}
_NOBODY: Text = {
    "en": "There is no such person with an open account.",
    "de": "Eine solche Person mit offenem Konto gibt es nicht.",
}
_SEVERAL: Text = {
    "en": "Several people are called so: give the sign-in name.",
    "de": "Mehrere heißen so: bitte den Anmeldenamen angeben.",
}
_ONESELF: Text = {"en": "Nobody is their own deputy.", "de": "Niemand vertritt sich selbst."}
_BACKWARDS: Text = {"en": "The end lies before the beginning.", "de": "Das Ende liegt vor dem Anfang."}
_OVER: Text = {"en": "This time is over already.", "de": "Diese Zeit ist schon vorbei."}
_TOO_LONG: Text = {"en": "At most three years at once.", "de": "Höchstens drei Jahre auf einmal."}


def _twice(one: Absence) -> Text:
    def days(language: str) -> str:
        return f"{show_date(one.since, language)} – {show_date(one.until, language)}"

    return {
        "en": f"{one.deputy_name} is the deputy from {days('en')} already: absences follow each other.",
        "de": f"{one.deputy_name} vertritt schon {days('de')}: Abwesenheiten folgen aufeinander.",
    }


def _in_circle(one: Absence) -> Text:
    en, de = (f"{show_date(one.since, language)} – {show_date(one.until, language)}" for language in ("en", "de"))
    return {
        "en": f"A circle: {one.name} is absent, too ({en}), and {one.deputy_name} is the deputy.",
        "de": f"Ein Kreis: {one.name} ist selbst abwesend ({de}), und {one.deputy_name} vertritt.",
    }


def _wrong(field: str, text: Text) -> Refused:
    return Refused("bad_absence", text, status=422, fields={field: text})


def _same(value: Any) -> Any:
    return value
