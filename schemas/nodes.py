"""Tolerant access to nodes: what has the wrong form reads as nothing; ``structure`` has said so already."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fachwerk.schemas.document import ListNode, MapNode, Node, Scalar

EMPTY: dict[str, tuple[Scalar, Node]] = {}


def scalar(node: Node | None) -> Scalar | None:
    """Return *node* if it is a single value with something in it."""
    return node if isinstance(node, Scalar) and not node.empty else None


def text(node: Node | None) -> str | None:
    """Return the text of a single value."""
    found = scalar(node)
    return found.text if found else None


def truth(node: Node | None) -> bool | None:
    """Return true or false if exactly that was written."""
    found = text(node)
    return {"true": True, "false": False}.get(found.lower()) if found else None


def answer(node: Node | None) -> bool:
    """Whether *node* is yes or no in words, which YAML takes for a text: ``true`` or ``false`` is meant."""
    found = text(node)
    return found is not None and found.lower() in ("yes", "no", "ja", "nein")


def whole(node: Node | None) -> int | None:
    """Return a whole number."""
    found = text(node)
    return int(found) if found and re.fullmatch(r"[-+]?\d{1,15}", found) else None


def each(node: Node | None) -> tuple[Node, ...]:
    """Return the items of a list; a lone value counts as a list of one."""
    if isinstance(node, ListNode):
        return node.items
    return () if node is None or (isinstance(node, Scalar) and node.empty) else (node,)


def words(node: Node | None) -> tuple[Scalar, ...]:
    """Return the single values of a list (or the one that stands alone)."""
    return tuple(found for item in each(node) if (found := scalar(item)))


def pairs(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    """Yield the keys and values of a map."""
    if isinstance(node, MapNode):
        yield from node.pairs.values()


def get(node: Node | None, key: str) -> Node | None:
    """Return the value of *key* of a map."""
    return node.get(key) if isinstance(node, MapNode) else None
