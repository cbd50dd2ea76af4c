"""The files a page needs beside its HTML: style, scripts, icons, font. Read once, named by the hash of all of them.

The hue of the configuration is written into the style here, since the content policy allows no style in the page.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent / "static"
USUAL_HUE = 262

UI_ICONS: tuple[str, ...] = (
    "alert-circle", "alert-triangle", "arrow-down", "arrow-left", "arrow-right", "arrow-up", "bell", "bold", "check",
    "checks", "chevron-left", "chevron-right", "circle-check", "clock", "device-desktop", "dots", "download",
    "file-text", "filter",
    "git-branch", "home", "inbox", "info-circle", "italic", "key", "list", "list-numbers", "lock",
    "logout", "menu-2", "message", "moon", "paperclip", "pencil", "plus", "point", "search", "selector",
    "settings", "sun", "trash", "upload", "user", "users", "x",
)  # fmt: skip
"""Icons of the pages themselves; those that a configuration names come on top."""

_FILES: tuple[tuple[str, str, str], ...] = (
    ("app.css", "app.css", "text/css; charset=utf-8"),
    ("flow.css", "flow.css", "text/css; charset=utf-8"),
    ("inbox.css", "inbox.css", "text/css; charset=utf-8"),
    ("record.css", "record.css", "text/css; charset=utf-8"),
    ("times.css", "times.css", "text/css; charset=utf-8"),
    ("plan.css", "plan.css", "text/css; charset=utf-8"),
    ("app.js", "app.js", "text/javascript; charset=utf-8"),
    ("rich.js", "rich.js", "text/javascript; charset=utf-8"),
    ("htmx.js", "vendor/htmx-4.0.1.min.js", "text/javascript; charset=utf-8"),
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
    """The icons in the sprite."""
    unknown: tuple[str, ...] = ()
    """Names asked for that are no icons (there is a letter instead)."""

    @property
    def path(self) -> str:
        """The folder in which pages look for them."""
        return f"/static/{self.hash}"


def load_assets(hue: int | None = None, icons: Iterable[str] = ()) -> Assets:
    """Return the assets with the accent colour of *hue* (0 to 360 degrees) and *icons* beside those of the pages."""
    wanted = {*UI_ICONS, *icons}
    drawn = cut_icons(wanted)
    contents = [(name, (FOLDER / source).read_bytes(), media_type) for name, source, media_type in _FILES]
    contents.append(("icons.svg", _sprite(drawn), "image/svg+xml"))
    files: dict[str, Asset] = {}
    digest = hashlib.sha256()
    for name, content, media_type in contents:
        if name in ("app.css", "favicon.svg"):  # the mark and the accent
            content = content.replace(b" 262", b" %d" % (USUAL_HUE if hue is None else hue % 360), 1)
        if name == "app.css":
            content = squeeze(content)
        if name in ("app.js", "rich.js"):
            content = squeeze_script(content)
        digest.update(name.encode() + b"\0" + content)
        packed = None if name.endswith(".woff2") else gzip.compress(content, 9, mtime=0)
        files[name] = Asset(content, packed, media_type)
    unknown = tuple(sorted(wanted - set(drawn)))
    return Assets(digest.hexdigest()[:12], MappingProxyType(files), frozenset(drawn), unknown)


def cut_icons(names: Iterable[str]) -> dict[str, str]:
    """Return the drawings (the inside of an SVG of 24 by 24) of those *names* that are icons."""
    wanted = set(names)
    lines = gzip.decompress((FOLDER / "vendor/tabler-icons.txt.gz").read_bytes()).decode().splitlines()
    return {name: drawing for name, _, drawing in (line.partition("\t") for line in lines) if name in wanted}


def _sprite(drawn: Mapping[str, str]) -> bytes:
    symbols = "".join(f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>' for name, drawing in drawn.items())
    credit = "<!-- From Tabler Icons, MIT licence, Copyright (c) Paweł Kuna -->"
    return f'<svg xmlns="http://www.w3.org/2000/svg">{credit}{symbols}</svg>'.encode()


def squeeze(style: bytes) -> bytes:
    """Return a style sheet without comments and needless space."""
    bare = re.sub(rb"/\*.*?\*/", b"", style, flags=re.DOTALL)
    return re.sub(rb" ?([{};,]) ?|(:) ", rb"\1\2", re.sub(rb"\s+", b" ", bare)).replace(b";}", b"}").strip()


def squeeze_script(script: bytes) -> bytes:
    """Return a script without lines that only comment, and without indentation (no text in ours spans lines)."""
    return re.sub(rb"(?m)^[ \t]+", b"", re.sub(rb"(?m)^[ \t]*//.*\n", b"", script))
