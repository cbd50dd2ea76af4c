"""Conditions behind links as ``link IN (SELECT id ...)``, so that indexes of the linked table serve them.

``plot.district = "x"`` is true only where there is a plot; then the plot may be asked on its own. This is done for
single comparisons whose only fields lie behind one link, and which cannot hold where the link is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from fachwerk.rules.storage import Reference
from fachwerk.rules.to_sql.comparing import nullable
from fachwerk.rules.to_sql.terms import Condition, Frame, Row
from fachwerk.rules.to_sql.work import Work
from fachwerk.rules.tree import Between, Call, Compare, In, Interval, ListOf, Literal, Name, Node, Path, Under
from fachwerk.rules.types import RecordType

Chain = tuple[str, ...]
_STRICT_CALLS = frozenset({"contains", "starts with", "ends with"})


def chain_of(node: Node) -> Chain | None:
    """Return ``("plot", "owner", "name")`` for ``plot.owner.name``, None for anything but names and paths."""
    names: list[str] = []
    while isinstance(node, Path):
        names.append(node.name)
        node = node.of
    return (node.name, *reversed(names)) if isinstance(node, Name) else None


def through_link(work: Work, node: Node, frame: Frame, want: bool) -> Condition | None:
    """Return the filter form of *node* with the link's table asked on its own; None where that does not fit."""
    chain = _asked(work, node, frame, want)
    if chain is None or not isinstance(frame.record, Row):
        return None
    links = _links(work, frame.record, chain)
    if not links or (frame.joined and chain[: len(links)] in frame.joined):
        return None
    rows = [row for _, row in links]
    inside = replace(frame, joined={**(frame.joined or {}), chain[: len(links)]: rows[-1]})
    condition = work.truth(node, inside, want)
    for at in range(len(links) - 1, -1, -1):
        source = frame.record if at == 0 else rows[at - 1]
        table = rows[at].table
        found: sa.Select[Any] = sa.select(table.c.id).select_from(table).where(condition)
        condition = source.table.c[links[at][0]].in_(found.correlate_except(table))
    return condition


def _links(work: Work, record: Row, chain: Chain) -> list[tuple[str, Row]]:
    """Follow the links at the beginning of a chain: the column of each, and the row that it leads to."""
    found: list[tuple[str, Row]] = []
    for name in chain:
        spec = record.stored.fields.get(name)
        typed = record.record.fields.get(name)
        if not isinstance(spec, Reference) or len(spec.columns) != 1 or typed is None:
            break
        if not isinstance(typed.type, RecordType):
            break
        ((target, column),) = spec.columns.items()
        stored = work.stored(target, None)
        record = Row(stored, typed.type, work.alias(stored.table))
        found.append((column, record))
    return found


# ------------------------------------------------------------------ what is asked, and whether it may be asked so


def _asked(work: Work, node: Node, frame: Frame, want: bool) -> Chain | None:
    """Return the chain that *node* asks about, without the field in the end, where it cannot hold without the link."""
    ask = _ASKS.get(type(node))
    return None if ask is None else ask(work, node, frame, want)


def _field(node: Node, frame: Frame) -> Chain | None:
    """Return the chain before the field that *node* reads of the rule's own record."""
    chain = _own(node, frame)
    return chain[:-1] if chain is not None and len(chain) > 1 else None


def _own(node: Node, frame: Frame) -> Chain | None:
    chain = chain_of(node)
    if chain is None or not isinstance(frame.record, Row):
        return None
    hidden = frame.names is not None and chain[0] in frame.names
    return chain if chain[0] in frame.record.record.fields and not hidden else None


def _given(work: Work, node: Node, frame: Frame) -> bool:
    """Return whether *node* is a value that no record has to do with, and never null."""
    if chain_of(node) is not None and chain_of(node) != ("me",):
        return False
    if not isinstance(node, Literal | Name | Call) or (isinstance(node, Call) and node.arguments):
        return False
    return not nullable(work.value(node, frame))


def _compare(work: Work, node: Compare, frame: Frame, want: bool) -> Chain | None:
    if node.op in ("=", "!=") and want is not (node.op == "="):
        return None
    for side, other in ((node.left, node.right), (node.right, node.left)):
        chain = _field(side, frame)
        if chain is not None and _given(work, other, frame):
            return chain
    return None


def _between(work: Work, node: Between, frame: Frame, want: bool) -> Chain | None:
    given = _given(work, node.low, frame) and _given(work, node.high, frame)
    return _field(node.of, frame) if given else None


def _in(work: Work, node: In, frame: Frame, want: bool) -> Chain | None:
    if want is node.tests.negated or not node.tests.tests:
        return None
    given = all(_given_test(work, test, frame) for test in node.tests.tests)
    return _field(node.of, frame) if given else None


def _given_test(work: Work, test: Node, frame: Frame) -> bool:
    if isinstance(test, Interval):
        return all(end is None or _given(work, end, frame) for end in (test.low, test.high))
    if isinstance(test, ListOf):
        return all(_given_test(work, item, frame) for item in test.items)
    return _given(work, test, frame)


def _call(work: Work, node: Call, frame: Frame, want: bool) -> Chain | None:
    strict = isinstance(node.function, Name) and node.function.name in _STRICT_CALLS and node.names is None
    if not strict or len(node.arguments) != 2 or not _given(work, node.arguments[1], frame):
        return None
    return _field(node.arguments[0], frame)


def _path(work: Work, node: Path, frame: Frame, want: bool) -> Chain | None:
    return _field(node, frame)


def _under(work: Work, node: Under, frame: Frame, want: bool) -> Chain | None:
    """The tree is asked below a root of the user: ``plot.unit under my person.unit``."""
    root = node.root
    while isinstance(root, Path):
        root = root.of
    own = _own(root, frame)
    return None if own is not None or (isinstance(root, Name) and root.name != "me") else _own(node.of, frame)


_ASKS: Mapping[type[Node], Callable[..., Chain | None]] = {
    Compare: _compare,
    Between: _between,
    In: _in,
    Call: _call,
    Path: _path,
    Under: _under,
}
