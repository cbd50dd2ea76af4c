"""A form as it stands in one request: every field with its text, errors and what is offered, ready for the template.

Joins the compiled form of an entity with a :class:`FormView`. What was submitted wins over values, so that nothing
typed is lost; a field that was not on the submitted page takes its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fachwerk.forms.compile import EntityForm, SectionForm
from fachwerk.forms.model import Candidate, FieldState, FileItem, FormView
from fachwerk.forms.widgets import OptionView, Widget
from fachwerk.schemas.kinds import FileInfo

MOST_ROWS = 500
ADDRESS_PARTS = (
    ("street", "street-address", "wide"),
    ("postal_code", "postal-code", "narrow"),
    ("city", "address-level2", ""),
    ("country", "country-name", ""),
)


@dataclass(frozen=True, slots=True)
class RowOfFields:
    """One row of a rows field: its position, the id of the stored row (or nothing) and its cells."""

    index: int
    key: str
    cells: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a field that consists of several inputs (an address)."""

    name: str
    id: str
    label: str
    text: str
    autocomplete: str
    width: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of a form: *text* is what its control holds, *chosen* what is ticked, *items* what is linked."""

    widget: Widget
    name: str
    id: str
    text: str = ""
    shown: str = ""
    required: bool = False
    read_only: bool = False
    errors: tuple[str, ...] = ()
    options: tuple[OptionView, ...] = ()
    chosen: tuple[str, ...] = ()
    typed: str = ""
    items: tuple[Candidate, ...] = ()
    candidates: tuple[Candidate, ...] | None = None
    files: tuple[FileItem, ...] = ()
    rows: tuple[RowOfFields, ...] = ()
    parts: tuple[Part, ...] = ()
    focus: bool = False

    @property
    def described(self) -> str:
        """The ids of error and hint, in the order in which they are read out."""
        ids = (f"{self.id}-error" if self.errors else "", f"{self.id}-hint" if self.widget.hint else "")
        return " ".join(part for part in ids if part)


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its rows of fields; without any visible field it is not made."""

    label: str
    hint: str
    rows: tuple[tuple[FieldView, ...], ...]


@dataclass(frozen=True, slots=True)
class Complaint:
    """A line of the error summary; *target* is the id of the control that takes the focus."""

    label: str
    text: str
    target: str


_USUAL = FieldState()


class FormBuilder:
    """Makes the fields of one request."""

    def __init__(self, form: EntityForm, view: FormView) -> None:
        self.form = form
        self.view = view
        self.texts = view.texts

    def sections(self, only: Sequence[str] = ()) -> tuple[SectionView, ...]:
        """Return the visible sections; with *only*, one section of these fields."""
        layout: Iterable[SectionForm] = self.form.form
        if only:
            known = (self.form.widgets[name] for name in only if name in self.form.widgets)
            layout = (SectionForm("", "", tuple((widget,) for widget in known)),)
        made = [SectionView(s.label, s.hint, tuple(self._rows(s))) for s in (*layout, self._forgotten(only))]
        return tuple(section for section in made if section.rows)

    def _forgotten(self, only: Sequence[str]) -> SectionForm:
        """Return the fields that are wrong but in no section, since nobody could mend them otherwise."""
        placed = {*only} if only else {w.name for s in self.form.form for row in s.rows for w in row}
        names = dict.fromkeys(name.split(".")[0] for name in self.view.errors)
        widgets = (self.form.widgets[name] for name in names if name in self.form.widgets and name not in placed)
        rows = tuple((widget,) for widget in widgets if widget.editable)
        return SectionForm(self.form.words.further, "", rows)

    def _rows(self, section: SectionForm) -> Iterable[tuple[FieldView, ...]]:
        for row in section.rows:
            fields = tuple(self.field(widget) for widget in row if self._is_there(widget))
            if fields:
                yield fields

    def _is_there(self, widget: Widget) -> bool:
        may_see = self.view.fields is None or widget.name in self.view.fields
        return may_see and self.view.states.get(widget.name, _USUAL).visible

    def field(self, widget: Widget) -> FieldView:
        """Return a field of the entity itself."""
        state = self.view.states.get(widget.name)
        return self._field(widget, widget.name, self.view.values.get(widget.name), state)

    def _field(self, widget: Widget, name: str, value: object, state: FieldState | None) -> FieldView:
        read_only = not widget.editable or (state is not None and state.read_only)
        view = _Parts(widget, name, "f-" + name.replace(".", "-"), value, self)
        more = {} if read_only else _MAKERS.get(widget.control, _Parts.text)(view)
        return FieldView(
            widget=widget,
            name=name,
            id=view.id,
            shown=widget.show(value) if read_only else "",
            required=(state.required if state is not None else widget.required) and not read_only,
            read_only=read_only,
            errors=self.view.errors.get(name, ()),
            focus=self.view.focus == name and widget.control != "rows",
            **more,  # type: ignore[arg-type]
        )

    def offered(self, widget: Widget, name: str, chosen: Sequence[str]) -> tuple[OptionView, ...]:
        """Return the options offered just now; one already chosen stays, so that it is seen and can be changed."""
        state = self.view.states.get(_path_of(name))
        gone = tuple(widget.chosen(one) for one in chosen if one and widget.option(one) is None)
        if state is None or state.options is None:
            return (*widget.options, *gone)
        offered = state.options
        here = (option for option in widget.options if option.name in offered or option.name in chosen)
        return (*here, *gone)

    def rows(self, widget: Widget, name: str, value: object) -> tuple[RowOfFields, ...]:
        """Return the rows as submitted, else as stored."""
        if name + ".shown" in self.texts:
            numbers = submitted_rows(self.texts, name)
            rows: list[Mapping[str, object]] = [{"id": _first(self.texts, f"{name}.{n}.id")} for n in numbers]
        else:
            rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
            numbers = list(range(len(rows)))
        return tuple(self._row(widget, name, number, row) for number, row in zip(numbers, rows, strict=True))

    def _takes_focus(self, name: str, number: int) -> bool:
        numbers = submitted_rows(self.texts, name)
        return self.view.focus == name and bool(numbers) and number == numbers[-1]

    def _row(self, widget: Widget, name: str, number: int, row: Mapping[str, object]) -> RowOfFields:
        cells = tuple(
            self._field(cell, f"{name}.{number}.{cell.name}", row.get(cell.name), state)
            for cell in widget.cells
            if (state := self.view.states.get(f"{name}.{cell.name}")) is None or state.visible
        )
        if cells and self._takes_focus(name, number):
            cells = (replace(cells[0], focus=True), *cells[1:])
        return RowOfFields(number, str(row.get("id") or ""), cells)

    def complaints(self, sections: Iterable[SectionView]) -> tuple[Complaint, ...]:
        """Return all errors in the order of the form; those of fields that are not there come first, without target."""
        found: list[Complaint] = []
        placed: set[str] = set()
        for label, view in _all_fields(sections):
            found.extend(Complaint(label, text, _target(view)) for text in view.errors)
            placed.add(view.name)
        loose = [
            Complaint(self._label(name), text, "")
            for name, errors in self.view.errors.items()
            if name not in placed
            for text in errors
        ]
        return (*loose, *found)

    def _label(self, name: str) -> str:
        widget = self.form.widgets.get(name.split(".")[0])
        return widget.label if widget else ""


class _Parts:
    """What the several controls need; each method returns the values of :class:`FieldView` that it fills."""

    def __init__(self, widget: Widget, name: str, identifier: str, value: object, builder: FormBuilder) -> None:
        self.widget, self.name, self.id, self.value, self.builder = widget, name, identifier, value, builder
        self.texts = builder.texts

    def _text(self) -> str:
        if self.name in self.texts:
            return _first(self.texts, self.name)
        return "" if self.value is None else self.widget.handler.input_text(self.value, self.widget.language)

    def text(self) -> Mapping[str, object]:
        return {"text": self._text()}

    def select(self) -> Mapping[str, object]:
        text = self._text()
        return {"text": text, "options": self.builder.offered(self.widget, self.name, (text,))}

    def check(self) -> Mapping[str, object]:
        if self.name + ".shown" in self.texts:
            return {"text": "true" if self.name in self.texts else ""}
        return {"text": "true" if self.value is True else ""}

    def checks(self) -> Mapping[str, object]:
        if self.name + ".shown" in self.texts:
            chosen: tuple[str, ...] = tuple(self.texts.get(self.name, ()))
        else:
            chosen = tuple(str(v) for v in self.value) if isinstance(self.value, tuple | list) else ()
        return {"chosen": chosen, "options": self.builder.offered(self.widget, self.name, chosen)}

    def search(self) -> Mapping[str, object]:
        if self.name + ".text" in self.texts:
            text, typed = _first(self.texts, self.name), _first(self.texts, self.name + ".text")
        else:
            text, typed = self._text(), str(getattr(self.value, "title", "") or "")
        return {"text": text, "typed": typed, "candidates": self.builder.view.candidates.get(self.name)}

    def searches(self) -> Mapping[str, object]:
        if self.name + ".shown" in self.texts:
            titles = dict(title_of(text) for text in self.texts.get(self.name + ".title", ()))
            items = tuple(Candidate(key, titles.get(key, key)) for key in self.texts.get(self.name, ()))
        else:
            items = tuple(self._items())
        found = self.builder.view.candidates.get(self.name)
        known = {item.id for item in items}
        fresh = None if found is None else tuple(item for item in found if item.id not in known)
        return {"items": items, "typed": _first(self.texts, self.name + ".text"), "candidates": fresh}

    def _items(self) -> Iterable[Candidate]:
        read = self.widget.handler.input_text
        for value in self.value if isinstance(self.value, tuple | list) else ():
            key = read((value,), self.widget.language)
            yield Candidate(key, str(getattr(value, "title", "") or key))

    def files(self) -> Mapping[str, object]:
        kept = self.builder.view.files.get(self.name)
        if kept is not None:
            return {"files": kept}
        values = self.value if isinstance(self.value, tuple | list) else (self.value,)
        return {"files": tuple(FileItem(v.id, v.name, v.size) for v in values if isinstance(v, FileInfo))}

    def rows(self) -> Mapping[str, object]:
        return {"rows": self.builder.rows(self.widget, self.name, self.value)}

    def address(self) -> Mapping[str, object]:
        value = self.value if isinstance(self.value, Mapping) else {}
        parts = []
        for part, autocomplete, width in ADDRESS_PARTS:
            name = f"{self.name}.{part}"
            text = _first(self.texts, name) if name in self.texts else str(value.get(part) or "")
            label = getattr(self.builder.form.words, part)
            parts.append(Part(name, f"{self.id}-{part}", label, text, autocomplete, width))
        return {"parts": tuple(parts)}


_MAKERS = {
    "select": _Parts.select,
    "radios": _Parts.select,
    "check": _Parts.check,
    "checks": _Parts.checks,
    "search": _Parts.search,
    "searches": _Parts.searches,
    "files": _Parts.files,
    "rows": _Parts.rows,
    "address": _Parts.address,
}


def submitted_rows(texts: Mapping[str, Sequence[str]], name: str) -> list[int]:
    """Return the numbers of the submitted rows of *name* in order; at most :data:`MOST_ROWS`."""
    return sorted({int(text) for text in texts.get(name + ".row", ()) if text.isascii() and text.isdigit() and len(text) < 6})[:MOST_ROWS]  # fmt: skip  # noqa: E501


def title_of(text: str) -> tuple[str, str]:
    """Return id and title out of the hidden text that carries both."""
    key, _, title = text.partition(" ")
    return key, title


def _first(texts: Mapping[str, Sequence[str]], name: str) -> str:
    values = texts.get(name)
    return values[-1] if values else ""


def _path_of(name: str) -> str:
    return ".".join(part for part in name.split(".") if not part.isdigit())


def _all_fields(sections: Iterable[SectionView]) -> Iterable[tuple[str, FieldView]]:
    """Yield every field with what it is called in the error summary; those of rows say of which row."""
    for view in (view for section in sections for row in section.rows for view in row):
        yield view.widget.label, view
        for place, inner in enumerate(view.rows, 1):
            for cell in inner.cells:
                yield f"{view.widget.label} {place}, {cell.widget.label}", cell


def _target(view: FieldView) -> str:
    if view.widget.control == "address":
        return f"{view.id}-street"
    if view.widget.control in ("radios", "checks", "rating") and view.options:
        return f"{view.id}-{view.options[0].name}"
    return f"{view.id}-1" if view.widget.control == "rating" else view.id
