"""Files made of what documents say: PDF or Word, with a name that people can save them under."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fachwerk.engine.values import FileUpload
from fachwerk.problems import Refused
from fachwerk.schemas.kinds.files import LARGEST, safe_name
from fachwerk.schemas.letter import LetterForm, Mark

TYPES: Mapping[LetterForm, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

MOST_KEPT = 4
LARGEST_KEPT = 1024 * 1024


class Unmade(Refused):
    """A document that cannot be made, whoever tries again."""

    def __init__(self, en: str, de: str) -> None:
        """Say why, as the end of a sentence."""
        super().__init__("not_made", {
            "en": f"The document could not be made: {en}.", "de": f"Das Dokument ließ sich nicht erstellen: {de}.",
        })  # fmt: skip


class Press:
    """Makes files; outside of the loop of events, since setting a long document takes a while.

    The same content makes the same bytes, so the last few are kept: a document that a record keeps is often sent, too.
    """

    def __init__(self) -> None:
        self._typesetter: Any = None
        self._kept: dict[object, tuple[Sequence[Mark], bytes]] = {}

    async def make(
        self, marks: Sequence[Mark], content: Mapping[str, Any], files: Mapping[str, bytes], form: LetterForm
    ) -> FileUpload:
        """Return the file that *content* makes; raises :class:`Unmade`."""
        if content.get("error"):
            raise Unmade("it would be too long", "es wäre zu lang")
        key = _key(content, files, form)
        known = self._kept.get(key)
        if known is not None and known[0] == marks:
            made = known[1]
        else:
            made = await asyncio.to_thread(self._made, marks, content, files, form)
            self._keep(key, marks, made)
        if len(made) > LARGEST:
            size = len(made) // 1024 // 1024
            raise Unmade(f"the file would have {size} MB", f"die Datei hätte {size} MB")
        return FileUpload(file_name(content["title"], form), TYPES[form], made)

    def _keep(self, key: object, marks: Sequence[Mark], made: bytes) -> None:
        if len(made) <= LARGEST_KEPT:
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = marks, made

    def _made(
        self, marks: Sequence[Mark], content: Mapping[str, Any], files: Mapping[str, bytes], form: LetterForm
    ) -> bytes:
        # The makers of files are slow to load, and most processes never need one.
        if content.get("file"):
            from fachwerk.engine.letters.filled import filled

            return filled(files[content["file"]], marks, content)
        if form == "docx":
            from fachwerk.engine.letters.word import word

            return word(content, files)
        if self._typesetter is None:
            from fachwerk.engine.letters.typeset import Typesetter

            self._typesetter = Typesetter()
        made: bytes = self._typesetter.pdf(content, files)
        return made


def _key(content: Mapping[str, Any], files: Mapping[str, bytes], form: LetterForm) -> object:
    """Return all that a file is made of; the content holds JSON."""
    used = tuple(files.get(str(content.get(name) or "")) for name in ("file", "logo"))
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS), used, form


def file_name(title: str, form: LetterForm) -> str:
    """Return the name of a file: the title without signs that systems do not take."""
    return safe_name((re.sub(r'[\\/:*?"<>|]+', "-", title).strip(" .-")[:120] or "document") + f".{form}")
