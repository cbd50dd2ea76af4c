"""Shapes: which parts of records a rule needs, as a tree of names.

``{"plot": {"max_storeys": {}}, "permits": {"fee": {}}}`` says: of the record the plot, of that its storeys; and of all
its permits the fee. A leaf is a plain value. Loaders fetch exactly a shape; nothing is fetched while a rule runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fachwerk.rules.storage import Children, Derived, Members, Reference, Storage

Shape = Mapping[str, "Shape"]
Path = tuple[str, ...]

NOTHING: Shape = {}
MY = "my "


def shape_of(paths: Iterable[Path]) -> Shape:
    """Return the tree of *paths*."""
    tree: dict[str, object] = {}
    for path in paths:
        node = tree
        for name in path:
            node = node.setdefault(name, {})  # type: ignore[assignment]
    return tree  # type: ignore[return-value]


def merged(*shapes: Shape) -> Shape:
    """Return everything that any of *shapes* needs."""
    return shape_of(path for shape in shapes for path in paths_of(shape))


def paths_of(shape: Shape) -> Iterable[Path]:
    """Give the paths of *shape* down to its leaves."""
    for name, inner in shape.items():
        if inner:
            for path in paths_of(inner):
                yield (name, *path)
        else:
            yield (name,)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a rule reads: of the record, of the acting user's own records by entity, and of ``this`` (in ``where``)."""

    record: Shape
    mine: Mapping[str, Shape]
    this: Shape


def needs_of(reads: Iterable[Path]) -> Needs:
    """Sort the paths that a rule reads by where they start."""
    record: list[Path] = []
    mine: dict[str, list[Path]] = {}
    this: list[Path] = []
    for path in reads:
        if path[0].startswith(MY):
            mine.setdefault(path[0].removeprefix(MY), []).append(path[1:])
        elif path[0] == "this":
            this.append(path[1:])
        elif path[0] != "me":
            record.append(path)
    return Needs(shape_of(record), {name: shape_of(paths) for name, paths in mine.items()}, shape_of(this))


def all_needs(many: Iterable[Needs]) -> Needs:
    """Return what any of *many* needs."""
    kept = list(many)
    entities = {name for needs in kept for name in needs.mine}
    return Needs(
        merged(*(needs.record for needs in kept)),
        {name: merged(*(needs.mine.get(name, NOTHING) for needs in kept)) for name in entities},
        merged(*(needs.this for needs in kept)),
    )


def spread(storage: Storage, entity: str, shape: Shape) -> Shape:
    """Return *shape* with everything that its derived fields are made of, at every level."""
    stored = storage[entity]
    wanted = dict(shape)
    done: set[str] = set()
    while True:
        derived = [
            (name, field)
            for name in wanted
            if name not in done and isinstance(field := stored.fields.get(name), Derived)
        ]
        if not derived:
            break
        for name, field in derived:
            done.add(name)
            wanted = dict(merged(wanted, needs_of(field.rule.reads).record))
    return {name: _spread_field(storage, stored.fields.get(name), inner) for name, inner in wanted.items()}


def _spread_field(storage: Storage, field: object, inner: Shape) -> Shape:
    if isinstance(field, Children | Members):
        return spread(storage, field.record, inner)
    if isinstance(field, Reference) and inner:
        known = [
            spread(storage, target, {k: v for k, v in inner.items() if k in storage[target].fields or k == "_path"})
            for target in field.columns
        ]
        return merged(inner, *known)
    return inner
