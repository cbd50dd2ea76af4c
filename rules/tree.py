"""The syntax tree of the rule language: FEEL (DMN 1.5, clause 10.3.1.2) with ``my x``, ``under`` and ``me``.

Nodes are immutable and compared by identity, so that a checker can note a type for each of them. *start* and *end* are
character offsets in the rule's own text; the :class:`fachwerk.problems.Fragment` of the rule leads back to the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf


@dataclass(frozen=True, eq=False, kw_only=True)
class Node:
    """What all nodes share: where they stand in the text of the rule."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True, eq=False)
class Literal(Node):
    """A constant: number (Decimal), string, boolean, null (None) or an ``@`` literal (a value of ``rules.values``)."""

    value: object


@dataclass(frozen=True, eq=False)
class Name(Node):
    """A variable, field, decision or built-in function; ``?`` is the tested value of a unary test."""

    name: str


@dataclass(frozen=True, eq=False)
class Path(Node):
    """``of.name``."""

    of: Node
    name: str


@dataclass(frozen=True, eq=False)
class Filter(Node):
    """``of[condition]``; a number condition is an index."""

    of: Node
    condition: Node


@dataclass(frozen=True, eq=False)
class Call(Node):
    """A function call with positional *arguments* or, where *names* is given, named ones (same length)."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Negate(Node):
    """``-of``."""

    of: Node


@dataclass(frozen=True, eq=False)
class Arithmetic(Node):
    """``left op right``."""

    op: OneOf["+", "-", "*", "/", "**"]
    left: Node
    right: Node


@dataclass(frozen=True, eq=False)
class Compare(Node):
    """``left op right``."""

    op: OneOf["=", "!=", "<", "<=", ">", ">="]
    left: Node
    right: Node


@dataclass(frozen=True, eq=False)
class And(Node):
    """Kleene's conjunction of two or more."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Or(Node):
    """Kleene's disjunction of two or more."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Between(Node):
    """``of between low and high``."""

    of: Node
    low: Node
    high: Node


@dataclass(frozen=True, eq=False)
class Interval(Node):
    """A range ``[low..high]``; a missing end (``None``) comes from ``< x``, ``>= x`` and so on."""

    low: Node | None
    high: Node | None
    low_closed: bool
    high_closed: bool
    unary: bool = False


@dataclass(frozen=True, eq=False)
class Test(Node):
    """One unary test that is not a plain expression: ``= x`` or ``!= x``."""

    op: OneOf["=", "!="]
    of: Node


@dataclass(frozen=True, eq=False)
class UnaryTests(Node):
    """The cell of a decision table or the right side of ``in (a, b)``: any of *tests*; *negated* for ``not(...)``.

    No tests at all is ``-``, which always holds.
    """

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, eq=False)
class In(Node):
    """``of in tests``."""

    of: Node
    tests: UnaryTests


@dataclass(frozen=True, eq=False)
class TypeName(Node):
    """A type as written behind ``instance of`` or in a formal parameter: ``number``, ``list<string>``, ``tLoan``."""

    name: str
    arguments: tuple[tuple[str, TypeName], ...] = ()
    result: TypeName | None = None


@dataclass(frozen=True, eq=False)
class InstanceOf(Node):
    """``of instance of type``."""

    of: Node
    type: TypeName


@dataclass(frozen=True, eq=False)
class If(Node):
    """``if condition then then otherwise``."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, eq=False)
class Each(Node):
    """``name in source`` or ``name in source..until`` of a ``for``, ``some`` or ``every``."""

    name: str
    source: Node
    until: Node | None = None


@dataclass(frozen=True, eq=False)
class For(Node):
    """``for each, ... return body``; ``partial`` names the results so far."""

    each: tuple[Each, ...]
    body: Node


@dataclass(frozen=True, eq=False)
class Quantified(Node):
    """``some`` or ``every`` ... ``satisfies condition``."""

    kind: OneOf["some", "every"]
    each: tuple[Each, ...]
    condition: Node


@dataclass(frozen=True, eq=False)
class ListOf(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class ContextOf(Node):
    """``{a: 1, "b c": 2}``; later entries see earlier ones."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, eq=False)
class Lambda(Node):
    """``function(a: number, b) body``; *external* bodies (Java, PMML) parse and are refused later."""

    parameters: tuple[tuple[str, TypeName | None], ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, eq=False)
class My(Node):
    """``my person``: the record of that entity whose user field is the acting user."""

    entity: str


@dataclass(frozen=True, eq=False)
class Under(Node):
    """``of under root``: whether a record stands below (or is) another in the tree of their entity."""

    of: Node
    root: Node


@dataclass(frozen=True, eq=False)
class Broken(Node):
    """What stands for a part that could not be read; the parser has said why."""
