"""Word files made of content: headings, lists and tables by styles, so that they can be edited and read aloud."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from fachwerk.engine.letters.archive import packed_again

_SIZES = {"A3": (297, 420), "A4": (210, 297), "A5": (148, 210), "letter": (216, 279)}
_SIDES = {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}
_LANGUAGES = {"de": "de-DE", "en": "en-GB"}
EPOCH = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)


def word(content: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Return the Word file of *content*."""
    document = docx.Document()
    _properties(document, content)
    section = document.sections[0]
    _page(section, content)
    _lines(section.header.paragraphs[0], content["header"], 9)
    _lines(section.footer.paragraphs[0], content["footer"], 9)
    section.footer.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    _head(document, content, files)
    for block in content["blocks"]:
        _block(document, block)
    out = io.BytesIO()
    document.save(out)
    return packed_again(out.getvalue())


def _properties(document: Document, content: Mapping[str, Any]) -> None:
    about = document.core_properties
    about.title, about.author = content["title"][:255], content["author"][:255]
    about.comments, about.last_modified_by, about.revision = "", content["author"][:255], 1
    about.language = content["language"]
    # The same record gives the same bytes: when a file was made says the history.
    about.created = about.modified = EPOCH
    normal = document.styles["Normal"]
    normal.font.size = Pt(11)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), _LANGUAGES.get(content["language"], content["language"]))
    normal.element.get_or_add_rPr().append(language)


def _page(section: Section, content: Mapping[str, Any]) -> None:
    width, height = _SIZES[content["page"]]
    if content["landscape"]:
        width, height = height, width
        section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin, section.right_margin = Mm(25), Mm(20)
    section.top_margin, section.bottom_margin = Mm(25), Mm(25)


def _head(document: Document, content: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    if content["logo"]:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        picture = paragraph.add_run().add_picture(io.BytesIO(files[content["logo"]]), height=Mm(18))
        picture._inline.docPr.set("descr", content["author"])
    if content["to"]:
        if content["sender"]:
            _lines(document.add_paragraph(), content["sender"], 8)
        address = document.add_paragraph()
        address.paragraph_format.space_after = Mm(25)
        _lines(address, content["to"])
    if content["date"]:
        date = document.add_paragraph()
        date.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _lines(date, content["date"])


def _block(document: Document, block: Mapping[str, Any]) -> None:
    kind = block["kind"]
    if kind == "break":
        document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    elif kind == "table":
        _table(document, block)
    elif kind in ("bullets", "numbers"):
        for number, item in enumerate(block["items"], 1):
            # Numbers as text: numbering by style would go on from list to list.
            paragraph = document.add_paragraph(style="List Bullet" if kind == "bullets" else "List Paragraph")
            shown = item if kind == "bullets" else [{"text": f"{number}. "}, *item]
            _pieces(paragraph, shown)
    else:
        style = f"Heading {block['level']}" if kind == "heading" else None
        _pieces(document.add_paragraph(style=style), block["text"])


def _table(document: Document, block: Mapping[str, Any]) -> None:
    table: Table = document.add_table(rows=0, cols=len(block["head"]))
    table.style = "Table Grid"
    for number, cells in enumerate([block["head"], *block["rows"]]):
        row = table.add_row()  # type: ignore[no-untyped-call]
        for cell, pieces, side in zip(row.cells, cells, block["sides"], strict=False):
            _cell(cell, pieces, side, bold=number == 0)
        if number == 0:
            properties = row._tr.get_or_add_trPr()
            properties.append(OxmlElement("w:tblHeader"))
    document.add_paragraph()


def _cell(cell: _Cell, pieces: Iterable[Mapping[str, Any]], side: str, *, bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = _SIDES[side]
    _pieces(paragraph, [{**piece, "bold": True} for piece in pieces] if bold else pieces)


def _lines(paragraph: Paragraph, lines: Iterable[Iterable[Mapping[str, Any]]], size: float | None = None) -> None:
    for number, line in enumerate(lines):
        if number:
            paragraph.add_run().add_break()
        _pieces(paragraph, line)
    if size is not None:
        for run in paragraph.runs:
            run.font.size = Pt(size)


def _pieces(paragraph: Paragraph, pieces: Iterable[Mapping[str, Any]]) -> None:
    for piece in pieces:
        part = piece.get("part", "text")
        run = paragraph.add_run(piece["text"] if part == "text" else "")
        run.bold, run.italic = piece.get("bold"), piece.get("italic")
        if part == "break":
            run.add_break()
        elif part != "text":
            _number(run._r, "PAGE" if part == "page" else "NUMPAGES")


def _number(run: Any, word: str) -> None:
    """Put a field with a number of pages into a run."""
    for kind in ("begin", None, "separate", "end"):
        if kind is None:
            mark = OxmlElement("w:instrText")
            mark.text = f" {word} "
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        run.append(mark)
