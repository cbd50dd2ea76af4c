"""YAML text as nodes that know where they stand: the only module that knows PyYAML.

Not a YAML loader: nothing is turned into numbers, dates or booleans by its looks; the reader of a field says what it
expects and gets the text as written. Reading is by events and iterative, so that neither depth nor aliases of a hostile
file can exhaust anything. Every document of a file is read on its own: a mistake in one hides none in the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import yaml
from fachwerk.problems import Fragment, Problems, Source, Span
from fachwerk.schemas import codes_yaml as codes
from fachwerk.schemas import syntax
from fachwerk.schemas.offsets import scalar_offsets

MAX_FILE = 4_000_000
MAX_DEPTH = 60
MAX_NODES = 400_000

Style = Literal["plain", "'", '"', "|", ">"]


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A single value; *text* is what is left after quotes, folding and escapes are taken away."""

    source: Source
    start: int
    end: int
    text: str
    style: Style = "plain"
    torn: bool = False
    """Whether a comma in braces took it apart for good."""

    @property
    def span(self) -> Span:
        """Where it stands, with its quotes."""
        return Span(self.source, self.start, self.end)

    @property
    def empty(self) -> bool:
        """Whether nothing (or YAML's null) was written."""
        return self.style == "plain" and self.text in ("", "~", "null", "Null", "NULL")

    @property
    def fragment(self) -> Fragment:
        """The text with the place of each of its characters in the file."""
        if self.style == "plain" and self.end - self.start == len(self.text):
            return Fragment(self.text, self.source, self.start)
        offsets = scalar_offsets(self.source.text, self.start, self.end, self.text, self.style)
        return Fragment(self.text, self.source, self.start, offsets)


@dataclass(frozen=True, slots=True, eq=False)
class ListNode:
    """A list, written with dashes or (*flow*) in brackets."""

    source: Source
    start: int
    end: int
    items: tuple[Node, ...]
    flow: bool

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.source, self.start, self.end)


@dataclass(frozen=True, slots=True, eq=False)
class MapNode:
    """A map; each key once. *torn* holds values that a comma inside braces took apart for good."""

    source: Source
    start: int
    end: int
    pairs: dict[str, tuple[Scalar, Node]]
    flow: bool
    torn: tuple[Span, ...] = ()

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.source, self.start, self.end)

    def get(self, key: str) -> Node | None:
        """Return the value of *key*, or nothing."""
        pair = self.pairs.get(key)
        return pair[1] if pair else None

    def key(self, key: str) -> Scalar | None:
        """Return the key itself, for its place."""
        pair = self.pairs.get(key)
        return pair[0] if pair else None


Node = Scalar | ListNode | MapNode


@dataclass(frozen=True, slots=True)
class Document:
    """One declaration: *word* is its first key (``entity``), *root* all of it."""

    word: Scalar
    root: MapNode


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document that is no YAML; *declares* is what it seems to be about: words with names."""

    declares: frozenset[tuple[str, str]] = frozenset()


def rule_text(node: Node) -> Fragment | None:
    """Return the text of *node* where a rule is expected; a flow list or map gives back its source text."""
    if isinstance(node, Scalar):
        return None if node.torn else node.fragment
    if node.flow:
        return Fragment(node.source.text[node.start : node.end], node.source, node.start)
    return None


def read_documents(source: Source, problems: Problems) -> list[Document | Unreadable]:
    """Return the documents of a file in order; those that are empty are left out, those that are no YAML are said."""
    return [found for start, end in _parts(source.text) if (found := _read(source, start, end, problems))]


_MARK = re.compile(r"^(?:---|\.\.\.)(?=[ \t\r\n]|\Z)", re.MULTILINE)
_NOTHING = re.compile(r"(?>(?:---|\.\.\.)?[ \t]*+(?:[#%][^\r\n]*+)?(?:\r\n|\r|\n|\Z))*+\Z")
"""Atomic, so that no text can make it try again and again."""


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges between lines of three dashes: these end a document wherever they stand (YAML 1.2, 9.1.2)."""
    starts = [0, *(match.start() for match in _MARK.finditer(text)), len(text)]
    for start, end in pairwise(starts):
        if not _NOTHING.match(text, start, end):
            yield start, end


def _read(source: Source, start: int, end: int, problems: Problems) -> Document | Unreadable | None:
    before = len(problems)
    builder = _Builder(source, start, problems)
    root: Node | None = None
    try:
        root = builder.build(source.text[start:end])
    except yaml.MarkedYAMLError as error:
        problems.add(syntax.explain(source, start, _facts(error, start, end)))
    except yaml.YAMLError:
        problems.add(codes.SYNTAX.at(Span(source, start, start + 1), detail="?"))
    if root is None:
        return Unreadable(syntax.seems(source.text[start:end]))
    return _declaration(root, problems, before)


def _facts(error: yaml.MarkedYAMLError, base: int, end: int) -> syntax.Facts:
    mark, context = error.problem_mark, error.context_mark
    return syntax.Facts(
        problem=error.problem or "",
        context=error.context or "",
        at=min(base + mark.index, end) if mark else base,
        begun=base + context.index if context else base,
    )


def _declaration(root: Node, problems: Problems, before: int) -> Document | Unreadable:
    if isinstance(root, MapNode) and root.pairs:
        return Document(next(iter(root.pairs.values()))[0], root)
    if len(problems) == before:
        problems.add(codes.NOT_A_DECLARATION.at(_first_line(root.span)))
    return Unreadable()


def _first_line(span: Span) -> Span:
    """Keep of *span* what stands on its first line."""
    text = span.source.text[span.start : span.end]
    return Span(span.source, span.start, span.start + len(text.split("\n", 1)[0].rstrip()))


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet."""

    start: int
    flow: bool
    is_map: bool
    anchor: str | None
    nodes: list[Node] = field(default_factory=list)
    size: int = 1


class _Stop(Exception):
    """The document is refused; a problem says why."""


class _Builder:
    """Makes nodes of the events of one document."""

    def __init__(self, source: Source, base: int, problems: Problems) -> None:
        self.source, self.base, self.problems = source, base, problems
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.total = 0

    def build(self, text: str) -> Node | None:
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(text, Loader=loader):
                self._event(event)
        except _Stop:
            return None
        return self.root

    def _event(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._untagged(event, event.implicit[0] or event.implicit[1])
            self._put(self._scalar(event), 1, event.anchor)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._untagged(event, event.implicit)
            self._enter(event, isinstance(event, yaml.MappingStartEvent))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._leave(self._span(event).end)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)

    def _span(self, event: Any) -> Span:
        return Span(self.source, self.base + event.start_mark.index, self.base + event.end_mark.index)

    def _untagged(self, event: Any, implicit: bool) -> None:
        if event.tag is not None or not implicit:
            start = self.base + event.start_mark.index
            word = re.compile(r"(?:&\S+\s+)?(\S*)").match(self.source.text, start)
            text = word.group(1) if word else "!"
            self.problems.add(codes.TAG.at(Span(self.source, start, start + max(len(text), 1)), tag=text))
            raise _Stop

    def _scalar(self, event: Any) -> Scalar:
        start, end = self.base + event.start_mark.index, self.base + event.end_mark.index
        if event.anchor:
            start = self._behind_anchor(start, end)
        if event.style in ("|", ">"):
            end = start + len(self.source.text[start:end].rstrip())
        return Scalar(self.source, start, end, event.value, event.style or "plain")

    def _behind_anchor(self, start: int, end: int) -> int:
        found = re.compile(r"&\S+\s*").match(self.source.text, start, end)
        return found.end() if found else start

    def _enter(self, event: Any, is_map: bool) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self._refuse(codes.TOO_DEEP, event, limit=MAX_DEPTH)
        start = self.base + event.start_mark.index
        if event.anchor:
            start = self._behind_anchor(start, len(self.source.text))
            self.anchors[event.anchor] = None
        self.stack.append(_Open(start, bool(event.flow_style), is_map, event.anchor))

    def _alias(self, event: Any) -> None:
        known = self.anchors.get(event.anchor)
        if known is None:
            code = codes.ALIAS_IN_ITSELF if event.anchor in self.anchors else codes.UNKNOWN_ALIAS
            self._refuse(code, event, name=event.anchor)
        else:
            self._put(known[0], known[1], None, event)

    def _refuse(self, code: Any, event: Any, **values: object) -> None:
        self.problems.add(code.at(self._span(event), **values))
        raise _Stop

    def _put(self, node: Node, size: int, anchor: str | None, alias: Any = None) -> None:
        self.total += size
        if self.total > MAX_NODES:
            where = self._span(alias) if alias else Span(self.source, node.start, node.start + 1)
            self.problems.add(codes.TOO_MANY_NODES.at(where, limit=MAX_NODES))
            raise _Stop
        if anchor:
            self.anchors[anchor] = (node, size)
        if self.stack:
            self.stack[-1].nodes.append(node)
            self.stack[-1].size += size
        else:
            self.root = node

    def _leave(self, end: int) -> None:
        done = self.stack.pop()
        if not done.flow:
            end = done.start + len(self.source.text[done.start : end].rstrip())
        node: Node
        if done.is_map:
            node = self._map(done, end)
        else:
            node = ListNode(self.source, done.start, end, tuple(done.nodes), done.flow)
        # the parts were counted when they were put
        self.total -= done.size - 1
        self._put(node, done.size, done.anchor)

    def _map(self, done: _Open, end: int) -> MapNode:
        pairs: dict[str, tuple[Scalar, Node]] = {}
        torn: list[Span] = []
        for key, value in self._mended(done, torn):
            if not isinstance(key, Scalar):
                self.problems.add(codes.KEY_NOT_NAME.at(_first_line(key.span)))
            elif key.text in pairs:
                first = pairs[key.text][0]
                note = {"en": "first given here", "de": "zuerst hier angegeben"}
                self.problems.add(codes.DUPLICATE_KEY.at(key.span, key=key.text, related=[(first.span, note)]))
            else:
                pairs[key.text] = (key, value)
        return MapNode(self.source, done.start, end, pairs, done.flow, tuple(torn))

    def _mended(self, done: _Open, torn: list[Span]) -> list[tuple[Node, Node]]:
        """Return the pairs of a map; in braces, a value such as ``round(a, 2)`` is put together again."""
        pairs = list(zip(done.nodes[::2], done.nodes[1::2], strict=True))
        if not done.flow or not any(self._lone(key, value) for key, value in pairs):
            return pairs
        mended: list[tuple[Node, Node]] = []
        for key, value in pairs:
            last = mended[-1][1] if mended else None
            if self._lone(key, value) and isinstance(last, Scalar) and (_unbalanced(last.text) or _no_key(key, last)):
                text = self.source.text[last.start : key.end]
                apart = _unbalanced(text) or not _unbalanced(last.text)
                whole = Scalar(self.source, last.start, key.end, text, torn=apart)
                mended[-1] = (mended[-1][0], whole)
                torn[:] = [span for span in torn if span.start != whole.start]
                torn += [whole.span] if whole.torn else []
            else:
                mended.append((key, value))
        return mended

    def _lone(self, key: Node, value: Node) -> bool:
        """Whether a pair in braces is a key alone, without a colon."""
        if not (isinstance(key, Scalar) and isinstance(value, Scalar) and value.start == value.end):
            return False
        return ":" not in self.source.text[key.end : value.end + 1]


def _no_key(key: Node, last: Scalar) -> bool:
    """Whether a lone *key* cannot be one, but is the rest of the text before it: ``{hint: Hofheim, parcel 5}``."""
    bare = last.text == last.source.text[last.start : last.end]
    return bare and isinstance(key, Scalar) and not _KEY.fullmatch(key.text)


_KEY = re.compile(r"[A-Za-z_]\w*")


def _unbalanced(text: str) -> bool:
    return text.count("(") > text.count(")") or text.count("[") > text.count("]")
