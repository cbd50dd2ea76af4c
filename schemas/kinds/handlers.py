"""One handler per field, chosen once at load."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType

from fachwerk.schemas.kinds import choices, files, links, numbers, structures, texts, times
from fachwerk.schemas.kinds.value import Handler, Place
from fachwerk.schemas.model import Field

_ANYWHERE = Place()

MAKERS: Mapping[str, Callable[[Field, Place], Handler]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("text", "long_text", "rich_text", "email", "phone", "url", "iban", "color", "secret"), texts.text_handler
        ),
        **dict.fromkeys(("integer", "decimal", "percent", "money", "rating"), numbers.number_handler),
        **dict.fromkeys(("date", "time", "datetime", "duration"), times.time_handler),
        "boolean": choices.boolean_handler,
        "choice": choices.choice_handler,
        "choices": choices.choices_handler,
        "address": structures.address_handler,
        "geo_point": structures.geo_point_handler,
        "json": structures.json_handler,
        **dict.fromkeys(("file", "files", "image", "images"), files.file_handler),
        **dict.fromkeys(("link", "user", "tree"), links.link_handler),
        **dict.fromkeys(("links", "back_links"), links.links_handler),
        "rows": links.rows_handler,
        "sequence": links.sequence_handler,
    }
)
"""The maker of handlers by field kind; ``computed`` fields use the one of their result."""


def handler(field: Field, place: Place = _ANYWHERE) -> Handler:
    """Return the handler of *field*; a computed field is handled as the kind of its result."""
    if field.kind == "computed":
        return MAKERS[field.result or "text"](dataclasses.replace(field, kind=field.result or "text"), place)
    return MAKERS[field.kind](field, place)
