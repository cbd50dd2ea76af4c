"""Kinds made of files: file, files, image and images.

In a record a file is a :class:`FileInfo`; what a person sends is a :class:`FileUpload`. What a file *is* is decided by
its bytes, never by the name or the type that the sender claims.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import filetype
from fachwerk.schemas.kinds.choices import counted
from fachwerk.schemas.kinds.value import Handler, Place, expected
from fachwerk.schemas.model import Field

LARGEST = 20 * 1024 * 1024
"""Bytes a file may have where the field sets no limit."""

IMAGES = ("jpg", "png", "gif", "webp")
ENDINGS_ALIKE = {"jpeg": "jpg", "tif": "tiff", "htm": "html"}
_TEXTUAL = frozenset(("txt", "csv", "md", "json", "xml", "dxf", "ics", "vcf"))
_CONTAINERS = {"docx": "zip", "xlsx": "zip", "pptx": "zip", "odt": "zip", "ods": "zip"}
_NEVER = frozenset(("exe", "elf", "html", "svg", "js", "swf"))


@dataclass(frozen=True, slots=True)
class FileUpload:
    """A file on its way in: the name as the sender's computer calls it, the claimed type, the bytes."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A stored file: *hash* is the SHA-256 of its content, *type* found in its bytes, *size* in bytes."""

    id: str
    name: str
    size: int
    type: str
    hash: str


def file_handler(field: Field, _place: Place) -> Handler:
    """Return the handler of a file field; its value is a tuple of uploads and infos (or ids of files already there)."""
    many = field.kind in ("files", "images")
    accepted = tuple(ENDINGS_ALIKE.get(e.lower().lstrip("."), e.lower().lstrip(".")) for e in field.accept)
    accepted = accepted or (IMAGES if field.kind in ("image", "images") else ())
    most = field.max_size or LARGEST

    def accept(value: object) -> object:
        items = (value,) if isinstance(value, FileUpload | FileInfo | str) else value
        if not isinstance(items, Iterable):
            raise expected("A file is expected.", "Hier wird eine Datei erwartet.")
        files = tuple(_judge(item, accepted, most) for item in items)
        if not many and len(files) > 1:
            raise expected("One file only, please.", "Bitte nur eine Datei.")
        counted(len(files), field)
        return files

    def from_json(value: object) -> object:
        return tuple(_from_json(item) for item in (value if isinstance(value, list) else [value]))

    def no_text(text: str, _language: str) -> object:
        return tuple(part.strip() for part in text.split(",") if part.strip()) or None

    def to_json(value: object) -> object:
        infos = [_to_json(info) for info in value if isinstance(info, FileInfo)]  # type: ignore[attr-defined]
        return infos if many else (infos[0] if infos else None)

    def show(value: object, _language: str) -> str:
        return (
            ", ".join(info.name for info in value if isinstance(info, FileInfo)) if isinstance(value, Iterable) else ""
        )

    return Handler(from_json, no_text, accept, to_json, show, show)


def _judge(item: object, accepted: tuple[str, ...], most: int) -> FileUpload | FileInfo | str:
    if isinstance(item, FileInfo | str):
        return item
    if not isinstance(item, FileUpload):
        raise expected("A file is expected.", "Hier wird eine Datei erwartet.")
    if not item.content:
        raise expected(f"The file “{item.name[:80]}” is empty.", f"Die Datei „{item.name[:80]}“ ist leer.")
    if len(item.content) > most:
        raise expected(f"At most {_megabytes(most)} per file.", f"Höchstens {_megabytes(most)} je Datei.")
    name = safe_name(item.name)
    ending, media_type = recognise(name, item.content)
    if (ending in _NEVER and ending not in accepted) or (accepted and ending not in accepted):
        allowed = ", ".join(accepted) or "pdf, jpg, png, docx, …"
        raise expected(
            f"“{name[:80]}” is not a file of an accepted type ({allowed}).",
            f"„{name[:80]}“ ist keine Datei einer zulässigen Art ({allowed}).",
        )
    return FileUpload(name, media_type, item.content)


def recognise(name: str, content: bytes) -> tuple[str, str]:
    """Return ending and media type by what the bytes are; a name's ending counts only where bytes cannot tell."""
    claimed = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    claimed = ENDINGS_ALIKE.get(claimed, claimed)
    head = content[:512].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html", b"<script", b"<svg")) or (
        head.startswith(b"<?xml") and b"<svg" in content[:4096].lower()
    ):
        return ("svg" if b"<svg" in content[:4096].lower() else "html"), "application/octet-stream"
    found = filetype.guess(content[:8192])
    if found is not None:
        ending = ENDINGS_ALIKE.get(found.extension, found.extension)
        if _CONTAINERS.get(claimed) == ending:
            return claimed, "application/octet-stream"
        return ending, found.mime
    if content[:4] in (b"AC10",) and claimed == "dwg":
        return "dwg", "image/vnd.dwg"
    if claimed in _TEXTUAL and b"\x00" not in content[:8192]:
        return claimed, "text/plain"
    return (claimed if claimed not in IMAGES and claimed != "pdf" else "unknown"), "application/octet-stream"


def safe_name(name: str) -> str:
    """Return a file name without folders, control characters and tricks of writing direction (150 characters)."""
    base = re.split(r"[/\\]", name)[-1]
    clean = "".join(
        c for c in unicodedata.normalize("NFC", base) if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")
    )
    stem, dot, ending = clean.strip(" .").rpartition(".")
    return (stem[: 140 - len(ending)] + dot + ending)[-150:] or "file"


def _from_json(item: object) -> FileUpload | str:
    if isinstance(item, str):
        return item
    if not isinstance(item, dict) or not isinstance(item.get("name"), str) or not isinstance(item.get("content"), str):
        raise expected(
            "A file is its id, or an object with name and content (base64).",
            "Eine Datei ist ihre Kennung oder ein Objekt mit name und content (Base64).",
        )
    try:
        return FileUpload(item["name"], "", base64.b64decode(item["content"], validate=True))
    except (binascii.Error, ValueError) as bad:
        raise expected("The content is not base64.", "Der Inhalt ist kein Base64.") from bad


def _to_json(info: FileInfo) -> dict[str, object]:
    return {"id": info.id, "name": info.name, "size": info.size, "type": info.type, "hash": info.hash}


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.3g} MB"
