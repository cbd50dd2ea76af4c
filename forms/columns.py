"""Columns of lists: each makes the HTML of its cells, compiled per field so that a row decides nothing.

A row of a list is one format string, put together at load from fixed pieces and escaped labels; the cells are made
column by column and put in. Everything that comes from people passes ``escaped``. (Lists are by far the most markup
that pages hold: like this a row costs a third of what a template would.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from fachwerk.forms.model import Row
from fachwerk.forms.texts import Words
from fachwerk.forms.widgets import NUMBERS, Widget, is_nothing
from fachwerk.schemas.kinds import Reference

SORTABLE: frozenset[str] = frozenset(
    (*NUMBERS, "text", "boolean", "date", "time", "datetime", "duration", "choice", "email", "phone", "url", "iban",
     "rating", "sequence")
)  # fmt: skip
_SHORT = frozenset(("date", "time", "datetime", "sequence", "phone", "iban", "boolean", "rating"))
_LINKS = frozenset(("link", "user", "tree"))
_LONG = frozenset(("long_text", "rich_text", "json", "address", "links", "choices"))
_is_plain = re.compile("[0-9a-f-]{36}").fullmatch
Cells = Callable[[Sequence[object]], list[str]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: *cells* makes the HTML inside its cells from their values, *text* what is read in one."""

    name: str
    label: str
    number: bool
    short: bool
    """Whether its values are short and hold together, such as dates."""
    sortable: bool
    cells: Cells
    text: Callable[[object], str]

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
        cells=_cells(widget),
        text=widget.show,
    )


def escaped(texts: Sequence[str]) -> list[str]:
    """Return *texts* escaped: all at once, since most of the time went into asking each of them."""
    parts = escape("\0".join(texts)).split("\0")
    return parts if len(parts) == len(texts) else [escape(text) for text in texts]


def _cells(widget: Widget) -> Cells:
    if widget.kind == "choice" and widget.options:
        return _options(widget)
    if widget.kind in _LINKS:
        return _links(widget)
    if widget.kind in _LONG:
        return _clipped(widget)
    if widget.kind == "color":
        return lambda values: [_swatch(escape(str(value or ""))) for value in values]
    return _texts(widget)


def _texts(widget: Widget) -> Cells:
    show, language = widget.handler.show, widget.language
    return lambda values: escaped(["" if is_nothing(value) else show(value, language) for value in values])


def _clipped(widget: Widget) -> Cells:
    texts = _texts(widget)
    return lambda values: [
        "" if is_nothing(value) else f'<span class="clip">{text}</span>'
        for value, text in zip(values, texts(values), strict=True)
    ]


def _options(widget: Widget) -> Cells:
    badge = '<span class="badge {}">{}</span>' if widget.is_state else "{1}"
    known = {option.name: badge.format(option.tone, escape(option.label)) for option in widget.options}

    def former(value: object) -> str:
        return "" if value is None else escape(widget.chosen(value).label)

    return lambda values: [known.get(value) or former(value) for value in values]  # type: ignore[call-overload]


def _links(widget: Widget) -> Cells:
    pages = {name: f'<a class="ref" href="/e/{name}/' for name, _ in widget.to}

    def cell(value: object, title: str) -> str:
        if not isinstance(value, Reference):
            return title
        start = pages.get(value.entity)
        return f'{start}{segment(value.id)}">{title}</a>' if start and title else title or "–"

    def cells(values: Sequence[object]) -> list[str]:
        titles = escaped([_title(value) for value in values])
        return [cell(value, title) for value, title in zip(values, titles, strict=True)]

    return cells


def _title(value: object) -> str:
    if isinstance(value, Reference):
        return value.title
    return "" if value is None else str(value)


def _swatch(color: str) -> str:
    return f'<svg class="swatch" aria-hidden="true"><rect fill="{color}"/></svg>{color}' if color else ""


def segment(key: str) -> str:
    """Return an id as a part of an address; ours need no quoting, and most of a list's time went into that."""
    return key if _is_plain(key) else quote(key, safe="")


def record_path(entity: str, key: object) -> str:
    """Return the address of a record's page."""
    return f"/e/{entity}/{segment(str(key))}"


Rows = Callable[[Sequence[Row]], str]


def compile_rows(
    columns: tuple[Column, ...], entity: str, words: Words, *, selectable: bool, rests: bool = False
) -> Rows:  # fmt: skip
    """Return the function that makes the rows of a list (``<tr>`` by ``<tr>``) from records.

    *rests*: deadlines can be paused; then an empty ``due`` says so.
    """
    first, others = columns[0], [(column.name, column.cells) for column in columns[1:]]
    name, text, nothing = first.name, first.text, words.nothing
    pattern = _pattern(columns, entity, words, selectable=selectable)
    before, _, after = (escape(part) for part in words.select_row.partition("{title}"))

    due = next((at for at, (other, _) in enumerate(others) if other == "due"), None) if rests else None
    paused = f'<span class="badge">{escape(words.paused)}</span>'

    def rows(records: Sequence[Row]) -> str:
        values = [record.values for record in records]
        keys = [segment(record.id) for record in records]
        titles = escaped([record.title for record in records])
        shown = escaped([text(row.get(name)) for row in values])
        labels = [label or title or nothing for label, title in zip(shown, titles, strict=True)]
        made = [cells([row.get(other) for row in values]) for other, cells in others]
        if due is not None:
            pairs = zip(made[due], values, strict=True)
            made[due] = [cell or (paused if row.get("paused") is True else "") for cell, row in pairs]
        boxes = [keys, [before + title + after for title in titles]] if selectable else []
        return "".join([pattern % row for row in zip(*boxes, keys, labels, *made, strict=True)])

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
