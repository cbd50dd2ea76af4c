"""A record as its page shows it: the values of each section in the shape that suits their kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fachwerk.forms.columns import record_path
from fachwerk.forms.compile import EntityForm, SectionForm
from fachwerk.forms.model import Link, RecordView
from fachwerk.forms.texts import size_text
from fachwerk.forms.widgets import NUMBERS, OptionView, Widget
from fachwerk.schemas.kinds import FileInfo

_LINKS = frozenset(("link", "user", "tree", "links", "back_links"))
_FILES = frozenset(("file", "files", "image", "images"))
_WIDE = frozenset(("long_text", "rich_text", "json", "files", "images", "links"))


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One value: *shape* says how it is shown.

    Shapes: text, lines, rich, badge, pills, links, files, images, mail, phone, web, color, stars, code.
    """

    label: str
    shape: str
    wide: bool
    text: str = ""
    options: tuple[OptionView, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownRows:
    """The rows of a field as a table of texts."""

    name: str
    label: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column of rows."""

    label: str
    number: bool


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section with its values and tables; without any it is not made."""

    label: str
    values: tuple[ShownValue, ...]
    tables: tuple[ShownRows, ...]


def shown_sections(form: EntityForm, view: RecordView) -> tuple[ShownSection, ...]:
    """Return the sections of the record's page, without what is hidden."""
    made = (_section(form, section, view) for section in form.page)
    return tuple(section for section in made if section.values or section.tables)


def state_badges(form: EntityForm, values: Mapping[str, object]) -> tuple[OptionView, ...]:
    """Return the states of the record as badges: its choices that nobody edits."""
    return tuple(
        widget.chosen(values[widget.name])
        for widget in form.widgets.values()
        if widget.kind == "choice" and not widget.editable and values.get(widget.name) is not None
    )


def _section(form: EntityForm, section: SectionForm, view: RecordView) -> ShownSection:
    values: list[ShownValue] = []
    tables: list[ShownRows] = []
    for widget in _there(section, view):
        value = view.record.values[widget.name]
        if widget.cells:
            tables.append(_rows(widget, value))
        else:
            values.append(shown_value(widget, value, view))
    return ShownSection(section.label, tuple(values), tuple(tables))


def _there(section: SectionForm, view: RecordView) -> Iterator[Widget]:
    for row in section.rows:
        for widget in row:
            if widget.name not in view.record.values or widget.kind == "secret":
                continue
            empty = widget.conditional and view.record.values[widget.name] in (None, (), [])
            if not (empty if view.hidden is None else widget.name in view.hidden):
                yield widget


def _rows(widget: Widget, value: object) -> ShownRows:
    rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
    headings = tuple(Heading(cell.label, cell.kind in NUMBERS) for cell in widget.cells)
    texts = tuple(tuple(cell.show(row.get(cell.name)) for cell in widget.cells) for row in rows)
    return ShownRows(widget.name, widget.label, headings, texts)


def shown_value(widget: Widget, value: object, view: RecordView) -> ShownValue:
    """Return *value* in the shape of its kind."""
    wide = widget.kind in _WIDE
    if value is None or value == () or value == "":
        return ShownValue(widget.label, "text", wide)
    shape = _SHAPES.get(widget.kind, "text")
    if widget.kind in ("choice", "choices"):
        names = value if isinstance(value, tuple | list) else (value,)
        options = tuple(widget.chosen(name) for name in names)
        if widget.kind == "choices" or widget.is_state:
            shape = "badge" if widget.is_state else "pills"
            return ShownValue(widget.label, shape, wide, options=options)
        return ShownValue(widget.label, "text", wide, options[0].label)
    if widget.kind in _LINKS:
        return ShownValue(widget.label, "links", wide, links=tuple(_links(widget, value)))
    if widget.kind in _FILES:
        return ShownValue(widget.label, shape, wide, links=tuple(_files(widget, value, view)))
    if widget.kind == "rich_text":
        # Cleaned again on the way out: a page never trusts what once came in.
        return ShownValue(widget.label, shape, wide, str(widget.handler.accept(value)))
    if widget.kind == "rating":
        return ShownValue(widget.label, shape, wide, f"{value}/{widget.most}")
    return ShownValue(widget.label, shape, wide, widget.show(value))


_SHAPES = {
    "long_text": "lines",
    "rich_text": "rich",
    "json": "code",
    "email": "mail",
    "phone": "phone",
    "url": "web",
    "color": "color",
    "rating": "stars",
    "file": "files",
    "files": "files",
    "image": "images",
    "images": "images",
}


def _links(widget: Widget, value: object) -> Iterator[Link]:
    pages = frozenset(name for name, _ in widget.to)
    alone = hasattr(value, "title") or isinstance(value, str)
    for item in (value,) if alone or not isinstance(value, Iterable) else value:
        entity, title = getattr(item, "entity", ""), getattr(item, "title", None)
        if isinstance(item, str) or title is None:
            yield Link(str(item), "")
        elif not title:  # a record that one may not read, or whose title says nothing: no link without a text
            yield Link("–", "")
        else:
            yield Link(str(title), record_path(entity, getattr(item, "id", "")) if entity in pages else "")


def _files(widget: Widget, value: object, view: RecordView) -> Iterator[Link]:
    base = f"/files/{view.entity}/{view.record.id}/{widget.name}/"
    for info in value if isinstance(value, tuple | list) else (value,):
        if isinstance(info, FileInfo):
            yield Link(f"{info.name} ({size_text(info.size, widget.language)})", base + quote(info.id, safe=""))
