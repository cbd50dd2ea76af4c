"""XML text -> elements that know where they stand. Knows nothing of DMN; the reader of models uses it.

The text comes from strangers: document types and entities are refused, and size, depth and number of elements are
bounded.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl, InputSource, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser
from fachwerk.problems import Fragment, Problems, Source, Span
from fachwerk.rules.dmn.codes import NOT_XML, TOO_LARGE

MAX_BYTES = 20_000_000
MAX_DEPTH = 100
MAX_ELEMENTS = 500_000

_TAG = re.compile(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_PIECE = re.compile(r"<!\[CDATA\[(?P<raw>.*?)\]\]>|<!--.*?-->|<\?.*?\?>|&(?P<name>[^;&<]{1,10});", re.S)
_DECLARED = re.compile(rb"^<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,30})[\"']")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


@dataclass(slots=True, eq=False)
class Element:
    """An element: local name, namespace, attributes without a namespace, children, its own text and where it stands."""

    name: str
    namespace: str
    attributes: dict[str, str]
    source: Source
    start: int
    end: int = 0
    first_end: int | None = None
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> Iterator[Element]:
        """Yield the children called *name*."""
        return (child for child in self.children if child.name == name)

    def one(self, name: str) -> Element | None:
        """Return the first child called *name*."""
        return next(self.all(name), None)

    def get(self, name: str) -> str | None:
        """Return an attribute without the blanks around it, or ``None`` where it is missing or empty."""
        return (self.attributes.get(name) or "").strip() or None

    @property
    def span(self) -> Span:
        """The start tag."""
        return Span(self.source, self.start, self._inside())

    def _inside(self) -> int:
        tag = _TAG.match(self.source.text, self.start)
        return tag.end() if tag else self.start + 1

    def fragment(self) -> Fragment:
        """Return the text with the place of every character, so that a problem in a rule points into the file."""
        inside = self._inside()
        raw = self.source.text[inside : self.first_end if self.first_end is not None else inside]
        if "&" not in raw and "<" not in raw and raw == self.text:
            return Fragment(raw, self.source, inside)
        text, offsets = _decoded(raw, inside)
        if text != self.text:
            return Fragment(self.text, self.source, inside, (inside,) * (len(self.text) + 1))
        return Fragment(text, self.source, inside, tuple(offsets))


def _decoded(raw: str, base: int) -> tuple[str, list[int]]:
    """Return the characters that *raw* stands for, and the offset of each, and of the end."""
    parts: list[str] = []
    offsets: list[int] = []

    def keep(text: str, start: int) -> None:
        parts.append(text)
        offsets.extend(range(start, start + len(text)))

    last = 0
    for found in _PIECE.finditer(raw):
        keep(raw[last : found.start()], base + last)
        if found["raw"] is not None:
            keep(found["raw"], base + found.start("raw"))
        elif found["name"]:
            parts.append(_entity(found["name"]))
            offsets.append(base + found.start())
        last = found.end()
    keep(raw[last:], base + last)
    return "".join(parts), [*offsets, base + len(raw)]


def _entity(name: str) -> str:
    try:
        if name.startswith("#x"):
            return chr(int(name[2:], 16))
        return chr(int(name[1:])) if name.startswith("#") else _ENTITIES.get(name, "?")
    except (ValueError, OverflowError):
        return "?"


class _Builder(ContentHandler):
    """Builds the elements while the parser reads."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.lines = [0, *(match.end() for match in re.finditer("\n", source.text))]
        self.open: list[Element] = []
        self.texts: list[list[str]] = []
        self.root: Element | None = None
        self.count = 0
        self.locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802
        self.locator = locator

    def _offset(self) -> int:
        if self.locator is None:
            return 0
        line, column = self.locator.getLineNumber() or 1, self.locator.getColumnNumber() or 0
        return self.lines[min(line, len(self.lines)) - 1] + column

    def startElementNS(  # noqa: N802
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.open) >= MAX_DEPTH:
            raise _TooLargeError
        plain = {key[1]: value for key, value in attrs.items() if not key[0]}
        element = Element(name[1], name[0] or "", plain, self.source, self._offset())
        if self.open:
            parent = self.open[-1]
            parent.children.append(element)
            parent.first_end = element.start if parent.first_end is None else parent.first_end
        else:
            self.root = element
        self.open.append(element)
        self.texts.append([])

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802
        element = self.open.pop()
        element.text = "".join(self.texts.pop())
        element.end = self._offset()
        if element.first_end is None:
            element.first_end = element.end

    def characters(self, content: str) -> None:
        if self.texts:
            self.texts[-1].append(content)


class _TooLargeError(Exception):
    pass


def read_xml(name: str, data: bytes, problems: Problems) -> Element | None:
    """Return the root element of the file *name*, or ``None`` and a problem where it is no (harmless) XML."""
    if len(data) > MAX_BYTES:
        problems.add(TOO_LARGE.at(Span(Source(name, ""), 0, 0), name=name))
        return None
    source = Source(name, _decode(data))
    builder = _Builder(source)
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(builder)
    stream = InputSource(name)
    stream.setCharacterStream(io.StringIO(source.text))
    try:
        parser.parse(stream)
    except _TooLargeError:
        problems.add(TOO_LARGE.at(Span(source, 0, 0), name=name))
    except DefusedXmlException:
        problems.add(NOT_XML.at(Span(source, 0, 0), name=name, reason="DTD"))
    except SAXException as error:
        problems.add(NOT_XML.at(_place(source, error), name=name, reason=_reason(error)))
    else:
        return builder.root
    return None


def _decode(data: bytes) -> str:
    """Return the text of *data*: by byte order mark, else by declaration, else UTF-8; line ends as ``\\n``."""
    encoding = "utf-8-sig"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif declared := _DECLARED.match(data):
        encoding = declared[1].decode("ascii").lower()
        encoding = "utf-8-sig" if encoding in ("utf-8", "utf8") else encoding
    try:
        text = data.decode(encoding, "replace")
    except (LookupError, UnicodeError):
        text = data.decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _place(source: Source, error: SAXException) -> Span:
    line = getattr(error, "getLineNumber", lambda: 1)() or 1
    column = getattr(error, "getColumnNumber", lambda: 0)() or 0
    starts = [0, *(match.end() for match in re.finditer("\n", source.text))]
    offset = min(starts[min(line, len(starts)) - 1] + column, len(source.text))
    return Span(source, offset, min(offset + 1, len(source.text)))


def _reason(error: SAXException) -> str:
    return error.getMessage() or "?"
