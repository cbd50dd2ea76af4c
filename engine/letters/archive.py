"""Archives of Word files, packed so that the same parts give the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_FIRST = (1980, 1, 1, 0, 0, 0)


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return an archive of *parts*; the list of types stands first, as readers expect."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts, key=lambda one: (one != "[Content_Types].xml", one)):
            info = zipfile.ZipInfo(name, _FIRST)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(info, parts[name])
    return out.getvalue()


def packed_again(content: bytes) -> bytes:
    """Return an archive without the moments at which its parts were written."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return packed({info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()})
