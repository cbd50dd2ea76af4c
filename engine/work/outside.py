"""The world outside as an operator sets it: where mail goes, where people reach the server, addresses by name.

All of it comes from the environment. Secrets stand there and nowhere else: YAML names a target, never its address.

``FACHWERK_SMTP``        ``smtp://user:password@host:587`` (STARTTLS where offered), ``smtps://…`` (TLS from the start)
``FACHWERK_MAIL_FROM``   the sender: ``Building office <office@example.org>``
``FACHWERK_URL``         where people reach the application: links in mails begin with it
``FACHWERK_HOOK_NAME``   the address of the webhook NAME; ``FACHWERK_HOOK_NAME_SECRET`` signs what is sent there
``FACHWERK_HOOKS_INSIDE`` ``1`` lets webhooks reach private networks
"""

from __future__ import annotations

import base64
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
            secret = environment.get(f"{name}_SECRET", "")
            try:
                signing_key(secret)
            except ValueError:
                raise _bad(f"{name}_SECRET", *_SECRET) from None
            found[match[1].lower()] = Hook(value, secret)
    return found


def signing_key(secret: str) -> bytes:
    """Return the bytes that sign: of ``whsec_…`` those that the Base64 behind it means, as Standard Webhooks say."""
    plain = secret.removeprefix("whsec_")
    return secret.encode() if plain == secret else base64.b64decode(plain, validate=True)


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


_PERCENT = (" Signs such as @ / # in user and password are written with %.",
            " Zeichen wie @ / # in Nutzer und Passwort werden mit % geschrieben.")  # fmt: skip
_SMTP = ("smtp://user:password@host:587 or smtps://host." + _PERCENT[0],
         "smtp://nutzer:passwort@host:587 oder smtps://host." + _PERCENT[1])  # fmt: skip
_HOOK = ("https://user:password@host/path or https://host/path." + _PERCENT[0],
         "https://nutzer:passwort@host/pfad oder https://host/pfad." + _PERCENT[1])  # fmt: skip
_FROM = ("Building office <office@host> or office@host.", "Bauamt <office@host> oder office@host.")
_SECRET = ("whsec_ and Base64, or be any other text.", "whsec_ und Base64, oder ein anderer Text sein.")


def _bad(name: str, en: str, de: str) -> Refused:
    """Say what a setting must look like; not what it is, which may hold a password."""
    message: Text = {"en": f"{name} must read like {en}", "de": f"{name} muss aussehen wie {de}"}
    return Refused("bad_setting", message)
