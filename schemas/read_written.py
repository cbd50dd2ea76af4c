"""Values in scenarios: from what stands in the file to values of the field kinds, to names and to rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from zoneinfo import ZoneInfo

from fachwerk.problems import Problems, Span, Text
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import codes_scenario as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.document import ListNode, MapNode, Node, Scalar
from fachwerk.schemas.kinds import Invalid, Place, handler
from fachwerk.schemas.kinds.value import Handler
from fachwerk.schemas.model import Entity, Field, Project
from fachwerk.schemas.scenario import FileNames, Ref, Values, Written
from fachwerk.schemas.wording import both

NUMBERS = ("integer", "decimal", "percent", "money", "rating")
FILES = ("file", "files", "image", "images")
ONE = ("link", "tree", "user")
MANY = ("links", "back_links")
NO_REMEDIES: Mapping[str, Text] = MappingProxyType({})
PLAIN = ("address", "geo_point", "json")
NEVER_ENTERED = ("sequence", "back_links")


class Names:
    """The names that a scenario knows so far: who can act, and which entities a name stands for."""

    def __init__(self) -> None:
        self.people: dict[str, None] = {}
        self.records: dict[str, dict[str, Span]] = {}
        """name -> entity -> where it was given."""
        self.unclear: set[str] = set()
        """Names of what is written in a way that was said to be wrong: nothing more is said of them."""
        self.nameless: list[str] = []
        """Entities of records that steps before made, and gave no name."""

    @property
    def all(self) -> list[str]:
        """All names, of people and of records."""
        return list(dict.fromkeys([*self.people, *self.records]))


class Reader:
    """Reads values of one scenario."""

    def __init__(self, project: Project, problems: Problems, known: Names) -> None:
        self.project, self.problems, self.known = project, problems, known
        country, _ = project.calendar or ("DE", None)
        self.place = Place(ZoneInfo(project.timezone), project.currency, country)

    # names

    def person(self, at: Scalar) -> str | None:
        """Return the name of somebody who can act."""
        if at.text in self.known.people:
            return at.text
        if at.text in self.known.unclear:
            return None
        if at.text in self.known.records:
            self.problems.add(codes.NO_PERSON.at(at.span, name=at.text))
        elif at.text in self.project.roles:
            found = names.unknown(at.span, "given", at.text, list(self.known.people))
            self.problems.add(replace(found, better_remedy=codes.A_ROLE))
        else:
            names.say_unknown(self.problems, at.span, "given", at.text, self.known.people)
        return None

    def record(self, at: Scalar, wanted: Collection[str] = (), remedy: Text | None = None) -> str | None:
        """Return the entity of the record of a name; one of *wanted*, if given. ``None``: said what is wrong.

        *remedy* is what to do about a name that is not known.
        """
        entities = self.known.records.get(at.text)
        if entities is None and at.text in self.known.people and wanted:
            wrong = codes.OTHER_ENTITY.at(at.span, name=at.text, is_="user", wanted=", ".join(wanted))
            self.problems.add(replace(wrong, better_remedy=codes.a_record(at.text, next(iter(wanted)))))
            return None
        if entities is None and at.text in self.known.unclear:
            return None
        if entities is None:
            unknown = names.unknown(at.span, "given", at.text, self.known.all)
            remedy = remedy or self._field_of(at.text) or unknown.better_remedy or self._unnamed(at.text)
            self.problems.add(replace(unknown, better_remedy=remedy))
            return None
        allowed = tuple(wanted) or tuple(entities)
        found = next((entity for entity in entities if entity in allowed), None)
        if found is None:
            self._other(at, ", ".join(entities), ", ".join(allowed))
        return found

    def _field_of(self, name: str) -> Text | None:
        """Return what to write where the name of a field stands in place of the record that has it."""
        for record, entities in self.known.records.items():
            if any(name in self.project.entities[one].fields for one in entities if one in self.project.entities):
                return codes.of_record(record, name)
        return None

    def _unnamed(self, name: str) -> Text | None:
        """Return what to write where the record that was made before has no name yet."""
        return codes.unnamed(self.known.nameless[-1], name) if self.known.nameless else None

    def _other(self, at: Scalar, is_: str, wanted: str) -> None:
        self.problems.add(codes.OTHER_ENTITY.at(at.span, name=at.text, is_=is_, wanted=wanted))

    def day(self, at: Scalar) -> dt.date | None:
        """Return the day that is written somewhere."""
        try:
            return dt.date.fromisoformat(at.text.strip())
        except ValueError:
            self.problems.add(codes.NO_DAY.at(at.span, said=at.text))
            return None

    # values

    def values(
        self, node: Node | None, entity: Entity, *, entered: bool, remedies: Mapping[str, Text] = NO_REMEDIES
    ) -> Values:
        """Return the values of fields of *entity* in a map; *entered*: only those that somebody can enter.

        *remedies* say by name what to write instead of what is no field.
        """
        found = {}
        for key, value in nodes.pairs(node):
            field = entity.fields.get(key.text)
            if field is None:
                unknown = names.unknown(key.span, "field", key.text, list(entity.fields), of=entity.name)
                remedy = remedies.get(key.text, unknown.better_remedy)
                self.problems.add(replace(unknown, better_remedy=remedy))
            elif entered and not is_entered(field):
                self.problems.add(codes.NOT_WRITTEN.at(key.span, field=f"{entity.name}.{key.text}"))
            else:
                written = self.value(value, field, f"{entity.name}.{key.text}", entered=entered)
                if written is not None:
                    found[key.text] = written
        return found

    def value(self, node: Node, field: Field, owner: str, *, entered: bool = False) -> Written | None:
        """Return one value; ``None`` where it is none that the field can have."""
        kind = field.result if field.kind == "computed" else field.kind
        if isinstance(node, Scalar) and (node.empty or not node.text.strip()):
            return Written(None, node.span)
        if kind in ONE:
            return self._name(node, field, owner)
        if kind in MANY:
            found = [self._name(item, field, owner) for item in nodes.each(node)]
            return Written(tuple(one.value for one in found if one), node.span) if all(found) else None
        if kind == "rows" and field.rows is not None:
            return self._rows(node, field.rows, owner, entered=entered)
        if kind in FILES:
            files = tuple(word.text for word in nodes.words(node))
            return Written(FileNames(files) if files else None, node.span)
        return self._plain(node, field, owner, entered=entered)

    def _name(self, node: Node, field: Field, owner: str) -> Written | None:
        at = nodes.scalar(node)
        if at is None:
            self._wrong(node, owner, _A_NAME)
            return None
        found = self.person(at) if field.kind == "user" else self.record(at, field.to or _inverse(field))
        return Written(Ref(at.text), at.span) if found is not None else None

    def _rows(self, node: Node, rows: Entity, owner: str, *, entered: bool) -> Written | None:
        items = nodes.each(node)
        if not all(isinstance(item, MapNode) for item in items):
            self._wrong(node, owner, _ROWS)
            return None
        made = tuple(self.values(item, rows, entered=entered) for item in items)
        return Written(made or None, node.span)

    def _plain(self, node: Node, field: Field, owner: str, *, entered: bool) -> Written | None:
        """Return a value of a plain kind; what can be entered and is then refused is a matter of the scenario."""
        if field.kind == "sequence" and isinstance(node, Scalar):
            return Written(node.text, node.span)
        made = handler(field, self.place)
        value = None
        try:
            value = _parsed(node, field, made)
            return Written(value if value is None else made.accept(value), node.span)
        except Invalid as bad:
            if entered and value is not None:
                return Written(value, node.span)
            self._wrong(node, owner, bad.text)
            return None

    def _wrong(self, node: Node, owner: str, reason: Text) -> None:
        shown = node.text if isinstance(node, Scalar) else node.source.text[node.start : node.end]
        self.problems.add(codes.VALUE.at(_first_line(node.span), field=owner, value=shown[:40], reason=reason))


_A_NAME = both("the name of a person or record is expected",
               "hier wird der Name einer Person oder eines Datensatzes erwartet")  # fmt: skip
_ROWS = both("a list of rows is expected: [{field: value}]", "hier wird eine Liste von Zeilen erwartet: [{feld: wert}]")


def is_entered(field: Field) -> bool:
    """Whether people enter the field at all."""
    return not field.system and field.computed is None and field.kind not in NEVER_ENTERED


def _inverse(field: Field) -> tuple[str, ...]:
    return (field.inverse[0],) if field.inverse else ()


def _first_line(span: Span) -> Span:
    text = span.source.text[span.start : span.end].split("\n", 1)[0].rstrip()
    return Span(span.source, span.start, span.start + max(len(text), 1))


def _parsed(node: Node, field: Field, made: Handler) -> object:
    kind = field.result if field.kind == "computed" else field.kind
    if isinstance(node, Scalar):
        return _number(node.text, made) if kind in NUMBERS else _text(node.text, made)
    if kind in PLAIN or kind == "choices":
        return made.parse_json(plain(node))
    raise Invalid(both("a single value is expected", "hier wird ein einzelner Wert erwartet"))


def _number(text: str, made: Handler) -> object:
    """Read a number as programs write it, else as people do."""
    try:
        return made.parse_json(Decimal(text.strip()))
    except (InvalidOperation, Invalid):
        return _text(text, made)


def _text(text: str, made: Handler) -> object:
    try:
        return made.parse_text(text, "en")
    except Invalid:
        return made.parse_text(text, "de")


def plain(node: Node) -> object:
    """Return a node as JSON would hold it; numbers are exact."""
    if isinstance(node, MapNode):
        return {key.text: plain(value) for key, value in nodes.pairs(node)}
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    if node.style != "plain":
        return node.text
    return _PLAIN[node.text] if node.text in _PLAIN else None if node.empty else _exact(node.text)


_PLAIN: Mapping[str, bool] = {"true": True, "false": False}


def _exact(text: str) -> object:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return number if number.is_finite() else text
