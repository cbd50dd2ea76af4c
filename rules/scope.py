"""What a rule may name: fields, decisions, the acting user and the user's own records.

The schema makes a :class:`Scope` for every place where a rule may stand; the parser reads the names with spaces from
it and the checker their types. A scope is immutable and may be shared by any number of rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fachwerk.rules.names import Names
from fachwerk.rules.types import AnyType, ContextType, FunctionType, ListType, RecordType, Typed


@dataclass(frozen=True, eq=False)
class Scope:
    """The names around a rule.

    *names*: variables, fields of the record and decisions without inputs. *me*: the record type of users, where
    somebody acts. *mine*: record types by entity for ``my entity``. *decisions*: what can be called as a function
    besides the built-in ones. *types*: named types (item definitions). With *strict* false, unknown names are ``Any``
    and no problem.
    """

    names: Mapping[str, Typed]
    me: RecordType | None = None
    mine: Mapping[str, RecordType] = field(default_factory=dict)
    strict: bool = True
    types: Mapping[str, AnyType] = field(default_factory=dict)
    decisions: Mapping[str, FunctionType] = field(default_factory=dict)

    @cached_property
    def spaced(self) -> Names:
        """The variables, decisions and entities whose names are more than one word."""
        return Names.of([*self.names, *self.decisions, *self.mine])

    @cached_property
    def spaced_members(self) -> Names:
        """The entries of contexts in the scope whose names are more than one word."""
        roots = [*(typed.type for typed in self.names.values()), *self.types.values()]
        roots += [decision.result.type for decision in self.decisions.values()]
        return Names.of(_members(roots))

    @cached_property
    def spaced_types(self) -> Names:
        """The named types whose names are more than one word."""
        return Names.of(self.types)


def _members(roots: list[AnyType]) -> Iterator[str]:
    """Yield the names of all context entries below *roots*; named types may contain themselves."""
    seen: set[int] = set()
    while roots:
        type_ = roots.pop()
        if id(type_) in seen:
            continue
        seen.add(id(type_))
        if isinstance(type_, ContextType):
            yield from (name for name, _ in type_.entries)
            roots += [typed.type for _, typed in type_.entries]
        elif isinstance(type_, ListType):
            roots.append(type_.element.type)
        elif isinstance(type_, FunctionType):
            yield from (name for name, _ in type_.parameters)
            roots += [type_.result.type, *(typed.type for _, typed in type_.parameters)]
