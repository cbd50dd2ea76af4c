"""The world outside as an operator sets it: where mail goes, where people reach the server, addresses by name.

All of it comes from the environment. Secrets stand there and nowhere else: YAML names a target, never its address.

``FACHWERK_SMTP``        ``smtp://user:password@host:587`` (STARTTLS where offered), ``smtps://…`` (TLS from the start)
``FACHWERK_MAIL_FROM``   the sender: ``Building office <office@example.org>``
``FACHWERK_URL``         where people reach the application: links in mails begin with it
``FACHWERK_HOOK_NAME``   the address of the webhook NAME; ``FACHWERK_HOOK_NAME_SECRET`` signs what is sent there
``FACHWERK_HOOKS_INSIDE`` ``1`` lets webhooks reach private networks
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import quote
from urllib.parse import unquote, urlsplit

from fachwerk.problems import Refused, Text


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mail; *tls* from the start, else STARTTLS where it is offered."""

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a webhook goes, and the secret that signs it; the address may hold a password or a token, too."""

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside. Without a *mail* server notices stay in the application."""

    mail: MailServer | None = None
    sender: str = "Fachwerk <fachwerk@localhost>"
    url: str = "http://localhost:8000"
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    hooks_inside: bool = False
    """Whether webhooks may go to private networks."""


def world_of(environment: Mapping[str, str] = os.environ) -> World:
    """Return the world that the environment describes; raises :class:`Refused` for what cannot be read."""
    smtp = environment.get("FACHWERK_SMTP", "")
    plain = World()
    return World(
        mail=_mail_server(smtp) if smtp else None,
        sender=_sender(environment.get("FACHWERK_MAIL_FROM") or plain.sender),
        url=(environment.get("FACHWERK_URL") or plain.url).rstrip("/"),
        hooks=_hooks(environment),
        hooks_inside=environment.get("FACHWERK_HOOKS_INSIDE") == "1",
    )


def _mail_server(text: str) -> MailServer:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _bad("FACHWERK_SMTP", *_SMTP) from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise _bad("FACHWERK_SMTP", *_SMTP)
    tls = parts.scheme == "smtps"
    usual = 465 if tls else 587 if parts.username else 25
    return MailServer(
        parts.hostname, port or usual, tls, unquote(parts.username or ""), unquote(parts.password or "")
    )  # fmt: skip


def _hooks(environment: Mapping[str, str]) -> dict[str, Hook]:
    found = {}
    for name, value in environment.items():
        match = re.fullmatch(r"FACHWERK_HOOK_([A-Z0-9_]+?)", name)
        if match and value and not name.endswith("_SECRET"):
            if not is_address(value):
                raise _bad(name, *_HOOK)
            found[match[1].lower()] = Hook(value, environment.get(f"{name}_SECRET", ""))
    return found


def is_address(url: str) -> bool:
    """Whether a webhook could go to *url*: ``http(s)://host``, and behind it nothing but signs of addresses."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for what is no number
    except ValueError:
        return False
    behind = re.fullmatch(r"[!-~]*", f"{parts.path}?{parts.query}") is not None and "#" not in url
    return parts.scheme in ("http", "https") and bool(parts.hostname) and behind


def _sender(text: str) -> str:
    """Return the sender as headers hold it: ``Name <address>``, whatever signs stand in the name."""
    match = re.fullmatch(r"\s*(?:(.*?)\s*<([^<>]*)>|([^<>]*))\s*", text)
    name, address = (match[1] or "", (match[2] or match[3] or "").strip()) if match else ("", "")
    if not re.fullmatch(r"[^\s@,;:<>\"()]+@[^\s@,;:<>\"()]+", address):
        raise _bad("FACHWERK_MAIL_FROM", *_FROM)
    name = name.removeprefix('"').removesuffix('"')
    return f'"{quote(name)}" <{address}>' if re.search(r"[^\w\s-]", name) else f"{name} <{address}>".strip()


_SMTP = ("smtp://user:password@host:587", "smtp://nutzer:passwort@host:587", "smtps://host")
_HOOK = ("https://user:password@host/…", "https://nutzer:passwort@host/…", "https://host/…")
_FROM = ("Building office <office@host>", "Bauamt <office@host>", "office@host")


def _bad(name: str, en: str, de: str, short: str) -> Refused:
    """Say what a setting must look like; not what it is, which may hold a password."""
    percent = "@" in en and "://" in en
    more = (" Signs such as @ / # in user and password are written with %.",
            " Zeichen wie @ / # in Nutzer und Passwort werden mit % geschrieben.") if percent else ("", "")  # fmt: skip
    message: Text = {
        "en": f"{name} must read like {en} or {short}.{more[0]}",
        "de": f"{name} muss aussehen wie {de} oder {short}.{more[1]}",
    }
    return Refused("bad_setting", message)
