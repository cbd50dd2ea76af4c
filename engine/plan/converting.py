"""Converting: a value of a field as it was, as a value of the field as it will be, or why that is not possible.

What is lossless is done value by value; where a value does not fit, the author's ``convert`` rule is asked. Limits of
the new field (length, pattern, least and most) are not asked here: a value that breaks them is kept, and said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from fachwerk.problems import Text
from fachwerk.schemas.kinds import Handler, Invalid, Place, handler
from fachwerk.schemas.model import Field
from fachwerk.schemas.tables_columns import form_of

Convert = Callable[[object], object]

_FREE = frozenset(("text", "long_text"))
"""Kinds that take any text as it is."""
_MADE = frozenset(("email", "phone", "url", "iban", "color", "rich_text", "choice"))
"""Kinds of text that judge or normalise."""
FILES = frozenset(("file", "files", "image", "images"))
_OPAQUE = frozenset(("secret", "rows", "links", "link", "tree", "back_links", "user", "sequence"))
"""Kinds whose values mean something only there."""
NEVER: Text = {
    "en": "A {was} cannot become a {kind} by itself.",
    "de": "Aus {was} kann nicht von selbst {kind} werden.",
}


def is_same(old: Field, new: Field) -> bool:
    """Return whether every stored value of *old* is one of *new* as it stands; limits and options apart."""
    if old.computed is not None or new.computed is not None:
        return old.computed is not None and new.computed is not None and form_of(old) == form_of(new)
    if old.kind == new.kind:
        return old.kind in _OPAQUE or form_of(old) == form_of(new)
    if {old.kind, new.kind} == {"link", "tree"}:
        return True
    if new.kind in _FREE:
        return form_of(old).shape == "text" and old.kind != "secret"
    if {old.kind, new.kind} <= FILES:
        return new.kind in ("files", "images") and old.kind in ("file", "files", "image", "images")
    pairs = {("integer", "rating"), ("rating", "integer")}
    numbers = {"decimal", "percent", "money"}
    same_numbers = {old.kind, new.kind} <= numbers and form_of(old) == form_of(new)
    return (old.kind, new.kind) in pairs or same_numbers


def converter(old: Field, new: Field, place: Place) -> Convert:
    """Return the function from values of *old* to values of *new*; it raises :class:`Invalid` with the reason."""
    if {old.kind, new.kind} <= FILES:
        return _single
    if old.kind in _OPAQUE or new.kind in _OPAQUE or {old.kind, new.kind} & FILES:
        return _never(old, new)
    before, after = handler(old, place), handler(_without_limits(new), place)
    if new.kind == "choices" and old.kind == "choice":
        return lambda value: after.accept((value,))
    if new.kind in ("text", "long_text") or (new.kind in _MADE and old.typed.type == new.typed.type):
        return lambda value: after.accept(_as_text(before.to_json(value)))
    if (old.kind, new.kind) in _LOSSY:
        return _never(old, new)

    def convert(value: object) -> object:
        return after.accept(_read(after, before.to_json(value)))

    return convert


_LOSSY = frozenset((("datetime", "date"), ("datetime", "time"), ("date", "time"), ("boolean", "integer")))


def _never(old: Field, new: Field) -> Convert:
    def refuse(_value: object) -> object:
        raise Invalid({language: text.format(was=old.kind, kind=new.kind) for language, text in NEVER.items()})

    return refuse


def _single(value: object) -> object:
    """Return files where one is expected."""
    if isinstance(value, tuple) and len(value) > 1:
        raise Invalid({"en": "There is more than one file.", "de": "Das ist mehr als eine Datei."})
    return value


def _without_limits(field: Field) -> Field:
    return replace(field, min_length=None, max_length=None, pattern=None, min_count=None, max_count=None)


def _read(after: Handler, plain: object) -> object:
    if isinstance(plain, str):
        return after.parse_text(plain, "en")
    return after.parse_json(plain)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (Mapping, list, tuple)):
        raise Invalid({"en": "This is more than one value.", "de": "Das ist mehr als ein Wert."})
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value)
