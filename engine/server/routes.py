"""Which handler answers an address: a tree of path segments, made once.

Words stand for themselves, ``{name}`` for one segment of any text. There is nothing else: no patterns are tried, and
a path cannot lead out of the tree.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from fachwerk.engine.server.answer import Answer
from fachwerk.engine.server.request import Request

Handler = Callable[[Request], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """One address and its handlers by method."""

    path: str
    handlers: Mapping[str, Handler]
    public: bool = False
    """Whether the answer is the same for everybody, so that nobody has to be recognised (assets)."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods it answers; HEAD wherever GET."""
        names = [*self.handlers, *(["HEAD"] if "GET" in self.handlers else []), "OPTIONS"]
        return tuple(sorted(names))


@dataclass(slots=True)
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    any: _Node | None = None
    route: Route | None = None


class Routes:
    """All routes, compiled into a tree."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.path[1:].split("/"):
            if segment.startswith("{"):
                node.any = node = node.any or _Node()
            else:
                node = node.words.setdefault(segment, _Node())
        if node.route is not None:
            raise ValueError(f"two routes for {route.path}")
        node.route = route

    def find(self, path: str) -> tuple[Route, tuple[str, ...]] | None:
        """Return the route of *path* and the texts that stand for its ``{names}``; ``None`` if there is none."""
        node, captured = self._root, []
        for segment in path[1:].split("/"):
            following = node.words.get(segment)
            if following is None:
                following = node.any
                if following is None or not segment:
                    return None
                captured.append(segment)
            node = following
        return (node.route, tuple(captured)) if node.route is not None else None
