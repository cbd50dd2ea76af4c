"""Documents made by hand: whoever may read a record and is named by ``by`` makes one, as the record now is.

Nothing is kept. The document says what its author put into it, as titles and messages do; that roles read hidden fields
this way is warned of when the configuration is checked.
"""

from __future__ import annotations

from dataclasses import replace

from fachwerk.engine.database import Connection
from fachwerk.engine.service import Service
from fachwerk.engine.shapes import merged
from fachwerk.engine.values import FileUpload, Person
from fachwerk.engine.work.contents import About
from fachwerk.engine.work.planning import shape_of_rules
from fachwerk.problems import Refused
from fachwerk.schemas.letter import Letter, LetterForm
from fachwerk.workflows.parts import users_of


class ByHand:
    """Makes documents for people, and for operators who try them out."""

    def __init__(self, service: Service) -> None:
        self._service, self._kit = service, service.kit
        self._by_entity: dict[str, list[Letter]] = {}
        for letter in service.app.project.letters.values():
            if letter.by:
                self._by_entity.setdefault(letter.of, []).append(letter)

    async def offered(self, who: Person, entity: str, key: str) -> tuple[Letter, ...]:
        """Return the documents that *who* may make of a record that they can read."""
        known = self._by_entity.get(entity, ())
        database = self._service.database
        return tuple([letter for letter in known if await self._may(database, who, letter, key)])

    async def make(
        self, who: Person, entity: str, key: str, name: str, *, form: LetterForm = "pdf", language: str | None = None
    ) -> FileUpload:
        """Make a document of a record; raises :class:`Refused` where *who* may not, or it cannot be made."""
        record = await self._service.read(who, entity, key)
        letter = self._service.app.project.letters.get(name)
        if letter is None or letter.of != entity:
            raise _unknown(name)
        if who is not self._service.system and not await self._may(self._service.database, who, letter, record.id):
            raise Refused("not_allowed", {
                "en": "You may not make this document.", "de": "Dieses Dokument dürfen Sie nicht erstellen.",
            }, status=403)  # fmt: skip
        context = self._kit.context(None if who is self._service.system else who)
        about = About(entity, record.id)
        content = await self._kit.contents.letter(
            self._service.database, name, about, context, language or who.language
        )  # fmt: skip
        if content is None:
            raise _unknown(name)
        return await self._kit.press.make(letter.marks, content, self._service.app.project.files, form)

    async def _may(self, connection: Connection, who: Person, letter: Letter, key: str) -> bool:
        if any(one.role in who.roles for one in letter.by if one.role is not None):
            return True
        rules = [one.person for one in letter.by if one.person is not None]
        if not rules:
            return False
        context = replace(self._kit.context(who))
        shape = merged(shape_of_rules(rules), {"version": {}})
        found = await self._service.app.loader.by_ids(connection, letter.of, shape, [key], context)
        record = found.get(key)
        if record is None:
            return False
        return any(who.id in users_of(self._service.app.ask(rule)(record, context)) for rule in rules)


def _unknown(name: str) -> Refused:
    return Refused("unknown_document", {
        "en": f"There is no document {name[:60]} for this record.",
        "de": f"Ein Dokument {name[:60]} gibt es für diesen Eintrag nicht.",
    }, status=404)  # fmt: skip
