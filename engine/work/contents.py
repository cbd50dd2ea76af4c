"""What effects say, made at the moment of the change that they follow from: texts of messages, what webhooks send,
documents. It is kept with the effect, so that what happens to the record before it is delivered changes nothing.

Values go in as the record then is, in every language of the app: who receives a message, and in which language they
read, is found when it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import orjson
from fachwerk.engine.compile import App
from fachwerk.engine.context import Context, Mine
from fachwerk.engine.database import Connection
from fachwerk.engine.letters.content import CompiledLetter, Content, TooBig, compile_letter
from fachwerk.engine.shapes import Shape, merged
from fachwerk.engine.values import Person
from fachwerk.engine.work.planning import rules_of, shape_of_rules, with_this
from fachwerk.engine.work.wording import Wording, wording
from fachwerk.schemas.model import Effect, Message

TOO_BIG = "the document would be too long"


@dataclass(frozen=True, slots=True)
class Written:
    """A message ready to be filled."""

    subject: Wording
    body: Wording

    @property
    def shape(self) -> Shape:
        """What it needs of the record."""
        return merged(self.subject.shape, self.body.shape)

    @property
    def mine(self) -> Mapping[str, Shape]:
        """What it needs of the own records of whoever acted."""
        return {**self.subject.mine, **self.body.mine}


@dataclass(frozen=True, slots=True)
class About:
    """What an effect is about: a record, and what was said with the step."""

    entity: str
    record: str
    comment: str | None = None


class Contents:
    """Fills in what the effects of one app say."""

    def __init__(self, app: App, mine: Mine) -> None:
        self._app, self._mine = app, mine
        self._written: dict[str, Written] = {}
        self._letters: dict[str, CompiledLetter] = {}

    async def of(
        self, connection: Connection, effect: Effect, about: About, context: Context
    ) -> dict[str, object]:  # fmt: skip
        """Return what a payload keeps of what *effect* says; nothing for effects that say nothing."""
        # Own records are loaded in other shapes than the change that this belongs to has them in.
        context = replace(context)
        if effect.kind == "notify":
            found: dict[str, object] = {"texts": await self.texts(connection, str(effect.message), about, context)}
            letters = [await self._attached(connection, name, about, context) for name in effect.attach]
            return {**found, "letters": [one for one in letters if one]} if letters else found
        if effect.kind == "webhook":
            return await self._sent(connection, effect, about, context)
        if effect.kind == "document":
            content = await self.letter(connection, str(effect.target), about, context)
            return {"content": content, "into": effect.into, "form": effect.form}
        return {}

    # messages ---------------------------------------------------------------------------------------------------------

    async def texts(
        self, connection: Connection, name: str, about: About, context: Context
    ) -> dict[str, list[str]] | None:
        """Return subject and body of a message by language; ``None`` where message or record are gone."""
        message = self._app.project.messages.get(name)
        if message is None:
            return None
        written = self._message(message)
        record = await self._record(connection, about, written.shape, written.mine, context)
        if record is None:
            return None
        return {
            language: [
                written.subject.fill(record, context, language), written.body.fill(record, context, language).strip()
            ]
            for language in self._app.project.languages
        }  # fmt: skip

    def _message(self, message: Message) -> Written:
        made = self._written.get(message.name)
        if made is None:
            subject, body = (wording(self._app, message.of, text) for text in (message.subject, message.body))
            made = self._written[message.name] = Written(subject, body)
        return made

    # webhooks ---------------------------------------------------------------------------------------------------------

    async def _sent(
        self, connection: Connection, effect: Effect, about: About, context: Context
    ) -> dict[str, object]:  # fmt: skip
        shape = shape_of_rules(rules_of(effect))
        record = await self._record(connection, about, shape, {}, context)
        if record is None:
            return {}
        seen, ask = with_this(record), self._app.ask
        values = {name: sendable(ask(rule)(seen, context)) for name, rule in effect.values.items()}
        # As text: numbers keep their digits on the way through the queue.
        return {"sent": orjson.dumps(values).decode(), "version": sendable(record.get("version"))}

    # documents --------------------------------------------------------------------------------------------------------

    async def letter(
        self, connection: Connection, name: str, about: About, context: Context, language: str | None = None
    ) -> Content | None:
        """Return what a document says: in the language that it asks for, else in *language*, else in the first."""
        made = self.compiled(name)
        if made is None:
            return None
        record = await self._record(connection, about, made.shape, made.mine, context)
        if record is None:
            return None
        asked = made.language(record, context) or language
        return _filled(made, record, context, asked or self._app.project.languages[0])

    async def _attached(
        self, connection: Connection, name: str, about: About, context: Context
    ) -> dict[str, Content] | None:
        """Return what a document says by language: in one where it asks for it, else in all."""
        made = self.compiled(name)
        record = await self._record(connection, about, made.shape, made.mine, context) if made is not None else None
        if made is None or record is None:
            return None
        asked = made.language(record, context)
        languages = [asked] if asked is not None else self._app.project.languages
        return {language: _filled(made, record, context, language) for language in languages}

    def compiled(self, name: str) -> CompiledLetter | None:
        """Return a document ready to be filled; ``None`` where there is none of that name."""
        letter = self._app.project.letters.get(name)
        if letter is None or letter.of not in self._app.entities:
            return None
        if name not in self._letters:
            self._letters[name] = compile_letter(self._app, letter)
        return self._letters[name]

    async def _record(
        self, connection: Connection, about: About, shape: Shape, mine: Mapping[str, Shape], context: Context
    ) -> dict[str, Any] | None:
        if mine:
            me = context.me
            who = Person(str(me["id"]), "", "", frozenset(), "") if me is not None else None
            await self._mine.load(connection, context, who, mine)
        wanted: Shape = {name: inner for name, inner in shape.items() if name != "comment"} | {"version": {}}
        found = await self._app.loader.by_ids(connection, about.entity, wanted, [about.record], context)
        record = found.get(about.record)
        return {**record, "comment": about.comment} if record is not None else None


def _filled(made: CompiledLetter, record: Mapping[str, Any], context: Context, language: str) -> Content:
    try:
        return made.fill(record, context, language)
    except TooBig:
        return {"document": made.letter.name, "language": language, "error": TOO_BIG}


def sendable(value: Any) -> Any:
    """Return a value of a rule as JSON holds it; numbers keep their digits, records are their ids."""
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    if isinstance(value, Mapping):
        return value["id"] if "id" in value else {str(name): sendable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [sendable(one) for one in value]
    return value if value is None or isinstance(value, str | bool | int) else _text(value)


def _text(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def files_of(contents: Iterable[Content]) -> dict[str, str]:
    """Return the files that documents need, by name, with their hashes."""
    return {name: digest for content in contents for name, digest in (content.get("hashes") or {}).items()}
