"""Passwords: hashed with argon2id, verified in threads that are few, with the same work whoever asks.

The only place of the server that uses threads: verifying takes some 20 ms of computation, which would hold up
everybody else on the loop.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fachwerk.engine.server.settings import Settings
from fachwerk.problems import Refused

_COMMON = """
password passwort 1234567890 0123456789 qwertyuiop qwertzuiop password123 passwort123 passwort1234 iloveyou123
letmein123 welcome123 willkommen administrator qwerty12345 1q2w3e4r5t password1234 abcdefghij abcdefghijk 12345678910
123456789a
"""

_COMMON_WORDS = frozenset(_COMMON.split())


class Passwords:
    """Makes and verifies hashes of passwords."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._hasher = PasswordHasher(
            time_cost=settings.password_rounds, memory_cost=settings.password_memory_kib, parallelism=1
        )
        self._busy = asyncio.Semaphore(settings.password_parallel)
        self._nobody = _made_up(self._hasher)

    async def hash(self, password: str) -> str:
        """Return the hash of *password*, to be stored."""
        async with self._busy:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether *password* belongs to the hash *stored*; takes as long where there is no such account (``None``)."""
        async with self._busy:
            right = await asyncio.to_thread(self._verify, stored or self._nobody, password)
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether *stored* was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _normal(password[: self._settings.password_max_length]))
        except (VerificationError, InvalidHashError):
            return False

    def check(self, password: str, name: str, field: str = "password") -> None:
        """Raise :class:`Refused` (422) for a new password that is too short, too long or easily guessed."""
        least, most = self._settings.password_min_length, self._settings.password_max_length
        if not least <= len(password) <= most:
            message = {
                "en": f"A password has {least} to {most} characters.",
                "de": f"Ein Passwort hat {least} bis {most} Zeichen.",
            }
        elif password.lower() in _COMMON_WORDS or len(set(password)) < 4 or password.lower() == name.lower():
            message = {"en": "This password is too easily guessed.", "de": "Dieses Passwort ist zu leicht zu erraten."}
        else:
            return
        raise Refused("weak_password", message, status=422, fields={field: message})


def _made_up(hasher: PasswordHasher) -> str:
    # As much work to verify as any other, without that of making it at each start.
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19${costs}${salt}${digest}"


def _normal(password: str) -> bytes:
    # The same characters typed on another system may come composed or decomposed (RFC 8265 asks for NFC).
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
