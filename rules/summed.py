"""The lists that a rule adds up, or takes the least, greatest or mean of.

Of an empty list these functions give null (DMN 1.5, table 75 and following), which whoever judges the rule may want to
tell from a value that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fachwerk.rules.check import Checked
from fachwerk.rules.tree import Call, Filter, For, Lambda, Name, Quantified
from fachwerk.rules.types import ListType
from fachwerk.rules.walk import children

_OF_LISTS = frozenset(("sum", "min", "max", "mean", "median", "product", "stddev"))


def summed(checked: Checked) -> Iterator[Checked]:
    """Yield the lists that *checked* gives to such functions, each as a rule of its own.

    Those inside of loops and filters are left out: they have no value outside of them.
    """
    left = [checked.node]
    while left:
        node = left.pop()
        if isinstance(node, Filter | For | Quantified | Lambda):
            continue
        if isinstance(node, Call) and isinstance(node.function, Name) and checked.calls.get(node) == "builtin":
            yield from _lists(checked, node)
        left.extend(children(node))


def _lists(checked: Checked, call: Call) -> Iterator[Checked]:
    assert isinstance(call.function, Name)
    if call.function.name in _OF_LISTS and len(call.arguments) == 1:
        typed = checked.types.get(call.arguments[0])
        if typed is not None and isinstance(typed.type, ListType):
            yield replace(checked, node=call.arguments[0], typed=typed)


