"""View data of the frame of every page and of the pages about oneself: signing in and up, one's account, errors.

Part of :mod:`fachwerk.forms.model`, which hands it on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Tone = Literal["neutral", "accent", "good", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere."""

    label: str
    href: str
    icon: str | None = None


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry of the navigation; *group* is the heading under which it stands (entries of a group are neighbours)."""

    label: str
    href: str
    icon: str | None = None
    current: bool = False
    count: int | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """Who is signed in."""

    name: str
    detail: str = ""
    """Roles in words, or the email."""


@dataclass(frozen=True, slots=True)
class Flash:
    """One message about what has just happened."""

    text: str
    tone: Tone = "good"


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything around the content of a page.

    *path* is the present address with its query: the switches of language and theme (``POST /preferences`` with
    ``language`` or ``theme`` and ``_next``) come back to it. ``POST /sign-out`` ends the session.
    """

    app: str
    language: str
    csrf: str
    path: str = "/"
    config: str = ""
    """The mark of the configuration that the page is of; it comes back with its forms."""
    languages: tuple[str, ...] = ("en", "de")
    theme: Literal["auto", "light", "dark"] = "auto"
    user: User | None = None
    """Without anybody signed in there is no menu."""
    menu: tuple[MenuItem, ...] = ()
    """The entries below "Home", which is always there."""
    notices: int = 0
    """How many notices (``/notices``) are unread."""
    flash: tuple[Flash, ...] = ()
    crumbs: tuple[Link, ...] = ()
    acting_for: str = ""
    """The name of the absent person in whose place the page is shown."""
    operates: bool = False
    """Whether the pages about the configuration itself are there for them."""
    reload: str | None = None
    """In development: address of the event stream that tells the browser to load the page again."""


@dataclass(frozen=True, slots=True)
class Account:
    """A demo account offered on the sign-in page."""

    name: str
    roles: str
    password: str = ""


@dataclass(frozen=True, slots=True)
class SignInView:
    """Sign in: fields ``name`` and ``password``, ``_next`` for where to go then."""

    shell: Shell
    action: str = "/sign-in"
    name: str = ""
    next: str = "/"
    error: str = ""
    sign_up: str | None = None
    accounts: tuple[Account, ...] = ()


@dataclass(frozen=True, slots=True)
class SignUpView:
    """Register: fields ``name``, ``email``, ``password``."""

    shell: Shell
    action: str = "/sign-up"
    sign_in: str = "/sign-in"
    name: str = ""
    email: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    """By field; ``""`` for the whole."""


@dataclass(frozen=True, slots=True)
class TokenItem:
    """An API token as its owner sees it; *key* names it in addresses and is not the secret."""

    key: str
    label: str
    created: datetime
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class AbsenceItem:
    """An absence as the absent person sees it; *key* names it in addresses."""

    key: str
    since: date
    until: date
    deputy: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProfileView:
    """One's own account: change the password (``present``, ``new``, ``again``), make tokens (``label``, ``days``)."""

    shell: Shell
    sign_in: str
    email: str = ""
    tokens: tuple[TokenItem, ...] = ()
    secret: str = ""
    """The token just made; it is shown this once."""
    errors: Mapping[str, str] = field(default_factory=dict)
    absences: tuple[AbsenceItem, ...] = ()
    absence: Mapping[str, str] = field(default_factory=dict)
    """What was typed into the form of an absence (``from``, ``until``, ``deputy``, ``reason``) that was refused."""
    deputy_of: tuple[str, ...] = ()
    """The names of those for whom I act today."""


@dataclass(frozen=True, slots=True)
class ErrorView:
    """A page for a refusal or a failure. Without *title* and *text*, the usual ones of the status."""

    shell: Shell
    status: int
    title: str = ""
    text: str = ""
    reference: str = ""
    """A number by which an administrator finds the cause."""
    links: tuple[Link, ...] = ()
