"""Pieces of markup that a form needs for every field, as functions: a macro of the template engine costs more.

Templates call them by name (``marks(f)``); everything that comes from people passes ``escape``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from types import MappingProxyType

from fachwerk.forms.fields import FieldView
from fachwerk.forms.texts import Words
from fachwerk.forms.widgets import Widget
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


def _input(field: FieldView, _words: Words) -> Markup:
    control = (
        f'<input id="{field.id}" name="{field.name}" value="{escape(field.text)}"{attributes(field)}{marks(field)}>'
    )
    unit = field.widget.unit
    if unit:
        control = f'<div class="with-unit">{control}<span aria-hidden="true">{escape(unit)}</span></div>'
    return Markup(f"{label(field)}{control}")


def _area(field: FieldView, _words: Words) -> Markup:
    start = f'<textarea id="{field.id}" name="{field.name}" rows="{4 if len(field.text) < 400 else 10}"'
    return Markup(f"{label(field)}{start}{attributes(field)}{marks(field)}>\n{escape(field.text)}</textarea>")


def _select(field: FieldView, words: Words) -> Markup:
    options = [
        f'<option value="{escape(name)}"{" selected" if name == field.text else ""}>{escape(option.label)}</option>'
        for option in field.options
        for name in (option.name,)
    ]
    empty = f'<option value="">{escape(words.choose if field.required else words.none)}</option>'
    start = f'{label(field)}<select id="{field.id}" name="{field.name}"{marks(field)}>'
    return Markup(f"{start}{empty}{''.join(options)}</select>")


def options(widget: Widget, chosen: str) -> Markup:
    """Return the options of a field, to filter by."""
    made = [
        f'<option value="{escape(one.name)}"{" selected" if one.name == chosen else ""}>{escape(one.label)}</option>'
        for one in widget.options
    ]
    return Markup("".join(made))


def _check(field: FieldView, _words: Words) -> Markup:
    mark = f'<input type="hidden" name="{field.name}.shown" value="1">'
    ticked = " checked" if field.text == "true" else ""
    box = f'<input type="checkbox" id="{field.id}" name="{field.name}" value="true"{ticked}{marks(field)}>'
    return Markup(f'<div class="tick">{mark}{box}{label(field)}</div>')


CONTROLS: Mapping[str, Callable[[FieldView, Words], Markup]] = MappingProxyType(
    {"input": _input, "area": _area, "select": _select, "check": _check}
)
"""The commonest controls; the others are macros of ``templates/controls.html``."""


def output(field: FieldView, words: Words) -> Markup:
    """Return a field that is only shown."""
    name = f'<span class="label" id="{field.id}-label">{escape(field.widget.label)}</span>'
    shown = escape(field.shown or words.nothing)
    return Markup(f'{name}<output id="{field.id}" aria-labelledby="{field.id}-label">{shown}</output>')


@lru_cache(maxsize=2000)
def _attributes(pairs: tuple[tuple[str, str], ...]) -> Markup:
    return Markup("".join(f' {name}="{escape(value)}"' if value else f" {name}" for name, value in pairs))
