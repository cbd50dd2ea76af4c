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
    """Where a webhook goes, and the secret that signs it."""

    url: str
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
        sender=environment.get("FACHWERK_MAIL_FROM") or plain.sender,
        url=(environment.get("FACHWERK_URL") or plain.url).rstrip("/"),
        hooks=_hooks(environment),
        hooks_inside=environment.get("FACHWERK_HOOKS_INSIDE") == "1",
    )


def _mail_server(text: str) -> MailServer:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _bad_smtp() from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise _bad_smtp()
    tls = parts.scheme == "smtps"
    usual = 465 if tls else 587 if parts.username else 25
    return MailServer(
        parts.hostname, port or usual, tls, unquote(parts.username or ""), unquote(parts.password or "")
    )  # fmt: skip


def _hooks(environment: Mapping[str, str]) -> dict[str, Hook]:
    found = {}
    for name, value in environment.items():
        match = re.fullmatch(r"FACHWERK_HOOK_([A-Z0-9_]+?)", name)
        if match and not name.endswith("_SECRET"):
            found[match[1].lower()] = Hook(value, environment.get(f"{name}_SECRET", ""))
    return found


def _bad_smtp() -> Refused:
    message: Text = {
        "en": "FACHWERK_SMTP must read like smtp://user:password@host:587 or smtps://host.",
        "de": "FACHWERK_SMTP muss aussehen wie smtp://nutzer:passwort@host:587 oder smtps://host.",
    }
    return Refused("bad_setting", message)
