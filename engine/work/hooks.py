"""Webhooks: signed, with the effect's id as the key; never to an address inside, unless the operator says so.

The signature is that of the Standard Webhooks: HMAC-SHA256 over ``id.timestamp.body``. The name is resolved once and
the connection goes to exactly the address that was checked; redirects are not followed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import time
from concurrent.futures import Executor
from urllib.parse import unquote, urlsplit

from fachwerk.engine.work.job import GiveUp, Undelivered
from fachwerk.engine.work.outside import Hook, World
from fachwerk.engine.work.queue import Job

SECONDS = 15
_MOST_ANSWER = 500
_NAT64 = int(ipaddress.IPv6Address("64:ff9b::")) >> 32
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
        loop = asyncio.get_running_loop()
        try:
            status = await loop.run_in_executor(self._threads, _post, hook, body, headers, inside)
        except (OSError, http.client.HTTPException) as error:
            raise Undelivered(f"{name} cannot be reached: {type(error).__name__}: {error}") from None
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
    return "v1," + base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def _post(hook: Hook, body: bytes, headers: dict[str, str], inside: bool) -> int:
    parts = urlsplit(hook.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise GiveUp("the address of the webhook is no http(s) address")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = checked_address(parts.hostname, port, inside)
    connection = _Pinned(parts.hostname, port, address, tls=parts.scheme == "https")
    if parts.username is not None:
        named = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers = headers | {"Authorization": "Basic " + base64.b64encode(named).decode()}
    try:
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        said = answer.read(_MOST_ANSWER).decode("utf-8", "replace")
    finally:
        connection.close()
    if 200 <= answer.status < 300:
        return answer.status
    if answer.status == 410:
        raise GiveUp("the receiver says that this address is gone (410)")
    raise Undelivered(f"answered {answer.status}: {said}")


def checked_address(host: str, port: int, inside: bool) -> str:
    """Return the address to connect to; raises :class:`GiveUp` where one of the name's addresses lies inside."""
    found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for text in found:
        address = _meant(ipaddress.ip_address(str(text).partition("%")[0]))
        if not inside and (not address.is_global or address.is_multicast):
            raise GiveUp(f"{host} leads to {address}, which is inside: FACHWERK_HOOKS_INSIDE=1 allows that")
    return str(found[0])


def _meant(address: Address) -> Address:
    """Return the address of IPv4 that one of IPv6 leads to through a gateway (mapped, 6to4, NAT64), else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if int(address) >> 32 in (0, _NAT64) and int(address) > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked, for a host of that name."""

    def __init__(self, host: str, port: int, address: str, *, tls: bool) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._address, self._tls = address, tls
        if tls:
            self.default_port = 443

    def connect(self) -> None:
        """Connect to the checked address; by TLS with the certificate of the name."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
