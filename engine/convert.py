"""Values in three forms: the driver's, the service's (those of the field kinds) and the rules' (those of FEEL).

Each function is chosen once per field, at load. ``None`` is null everywhere and never reaches them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from fachwerk.schemas.kinds import FileInfo
from fachwerk.schemas.model import Field
from fachwerk.schemas.tables_columns import Dialect, Form, from_driver, to_driver

Convert = Callable[[Any], Any]

FILES = frozenset(("file", "files", "image", "images"))
EMPTY_LISTS = frozenset(("files", "images", "choices"))
"""Kinds kept in one column whose null is an empty list in rules."""


def same(value: Any) -> Any:
    """Return *value*."""
    return value


def value_reader(field: Field | None, form: Form, dialect: Dialect) -> Convert:
    """Return the function from driver values to values of the kind."""
    plain = from_driver(form, dialect) or same
    kind = field.kind if field is not None else ""
    if kind in FILES:
        return lambda value: tuple(FileInfo(**entry) for entry in plain(value))
    if kind == "choices":
        return lambda value: tuple(plain(value))
    return plain


def value_writer(field: Field | None, form: Form, dialect: Dialect) -> Convert:
    """Return the function from values of the kind to driver values."""
    plain = to_driver(form, dialect) or same
    if field is not None and field.kind in FILES:
        return lambda value: plain([file_entry(info) for info in value])
    return plain


def file_entry(info: FileInfo) -> dict[str, object]:
    """Return a file as the JSON column keeps it."""
    return {"id": info.id, "name": info.name, "size": info.size, "type": info.type, "hash": info.hash}


def rule_reader(field: Field | None, form: Form, dialect: Dialect) -> Convert | None:
    """Return the function from driver values to values of rules; ``None`` where they are the same."""
    plain = from_driver(form, dialect)
    if field is not None and field.kind in ("file", "image") and plain is not None:
        return lambda value: next(iter(to_rule(plain(value))), None)
    if form.shape == "number" and form.places is None:
        return Decimal
    if form.shape == "json" and plain is not None:
        return lambda value: to_rule(plain(value))
    return plain


def to_rule(value: Any) -> Any:
    """Return a value of a kind as rules know it: numbers are Decimal, lists are lists, files are contexts."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, FileInfo):
        return to_rule(file_entry(value))
    if isinstance(value, Mapping):
        return {key: to_rule(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_rule(inner) for inner in value]
    return value


def rule_value(field: Field, value: Any) -> Any:
    """Return a value of *field*, which is no link, as rules know it."""
    if field.kind in ("file", "image"):
        return to_rule(value[0]) if value else None
    if value is None and field.kind in EMPTY_LISTS:
        return []
    return to_rule(value)


def from_rule(value: Any, form: Form) -> Any:
    """Return what a rule gave as a value for a column of *form*; ``None`` where it does not fit the form."""
    if value is None:
        return None
    if isinstance(value, Mapping) and form.shape == "id":
        return value.get("id")
    if form.shape == "number":
        return _number(value, form)
    if form.shape == "json":
        return _listed(value)
    return value


def _number(value: Any, form: Form) -> Any:
    if not isinstance(value, Decimal) or not value.is_finite():
        return None
    if form.places is None:
        return int(value) if value == value.to_integral_value() else None
    return value.quantize(Decimal(1).scaleb(-form.places))


def _listed(value: Any) -> Any:
    if isinstance(value, Iterable) and not isinstance(value, (str, Mapping)):
        return tuple(_listed(item) for item in value)
    if isinstance(value, Mapping) and "id" in value:
        return value["id"]
    return value


def empty(value: object) -> bool:
    """Return whether a field counts as not filled in: null, an empty text or an empty list."""
    return value is None or value == "" or (isinstance(value, (list, tuple, dict)) and not value)
