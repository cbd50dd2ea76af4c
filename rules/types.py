"""The types of the rule language (DMN 1.5, clause 10.3.2) and those the schema adds: options and records.

A type says what a value may be; :class:`Typed` adds whether it may be null. Types are immutable. Record types refer to
each other in circles, so their fields are a mapping that the schema fills before anyone reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Type:
    """A simple type, known by its FEEL name."""

    name: str

    def __str__(self) -> str:
        return self.name


ANY = Type("Any")
NULL = Type("Null")
NUMBER = Type("number")
STRING = Type("string")
BOOLEAN = Type("boolean")
DATE = Type("date")
TIME = Type("time")
DATE_TIME = Type("date and time")
YEARS_MONTHS = Type("years and months duration")
DAYS_TIME = Type("days and time duration")


@dataclass(frozen=True, slots=True)
class Typed:
    """The type of an expression or a field, and whether it can be null."""

    type: AnyType
    nullable: bool = True

    def __str__(self) -> str:
        return str(self.type)


@dataclass(frozen=True, slots=True)
class OptionType:
    """A string out of a fixed set; *of* names where the set is declared, such as ``permit.state``."""

    of: str
    options: tuple[str, ...]

    def __str__(self) -> str:
        return f"option of {self.of}"


@dataclass(frozen=True, slots=True)
class ListType:
    """``list<T>``."""

    element: Typed = Typed(ANY)

    def __str__(self) -> str:
        return f"list<{self.element}>"


@dataclass(frozen=True, slots=True)
class RangeType:
    """``range<T>``."""

    element: AnyType = ANY

    def __str__(self) -> str:
        return f"range<{self.element}>"


@dataclass(frozen=True, slots=True)
class ContextType:
    """``context<name: T, ...>``; an *open* context may hold more entries than those named."""

    entries: tuple[tuple[str, Typed], ...] = ()
    open: bool = False

    def __str__(self) -> str:
        return "context<" + ", ".join(f"{name}: {typed}" for name, typed in self.entries) + ">"


@dataclass(frozen=True, slots=True, eq=False)
class RecordType:
    """A record of an entity (or relation, or of rows); at run time a dict that holds ``id`` and the fields in use.

    *tree* names the parent field of an entity that is a tree (for ``under``). *valid* names the fields from and until
    of a relation with a span of time (for ``current`` and ``valid_on``).
    """

    name: str
    fields: Mapping[str, Typed] = field(default_factory=dict)
    tree: str | None = None
    valid: tuple[str, str] | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class FunctionType:
    """``function<T, ...> -> T``: parameter names and types, and the result."""

    parameters: tuple[tuple[str, Typed], ...] = ()
    result: Typed = Typed(ANY)

    def __str__(self) -> str:
        return "function<" + ", ".join(str(typed) for _, typed in self.parameters) + f"> -> {self.result}"


AnyType = Type | OptionType | ListType | RangeType | ContextType | RecordType | FunctionType
