"""Webhooks: signed, with the effect's id as the key; never to an address inside, unless the operator says so.

The signature is that of the Standard Webhooks: HMAC-SHA256 over ``id.timestamp.body``. The name is resolved once and
the connection goes to exactly the addresses that were checked; redirects are not followed.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import SplitResult, unquote, urlsplit

from fachwerk.engine.work.job import GiveUp, Undelivered
from fachwerk.engine.work.line import Line, in_thread
from fachwerk.engine.work.outside import Hook, World, is_address, signing_key
from fachwerk.engine.work.queue import Job

SECONDS = 15
_MOST_ANSWER = 500
_LONGEST_WAIT = 86_400
_NAT64 = int(ipaddress.IPv6Address("64:ff9b::")) >> 32
_EVERYBODY = ipaddress.IPv6Network("2000::/3")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Hooks:
    """Delivers effects of kind ``delivery``."""

    def __init__(self, world: World, threads: Executor) -> None:
        self._world, self._threads = world, threads

    async def deliver(self, job: Job) -> str:
        """Send one webhook; raises where it was not taken, so that it is tried again."""
        name = str(job.payload["hook"])
        hook = self._world.hooks.get(name)
        if hook is None:
            raise Undelivered(f"FACHWERK_HOOK_{name.upper()} is not set")
        body = str(job.payload["body"]).encode()
        headers, inside = headers_of(hook, job.id, body), self._world.hooks_inside
        try:
            status = await in_thread(self._threads, partial(_post, hook, body, headers, inside))
        except (OSError, http.client.HTTPException) as error:
            what = f"{type(error).__name__}: {error}"
            raise Undelivered(f"{name} cannot be reached: {without_secrets(what, hook)}") from None
        return f"answered {status}"


def headers_of(hook: Hook, key: str, body: bytes, now: int | None = None) -> dict[str, str]:
    """Return the headers of a delivery; signed where the hook has a secret."""
    timestamp = str(int(time.time()) if now is None else now)
    headers = {
        "Content-Type": "application/json", "User-Agent": "Fachwerk", "Idempotency-Key": key, "Webhook-Id": key,
        "Webhook-Timestamp": timestamp,
    }  # fmt: skip
    if hook.secret:
        headers["Webhook-Signature"] = signature(hook.secret, key, timestamp, body)
    return headers


def signature(secret: str, key: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a delivery, as the receiver computes it, too."""
    signed = f"{key}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(signing_key(secret), signed, hashlib.sha256).digest()).decode()


def _post(hook: Hook, body: bytes, headers: dict[str, str], inside: bool, line: Line) -> int:
    if not is_address(hook.url):
        raise GiveUp("the address of the webhook is no http(s) address")
    parts = urlsplit(hook.url)
    host, tls = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    connection = _Pinned(host, port, checked_addresses(host, port, inside), line, tls=tls)
    try:
        connection.connect()
        # Who answers before having read everything has answered all the same.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, headers | _signed_in(parts))
        return _answered(connection.getresponse(), hook)
    finally:
        connection.close()


def _signed_in(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    named = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return {"Authorization": "Basic " + base64.b64encode(named).decode()}


def _answered(answer: http.client.HTTPResponse, hook: Hook) -> int:
    """Return the status of an answer that says that it was taken; what else is said then does not matter."""
    if 200 <= answer.status < 300:
        return answer.status
    if answer.status == 410:
        raise GiveUp("the receiver says that this address is gone (410)")
    said = ""
    with contextlib.suppress(OSError, http.client.HTTPException):
        said = answer.read(_MOST_ANSWER).decode("utf-8", "replace")
    if 300 <= answer.status < 400:
        said = "redirects are not followed"
    wait = _wait(answer.headers.get("Retry-After"))
    raise Undelivered(f"answered {answer.status}: {without_secrets(said, hook)}", wait)


def _wait(told: str | None) -> float:
    """Return how many seconds a receiver wants to be left alone for, a day at most; 0 where it does not say."""
    seconds = 0.0
    with contextlib.suppress(ValueError, OverflowError):
        if told and told.strip().isdecimal():
            seconds = float(told)
        elif told:
            moment = parsedate_to_datetime(told)
            seconds = (moment.replace(tzinfo=moment.tzinfo or dt.UTC) - dt.datetime.now(dt.UTC)).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def without_secrets(text: str, hook: Hook) -> str:
    """Return what the other side said without what nobody else may read, should it have repeated that."""
    parts = urlsplit(hook.url)
    signed_in = _signed_in(parts).get("Authorization", "").removeprefix("Basic ")
    behind = hook.url.partition("://")[2].partition("/")[2]
    secrets = (hook.secret, signed_in, unquote(parts.password or ""), parts.password or "", behind, parts.query)
    for one in sorted({one for one in secrets if len(one) > 3}, key=len, reverse=True):
        text = text.replace(one, "…")
    return text


def checked_addresses(host: str, port: int, inside: bool) -> list[str]:
    """Return the addresses to connect to; raises :class:`GiveUp` where one of the name's addresses lies inside."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except UnicodeError:
        raise GiveUp("the address of the webhook has no name of a host") from None
    for text in found:
        address = _meant(ipaddress.ip_address(text.partition("%")[0]))
        if not inside and _is_inside(address):
            raise GiveUp(f"{host} leads to {address}, which is inside: FACHWERK_HOOKS_INSIDE=1 allows that")
    return list(dict.fromkeys(found))


def _is_inside(address: Address) -> bool:
    """Whether an address is none of the internet: private, reserved, or outside of what IPv6 gives to everybody."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _EVERYBODY:
        return True
    return not address.is_global or address.is_multicast


def _meant(address: Address) -> Address:
    """Return the address of IPv4 that one of IPv6 leads to through a gateway (mapped, 6to4, NAT64), else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if int(address) >> 32 in (0, _NAT64) and int(address) > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


class _Pinned(http.client.HTTPConnection):
    """A connection to addresses that were checked, for a host of that name."""

    def __init__(self, host: str, port: int, addresses: Sequence[str], line: Line, *, tls: bool) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._addresses, self._line, self._tls = addresses, line, tls
        if tls:
            self.default_port = 443

    def connect(self) -> None:
        """Connect to the first of the checked addresses that answers; by TLS with the certificate of the name."""
        self.sock = self._line.connect(self._addresses, self.port, SECONDS)
        if self._tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
