"""From a submitted form to values: what was typed, read by the kinds; what could not be read, said beside its field.

Only fields that were on the page are read (a hidden condition must not empty a field), see ``forms.model`` for the
names of the inputs. Nothing here decides whether a value is allowed: that is the service's matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal, Protocol

from fachwerk.forms.compile import EntityForm
from fachwerk.forms.fields import ADDRESS_PARTS, submitted_rows
from fachwerk.forms.model import Stashed
from fachwerk.forms.widgets import Widget
from fachwerk.problems import Text
from fachwerk.schemas.kinds import FileUpload, Invalid

Texts = Mapping[str, Sequence[str]]
Word = Literal["save", "add", "remove", "find"]


class SentFile(Protocol):
    """A file as it came with a form."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def content(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Command:
    """Which button was pressed: ``save``, or ``add``/``remove``/``find`` with the field (and row) it belongs to."""

    word: Word = "save"
    field: str = ""
    row: int = -1


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submitted form. *texts* goes back into the form if it is shown again; *unresolved* are links of which only a
    text is known (nothing was picked): the server looks for it and takes the only match or offers the candidates.
    Files are ids of those kept, ``Stashed`` tokens of an earlier attempt, and new uploads, in that order."""

    values: Mapping[str, object] = field(default_factory=dict)
    unreadable: Mapping[str, Text] = field(default_factory=dict)
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unresolved: Mapping[str, str] = field(default_factory=dict)
    command: Command = Command()
    version: int | None = None
    comment: str | None = None
    theirs: frozenset[str] = frozenset()


def read_form(
    form: EntityForm,
    texts: Texts,
    files: Mapping[str, Sequence[SentFile]] | None = None,
    *,
    only: Sequence[str] = (),
) -> Submitted:
    """Return what was submitted; with *only*, just these fields.

    A button that adds or removes a row is already carried out in the *texts* returned.
    """
    command = _command(texts)
    texts = _carry_out(command, texts)
    for rows in form.widgets.values():
        if rows.control == "rows":
            texts = _renumber(texts, rows.name)
    reader = _Reader(texts, files or {})
    names = only or tuple(form.widgets)
    theirs = frozenset(texts.get("_theirs", ()))
    for name in names:
        widget = form.widgets.get(name)
        if widget is not None and widget.editable and name not in theirs:
            reader.read(widget, name, reader.values)
    return Submitted(
        values=reader.values,
        unreadable=reader.unreadable,
        texts={name: tuple(values) for name, values in texts.items() if _goes_back(name, theirs)},
        unresolved=reader.unresolved,
        command=command,
        version=_integer(_last(texts, "_version")),
        comment=(_last(texts, "_comment") or "").strip() or None,
        theirs=theirs,
    )


def _goes_back(name: str, theirs: frozenset[str]) -> bool:
    return not name.startswith("_") and name.split(".")[0] not in theirs


def _integer(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _last(texts: Texts, name: str) -> str | None:
    values = texts.get(name)
    return values[-1] if values else None


def _command(texts: Texts) -> Command:
    if add := _last(texts, "_add"):
        return Command("add", add)
    if find := _last(texts, "_find"):
        return Command("find", find)
    if remove := _last(texts, "_remove"):
        name, _, number = remove.rpartition(".")
        row = _integer(number)
        return Command("remove", name, row) if name and row is not None else Command("remove", remove)
    return Command()


def _carry_out(command: Command, texts: Texts) -> Texts:
    if command.word == "add":
        numbers = submitted_rows(texts, command.field)
        number = max(numbers, default=-1) + 1
        marks = [*texts.get(command.field + ".row", ()), str(number)]
        return {**texts, command.field + ".row": marks, command.field + ".shown": ["1"]}
    if command.word == "remove" and command.row >= 0:
        prefix = f"{command.field}.{command.row}."
        left = {name: values for name, values in texts.items() if not name.startswith(prefix)}
        left[command.field + ".row"] = [n for n in texts.get(command.field + ".row", ()) if n != str(command.row)]
        return left
    return texts


def _renumber(texts: Texts, name: str) -> Texts:
    """Count the rows from 0 without gaps: by that number the service names them in its messages."""
    numbers = submitted_rows(texts, name)
    if numbers == list(range(len(numbers))):
        return texts
    places = {str(number): str(place) for place, number in enumerate(numbers)}
    moved: dict[str, Sequence[str]] = {}
    for key, values in texts.items():
        field_name, _, rest = key.partition(".")
        number, _, cell = rest.partition(".")
        if field_name == name and cell and number.isdigit():
            if number in places:
                moved[f"{name}.{places[number]}.{cell}"] = values
        else:
            moved[key] = values
    moved[name + ".row"] = tuple(places.values())
    return moved


def paragraphs(text: str) -> str:
    """Return plain text as markup: what somebody writes who has no editor for formatted text."""
    plain = text.replace("\r\n", "\n").strip()
    parts = [escape(part, quote=False).replace("\n", "<br>") for part in plain.split("\n\n") if part.strip()]
    return "".join(f"<p>{part.strip()}</p>" for part in parts)


class _Reader:
    """Reads one form; rows share its messages and unresolved links under their dotted names."""

    def __init__(self, texts: Texts, files: Mapping[str, Sequence[SentFile]]) -> None:
        self.texts, self.files = texts, files
        self.values: dict[str, object] = {}
        self.unreadable: dict[str, Text] = {}
        self.unresolved: dict[str, str] = {}

    def read(self, widget: Widget, name: str, into: dict[str, object]) -> None:
        """Put the value of one field *into* the values, if the field was on the page and can be read."""
        read = {
            "check": self._check,
            "checks": self._checks,
            "search": self._search,
            "searches": self._searches,
            "rows": self._rows,
            "files": self._files,
            "address": self._address,
        }.get(widget.control, self._text)
        try:
            found, value = read(widget, name)
        except Invalid as bad:
            if bad.stands is None:
                self.unreadable[name] = bad.text
                return
            found, value = True, bad.stands  # whether the record has it is known where it is written
        if found:
            into[widget.name] = value

    def _text(self, widget: Widget, name: str) -> tuple[bool, object]:
        text = _last(self.texts, name)
        if text is None:
            return widget.control in ("radios", "rating") and name + ".shown" in self.texts, None
        if widget.kind == "secret" and not text:
            return False, None
        if widget.kind == "rich_text" and "<" not in text:
            text = paragraphs(text)
        return True, widget.handler.parse_text(text, widget.language)

    def _check(self, _widget: Widget, name: str) -> tuple[bool, object]:
        return name + ".shown" in self.texts, name in self.texts

    def _checks(self, widget: Widget, name: str) -> tuple[bool, object]:
        chosen = [text for text in self.texts.get(name, ()) if text]
        if not chosen:
            return name + ".shown" in self.texts, None
        return True, widget.handler.accept(chosen)

    def _search(self, widget: Widget, name: str) -> tuple[bool, object]:
        typed, was = _last(self.texts, name + ".text"), _last(self.texts, name + ".was")
        key = _last(self.texts, name)
        if typed is None:
            return key is not None, widget.handler.parse_text(key or "", widget.language)
        typed = typed.strip()
        if key and typed == (was or "").strip():
            return True, widget.handler.parse_text(key, widget.language)
        if typed:
            self.unresolved[name] = typed
            return False, None
        return True, None

    def _searches(self, widget: Widget, name: str) -> tuple[bool, object]:
        typed = (_last(self.texts, name + ".text") or "").strip()
        keys = tuple(dict.fromkeys(key for key in self.texts.get(name, ()) if key))
        if typed and not any(mark == typed for mark in self.texts.get(name + ".was", ())):
            self.unresolved[name] = typed
        if not keys:
            return name + ".shown" in self.texts, None
        return True, tuple(widget.handler.parse_json(list(keys)))  # type: ignore[arg-type]

    def _rows(self, widget: Widget, name: str) -> tuple[bool, object]:
        if name + ".shown" not in self.texts:
            return False, None
        return True, [self._row(widget, f"{name}.{number}") for number in submitted_rows(self.texts, name)]

    def _row(self, widget: Widget, prefix: str) -> dict[str, object]:
        key = _last(self.texts, prefix + ".id")
        row: dict[str, object] = {"id": key} if key else {}
        for cell in widget.cells:
            if cell.editable:
                self.read(cell, f"{prefix}.{cell.name}", row)
        return row

    def _files(self, _widget: Widget, name: str) -> tuple[bool, object]:
        kept: list[object] = [
            Stashed(key[4:]) if key.startswith("new:") else key for key in self.texts.get(name + ".keep", ()) if key
        ]
        sent = [FileUpload(f.name, f.type, f.content) for f in self.files.get(name, ()) if f.name or f.content]
        found = (*kept, *sent)
        if _widget.most == 1 and sent:
            found = (sent[-1],)
        return name + ".shown" in self.texts, found or None

    def _address(self, _widget: Widget, name: str) -> tuple[bool, object]:
        texts = {part: _last(self.texts, f"{name}.{part}") for part, _, _ in ADDRESS_PARTS}
        there = any(text is not None for text in texts.values())
        value = {part: text.strip() for part, text in texts.items() if text and text.strip()}
        return there, value or None
