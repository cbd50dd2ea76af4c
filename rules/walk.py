"""Walking a tree: the parts of a node, the depth of a tree, and putting other nodes in the place of some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

from fachwerk.rules.tree import Filter, For, Literal, Node, Quantified


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly inside *node*, in their order."""
    if isinstance(node, Literal):
        return
    for part in vars(node).values():
        if isinstance(part, Node):
            yield part
        elif isinstance(part, tuple):
            yield from _inside(part)


def _inside(part: tuple[object, ...]) -> Iterator[Node]:
    for item in part:
        if isinstance(item, Node):
            yield item
        elif isinstance(item, tuple):
            yield from _inside(item)


def walk(node: Node) -> Iterator[Node]:
    """Yield *node* and all nodes below it, without recursion."""
    left = [node]
    while left:
        node = left.pop()
        yield node
        left.extend(children(node))


def depth(node: Node) -> int:
    """Return how many levels the tree of *node* has, without recursion."""
    deepest = 0
    left = [(node, 1)]
    while left:
        node, level = left.pop()
        deepest = max(deepest, level)
        left.extend((child, level + 1) for child in children(node))
    return deepest


def loops(node: Node) -> int:
    """Return how many loops stand inside of each other at most, without recursion."""
    most = 0
    left = [(node, 0)]
    while left:
        node, outside = left.pop()
        if isinstance(node, For | Quantified):
            outside += len(node.each)
        elif isinstance(node, Filter):
            outside += 1
        most = max(most, outside)
        left.extend((child, outside) for child in children(node))
    return most


def replaced(node: Node, others: Mapping[Node, Node], made: dict[Node, Node]) -> Node:
    """Return *node* with the nodes in *others* put in place; *made* notes each rebuilt node by its original."""
    if node in others:
        return others[node]
    changed: dict[str, object] = {}
    for field in fields(node):
        part = getattr(node, field.name)
        other = _replaced_part(part, others, made)
        if other is not part:
            changed[field.name] = other
    if not changed:
        return node
    made[node] = replace(node, **changed)  # type: ignore[arg-type]
    return made[node]


def _replaced_part(part: object, others: Mapping[Node, Node], made: dict[Node, Node]) -> object:
    if isinstance(part, Node):
        return replaced(part, others, made)
    if isinstance(part, tuple):
        items = tuple(_replaced_part(item, others, made) for item in part)
        return items if any(new is not old for new, old in zip(items, part, strict=True)) else part
    return part
