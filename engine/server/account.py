"""Signing in, out and up, and the switches of language and theme."""

from __future__ import annotations

from dataclasses import replace

from fachwerk.engine.server.accounts import sign_in_name
from fachwerk.engine.server.answer import local_or, page, redirect, set_cookie
from fachwerk.engine.server.bodies import Form, read_form
from fachwerk.engine.server.headers import refuse
from fachwerk.engine.server.limits import Limiter
from fachwerk.engine.server.registration import Registration
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import THEMES, check_form, go, make_shell
from fachwerk.engine.server.tools import Tools
from fachwerk.forms.model import SignInView, SignUpView
from fachwerk.problems import Refused, Text, say
from starlette.responses import Response

_WRONG: Text = {
    "en": "Name or password is not right.",
    "de": "Name oder Passwort stimmt nicht.",
}
_WAIT: Text = {
    "en": "Too many attempts. Try again in {minutes} minutes.",
    "de": "Zu viele Versuche. Versuchen Sie es in {minutes} Minuten noch einmal.",
}
_YEAR = 365 * 86_400


class AccountPages:
    """The pages ``/sign-in``, ``/sign-out``, ``/sign-up`` and ``/preferences``."""

    def __init__(self, tools: Tools) -> None:
        settings = tools.settings
        self._tools = tools
        self._by_account = Limiter(settings.sign_in_failures, settings.sign_in_window)
        self._by_address = Limiter(settings.sign_in_failures_address, settings.sign_in_window)
        self._sign_ups = Limiter(settings.sign_up_per_address, settings.sign_in_window)
        self._registration = Registration(tools)

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of accounts."""
        routes = (
            Route("/sign-in", {"GET": self.ask_sign_in, "POST": self.sign_in}),
            Route("/sign-out", {"POST": self.sign_out}),
            Route("/preferences", {"POST": self.prefer}),
        )
        if not self._registration.roles:
            return routes
        return (*routes, Route("/sign-up", {"GET": self.ask_sign_up, "POST": self.sign_up}))

    async def ask_sign_in(self, request: Request) -> Response:
        """GET the form to sign in; whoever is signed in goes on."""
        if request.identity is not None and request.identity.secret:
            return redirect(local_or(request.query_params.get("next")))
        view = self._sign_in_view(request, local_or(request.query_params.get("next")))
        return page(self._tools.render.render_sign_in(view))

    def _sign_in_view(self, request: Request, following: str) -> SignInView:
        return SignInView(
            shell=replace(make_shell(self._tools, request), path=request.path),
            next=following,
            sign_up="/sign-up" if self._registration.roles else None,
            accounts=self._tools.demo_accounts,
        )

    async def sign_in(self, request: Request) -> Response:
        """POST name and password; a new session begins, whatever cookie was there before."""
        form = await read_form(request)
        check_form(request, form)
        name, password = (form.text("name") or "")[:200], form.text("password") or ""
        following = local_or(form.text("_next"))
        keys = sign_in_name(name), request.address
        wait = max(self._by_account.wait(keys[0]), self._by_address.wait(keys[1]))
        if wait:
            text = say(_WAIT, request.language, minutes=int(wait // 60) + 1)
            return self._no_entry(request, name, following, text, 429)
        # Counted before the answer is known: guesses that come all at once are counted, too.
        self._by_account.note(keys[0])
        self._by_address.note(keys[1])
        account = await self._tools.accounts.find(name)
        right = await self._tools.passwords.verify(account.password if account else None, password)
        if account is None or not right or not account.active:
            return self._no_entry(request, name, following, say(_WRONG, request.language), 401)
        self._by_account.forget(keys[0])
        self._by_address.take_back(keys[1])
        if account.password and self._tools.passwords.outdated(account.password):
            await self._tools.accounts.set_password(account.id, await self._tools.passwords.hash(password))
        return await self._enter(request, account.id, following)

    def _no_entry(self, request: Request, name: str, following: str, error: str, status: int) -> Response:
        view = replace(self._sign_in_view(request, following), name=name, error=error)
        return page(self._tools.render.render_sign_in(view), status)

    async def _enter(self, request: Request, user: str, following: str, flash: str = "") -> Response:
        settings = self._tools.settings
        old = request.cookies.get(settings.session_cookie) or None
        secret = await self._tools.accounts.open_session(user, settings.session_seconds, replaces=old)
        if old:
            self._tools.identities.forget(old)
        answer = go(self._tools, following, flash)
        seconds = settings.session_longest_seconds
        set_cookie(answer, settings.session_cookie, secret, secure=settings.https, seconds=seconds)
        set_cookie(answer, settings.visit_cookie, "", secure=settings.https, seconds=0)
        return answer

    async def sign_out(self, request: Request) -> Response:
        """POST: the session ends here and in the database."""
        form = await read_form(request)
        check_form(request, form)
        settings = self._tools.settings
        if request.identity is not None and request.identity.secret:
            await self._tools.accounts.end_session(request.identity.secret)
            self._tools.identities.forget(request.identity.secret)
        answer = redirect("/sign-in")
        set_cookie(answer, settings.session_cookie, "", secure=settings.https, seconds=0)
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer

    async def ask_sign_up(self, request: Request) -> Response:
        """GET the form to register."""
        if request.identity is not None and request.identity.secret:
            return redirect("/")
        return page(self._tools.render.render_sign_up(SignUpView(make_shell(self._tools, request))))

    async def sign_up(self, request: Request) -> Response:
        """POST name, email and password: an account with the roles that may register, and a session."""
        form = await read_form(request)
        check_form(request, form)
        if self._sign_ups.wait(request.address):
            raise refuse("too_many", 429, say(_WAIT, "en", minutes=15), say(_WAIT, "de", minutes=15))
        self._sign_ups.note(request.address)
        try:
            user = await self._registration.register(form, request.language, request.done)
        except Refused as refused:
            return self._sign_up_again(request, form, refused)
        return await self._enter(request, user, "/", "welcome")

    def _sign_up_again(self, request: Request, form: Form, refused: Refused) -> Response:
        errors = {name: say(text, request.language) for name, text in refused.fields.items()}
        view = SignUpView(
            make_shell(self._tools, request),
            name=form.text("name") or "",
            email=form.text("email") or "",
            errors=errors or {"": say(refused.message, request.language)},
        )
        return page(self._tools.render.render_sign_up(view), refused.status)

    async def prefer(self, request: Request) -> Response:
        """POST a language or a theme."""
        form = await read_form(request)
        check_form(request, form)
        answer = redirect(local_or(form.text("_next")))
        language, theme, secure = form.text("language"), form.text("theme"), self._tools.settings.https
        if language in self._tools.project.languages:
            set_cookie(answer, "fw_language", language, secure=secure, seconds=_YEAR)
            if request.identity is not None:
                await self._tools.accounts.set_language(request.identity.person.id, language)
                self._tools.identities.forget(user=request.identity.person.id)
        if theme in THEMES:
            set_cookie(answer, "fw_theme", theme, secure=secure, seconds=_YEAR)
        return answer
