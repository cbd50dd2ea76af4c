"""Letters: what a ``document:`` declaration says, as immutable data; the text as a tree of blocks and pieces.

Made by ``read_letter``, filled by ``engine.letters``. A piece of text is words, the value of a rule, a page number or
a break; conditions and repetitions hold pieces, blocks, items or rows, whatever they stand among.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from fachwerk.problems import Span, Text

if TYPE_CHECKING:
    from fachwerk.schemas.model import Performer, Rule, Template

Side = Literal["left", "center", "right"]
LetterForm = Literal["pdf", "docx"]


@dataclass(frozen=True, slots=True)
class Words:
    """Literal text; *part* is ``break`` for the end of a line, ``page`` and ``pages`` for numbers of pages."""

    text: str
    bold: bool = False
    italic: bool = False
    part: Literal["text", "break", "page", "pages"] = "text"


@dataclass(frozen=True, slots=True)
class Place:
    """The value of a rule. *names* says of which record the variables of loops around it are."""

    rule: Rule
    bold: bool = False
    italic: bool = False
    names: tuple[Loop, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """The variable of a ``for``: its name, the path that its list comes from, the entity of its records."""

    name: str
    path: tuple[str, ...]
    entity: str


@dataclass(frozen=True, slots=True)
class When:
    """What stands there only while *condition* holds, and what stands there otherwise."""

    condition: Rule
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...] = ()
    names: tuple[Loop, ...] = ()


@dataclass(frozen=True, slots=True)
class Each:
    """What is repeated for each record of the list *source*."""

    loop: Loop
    source: Rule
    body: tuple[Part, ...]
    names: tuple[Loop, ...] = ()
    """The loops around it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 to 3."""

    level: int
    text: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, an item of a list or a cell."""

    text: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list with bullets or numbers."""

    numbered: bool
    items: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    cells: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a head; *widths* are shares of the line."""

    widths: tuple[int, ...]
    sides: tuple[Side, ...]
    head: Row
    rows: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a new page."""


Part: TypeAlias = "Words | Place | When | Each | Heading | Paragraph | Items | Row | Table | NewPage"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place of a Word file: which paragraph (counted over the whole file), where in its text, what stands there.

    *alone*: a word of order (``for``, ``if``, ``else``, ``end``) that has its paragraph for itself rules over the
    paragraphs or rows that follow; else over the text.
    """

    paragraph: int
    start: int
    end: int
    what: Literal["value", "if", "for", "else", "end"]
    rule: Rule | None = None
    loop: Loop | None = None
    names: tuple[Loop, ...] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A document made from a record of *of*: by its text, or by filling a Word file."""

    name: str
    of: str
    span: Span
    label: Text
    title: Template
    """The name of the file without its ending, and the title inside."""
    by: tuple[Performer, ...] = ()
    """Who may make it by hand."""
    language: Rule | None = None
    """Gives the code of its language; ``None``: that of the reader."""
    page: str = "A4"
    landscape: bool = False
    logo: str | None = None
    """A picture among the files."""
    sender: Lines = field(default_factory=dict)
    to: Lines = field(default_factory=dict)
    date: Lines = field(default_factory=dict)
    header: Lines = field(default_factory=dict)
    footer: Lines = field(default_factory=dict)
    text: Lines = field(default_factory=dict)
    """Parts of the letter by language."""
    file: str | None = None
    """A Word file among the files."""
    marks: tuple[Mark, ...] = ()
    """The places of the Word file, in its order."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the files that it needs, by name."""


Lines: TypeAlias = Mapping[str, tuple[Part, ...]]
