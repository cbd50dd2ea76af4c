"""Tables in files beside the YAML: CSV and XLSX -> lines of cells, each of which knows where it stands.

The files come from strangers: their size is bounded, archives are looked into before they are unpacked, formulas are
refused.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from fachwerk.problems import Fragment, Problems, Source, Span
from fachwerk.rules.tables.codes import FORMULA, SHEET
from fachwerk.rules.values.text import literal

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell

MAX_BYTES = 10_000_000
MAX_UNPACKED = 100_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file with a table: its name as the author knows it, its content, and which sheet of it (else the first)."""

    name: str
    data: bytes
    sheet: str | None = None


Lines = list[tuple[Fragment, ...]]


def read_sheet(sheet: Sheet, problems: Problems) -> Lines | None:
    """Return the lines of *sheet* that are not empty, or ``None`` and a problem."""
    if len(sheet.data) > MAX_BYTES:
        return _refuse(sheet, problems, f"> {MAX_BYTES // 1_000_000} MB")
    if sheet.name.lower().endswith(".csv"):
        return _csv(sheet, problems)
    if sheet.name.lower().endswith(".xlsx"):
        return _xlsx(sheet, problems)
    return _refuse(sheet, problems, "*.csv, *.xlsx")


def _refuse(sheet: Sheet, problems: Problems, reason: str) -> Lines | None:
    problems.add(SHEET.at(Span(Source(sheet.name, ""), 0, 0), name=sheet.name, reason=reason))
    return None


def _csv(sheet: Sheet, problems: Problems) -> Lines | None:
    try:
        text = sheet.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _refuse(sheet, problems, "UTF-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    source = Source(sheet.name, text)
    header = text.partition("\n")[0]
    separator = max(";,\t", key=header.count)
    lines: Lines = []
    for line in _records(text, separator, source):
        if len(lines) >= MAX_ROWS or len(line) > MAX_COLUMNS:
            return _refuse(sheet, problems, f"> {MAX_ROWS} × {MAX_COLUMNS}")
        if any(cell.text for cell in line):
            lines.append(line)
    return lines


def _records(text: str, separator: str, source: Source) -> Iterator[tuple[Fragment, ...]]:
    """Yield the records of RFC 4180; a quote inside quotes is written twice."""
    line: list[Fragment] = []
    offsets: list[int] = []
    at, quoted, fresh = 0, False, True
    while at < len(text):
        sign = text[at]
        if quoted and sign == '"' and text[at + 1 : at + 2] == '"':
            at += 1
            offsets.append(at)
        elif sign == '"' and (quoted or fresh):
            quoted = not quoted
        elif not quoted and sign in (separator, "\n"):
            line.append(_field(text, offsets, at, source))
            offsets = []
            if sign == "\n":
                yield tuple(line)
                line = []
        else:
            offsets.append(at)
        fresh = sign == separator or sign == "\n" or (fresh and sign == " ")
        at += 1
    if offsets or line:
        line.append(_field(text, offsets, at, source))
        yield tuple(line)


def _field(text: str, offsets: list[int], end: int, source: Source) -> Fragment:
    while offsets and text[offsets[-1]].isspace():
        offsets.pop()
    while offsets and text[offsets[0]].isspace():
        offsets.pop(0)
    last = offsets[-1] + 1 if offsets else end
    return Fragment("".join(text[at] for at in offsets), source, last, (*offsets, last))


def _xlsx(sheet: Sheet, problems: Problems) -> Lines | None:
    from openpyxl import load_workbook  # slow to import, and few projects need it
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with ZipFile(io.BytesIO(sheet.data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                return _refuse(sheet, problems, f"> {MAX_UNPACKED // 1_000_000} MB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(sheet.data), read_only=True, data_only=False)
        name = sheet.sheet or book.sheetnames[0]
        if name not in book.sheetnames:
            return _refuse(sheet, problems, name)
        return _lines(sheet, name, book[name].iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS), problems)
    except (
        BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        SyntaxError,
        EOFError,
    ) as error:
        return _refuse(sheet, problems, type(error).__name__)


def _lines(sheet: Sheet, name: str, rows: Iterator[tuple[Cell | MergedCell, ...]], problems: Problems) -> Lines:
    lines: Lines = []
    width = 0
    for number, row in enumerate(rows, 1):
        line = [_cell(f"{sheet.name}!{name}!{_letters(at)}{number}", cell, problems) for at, cell in enumerate(row)]
        while len(line) > width and not line[-1].text:
            line.pop()
        width = width or len(line)
        missing = [Fragment.of("", f"{sheet.name}!{name}!{_letters(at)}{number}") for at in range(len(line), width)]
        if any(cell.text for cell in line):
            lines.append((*line, *missing))
    return lines


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _cell(name: str, cell: Cell | MergedCell, problems: Problems) -> Fragment:
    if cell.data_type == "f" and not str(cell.value).startswith("=>"):
        problems.add(FORMULA.at(Span(Source(name, str(cell.value)), 0, len(str(cell.value)))))
        return Fragment.of("null", name)
    return Fragment.of(_text(cell.value), name)


def _text(value: Any) -> str:
    """Return a cell's value as the rule language writes it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return literal(Decimal(repr(value)))
    if isinstance(value, datetime):
        plain = value.time() == time()
        return f'@"{literal(value.date() if plain else value)}"'
    return f'@"{literal(value)}"' if isinstance(value, date | time) else str(value)
