"""What a rule may name: fields, decisions, the acting user and the user's own records.

The schema makes a :class:`Scope` for every place where a rule may stand; the parser reads the names with spaces from it and
the checker their types. A scope is immutable and may be shared by any number of rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fachwerk.rules.types import AnyType, ContextType, FunctionType, ListType, RecordType, Typed

SPACES = "\t\n\v\f\r \u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
"""The white space of FEEL (DMN 1.5, grammar rule 61) as the inside of a character class."""

NAME_START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d\u180f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
"""What a name may start with (grammar rule 29), as the inside of a character class."""

NAME_PART = NAME_START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
"""What may follow (grammar rule 30)."""

_WORD = re.compile(f"[{NAME_START}][{NAME_PART}]*")
_RUN = re.compile(f"[{SPACES}]+")


def normal(name: str) -> str:
    """Return *name* with every run of white space as one blank and none at its ends: the form in which names are compared."""
    return _RUN.sub(" ", name).strip(" ")


@dataclass(frozen=True, eq=False)
class Names:
    """Names that are more than one word, by their first word, longest first."""

    by_word: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Index those of *names* that are not a single word."""
        found: dict[str, list[str]] = {}
        for name in {normal(name) for name in names}:
            word = _WORD.match(name)
            if word and word.end() < len(name):
                found.setdefault(word[0], []).append(name)
        return cls({word: tuple(sorted(names, key=len, reverse=True)) for word, names in found.items()})


@dataclass(frozen=True, eq=False)
class Scope:
    """The names around a rule.

    *names*: variables, fields of the record and decisions without inputs. *me*: the record type of users, where somebody
    acts. *mine*: record types by entity for ``my entity``. *decisions*: what can be called as a function besides the
    built-in ones. *types*: named types (item definitions). With *strict* false, unknown names are ``Any`` and no problem.
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
