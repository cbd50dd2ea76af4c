"""The language as one JSON Schema (2020-12): for editors, and as the measure of the structure check in tests.

The file ``fachwerk.schema.json`` beside this module is what :func:`json_schema` returns; a test holds them equal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

from fachwerk.problems import Text
from fachwerk.schemas.grammar import DOCUMENTS, groups
from fachwerk.schemas.kinds.declare import COMMON, COMPUTED_WITHOUT, KINDS
from fachwerk.schemas.measures import PERIOD_PATTERN, SIZE_PATTERN
from fachwerk.schemas.shapes import Either, FieldOf, Group, Key, Leaf, Named, Shape, Some

Schema = dict[str, object]

_ANSWER = "^([Yy]es|YES|[Nn]o|NO|[Jj]a|JA|[Nn]ein|NEIN)$"
_SCALAR = ["string", "number", "boolean"]
_FORMS: Mapping[str, Schema] = {
    "name": {"type": ["string", "number", "boolean"]},
    "word": {"type": ["string", "number", "boolean"]},
    "text": {"type": ["string", "number", "boolean"]},
    "people": {"$ref": "#/$defs/people"},
    "rule": {"$ref": "#/$defs/rule"},
    "switch": {"$ref": "#/$defs/rule", "not": {"type": "string", "pattern": _ANSWER}},
    "boolean": {"enum": [True, False]},
    "period": {"type": "string", "pattern": f"^({PERIOD_PATTERN})$"},
    "value": {},
    "size": {"type": ["string", "integer"], "pattern": f"^({SIZE_PATTERN})$"},
}


def json_schema() -> Schema:
    """Return the schema of one document of a project."""
    words = {name: {"$ref": f"#/$defs/{name}"} for name in DOCUMENTS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:fachwerk:language",
        "title": "Fachwerk",
        "description": "One document of a project: its first key says what it declares.\n\n"
        "Ein Dokument eines Projekts: sein erster Schlüssel sagt, was es deklariert.",
        "type": "object",
        "minProperties": 1,
        "allOf": [{"if": {"required": [name]}, "then": reference} for name, reference in words.items()],
        "anyOf": [{"required": [name]} for name in DOCUMENTS],
        "$defs": _definitions(),
    }


def _definitions() -> Schema:
    people: Schema = {
        "title": "Text",
        "anyOf": [
            {"type": _SCALAR},
            {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "^[a-z]{2,3}([-_][A-Za-z]{2,4})?$"},
                "additionalProperties": {"type": _SCALAR},
            },
        ],
    }
    rule: Schema = {
        "title": "Rule (FEEL)",
        "description": "What must hold, or what a value is.\n\nWas gilt, oder was ein Wert ist.",
        "type": [*_SCALAR, "array", "object"],
    }
    found: Schema = {"people": people, "rule": rule, "field": _field()}
    for group in groups():
        found[group.name] = _group(group)
    for kind in KINDS:
        found[f"field_{kind}"] = _kind(kind)
    return found


def _shown(text: Text) -> str:
    return f"{text['en']}\n\n{text['de']}"


def _of(shape: Shape) -> Schema:
    if isinstance(shape, Leaf):
        return _leaf(shape)
    if isinstance(shape, Some):
        many: Schema = {"type": "array", "items": _of(shape.of)}
        return {"anyOf": [_of(shape.of), many]} if shape.alone else many
    if isinstance(shape, Named):
        return {"type": "object", "additionalProperties": _or_nothing(shape.of)}
    if isinstance(shape, Either):
        return {"anyOf": [_of(one) for one in shape.shapes]}
    if isinstance(shape, FieldOf):
        return {"$ref": "#/$defs/field"}
    return {"$ref": f"#/$defs/{shape.name}"}


def _or_nothing(shape: Shape) -> Schema:
    """A state or role may be left empty: ``submitted:``."""
    if isinstance(shape, Group) and not any(key.required for key in shape.keys):
        return {"anyOf": [_of(shape), {"type": "null"}]}
    return _of(shape)


def _leaf(shape: Leaf) -> Schema:
    if shape.form == "integer":
        bounds = {"minimum": shape.least, "maximum": shape.most}
        number: Schema = {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}}
        return {"anyOf": [number, {"enum": list(shape.choices)}]} if shape.choices else number
    if shape.choices:
        return {"enum": list(shape.choices)}
    return dict(_FORMS[shape.form])


def _property(key: Key) -> Schema:
    example: Schema = {"examples": [key.example]} if key.example else {}
    return {"title": key.name, "description": _shown(key.about), **example, **_of(key.shape)}


def _group(group: Group) -> Schema:
    full = _full_group(group)
    if group.get("drop") is None:
        return full
    allowed: Schema = {group.name: {}, "drop": {}}
    return _given_up(allowed, full)


def _given_up(allowed: Schema, full: Schema) -> Schema:
    """What is given up (``drop: true``) says nothing else."""
    given_up: Schema = {"type": "object", "properties": {"drop": {"const": True}}, "required": ["drop"]}
    only: Schema = {"properties": allowed, "additionalProperties": False}
    return {"title": full.get("title", ""), "if": given_up, "then": only, "else": full}


def _full_group(group: Group) -> Schema:
    return {
        "title": group.name,
        "type": "object",
        "properties": {key.name: _property(key) for key in group.keys},
        "required": [key.name for key in group.keys if key.required],
        "additionalProperties": False,
    }


def _field() -> Schema:
    """The short form, or a map whose kind says which keys there are; without a kind it must be computed."""
    kinds: Schema = {"enum": list(KINDS)}
    short = {"type": "string", "pattern": "^\\s*(" + "|".join(KINDS) + ")\\s*!?\\s*$"}
    per_kind = [
        {
            "if": {"properties": {"type": {"const": kind}}, "required": ["type"]},
            "then": {"$ref": f"#/$defs/field_{kind}"},
        }
        for kind in KINDS
    ]
    any_key = {key.name: True for declared in KINDS.values() for key in declared.keys} | {
        key.name: True for key in COMMON
    }
    full: Schema = {
        "type": "object",
        "properties": {**any_key, "type": kinds},
        "additionalProperties": False,
        "anyOf": [{"required": ["type"]}, {"required": ["computed"]}],
        "allOf": per_kind,
    }
    return {"title": "field", "anyOf": [short, _given_up({"drop": True}, full)]}


def _kind(kind: str) -> Schema:
    declared = KINDS[kind]
    keys = {key.name: key for key in (*COMMON, *declared.keys)}
    required = [key.name for key in keys.values() if key.required]
    entered: Schema = {"not": {"required": ["computed"]}}
    shape: Schema = {
        "title": kind,
        "description": _shown(declared.about),
        "type": "object",
        "properties": {key.name: _property(key) for key in keys.values()},
        "additionalProperties": False,
        "if": {"required": ["computed"]},
        "then": {"not": {"anyOf": [{"required": [name]} for name in COMPUTED_WITHOUT]}},
    }
    if required:
        shape["anyOf"] = [{"required": required}, {"not": entered}]
    return shape


def schema_text() -> str:
    """Return the schema as the text of the file."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"


def shipped() -> str:
    """Return the text of ``fachwerk.schema.json``, as ``fachwerk schema`` prints it."""
    return files("fachwerk.schemas").joinpath("fachwerk.schema.json").read_text(encoding="utf-8")
