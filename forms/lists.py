"""A list as it stands in one request: chips in words, sort links, filter controls and paging made from the query.

Everything comes from the pairs of the address, so that a link, the back button and a bookmark all say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus, urlencode

from fachwerk.forms.columns import Column
from fachwerk.forms.compile import EntityForm
from fachwerk.forms.model import ListView
from fachwerk.forms.widgets import NUMBERS, Widget
from fachwerk.schemas.kinds import Invalid

OPERATORS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤", "in": "=", "ne": "≠", "contains": "∋", "under": "⊂"}
_RESERVED = frozenset(("q", "sort", "after", "before", "limit", "count"))
_SEARCHED = frozenset(("link", "user", "tree"))
_RANGES = frozenset((*NUMBERS, "date", "datetime", "rating"))
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, in words, and the address of the list without it."""

    label: str
    value: str
    href: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column: *order* is ``ascending``, ``descending`` or nothing, *href* sorts the other way."""

    label: str
    number: bool
    href: str
    order: str


@dataclass(frozen=True, slots=True)
class FilterControl:
    """A control of the filter form: one value, or the two ends of a range (names end in ``.ge`` and ``.le``)."""

    widget: Widget
    value: str
    low: str = ""
    high: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """For a link: (id, title) of the record chosen and of those found."""

    @property
    def is_link(self) -> bool:
        """Whether records are looked for by their text."""
        return self.widget.kind in _SEARCHED

    @property
    def is_range(self) -> bool:
        """Whether it has two ends."""
        return self.widget.kind in _RANGES


def address(path: str, params: Iterable[tuple[str, str]]) -> str:
    """Return *path* with *params* as its query."""
    query = urlencode(list(params))
    return f"{path}?{query}" if query else path


def chips(form: EntityForm, view: ListView) -> tuple[Chip, ...]:
    """Return the filters in force, the search among them."""
    made = []
    for index, (name, value) in enumerate(view.params):
        if not value or (name in _RESERVED and name != "q"):
            continue
        label, shown = _words_of(form, view, name, value)
        rest = view.params[:index] + view.params[index + 1 :]
        made.append(Chip(label, shown, address(view.path, rest)))
    return tuple(made)


def _words_of(form: EntityForm, view: ListView, name: str, value: str) -> tuple[str, str]:
    if name == "q":
        return form.words.search, f"“{value}”"
    path, _, operator = name.rpartition(".") if name.rpartition(".")[2] in OPERATORS else (name, "", "")
    widget = form.widgets.get(path)
    label = widget.label if widget else path.replace("_", " ").replace(".", " · ")
    parts = value.split(",") if operator == "in" else [value]
    shown = ", ".join(_shown(widget, view, part) for part in parts)
    sign = OPERATORS.get(operator, "")
    return label, f"{sign} {shown}" if sign not in ("", "=") else shown


def _shown(widget: Widget | None, view: ListView, text: str) -> str:
    if text in view.titles or widget is None:
        return view.titles.get(text, text)
    option = widget.option(text)
    if option is not None:
        return option.label
    try:
        value = widget.handler.parse_json(text) if widget.kind != "boolean" else text == "true"
        return widget.show(value)
    except Invalid:
        return text


def headings(form: EntityForm, view: ListView, columns: Iterable[Column]) -> tuple[Heading, ...]:
    """Return the headings of *columns* with the addresses that sort by them."""
    order = {name if isinstance(name, str) else ".".join(name): descending for name, descending in view.sort}
    rest = address(view.path, [pair for pair in view.params if pair[0] != "sort"])
    rest += "&sort=" if "?" in rest else "?sort="
    made = []
    for column in columns:
        descending = order.get(column.name)
        now = "" if descending is None else "descending" if descending else "ascending"
        sort = column.name if descending is not False else "-" + column.name
        href = rest + quote_plus(sort) if column.sortable else ""
        made.append(Heading(column.label, column.number, href, now))
    return tuple(made)


def filter_controls(form: EntityForm, view: ListView) -> tuple[FilterControl, ...]:
    """Return the controls of the filter form with what is chosen in them."""
    given = dict(view.params)
    return tuple(
        _control(w, given, view)
        for w in form.filters
        if not (w.kind in _SEARCHED and len(w.to) > 1) and (view.columns is None or w.name in view.columns)
    )


def _control(widget: Widget, given: Mapping[str, str], view: ListView) -> FilterControl:
    name = widget.name
    low, high = given.get(name + ".ge", ""), given.get(name + ".le", "")
    return FilterControl(widget, given.get(name, ""), low, high, _choices(widget, given, view))


def _choices(widget: Widget, given: Mapping[str, str], view: ListView) -> tuple[tuple[str, str], ...]:
    chosen = given.get(widget.name, "")
    known = ((chosen, view.titles.get(chosen, chosen)),) if chosen and widget.kind in _SEARCHED else ()
    return (*known, *(pair for pair in view.found.get(widget.name, ()) if pair[0] != chosen))


def carried(form: EntityForm, view: ListView, controls: Iterable[FilterControl], *, search: bool) -> Pairs:
    """Return the pairs that a form must carry along as hidden fields: all that it has no control for."""
    own = {"q"} if search else set()
    for control in controls:
        own |= {control.widget.name, control.widget.name + ".ge", control.widget.name + ".le"}
    return tuple(pair for pair in view.params if pair[0] not in own)


def paging(view: ListView) -> tuple[str, str]:
    """Return the addresses of the previous and the next page; nothing where there is none."""
    previous = address(view.path, (*view.params, ("before", view.previous))) if view.previous else ""
    following = address(view.path, (*view.params, ("after", view.next))) if view.next else ""
    return previous, following
