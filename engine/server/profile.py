"""My account: change the password, make and revoke API tokens."""

from __future__ import annotations

from dataclasses import replace

from fachwerk.engine.absences import absences, end_absence, stood_for
from fachwerk.engine.server.absences import enter_mine, texts_of
from fachwerk.engine.server.answer import page
from fachwerk.engine.server.bodies import Form, read_form
from fachwerk.engine.server.headers import refuse
from fachwerk.engine.server.limits import Limiter
from fachwerk.engine.server.request import Identity, Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import check_form, go, identity_of, make_shell
from fachwerk.engine.server.tools import Tools
from fachwerk.forms.model import AbsenceItem, ProfileView, TokenItem
from fachwerk.problems import Refused, Text, say
from starlette.responses import Response

_WRONG: Text = {"en": "This is not your present password.", "de": "Das ist nicht Ihr jetziges Passwort."}
_DIFFERENT: Text = {"en": "The two do not match.", "de": "Die beiden stimmen nicht überein."}
_MOST_TOKENS = 20


class ProfilePages:
    """The pages ``/profile``, ``/profile/password``, ``/profile/absences`` and ``/profile/tokens``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._failures = Limiter(tools.settings.sign_in_failures, tools.settings.sign_in_window)

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of one's own account."""
        return (
            Route("/profile", {"GET": self.show}),
            Route("/profile/password", {"POST": self.change_password}),
            Route("/profile/absences", {"POST": self.enter_absence}),
            Route("/profile/absences/{absence}/end", {"POST": self.end_absence}),
            Route("/profile/tokens", {"POST": self.make_token}),
            Route("/profile/tokens/{token}/revoke", {"POST": self.end_token}),
        )

    async def show(self, request: Request) -> Response:
        """GET one's own account."""
        return page(self._tools.render.render_profile(await self._view(request)))

    async def _view(self, request: Request) -> ProfileView:
        identity = _in_session(request)
        tokens = await self._tools.accounts.tokens(identity.person.id)
        return ProfileView(
            shell=make_shell(self._tools, request),
            sign_in=identity.sign_in,
            email=identity.person.email,
            tokens=tuple(TokenItem(t.hash, t.label, t.created, t.expires) for t in tokens),
            absences=tuple(
                AbsenceItem(one.id, one.since, one.until, one.deputy_name, one.reason)
                for one in await absences(self._tools.service, identity.person.id)
            ),
            deputy_of=tuple(one.name for one in await stood_for(self._tools.service, identity.person)),
        )

    async def change_password(self, request: Request) -> Response:
        """POST the present password and a new one; all other sessions end."""
        identity, form = await self._form(request)
        person, accounts = identity.person, self._tools.accounts
        try:
            await self._check_password(identity, form)
        except Refused as refused:
            errors = {name: say(text, request.language) for name, text in refused.fields.items()}
            view = replace(await self._view(request), errors=errors)
            return page(self._tools.render.render_profile(view), refused.status)
        hashed = await self._tools.passwords.hash(form.text("new") or "")
        await accounts.set_password(person.id, hashed, keep_session=identity.secret)
        self._tools.identities.forget(user=person.id)
        return go(self._tools, "/profile", "password")

    async def _check_password(self, identity: Identity, form: Form) -> None:
        if self._failures.wait(identity.person.id):
            raise refuse("too_many", 429, "Too many attempts. Wait a while.", "Zu viele Versuche. Warten Sie etwas.")
        account = await self._tools.accounts.read(identity.person.id)
        new = form.text("new") or ""
        if not await self._tools.passwords.verify(account.password if account else None, form.text("present") or ""):
            self._failures.note(identity.person.id)
            raise Refused("wrong_password", _WRONG, fields={"present": _WRONG})
        if new != (form.text("again") or ""):
            raise Refused("different", _DIFFERENT, fields={"again": _DIFFERENT})
        self._tools.passwords.check(new, identity.sign_in, "new")

    async def enter_absence(self, request: Request) -> Response:
        """POST an absence of one's own: first and last day, the deputy, a reason."""
        identity, form = await self._form(request)
        given = texts_of(form)
        try:
            await enter_mine(self._tools, identity.person, given)
        except Refused as refused:
            errors = {f"absence.{name}": say(text, request.language) for name, text in refused.fields.items()}
            view = replace(await self._view(request), errors=errors, absence=given)
            return page(self._tools.render.render_profile(view), refused.status)
        return go(self._tools, "/profile", "absence")

    async def end_absence(self, request: Request) -> Response:
        """POST: an absence of one's own ends at once."""
        identity, _ = await self._form(request)
        await end_absence(self._tools.service, identity.person.id, request.arguments[0])
        return go(self._tools, "/profile", "absence_ended")

    async def make_token(self, request: Request) -> Response:
        """POST a label: a token is made and shown once."""
        identity, form = await self._form(request)
        if len(await self._tools.accounts.tokens(identity.person.id)) >= _MOST_TOKENS:
            raise refuse("too_many_tokens", 409, "Revoke a token first.", "Widerrufen Sie zuerst ein Token.")
        days = form.text("days") or ""
        life = min(int(days), 3650) if days.isascii() and days.isdigit() and len(days) < 6 and int(days) else 365
        secret = await self._tools.accounts.make_token(identity.person.id, form.text("label") or "", life)
        return page(self._tools.render.render_profile(replace(await self._view(request), secret=secret)))

    async def end_token(self, request: Request) -> Response:
        """POST: revoke a token of one's own."""
        identity, _ = await self._form(request)
        await self._tools.accounts.end_token(identity.person.id, request.arguments[0])
        self._tools.identities.forget(user=identity.person.id)
        return go(self._tools, "/profile", "token_ended")

    async def _form(self, request: Request) -> tuple[Identity, Form]:
        identity = _in_session(request)
        form = await read_form(request)
        check_form(request, form)
        return identity, form


def _in_session(request: Request) -> Identity:
    """Return who is signed in by a session: a token must not be able to make others or to change the password."""
    identity = identity_of(request)
    if not identity.secret:
        raise refuse("session_needed", 403, "Sign in with your password.", "Melden Sie sich mit dem Passwort an.")
    return identity
