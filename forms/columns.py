"""Columns of lists: each makes the HTML of its cells, compiled per field so that a row decides nothing.

A row of a list is one format string, put together at load from fixed pieces and escaped labels; per record only the
cells are made and put in. Everything that comes from people passes ``escape``. (Lists are by far the most markup that
pages hold: unrolled like this a row costs half of what a template would.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from fachwerk.forms.model import Row
from fachwerk.forms.texts import Words
from fachwerk.forms.widgets import NUMBERS, Widget

SORTABLE: frozenset[str] = frozenset(
    (*NUMBERS, "text", "boolean", "date", "time", "datetime", "duration", "choice", "email", "phone", "url", "iban",
     "rating", "sequence")
)  # fmt: skip
_SHORT = frozenset(("date", "time", "datetime", "sequence", "phone", "iban", "boolean", "rating"))
_LINKS = frozenset(("link", "user", "tree"))
_LONG = frozenset(("long_text", "rich_text", "json", "address", "links", "choices"))
_is_plain = re.compile("[0-9a-f-]{36}").fullmatch
Cell = Callable[[object], str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: *cell* makes the HTML inside a cell, *text* what is read in it."""

    name: str
    label: str
    number: bool
    short: bool
    """Whether its values are short and hold together, such as dates."""
    sortable: bool
    cell: Cell
    text: Cell

    @property
    def css(self) -> str:
        """The class of its cells as an attribute."""
        return " class=n" if self.number else " class=w" if self.short else ""


def make_column(widget: Widget) -> Column:
    """Return the column of a field."""
    sortable = widget.stored and widget.kind in SORTABLE
    return Column(
        widget.name,
        widget.label,
        number=widget.kind in NUMBERS,
        short=widget.kind in _SHORT,
        sortable=sortable,
        cell=_cell(widget),
        text=widget.show,
    )


def _cell(widget: Widget) -> Cell:
    if widget.kind == "choice" and widget.options:
        return _badge(widget) if widget.is_state else _option(widget)
    if widget.kind in _LINKS:
        return _link(widget)
    if widget.kind in _LONG:
        return _around(widget, '<span class="clip">', "</span>")
    if widget.kind == "color":
        return _swatch(widget)
    return _around(widget, "", "")


def _around(widget: Widget, before: str, after: str) -> Cell:
    show, language = widget.handler.show, widget.language

    def cell(value: object) -> str:
        return "" if value is None or value == () else before + escape(show(value, language)) + after

    return cell


def _badge(widget: Widget) -> Cell:
    known: Mapping[object, str] = {
        option.name: f'<span class="badge {option.tone}">{escape(option.label)}</span>' for option in widget.options
    }
    return lambda value: known.get(value) or ("" if value is None else escape(widget.chosen(value).label))


def _option(widget: Widget) -> Cell:
    known: Mapping[object, str] = {option.name: escape(option.label) for option in widget.options}
    return lambda value: known.get(value) or ("" if value is None else escape(widget.chosen(value).label))


def _link(widget: Widget) -> Cell:
    pages = {name: f'<a class="ref" href="/e/{name}/' for name, _ in widget.to}

    def cell(value: object) -> str:
        if value is None:
            return ""
        start = pages.get(getattr(value, "entity", ""))
        title = getattr(value, "title", None)
        if isinstance(value, str) or not isinstance(title, str):
            return escape(str(value))
        if start is None or not title:
            return escape(title or "–")
        return f'{start}{segment(value.id)}">{escape(title)}</a>'  # type: ignore[attr-defined]

    return cell


def _swatch(widget: Widget) -> Cell:
    def cell(value: object) -> str:
        color = escape(str(value or ""))
        return f'<svg class="swatch" aria-hidden="true"><rect fill="{color}"/></svg>{color}' if color else ""

    return cell


def segment(key: str) -> str:
    """Return an id as a part of an address; ours need no quoting, and most of a list's time went into that."""
    return key if _is_plain(key) else quote(key, safe="")


def record_path(entity: str, key: object) -> str:
    """Return the address of a record's page."""
    return f"/e/{entity}/{segment(str(key))}"


Rows = Callable[[Iterable[Row]], str]


def compile_rows(
    columns: tuple[Column, ...], entity: str, words: Words, *, selectable: bool, rests: bool = False
) -> Rows:  # fmt: skip
    """Return the function that makes the rows of a list (``<tr>`` by ``<tr>``) from records.

    *rests*: deadlines can be paused; then an empty ``due`` says so.
    """
    first, others = columns[0], [(column.name, column.cell) for column in columns[1:]]
    name, text = first.name, first.text
    pattern = _pattern(columns, entity, words, selectable=selectable)
    before, _, after = (escape(part) for part in words.select_row.partition("{title}"))

    due = next((at for at, (other, _) in enumerate(others) if other == "due"), None) if rests else None
    paused = f'<span class="badge">{escape(words.paused)}</span>'

    def rows(records: Iterable[Row]) -> str:
        made = []
        for record in records:
            values, title = record.values, escape(record.title)
            key = segment(record.id)
            label = escape(text(values.get(name))) or title or words.nothing
            inner = [cell(values.get(other)) for other, cell in others]
            if due is not None and not inner[due] and values.get("paused") is True:
                inner[due] = paused
            cells = (key, label, *inner)
            made.append(pattern % ((key, before + title + after, *cells) if selectable else cells))
        return "".join(made)

    return rows


def _pattern(columns: tuple[Column, ...], entity: str, words: Words, *, selectable: bool) -> str:
    box = '<td role="cell" class="pick"><input type="checkbox" name="id" value="%s" aria-label="%s"></td>'
    cells = [
        f'<td role="cell"{column.css} data-label="{_plain(column.label)}">%s</td>'
        for column in columns[1:]
    ]
    css = "first w" if columns[0].short else "first"
    first = f'<td role="cell" class="{css}"><a href="/e/{entity}/%s">%s</a></td>'
    return '<tr role="row">' + (box if selectable else "") + first + "".join(cells) + "</tr>\n"


def _plain(text: str) -> str:
    return escape(text).replace("%", "%%")
