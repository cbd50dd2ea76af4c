"""Who makes a request: by the session's cookie or by an API token, remembered for a few seconds.

Remembering saves a statement per request. Whoever signs out or changes rights in this process is forgotten at once;
other processes notice when the memory runs out (``Settings.identity_cache_seconds``).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from fachwerk.engine.server.accounts import Accounts, Session
from fachwerk.engine.server.request import Identity, Request
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.values import Person
from fachwerk.problems import Refused

_MOST = 20_000


class Identities:
    """Recognises people; *languages* are those of the app, the first its default."""

    def __init__(
        self, accounts: Accounts, settings: Settings, languages: Sequence[str],
        clock: Callable[[], float] = time.monotonic, unread: Callable[[str], Awaitable[int]] | None = None,
    ) -> None:  # fmt: skip
        self._unread = unread
        self._accounts, self._settings, self._languages, self._clock = accounts, settings, tuple(languages), clock
        self._known: OrderedDict[str, tuple[float, Identity]] = OrderedDict()

    async def of(self, request: Request) -> Identity | None:
        """Return who makes *request*, ``None`` for nobody known; raises :class:`Refused` (401) for a wrong token."""
        header = request.headers.get("authorization")
        if header is not None:
            scheme, _, secret = header.partition(" ")
            found = await self._find("t" + secret.strip()) if scheme.lower() == "bearer" else None
            if found is None:
                raise bad_token()
            return found
        secret = request.cookies.get(self._settings.session_cookie, "")
        return await self._find("s" + secret) if 20 <= len(secret) <= 100 else None

    async def _find(self, key: str) -> Identity | None:
        known = self._known.get(key)
        if known is not None and known[0] > self._clock():
            return known[1]
        session = await (self._accounts.token(key[1:]) if key[0] == "t" else self._accounts.session(key[1:]))
        if session is None:
            self._known.pop(key, None)
            return None
        if key[0] == "s":
            await self._prolong(key[1:], session)
        in_session = key[0] == "s"
        notices = await self._unread(session.account.id) if self._unread is not None and in_session else 0
        found = Identity(self._person(session), session.account.sign_in, key[1:] if in_session else "", notices)
        self._known[key] = self._clock() + self._settings.identity_cache_seconds, found
        self._known.move_to_end(key)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return found

    async def _prolong(self, secret: str, session: Session) -> None:
        # Written once it has lost a tenth of its time, so that reading pages does not mean writing.
        if session.expires is None:
            return
        now = session.created.now(session.created.tzinfo)
        whole, longest = self._settings.session_seconds, self._settings.session_longest_seconds
        left = (session.expires - now).total_seconds()
        most = longest - (now - session.created).total_seconds()
        if left < whole * 0.9 and left < min(whole, most):
            await self._accounts.prolong(secret, int(min(whole, most)))

    def _person(self, session: Session) -> Person:
        account = session.account
        language = account.language if account.language in self._languages else self._languages[0]
        return Person(account.id, account.name, account.email, account.roles, language)

    def forget(self, secret: str = "", user: str = "") -> None:
        """Forget a session by its *secret*, or all that is known of a *user*."""
        self._known.pop("s" + secret, None)
        if user:
            for key in [key for key, (_, found) in self._known.items() if found.person.id == user]:
                del self._known[key]


def bad_token() -> Refused:
    """Return the refusal of an API token that is none."""
    message = {"en": "The token is not valid, or no longer.", "de": "Das Token gilt nicht oder nicht mehr."}
    return Refused("bad_token", message, status=401)
