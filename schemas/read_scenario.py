"""Reads scenarios: who and what is there, the steps, and what is expected of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

from fachwerk.problems import Problems, Text
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import codes_scenario as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.codes_structure import WRONG_FORM, write
from fachwerk.schemas.document import Document, MapNode, Node, Scalar
from fachwerk.schemas.model import Field, Project
from fachwerk.schemas.names import check_name
from fachwerk.schemas.read_steps import StepReader
from fachwerk.schemas.read_written import Names, Reader, is_entered
from fachwerk.schemas.scenario import GivenPerson, GivenRecord, Ref, Scenario, Values
from fachwerk.schemas.structure import found_form
from fachwerk.schemas.wording import both

USER = "user"
_ROLES = both("a list of roles", "eine Liste von Rollen")
_FIELDS = both("its fields in braces", "seine Felder in geschweiften Klammern")


def read_scenarios(project: Project, documents: Mapping[str, Document], problems: Problems) -> dict[str, Scenario]:
    """Return the scenarios of *project* by name."""
    return {name: _Scenario(project, problems).read(name, one) for name, one in documents.items()}


class _Scenario:
    def __init__(self, project: Project, problems: Problems) -> None:
        self.project, self.problems = project, problems
        self.known = Names()
        self.reader = Reader(project, problems, self.known)

    def read(self, name: str, document: Document) -> Scenario:
        root = document.root
        at = nodes.scalar(root.get("scenario"))
        today = self._day(nodes.scalar(root.get("today")))
        given = list(nodes.pairs(root.get("given")))
        people = tuple(person for key, node in given if (person := self._person(key, node)))
        self._names(given)
        records = self._ordered([record for key, node in given for record in self._records(key, node)])
        steps = StepReader(self.reader).steps(root.get("steps"))
        return Scenario(name, at.span if at else document.word.span, today, people, records, steps)

    def _day(self, at: Scalar | None) -> dt.datetime | None:
        if at is None:
            return None
        try:
            found = dt.datetime.fromisoformat(at.text.strip())
        except ValueError:
            self.problems.add(codes.NO_DAY.at(at.span, said=at.text))
            return None
        day = found if ":" in at.text else found.replace(hour=9)
        return day.replace(tzinfo=None)

    # people and records that are there

    def _person(self, key: Scalar, node: Node) -> GivenPerson | None:
        check_name(key, "given", self.problems)
        word = next((name for name, _ in nodes.pairs(node) if name.text == USER), None)
        if word is None:
            return None
        self.known.people[key.text] = None
        roles, said = [], nodes.get(node, USER)
        if isinstance(said, MapNode):
            self._wrong_form(said, USER, _ROLES, codes.held_by(key.text, self._role_in(said)))
        for role in nodes.words(said):
            if role.text in self.project.roles:
                roles.append(role.text)
            else:
                names.say_unknown(self.problems, role.span, "role", role.text, list(self.project.roles))
        return GivenPerson(key.text, tuple(roles), key.span)

    def _names(self, given: Iterable[tuple[Scalar, Node]]) -> None:
        for key, node in given:
            for word, _ in nodes.pairs(node):
                if word.text in self.project.entities:
                    self.known.records.setdefault(key.text, {})[word.text] = key.span
                elif word.text != USER:
                    unknown = names.unknown(word.span, "entity", word.text, [USER, *self.project.entities])
                    role = codes.held_by(key.text, word.text) if word.text in self.project.roles else None
                    self.problems.add(replace(unknown, better_remedy=role or unknown.better_remedy))
            if key.text not in self.known.people and key.text not in self.known.records:
                self.known.unclear.add(key.text)

    def _records(self, key: Scalar, node: Node) -> Iterable[GivenRecord]:
        for word, value in nodes.pairs(node):
            entity = self.project.entities.get(word.text)
            if entity is not None:
                if not isinstance(value, MapNode) and not (isinstance(value, Scalar) and value.empty):
                    field = next((one.name for one in entity.fields.values() if is_entered(one)), "field")
                    self._wrong_form(value, word.text, _FIELDS, write(f"{word.text}: {{{field}: ...}}"))
                values = self.reader.values(value, entity, entered=True)
                own = _user_field(entity.fields.values(), values) if key.text in self.known.people else None
                yield GivenRecord(key.text, entity.name, values, key.span, own)

    def _wrong_form(self, node: Node, key: str, expected: Text, remedy: Text) -> None:
        found = found_form(node)
        self.problems.add(WRONG_FORM.at(node.span, remedy=remedy, key=key, expected=expected, found=found))

    def _role_in(self, node: MapNode) -> str:
        """Return a role that is named somewhere in a map; else one that there is."""
        said = [word.text for key, value in nodes.pairs(node) for word in (key, *nodes.words(value))]
        return next((one for one in said if one in self.project.roles), next(iter(self.project.roles), "role"))

    def _ordered(self, records: list[GivenRecord]) -> tuple[GivenRecord, ...]:
        """Return the records, each behind those that it links to; circles are said."""
        done: dict[tuple[str, str], GivenRecord] = {}
        left = {(one.name, one.entity): one for one in records}
        while left:
            ready = [key for key, one in left.items() if not any(need in left for need in self._needs(one))]
            if not ready:
                circle = self._circle(left)
                shown = " → ".join(f"`{one.name}`" for one in (*circle, circle[0]))
                self.problems.add(codes.CIRCLE.at(circle[0].span, names=shown))
                return tuple(records)
            for key in ready:
                done[key] = left.pop(key)
        return tuple(done.values())

    def _needs(self, record: GivenRecord) -> list[tuple[str, str]]:
        fields = self.project.entities[record.entity].fields
        return list(self._linked(record.values, fields))

    def _linked(self, values: Values, fields: Mapping[str, Field]) -> Iterable[tuple[str, str]]:
        for name, written in values.items():
            field, value = fields[name], written.value
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Ref) and field.kind != "user":
                    yield one.name, self._entity(one.name, field)
                elif isinstance(one, Mapping) and field.rows is not None:
                    yield from self._linked(one, field.rows.fields)

    def _entity(self, name: str, field: Field) -> str:
        return next((one for one in self.known.records.get(name, ()) if one in field.to), "")

    def _circle(self, left: Mapping[tuple[str, str], GivenRecord]) -> list[GivenRecord]:
        path: list[tuple[str, str]] = [next(iter(left))]
        while True:
            following = next(need for need in self._needs(left[path[-1]]) if need in left)
            if following in path:
                return [left[key] for key in path[path.index(following) :]]
            path.append(following)


def _user_field(fields: Iterable[Field], values: Values) -> str | None:
    """Return the one field of kind user, if there is one and nothing is said of it."""
    found = [one.name for one in fields if one.kind == "user" and is_entered(one)]
    return found[0] if len(found) == 1 and found[0] not in values else None
