"""Trying a document out from the command line: made of a record that is there, by what is deployed or by a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fachwerk.engine.database_open import opened
from fachwerk.engine.letters.by_hand import ByHand
from fachwerk.engine.main import Running, build
from fachwerk.engine.pointing import pointed_at
from fachwerk.engine.server.serving import open_deployed
from fachwerk.engine.validation import read_whole
from fachwerk.engine.values import FileUpload
from fachwerk.problems import Refused, nearest
from fachwerk.schemas.letter import LetterForm


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which document is wanted, of which record, as what."""

    name: str
    record: str
    """An id, or words that find one record."""
    form: LetterForm = "pdf"
    language: str | None = None


async def try_document(url: str, wanted: Wanted, folder: Path | None = None) -> FileUpload:
    """Make a document of a record in the database of *url*; with *folder* by the configuration in it."""
    async with open_deployed(url) if folder is None else _open_with(url, folder) as running:
        return await _made(running, wanted)


@asynccontextmanager
async def _open_with(url: str, folder: Path) -> AsyncIterator[Running]:
    project, problems = read_whole(folder)
    if project is None or problems.errors:
        first = next(iter(problems.errors))
        raise Refused("wrong_configuration", {one: f"{first.span}: {first.message(one)}" for one in ("en", "de")})
    async with opened(url):  # it must be there
        running = await build(project, url)
    try:
        yield running
    finally:
        await running.database.close()


async def _made(running: Running, wanted: Wanted) -> FileUpload:
    letters = running.app.project.letters
    letter = letters.get(wanted.name)
    if letter is None:
        near = nearest(wanted.name, letters)
        hint = (f" Did you mean {near}?", f" Meinten Sie {near}?") if near else ("", "")
        message = {
            "en": f"There is no document {wanted.name}." + hint[0],
            "de": f"Es gibt kein Dokument {wanted.name}." + hint[1],
        }
        raise Refused("unknown_document", message, status=404)
    system = running.service.system
    key = await pointed_at(running, letter.of, wanted.record)
    return await ByHand(running.service).make(
        system, letter.of, key, wanted.name, form=wanted.form, language=wanted.language
    )  # fmt: skip
