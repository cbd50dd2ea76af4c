"""Files made of what documents say: PDF or Word, with a name that people can save them under."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fachwerk.engine.values import FileUpload
from fachwerk.schemas.kinds.files import LARGEST, safe_name
from fachwerk.schemas.letter import LetterForm, Mark

TYPES: Mapping[LetterForm, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class Unmade(Exception):
    """A document that cannot be made, whoever tries again; the text says why."""


class Press:
    """Makes files; outside of the loop of events, since setting a long document takes a while."""

    def __init__(self) -> None:
        self._typesetter: Any = None

    async def make(
        self, marks: Sequence[Mark], content: Mapping[str, Any], files: Mapping[str, bytes], form: LetterForm
    ) -> FileUpload:
        """Return the file that *content* makes; raises :class:`Unmade`."""
        if content.get("error"):
            raise Unmade(str(content["error"]))
        made = await asyncio.to_thread(self._made, marks, content, files, form)
        if len(made) > LARGEST:
            raise Unmade(f"the file would have {len(made) // 1024 // 1024} MB")
        return FileUpload(file_name(content["title"], form), TYPES[form], made)

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


def file_name(title: str, form: LetterForm) -> str:
    """Return the name of a file: the title without signs that systems do not take."""
    return safe_name((re.sub(r'[\\/:*?"<>|]+', "-", title).strip(" .-")[:120] or "document") + f".{form}")
