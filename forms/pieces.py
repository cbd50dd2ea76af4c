"""Pieces of markup that a form needs for every field, as functions: a macro of the template engine costs more.

Templates call them by name (``marks(f)``); everything that comes from people passes ``escape``.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape

from fachwerk.forms.fields import FieldView
from markupsafe import Markup

_NEEDED = '<span class="need" aria-hidden="true">*</span>'


def marks(field: FieldView) -> Markup:
    """Return the attributes of a control that say what stands below it and whether it is wrong or needed."""
    described = field.described
    text = f' aria-describedby="{described}"' if described else ""
    if field.errors:
        text += ' aria-invalid="true"'
    if field.required:
        text += " required"
    return Markup(text + " autofocus" if field.focus else text)


def label(field: FieldView) -> Markup:
    """Return the label of a control."""
    needed = _NEEDED if field.required else ""
    return Markup(f'<label for="{field.id}">{escape(field.widget.label)}{needed}</label>')


def needed(field: FieldView) -> Markup:
    """Return the sign of a field that must be filled in."""
    return Markup(_NEEDED if field.required else "")


def attributes(field: FieldView) -> Markup:
    """Return the attributes that the kind of a field gives to its control."""
    return _attributes(field.widget.attributes)


@lru_cache(maxsize=2000)
def _attributes(pairs: tuple[tuple[str, str], ...]) -> Markup:
    return Markup("".join(f' {name}="{escape(value)}"' if value else f" {name}" for name, value in pairs))
