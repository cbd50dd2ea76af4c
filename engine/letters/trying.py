"""Trying a document out from the command line: made of a record that is there, by what is deployed or by a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fachwerk.engine.letters.by_hand import ByHand
from fachwerk.engine.main import Running, build
from fachwerk.engine.query import Query
from fachwerk.engine.server.serving import open_deployed
from fachwerk.engine.validation import read_whole
from fachwerk.engine.values import FileUpload
from fachwerk.problems import Refused, nearest
from fachwerk.schemas.kinds.links import identifier
from fachwerk.schemas.kinds.value import Invalid
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
    running = await (open_deployed(url) if folder is None else _open_with(url, folder))
    try:
        return await _made(running, wanted)
    finally:
        await running.database.close()


async def _open_with(url: str, folder: Path) -> Running:
    project, problems = read_whole(folder)
    if project is None or problems.errors:
        first = next(iter(problems.errors))
        raise Refused("wrong_configuration", {one: f"{first.span}: {first.message(one)}" for one in ("en", "de")})
    return await build(project, url)


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
    key = await _record(running, letter.of, wanted.record)
    return await ByHand(running.service).make(
        system, letter.of, key, wanted.name, form=wanted.form, language=wanted.language
    )  # fmt: skip


async def _record(running: Running, entity: str, text: str) -> str:
    """Return the id of the record that is meant."""
    try:
        return identifier(text)
    except Invalid:
        page = await running.service.find(running.service.system, entity, Query(search=text, limit=2, count=False))
    if len(page.records) == 1:
        return page.records[0].id
    several = bool(page.records)
    raise Refused("unknown_record", {
        "en": f"“{text}” finds more than one record." if several else f"“{text}” finds no record.",
        "de": f"„{text}“ findet mehr als einen Eintrag." if several else f"„{text}“ findet keinen Eintrag.",
    }, status=404)  # fmt: skip
