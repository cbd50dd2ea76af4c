"""Field kinds: what each may declare, means in rules, and how its values are read, judged, written and shown."""

from __future__ import annotations

from fachwerk.schemas.kinds.files import FileInfo, FileUpload
from fachwerk.schemas.kinds.handlers import handler
from fachwerk.schemas.kinds.links import Reference
from fachwerk.schemas.kinds.value import Handler, Invalid, Place

__all__ = ["FileInfo", "FileUpload", "Handler", "Invalid", "Place", "Reference", "handler"]
