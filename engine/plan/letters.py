"""Documents compared: their parts as an author would write them, more or less, and the files that they need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fachwerk.schemas.changes import Change
from fachwerk.schemas.letter import (
    Each,
    Heading,
    Items,
    Letter,
    NewPage,
    Paragraph,
    Part,
    Place,
    Row,
    Table,
    When,
    Words,
)


def files_changed(name: str, old: Letter, new: Letter) -> Iterator[Change]:
    """Say which of the files that a document needs are others now, though they are called the same."""
    for file in sorted(old.hashes.keys() & new.hashes.keys()):
        if old.hashes[file] != new.hashes[file]:
            aspects = {file: (old.hashes[file][:12], new.hashes[file][:12])}
            yield Change("change", "document", f"{name}.{file}", None, aspects, old.span, new.span)


def part_text(value: object) -> str | None:
    """Return a part of a document as text; ``None`` for what is none."""
    if isinstance(value, Words):
        said = {"break": "\\\n", "page": "{page}", "pages": "{pages}"}.get(value.part, value.text)
        return _marked(said, value.bold, value.italic)
    if isinstance(value, Place):
        return _marked("{" + value.rule.text.text.strip() + "}", value.bold, value.italic)
    if isinstance(value, When):
        other = "{else}" + _all(value.otherwise) if value.otherwise else ""
        return "{if " + value.condition.text.text.strip() + "}" + _all(value.then) + other + "{end}"
    if isinstance(value, Each):
        return "{for " + value.loop.name + " in " + value.source.text.text.strip() + "}" + _all(value.body) + "{end}"
    return _block(value)


def _block(value: object) -> str | None:
    if isinstance(value, Heading):
        return f"{'#' * value.level} {_all(value.text)}\n"
    if isinstance(value, Paragraph):
        return f"{_all(value.text)}\n"
    if isinstance(value, Items):
        return _all(value.items)
    if isinstance(value, Row):
        return "| " + " | ".join(_all(cell) for cell in value.cells) + " |\n"
    if isinstance(value, Table):
        return f"{_all((value.head,))}{value.widths} {value.sides}\n{_all(value.rows)}"
    return "{page break}\n" if isinstance(value, NewPage) else None


def _all(parts: Iterable[Part]) -> str:
    return "".join(part_text(part) or "" for part in parts)


def _marked(text: str, bold: bool, italic: bool) -> str:
    text = f"*{text}*" if italic else text
    return f"**{text}**" if bold else text
