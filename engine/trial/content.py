"""What stands in the files of a scenario, of which it says the name alone: enough to be what they seem to be."""

from __future__ import annotations

from fachwerk.engine.demo.drawing import pdf, png
from fachwerk.schemas.kinds import FileUpload

_HEADS = {
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", "gif": b"GIF89a",
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ", "dwg": b"AC1032", "zip": b"PK\x03\x04", "docx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04", "pptx": b"PK\x03\x04", "odt": b"PK\x03\x04", "ods": b"PK\x03\x04",
    "tif": b"II*\x00", "tiff": b"II*\x00",
}  # fmt: skip


def upload(name: str) -> FileUpload:
    """Return a file of that name, with a content of the kind that its ending says."""
    ending = name.rsplit(".", 1)[-1].lower()
    if ending == "pdf":
        return FileUpload(name, "", pdf(name))
    if ending == "png":
        return FileUpload(name, "", png(len(name) % 256))
    head = _HEADS.get(ending)
    return FileUpload(name, "", name.encode() if head is None else head + name.encode() + bytes(64))
