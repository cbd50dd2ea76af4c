"""What a DMN file says, as frozen data: item definitions, inputs, decisions, knowledge, services and boxed expressions.

Names of types and references are still text; :mod:`fachwerk.rules.dmn.link` resolves them over all files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from fachwerk.problems import Fragment, Span
from fachwerk.rules.tables.model import Table


@dataclass(frozen=True, slots=True)
class Variable:
    """A name with the name of its type (``None``: any)."""

    name: str
    type: str | None
    span: Span


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Boxed:
    """What all expressions share: the type that the result is converted to, and the place."""

    span: Span
    type: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Boxed):
    """FEEL text."""

    text: Fragment


@dataclass(frozen=True, slots=True, eq=False)
class Decide(Boxed):
    """A decision table; types of its columns are names in *input_types* and *output_types*."""

    table: Table
    input_types: tuple[str | None, ...]
    output_types: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Context(Boxed):
    """Entries in order; one without a name is the result."""

    entries: tuple[tuple[Variable | None, Boxed], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Items(Boxed):
    """A list of expressions."""

    items: tuple[Boxed, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Relation(Boxed):
    """A list of contexts with the same entries."""

    columns: tuple[Variable, ...]
    rows: tuple[tuple[Boxed, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Invocation(Boxed):
    """A call with arguments by name."""

    function: Boxed
    bindings: tuple[tuple[Variable, Boxed | None], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Function(Boxed):
    """A function with its parameters; the body may be missing."""

    parameters: tuple[Variable, ...]
    body: Boxed | None


@dataclass(frozen=True, slots=True, eq=False)
class Conditional(Boxed):
    """If, then, else."""

    condition: Boxed
    then: Boxed
    otherwise: Boxed


@dataclass(frozen=True, slots=True, eq=False)
class Filter(Boxed):
    """Those elements of *source* for which *match* (which sees ``item``) holds."""

    source: Boxed
    match: Boxed


@dataclass(frozen=True, slots=True, eq=False)
class Iterate(Boxed):
    """``for``, ``some`` or ``every`` *name* in *source*: *body*."""

    kind: OneOf["for", "some", "every"]
    name: str
    source: Boxed
    body: Boxed


@dataclass(frozen=True, slots=True, eq=False)
class Unread(Boxed):
    """What stands for logic that is not evaluated (Java, PMML, unreadable); the reader has said why."""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """An item definition or a component of one."""

    name: str
    span: Span
    type: str | None = None
    collection: bool = False
    components: tuple[Item, ...] = ()
    allowed: Fragment | None = None
    constraint: Fragment | None = None
    function: tuple[tuple[Variable, ...], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """Another model, whose elements are reached under *name*; an empty name merges them into this model."""

    name: str
    namespace: str
    span: Span


@dataclass(frozen=True, slots=True)
class Reference:
    """``namespace#id``; the namespace is ``None`` within the file."""

    namespace: str | None
    id: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class InputData:
    """A value from outside."""

    id: str
    variable: Variable


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """A decision: what it requires, and its logic, if it has any."""

    id: str
    variable: Variable
    requires: tuple[Reference, ...]
    logic: Boxed | None


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """A business knowledge model: a function of the model."""

    id: str
    variable: Variable
    requires: tuple[Reference, ...]
    function: Function | None


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """A decision service: parameters are first the input data, then the input decisions."""

    id: str
    variable: Variable
    outputs: tuple[Reference, ...]
    encapsulated: tuple[Reference, ...]
    parameters: tuple[Reference, ...]


Element = InputData | Decision | Knowledge | Service


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One DMN file. *loose* ones come from modelers that use names without drawing where the values come from."""

    file: str
    name: str
    namespace: str
    span: Span
    imports: tuple[Import, ...]
    items: tuple[Item, ...]
    elements: tuple[Element, ...]
    loose: bool = False
