"""References between the elements of one or more DMN files: by id within a file, by namespace and id across."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fachwerk.problems import Problems
from fachwerk.rules.dmn import model as dmn
from fachwerk.rules.dmn.codes import CIRCLE, SAME_NAME, UNKNOWN_IMPORT, UNKNOWN_REFERENCE

Node = TypeVar("Node")


@dataclass(frozen=True, slots=True)
class Target:
    """What a requirement leads to: an element, its model, and the name of the import of it (``None``: own)."""

    model: dmn.Model
    element: dmn.Element
    prefix: str | None


class Links:
    """All models, and how their references resolve."""

    def __init__(self, models: Iterable[dmn.Model], problems: Problems) -> None:
        self._problems = problems
        self.models: dict[str, dmn.Model] = {}
        for model in models:
            if model.namespace in self.models:
                problems.add(SAME_NAME.at(model.span, name=model.namespace))
            else:
                self.models[model.namespace] = model
        self._ids = {model.namespace: _by_id(model, problems) for model in self.models.values()}
        for model in self.models.values():
            for imported in model.imports:
                if imported.namespace not in self.models:
                    problems.add(UNKNOWN_IMPORT.at(imported.span, namespace=imported.namespace))
        self._check_circles()

    def imported(self, model: dmn.Model) -> list[tuple[str, dmn.Model]]:
        """Return the models that *model* imports, with their names in it."""
        found = ((imported.name, self.models.get(imported.namespace)) for imported in model.imports)
        return [(name, other) for name, other in found if other is not None and other is not model]

    def find(self, reference: dmn.Reference, model: dmn.Model) -> Target | None:
        """Return what *reference* in *model* means, or ``None`` and a problem."""
        own = reference.namespace in (None, model.namespace)
        other = model if own else self.models.get(reference.namespace or "")
        element = self._ids[other.namespace].get(reference.id) if other else None
        if other is None or element is None:
            self._problems.add(UNKNOWN_REFERENCE.at(reference.span, name=reference.id))
            return None
        if own:
            return Target(model, element, None)
        prefix = next((name for name, imported in self.imported(model) if imported is other), None)
        if prefix is None:
            self._problems.add(UNKNOWN_IMPORT.at(reference.span, namespace=other.namespace))
            return None
        return Target(other, element, prefix)

    def _check_circles(self) -> None:
        """Report decisions that require themselves, and files that import themselves; knowledge may call itself."""
        edges: dict[object, list[object]] = {}
        for model in self.models.values():
            edges[model] = [other for _, other in self.imported(model)]
            for element in model.elements:
                if isinstance(element, dmn.Decision):
                    targets = (self.find(reference, model) for reference in element.requires)
                    edges[element] = [t.element for t in targets if t and isinstance(t.element, dmn.Decision)]
        for circle in circles(edges):
            first = circle[0]
            span = first.span if isinstance(first, dmn.Model) else first.variable.span  # type: ignore[attr-defined]
            names = [_name(node) for node in (*circle, first)]
            self._problems.add(CIRCLE.at(span, path=" → ".join(names)))


def _name(node: object) -> str:
    return node.name if isinstance(node, dmn.Model) else node.variable.name  # type: ignore[attr-defined]


def _by_id(model: dmn.Model, problems: Problems) -> dict[str, dmn.Element]:
    found: dict[str, dmn.Element] = {}
    names: dict[str, dmn.Element] = {}
    for element in model.elements:
        if element.id in found:
            problems.add(SAME_NAME.at(element.variable.span, name=element.id))
        elif element.variable.name in names:
            problems.add(SAME_NAME.at(element.variable.span, name=element.variable.name))
        found.setdefault(element.id, element)
        names.setdefault(element.variable.name, element)
    return found


def circles(edges: Mapping[Node, Iterable[Node]]) -> list[tuple[Node, ...]]:
    """Return one path for each circle in a graph, from its first node round to the one before it."""
    found: list[tuple[Node, ...]] = []
    done: set[Node] = set()
    for root in edges:
        if root in done:
            continue
        path = {root: 0}
        left = [(root, iter(edges[root]))]
        while left:
            following = next((node for node in left[-1][1] if node not in done), None)
            if following is None:
                node, _ = left.pop()
                done.add(node)
                del path[node]
            elif following in path:
                found.append(tuple(path)[path[following] :])
            else:
                path[following] = len(path)
                left.append((following, iter(edges.get(following, ()))))
    return found
