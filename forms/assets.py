"""The files a page needs beside its HTML: style, scripts, icons, font. Read once, named by the hash of all of them.

The hue of the configuration is written into the style here, since the content policy allows no style in the page.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent / "static"
USUAL_HUE = 262

_FILES: tuple[tuple[str, str, str], ...] = (
    ("app.css", "app.css", "text/css; charset=utf-8"),
    ("app.js", "app.js", "text/javascript; charset=utf-8"),
    ("htmx.js", "vendor/htmx-4.0.1.min.js", "text/javascript; charset=utf-8"),
    ("icons.svg", "vendor/tabler-icons.svg", "image/svg+xml"),
    ("favicon.svg", "favicon.svg", "image/svg+xml"),
    ("inter.woff2", "vendor/inter-latin.woff2", "font/woff2"),
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, and the same compressed (nothing where that does not pay)."""

    content: bytes
    packed: bytes | None
    type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files by name; they never change under their *path* (``/static/<hash>``), so a browser may keep them."""

    hash: str
    files: Mapping[str, Asset]
    icons: frozenset[str]

    @property
    def path(self) -> str:
        """The folder in which pages look for them."""
        return f"/static/{self.hash}"


def load_assets(hue: int | None = None) -> Assets:
    """Return the assets with the accent colour of *hue* (0 to 360 degrees)."""
    files: dict[str, Asset] = {}
    digest = hashlib.sha256()
    for name, source, media_type in _FILES:
        content = (FOLDER / source).read_bytes()
        if name in ("app.css", "favicon.svg"):  # the mark and the accent
            content = content.replace(b" 262", b" %d" % (USUAL_HUE if hue is None else hue % 360), 1)
        if name == "app.css":
            content = squeeze(content)
        digest.update(name.encode() + b"\0" + content)
        packed = None if name.endswith(".woff2") else gzip.compress(content, 9, mtime=0)
        files[name] = Asset(content, packed, media_type)
    icons = frozenset(re.findall(r'<symbol id="([^"]+)"', files["icons.svg"].content.decode()))
    return Assets(digest.hexdigest()[:12], MappingProxyType(files), icons)


def squeeze(style: bytes) -> bytes:
    """Return a style sheet without comments and needless space."""
    bare = re.sub(rb"/\*.*?\*/", b"", style, flags=re.DOTALL)
    return re.sub(rb" ?([{};,]) ?", rb"\1", re.sub(rb"\s+", b" ", bare)).replace(b";}", b"}").strip()
