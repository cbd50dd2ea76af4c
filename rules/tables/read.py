"""Text grid, list of rows, CSV or XLSX -> :class:`~fachwerk.rules.tables.model.Table`. Cells stay text.

The first line names the inputs (or writes expressions over them) and, from the cell that starts with ``=>`` on, the
outputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fachwerk.problems import Fragment, Problems, Source, Span, nearest
from fachwerk.rules.names import normal
from fachwerk.rules.tables.codes import CELLS, FORM, HIT, MISSING_COLUMN, NO_ROWS, UNKNOWN_COLUMN
from fachwerk.rules.tables.model import AGGREGATIONS, POLICIES, Hit, Input, Output, Row, Table
from fachwerk.rules.tables.sheets import Sheet, read_sheet

_CELL = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^|"]|")*')
_ARROW = re.compile(r"=>|->|→")  # spreadsheets take the first for a formula
_RULER = re.compile(r"[|\s:]*-{2,}[|\s:-]*$")


@dataclass(frozen=True, slots=True)
class Declared:
    """What the decision says apart from its rows. *named*: columns must keep to the names of the outputs."""

    name: str
    hit: Hit
    outputs: tuple[Output, ...]
    span: Span
    named: bool = False
    whole: frozenset[str] = frozenset()


Pairs = Sequence[tuple[Fragment, Fragment]]
"""A row as keys and values."""

Line = tuple[Fragment, ...]


def read_hit(text: Fragment, problems: Problems) -> Hit:
    """Return the hit policy that *text* names, such as ``first`` or ``collect sum``."""
    words = normal(text.text.lower().replace("_", " "))
    for policy in POLICIES:
        if words == policy:
            return Hit(policy)
    for aggregation in AGGREGATIONS:
        if words == f"collect {aggregation}":
            return Hit("collect", aggregation)
    known = [*POLICIES, *(f"collect {aggregation}" for aggregation in AGGREGATIONS)]
    near = nearest(words, known)
    remedy = None if near else {"en": "write one of them", "de": "eine davon schreiben"}
    problems.add(HIT.at(text.span(), remedy=remedy, name=text.text, known=", ".join(known), nearest=near or ""))
    return Hit("first")


def read_table(body: Fragment | Sequence[Pairs] | Sheet, declared: Declared, problems: Problems) -> Table | None:
    """Return the table in *body*: a text grid, a list of rows, or a file; ``None`` where it is none."""
    if isinstance(body, Fragment):
        return _table(_grid(body), declared, problems, body.span())
    if isinstance(body, Sheet):
        lines = read_sheet(body, problems)
        return None if lines is None else _table(lines, declared, problems, Span(Source(body.name, ""), 0, 0))
    return _pairs(body, declared, problems)


def _grid(text: Fragment) -> list[Line]:
    """Return the cells of the lines of *text*; blank lines, ``//`` lines and rulers of dashes do not count."""
    lines: list[Line] = []
    at = 0
    for line in text.text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped and not stripped.startswith("//") and not _RULER.match(stripped):
            lines.append(_cells(text, at, at + len(line.rstrip())))
        at += len(line)
    return lines


def _cells(text: Fragment, start: int, end: int) -> Line:
    cells = []
    while start < end and text.text[start].isspace():
        start += 1
    if text.text[start] == "|":
        start += 1
    if end > start and text.text[end - 1] == "|":
        end -= 1
    while True:
        found = _CELL.match(text.text, start, end)
        stop = found.end() if found else end
        cells.append(_stripped(text, start, stop))
        if stop >= end:
            return tuple(cells)
        start = stop + 1


def _stripped(text: Fragment, start: int, end: int) -> Fragment:
    piece = text.text[start:end]
    left = len(piece) - len(piece.lstrip())
    return text.part(start + left, max(start + left, start + len(piece.rstrip())))


def _table(lines: Sequence[Line], declared: Declared, problems: Problems, span: Span) -> Table | None:
    if not lines:
        problems.add(FORM.at(span))
        return None
    header = lines[0]
    first = next((at for at, cell in enumerate(header) if _ARROW.match(cell.text)), None)
    if first is None:
        problems.add(FORM.at(_joined(header)))
        return None
    notes = next((at for at, cell in enumerate(header) if at > first and cell.text.startswith("//")), len(header))
    columns = [_behind_arrow(cell) for cell in header[first:notes]]
    order = _outputs(columns, declared, problems)
    if order is None:
        return None
    rows = []
    for line in lines[1:]:
        if len(line) not in (len(header), notes):
            problems.add(CELLS.at(_joined(line), found=len(line), wanted=len(header)))
            continue
        rows.append(Row(line[:first], tuple(line[first + at] for at in order), _joined(line)))
    if not rows:
        problems.add(NO_ROWS.at(_joined(header)))
        return None
    inputs = tuple(Input(cell, whole=normal(cell.text) in declared.whole) for cell in header[:first])
    return Table(declared.name, declared.hit, inputs, declared.outputs, tuple(rows), declared.span)


def _joined(line: Line) -> Span:
    first, last = line[0].span(), line[-1].span()
    return Span(first.source, first.start, max(last.end, first.start)) if first.source is last.source else first


def _behind_arrow(cell: Fragment) -> Fragment:
    arrow = _ARROW.match(cell.text)
    return _stripped(cell, arrow.end() if arrow else 0, len(cell.text))


def _outputs(columns: Sequence[Fragment], declared: Declared, problems: Problems) -> list[int] | None:
    """Return for each declared output which of *columns* it is."""
    if len(declared.outputs) == 1 and len(columns) == 1 and not declared.named:
        return [0]
    known = [output.name for output in declared.outputs]
    names = [normal(column.text) for column in columns]
    good = True
    for name, column in zip(names, columns, strict=True):
        if name not in known or names.count(name) > 1:
            near = nearest(name, known)
            remedy = None if near and near != name else {"en": "use each output once", "de": "jedes Ergebnis einmal"}
            listed = ", ".join(known)
            span = column.span()
            problems.add(UNKNOWN_COLUMN.at(span, remedy=remedy, name=name, known=listed, nearest=near or ""))
            good = False
    for name in known:
        if name not in names:
            problems.add(MISSING_COLUMN.at(columns[0].span(), name=name))
            good = False
    return [names.index(name) for name in known] if good else None


def _pairs(rows: Sequence[Pairs], declared: Declared, problems: Problems) -> Table | None:
    """Return the table of rows that are written as keys and values; a missing input means any value."""
    outputs = {output.name for output in declared.outputs} | {"=>"}
    headers: dict[str, Fragment] = {}
    for key in (key for row in rows for key, _ in row):
        headers.setdefault(normal(key.text), key)
    inputs = [name for name in headers if name not in outputs and not name.startswith("=>")]
    if not rows or not [name for name in headers if name not in inputs]:
        problems.add((NO_ROWS if not rows else FORM).at(declared.span))
        return None
    made = [_row_of(row, inputs, declared, problems) for row in rows]
    columns = tuple(Input(headers[name], whole=name in declared.whole) for name in inputs)
    complete = tuple(row for row in made if row)
    return Table(declared.name, declared.hit, columns, declared.outputs, complete, declared.span)


def _row_of(row: Pairs, inputs: Iterable[str], declared: Declared, problems: Problems) -> Row | None:
    cells = {normal(key.text): value for key, value in row}
    if not row:
        problems.add(CELLS.at(declared.span, found=0, wanted=1))
        return None
    whole = _joined((row[0][0], row[-1][1]))
    blank = replace(row[0][0], text="", offsets=None, base=whole.start)
    results = []
    for output in declared.outputs:
        names = [output.name, f"=> {output.name}", *(["=>"] if len(declared.outputs) == 1 else [])]
        found = next((cells[name] for name in names if name in cells), None)
        if found is None:
            problems.add(MISSING_COLUMN.at(whole, name=output.name))
            return None
        results.append(found)
    return Row(tuple(cells.get(name, blank) for name in inputs), tuple(results), whole)
