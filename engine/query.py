"""What a list is asked for: filters, words to search, order, cursor. The same for pages, API and the choice of links.

``read_query`` makes a :class:`Query` from the pairs of an address
(``?field=value&field.gt=3&plot.district=…&q=text&sort=-field&after=cursor&limit=50``). It judges form only; which
fields a person may ask for is decided where the query runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from fachwerk.engine.compile import App
from fachwerk.problems import Refused, Text, nearest
from fachwerk.schemas.kinds import Handler, Invalid
from fachwerk.schemas.kinds.links import identifier
from fachwerk.schemas.model import Entity, Field
from fachwerk.schemas.tables import CONFIG
from fachwerk.schemas.tables_columns import fits, form_of

Operator = Literal["eq", "ne", "gt", "ge", "lt", "le", "in", "contains", "under"]
OPERATORS: frozenset[str] = frozenset(get_args(Operator))
RESERVED = frozenset(("q", "sort", "after", "before", "limit", "count", "fields"))
MOST = 200
"""Records on a page at most."""
MOST_FILTERS = 20
MOST_CHOICES = 200
DEEPEST = 3
ORDERED = frozenset(
    ("integer", "decimal", "percent", "money", "rating", "date", "time", "datetime", "duration", "text", "sequence")
)
TEXTS = frozenset(("text", "long_text", "rich_text", "email", "phone", "url", "iban", "sequence"))
_PLAIN = ORDERED | TEXTS | {"boolean", "choice", "choices", "color", "link", "links", "user", "tree"}


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a field or, over links, on a field of a linked record; *value* is of the field's kind."""

    path: tuple[str, ...]
    operator: Operator
    value: object


@dataclass(frozen=True, slots=True)
class Query:
    """A question to a list. *sort* holds (path, descending); *count* asks for the number of all records."""

    filters: tuple[Filter, ...] = ()
    search: str = ""
    sort: tuple[tuple[tuple[str, ...], bool], ...] = ()
    after: str | None = None
    before: str | None = None
    limit: int = 50
    count: bool = True


def read_query(app: App, entity: str, pairs: Iterable[tuple[str, str]], language: str = "en") -> Query:
    """Return the query that the *pairs* of an address stand for; raises :class:`Refused` naming each mistake."""
    errors: dict[str, Text] = {}
    filters: list[Filter] = []
    rest: dict[str, str] = {}
    for name, text in pairs:
        if name in RESERVED:
            rest[name] = text
        elif text != "":
            found = _filter(app, entity, name, text, language, errors)
            if found is not None:
                filters.append(found)
    if len(filters) > MOST_FILTERS:
        errors["filter"] = {"en": f"At most {MOST_FILTERS} filters.", "de": f"Höchstens {MOST_FILTERS} Filter."}
    sort = _sort(app, entity, rest.get("sort", ""), errors)
    limit = _limit(rest.get("limit", "50"), errors)
    if errors:
        raise bad_query(errors)
    return Query(
        tuple(filters), rest.get("q", "").replace("\x00", "").strip()[:200], sort, rest.get("after") or None,
        rest.get("before") or None, limit, rest.get("count") not in ("false", "0"),
    )  # fmt: skip


def read_fields(entity: Entity, pairs: Iterable[tuple[str, str]], hidden: frozenset[str]) -> frozenset[str] | None:
    """Return the fields that ``fields=`` asks for, ``None`` for all; raises :class:`Refused` for unseen ones."""
    text = next((text for name, text in pairs if name == "fields"), "")
    names = frozenset(part.strip() for part in text.split(",")[:MOST] if part.strip())
    unknown = sorted(names - entity.fields.keys() | names & hidden)
    if unknown:
        near = nearest(unknown[0][:100], entity.fields.keys() - hidden)
        hint = (f" Did you mean {near}?", f" Meinen Sie {near}?") if near else ("", "")
        english, german = f"There is no such field.{hint[0]}", f"Ein solches Feld gibt es nicht.{hint[1]}"
        raise bad_query({"fields": {"en": english, "de": german}})
    return names or None


def bad_query(errors: Mapping[str, Text]) -> Refused:
    """Return the refusal of a query."""
    return Refused(
        "bad_query",
        {"en": "The list cannot be asked for like this.", "de": "So kann die Liste nicht abgefragt werden."},
        status=400,
        fields=errors,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads: its last field (``None`` for ``id``) and what reads that field's values."""

    path: tuple[str, ...]
    field: Field | None = None
    handler: Handler | None = None


def path_of(app: App, entity: str, words: Iterable[str]) -> Place | None:
    """Return where the path that *words* name leads; ``None`` if there is no such path."""
    path = tuple(words)
    if not path or len(path) > DEEPEST:
        return None
    here: tuple[str, ...] = (entity,)
    for depth, name in enumerate(path):
        if (name == "id" or is_number(app, name, here)) and depth == len(path) - 1:
            return Place(path)
        owner = next((app.entities[e] for e in here if _has(app, e, name)), None)
        if owner is None:
            return None
        field = owner.model.fields[name]
        if depth == len(path) - 1:
            return Place(path, field, owner.handlers[name])
        if field.kind not in ("link", "tree"):
            return None
        here = field.to
    return None


def is_number(app: App, name: str, entities: Iterable[str]) -> bool:
    """Whether *name* is a number that the engine keeps with records: of a configuration, or of a workflow's version."""
    flows = (app.entities[entity].forms for entity in entities if entity in app.entities)
    return name == CONFIG or (name.endswith("__flow") and any(name in forms for forms in flows))


def _has(app: App, entity: str, name: str) -> bool:
    return entity in app.entities and name in app.entities[entity].model.fields


def _filter(app: App, entity: str, name: str, text: str, language: str, errors: dict[str, Text]) -> Filter | None:
    words = name.split(".")
    operator: Operator = "eq"
    found = path_of(app, entity, words)
    if found is None and words[-1] in OPERATORS:
        operator = words[-1]  # type: ignore[assignment]
        found = path_of(app, entity, words[:-1])
    if found is None:
        errors[name[:100]] = _unknown(app, entity, words[0])
        return None
    field = found.field
    if not (can_filter(field, operator) if field is not None else operator in _bare_operators(found.path)):
        errors[name] = {"en": "This field cannot be filtered like this.", "de": "So lässt sich das Feld nicht filtern."}
        return None
    try:
        return Filter(found.path, operator, _value(found, operator, text, language))
    except Invalid as bad:
        errors[name] = bad.text
        return None


def _bare_operators(path: tuple[str, ...]) -> tuple[str, ...]:
    return ("eq", "ne", "in") if path[-1] == "id" else ("eq", "ne", "in", "gt", "ge", "lt", "le")


def can_filter(field: Field, operator: str) -> bool:
    """Return whether a field can be asked for with *operator* at all."""
    kind = field.result or "text" if field.kind == "computed" else field.kind
    if kind not in _PLAIN or (field.computed is not None and not field.stored):
        return False
    if operator in ("gt", "ge", "lt", "le"):
        return kind in ORDERED
    if operator == "contains":
        return kind in TEXTS
    return operator != "under" or kind in ("link", "tree")


def _value(place: Place, operator: Operator, text: str, language: str) -> object:
    if "\x00" in text or len(text) > 10_000:
        raise Invalid({"en": "This text cannot be searched for.", "de": "Danach kann nicht gesucht werden."})
    if operator == "in":
        parts = [part for part in text.split(",") if part]
        return tuple(_one(place, part, language) for part in parts[:MOST_CHOICES])
    if operator == "contains":
        return text
    return _one(place, text, language)


def _one(place: Place, text: str, language: str) -> object:
    field, reader = place.field, place.handler
    if field is None or reader is None:
        return identifier(text) if place.path[-1] == "id" else _number(text)
    kind = field.result if field.kind == "computed" else field.kind
    if kind in ("choices", "sequence"):
        return text
    if kind == "links":
        return identifier(text)
    if kind != "boolean":
        try:
            return _bounded(field, reader.parse_json(text))
        except Invalid:
            pass
    try:
        return _bounded(field, reader.parse_text(text, language))
    except Invalid as bad:
        # records may have what was an option once; what is like one that there is was misspelt
        if isinstance(bad.stands, str) and nearest(bad.stands, [option.name for option in field.options]) is None:
            return bad.stands
        raise


def _number(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise Invalid({"en": "This is no number of a version.", "de": "Das ist keine Nummer einer Version."})


def _bounded(field: Field, value: object) -> object:
    """Return a number only if the field's column has room for it: a larger one cannot be compared with."""
    number = isinstance(value, Decimal | int) and not isinstance(value, bool)
    if number and not fits(Decimal(value), form_of(field).places):  # type: ignore[arg-type]
        raise Invalid({"en": "This number is too large.", "de": "Diese Zahl ist zu groß."})
    return value


def _sort(app: App, entity: str, text: str, errors: dict[str, Text]) -> tuple[tuple[tuple[str, ...], bool], ...]:
    keys = []
    for word in [part.strip() for part in text.split(",") if part.strip()][:5]:
        descending, name = word.startswith("-"), word.lstrip("-")
        found = path_of(app, entity, name.split("."))
        if found is None or (found.field is not None and not can_sort(found.field)):
            errors["sort"] = _unknown(app, entity, name)
        else:
            keys.append((found.path, descending))
    return tuple(keys)


def can_sort(field: Field) -> bool:
    """Return whether lists can be ordered by a field."""
    kind = field.result or "text" if field.kind == "computed" else field.kind
    stored = field.computed is None or field.stored
    return stored and (kind in ORDERED or kind in TEXTS or kind in ("boolean", "choice", "link", "tree", "user"))


def _limit(text: str, errors: dict[str, Text]) -> int:
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST:
        return int(text)
    errors["limit"] = {"en": f"A number from 1 to {MOST}.", "de": f"Eine Zahl von 1 bis {MOST}."}
    return 1


def _unknown(app: App, entity: str, name: str) -> Text:
    near = nearest(name[:100], app.entities[entity].model.fields)
    hint = (f" Did you mean {near}?", f" Meinen Sie {near}?") if near else ("", "")
    return {
        "en": f"There is nothing to filter or sort by this name.{hint[0]}",
        "de": f"Unter diesem Namen gibt es nichts zu filtern oder sortieren.{hint[1]}",
    }
