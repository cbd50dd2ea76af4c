"""Kinds that lead to records: link, links, user, tree, back_links and rows; and sequence, which nobody writes.

Values are ids (UUID texts), for a link to one of several entities a pair (entity, id). What a person may link, and
titles, are matters of the service: a handler only reads and writes the form of the value.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from typing import NamedTuple

from fachwerk.schemas.kinds.choices import counted
from fachwerk.schemas.kinds.value import Handler, Place, expected, same, text_of
from fachwerk.schemas.model import Field

_CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


class Reference(NamedTuple):
    """A link as people see it: the entity and id of the record it leads to, and its title."""

    entity: str
    id: str
    title: str


def identifier(value: object) -> str:
    """Return *value* as the canonical text of a UUID; refuse anything else."""
    if isinstance(value, Reference):
        return value.id
    if isinstance(value, str) and _CANONICAL(value):
        return value
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) and len(value) in (32, 36) else _no_record()
    except ValueError:
        return _no_record()


def _no_record() -> str:
    raise expected("This is not a known record.", "Das ist kein bekannter Eintrag.")


def link_handler(field: Field, _place: Place) -> Handler:
    """Return the handler of a link, a user or a parent in a tree."""
    several = len(field.to) > 1

    def accept(value: object) -> object:
        if not several:
            return identifier(value)
        if isinstance(value, Reference):
            return value.entity, value.id
        if isinstance(value, tuple) and len(value) == 2 and value[0] in field.to:
            return value[0], identifier(value[1])
        raise expected("Entity and record are expected.", "Hier werden Art und Eintrag erwartet.")

    def from_json(value: object) -> object:
        if isinstance(value, dict):
            value = (value.get("entity"), value.get("id")) if several else value.get("id")
        return accept(tuple(value.split("/", 1)) if several and isinstance(value, str) else value)

    def parse_text(text: str, _language: str) -> object:
        bare = text.strip()
        return from_json(bare) if bare else None

    def to_json(value: object) -> object:
        if isinstance(value, Reference):
            return {"entity": value.entity, "id": value.id, "title": value.title}
        return {"entity": value[0], "id": value[1]} if isinstance(value, tuple) else value

    def input_text(value: object, _language: str) -> str:
        entity, key = (
            (value.entity, value.id)
            if isinstance(value, Reference)
            else value
            if isinstance(value, tuple)
            else ("", value)
        )
        return f"{entity}/{key}" if several else str(key)

    return Handler(from_json, parse_text, accept, to_json, _show, input_text)


def _show(value: object, _language: str) -> str:
    if isinstance(value, Reference):
        return value.title
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(item.title if isinstance(item, Reference) else str(item) for item in value)
    return str(value)


def links_handler(field: Field, place: Place) -> Handler:
    """Return the handler of many links: a tuple of ids without repetition, in the given order."""
    one = link_handler(field, place)

    def accept(value: object) -> object:
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise expected("A list of records is expected.", "Hier wird eine Liste von Einträgen erwartet.")
        ids = tuple(dict.fromkeys(one.accept(item) for item in value))
        counted(len(ids), field)
        return ids

    def from_json(value: object) -> object:
        if not isinstance(value, list | tuple):
            raise expected("A list of records is expected.", "Hier wird eine Liste von Einträgen erwartet.")
        return tuple(one.parse_json(item) for item in value)

    def parse_text(text: str, _language: str) -> object:
        parts = [part for part in text.replace(";", ",").split(",") if part.strip()]
        return from_json([part.strip() for part in parts]) if parts else None

    def to_json(value: object) -> object:
        return [one.to_json(item) for item in value] if isinstance(value, Iterable) else value

    def input_text(value: object, language: str) -> str:
        return ",".join(one.input_text(item, language) for item in value) if isinstance(value, Iterable) else ""

    return Handler(from_json, parse_text, accept, to_json, _show, input_text)


def rows_handler(field: Field, _place: Place) -> Handler:
    """Return the handler of rows: a list of dicts whose values the handlers of the rows' own fields judge."""

    def accept(value: object) -> object:
        if not isinstance(value, list | tuple) or not all(isinstance(row, dict) for row in value):
            raise expected("A list of rows is expected.", "Hier wird eine Liste von Zeilen erwartet.")
        counted(len(value), field)
        return list(value)

    def no_text(_text: str, _language: str) -> object:
        raise expected("Rows cannot be read from a text.", "Zeilen können nicht aus einem Text gelesen werden.")

    def show(value: object, language: str) -> str:
        count = len(value) if isinstance(value, list | tuple) else 0
        return f"{count} Zeilen" if language == "de" else f"{count} rows"

    return Handler(accept, no_text, accept, same, show, show)


def sequence_handler(_field: Field, _place: Place) -> Handler:
    """Return the handler of a number that the engine gives."""

    def refuse(_value: object) -> object:
        raise expected("This number is given by the system.", "Diese Nummer vergibt das System.")

    def plain(value: object, _language: str) -> str:
        return str(value)

    return Handler(text_of, lambda text, _language: text.strip() or None, refuse, same, plain, plain)
