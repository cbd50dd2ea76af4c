"""What the command line does with accounts: absences, and who can take a step and why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable

from fachwerk.engine.absences import absences, end_absence, enter_absence, stood_for
from fachwerk.engine.main import Running
from fachwerk.engine.pointing import pointed_at
from fachwerk.engine.server.accounts import Account, Accounts
from fachwerk.engine.server.serving import open_deployed
from fachwerk.engine.shortages import shortages
from fachwerk.engine.values import Person
from fachwerk.problems import Refused, Text, nearest, say
from fachwerk.schemas.kinds.times import show_date

_NONE: Text = {"en": "Nobody is absent.", "de": "Niemand ist abwesend."}
_YES: Text = {"en": "Yes", "de": "Ja"}
_AS_DEPUTY: Text = {"en": "Yes, as deputy of {name}", "de": "Ja, als Vertretung von {name}"}
_NO: Text = {"en": "No: {why}", "de": "Nein: {why}"}
_NO_AS: Text = {"en": "Not as deputy of {name}: {why}", "de": "Nicht als Vertretung von {name}: {why}"}
_CLOSED: Text = {"en": "  (closed)", "de": "  (geschlossen)"}
_NOT_SEEN: Text = {"en": "The record is not theirs to see.", "de": "Der Datensatz ist dort nicht zu sehen."}


async def enter(url: str, user: str, deputy: str, since: dt.date | None, until: dt.date, reason: str) -> None:
    """Note that *user* is absent (from today, where *since* is not given) and *deputy* acts; both are sign-in names."""
    async with open_deployed(url) as running:
        absent, other = await _person(running, user), await _person(running, deputy)
        first = since or running.app.calendar.today(running.service.kit.clock())
        await enter_absence(running.service, absent.id, other.id, first, until, reason=reason)


async def listed(url: str, user: str | None, language: str) -> list[str]:
    """Return a line for each absence of today or later."""
    async with open_deployed(url) as running:
        one = (await _person(running, user)).id if user else None
        found = await absences(running.service, one)
    days = [f"{show_date(a.since, language)} – {show_date(a.until, language)}" for a in found]
    lines = [f"{a.name}  {day}  → {a.deputy_name}  {a.reason}".rstrip() for a, day in zip(found, days, strict=True)]
    return lines or [say(_NONE, language)]


async def end(url: str, user: str) -> int:
    """End all absences of *user* at once and return how many there were."""
    async with open_deployed(url) as running:
        person = await _person(running, user)
        found = await absences(running.service, person.id)
        for one in found:
            await end_absence(running.service, person.id, one.id)
    return len(found)


async def can(url: str, user: str, action: str, entity: str, record: str, language: str) -> tuple[bool, list[str]]:
    """Return whether *user* can take a step of a record now, in person or as a deputy, and sentences that say why."""
    async with open_deployed(url) as running:
        me = await _person(running, user)
        record = await pointed_at(running, entity, record)
        lines: list[str] = []
        for person in (me, *await stood_for(running.service, me)):
            why = await _against(running, person, entity, record, action, language)
            yes, no = (_YES, _NO) if person is me else (_AS_DEPUTY, _NO_AS)
            if not why:
                return True, [say(yes, language, name=person.name)]
            lines.append(say(no, language, name=person.name, why=why))
    return False, lines


async def listed_accounts(url: str, language: str) -> tuple[list[str], tuple[Text, ...]]:
    """Return a line for each account (sign-in, name, roles, whether it is closed), and what there are too few for."""
    async with open_deployed(url) as running:
        found = await _accounts(running).all()
        missing = await _missing(running)
    width = max((len(one.sign_in) for one in found), default=0)
    told = ((one, "" if one.active else say(_CLOSED, language)) for one in found)
    lines = [f"{one.sign_in:{width}}  {one.name}  {', '.join(sorted(one.roles))}{state}" for one, state in told]
    return lines, missing


async def give_roles(url: str, user: str, roles: tuple[str, ...]) -> tuple[Text, ...]:
    """Give an account exactly *roles*; return the steps for which there are too few people now."""
    return await _changed(url, user, lambda accounts, key: accounts.set_roles(key, roles))


async def set_active(url: str, user: str, active: bool) -> tuple[Text, ...]:
    """Close an account, so that it cannot sign in, or open it again; return what there are too few people for now."""
    return await _changed(url, user, lambda accounts, key: accounts.set_active(key, active))


async def missing_people(url: str) -> tuple[Text, ...]:
    """Return sentences about steps for which there are too few accounts."""
    async with open_deployed(url) as running:
        return await _missing(running)


async def _changed(url: str, user: str, change: Callable[[Accounts, str], Awaitable[None]]) -> tuple[Text, ...]:
    """Change an account and return what there are too few people for now and were enough before."""
    async with open_deployed(url) as running:
        account, before = await _account(running, user), await _missing(running)
        await change(_accounts(running), account.id)
        return tuple(one for one in await _missing(running) if one not in before)


async def _missing(running: Running) -> tuple[Text, ...]:
    found = await _accounts(running).all()
    return tuple(one.told for one in shortages(running.app.project, [one.roles for one in found if one.active]))


async def _against(
    running: Running, person: Person, entity: str, record: str, action: str, language: str
) -> str:  # fmt: skip
    try:
        found = {one.name: one for one in await running.service.actions(person, entity, record)}
    except Refused:
        return say(_NOT_SEEN, language)
    if action not in found:
        near = nearest(action, found) or ", ".join(found)
        message = {"en": "not in this state; there: {near}", "de": "nicht in diesem Zustand; dort: {near}"}
        return say(message, language, near=near or "–")
    return " ".join(say(text, language) for text in found[action].why_not)


async def _person(running: Running, sign_in: str) -> Person:
    account = await _account(running, sign_in)
    if not account.active:
        raise _nobody(sign_in, {"en": "The account {name} is closed.", "de": "Das Konto {name} ist geschlossen."})
    language = account.language or running.app.project.languages[0]
    return Person(account.id, account.name, account.email, account.roles, language)


def _accounts(running: Running) -> Accounts:
    return Accounts(running.database, running.app.tables.metadata, running.app.project.roles, running.service.kit.clock)


async def _account(running: Running, sign_in: str) -> Account:
    account = await _accounts(running).find(sign_in)
    if account is None:
        raise _nobody(sign_in, {"en": "There is no account {name}.", "de": "Es gibt kein Konto {name}."})
    return account


def _nobody(sign_in: str, text: Text) -> Refused:
    return Refused("no_account", {k: one.format(name=sign_in) for k, one in text.items()}, status=404)
