"""What stands around every page: menu, language, theme, who is signed in, and the message about what just happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

from fachwerk.engine.server.answer import redirect, set_cookie
from fachwerk.engine.server.bodies import Form
from fachwerk.engine.server.csrf import FIELD, check_origin, check_token, form_token
from fachwerk.engine.server.errors import not_signed_in
from fachwerk.engine.server.former import mark_of
from fachwerk.engine.server.request import Identity, Request
from fachwerk.engine.server.tools import Tools, may
from fachwerk.engine.server.views import action_label
from fachwerk.engine.values import Person
from fachwerk.forms.model import Flash, Link, MenuItem, Shell, User
from fachwerk.problems import Text, say
from fachwerk.schemas.model import Entity, Workflow
from starlette.responses import Response

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")
FLASH = "fw_flash"
_FLASHES: dict[str, Text] = {
    "created": {"en": "Created.", "de": "Angelegt."},
    "changed": {"en": "Saved.", "de": "Gesichert."},
    "deleted": {"en": "Deleted.", "de": "Gelöscht."},
    "done": {"en": "Done.", "de": "Erledigt."},
    "step": {"en": "“{step}” is done.", "de": "„{step}“ ist erledigt."},
    "step_now": {"en": "“{step}” is done. It is now: {state}.", "de": "„{step}“ ist erledigt. Jetzt: {state}."},
    "password": {"en": "The password was changed.", "de": "Das Passwort wurde geändert."},
    "welcome": {"en": "Welcome! Your account is ready.", "de": "Willkommen! Ihr Konto ist eingerichtet."},
    "absence": {"en": "Your absence was entered.", "de": "Ihre Abwesenheit ist eingetragen."},
    "absence_ended": {"en": "Your absence has ended.", "de": "Ihre Abwesenheit ist beendet."},
    "token_ended": {"en": "The token was revoked.", "de": "Das Token wurde widerrufen."},
}


def identity_of(request: Request) -> Identity:
    """Return who is signed in; raises :class:`Refused` (401) if nobody is."""
    if request.identity is None:
        raise not_signed_in()
    return request.identity


def person_of(request: Request) -> Person:
    """Return the person who is signed in; raises :class:`Refused` (401) if nobody is."""
    return identity_of(request).person


def actor_of(request: Request) -> Person:
    """Return the person who acts: the one signed in, or the absent one for whom they stand in."""
    return request.acting or person_of(request)


def make_shell(tools: Tools, request: Request, *, crumbs: tuple[Link, ...] = (), current: str = "") -> Shell:
    """Return the shell of a page; *current* is the entity whose menu entry is marked."""
    identity, project = request.identity, tools.project
    query = request.raw_query.decode("ascii", "replace")
    return Shell(
        app=say(project.label, request.language),
        language=request.language,
        csrf=form_token(secret_of(request)),
        path=request.path + (f"?{query}" if query and request.method == "GET" else ""),
        config=mark_of(project),
        languages=tuple(project.languages),
        theme=_theme(request),
        user=_user(tools, identity.person, request.language) if identity else None,
        menu=_menu(tools, identity.person, request.language, current) if identity else (),
        notices=identity.notices if identity else 0,
        flash=_flash(tools, request),
        crumbs=crumbs,
        acting_for=request.acting.name if request.acting is not None else "",
        operates=identity is not None and operates(tools, identity.person),
        reload="/dev/reload" if tools.settings.development else None,
    )


def operates(tools: Tools, person: Person) -> bool:
    """Whether somebody sees the pages about the configuration itself: whoever reads everything anyway."""
    roles = tools.project.roles
    return any(roles[name].reads_everything for name in person.roles if name in roles)


def secret_of(request: Request) -> str:
    """Return the secret that the tokens of this person's forms are made from."""
    return request.identity.secret if request.identity is not None and request.identity.secret else request.visit


def check_form(request: Request, form: Form) -> None:
    """Raise :class:`Refused` (403) unless *form* came from a page of ours that this person has opened."""
    check_origin(request.headers, request.scheme)
    check_token(secret_of(request), form.text(FIELD))


def go(tools: Tools, path: str, flash: str = "") -> Response:
    """Return a redirect to *path*, with a message for the page there."""
    answer = redirect(path)
    if flash:
        set_cookie(answer, FLASH, flash, secure=tools.settings.https, seconds=60)
    return answer


def list_path(entity: str) -> str:
    """Return the address of a list."""
    return f"/e/{entity}"


def record_path(entity: str, key: str) -> str:
    """Return the address of a record."""
    return f"/e/{entity}/{quote(key, safe='')}"


def entity_crumb(entity: Entity, language: str) -> Link:
    """Return the way back to the list of *entity*."""
    return Link(say(entity.plural, language), list_path(entity.name))


def _theme(request: Request) -> Theme:
    chosen = request.cookies.get("fw_theme", "auto")
    return next((theme for theme in THEMES if theme == chosen), "auto")


def stepped(entity: Entity, action: str, flow: Workflow | None, state: str) -> str:
    """Return the message for the next page that a step was taken, and into which state of *flow* that led, if any."""
    return "/".join(("step", entity.name, action.partition(":")[0], flow.name if flow is not None else "", state))


def _flash(tools: Tools, request: Request) -> tuple[Flash, ...]:
    written, language = request.cookies.get(FLASH, ""), request.language
    if written.startswith("step/"):
        return _stepped(tools, written.split("/"), language)
    text = _FLASHES.get(written)
    return (Flash(say(text, language)),) if text else ()


def _stepped(tools: Tools, said: Sequence[str], language: str) -> tuple[Flash, ...]:
    """Return what :func:`stepped` says, as far as the configuration knows it."""
    _, name, action, flow, state = (*said, "", "", "", "")[:5]
    entity, workflow = tools.entity(name), tools.project.workflows.get(flow)
    if entity is None:
        return ()
    label, now = action_label(tools, entity, action, language), workflow.state(state) if workflow is not None else None
    text = "done" if label == action else "step_now" if now is not None else "step"
    return (Flash(say(_FLASHES[text], language, step=label, state=say(now.label, language) if now else "")),)


def _user(tools: Tools, person: Person, language: str) -> User:
    roles = tools.project.roles
    held = [say(roles[name].label, language) for name in sorted(person.roles) if name in roles]
    return User(person.name, ", ".join(held))


def _menu(tools: Tools, person: Person, language: str, current: str) -> tuple[MenuItem, ...]:
    return tuple(
        MenuItem(say(entity.plural, language), list_path(entity.name), entity.icon, entity.name == current)
        for entity in menu_entities(tools, person)
    )


def menu_entities(tools: Tools, person: Person) -> tuple[Entity, ...]:
    """Return the entities that the menu offers to *person*."""
    return tuple(
        entity
        for entity in tools.project.entities.values()
        if entity.menu and entity.parent is None
        and may(tools, person, entity, "read")
    )  # fmt: skip
