"""What the parts of the checker share: types, problems, the names around a node, and what a rule reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from fachwerk.problems import Code, Fragment, Problem, Text, nearest
from fachwerk.rules.check_types import MAYBE_ANY, named
from fachwerk.rules.codes_meaning import CONSTANT_CONDITION, NOT_A_CONDITION, UNKNOWN_OPTION
from fachwerk.rules.codes_syntax import both
from fachwerk.rules.scope import Scope
from fachwerk.rules.tree import If, ListOf, Literal, Name, Node, Path
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    NULL,
    STRING,
    AnyType,
    ContextType,
    FunctionType,
    ListType,
    OptionType,
    RecordType,
    Typed,
)

Place = tuple[tuple[str, ...], RecordType]
"""A path from the scope on that leads to records of a type."""

MOST_PROBLEMS = 100
"""How many problems of one rule are said."""

NOTHING: Text = both(("", ""))


@dataclass(frozen=True, slots=True)
class Local:
    """A name that the rule itself brings in: its type and the places its records come from."""

    typed: Typed
    places: frozenset[Place] = frozenset()


@dataclass(frozen=True, slots=True)
class Frame:
    """Names of one level; the entries of a filtered element also stand for fields (*item*)."""

    names: Mapping[str, Local]
    item: Local | None = None


class Base:
    """The state of checking one rule."""

    def __init__(self, fragment: Fragment, scope: Scope) -> None:
        self.fragment = fragment
        self.scope = scope
        self.strict = scope.strict
        self.types: dict[Node, Typed] = {}
        self.places: dict[Node, frozenset[Place]] = {}
        self.followed: set[Node] = set()
        self.reads: set[tuple[str, ...]] = set()
        self.calls: dict[Node, str] = {}
        self.expansions: dict[Node, Node] = {}
        self.found: list[Problem] = []
        self.frames: list[Frame] = []
        self.sure: frozenset[str] = frozenset()

    def infer(self, node: Node) -> Typed:
        """Return the type of *node*, having checked and noted all below it."""
        raise NotImplementedError

    # problems

    def report(self, code: Code, node: Node, remedy: Text | None = None, **values: object) -> None:
        """Note a problem of *node*."""
        self.report_at(code, node.start, node.end, remedy, **values)

    def report_at(self, code: Code, start: int, end: int, remedy: Text | None = None, **values: object) -> None:
        """Note a problem of ``text[start:end]``."""
        if not self.enough:
            self.found.append(Problem(code, self.fragment.span(start, end), values, remedy))

    @property
    def enough(self) -> bool:
        """Whether so much is wrong that saying more would help nobody."""
        return len(self.found) >= MOST_PROBLEMS

    def always(self, node: Node, value: str, reason: tuple[str, str]) -> None:
        """Warn that *node* has the same *value* in every case."""
        if self.strict:
            words = {"true": ("true", "wahr"), "false": ("false", "falsch"), "null": ("null", "null")}
            self.report(CONSTANT_CONDITION, node, value=both(words[value]), reason=both(reason))

    # conditions and options

    def condition(self, node: Node) -> Typed:
        """Return the type of *node*, which must be a condition."""
        typed = self.infer(node)
        if typed.type not in (BOOLEAN, ANY, NULL):
            self.report(NOT_A_CONDITION, node, found=named(typed.type), hint=self._condition_hint(node, typed.type))
            return MAYBE_ANY
        if typed.type is NULL:
            self.always(node, "null", ("null is neither true nor false", "null ist weder wahr noch falsch"))
        return typed

    def _condition_hint(self, node: Node, type_: AnyType) -> Text:
        text = self.fragment.text[node.start : node.end]
        if isinstance(type_, ListType):
            return write(f"count({text}) > 0")
        if isinstance(type_, OptionType) and type_.options:
            return write(f'{text} = "{type_.options[0]}"')
        return write(f"{text} != null")

    def check_options(self, node: Node, type_: OptionType) -> None:
        """Check the texts that *node* may give against the options of *type_*."""
        if isinstance(node, If):
            self.check_options(node.then, type_)
            self.check_options(node.otherwise, type_)
        elif isinstance(node, ListOf):
            for item in node.items:
                self.check_options(item, type_)
        elif self.enough:
            return
        elif isinstance(node, Literal) and isinstance(node.value, str) and node.value not in type_.options:
            near = nearest(node.value, type_.options)
            self.report(
                UNKNOWN_OPTION,
                node,
                name=node.value,
                of=type_.of,
                options=_shortened(type_.options),
                hint=did_you_mean(f'"{near}"') if near else NOTHING,
            )

    # names of levels

    @contextmanager
    def names(self, names: Mapping[str, Local], item: Local | None = None) -> Iterator[None]:
        """Check what stands inside with *names* around it."""
        sure = self.sure
        if item is not None:
            self.sure = frozenset()
        elif sure:
            self.sure = frozenset(key for key in sure if key.partition(".")[0] not in names)
        self.frames.append(Frame(names, item))
        yield
        self.frames.pop()
        self.sure = sure

    # what is known not to be null

    def key(self, node: Node) -> str | None:
        """Return a name for a place that can be known not to be null: ``plot`` or ``plot.max_storeys``."""
        if isinstance(node, Name):
            return node.name
        if isinstance(node, Path):
            of = self.key(node.of)
            return f"{of}.{node.name}" if of else None
        return None

    # what a rule reads

    def place(self, node: Node, places: Iterable[Place]) -> None:
        """Note that the records that *node* stands for come from *places*."""
        found = frozenset(places)
        if found:
            self.places[node] = found

    def places_of(self, *nodes: Node) -> frozenset[Place]:
        """Return where the records come from that the nodes stand for."""
        return frozenset().union(*(self.places.get(node, frozenset()) for node in nodes))

    def all_reads(self) -> frozenset[tuple[str, ...]]:
        """Return every path the rule needs; records that are used as a whole need their id."""
        ends = {
            (*path, "id") for node, places in self.places.items() if node not in self.followed for path, _ in places
        }
        return frozenset(self.reads | ends)


def records_in(type_: AnyType) -> list[RecordType]:
    """Return the record types that a value of the type holds, in lists and contexts too."""
    if isinstance(type_, RecordType):
        return [type_]
    if isinstance(type_, ListType):
        return records_in(type_.element.type)
    if isinstance(type_, ContextType):
        return [record for _, typed in type_.entries for record in records_in(typed.type)]
    if isinstance(type_, FunctionType):
        return records_in(type_.result.type)
    return []


def write(text: str) -> Text:
    """Return the remedy "write ...", for a text of any length that still fits a line."""
    if len(text) > 80:
        return NOTHING
    return both((f"write `{text}`", f"`{text}` schreiben"))


def did_you_mean(text: str) -> Text:
    """Return the remedy "did you mean ...?"."""
    return both((f"did you mean {text}?", f"war {text} gemeint?"))


def such_as(text: str) -> Text:
    """Return the remedy to take a field of a record."""
    return both((f"name a field, such as `{text}`", f"ein Feld nennen, etwa `{text}`"))


def is_text(type_: AnyType) -> bool:
    """Return whether the type is a string or an option."""
    return type_ is STRING or isinstance(type_, OptionType)


def _shortened(options: tuple[str, ...]) -> str:
    return ", ".join(options[:8]) + (", ..." if len(options) > 8 else "")
