"""Documents made by hand on the page of a record: sent as a file, nothing is kept."""

from __future__ import annotations

from fachwerk.engine.letters.by_hand import ByHand
from fachwerk.engine.server.answer import attachment, set_header
from fachwerk.engine.server.headers import FILE_POLICY
from fachwerk.engine.server.lists import entity_of
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import person_of, record_path
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.values import Person
from fachwerk.forms.model import Link
from fachwerk.problems import say
from fachwerk.schemas.letter import LetterForm
from starlette.responses import Response

_FORMS: tuple[LetterForm, ...] = ("pdf", "docx")
_KINDS: dict[LetterForm, str] = {"pdf": "PDF", "docx": "Word"}
_AS: dict[LetterForm, str] = {"pdf": "", "docx": "?as=docx"}


class LetterPages:
    """The addresses ``/e/{entity}/{id}/document/{name}``; ``?as=docx`` gives a Word file, as does one made of such."""

    def __init__(self, tools: Tools) -> None:
        self._tools, self._by_hand = tools, ByHand(tools.service)

    def routes(self) -> tuple[Route, ...]:
        """Return the route of documents."""
        return (Route("/e/{entity}/{id}/document/{document}", {"GET": self.send}),)

    async def send(self, request: Request) -> Response:
        """GET a document made of the record as it now is."""
        entity = entity_of(self._tools, request)
        letter = self._tools.project.letters.get(request.arguments[2])
        word = request.query_params.get("as") == "docx" or (letter is not None and letter.file is not None)
        form: LetterForm = "docx" if word else "pdf"
        made = await self._by_hand.make(
            person_of(request), entity.name, request.arguments[1], request.arguments[2], form=form,
            language=request.language,
        )  # fmt: skip
        headers = {"cache-control": "private, no-store", "content-security-policy": FILE_POLICY}
        answer = Response(made.content, 200, headers, made.type)
        return set_header(answer, "Content-Disposition", attachment(made.name))

    async def links(self, person: Person, entity: str, key: str, language: str) -> tuple[Link, ...]:
        """Return the links to the documents that *person* may make of a record."""
        letters = await self._by_hand.offered(person, entity, key)
        path = f"{record_path(entity, key)}/document"
        return tuple(
            Link(f"{say(letter.label, language)} ({_KINDS[form]})", f"{path}/{letter.name}{_AS[form]}")
            for letter in letters
            for form in (_FORMS if letter.file is None else ("docx",))
        )
