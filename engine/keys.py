"""Ids of new records, and the key that secrets are encrypted with."""

from __future__ import annotations

import base64
import os
import time
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PREFIX = "v1:"


def new_id() -> str:
    """Return a new UUIDv7: sorted by the moment of its making (to a quarter of a microsecond)."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    value = milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | int.from_bytes(os.urandom(8)) >> 2
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@dataclass(frozen=True, slots=True)
class Keys:
    """The key of this installation (32 bytes), which never stands in the database or in YAML."""

    secret: bytes

    def encrypt(self, text: str, place: str) -> str:
        """Return *text* encrypted for *place* (entity, record and field): moved elsewhere it cannot be read."""
        nonce = os.urandom(12)
        sealed = AESGCM(self.secret).encrypt(nonce, text.encode(), place.encode())
        return _PREFIX + base64.urlsafe_b64encode(nonce + sealed).decode()

    def decrypt(self, text: str, place: str) -> str | None:
        """Return what was encrypted, or ``None`` where this is not the key or not the place."""
        try:
            raw = base64.urlsafe_b64decode(text.removeprefix(_PREFIX))
            return AESGCM(self.secret).decrypt(raw[:12], raw[12:], place.encode()).decode()
        except (InvalidTag, ValueError):
            return None
