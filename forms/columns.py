"""Columns of lists: each knows how a record's value becomes texts, and the piece of template that shows them.

The template of a list is unrolled from these pieces, so that a row costs one call per column and no decision. The pieces
are fixed texts chosen by kind; nothing an author wrote ever becomes template source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fachwerk.forms.model import Row
from fachwerk.forms.widgets import NUMBERS, Widget

SORTABLE: frozenset[str] = frozenset(
    (*NUMBERS, "text", "boolean", "date", "time", "datetime", "duration", "choice", "email", "phone", "url", "iban",
     "rating", "sequence")
)  # fmt: skip
_LINKS = frozenset(("link", "user", "tree"))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: *piece* is the template of its cell over ``{0}``, ``{1}``...; *texts* gives as many texts."""

    name: str
    label: str
    number: bool
    sortable: bool
    width: int
    piece: str
    texts: Callable[[object], tuple[str, ...]]


def make_column(widget: Widget, *, sortable: bool = True) -> Column:
    """Return the column of a field."""
    shape, piece, width = _shape(widget)
    number = widget.kind in NUMBERS
    can_sort = sortable and widget.stored and widget.kind in SORTABLE
    return Column(widget.name, widget.label, number, can_sort, width, piece, shape(widget))


def _shape(widget: Widget) -> tuple[Callable[[Widget], Callable[[object], tuple[str, ...]]], str, int]:
    kind = widget.kind
    if kind == "choice" and widget.is_state:
        return _badge, '{% if {1} %}<span class="badge{{ {0} }}">{{ {1} }}</span>{% endif %}', 2
    if kind in _LINKS:
        return _link, '{% if {1} %}{% if {0} %}<a class="ref" href="{{ {0} }}">{{ {1} }}</a>{% else %}{{ {1} }}{% endif %}{% endif %}', 2
    if kind in ("long_text", "rich_text", "json", "address", "links", "choices"):
        return _plain, '<span class="clip">{{ {0} }}</span>', 1
    if kind == "color":
        return _plain, '{% if {0} %}<svg class="swatch" aria-hidden="true"><rect fill="{{ {0} }}"/></svg>{{ {0} }}{% endif %}', 1
    return _plain, "{{ {0} }}", 1


def _plain(widget: Widget) -> Callable[[object], tuple[str, ...]]:
    show, language = widget.handler.show, widget.language

    def texts(value: object) -> tuple[str, ...]:
        return ("" if value is None else show(value, language),)

    return texts


def _badge(widget: Widget) -> Callable[[object], tuple[str, ...]]:
    known: Mapping[object, tuple[str, str]] = {
        option.name: (f" {option.tone}" if option.tone else "", option.label) for option in widget.options
    }

    def texts(value: object) -> tuple[str, ...]:
        return known.get(value) or ("", "" if value is None else str(value))

    return texts


def _link(widget: Widget) -> Callable[[object], tuple[str, ...]]:
    pages = frozenset(name for name, _ in widget.to)

    def texts(value: object) -> tuple[str, ...]:
        if value is None:
            return ("", "")
        title = getattr(value, "title", None)
        if isinstance(value, str) or not isinstance(title, str):
            return ("", str(value))
        entity = getattr(value, "entity", "")
        return (record_path(entity, getattr(value, "id", "")) if entity in pages else "", title)

    return texts


def record_path(entity: str, key: object) -> str:
    """Return the address of a record's page."""
    return f"/e/{entity}/{quote(str(key), safe='')}"


def row_source(columns: Iterable[Column], *, selectable: bool) -> str:
    """Return the template of the rows of a list: a loop over ``rows``, its cells unrolled.

    Names in the template: ``rows`` (tuples as :func:`row_texts` yields them), ``n0``... (labels of the columns).
    """
    names, cells = ["key", "href", "title"], []
    for index, column in enumerate(columns):
        variables = [f"c{index}_{part}" for part in range(column.width)]
        names += variables
        cells.append(_cell(index, column, variables))
    box = (
        '<td role="cell" class="pick"><input type="checkbox" name="id" value="{{ key }}"'
        ' aria-label="{{ t.say(\'select_row\', title=title) }}"></td>'
    )
    return (
        "{% for " + ", ".join(names) + ' in rows %}<tr role="row">'
        + (box if selectable else "") + "".join(cells) + "</tr>\n{% endfor %}"
    )  # fmt: skip


def _cell(index: int, column: Column, variables: list[str]) -> str:
    piece = column.piece
    for part, variable in enumerate(variables):
        piece = piece.replace("{%d}" % part, variable)
    if index == 0:
        inner = f"{{{{ {variables[-1]} or title or t.nothing }}}}"
        return f'<td role="cell" class="first"><a href="{{{{ href }}}}">{inner}</a></td>'
    kind = ' class="n"' if column.number else ""
    return f'<td role="cell"{kind} data-label="{{{{ n{index} }}}}">{piece}</td>'


def row_texts(columns: tuple[Column, ...], entity: str, rows: Iterable[Row]) -> list[tuple[str, ...]]:
    """Return per row: id, address, title, and the texts of all columns one after the other."""
    base = f"/e/{entity}/"
    shapes = [(column.name, column.texts) for column in columns]
    found = []
    for row in rows:
        values, key = row.values, row.id
        texts: tuple[str, ...] = (key, base + key, row.title)
        for name, show in shapes:
            texts += show(values.get(name))
        found.append(texts)
    return found
