"""Documents made: the effect ``document``, the files that go with messages, and what people make by hand.

What a document says stands in the effect since the change that it follows from. Setting it takes milliseconds and no
transaction; keeping it with the record is part of the one that settles the effect, so that it happens exactly once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fachwerk.engine.database import Connection
from fachwerk.engine.service import Service
from fachwerk.engine.values import FileUpload
from fachwerk.engine.work.doing import GONE, checked_depth, origin_of
from fachwerk.engine.work.job import GiveUp
from fachwerk.engine.work.queue import Job
from fachwerk.schemas.letter import LetterForm


class Papers:
    """Carries out ``document``; makes attachments."""

    def __init__(self, service: Service) -> None:
        self._service, self._press = service, service.kit.press

    async def prepare(self, job: Job) -> FileUpload | None:
        """Make the file of an effect ``document``."""
        checked_depth(job)
        content = job.payload.get("content")
        return await self.file(content, job.payload["form"]) if content else None

    async def keep(self, connection: Connection, job: Job, made: FileUpload | None) -> str | None:
        """Keep the file with the record; the history says which document it is."""
        entity, into = self._service.app.entities.get(str(job.entity)), str(job.payload["into"])
        if entity is None or into not in entity.model.fields:
            raise GiveUp("the configuration has changed: there is no such field any more")
        if made is None:
            return GONE
        name = str(job.payload["content"]["document"])
        there = await self._service.kit.stores[entity.name].read(connection, str(job.record), lock=True, lists=())
        if there is None:
            return GONE
        await self._service.writer.enclose(
            connection, entity, str(job.record), into, made, origin=origin_of(job), document=name
        )  # fmt: skip
        return None

    async def attachments(self, job: Job) -> dict[str, list[FileUpload]]:
        """Make the files that go with a message, by language."""
        found: dict[str, list[FileUpload]] = {language: [] for language in self._service.app.project.languages}
        for contents in job.payload.get("letters") or ():
            made = {language: await self._attached(content) for language, content in contents.items()}
            for language, files in found.items():
                files.append(made.get(language) or next(iter(made.values())))
        return found

    async def _attached(self, content: Mapping[str, Any]) -> FileUpload:
        return await self.file(content, "docx" if content.get("file") else "pdf")

    async def file(self, content: Mapping[str, Any], form: LetterForm) -> FileUpload:
        """Return the file of a document; raises :class:`GiveUp` or :class:`Refused` where it cannot be made."""
        project = self._service.app.project
        letter = project.letters.get(str(content["document"]))
        file, logo = content.get("file"), content.get("logo")
        if file and (letter is None or letter.hashes.get(file) != content["hashes"].get(file)):
            raise GiveUp("the configuration has changed: the Word file is another now")
        if logo and logo not in project.files:
            content = {**content, "logo": None}
        return await self._press.make(letter.marks if letter else (), content, project.files, form)
