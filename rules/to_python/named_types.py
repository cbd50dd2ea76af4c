"""Types as written in a rule: ``number``, ``list<string>``, ``context<a: date>``, ``function<number> ->
string``, ``tLoan``.
"""

from __future__ import annotations

from collections.abc import Mapping

from fachwerk.rules.check_types import made_type
from fachwerk.rules.tree import TypeName
from fachwerk.rules.types import ANY, AnyType, Typed


def named_type(written: TypeName, types: Mapping[str, AnyType]) -> AnyType | None:
    """Return the type that is meant, *types* being those with names of their own; ``None`` for an unknown
    one.
    """
    arguments = [(name, named_type(argument, types)) for name, argument in written.arguments]
    known = tuple((name, Typed(type_)) for name, type_ in arguments if type_ is not None)
    result = ANY if written.result is None else named_type(written.result, types)
    if result is None or len(known) != len(arguments):
        return None
    return made_type(written.name, known, result, types)
