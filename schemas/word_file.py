"""Word files as templates: opened only where nothing in them runs or loads anything, and read paragraph by paragraph.

A ``.docx`` is a ZIP archive of XML. What is refused: archives that grow too much, macros, embedded objects, links to
files elsewhere (links that a reader may click are kept), fields that load or run, XML with entities.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fachwerk.problems import Text
from fachwerk.schemas.wording import both
from lxml import etree

MOST_PARTS = 500
MOST_BYTES = 30_000_000
MOST_TIMES = 200
"""How many parts an archive may have, how many bytes unpacked, and how many times its packed size a part may be."""

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_BODY = "word/document.xml"
_TEXTS = re.compile(r"word/(header|footer)\d*\.xml")
_RUNS = ("vbaproject.bin", "vbadata.xml", "activex", "embeddings/", "oleobject", "afchunk", "attachedtoolbars")
_FIELDS = frozenset(
    ("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "HYPERLINK", "TOC", "REF", "PAGEREF", "STYLEREF", "SEQ")
)
_CLICKED = re.compile(r"(https?://|mailto:)", re.IGNORECASE)


class NotUsable(Exception):
    """A file that cannot be a template, with the reason as a part of a sentence."""

    def __init__(self, en: str, de: str) -> None:
        super().__init__(en)
        self.reason: Text = both(en, de)


@dataclass(frozen=True, slots=True)
class WordFile:
    """An archive that is safe: its parts by name, and those that hold text, the body first."""

    parts: dict[str, bytes]
    texts: tuple[str, ...]

    def trees(self) -> dict[str, etree._Element]:
        """Return the trees of the parts that hold text; whoever asks may change them."""
        return {name: parsed(self.parts[name]) for name in self.texts}


def open_word_file(content: bytes) -> WordFile:
    """Return what is in a Word file; raises :class:`NotUsable` with the reason."""
    try:
        parts = _unpacked(content)
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError, EOFError, NotImplementedError, OverflowError):
        raise NotUsable("it is no Word document (.docx)", "es ist kein Word-Dokument (.docx)") from None
    if _BODY not in parts or "[Content_Types].xml" not in parts:
        raise NotUsable("it is no Word document (.docx)", "es ist kein Word-Dokument (.docx)")
    for name, data in parts.items():
        _check_part(name, data)
    texts = (_BODY, *sorted(name for name in parts if _TEXTS.fullmatch(name)))
    for name in texts:
        _check_fields(parsed(parts[name]))
    return WordFile(parts, texts)


def _unpacked(content: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = archive.infolist()
        if len(infos) > MOST_PARTS:
            raise NotUsable("it has too many parts", "es hat zu viele Teile")
        for info in infos:
            if info.is_dir():
                continue
            if info.file_size > left or info.file_size > MOST_TIMES * info.compress_size + 100_000:
                raise NotUsable("it grows too much when unpacked", "es wächst beim Entpacken zu sehr")
            if info.filename in found or ".." in info.filename or info.filename.startswith("/"):
                raise NotUsable("its parts have unsafe names", "seine Teile haben unsichere Namen")
            with archive.open(info) as part:
                # What the archive says of itself is not trusted: never more than that is read.
                data = part.read(info.file_size + 1)
            if len(data) > info.file_size:
                raise NotUsable("it grows too much when unpacked", "es wächst beim Entpacken zu sehr")
            left -= len(data)
            found[info.filename] = data
    return found


def _check_part(name: str, data: bytes) -> None:
    low = name.lower()
    if any(word in low for word in _RUNS):
        raise NotUsable("it holds macros or embedded objects", "es enthält Makros oder eingebettete Objekte")
    if low == "[content_types].xml" and b"macroenabled" in data.lower():
        raise NotUsable("it holds macros or embedded objects", "es enthält Makros oder eingebettete Objekte")
    if low.endswith(".rels"):
        for link in parsed(data).iter(_RELATION):
            _check_link(link)
    elif low.endswith(".xml"):
        parsed(data)


def _check_link(link: etree._Element) -> None:
    if link.get("TargetMode") != "External":
        return
    kind, target = (link.get("Type") or "").rpartition("/")[2], link.get("Target") or ""
    if kind != "hyperlink" or not _CLICKED.match(target):
        shown = target[:80]
        raise NotUsable(f"it links to a file elsewhere ({shown})", f"es verweist auf eine fremde Datei ({shown})")


def parsed(data: bytes) -> etree._Element:
    """Return the tree of an XML part; raises :class:`NotUsable` for what is none, or declares entities."""
    reader = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, reader)
    except (etree.XMLSyntaxError, ValueError):
        raise NotUsable("a part of it is no XML", "ein Teil davon ist kein XML") from None
    about: Any = root.getroottree().docinfo
    if about.doctype:
        raise NotUsable("a part of it declares entities", "ein Teil davon deklariert Entities")
    return root


def _check_fields(root: etree._Element) -> None:
    written = "".join(_field_texts(root))
    simple = [part.get(f"{W}instr") or "" for part in root.iter(f"{W}fldSimple")]
    for text in [*written.split("\0"), *simple]:
        word = text.strip().split(" ")[0].upper()
        if word and word not in _FIELDS:
            raise NotUsable(f"it has a field {word[:20]}", f"es enthält ein Feld {word[:20]}")


def _field_texts(root: etree._Element) -> Iterator[str]:
    """Give the texts of fields in their order, with a mark where one begins."""
    for part in root.iter(f"{W}instrText", f"{W}fldChar"):
        if part.tag == f"{W}instrText":
            yield part.text or ""
        elif part.get(f"{W}fldCharType") == "begin":
            yield "\0"


# paragraphs -----------------------------------------------------------------------------------------------------------


def paragraphs(file: WordFile, trees: dict[str, etree._Element]) -> Iterator[etree._Element]:
    """Give all paragraphs of a file in the order in which they are counted."""
    for name in file.texts:
        yield from trees[name].iter(f"{W}p")


def characters(paragraph: etree._Element) -> list[tuple[str, etree._Element | None]]:
    """Return the characters of a paragraph, each with the text element it stands in; tabs and breaks have none."""
    found: list[tuple[str, etree._Element | None]] = []
    for part in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br", f"{W}cr"):
        if _own(part, paragraph):
            if part.tag == f"{W}t":
                found.extend((sign, part) for sign in part.text or "")
            elif getattr(part.getparent(), "tag", None) == f"{W}r":
                found.append(("\t" if part.tag == f"{W}tab" else "\v", None))
    return found


def _own(part: etree._Element, paragraph: etree._Element) -> bool:
    """Whether *part* belongs to this paragraph, and not to one in a text box inside of it."""
    above = part.getparent()
    while above is not None and above.tag != f"{W}p":
        above = above.getparent()
    return above is paragraph


# what an order rules over ---------------------------------------------------------------------------------------------


def ruled(opening: etree._Element, ending: etree._Element) -> tuple[list[etree._Element], bool] | None:
    """Return the elements from the paragraph *opening* to *ending*, both with it, and whether they are rows of a table.

    ``None`` where the two stand neither side by side nor in rows of one table.
    """
    if opening.getparent() is ending.getparent():
        return _from_to(opening, ending), False
    first, last = _row_of(opening), _row_of(ending)
    if first is None or last is None or first is last or first.getparent() is not last.getparent():
        return None
    return _from_to(first, last), True


def _from_to(first: etree._Element, last: etree._Element) -> list[etree._Element]:
    found = [first]
    while found[-1] is not last:
        following = found[-1].getnext()
        if following is None:
            return []
        found.append(following)
    return found


def _row_of(paragraph: etree._Element) -> etree._Element | None:
    above = paragraph.getparent()
    while above is not None and above.tag != f"{W}tr":
        above = above.getparent()
    return above
