"""The JSON Schemas of values, by field kind: what the API's description says about a field.

Shared by reading and writing; numbers are JSON numbers written with all their decimal places, never binary fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from fachwerk.problems import say
from fachwerk.schemas.model import Entity, Field

Shape = dict[str, object]

_STRINGS: Mapping[str, Shape] = MappingProxyType(
    {
        "text": {},
        "long_text": {},
        "rich_text": {"contentMediaType": "text/html"},
        "date": {"format": "date"},
        "time": {"format": "time"},
        "datetime": {"format": "date-time"},
        "duration": {"format": "duration"},
        "email": {"format": "email"},
        "phone": {},
        "url": {"format": "uri"},
        "iban": {},
        "color": {"pattern": "^#[0-9a-fA-F]{6}$"},
        "sequence": {},
        "secret": {},
    }
)
ADDRESS = ("street", "postal_code", "city", "country")


def reference() -> Shape:
    """Return the shape of a link in an answer."""
    properties: Shape = {"entity": {"type": "string"}, "id": _uuid(), "title": {"type": "string"}}
    return {"type": "object", "properties": properties, "required": ["entity", "id", "title"]}


def event() -> Shape:
    """Return the shape of an entry of the history."""
    text, maybe = {"type": "string"}, {"type": ["string", "null"]}
    who = {"anyOf": [reference(), {"type": "null"}]}
    change = {"type": "object", "properties": {"before": {}, "after": {}}, "required": ["before", "after"]}
    kinds = {"enum": ["create", "change", "transition", "opinion", "document", "deadline", "refused", "remove"]}
    return _all_of_these(
        version={"type": "integer"}, kind={**text, **kinds}, at={**text, "format": "date-time"}, who=who, for_whom=who,
        origin=text, action=maybe, comment=maybe, by=maybe, each=who,
        changes={"type": "object", "additionalProperties": change},
    )  # fmt: skip


def action() -> Shape:
    """Return the shape of something that can be done with a record, or cannot and why."""
    text, names = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    return _all_of_these(
        name=text, label=text, each={"anyOf": [reference(), {"type": "null"}]}, target=text,
        possible={"type": "boolean"}, reasons=names, require=names, fill=names,
        comment={**text, "enum": ["required", "optional", "none"]}, confirm={"type": ["string", "null"]},
        most={"type": ["string", "null"]},
    )  # fmt: skip


def _all_of_these(**properties: object) -> Shape:
    return {"type": "object", "properties": {**properties}, "required": list(properties)}


def written(field: Field) -> Shape:
    """Return the shape of *field* in a request; ``null`` empties it."""
    kind = field.result or field.kind if field.kind == "computed" else field.kind
    return _described(_nullable(_WRITTEN.get(kind, _by_kind)(field)), field)


def read(field: Field) -> Shape:
    """Return the shape of *field* in an answer."""
    kind = field.result or "text" if field.kind == "computed" else field.kind
    return _described(_nullable(_READ.get(kind, _by_kind)(field)), field)


def _by_kind(field: Field) -> Shape:
    kind = field.result or "text" if field.kind == "computed" else field.kind
    if kind in _STRINGS:
        return {"type": "string", **_STRINGS[kind], **_lengths(field)}
    if kind in ("integer", "rating"):
        return {"type": "integer", **_range(field)}
    if kind in ("decimal", "percent", "money"):
        return {"type": "number", **_range(field)}
    if kind == "boolean":
        return {"type": "boolean"}
    if kind == "choice":
        return {"type": "string", "enum": [*(option.name for option in field.options), None]}
    if kind == "choices":
        names = [option.name for option in field.options]
        return {"type": "array", "items": {"type": "string", "enum": names}, "uniqueItems": True}
    if kind == "address":
        return {"type": "object", "properties": {part: {"type": "string"} for part in ADDRESS}}
    if kind == "geo_point":
        return {"type": "object", "properties": {"latitude": {"type": "number"}, "longitude": {"type": "number"}}}
    return {}  # json: anything


def _lengths(field: Field) -> Shape:
    found = {"minLength": field.min_length, "maxLength": field.max_length}
    return {key: value for key, value in found.items() if value is not None}


def _range(field: Field) -> Shape:
    limits = {"minimum": field.min, "maximum": field.max}
    constants = {key: rule.constant for key, rule in limits.items() if rule is not None}
    return {key: _number(value) for key, value in constants.items() if value not in (NotImplemented, None)}


def _number(value: object) -> object:
    text = str(value)
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _nullable(shape: Shape) -> Shape:
    kind = shape.get("type")
    return {**shape, "type": [kind, "null"]} if isinstance(kind, str) else shape


def _described(shape: Shape, field: Field) -> Shape:
    words = [say(field.hint)] if field.hint else []
    words += [f"In {field.unit}."] if field.unit else []
    described = {"title": say(field.label), **({"description": " ".join(words)} if words else {})}
    made = {"readOnly": True} if field.system or field.computed else {}
    return {**described, **shape, **made, **({"x-personal": True} if field.personal else {})}


def _uuid() -> Shape:
    return {"type": "string", "format": "uuid"}


def _link_written(field: Field) -> Shape:
    if len(field.to) < 2:
        return _uuid()
    return {
        "type": "object",
        "properties": {"entity": {"type": "string", "enum": list(field.to)}, "id": _uuid()},
        "required": ["entity", "id"],
    }


def _links_written(field: Field) -> Shape:
    return {"type": "array", "items": _link_written(field)}


def _links_read(_field: Field) -> Shape:
    return {"type": "array", "items": reference()}


def _files_written(_field: Field) -> Shape:
    properties: Shape = {"name": {"type": "string"}, "content": {"type": "string", "contentEncoding": "base64"}}
    upload: Shape = {"type": "object", "properties": properties, "required": ["name", "content"]}
    return {"type": "array", "items": {"anyOf": [_uuid(), upload]}}


def _file(_field: Field) -> Shape:
    names: Shape = {"id": _uuid(), "name": {"type": "string"}, "size": {"type": "integer"}, "type": {"type": "string"}}
    return _all_of_these(**names, hash={"type": "string", "description": "SHA-256 of its content."})


def _files_read(field: Field) -> Shape:
    return {"type": "array", "items": _file(field)}


def _rows_written(field: Field) -> Shape:
    return {"type": "array", "items": _row(field.rows, written)}


def _rows_read(field: Field) -> Shape:
    return {"type": "array", "items": _row(field.rows, read)}


def _row(entity: Entity | None, shape: Callable[[Field], Shape]) -> Shape:
    fields = entity.fields.values() if entity else ()
    properties: Shape = {"id": _uuid(), **{field.name: shape(field) for field in fields if not field.system}}
    return {"type": "object", "properties": properties}


_WRITTEN: Mapping[str, Callable[[Field], Shape]] = MappingProxyType(
    {
        **dict.fromkeys(("link", "tree"), _link_written),
        "user": lambda _field: _uuid(),
        "links": _links_written,
        **dict.fromkeys(("file", "files", "image", "images"), _files_written),
        "rows": _rows_written,
    }
)
_READ: Mapping[str, Callable[[Field], Shape]] = MappingProxyType(
    {
        **dict.fromkeys(("link", "tree", "user"), lambda _field: reference()),
        "links": _links_read,
        **dict.fromkeys(("file", "image"), _file),
        **dict.fromkeys(("files", "images"), _files_read),
        "rows": _rows_read,
    }
)
