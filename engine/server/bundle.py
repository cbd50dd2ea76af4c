"""A project as somebody uploads it: a zip of its folder, or one YAML file. Every byte of it is hostile.

The same files count as of a folder (``schemas.files``), with the same limits; sizes are those that were unpacked, not
those that the archive claims.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator

from fachwerk.engine.server.headers import refuse
from fachwerk.problems import Refused
from fachwerk.schemas.files import KEPT, MAX_FILE, MAX_FILES, MAX_FOLDERS, MAX_TOTAL, NAMED

LARGEST = 20_000_000
"""Bytes of an upload."""
_MOST_ENTRIES = 10_000


def project_files(name: str, content: bytes) -> dict[str, bytes]:
    """Return the files of a project by name; raises :class:`Refused` (422) for what is none."""
    if name.lower().endswith((".yaml", ".yml")):
        if len(content) > MAX_FILE:
            raise _wrong("The file is too large.", "Die Datei ist zu groß.")
        return {name.replace("\\", "/").rsplit("/", 1)[-1]: content}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _within(dict(_unpacked(archive)))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError):
        raise _wrong("This zip file cannot be read.", "Diese Zip-Datei lässt sich nicht lesen.") from None


def _unpacked(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise _wrong("The zip file has too many entries.", "Die Zip-Datei hat zu viele Einträge.")
    total, count, seen = 0, 0, set()
    for entry in entries:
        name = _checked(entry)
        if entry.is_dir() or not _belongs(name):
            continue
        if name in seen:
            raise _wrong(f"{name[:100]} is there twice.", f"{name[:100]} ist doppelt da.")
        seen.add(name)
        count += 1
        with archive.open(entry) as file:
            data = file.read(MAX_FILE + 1)
        total += len(data)
        if len(data) > MAX_FILE or total > MAX_TOTAL or count > MAX_FILES:
            raise _wrong(
                "Unpacked, the zip file is too large for a project.", "Ausgepackt ist die Zip-Datei zu groß."
            )
        yield name, data


def _checked(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry; raises :class:`Refused` for one that leads out of the archive, or is no file."""
    name = entry.filename
    parts = name.rstrip("/").split("/")
    outside = name.startswith("/") or "\\" in entry.orig_filename or ":" in name or ".." in parts
    if outside or not name.isprintable() or len(name) > 500 or len(parts) > MAX_FOLDERS + 2:
        raise _wrong("The zip file holds a path that is none.", "Die Zip-Datei enthält einen unzulässigen Pfad.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or entry.flag_bits & 1:
        raise _wrong(
            "The zip file holds links or encrypted files.", "Die Zip-Datei enthält Verweise oder Verschlüsseltes."
        )
    return name


def _belongs(name: str) -> bool:
    hidden = any(part.startswith((".", "__")) for part in name.split("/"))
    return not hidden and name.lower().endswith((*KEPT, *NAMED))


def _within(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return files without the folder that all of them lie in."""
    if not files:
        raise _wrong("There is no file of a project in it.", "Darin ist keine Datei eines Projekts.")
    while len(tops := {name.partition("/")[0] for name in files}) == 1 and all("/" in name for name in files):
        top = next(iter(tops))
        files = {name[len(top) + 1 :]: content for name, content in files.items()}
    return files


def _wrong(english: str, german: str) -> Refused:
    return refuse("bad_upload", 422, english, german)
