"""Who and what a scenario talks about: its names, what is behind them, and values in the form of either."""

from __future__ import annotations

from collections.abc import Mapping

from fachwerk.engine.trial.content import upload
from fachwerk.engine.trial.stage import Stage
from fachwerk.engine.values import FileInfo, Person, Reference
from fachwerk.problems import Text
from fachwerk.schemas.kinds import handler
from fachwerk.schemas.model import Entity, Field
from fachwerk.schemas.scenario import FileNames, Ref, Values, Written

EMPTY: Text = {"en": "empty", "de": "leer"}


class Cast:
    """The names of one scenario while it runs."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.people: dict[str, Person] = {}
        self.records: dict[tuple[str, str], str] = {}
        """(name, entity) -> id."""

    def id(self, name: str, entity: str) -> str:
        """Return the id of a record."""
        return self.records[name, entity]

    def name_of(self, key: object) -> str | None:
        """Return the name of a person or record by its id."""
        for (name, _), known in self.records.items():
            if known == key:
                return name
        return next((name for name, person in self.people.items() if person.id == key), None)

    # from the scenario to the service

    def values(self, values: Values, entity: Entity) -> dict[str, object]:
        """Return values as the service takes them."""
        return {name: self._value(one.value, entity.fields[name]) for name, one in values.items()}

    def _value(self, value: object, field: Field) -> object:
        if isinstance(value, Ref):
            return self._link(value, field)
        if isinstance(value, FileNames):
            return tuple(upload(name) for name in value.names)
        if isinstance(value, tuple) and field.rows is not None:
            return [self.values(row, field.rows) for row in value]
        if isinstance(value, tuple):
            return tuple(self._link(one, field) if isinstance(one, Ref) else one for one in value)
        return value

    def _link(self, ref: Ref, field: Field) -> object:
        if field.kind == "user":
            return self.people[ref.name].id
        entity = self._target(ref, field)
        key = self.records[ref.name, entity]
        return (entity, key) if len(field.to) > 1 else key

    def _target(self, ref: Ref, field: Field) -> str:
        wanted = field.to or ((field.inverse[0],) if field.inverse else ())
        return next(entity for entity in wanted if (ref.name, entity) in self.records)

    def linked(self, values: Values, entity: Entity) -> list[tuple[str, str]]:
        """Return name and entity of all records that values link to, those in rows, too."""
        found: list[tuple[str, str]] = []
        for name, one in values.items():
            field = entity.fields[name]
            for value in one.value if isinstance(one.value, tuple) else (one.value,):
                if isinstance(value, Ref) and field.kind != "user":
                    found.append((value.name, self._target(value, field)))
                elif isinstance(value, Mapping) and field.rows is not None:
                    found += self.linked(value, field.rows)
        return found

    # comparing

    def agrees(self, written: Written, found: object, field: Field) -> bool:
        """Return whether a value as the service gives it is the one that was written."""
        value = written.value
        if value is None or value == ():
            return found is None or found == () or found == [] or found == ""
        if isinstance(value, Ref):
            return isinstance(found, Reference) and found.id == self._id(value, field)
        if isinstance(value, FileNames):
            return isinstance(found, tuple) and [info.name for info in found] == list(value.names)
        if isinstance(value, tuple) and field.rows is not None:
            return self._rows_agree(value, found, field.rows)
        if isinstance(value, tuple) and any(isinstance(one, Ref) for one in value):
            wanted = {self._id(one, field) for one in value}
            return isinstance(found, tuple | list) and {one.id for one in found} == wanted
        if isinstance(value, tuple) and isinstance(found, tuple | list):
            return sorted(map(str, value)) == sorted(map(str, found))
        return bool(value == found)

    def _id(self, ref: Ref, field: Field) -> str:
        if field.kind == "user":
            return self.people[ref.name].id
        return self.records[ref.name, self._target(ref, field)]

    def _rows_agree(self, rows: tuple[Values, ...], found: object, entity: Entity) -> bool:
        if not isinstance(found, list | tuple) or len(found) != len(rows):
            return False
        return all(
            self.agrees(written, there.get(name), entity.fields[name])
            for row, there in zip(rows, found, strict=True)
            for name, written in row.items()
        )

    # in words

    def shown(self, value: object, field: Field) -> Text:
        """Return a value as people read it; records by the names of the scenario."""
        if value is None or value == () or value == [] or value == "":
            return EMPTY
        return {language: self._shown(value, field, language) for language in ("en", "de")}

    def _shown(self, value: object, field: Field, language: str) -> str:
        if isinstance(value, Ref):
            return value.name
        if isinstance(value, FileNames):
            return ", ".join(value.names)
        if isinstance(value, Reference):
            return self.name_of(value.id) or value.title or value.entity
        if isinstance(value, FileInfo):
            return value.name
        if isinstance(value, list | tuple) and field.rows is not None:
            return ", ".join(self._row(row, field.rows, language) for row in value)
        if isinstance(value, tuple | list) and value and isinstance(value[0], Ref | Reference | FileInfo):
            return ", ".join(self._shown(one, field, language) for one in value)
        if isinstance(value, tuple):
            return ", ".join(str(one) for one in value)
        if (field.result or field.kind) in ("choice", "text", "sequence", "secret"):
            return str(value)
        if isinstance(value, bool):
            return {True: "true", False: "false"}[value]
        return handler(field, self._stage.app.place).show(value, language)

    def _row(self, row: Mapping[str, object], rows: Entity, language: str) -> str:
        known = {name: one for name, one in row.items() if name in rows.fields and not rows.fields[name].system}
        parts = []
        for name, one in known.items():
            value = one.value if isinstance(one, Written) else one
            if value is not None and value != ():
                parts.append(f"{name}: {self._shown(value, rows.fields[name], language)}")
        return "{" + ", ".join(parts) + "}"
