"""Values out of JSON: what the API was sent, read by the kinds of the fields, all mistakes at once.

A key that is no field of the entity, or one that only the engine writes, is a mistake like any other: nothing is
silently dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fachwerk.engine.server.openapi import writable
from fachwerk.problems import Refused, Text, nearest
from fachwerk.schemas.kinds import Handler, Invalid, Place, handler
from fachwerk.schemas.model import Entity, Field

_MOST_ROWS = 1_000
_NO_OBJECT: Text = {"en": "A JSON object of fields is expected.", "de": "Erwartet wird ein JSON-Objekt mit Feldern."}


@dataclass(frozen=True, slots=True)
class Read:
    """What could be read, and messages about the rest by (dotted) field name."""

    values: dict[str, object] = field(default_factory=dict)
    unreadable: dict[str, Text] = field(default_factory=dict)


class JsonReader:
    """Reads the values of one entity; made once at load."""

    def __init__(self, entity: Entity, place: Place) -> None:
        self._fields: Mapping[str, tuple[Field, Handler, JsonReader | None]] = {
            found.name: (found, handler(found, place), JsonReader(found.rows, place) if found.rows else None)
            for found in writable(entity)
        }
        self._closed = entity.fields.keys() - self._fields.keys()

    def read(self, data: object) -> Read:
        """Return the values of *data*, a JSON object; raises :class:`Refused` if it is none or has unknown keys."""
        if not isinstance(data, dict):
            raise _no_object()
        result, unknown = Read(), {}
        for name, value in data.items():
            known = self._fields.get(name)
            if known is None:
                unknown[name] = self._no_field(name)
            elif value is None:
                result.values[name] = None
            else:
                self._read_one(known, name, value, result)
        if unknown:
            raise Refused("unknown_field", _summary(unknown), status=422, fields={**unknown, **result.unreadable})
        return result

    def _read_one(
        self, known: tuple[Field, Handler, JsonReader | None], name: str, value: object, result: Read
    ) -> None:
        found, reader, rows = known
        try:
            if rows is None:
                result.values[name] = reader.parse_json(value)
            else:
                result.values[name] = rows.read_rows(found.name, value, result.unreadable)
        except Invalid as bad:
            if bad.stands is None:
                result.unreadable[name] = bad.text
            else:
                result.values[name] = bad.stands  # whether the record has it is known where it is written

    def read_rows(self, name: str, value: object, unreadable: dict[str, Text]) -> list[dict[str, object]]:
        """Return the rows of the field *name*, putting messages into *unreadable*; raises :class:`Invalid`."""
        if not isinstance(value, list) or len(value) > _MOST_ROWS:
            raise Invalid({"en": "A list of rows is expected.", "de": "Hier wird eine Liste von Zeilen erwartet."})
        rows = []
        for number, item in enumerate(value):
            if not isinstance(item, dict):
                unreadable[f"{name}.{number}"] = _NO_OBJECT
                continue
            row = dict(item)
            key = row.pop("id", None)
            try:
                read = self.read(row)
            except Refused as refused:
                unreadable.update({f"{name}.{number}.{inner}": text for inner, text in refused.fields.items()})
                continue
            unreadable.update({f"{name}.{number}.{inner}": text for inner, text in read.unreadable.items()})
            rows.append({**read.values, **({"id": key} if isinstance(key, str) else {})})
        return rows

    def _no_field(self, name: str) -> Text:
        if name in self._closed:
            return {"en": "This field is set by the system.", "de": "Dieses Feld setzt das System."}
        near = nearest(name[:100], self._fields)
        if near is None:
            return {"en": "There is no such field.", "de": "Ein solches Feld gibt es nicht."}
        return {
            "en": f"There is no such field; did you mean {near}?",
            "de": f"Ein solches Feld gibt es nicht; meinen Sie {near}?",
        }


def _summary(unknown: Mapping[str, Text]) -> Text:
    names = ", ".join(name[:50] for name in list(unknown)[:5])
    return {"en": f"These fields cannot be set: {names}.", "de": f"Diese Felder können nicht gesetzt werden: {names}."}


def _no_object() -> Refused:
    return Refused("bad_values", _NO_OBJECT, status=422)
